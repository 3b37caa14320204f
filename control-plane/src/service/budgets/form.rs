//! What can be said about a budget (contract 3.9).

use chrono::{DateTime, SubsecRound, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    rest::{
        form::{Faults, Form},
        servers::form::Currency,
        value::Money,
    },
    store::budgets::{BudgetRow, Content},
};

/// As much as a column holds.
const MAX_AMOUNT: i64 = 99_999_999_999_999;
const MOST_THRESHOLDS: usize = 20;
const MOST_CHANNELS: usize = 20;

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = BudgetScope)]
#[serde(rename_all = "snake_case")]
pub enum ScopeType {
    #[default]
    Organization,
    Team,
    User,
    ApiKey,
    Server,
}

impl ScopeType {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Team => "team",
            Self::User => "user",
            Self::ApiKey => "api_key",
            Self::Server => "server",
        }
    }
}

/// Of the UTC calendar; weeks begin on Monday.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = BudgetPeriodLength)]
#[serde(rename_all = "snake_case")]
pub enum Length {
    Daily,
    Weekly,
    #[default]
    Monthly,
}

impl Length {
    fn as_str(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BudgetForm {
    #[schema(required, min_length = 1, max_length = 100)]
    pub name: String,
    #[schema(required)]
    pub scope_type: ScopeType,
    /// The team, user, key or server; required unless it is about the organization.
    pub scope_id: Option<Uuid>,
    #[schema(required)]
    pub amount: Money,
    pub currency: Currency,
    pub period: Length,
    /// Percentages of the amount to be told of when they are passed.
    #[schema(max_items = 20)]
    pub alert_thresholds: Vec<i32>,
    /// Whether calls are stopped once the amount is used up.
    pub enforce: bool,
    /// The alert channels that are told.
    #[schema(max_items = 20)]
    pub channel_ids: Vec<Uuid>,
    pub enabled: bool,
}

impl Default for BudgetForm {
    fn default() -> Self {
        Self {
            name: String::new(),
            scope_type: ScopeType::default(),
            scope_id: None,
            amount: Money::default(),
            currency: Currency::Usd,
            period: Length::default(),
            alert_thresholds: vec![50, 80, 100],
            enforce: false,
            channel_ids: Vec::new(),
            enabled: true,
        }
    }
}

impl Form for BudgetForm {
    const REQUIRED: &'static [&'static str] = &["name", "scope_type", "amount"];
    const READ_ONLY: &'static [&'static str] = &[
        "used",
        "remaining",
        "used_ratio",
        "projected",
        "status",
        "period_start",
        "period_end",
        "overridden_until",
        "override_reason",
    ];

    fn check(&self, faults: &mut Faults) {
        faults.length("name", &self.name, 1..=100);
        if self.amount.0 <= Decimal::ZERO || self.amount.0 > Decimal::from(MAX_AMOUNT) {
            faults.add("amount", "range", format!("must be more than 0 and at most {MAX_AMOUNT}"));
        }
        match (self.scope_type, self.scope_id) {
            (ScopeType::Organization, Some(_)) => {
                faults.add("scope_id", "unknown", "must not be given for the scope organization");
            }
            (ScopeType::Organization, None) | (_, Some(_)) => {}
            (_, None) => faults.add("scope_id", "required", "is missing"),
        }
        self.check_thresholds(faults);
        if self.channel_ids.len() > MOST_CHANNELS {
            faults.add("channel_ids", "length", format!("must have at most {MOST_CHANNELS} entries"));
        }
    }
}

impl BudgetForm {
    fn check_thresholds(&self, faults: &mut Faults) {
        if self.alert_thresholds.len() > MOST_THRESHOLDS {
            faults.add("alert_thresholds", "length", format!("must have at most {MOST_THRESHOLDS} entries"));
        }
        for (index, percentage) in self.alert_thresholds.iter().enumerate() {
            let field = format!("alert_thresholds.{index}");
            if self.alert_thresholds[..index].contains(percentage) {
                faults.add(&field, "unique", "is named twice");
            }
            faults.range(&field, percentage, 1..=200);
        }
    }

    /// Whether both are about the same team, user, key or server.
    pub(super) fn is_about(&self, other: &Self) -> bool {
        (self.scope_type, self.scope_id) == (other.scope_type, other.scope_id)
    }

    /// Whether what the one counted is what the other would have.
    pub(super) fn counts_as(&self, other: &Self) -> bool {
        self.is_about(other) && self.period == other.period
    }

    pub(super) fn content<'a>(&'a self, mcp_server: Option<&'a str>) -> Content<'a> {
        Content {
            name: &self.name,
            scope_type: self.scope_type.as_str(),
            scope: self.scope_id,
            mcp_server,
            amount: self.amount.0,
            period: self.period.as_str(),
            alert_thresholds: &self.alert_thresholds,
            enforce: self.enforce,
            channels: &self.channel_ids,
            enabled: self.enabled,
        }
    }
}

impl From<&BudgetRow> for BudgetForm {
    fn from(row: &BudgetRow) -> Self {
        Self {
            name: row.name.clone(),
            scope_type: serde_json::from_value(json!(row.scope_type)).unwrap_or_default(),
            scope_id: row.scope_id,
            amount: Money(row.amount),
            currency: Currency::Usd,
            period: serde_json::from_value(json!(row.period)).unwrap_or_default(),
            alert_thresholds: row.alert_thresholds.clone(),
            enforce: row.enforce,
            channel_ids: row.channel_ids.clone(),
            enabled: row.enabled,
        }
    }
}

/// The body of an override.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = OverrideBudgetForm)]
#[serde(default, deny_unknown_fields)]
pub struct OverrideForm {
    /// Not after the end of the period.
    #[schema(required, value_type = DateTime<Utc>)]
    pub until: Option<DateTime<Utc>>,
    #[schema(required, min_length = 1, max_length = 1000)]
    pub reason: String,
}

impl Form for OverrideForm {
    const REQUIRED: &'static [&'static str] = &["until", "reason"];

    fn check(&self, faults: &mut Faults) {
        faults.length("reason", &self.reason, 1..=1000);
    }
}

impl OverrideForm {
    pub(super) fn until(&self, now: DateTime<Utc>, period_end: DateTime<Utc>) -> Result<DateTime<Utc>> {
        let until = self.until.ok_or_else(|| Error::invalid_field("until", "required", "is missing"))?;
        // Proxies know milliseconds.
        let until = until.trunc_subsecs(3);
        if until <= now || until > period_end {
            let message = format!("must be in the future and not after the period's end, {period_end}");
            return Err(Error::invalid_field("until", "range", message));
        }
        Ok(until)
    }
}
