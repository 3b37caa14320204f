//! Rate limits and quotas: every one that covers a call must let it pass (contract 3.9). Proxies count; see
//! `gatewayops_proto::limit`.

use serde_json::json;
use sqlx::PgConnection;

use super::audit::{self, Author, Entry};
use crate::{
    app::App,
    auth::{Principal, Reach},
    error::{Error, Result},
    id::{ApiKeyId, RateLimitId, TeamId, UserId},
    rest::{etag::IfMatch, form::Patch},
    store::{
        api_keys,
        page::{Found, Page},
        rate_limits::{self, Filter, RateLimitRow},
        servers, teams, users,
    },
};

mod form;
mod usage;

pub use form::{Kind, Metric, Period, RateLimitForm, ScopeType};
pub use usage::{Used, usage};

/// # Errors
/// `permission_denied`.
pub async fn list(
    app: &App,
    principal: &Principal,
    filter: &Filter,
    page: &Page,
) -> Result<Found<RateLimitRow>> {
    principal.require_everywhere("policies:read")?;
    let mut tx = principal.begin(&app.database).await?;
    Ok(rate_limits::list(&mut tx, principal.org, filter, page).await?)
}

/// # Errors
/// `permission_denied`, `not_found`.
pub async fn get(app: &App, principal: &Principal, id: RateLimitId) -> Result<RateLimitRow> {
    principal.require_everywhere("policies:read")?;
    let mut tx = principal.begin(&app.database).await?;
    rate_limits::get(&mut tx, principal.org, id, false).await?.ok_or_else(Error::not_found)
}

/// # Errors
/// `permission_denied`, `validation_error`, `conflict`.
pub async fn create(app: &App, principal: &Principal, mut form: RateLimitForm) -> Result<RateLimitRow> {
    principal.require_everywhere("policies:admin")?;
    let mut tx = principal.begin(&app.database).await?;
    form.tidy();
    check_scope(&mut tx, principal, &form).await?;
    let id = RateLimitId::new();
    let row = rate_limits::insert(&mut tx, principal.org, id, principal.user(), &form.content()).await?;
    note(&mut tx, principal, Entry::success("rate_limit.create").details(json!(form)), &row).await?;
    tx.commit().await?;
    Ok(row)
}

/// # Errors
/// `permission_denied`, `not_found`, `precondition_failed`, `validation_error`, `conflict`.
pub async fn update(
    app: &App,
    principal: &Principal,
    id: RateLimitId,
    if_match: &IfMatch,
    patch: Patch<RateLimitForm>,
) -> Result<RateLimitRow> {
    principal.require_everywhere("policies:admin")?;
    let org = principal.org;
    let mut tx = principal.begin(&app.database).await?;
    let current = rate_limits::get(&mut tx, org, id, true).await?.ok_or_else(Error::not_found)?;
    if_match.check(current.version)?;
    let before = RateLimitForm::from(&current);
    let changes_kind = patch.changes().get("kind").is_some_and(|kind| *kind != json!(before.kind));
    let mut after = if changes_kind { patch.onto(&before.without_time())? } else { patch.onto(&before)? };
    after.tidy();
    // What it was about may be gone: then everything else can still be changed.
    if !after.is_about(&before) {
        check_scope(&mut tx, principal, &after).await?;
    }
    let row = rate_limits::update(&mut tx, org, id, &after.content()).await?;
    note(&mut tx, principal, Entry::success("rate_limit.update").changes(&before, &after), &row).await?;
    tx.commit().await?;
    Ok(row)
}

/// # Errors
/// `permission_denied`, `not_found`, `precondition_failed`.
pub async fn delete(app: &App, principal: &Principal, id: RateLimitId, if_match: &IfMatch) -> Result<()> {
    principal.require_everywhere("policies:admin")?;
    let mut tx = principal.begin(&app.database).await?;
    let current = rate_limits::get(&mut tx, principal.org, id, true).await?.ok_or_else(Error::not_found)?;
    if_match.check(current.version)?;
    rate_limits::delete(&mut tx, principal.org, id).await?;
    note(&mut tx, principal, Entry::success("rate_limit.delete"), &current).await?;
    tx.commit().await?;
    Ok(())
}

/// Whether what it is about exists. A tool may not be known yet, but its server is.
async fn check_scope(conn: &mut PgConnection, principal: &Principal, form: &RateLimitForm) -> Result<()> {
    let Some(value) = form.scope_value.as_deref() else { return Ok(()) };
    let (org, everywhere) = (principal.org, Reach::everything());
    let id = || value.parse().map_err(|_| unknown("must be an id"));
    let exists = match form.scope_type {
        ScopeType::Organization | ScopeType::Ip => true,
        ScopeType::Team => teams::get(conn, org, &everywhere, TeamId(id()?), false).await?.is_some(),
        ScopeType::User => users::get(conn, org, UserId(id()?)).await?.is_some(),
        ScopeType::ApiKey => api_keys::get(conn, org, &everywhere, ApiKeyId(id()?), false).await?.is_some(),
        ScopeType::Server | ScopeType::Tool => {
            let name = form::server_of(value);
            servers::get(conn, org, name).await?.is_some_and(|server| server.name == name)
        }
    };
    if exists { Ok(()) } else { Err(unknown("names nothing that exists")) }
}

fn unknown(message: &str) -> Error {
    Error::invalid_field("scope_value", "unknown", message)
}

async fn note(
    conn: &mut PgConnection,
    principal: &Principal,
    entry: Entry,
    row: &RateLimitRow,
) -> Result<()> {
    audit::record(conn, principal.org, &Author::from(principal), entry.on(row.id, &row.name)).await
}
