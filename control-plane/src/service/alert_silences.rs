//! Silences: for how long nothing is said of which alerts; they open all the same (contract 3.13).

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::PgConnection;
use utoipa::ToSchema;

use super::{
    alerts::Severity,
    audit::{self, Author, Entry},
};
use crate::{
    app::App,
    auth::Principal,
    error::{Error, Result},
    id::{AlertRuleId, AlertSilenceId, OrgId},
    rest::{
        etag::IfMatch,
        form::{Faults, Form, Patch},
        value::Time,
    },
    store::{
        alert_rules,
        alert_silences::{self, AlertSilenceRow, Content, Filter},
        page::{Found, Page},
    },
    word::{texts, words},
};

const MOST_NAMES: usize = 100;
const LONGEST: Duration = Duration::days(366);

/// Every list narrows it; an empty one means all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AlertSilenceForm {
    #[schema(max_items = 100)]
    pub rule_ids: Vec<AlertRuleId>,
    #[schema(max_items = 3)]
    pub severities: Vec<Severity>,
    /// Of rules that are limited to servers, all of which are named here.
    #[schema(max_items = 100)]
    pub mcp_servers: Vec<String>,
    /// By default now.
    pub starts_at: Option<Time>,
    #[schema(required, value_type = Time)]
    pub ends_at: Option<Time>,
    #[schema(required, min_length = 1, max_length = 500)]
    pub reason: String,
}

impl Form for AlertSilenceForm {
    const REQUIRED: &'static [&'static str] = &["ends_at", "reason"];

    fn check(&self, faults: &mut Faults) {
        for (field, count) in [
            ("rule_ids", self.rule_ids.len()),
            ("severities", self.severities.len()),
            ("mcp_servers", self.mcp_servers.len()),
        ] {
            if count > MOST_NAMES {
                faults.add(field, "length", format!("must have at most {MOST_NAMES} items"));
            }
        }
        for (number, name) in self.mcp_servers.iter().enumerate() {
            faults.length(&format!("mcp_servers.{number}"), name, 1..=100);
        }
        faults.length("reason", &self.reason, 1..=500);
    }
}

impl From<&AlertSilenceRow> for AlertSilenceForm {
    fn from(row: &AlertSilenceRow) -> Self {
        Self {
            rule_ids: row.rule_ids.clone(),
            severities: words(&row.severities),
            mcp_servers: row.mcp_servers.clone(),
            starts_at: Some(row.starts_at.into()),
            ends_at: Some(row.ends_at.into()),
            reason: row.reason.clone(),
        }
    }
}

impl AlertSilenceForm {
    /// # Errors
    /// It ends before it begins, or only in years.
    fn content(&self, now: DateTime<Utc>) -> Result<Content<'_>> {
        let starts_at = self.starts_at.map_or(now, |time| time.0);
        let ends_at = self.ends_at.map_or(starts_at, |time| time.0);
        if ends_at <= starts_at || ends_at - starts_at > LONGEST {
            let message = format!("must be after starts_at and at most {} days later", LONGEST.num_days());
            return Err(Error::invalid_field("ends_at", "range", message));
        }
        Ok(Content {
            rule_ids: &self.rule_ids,
            severities: texts(&self.severities),
            mcp_servers: &self.mcp_servers,
            starts_at,
            ends_at,
            reason: &self.reason,
        })
    }
}

/// # Errors
/// `permission_denied`.
pub async fn list(
    app: &App,
    principal: &Principal,
    filter: &Filter,
    page: &Page,
) -> Result<Found<AlertSilenceRow>> {
    principal.require_everywhere("alerts:read")?;
    let mut tx = principal.begin(&app.database).await?;
    Ok(alert_silences::list(&mut tx, principal.org, filter, page).await?)
}

/// # Errors
/// `permission_denied`, `not_found`.
pub async fn get(app: &App, principal: &Principal, id: AlertSilenceId) -> Result<AlertSilenceRow> {
    principal.require_everywhere("alerts:read")?;
    let mut tx = principal.begin(&app.database).await?;
    alert_silences::get(&mut tx, principal.org, id, false).await?.ok_or_else(Error::not_found)
}

/// # Errors
/// `permission_denied`, `validation_error`.
pub async fn create(app: &App, principal: &Principal, form: AlertSilenceForm) -> Result<AlertSilenceRow> {
    principal.require_everywhere("alerts:ack")?;
    let mut tx = principal.begin(&app.database).await?;
    check_rules(&mut tx, principal.org, &form, &[]).await?;
    let (id, content) = (AlertSilenceId::new(), form.content(Utc::now())?);
    let row = alert_silences::insert(&mut tx, principal.org, id, principal.user(), &content).await?;
    note(&mut tx, principal, Entry::success("alert_silence.create").details(json!(form)), &row).await?;
    tx.commit().await?;
    Ok(row)
}

/// # Errors
/// `permission_denied`, `not_found`, `precondition_failed`, `validation_error`.
pub async fn update(
    app: &App,
    principal: &Principal,
    id: AlertSilenceId,
    if_match: &IfMatch,
    patch: Patch<AlertSilenceForm>,
) -> Result<AlertSilenceRow> {
    principal.require_everywhere("alerts:ack")?;
    let org = principal.org;
    let mut tx = principal.begin(&app.database).await?;
    let current = alert_silences::get(&mut tx, org, id, true).await?.ok_or_else(Error::not_found)?;
    if_match.check(current.version)?;
    let before = AlertSilenceForm::from(&current);
    let after = patch.onto(&before)?;
    check_rules(&mut tx, org, &after, &before.rule_ids).await?;
    let row = alert_silences::update(&mut tx, org, id, &after.content(current.starts_at)?).await?;
    note(&mut tx, principal, Entry::success("alert_silence.update").changes(&before, &after), &row).await?;
    tx.commit().await?;
    Ok(row)
}

/// # Errors
/// `permission_denied`, `not_found`, `precondition_failed`.
pub async fn delete(app: &App, principal: &Principal, id: AlertSilenceId, if_match: &IfMatch) -> Result<()> {
    principal.require_everywhere("alerts:ack")?;
    let org = principal.org;
    let mut tx = principal.begin(&app.database).await?;
    let current = alert_silences::get(&mut tx, org, id, true).await?.ok_or_else(Error::not_found)?;
    if_match.check(current.version)?;
    alert_silences::delete(&mut tx, org, id).await?;
    let entry = Entry::success("alert_silence.delete").gone(&AlertSilenceForm::from(&current));
    note(&mut tx, principal, entry, &current).await?;
    tx.commit().await?;
    Ok(())
}

/// Rules that are new in the form must exist; one that is gone since can stay.
async fn check_rules(
    conn: &mut PgConnection,
    org: OrgId,
    form: &AlertSilenceForm,
    before: &[AlertRuleId],
) -> Result<()> {
    let known = alert_rules::known(conn, org, &form.rule_ids).await?;
    match form.rule_ids.iter().position(|id| !known.contains(id) && !before.contains(id)) {
        None => Ok(()),
        Some(number) => {
            let field = format!("rule_ids.{number}");
            Err(Error::invalid_field(&field, "unknown", "names nothing that exists"))
        }
    }
}

async fn note(
    conn: &mut PgConnection,
    principal: &Principal,
    entry: Entry,
    row: &AlertSilenceRow,
) -> Result<()> {
    audit::record(conn, principal.org, &Author::from(principal), entry.on(row.id, &row.reason)).await
}
