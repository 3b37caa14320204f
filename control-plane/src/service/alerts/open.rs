//! Opens an alert of a rule, and tells its receivers unless they are not to hear of it.

use chrono::{DateTime, Utc};
use ring::digest;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};
use sqlx::PgConnection;

use super::{message, telling};
use crate::{
    error::Result,
    id::AlertId,
    notify::Event,
    service::alert_rules::AlertFilters,
    store::{
        alert_rules::AlertRuleRow,
        alerts::{self, AlertRow, NewAlert},
    },
};

pub(super) struct Opening<'a> {
    pub(super) rule: &'a AlertRuleRow,
    pub(super) value: Decimal,
    pub(super) is_test: bool,
    /// Why nobody is told.
    pub(super) silence: Option<&'a str>,
    pub(super) at: DateTime<Utc>,
}

pub(super) async fn open(conn: &mut PgConnection, opening: &Opening<'_>) -> Result<AlertRow> {
    let Opening { rule, value, is_test, silence, at } = *opening;
    let alert = NewAlert {
        rule_id: rule.id,
        rule_name: &rule.name,
        metric: &rule.metric,
        severity: &rule.severity,
        message: &message(rule, value),
        value,
        threshold: rule.threshold,
        labels: &labels(&AlertFilters::of(rule)),
        fingerprint: &fingerprint(rule),
        is_test,
        window_minutes: rule.window_minutes,
        notified_at: silence.is_none().then_some(at),
        at,
    };
    let row = alerts::insert(conn, rule.org_id, AlertId::new(), &alert).await?;
    telling::fires(conn, rule, &row, Event::Firing, silence).await?;
    if !is_test {
        telling::publish(conn, &row, "alert.firing").await?;
    }
    Ok(row)
}

/// What the rule is limited to, each as one text.
fn labels(filters: &AlertFilters) -> Value {
    let environments = crate::word::texts(&filters.environments);
    let ids = |ids: Vec<String>| ids.join(",");
    let all = [
        ("mcp_server", filters.mcp_servers.join(",")),
        ("tool_name", filters.tool_names.join(",")),
        ("team_id", ids(filters.team_ids.iter().map(ToString::to_string).collect())),
        ("api_key_id", ids(filters.api_key_ids.iter().map(ToString::to_string).collect())),
        ("environment", environments.join(",")),
    ];
    let given = all.into_iter().filter(|(_, text)| !text.is_empty());
    Value::Object(given.map(|(name, text)| (name.to_owned(), json!(text))).collect::<Map<_, _>>())
}

/// The same of all alerts about the same.
fn fingerprint(rule: &AlertRuleRow) -> String {
    let about = json!([rule.id, rule.metric, rule.condition, rule.filters]).to_string();
    hex::encode(digest::digest(&digest::SHA256, about.as_bytes()))
}
