//! Webhooks: who is told of what happens, and how they know that it was us (contract 3.14, 6.3).

use chrono::{Duration, Utc};
use serde_json::json;
use sqlx::PgConnection;

use super::audit::{self, Author, Entry};
use crate::{
    app::App,
    auth::Principal,
    error::{Code, Error, Result},
    id::{OrgId, WebhookId},
    rest::{etag::IfMatch, form::Patch},
    store::{
        page::{Found, Page},
        webhooks::{self, Filter, WebhookRow},
    },
};

mod columns;
pub mod deliveries;
pub mod dispatching;
pub mod events;
mod form;
mod pace;
pub mod sending;
#[cfg(test)]
mod tests;

pub use form::{Headers, RotateForm, WebhookForm};

/// Of an organization: each is told of everything that it asked for.
const MOST: i64 = 100;

/// # Errors
/// `permission_denied`.
pub async fn list(
    app: &App,
    principal: &Principal,
    filter: &Filter,
    page: &Page,
) -> Result<Found<WebhookRow>> {
    principal.require_everywhere("settings:read")?;
    let mut tx = principal.begin(&app.database).await?;
    Ok(webhooks::list(&mut tx, principal.org, filter, page).await?)
}

/// # Errors
/// `permission_denied`, `not_found`.
pub async fn get(app: &App, principal: &Principal, id: WebhookId) -> Result<WebhookRow> {
    principal.require_everywhere("settings:read")?;
    let mut tx = principal.begin(&app.database).await?;
    webhooks::get(&mut tx, principal.org, id, false).await?.ok_or_else(Error::not_found)
}

/// A webhook with the secret that its receiver verifies by, which is shown once.
#[derive(Debug)]
pub struct Issued {
    pub row: WebhookRow,
    pub secret: String,
}

/// # Errors
/// `permission_denied`, `validation_error`; `conflict` when there are as many as there may be.
pub async fn create(app: &App, principal: &Principal, mut form: WebhookForm) -> Result<Issued> {
    principal.require_everywhere("settings:admin")?;
    check_url(app, &form)?;
    form.tidy();
    let (org, id) = (principal.org, WebhookId::new());
    let mut tx = principal.begin(&app.database).await?;
    if webhooks::count(&mut tx, org).await? >= MOST {
        let message = format!("an organization has at most {MOST} webhooks; delete one first");
        return Err(Error::new(Code::Conflict, message).with("limit", MOST));
    }
    let settings = columns::settings(&form, &app.sealer, org, id, None)?;
    let key = columns::new_key()?;
    let sealed = columns::seal_key(&app.sealer, org, id, &key);
    let row = webhooks::insert(&mut tx, org, id, principal.user(), &settings, &sealed).await?;
    note(&mut tx, principal, Entry::success("webhook.create").details(json!(form)), &row).await?;
    tx.commit().await?;
    Ok(Issued { row, secret: columns::shown(&key) })
}

/// # Errors
/// `permission_denied`, `not_found`, `precondition_failed`, `validation_error`.
pub async fn update(
    app: &App,
    principal: &Principal,
    id: WebhookId,
    if_match: &IfMatch,
    patch: Patch<WebhookForm>,
) -> Result<WebhookRow> {
    principal.require_everywhere("settings:admin")?;
    let org = principal.org;
    let mut tx = principal.begin(&app.database).await?;
    let current = lock(&mut tx, org, id).await?;
    if_match.check(current.version)?;
    let before = WebhookForm::from(&current);
    let mut after = patch.onto(&before)?;
    // What was allowed once can still be switched off.
    if after.url != before.url || after.enabled {
        check_url(app, &after)?;
    }
    after.tidy();
    let settings = columns::settings(&after, &app.sealer, org, id, Some(&current.settings))?;
    let row = webhooks::update(&mut tx, org, id, &settings).await?;
    note(&mut tx, principal, Entry::success("webhook.update").changes(&before, &after), &row).await?;
    tx.commit().await?;
    Ok(row)
}

/// # Errors
/// `permission_denied`, `not_found`, `precondition_failed`.
pub async fn delete(app: &App, principal: &Principal, id: WebhookId, if_match: &IfMatch) -> Result<()> {
    principal.require_everywhere("settings:admin")?;
    let mut tx = principal.begin(&app.database).await?;
    let current = lock(&mut tx, principal.org, id).await?;
    if_match.check(current.version)?;
    webhooks::delete(&mut tx, principal.org, id).await?;
    let entry = Entry::success("webhook.delete").gone(&WebhookForm::from(&current));
    note(&mut tx, principal, entry, &current).await?;
    tx.commit().await?;
    Ok(())
}

/// Gives it a new secret; until the end of the grace messages are signed by the old one too.
///
/// # Errors
/// `permission_denied`, `not_found`.
pub async fn rotate(app: &App, principal: &Principal, id: WebhookId, form: &RotateForm) -> Result<Issued> {
    principal.require_everywhere("settings:admin")?;
    let org = principal.org;
    let mut tx = principal.begin(&app.database).await?;
    let current = lock(&mut tx, org, id).await?;
    let key = columns::new_key()?;
    let sealed = columns::seal_key(&app.sealer, org, id, &key);
    let ends_at = Utc::now() + Duration::seconds(form.grace_seconds);
    let before = columns::resealed_as_previous(&app.sealer, &current)?;
    let previous = (form.grace_seconds > 0).then_some((before.as_slice(), ends_at));
    let row = webhooks::set_secret(&mut tx, org, id, &sealed, previous).await?;
    let entry =
        Entry::success("webhook.rotate_secret").details(json!({ "grace_seconds": form.grace_seconds }));
    note(&mut tx, principal, entry, &row).await?;
    tx.commit().await?;
    Ok(Issued { row, secret: columns::shown(&key) })
}

/// Whether it may be called, as far as that can be told without asking the DNS.
fn check_url(app: &App, form: &WebhookForm) -> Result<()> {
    let checked = app.egress.check(&form.url);
    checked.map(|_| ()).map_err(|error| Error::invalid_field("url", "format", error.to_string()))
}

async fn lock(conn: &mut PgConnection, org: OrgId, id: WebhookId) -> Result<WebhookRow> {
    webhooks::get(conn, org, id, true).await?.ok_or_else(Error::not_found)
}

async fn note(conn: &mut PgConnection, principal: &Principal, entry: Entry, row: &WebhookRow) -> Result<()> {
    record(conn, &Author::from(principal), entry, row).await
}

/// Its name in the audit log is its receiver's host.
async fn record(conn: &mut PgConnection, author: &Author, entry: Entry, row: &WebhookRow) -> Result<()> {
    audit::record(conn, row.org_id, author, entry.on(row.id, form::host(&row.settings.url))).await
}
