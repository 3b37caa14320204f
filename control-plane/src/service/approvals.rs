//! A proxy asks that a person let one call through (contract 3.7).

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::{
    app::App,
    error::{Code, Error, Result},
    id::{ApiKeyId, OrgId, UserId},
    service::audit::{self, Author, Entry},
    store::approvals::{self, Call, Circumstances, Pending},
};

/// The call, as the proxy saw it; `arguments` are redacted, the hash is of the original ones.
pub struct Request {
    pub org: OrgId,
    pub api_key: Option<ApiKeyId>,
    pub user: Option<UserId>,
    pub mcp_server: String,
    pub tool_name: String,
    pub arguments_hash: String,
    pub arguments: Value,
    pub reason: String,
    pub trace_id: Option<String>,
}

/// The pending approval for this caller and this very call: the one there is, else a new one.
pub async fn request(app: &App, request: &Request, now: DateTime<Utc>) -> Result<Pending> {
    let mut conn = app.database.tenant(request.org).await?;
    let (mut user, mut team) = (request.user, None);
    if let Some(key) = request.api_key {
        let owner = approvals::owner_of_key(&mut conn, request.org, key).await?;
        (user, team) =
            owner.ok_or_else(|| Error::new(Code::NotFound, "the organization has no such API key"))?;
    }
    // An approval fits a user with all personal keys, or one service key.
    let principal = match (user, request.api_key) {
        (Some(user), _) => format!("user:{user}"),
        (None, Some(key)) => format!("api_key:{key}"),
        (None, None) => return Err(Error::invalid_request("an approval is asked for by a key or a user")),
    };
    let call = Call {
        principal: &principal,
        mcp_server: &request.mcp_server,
        tool_name: &request.tool_name,
        arguments_hash: &request.arguments_hash,
    };
    let circumstances = Circumstances {
        api_key: request.api_key,
        user,
        team,
        arguments: &request.arguments,
        reason: &request.reason,
        trace_id: request.trace_id.as_deref(),
    };
    approvals::expire(&mut conn, request.org, &call, now).await?;
    let pending = match approvals::insert(&mut conn, request.org, &call, &circumstances, now).await? {
        Some(created) => {
            let entry = Entry::success("approval.request")
                .on(created.id, format!("{}__{}", request.mcp_server, request.tool_name))
                .details(json!({"arguments_hash": request.arguments_hash}));
            audit::record(&mut conn, request.org, &author(user, request), entry).await?;
            created
        }
        // Answered in the very moment between the two statements: the proxy asks again.
        None => approvals::get_pending(&mut conn, request.org, &call)
            .await?
            .ok_or_else(|| Error::new(Code::Unavailable, "the approval was just answered; ask again"))?,
    };
    conn.commit().await?;
    Ok(pending)
}

/// Who called, in the proxy's words.
fn author(owner: Option<UserId>, request: &Request) -> Author {
    let (actor_type, id) = match (request.api_key, owner) {
        (Some(key), _) => ("api_key", Some(key.0)),
        (None, user) => ("user", user.map(|user| user.0)),
    };
    Author {
        actor_type: Cow::Borrowed(actor_type),
        actor_id: id.map(|id| id.to_string()),
        trace_id: request.trace_id.clone(),
        ..Author::system()
    }
}
