//! Budgets: who may spend how much in a period, told of in time and, if enforced, stopped (contract 3.9). What is spent is
//! counted by the ingester; see `store::budgets::periods`.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::audit::{self, Author, Entry};
use crate::{
    app::App,
    auth::{Principal, Reach},
    error::{Error, Result},
    id::{ApiKeyId, BudgetId, OrgId, ServerId, TeamId, UserId},
    rest::{etag::IfMatch, form::Patch},
    store::{
        api_keys,
        budgets::{self, BudgetRow, Filter, periods},
        page::{Found, Page},
        servers, teams, users,
    },
};

pub mod figures;
mod form;
mod passed;
mod usage;

pub use form::{BudgetForm, Length, OverrideForm, ScopeType};
pub use passed::{note as note_passed, settle_due};
pub use usage::{Usage, usage};

/// # Errors
/// `permission_denied`.
pub async fn list(
    app: &App,
    principal: &Principal,
    filter: &Filter,
    page: &Page,
    now: DateTime<Utc>,
) -> Result<Found<BudgetRow>> {
    let reach = principal.require("budgets:read")?;
    let mut tx = principal.begin(&app.database).await?;
    Ok(budgets::list(&mut tx, principal.org, &reach, filter, page, now).await?)
}

/// # Errors
/// `permission_denied`, `not_found`.
pub async fn get(app: &App, principal: &Principal, id: BudgetId, now: DateTime<Utc>) -> Result<BudgetRow> {
    let reach = principal.require("budgets:read")?;
    let mut tx = principal.begin(&app.database).await?;
    find(&mut tx, principal, &reach, id, now).await
}

/// Counts at once what the current period has cost so far.
///
/// # Errors
/// `permission_denied`, `validation_error`, `conflict`.
pub async fn create(
    app: &App,
    principal: &Principal,
    form: BudgetForm,
    now: DateTime<Utc>,
) -> Result<BudgetRow> {
    let reach = principal.require("budgets:admin")?;
    let org = principal.org;
    let mut tx = principal.begin(&app.database).await?;
    periods::lock(&mut tx, org).await?;
    check_channels(&mut tx, principal.org, &form.channel_ids).await?;
    let mcp_server = check_scope(&mut tx, principal, &reach, &form).await?;
    let id = BudgetId::new();
    let content = form.content(mcp_server.as_deref());
    budgets::insert(&mut tx, org, id, principal.user(), &content).await?;
    periods::count_anew(&mut tx, org, id, now).await?;
    let counted = periods::list_of(&mut tx, org, id).await?;
    note_passed(&mut tx, &counted, now).await?;
    let row = find(&mut tx, principal, &reach, id, now).await?;
    note(&mut tx, principal, Entry::success("budget.create").details(json!(form)), &row).await?;
    tx.commit().await?;
    Ok(row)
}

/// One that is about something else now, or about other periods, starts counting anew: its history and its override
/// are gone.
///
/// # Errors
/// `permission_denied`, `not_found`, `precondition_failed`, `validation_error`, `conflict`.
pub async fn update(
    app: &App,
    principal: &Principal,
    id: BudgetId,
    if_match: &IfMatch,
    patch: Patch<BudgetForm>,
    now: DateTime<Utc>,
) -> Result<BudgetRow> {
    let reach = principal.require("budgets:admin")?;
    let org = principal.org;
    let mut tx = principal.begin(&app.database).await?;
    periods::lock(&mut tx, org).await?;
    let current = find(&mut tx, principal, &reach, id, now).await?;
    if_match.check(current.version)?;
    let before = BudgetForm::from(&current);
    let after = patch.onto(&before)?;
    let counts_the_same = before.counts_as(&after);
    // What it is about may be gone, or a channel: then everything else can still be changed.
    if after.channel_ids != before.channel_ids {
        check_channels(&mut tx, org, &after.channel_ids).await?;
    }
    let mcp_server = match before.is_about(&after) {
        true => current.mcp_server,
        false => check_scope(&mut tx, principal, &reach, &after).await?,
    };
    budgets::update(&mut tx, org, id, &after.content(mcp_server.as_deref())).await?;
    if !counts_the_same {
        periods::count_anew(&mut tx, org, id, now).await?;
    }
    passed::note_anew(&mut tx, org, id, now).await?;
    let row = find(&mut tx, principal, &reach, id, now).await?;
    note(&mut tx, principal, Entry::success("budget.update").changes(&before, &after), &row).await?;
    tx.commit().await?;
    Ok(row)
}

/// # Errors
/// `permission_denied`, `not_found`, `precondition_failed`.
pub async fn delete(app: &App, principal: &Principal, id: BudgetId, if_match: &IfMatch) -> Result<()> {
    let reach = principal.require("budgets:admin")?;
    let mut tx = principal.begin(&app.database).await?;
    periods::lock(&mut tx, principal.org).await?;
    let current = find(&mut tx, principal, &reach, id, Utc::now()).await?;
    if_match.check(current.version)?;
    budgets::delete(&mut tx, principal.org, id).await?;
    note(&mut tx, principal, Entry::success("budget.delete"), &current).await?;
    tx.commit().await?;
    Ok(())
}

/// Lets calls pass until then, whatever was spent, at most to the end of the period. A later one replaces it.
///
/// # Errors
/// `permission_denied`, `not_found`, `validation_error`; `invalid_state` of a budget that stops nobody.
pub async fn lift(
    app: &App,
    principal: &Principal,
    id: BudgetId,
    form: &OverrideForm,
    now: DateTime<Utc>,
) -> Result<BudgetRow> {
    let reach = principal.require("budgets:admin")?;
    let org = principal.org;
    let mut tx = principal.begin(&app.database).await?;
    periods::lock(&mut tx, org).await?;
    let current = find(&mut tx, principal, &reach, id, now).await?;
    if !(current.enabled && current.enforce) {
        let status = figures::status(&current, now).as_str();
        return Err(Error::invalid_state(status, "the budget stops nobody, so there is nothing to lift"));
    }
    let until = form.until(now, current.period_end)?;
    periods::set_override(&mut tx, org, (id, current.period_start), until, &form.reason).await?;
    let row = find(&mut tx, principal, &reach, id, now).await?;
    let details = json!({"until": until, "reason": form.reason, "period_start": row.period_start});
    note(&mut tx, principal, Entry::success("budget.override").details(details), &row).await?;
    tx.commit().await?;
    Ok(row)
}

async fn find(
    conn: &mut PgConnection,
    principal: &Principal,
    reach: &Reach,
    id: BudgetId,
    now: DateTime<Utc>,
) -> Result<BudgetRow> {
    budgets::get(conn, principal.org, reach, id, now).await?.ok_or_else(Error::not_found)
}

async fn check_channels(conn: &mut PgConnection, org: OrgId, channels: &[Uuid]) -> Result<()> {
    let known: HashSet<Uuid> = budgets::list_channels(conn, org, channels).await?.into_iter().collect();
    match channels.iter().position(|id| !known.contains(id)) {
        Some(index) => Err(unknown(&format!("channel_ids.{index}"))),
        None => Ok(()),
    }
}

/// Whether the caller may keep a budget about this, and that it exists; the name of the server, if it is about one.
async fn check_scope(
    conn: &mut PgConnection,
    principal: &Principal,
    reach: &Reach,
    form: &BudgetForm,
) -> Result<Option<String>> {
    let (org, everywhere) = (principal.org, Reach::everything());
    let id = form.scope_id.unwrap_or_default();
    let reached = match form.scope_type {
        ScopeType::Team => reach.teams.contains(&TeamId(id)),
        ScopeType::Server => reach.servers.contains(&ServerId(id)),
        ScopeType::Organization | ScopeType::User | ScopeType::ApiKey => false,
    };
    if !(reach.everything || reached) {
        return Err(Error::permission_denied("budgets:admin"));
    }
    let exists = match form.scope_type {
        ScopeType::Organization => true,
        ScopeType::Team => teams::get(conn, org, &everywhere, TeamId(id), false).await?.is_some(),
        ScopeType::User => users::get(conn, org, UserId(id)).await?.is_some(),
        ScopeType::ApiKey => api_keys::get(conn, org, &everywhere, ApiKeyId(id), false).await?.is_some(),
        ScopeType::Server => {
            let server = servers::get(conn, org, &id.to_string()).await?;
            let server = server.filter(|server| server.id == ServerId(id));
            return server.map(|server| Some(server.name)).ok_or_else(|| unknown("scope_id"));
        }
    };
    if exists { Ok(None) } else { Err(unknown("scope_id")) }
}

fn unknown(field: &str) -> Error {
    Error::invalid_field(field, "unknown", "names nothing that exists")
}

async fn note(conn: &mut PgConnection, principal: &Principal, entry: Entry, row: &BudgetRow) -> Result<()> {
    audit::record(conn, principal.org, &Author::from(principal), entry.on(row.id, &row.name)).await
}
