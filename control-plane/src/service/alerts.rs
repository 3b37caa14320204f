//! Alerts: what fired, who looks after it, and that it is over (contract 3.13). Rules open and end them
//! ([`evaluate`]); whoever is to be told is told by [`deliver`].

use chrono::{DateTime, Duration, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::PgConnection;
use utoipa::ToSchema;

use super::{
    alert_rules::number,
    audit::{self, Author, Entry},
};
use crate::{
    app::App,
    auth::Principal,
    error::{Error, Result},
    id::{AlertId, AlertRuleId, OrgId},
    notify::Event,
    rest::form::{Faults, Form},
    store::{
        alert_rules::{self, AlertRuleRow},
        alerts::{self, AlertRow, Filter, Summary},
        page::{Found, Page},
    },
};

pub mod decide;
pub mod deliver;
pub mod evaluate;
mod open;
mod shown;
mod silence;
mod telling;

pub use shown::Alert;

#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize, ToSchema)]
#[schema(as = AlertSeverity)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Info,
    #[default]
    Warning,
    Critical,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = AlertStatus)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    #[default]
    Firing,
    Acknowledged,
    Resolved,
}

/// What somebody says when they acknowledge or resolve an alert.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = AlertNoteForm)]
#[serde(default, deny_unknown_fields)]
pub struct NoteForm {
    #[schema(max_length = 1000)]
    pub note: Option<String>,
}

impl Form for NoteForm {
    fn check(&self, faults: &mut Faults) {
        if let Some(note) = &self.note {
            faults.length("note", note, 0..=1000);
        }
    }
}

/// An alert that is none, to see whether receivers get it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = AlertTestForm)]
#[serde(default, deny_unknown_fields)]
pub struct TestForm {
    #[schema(required, value_type = uuid::Uuid)]
    pub rule_id: Option<AlertRuleId>,
    /// By default the rule's threshold.
    pub value: Option<f64>,
}

impl Form for TestForm {
    const REQUIRED: &'static [&'static str] = &["rule_id"];

    fn check(&self, faults: &mut Faults) {
        if let Some(value) = self.value {
            number::check(faults, "value", value);
        }
    }
}

/// # Errors
/// `permission_denied`.
pub async fn list(app: &App, principal: &Principal, filter: &Filter, page: &Page) -> Result<Found<AlertRow>> {
    principal.require_everywhere("alerts:read")?;
    let mut tx = principal.begin(&app.database).await?;
    Ok(alerts::list(&mut tx, principal.org, filter, page).await?)
}

/// # Errors
/// `permission_denied`, `not_found`.
pub async fn get(app: &App, principal: &Principal, id: AlertId) -> Result<AlertRow> {
    principal.require_everywhere("alerts:read")?;
    let mut tx = principal.begin(&app.database).await?;
    alerts::get(&mut tx, principal.org, id, false).await?.ok_or_else(Error::not_found)
}

/// # Errors
/// `permission_denied`.
pub async fn summary(app: &App, principal: &Principal) -> Result<Summary> {
    principal.require_everywhere("alerts:read")?;
    let mut tx = principal.begin(&app.database).await?;
    Ok(alerts::summary(&mut tx, principal.org, Utc::now()).await?)
}

/// Somebody looks after it: receivers hear that, and are not told again that it fires.
///
/// # Errors
/// `permission_denied`, `not_found`; `invalid_state` unless it is firing.
pub async fn acknowledge(app: &App, principal: &Principal, id: AlertId, form: &NoteForm) -> Result<AlertRow> {
    principal.require_everywhere("alerts:ack")?;
    let (org, note) = (principal.org, form.note.as_deref());
    let mut tx = principal.begin(&app.database).await?;
    let current = alerts::get(&mut tx, org, id, true).await?.ok_or_else(Error::not_found)?;
    if current.status != "firing" {
        let message = format!("it is {} already", current.status);
        return Err(Error::invalid_state(&current.status, message));
    }
    let row = alerts::acknowledge(&mut tx, org, id, principal.user(), note, Utc::now()).await?;
    telling::moved(&mut tx, &row, Event::Acknowledged).await?;
    note_down(&mut tx, principal, "alert.acknowledge", &row).await?;
    tx.commit().await?;
    Ok(row)
}

/// By hand. The rule fires again only when everything in its window has happened since.
///
/// # Errors
/// `permission_denied`, `not_found`; `invalid_state` if it is over already.
pub async fn resolve(app: &App, principal: &Principal, id: AlertId, form: &NoteForm) -> Result<AlertRow> {
    principal.require_everywhere("alerts:ack")?;
    let (org, now) = (principal.org, Utc::now());
    let mut tx = principal.begin(&app.database).await?;
    let seen = alerts::get(&mut tx, org, id, false).await?.ok_or_else(Error::not_found)?;
    // The rule comes before its alert, as for the evaluator.
    let rule = match seen.rule_id {
        Some(rule) => alert_rules::get(&mut tx, org, rule, true).await?,
        None => None,
    };
    let current = alerts::get(&mut tx, org, id, true).await?.ok_or_else(Error::not_found)?;
    if current.status == "resolved" {
        return Err(Error::invalid_state(&current.status, "it is resolved already"));
    }
    let row = end(&mut tx, principal, &current, form.note.as_deref(), now).await?;
    if let Some(rule) = rule.filter(|_| !current.is_test) {
        let until = now + Duration::minutes(rule.window_minutes.into());
        alert_rules::hold_back(&mut tx, org, rule.id, until).await?;
    }
    note_down(&mut tx, principal, "alert.resolve", &row).await?;
    tx.commit().await?;
    Ok(row)
}

async fn end(
    conn: &mut PgConnection,
    principal: &Principal,
    current: &AlertRow,
    note: Option<&str>,
    now: DateTime<Utc>,
) -> Result<AlertRow> {
    let row = alerts::resolve(conn, principal.org, current.id, principal.user(), note, now).await?;
    telling::moved(conn, &row, Event::Resolved).await?;
    Ok(row)
}

/// The open alert of a rule that is evaluated no more; hold the rule's lock.
///
/// # Errors
/// The database's.
pub(super) async fn end_of_rule(
    conn: &mut PgConnection,
    principal: &Principal,
    rule: AlertRuleId,
    note: &str,
) -> Result<()> {
    if let Some(current) = alerts::lock_open(conn, principal.org, rule).await? {
        end(conn, principal, &current, Some(note), Utc::now()).await?;
    }
    Ok(())
}

/// Opens an alert that is marked as a test and sends it to the rule's channels, silenced or not.
///
/// # Errors
/// `permission_denied`, `validation_error`.
pub async fn test(app: &App, principal: &Principal, form: &TestForm) -> Result<AlertRow> {
    principal.require_everywhere("alerts:admin")?;
    let mut tx = principal.begin(&app.database).await?;
    let rule = rule_of(&mut tx, principal.org, form).await?;
    let value = form.value.map_or(rule.threshold, number::decimal);
    let opening = open::Opening { rule: &rule, value, is_test: true, silence: None, at: Utc::now() };
    let row = open::open(&mut tx, &opening).await?;
    note_down(&mut tx, principal, "alert.test", &row).await?;
    tx.commit().await?;
    Ok(row)
}

async fn rule_of(conn: &mut PgConnection, org: OrgId, form: &TestForm) -> Result<AlertRuleRow> {
    let rule = match form.rule_id {
        Some(id) => alert_rules::get(conn, org, id, false).await?,
        None => None,
    };
    rule.ok_or_else(|| Error::invalid_field("rule_id", "unknown", "names nothing that exists"))
}

async fn note_down(
    conn: &mut PgConnection,
    principal: &Principal,
    action: &'static str,
    row: &AlertRow,
) -> Result<()> {
    let details = json!({"rule_id": row.rule_id, "message": row.message, "note": row.note});
    let entry = Entry::success(action).on(row.id, &row.rule_name).details(details);
    audit::record(conn, principal.org, &Author::from(principal), entry).await
}

/// `error_rate 0.12 > 0.05`
fn message(rule: &AlertRuleRow, value: Decimal) -> String {
    let condition: decide::Condition = crate::word::word(&rule.condition).unwrap_or_default();
    format!("{} {} {} {}", rule.metric, value.normalize(), condition.sign(), rule.threshold.normalize())
}
