//! An alert as it shows: the same in REST, in events and in what receivers get.

use std::collections::BTreeMap;

use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{Severity, Status};
use crate::{
    id::{AlertId, AlertRuleId, OrgId, UserId},
    rest::value::Time,
    store::{alert_measures::Metric, alerts::AlertRow},
    word::word,
};

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Alert {
    pub id: AlertId,
    pub org_id: OrgId,
    /// Null: the rule is gone.
    #[schema(required)]
    pub rule_id: Option<AlertRuleId>,
    pub rule_name: String,
    #[schema(value_type = Metric)]
    pub metric: String,
    pub severity: Severity,
    pub status: Status,
    pub message: String,
    /// When receivers were last told.
    pub value: f64,
    pub threshold: f64,
    /// What the rule is limited to: `mcp_server`, `tool_name`, `team_id`, `api_key_id`, `environment`, several with commas
    /// between.
    pub labels: BTreeMap<String, String>,
    pub is_test: bool,
    pub started_at: Time,
    #[schema(required)]
    pub acknowledged_at: Option<Time>,
    #[schema(required)]
    pub acknowledged_by: Option<UserId>,
    #[schema(required)]
    pub resolved_at: Option<Time>,
    /// Null of an alert that resolved by itself.
    #[schema(required)]
    pub resolved_by: Option<UserId>,
    #[schema(required)]
    pub note: Option<String>,
    pub created_at: Time,
}

impl From<&AlertRow> for Alert {
    fn from(row: &AlertRow) -> Self {
        Self {
            id: row.id,
            org_id: row.org_id,
            rule_id: row.rule_id,
            rule_name: row.rule_name.clone(),
            metric: row.metric.clone(),
            severity: word(&row.severity).unwrap_or_default(),
            status: word(&row.status).unwrap_or_default(),
            message: row.message.clone(),
            value: row.value.to_f64().unwrap_or_default(),
            threshold: row.threshold.to_f64().unwrap_or_default(),
            labels: labels(&row.labels),
            is_test: row.is_test,
            started_at: row.started_at.into(),
            acknowledged_at: row.acknowledged_at.map(Into::into),
            acknowledged_by: row.acknowledged_by,
            resolved_at: row.resolved_at.map(Into::into),
            resolved_by: row.resolved_by,
            note: row.note.clone(),
            created_at: row.created_at.into(),
        }
    }
}

impl Alert {
    /// The servers its rule is limited to; none means all.
    #[must_use]
    pub fn mcp_servers(&self) -> Vec<&str> {
        self.labels.get("mcp_server").map(|names| names.split(',').collect()).unwrap_or_default()
    }
}

fn labels(stored: &Value) -> BTreeMap<String, String> {
    serde_json::from_value(stored.clone()).unwrap_or_default()
}
