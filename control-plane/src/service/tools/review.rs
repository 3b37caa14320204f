//! Somebody has looked at a tool's definition: it may be used as it is, or not at all (contract 3.6).

use chrono::Utc;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::Tool;
use crate::{
    app::App,
    auth::Principal,
    error::{Code, Error, Result},
    id::ToolId,
    rest::form::{Faults, Form},
    service::{
        audit::{self, Author, Entry},
        servers, tool_policies,
    },
    store::{self, tools::Reviewed},
};

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ToolReviewDecision)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It may be used as it is now; this also ends a block.
    Approve,
    /// It may not be used, however it changes, until somebody approves it.
    Block,
}

#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = ToolReviewForm)]
#[serde(default, deny_unknown_fields)]
pub struct ReviewForm {
    #[schema(required, value_type = Decision)]
    pub decision: Option<Decision>,
    /// Of the definition that was looked at: another one is not decided about.
    #[schema(required)]
    pub schema_hash: String,
    /// For the audit log.
    #[schema(max_length = 1000)]
    pub note: String,
}

impl Form for ReviewForm {
    const REQUIRED: &'static [&'static str] = &["decision", "schema_hash"];

    fn check(&self, faults: &mut Faults) {
        faults.length("note", &self.note, 0..=1000);
        let is_hash = self.schema_hash.len() == 64 && self.schema_hash.bytes().all(|b| b.is_ascii_hexdigit());
        if !is_hash {
            faults.add("schema_hash", "format", "must be the tool's schema_hash, 64 hexadecimal digits");
        }
    }
}

/// # Errors
/// `permission_denied`, `not_found`; `conflict` when the definition is not the one that was looked at; `invalid_state` of
/// an approval of what the server does not offer any more.
pub async fn review(app: &App, principal: &Principal, id: ToolId, form: &ReviewForm) -> Result<Tool> {
    let within = servers::within(&principal.require("policies:admin")?);
    let org = principal.org;
    let decision = form.decision.ok_or_else(|| Error::invalid_field("decision", "required", "is missing"))?;
    let mut tx = principal.begin(&app.database).await?;
    let before = store::tools::lock_tool(&mut tx, org, id, within.as_deref()).await?;
    let before = before.ok_or_else(Error::not_found)?;
    if !before.schema_hash.eq_ignore_ascii_case(&form.schema_hash) {
        let message = "the definition has changed since; read it again and decide about that one";
        return Err(Error::new(Code::Conflict, message)
            .with("field", "schema_hash")
            .with("schema_hash", &before.schema_hash));
    }
    let (action, reviewed) = match decision {
        Decision::Approve if before.status == "removed" => {
            let message = "the server does not offer this tool any more; there is nothing to approve";
            return Err(Error::invalid_state("removed", message));
        }
        Decision::Approve => ("tool.approve", Reviewed::Approved),
        Decision::Block => ("tool.block", Reviewed::Blocked),
    };
    store::tools::review(&mut tx, org, id, reviewed, principal.user(), Utc::now()).await?;
    let after = store::tools::get_tool(&mut tx, org, id, None).await?.ok_or_else(Error::not_found)?;
    let policies = tool_policies::general(&mut tx, org).await?;
    let entry = Entry::success(action)
        .on(id, format!("{}/{}", after.mcp_server, after.key))
        .changes(
            &json!({"status": before.status, "approved_hash": before.approved_hash}),
            &json!({"status": after.status, "approved_hash": after.approved_hash}),
        )
        .details(json!({"schema_hash": before.schema_hash, "note": form.note}));
    audit::record(&mut tx, org, &Author::from(principal), entry).await?;
    tx.commit().await?;
    Ok(Tool::new(&policies, after))
}
