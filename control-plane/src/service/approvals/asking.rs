//! Whether a call may pass, asked by a proxy as it comes; and the same question put beforehand over REST.

use std::{borrow::Cow, net::IpAddr};

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;

use super::{arguments, ending, event, form::RequestForm, name, standing, standing::Standing};
use crate::{
    app::App,
    auth::{Actor, Principal},
    error::{Code, Error, Result},
    id::{ApiKeyId, ApprovalId, OrgId, TeamId, UserId},
    service::audit::{self, Author, Entry},
    settings::Settings,
    store::{
        api_keys,
        approvals::{
            self, ApprovalRow, Expiry,
            calls::{self, Call, Circumstances},
        },
        outbox, servers, settings,
    },
};

/// A denial answers the same call for as long as the request would have waited, and no shorter than this: a model that
/// asks again and again would wear reviewers down, and a client that comes back late shall learn of the denial. Who has
/// new reasons asks over REST.
const DENIAL_STANDS_AT_LEAST_SECONDS: f64 = 600.0;
/// Calls of one principal that wait for decisions: nobody reviews more.
const MOST_PENDING: i64 = 100;

/// The call, as the proxy saw it; `arguments` are redacted, the hash is of the original ones.
#[derive(Clone, Debug)]
pub struct Ask {
    pub org: OrgId,
    pub api_key: Option<ApiKeyId>,
    pub user: Option<UserId>,
    pub mcp_server: String,
    pub tool_name: String,
    pub arguments_hash: String,
    pub arguments: Value,
    pub definition: Option<String>,
    pub reason: String,
    pub trace_id: Option<String>,
    pub request_id: Option<String>,
    pub ip: Option<IpAddr>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Status {
    /// One use was taken for this very call.
    Approved,
    Pending,
    Denied,
    /// Whoever waited for it waited in vain: it ended undecided.
    Expired,
}

/// The answer to a proxy.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ticket {
    pub id: ApprovalId,
    pub status: Status,
    /// Until when it can be used, waits, or stands.
    pub until: DateTime<Utc>,
    /// Of a denial.
    pub note: Option<String>,
}

/// Takes one use of a fitting approval, or says why there is none to take: the call is denied, or it waits for a
/// decision, perhaps from now on.
///
/// # Errors
/// `not_found` of a key; `rate_limited` when too many calls of the principal wait already.
pub async fn ask(app: &App, ask: &Ask, now: DateTime<Utc>) -> Result<Ticket> {
    let org = ask.org;
    let mut tx = app.database.tenant(org).await?;
    let (user, team) = match ask.api_key {
        Some(key) => {
            let key = calls::get_key(&mut tx, org, key).await?;
            let key =
                key.ok_or_else(|| Error::new(Code::NotFound, "the organization has no such API key"))?;
            (key.user_id, key.team_id)
        }
        None => (ask.user, None),
    };
    let principal = principal_of(user, ask.api_key)?;
    let call = Call {
        principal: &principal,
        mcp_server: &ask.mcp_server,
        tool_name: &ask.tool_name,
        arguments_hash: &ask.arguments_hash,
        definition: ask.definition.as_deref(),
    };
    let ticket = match open(&mut tx, org, &call, now).await? {
        Standing::Approved(id) => take(&mut tx, ask, user, id, now).await?,
        Standing::Pending(id, until) => Ticket { id, status: Status::Pending, until, note: None },
        Standing::Unasked => match denied(&mut tx, org, &call, now).await? {
            Some(denied) => denied,
            None => {
                let row =
                    put(&mut tx, org, &call, &ask.circumstances(user, team), &ask.author(user), now).await?;
                Ticket { id: row.id, status: Status::Pending, until: row.expires_at, note: None }
            }
        },
    };
    tx.commit().await?;
    Ok(ticket)
}

/// For a call that is held on this pending ticket: none while nothing is decided. What ended undecided is told as that,
/// and not asked for anew.
///
/// # Errors
/// As [`ask`].
pub async fn ask_again(app: &App, ask: &Ask, pending: &Ticket, now: DateTime<Utc>) -> Result<Option<Ticket>> {
    let mut tx = app.database.tenant(ask.org).await?;
    let row = approvals::get(&mut tx, ask.org, pending.id).await?;
    tx.commit().await?;
    match row.as_ref().map(|row| row.status.as_str()) {
        Some("pending") => Ok(None),
        Some("expired" | "cancelled") | None => {
            Ok(Some(Ticket { status: Status::Expired, ..pending.clone() }))
        }
        Some(_) => self::ask(app, ask, now).await.map(Some),
    }
}

/// Asks for a call that is still to come. The open approval of that call when there is one; a denial does not stand in
/// the way, for here a person has reasons.
///
/// # Errors
/// `permission_denied`; `validation_error` of a server or key that there is not; `rate_limited` as for [`ask`].
pub async fn create(app: &App, principal: &Principal, form: RequestForm) -> Result<(ApprovalRow, bool)> {
    principal.require("approvals:request")?;
    let (org, now) = (principal.org, Utc::now());
    let mut tx = principal.begin(&app.database).await?;
    let (api_key, owner, team) = caller_of(&mut tx, principal, form.api_key_id).await?;
    let server = servers::get(&mut tx, org, &form.mcp_server).await?;
    let server =
        server.ok_or_else(|| Error::invalid_field("mcp_server", "unknown", "names no MCP server"))?;
    let definition = calls::definition_hash(&mut tx, org, &server.name, &form.tool_name).await?;
    let label = principal_of(owner, api_key)?;
    let hash = arguments::hash(&form.arguments)?;
    let call = Call {
        principal: &label,
        mcp_server: &server.name,
        tool_name: &form.tool_name,
        arguments_hash: &hash,
        definition: definition.as_deref(),
    };
    let (row, is_new) = match open(&mut tx, org, &call, now).await? {
        Standing::Approved(id) | Standing::Pending(id, _) => {
            (approvals::get(&mut tx, org, id).await?.ok_or_else(Error::not_found)?, false)
        }
        Standing::Unasked => {
            let circumstances = Circumstances {
                api_key,
                user: principal.user(),
                team,
                arguments: &arguments::storable(arguments::redact(&form.arguments)),
                reason: &form.reason,
                trace_id: principal.origin.trace_id.as_deref(),
            };
            (put(&mut tx, org, &call, &circumstances, &principal.into(), now).await?, true)
        }
    };
    tx.commit().await?;
    Ok((row, is_new))
}

/// The key that will call, its owner and its team; the caller's own unless another is named, which must be the
/// caller's or one they may see.
async fn caller_of(
    conn: &mut PgConnection,
    principal: &Principal,
    named: Option<ApiKeyId>,
) -> Result<(Option<ApiKeyId>, Option<UserId>, Option<TeamId>)> {
    let id = match (named, principal.actor) {
        (Some(id), _) | (None, Actor::ApiKey { id, .. }) => id,
        (None, Actor::User { id, .. }) => return Ok((None, Some(id), None)),
    };
    let key = calls::get_key(conn, principal.org, id).await?;
    let is_own = principal.api_key() == Some(id)
        || (principal.user().is_some() && key.and_then(|key| key.user_id) == principal.user());
    let is_seen = match principal.require("keys:read") {
        Ok(reach) => api_keys::get(conn, principal.org, &reach, id, false).await?.is_some(),
        Err(_) => false,
    };
    match key {
        Some(key) if is_own || is_seen => Ok((Some(id), key.user_id, key.team_id)),
        _ => Err(Error::invalid_field("api_key_id", "unknown", "names no API key of yours")),
    }
}

/// An approval fits a user with all personal keys, or one service key.
fn principal_of(user: Option<UserId>, api_key: Option<ApiKeyId>) -> Result<String> {
    match (user, api_key) {
        (Some(user), _) => Ok(format!("user:{user}")),
        (None, Some(key)) => Ok(format!("api_key:{key}")),
        (None, None) => Err(Error::invalid_request("an approval is asked for by a key or a user")),
    }
}

/// How the call stands, once what is over or void has ended. From here on nobody else asks about it.
async fn open(conn: &mut PgConnection, org: OrgId, call: &Call<'_>, now: DateTime<Utc>) -> Result<Standing> {
    calls::lock(conn, org, call).await?;
    let judged = standing::judge(&calls::lock_open(conn, org, call).await?, call.definition, now);
    ending::end(conn, org, &judged.over, Expiry::Time).await?;
    ending::end(conn, org, &judged.void, Expiry::DefinitionChanged).await?;
    Ok(judged.standing)
}

async fn denied(
    conn: &mut PgConnection,
    org: OrgId,
    call: &Call<'_>,
    now: DateTime<Utc>,
) -> Result<Option<Ticket>> {
    let denial = calls::standing_denial(conn, org, call, DENIAL_STANDS_AT_LEAST_SECONDS, now).await?;
    Ok(denial.map(|denial| Ticket {
        id: denial.id,
        status: Status::Denied,
        until: denial.stands_until,
        note: denial.review_note,
    }))
}

async fn take(
    conn: &mut PgConnection,
    ask: &Ask,
    user: Option<UserId>,
    id: ApprovalId,
    now: DateTime<Utc>,
) -> Result<Ticket> {
    // Its row is locked, and it was good a moment ago.
    let used = calls::take_use(conn, ask.org, id, now).await?;
    let used = used.ok_or_else(|| Error::internal(anyhow::anyhow!("an approval vanished under its lock")))?;
    let entry = Entry::success("approval.use")
        .on(id, format!("{}__{}", ask.mcp_server, ask.tool_name))
        .details(json!({"use_count": used.use_count, "max_uses": used.max_uses}));
    audit::record(conn, ask.org, &ask.author(user), entry).await?;
    Ok(Ticket { id, status: Status::Approved, until: used.valid_until, note: None })
}

/// A new request, told to whoever asked to be told of such.
async fn put(
    conn: &mut PgConnection,
    org: OrgId,
    call: &Call<'_>,
    circumstances: &Circumstances<'_>,
    author: &Author,
    now: DateTime<Utc>,
) -> Result<ApprovalRow> {
    if calls::count_pending(conn, org, call.principal).await? >= MOST_PENDING {
        let message = format!(
            "{MOST_PENDING} calls of this caller wait for approval already; have them decided or cancel them first"
        );
        return Err(Error::new(Code::RateLimited, message).with("limit", MOST_PENDING));
    }
    let stored = settings::get(conn, org).await?.ok_or_else(Error::not_found)?;
    let expires_at = now + Duration::seconds(Settings::read(&stored)?.approvals.pending_ttl_seconds);
    let row = calls::insert(conn, org, call, circumstances, now, expires_at).await?;
    outbox::insert(conn, org, "approval.requested", &event(&row)).await?;
    let entry = Entry::success("approval.request")
        .on(row.id, name(&row))
        .details(json!({"arguments_hash": row.arguments_hash, "api_key_id": row.api_key_id}));
    audit::record(conn, org, author, entry).await?;
    Ok(row)
}

impl Ask {
    fn circumstances(&self, user: Option<UserId>, team: Option<TeamId>) -> Circumstances<'_> {
        Circumstances {
            api_key: self.api_key,
            user,
            team,
            arguments: &self.arguments,
            reason: &self.reason,
            trace_id: self.trace_id.as_deref(),
        }
    }

    /// Who called, in the proxy's words.
    fn author(&self, owner: Option<UserId>) -> Author {
        let (actor_type, id) = match (self.api_key, owner) {
            (Some(key), _) => ("api_key", Some(key.0)),
            (None, user) => ("user", user.map(|user| user.0)),
        };
        Author {
            actor_type: Cow::Borrowed(actor_type),
            actor_id: id.map(|id| id.to_string()),
            trace_id: self.trace_id.clone(),
            request_id: self.request_id.clone(),
            ip: self.ip,
            ..Author::system()
        }
    }
}
