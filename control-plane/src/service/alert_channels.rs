//! Alert channels: where receivers are told (contract 3.13, 4.7). What opens a receiver is sealed and never shown.

use serde_json::json;
use sqlx::PgConnection;

use super::audit::{self, Author, Entry};
use crate::{
    app::App,
    auth::Principal,
    error::{Code, Error, Result},
    id::{AlertChannelId, OrgId},
    rest::{
        etag::IfMatch,
        form::{Faults, Patch},
    },
    store::{
        alert_channels::{self, AlertChannelRow, Content, Filter},
        page::{Found, Page},
    },
    word::{text, word},
};

mod config;
mod environment;
mod form;
mod trial;

pub use config::{shown, target};
pub use environment::apply_environment;
pub use form::{AlertChannelForm, ChannelConfig, ChannelType};
pub use trial::{Trial, test};

/// # Errors
/// `permission_denied`.
pub async fn list(
    app: &App,
    principal: &Principal,
    filter: &Filter,
    page: &Page,
) -> Result<Found<AlertChannelRow>> {
    principal.require_everywhere("alerts:read")?;
    let mut tx = principal.begin(&app.database).await?;
    Ok(alert_channels::list(&mut tx, principal.org, filter, page).await?)
}

/// # Errors
/// `permission_denied`, `not_found`.
pub async fn get(app: &App, principal: &Principal, id: AlertChannelId) -> Result<AlertChannelRow> {
    principal.require_everywhere("alerts:read")?;
    let mut tx = principal.begin(&app.database).await?;
    find(&mut tx, principal.org, id, false).await
}

/// # Errors
/// `permission_denied`, `validation_error`, `conflict`.
pub async fn create(app: &App, principal: &Principal, form: AlertChannelForm) -> Result<AlertChannelRow> {
    principal.require_everywhere("alerts:admin")?;
    check_urls(app, &form)?;
    let (org, id) = (principal.org, AlertChannelId::new());
    let content = content(app, org, id, &form, None, "api")?;
    let mut tx = principal.begin(&app.database).await?;
    alert_channels::insert(&mut tx, org, id, principal.user(), &content).await?;
    let entry = Entry::success("alert_channel.create").on(id, &form.name).details(json!(form));
    audit::record(&mut tx, org, &Author::from(principal), entry).await?;
    let row = find(&mut tx, org, id, false).await?;
    tx.commit().await?;
    Ok(row)
}

/// # Errors
/// `permission_denied`, `not_found`, `precondition_failed`, `validation_error`, `conflict`; `immutable` of what the
/// environment gives.
pub async fn update(
    app: &App,
    principal: &Principal,
    id: AlertChannelId,
    if_match: &IfMatch,
    patch: Patch<AlertChannelForm>,
) -> Result<AlertChannelRow> {
    principal.require_everywhere("alerts:admin")?;
    let org = principal.org;
    let mut tx = principal.begin(&app.database).await?;
    let current = find(&mut tx, org, id, true).await?;
    if_match.check(current.version)?;
    let before = form_of(&current);
    let after = patch.onto(&before)?;
    environment::refuse_change(&current, &before, &after)?;
    check_urls(app, &after)?;
    let content = content(app, org, id, &after, Some(&current), &current.managed_by)?;
    alert_channels::update(&mut tx, org, id, &content).await?;
    let entry = Entry::success("alert_channel.update").on(id, &after.name).changes(&before, &after);
    audit::record(&mut tx, org, &Author::from(principal), entry).await?;
    let row = find(&mut tx, org, id, false).await?;
    tx.commit().await?;
    Ok(row)
}

/// Rules that told by it do so no more; what it was to tell is dropped.
///
/// # Errors
/// `permission_denied`, `not_found`, `precondition_failed`; `immutable` of a channel of the environment.
pub async fn delete(app: &App, principal: &Principal, id: AlertChannelId, if_match: &IfMatch) -> Result<()> {
    principal.require_everywhere("alerts:admin")?;
    let org = principal.org;
    let mut tx = principal.begin(&app.database).await?;
    let current = find(&mut tx, org, id, true).await?;
    if_match.check(current.version)?;
    if current.managed_by == "env" {
        let message = "the channel comes from the environment; take its variable away instead";
        return Err(Error::new(Code::Immutable, message));
    }
    alert_channels::delete(&mut tx, org, id).await?;
    let entry = Entry::success("alert_channel.delete").on(id, &current.name).gone(&form_of(&current));
    audit::record(&mut tx, org, &Author::from(principal), entry).await?;
    tx.commit().await?;
    Ok(())
}

async fn find(
    conn: &mut PgConnection,
    org: OrgId,
    id: AlertChannelId,
    lock: bool,
) -> Result<AlertChannelRow> {
    alert_channels::get(conn, org, id, lock).await?.ok_or_else(Error::not_found)
}

/// The editable fields of a row; its secrets show as kept.
fn form_of(row: &AlertChannelRow) -> AlertChannelForm {
    AlertChannelForm {
        name: row.name.clone(),
        r#type: word(&row.r#type).unwrap_or_default(),
        config: config::form(row),
        min_severity: word(&row.min_severity).unwrap_or_default(),
        send_resolved: row.send_resolved,
        enabled: row.enabled,
    }
}

/// The columns of a checked form; `stored` is the row it replaces.
fn content(
    app: &App,
    org: OrgId,
    id: AlertChannelId,
    form: &AlertChannelForm,
    stored: Option<&AlertChannelRow>,
    managed_by: &str,
) -> Result<Content> {
    let (config, config_encrypted) = config::columns(&app.sealer, org, id, &form.config, stored)?;
    Ok(Content {
        name: form.name.clone(),
        r#type: text(form.r#type),
        config,
        config_encrypted,
        min_severity: text(form.min_severity),
        send_resolved: form.send_resolved,
        enabled: form.enabled,
        managed_by: managed_by.to_owned(),
    })
}

/// Whether they may be called, as far as can be told without asking the DNS.
fn check_urls(app: &App, form: &AlertChannelForm) -> Result<()> {
    let mut faults = Faults::default();
    let webhook_url = form.config.webhook_url.as_ref().and_then(|secret| secret.given());
    for (field, url) in [("config.webhook_url", webhook_url), ("config.url", form.config.url.as_deref())] {
        if let Some(Err(error)) = url.map(|url| app.egress.check(url)) {
            faults.add(field, "format", error.to_string());
        }
    }
    faults.finish()
}
