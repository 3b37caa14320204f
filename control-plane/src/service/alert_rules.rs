//! Alert rules: what is watched, from when on it is too much, and who hears of it (contract 3.13).

use serde_json::json;
use sqlx::PgConnection;

use super::{
    alerts,
    audit::{self, Author, Entry},
};
use crate::{
    app::App,
    auth::Principal,
    error::{Error, Result},
    id::{AlertChannelId, AlertRuleId, OrgId},
    rest::{etag::IfMatch, form::Patch},
    store::{
        alert_channels,
        alert_measures::{Measure, Scope},
        alert_rules::{self, AlertRuleRow, Filter},
        page::{Found, Page},
    },
    word::{texts, word},
};

mod form;
pub(super) mod number;
mod preview;

pub use form::{AlertFilters, AlertRuleForm};
pub use preview::{Interval, Preview, preview};

/// # Errors
/// `permission_denied`.
pub async fn list(
    app: &App,
    principal: &Principal,
    filter: &Filter,
    page: &Page,
) -> Result<Found<AlertRuleRow>> {
    principal.require_everywhere("alerts:read")?;
    let mut tx = principal.begin(&app.database).await?;
    Ok(alert_rules::list(&mut tx, principal.org, filter, page).await?)
}

/// # Errors
/// `permission_denied`, `not_found`.
pub async fn get(app: &App, principal: &Principal, id: AlertRuleId) -> Result<AlertRuleRow> {
    principal.require_everywhere("alerts:read")?;
    let mut tx = principal.begin(&app.database).await?;
    alert_rules::get(&mut tx, principal.org, id, false).await?.ok_or_else(Error::not_found)
}

/// # Errors
/// `permission_denied`, `validation_error`, `conflict`.
pub async fn create(app: &App, principal: &Principal, mut form: AlertRuleForm) -> Result<AlertRuleRow> {
    principal.require_everywhere("alerts:admin")?;
    form.tidy();
    let mut tx = principal.begin(&app.database).await?;
    check_channels(&mut tx, principal.org, &form, None).await?;
    let id = AlertRuleId::new();
    let row = alert_rules::insert(&mut tx, principal.org, id, principal.user(), &form.content()).await?;
    note(&mut tx, principal, Entry::success("alert_rule.create").details(json!(form)), &row).await?;
    tx.commit().await?;
    Ok(row)
}

/// The open alert of a rule that is switched off is over.
///
/// # Errors
/// `permission_denied`, `not_found`, `precondition_failed`, `validation_error`, `conflict`.
pub async fn update(
    app: &App,
    principal: &Principal,
    id: AlertRuleId,
    if_match: &IfMatch,
    patch: Patch<AlertRuleForm>,
) -> Result<AlertRuleRow> {
    principal.require_everywhere("alerts:admin")?;
    let org = principal.org;
    let mut tx = principal.begin(&app.database).await?;
    let current = alert_rules::get(&mut tx, org, id, true).await?.ok_or_else(Error::not_found)?;
    if_match.check(current.version)?;
    let before = AlertRuleForm::from(&current);
    let mut after = patch.onto(&before)?;
    after.tidy();
    check_channels(&mut tx, org, &after, Some(&before)).await?;
    let row = alert_rules::update(&mut tx, org, id, &after.content()).await?;
    if !row.enabled {
        alerts::end_of_rule(&mut tx, principal, id, "the rule was switched off").await?;
    }
    note(&mut tx, principal, Entry::success("alert_rule.update").changes(&before, &after), &row).await?;
    tx.commit().await?;
    Ok(row)
}

/// Its open alert is over; what it has fired so far stays on record.
///
/// # Errors
/// `permission_denied`, `not_found`, `precondition_failed`.
pub async fn delete(app: &App, principal: &Principal, id: AlertRuleId, if_match: &IfMatch) -> Result<()> {
    principal.require_everywhere("alerts:admin")?;
    let org = principal.org;
    let mut tx = principal.begin(&app.database).await?;
    let current = alert_rules::get(&mut tx, org, id, true).await?.ok_or_else(Error::not_found)?;
    if_match.check(current.version)?;
    alerts::end_of_rule(&mut tx, principal, id, "the rule was removed").await?;
    alert_rules::delete(&mut tx, org, id).await?;
    let entry = Entry::success("alert_rule.delete").gone(&AlertRuleForm::from(&current));
    note(&mut tx, principal, entry, &current).await?;
    tx.commit().await?;
    Ok(())
}

/// What a rule measures.
pub(super) fn measure_of(rule: &AlertRuleRow) -> Measure {
    Measure {
        metric: word(&rule.metric).unwrap_or_default(),
        scope: AlertFilters::of(rule).scope(),
        window_minutes: rule.window_minutes,
    }
}

impl AlertFilters {
    fn scope(&self) -> Scope {
        fn some<T>(values: Vec<T>) -> Option<Vec<T>> {
            (!values.is_empty()).then_some(values)
        }
        Scope {
            mcp_servers: some(self.mcp_servers.clone()),
            tool_names: some(self.tool_names.clone()),
            team_ids: some(self.team_ids.clone()),
            api_key_ids: some(self.api_key_ids.clone()),
            environments: some(texts(&self.environments)),
        }
    }
}

/// Channels that are new in the form must exist; one that is gone since can stay.
async fn check_channels(
    conn: &mut PgConnection,
    org: OrgId,
    form: &AlertRuleForm,
    before: Option<&AlertRuleForm>,
) -> Result<()> {
    let known = alert_channels::list_by_ids(conn, org, &form.channel_ids).await?;
    let is_good = |id: &AlertChannelId| {
        known.iter().any(|channel| channel.id == *id)
            || before.is_some_and(|before| before.channel_ids.contains(id))
    };
    match form.channel_ids.iter().position(|id| !is_good(id)) {
        None => Ok(()),
        Some(number) => {
            let field = format!("channel_ids.{number}");
            Err(Error::invalid_field(&field, "unknown", "names nothing that exists"))
        }
    }
}

async fn note(
    conn: &mut PgConnection,
    principal: &Principal,
    entry: Entry,
    row: &AlertRuleRow,
) -> Result<()> {
    audit::record(conn, principal.org, &Author::from(principal), entry.on(row.id, &row.name)).await
}
