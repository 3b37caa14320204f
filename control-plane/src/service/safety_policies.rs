//! Safety policies: what an organization wants done about what stands in its calls. The first one came with the
//! organization and stays (contract 3.8).

use gatewayops_safety::policy::{Policies, PolicySource};
use serde_json::json;
use sqlx::PgConnection;

use super::audit::{self, Author, Entry};
use crate::{
    app::App,
    auth::Principal,
    error::{Code, Error, Result},
    id::{OrgId, SafetyPolicyId},
    rest::{etag::IfMatch, form::Patch},
    store::{
        page::{Found, Page},
        safety_policies::{self, Filter, SafetyPolicyRow},
    },
};

mod form;

pub use form::{Patterns, SafetyPolicyForm};

/// What is in force, as proxies evaluate it.
///
/// # Errors
/// The database's.
pub async fn in_force(conn: &mut PgConnection, org: OrgId) -> Result<Policies> {
    let (policies, _) = Policies::compile(sources(conn, org).await?);
    Ok(policies)
}

/// # Errors
/// The database's.
pub async fn sources(conn: &mut PgConnection, org: OrgId) -> Result<Vec<PolicySource>> {
    let rows = safety_policies::list_enabled(conn, org).await?;
    Ok(rows.iter().map(|row| SafetyPolicyForm::from(&row.content).source(row.id.0)).collect())
}

/// # Errors
/// `permission_denied`.
pub async fn list(
    app: &App,
    principal: &Principal,
    filter: &Filter,
    page: &Page,
) -> Result<Found<SafetyPolicyRow>> {
    principal.require_everywhere("policies:read")?;
    let mut tx = principal.begin(&app.database).await?;
    Ok(safety_policies::list(&mut tx, principal.org, filter, page).await?)
}

/// # Errors
/// `permission_denied`, `not_found`.
pub async fn get(app: &App, principal: &Principal, id: SafetyPolicyId) -> Result<SafetyPolicyRow> {
    principal.require_everywhere("policies:read")?;
    let mut tx = principal.begin(&app.database).await?;
    safety_policies::get(&mut tx, principal.org, id, false).await?.ok_or_else(Error::not_found)
}

/// # Errors
/// `permission_denied`, `conflict`.
pub async fn create(app: &App, principal: &Principal, form: SafetyPolicyForm) -> Result<SafetyPolicyRow> {
    principal.require_everywhere("policies:admin")?;
    let mut tx = principal.begin(&app.database).await?;
    let id = SafetyPolicyId::new();
    let row = safety_policies::insert(&mut tx, principal.org, id, principal.user(), &form.content()).await?;
    note(&mut tx, principal, Entry::success("safety_policy.create").details(json!(form)), &row).await?;
    tx.commit().await?;
    Ok(row)
}

/// # Errors
/// `permission_denied`, `not_found`, `precondition_failed`, `validation_error`, `conflict`.
pub async fn update(
    app: &App,
    principal: &Principal,
    id: SafetyPolicyId,
    if_match: &IfMatch,
    patch: Patch<SafetyPolicyForm>,
) -> Result<SafetyPolicyRow> {
    principal.require_everywhere("policies:admin")?;
    let mut tx = principal.begin(&app.database).await?;
    let current = lock(&mut tx, principal, id, if_match).await?;
    let before = SafetyPolicyForm::from(&current.content);
    let after = patch.onto(&before)?;
    let row = safety_policies::update(&mut tx, principal.org, id, &after.content()).await?;
    note(&mut tx, principal, Entry::success("safety_policy.update").changes(&before, &after), &row).await?;
    tx.commit().await?;
    Ok(row)
}

/// # Errors
/// `permission_denied`, `not_found`, `precondition_failed`; `immutable` of the default policy and of one that the
/// environment gives.
pub async fn delete(app: &App, principal: &Principal, id: SafetyPolicyId, if_match: &IfMatch) -> Result<()> {
    principal.require_everywhere("policies:admin")?;
    let mut tx = principal.begin(&app.database).await?;
    let current = lock(&mut tx, principal, id, if_match).await?;
    if current.is_default || current.managed_by != "api" {
        let message = "this policy cannot be deleted; to switch it off, set enabled to false";
        return Err(Error::new(Code::Immutable, message));
    }
    safety_policies::delete(&mut tx, principal.org, id).await?;
    note(&mut tx, principal, Entry::success("safety_policy.delete"), &current).await?;
    tx.commit().await?;
    Ok(())
}

/// The policy, to be changed.
async fn lock(
    conn: &mut PgConnection,
    principal: &Principal,
    id: SafetyPolicyId,
    if_match: &IfMatch,
) -> Result<SafetyPolicyRow> {
    let row = safety_policies::get(conn, principal.org, id, true).await?.ok_or_else(Error::not_found)?;
    if_match.check(row.version)?;
    Ok(row)
}

async fn note(
    conn: &mut PgConnection,
    principal: &Principal,
    entry: Entry,
    row: &SafetyPolicyRow,
) -> Result<()> {
    let entry = entry.on(row.id, &row.content.name);
    audit::record(conn, principal.org, &Author::from(principal), entry).await
}
