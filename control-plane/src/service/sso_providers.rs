//! Identity providers: who may set them up, and what becomes of one that changes (contract 3.14).
//!
//! A provider says who people are. Whoever decides about one can be anybody here by it and must hold everything (`*`);
//! `sso:admin` alone may look, try, and switch one off. Platform administrators sign in only by one of which one of them
//! decided who its people are.

use serde_json::{Value, json};
use sqlx::PgConnection;

use super::{
    audit::{self, Author, Entry},
    sso_keys,
};
use crate::{
    app::App,
    auth::Principal,
    error::{Error, Result},
    id::{OrgId, ProviderId},
    rest::{etag::IfMatch, form::Patch},
    store::{
        page::{Found, Page},
        sso_providers::{self, Filter, ProviderRow, Settings},
    },
};

mod columns;
mod form;
mod leave;
mod rights;
mod trial;

pub use columns::form_of;
pub(super) use columns::{claim_mappings, client_secret, group_mappings};
pub use form::{GroupMapping, SsoProviderForm};
use leave::Left;
pub use trial::{Endpoints, Trial, test};

/// # Errors
/// `permission_denied`.
pub async fn list(
    app: &App,
    principal: &Principal,
    filter: &Filter,
    page: &Page,
) -> Result<Found<ProviderRow>> {
    principal.require_everywhere("sso:read")?;
    let mut tx = principal.begin(&app.database).await?;
    Ok(sso_providers::list(&mut tx, principal.org, filter, page).await?)
}

/// # Errors
/// `permission_denied`, `not_found`.
pub async fn get(app: &App, principal: &Principal, id: ProviderId) -> Result<ProviderRow> {
    principal.require_everywhere("sso:read")?;
    let mut tx = principal.begin(&app.database).await?;
    sso_providers::get(&mut tx, principal.org, id).await?.ok_or_else(Error::not_found)
}

/// # Errors
/// `permission_denied` of whoever does not hold everything, or gives what they do not hold; `validation_error`,
/// `conflict`.
pub async fn create(app: &App, principal: &Principal, mut form: SsoProviderForm) -> Result<ProviderRow> {
    principal.require_everywhere("sso:admin")?;
    rights::may_decide(principal)?;
    form.tidy();
    let (org, id) = (principal.org, ProviderId::new());
    let mut tx = principal.begin(&app.database).await?;
    rights::check(app, &mut tx, principal, &form).await?;
    let settings = columns::settings(&form, &app.sealer, org, id, None)?;
    let by_platform = rights::is_platform_admin(principal);
    let row = sso_providers::insert(&mut tx, org, id, principal.user(), &settings, by_platform).await?;
    note(&mut tx, principal, Entry::success("sso_provider.create").details(json!(form)), &row).await?;
    tx.commit().await?;
    sso_keys::refresh_now(app, &row).await;
    Ok(row)
}

/// Switching one off takes no more than `sso:admin`: one that was taken over must be stopped at once.
///
/// # Errors
/// `permission_denied` as above; `not_found`, `precondition_failed`, `validation_error`, `conflict`; `in_use` when no
/// administrator, or no way for one to log in, would be left.
pub async fn update(
    app: &App,
    principal: &Principal,
    id: ProviderId,
    if_match: &IfMatch,
    patch: Patch<SsoProviderForm>,
) -> Result<ProviderRow> {
    principal.require_everywhere("sso:admin")?;
    let org = principal.org;
    let mut tx = principal.begin(&app.database).await?;
    let current = lock(&mut tx, org, id, if_match).await?;
    let before = form_of(&current.settings);
    let mut after = patch.onto(&before)?;
    after.tidy();
    let settings = columns::settings(&after, &app.sealer, org, id, Some(&current.settings))?;
    let only_off = settings == Settings { enabled: false, ..current.settings.clone() };
    if !only_off {
        rights::may_decide(principal)?;
        rights::check(app, &mut tx, principal, &after).await?;
    }
    let same_people = current.for_platform_admins && settings.tells_apart_as(&current.settings);
    let by_platform = same_people || rights::is_platform_admin(principal);
    let left = leave::change(&mut tx, principal, &current, &settings).await?;
    let row = sso_providers::update(&mut tx, org, id, &settings, by_platform).await?;
    let entry = Entry::success("sso_provider.update").changes(&before, &after).details(details(&left));
    note(&mut tx, principal, entry, &row).await?;
    tx.commit().await?;
    sso_keys::refresh_now(app, &row).await;
    Ok(row)
}

/// What its group mappings granted goes with it, and so do its sessions.
///
/// # Errors
/// `permission_denied` of whoever does not hold everything; `not_found`, `precondition_failed`; `in_use` when no
/// administrator, or no way for one to log in, would be left.
pub async fn delete(app: &App, principal: &Principal, id: ProviderId, if_match: &IfMatch) -> Result<()> {
    principal.require_everywhere("sso:admin")?;
    // Its people could be taken over by another one.
    rights::may_decide(principal)?;
    let org = principal.org;
    let mut tx = principal.begin(&app.database).await?;
    let current = lock(&mut tx, org, id, if_match).await?;
    let left = leave::delete(&mut tx, principal, org, id).await?;
    sso_providers::delete(&mut tx, org, id).await?;
    let entry =
        Entry::success("sso_provider.delete").gone(&form_of(&current.settings)).details(details(&left));
    note(&mut tx, principal, entry, &current).await?;
    tx.commit().await?;
    Ok(())
}

fn details(left: &Left) -> Value {
    if *left == Left::default() { json!({}) } else { json!(left) }
}

async fn lock(
    conn: &mut PgConnection,
    org: OrgId,
    id: ProviderId,
    if_match: &IfMatch,
) -> Result<ProviderRow> {
    let row = sso_providers::lock(conn, org, id).await?.ok_or_else(Error::not_found)?;
    if_match.check(row.version)?;
    Ok(row)
}

async fn note(conn: &mut PgConnection, principal: &Principal, entry: Entry, row: &ProviderRow) -> Result<()> {
    let entry = entry.on(row.id, &row.settings.name);
    audit::record(conn, principal.org, &Author::from(principal), entry).await
}

/// Where a provider sends browsers back to; its administrator registers it there.
#[must_use]
pub fn callback_url(app: &App, id: ProviderId) -> String {
    format!("{}/v1/sso/callback/{id}", app.config.public_url)
}

/// Where signing in by it begins.
#[must_use]
pub fn authorize_url(app: &App, id: ProviderId) -> String {
    format!("{}/v1/sso/authorize/{id}", app.config.public_url)
}
