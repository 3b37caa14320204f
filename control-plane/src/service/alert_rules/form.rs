//! What can be said about an alert rule (contract 3.13).

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::number;
use crate::{
    id::{AlertChannelId, ApiKeyId, TeamId},
    rest::form::{Faults, Form},
    service::{
        alerts::{Severity, decide::Condition},
        api_keys::Environment,
    },
    store::{
        alert_measures::Metric,
        alert_rules::{AlertRuleRow, Content},
    },
    word::{text, word},
};

/// The longest window, and the longest time to hold.
const DAY_MINUTES: i32 = 1440;
const MOST_CHANNELS: usize = 20;
const MOST_NAMES: usize = 100;

/// Which calls are meant; an empty list means all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AlertFilters {
    #[schema(max_items = 100)]
    pub mcp_servers: Vec<String>,
    #[schema(max_items = 100)]
    pub tool_names: Vec<String>,
    #[schema(max_items = 100)]
    pub team_ids: Vec<TeamId>,
    #[schema(max_items = 100)]
    pub api_key_ids: Vec<ApiKeyId>,
    #[schema(max_items = 3)]
    pub environments: Vec<Environment>,
}

impl AlertFilters {
    /// Those of a rule as it is kept.
    #[must_use]
    pub fn of(rule: &AlertRuleRow) -> Self {
        serde_json::from_value(rule.filters.clone()).unwrap_or_default()
    }

    fn check(&self, faults: &mut Faults) {
        for (field, count) in [
            ("mcp_servers", self.mcp_servers.len()),
            ("tool_names", self.tool_names.len()),
            ("team_ids", self.team_ids.len()),
            ("api_key_ids", self.api_key_ids.len()),
            ("environments", self.environments.len()),
        ] {
            if count > MOST_NAMES {
                faults.add(field, "length", format!("must have at most {MOST_NAMES} items"));
            }
        }
        check_names(faults, "mcp_servers", &self.mcp_servers, 100);
        check_names(faults, "tool_names", &self.tool_names, 255);
    }
}

fn check_names(faults: &mut Faults, field: &str, names: &[String], most: usize) {
    for (number, name) in names.iter().enumerate() {
        faults.length(&format!("{field}.{number}"), name, 1..=most);
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AlertRuleForm {
    #[schema(required, min_length = 1, max_length = 100)]
    pub name: String,
    #[schema(max_length = 1000)]
    pub description: String,
    #[schema(required)]
    pub metric: Metric,
    #[schema(required)]
    pub condition: Condition,
    /// In the metric's unit; six fraction digits count.
    #[schema(required)]
    pub threshold: f64,
    #[schema(minimum = 1, maximum = 1440)]
    pub window_minutes: i32,
    /// How long it must be out of range before it fires.
    #[schema(minimum = 0, maximum = 1440)]
    pub for_minutes: i32,
    pub severity: Severity,
    pub filters: AlertFilters,
    /// Who hears of it.
    #[schema(max_items = 20)]
    pub channel_ids: Vec<AlertChannelId>,
    pub enabled: bool,
    /// Until somebody acknowledges, receivers hear of it again after this; null: once only.
    #[schema(minimum = 1, maximum = 10080)]
    pub renotify_minutes: Option<i32>,
}

impl Default for AlertRuleForm {
    fn default() -> Self {
        Self {
            name: String::new(),
            description: String::new(),
            metric: Metric::default(),
            condition: Condition::default(),
            threshold: 0.0,
            window_minutes: 5,
            for_minutes: 0,
            severity: Severity::default(),
            filters: AlertFilters::default(),
            channel_ids: Vec::new(),
            enabled: true,
            renotify_minutes: None,
        }
    }
}

impl Form for AlertRuleForm {
    const REQUIRED: &'static [&'static str] = &["name", "metric", "condition", "threshold"];
    const READ_ONLY: &'static [&'static str] = &["state", "last_value", "last_evaluated_at"];

    fn check(&self, faults: &mut Faults) {
        faults.length("name", &self.name, 1..=100);
        faults.length("description", &self.description, 0..=1000);
        number::check(faults, "threshold", self.threshold);
        faults.range("window_minutes", &self.window_minutes, 1..=DAY_MINUTES);
        faults.range("for_minutes", &self.for_minutes, 0..=DAY_MINUTES);
        if let Some(minutes) = self.renotify_minutes {
            faults.range("renotify_minutes", &minutes, 1..=7 * DAY_MINUTES);
        }
        if self.channel_ids.len() > MOST_CHANNELS {
            faults.add("channel_ids", "length", format!("must have at most {MOST_CHANNELS} items"));
        }
        faults.within("filters", |faults| self.filters.check(faults));
    }
}

impl AlertRuleForm {
    /// What is named twice is meant once.
    pub(super) fn tidy(&mut self) {
        self.threshold = number::number(number::decimal(self.threshold));
        once(&mut self.channel_ids);
        let filters = &mut self.filters;
        once(&mut filters.mcp_servers);
        once(&mut filters.tool_names);
        once(&mut filters.team_ids);
        once(&mut filters.api_key_ids);
        once(&mut filters.environments);
    }

    pub(super) fn content(&self) -> Content<'_> {
        Content {
            name: &self.name,
            description: &self.description,
            metric: text(self.metric),
            condition: text(self.condition),
            threshold: number::decimal(self.threshold),
            window_minutes: self.window_minutes,
            for_minutes: self.for_minutes,
            severity: text(self.severity),
            filters: json!(self.filters),
            channel_ids: &self.channel_ids,
            enabled: self.enabled,
            renotify_minutes: self.renotify_minutes,
        }
    }
}

fn once<T: PartialEq>(values: &mut Vec<T>) {
    let mut kept: Vec<T> = Vec::with_capacity(values.len());
    for value in values.drain(..) {
        if !kept.contains(&value) {
            kept.push(value);
        }
    }
    *values = kept;
}

impl From<&AlertRuleRow> for AlertRuleForm {
    fn from(row: &AlertRuleRow) -> Self {
        Self {
            name: row.name.clone(),
            description: row.description.clone(),
            metric: word(&row.metric).unwrap_or_default(),
            condition: word(&row.condition).unwrap_or_default(),
            threshold: number::number(row.threshold),
            window_minutes: row.window_minutes,
            for_minutes: row.for_minutes,
            severity: word(&row.severity).unwrap_or_default(),
            filters: AlertFilters::of(row),
            channel_ids: row.channel_ids.clone(),
            enabled: row.enabled,
            renotify_minutes: row.renotify_minutes,
        }
    }
}
