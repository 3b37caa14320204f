//! What somebody may or may not do with which tools (contract 3.7). What it comes to for a call is the evaluator's, and
//! `check` explains it.

use chrono::Utc;
use sqlx::PgConnection;
use uuid::Uuid;

use super::audit::{self, Author, Entry};
use crate::{
    app::App,
    auth::{Principal, Reach},
    error::{Error, Result},
    id::{ApiKeyId, OrgId, TeamId, ToolPermissionId, UserId},
    rest::{etag::IfMatch, form::Patch},
    store::{
        api_keys,
        page::{Found, Page},
        teams,
        tool_permissions::{self, Filter, ToolPermissionRow},
        users,
    },
};

mod check;
mod form;
mod subject;

pub use check::{CheckForm, Explanation, Matched, check};
pub use form::{ArgumentRule, Effect, Op, SubjectType, ToolPermissionForm};

/// # Errors
/// `permission_denied`.
pub async fn list(
    app: &App,
    principal: &Principal,
    filter: &Filter,
    page: &Page,
) -> Result<Found<ToolPermissionRow>> {
    principal.require_everywhere("policies:read")?;
    let mut tx = principal.begin(&app.database).await?;
    Ok(tool_permissions::list(&mut tx, principal.org, filter, page).await?)
}

/// # Errors
/// `permission_denied`, `not_found`.
pub async fn get(app: &App, principal: &Principal, id: ToolPermissionId) -> Result<ToolPermissionRow> {
    principal.require_everywhere("policies:read")?;
    let mut tx = principal.begin(&app.database).await?;
    tool_permissions::get(&mut tx, principal.org, id).await?.ok_or_else(Error::not_found)
}

/// # Errors
/// `permission_denied`; `validation_error` also of a subject that is not there.
pub async fn create(app: &App, principal: &Principal, form: ToolPermissionForm) -> Result<ToolPermissionRow> {
    principal.require_everywhere("policies:admin")?;
    form.check_expiry(None, Utc::now())?;
    let mut tx = principal.begin(&app.database).await?;
    let subject = form.subject()?;
    require_subject(&mut tx, principal.org, subject).await?;
    let (id, rules) = (ToolPermissionId::new(), form.rules());
    let content = form.content(subject, &rules);
    let row = tool_permissions::insert(&mut tx, principal.org, id, principal.user(), &content).await?;
    let entry = Entry::success("tool_permission.create").details(serde_json::json!(form));
    note(&mut tx, principal, entry, &row).await?;
    tx.commit().await?;
    Ok(row)
}

/// # Errors
/// `permission_denied`, `not_found`, `precondition_failed`; `validation_error` also of a subject that is not there.
pub async fn update(
    app: &App,
    principal: &Principal,
    id: ToolPermissionId,
    if_match: &IfMatch,
    patch: Patch<ToolPermissionForm>,
) -> Result<ToolPermissionRow> {
    principal.require_everywhere("policies:admin")?;
    let mut tx = principal.begin(&app.database).await?;
    let current = lock(&mut tx, principal, id, if_match).await?;
    let before = ToolPermissionForm::try_from(&current)?;
    let after = patch.onto(&before)?;
    after.check_expiry(Some(&before), Utc::now())?;
    let subject = after.subject()?;
    require_subject(&mut tx, principal.org, subject).await?;
    let rules = after.rules();
    let row = tool_permissions::update(&mut tx, principal.org, id, &after.content(subject, &rules)).await?;
    let entry = Entry::success("tool_permission.update").changes(&before, &after);
    note(&mut tx, principal, entry, &row).await?;
    tx.commit().await?;
    Ok(row)
}

/// # Errors
/// `permission_denied`, `not_found`, `precondition_failed`.
pub async fn delete(
    app: &App,
    principal: &Principal,
    id: ToolPermissionId,
    if_match: &IfMatch,
) -> Result<()> {
    principal.require_everywhere("policies:admin")?;
    let mut tx = principal.begin(&app.database).await?;
    let current = lock(&mut tx, principal, id, if_match).await?;
    tool_permissions::delete(&mut tx, principal.org, id).await?;
    let was = serde_json::json!(ToolPermissionForm::try_from(&current)?);
    note(&mut tx, principal, Entry::success("tool_permission.delete").details(was), &current).await?;
    tx.commit().await?;
    Ok(())
}

/// The row, to be changed.
async fn lock(
    conn: &mut PgConnection,
    principal: &Principal,
    id: ToolPermissionId,
    if_match: &IfMatch,
) -> Result<ToolPermissionRow> {
    let row = tool_permissions::lock(conn, principal.org, id).await?.ok_or_else(Error::not_found)?;
    if_match.check(row.version)?;
    Ok(row)
}

/// A rule for nobody would be a rule that somebody believes in.
async fn require_subject(conn: &mut PgConnection, org: OrgId, (kind, id): (SubjectType, Uuid)) -> Result<()> {
    let everything = Reach::everything();
    let is_there = match kind {
        SubjectType::User => users::get(conn, org, UserId(id)).await?.is_some(),
        SubjectType::Team => teams::get(conn, org, &everything, TeamId(id), false).await?.is_some(),
        SubjectType::ApiKey => api_keys::get(conn, org, &everything, ApiKeyId(id), false).await?.is_some(),
    };
    if is_there {
        return Ok(());
    }
    let message = format!("names no {} of this organization", kind.noun());
    Err(Error::invalid_field("subject_id", "unknown", message))
}

async fn note(
    conn: &mut PgConnection,
    principal: &Principal,
    entry: Entry,
    row: &ToolPermissionRow,
) -> Result<()> {
    let name = format!("{} {}/{}", row.effect, row.mcp_server, row.tool_name);
    audit::record(conn, principal.org, &Author::from(principal), entry.on(row.id, name)).await
}
