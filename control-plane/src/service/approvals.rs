//! A person lets one call through, or does not (contract 3.7).
//!
//! [`ask`] answers a proxy at the moment of the call: a use is taken in the transaction that says so, hence never twice,
//! whichever proxy asks whichever control plane. An answer that is lost on its way has cost its use: a call is made once
//! or not at all, and a proxy asks once for one call. [`review`] is what people decide, [`ending`] what time and changed
//! definitions do, [`announcing`] who is told.

use serde_json::{Value, json};

use crate::{
    app::App,
    auth::Principal,
    error::{Error, Result},
    id::ApprovalId,
    store::{
        approvals::{self, ApprovalRow, Filter, Summary},
        page::{Found, Page, TimeRange},
    },
};

pub mod announcing;
pub mod arguments;
mod asking;
pub mod ending;
mod form;
mod review;
mod standing;

pub use asking::{Ask, Status, Ticket, ask, ask_again, create};
pub use form::{ApproveForm, CancelForm, DenyForm, MAX_ARGUMENTS_BYTES, RequestForm};
pub use review::{approve, cancel, deny};

/// # Errors
/// `permission_denied`.
pub async fn list(
    app: &App,
    principal: &Principal,
    filter: &Filter,
    page: &Page,
) -> Result<Found<ApprovalRow>> {
    let reach = principal.require("approvals:read")?;
    let mut tx = principal.begin(&app.database).await?;
    Ok(approvals::list(&mut tx, principal.org, &reach, filter, page).await?)
}

/// # Errors
/// `permission_denied`, `not_found`.
pub async fn get(app: &App, principal: &Principal, id: ApprovalId) -> Result<ApprovalRow> {
    let reach = principal.require("approvals:read")?;
    let mut tx = principal.begin(&app.database).await?;
    let row = approvals::get(&mut tx, principal.org, id).await?;
    row.filter(|row| row.is_within(&reach)).ok_or_else(Error::not_found)
}

/// Of those that were asked for in this time.
///
/// # Errors
/// `permission_denied`.
pub async fn summary(app: &App, principal: &Principal, range: TimeRange) -> Result<Summary> {
    let reach = principal.require("approvals:read")?;
    let mut tx = principal.begin(&app.database).await?;
    Ok(approvals::summary(&mut tx, principal.org, &reach, range).await?)
}

/// Where a person decides.
#[must_use]
pub fn url(public_url: &str, id: ApprovalId) -> String {
    format!("{public_url}/approvals?id={id}")
}

/// `server__tool`, as audit rows name it.
fn name(row: &ApprovalRow) -> String {
    format!("{}__{}", row.mcp_server, row.tool_name)
}

/// Who asks, for people.
fn requester(row: &ApprovalRow) -> String {
    match (&row.requester, &row.key_name) {
        (Some(person), Some(key)) => format!("{person} (key {key})"),
        (Some(person), None) => person.clone(),
        (None, Some(key)) => format!("the key {key}"),
        (None, None) => "somebody who is not here any more".to_owned(),
    }
}

/// What an event tells (contract 4.8).
fn event(row: &ApprovalRow) -> Value {
    json!({
        "id": row.id,
        "mcp_server": row.mcp_server,
        "tool_name": row.tool_name,
        "arguments": row.arguments,
        "arguments_hash": row.arguments_hash,
        "requested_by": row.requested_by,
        "api_key_id": row.api_key_id,
        "team_id": row.team_id,
        "reason": row.reason,
        "status": row.status,
        "expires_at": row.expires_at,
        "reviewed_by": row.reviewed_by,
        "reviewed_at": row.reviewed_at,
        "review_note": row.review_note,
        "valid_until": row.valid_until,
        "max_uses": row.max_uses,
        "expiry_reason": row.expiry_reason,
        "trace_id": row.trace_id,
    })
}
