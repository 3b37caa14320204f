//! Budgets as REST shows them.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    id::{BudgetId, OrgId, UserId},
    rest::{
        list::PageInfo,
        value::{Money, Time},
    },
    service::budgets::{
        Length, ScopeType, Usage,
        figures::{self, Status},
    },
    store::{
        budgets::{BudgetRow, periods::PeriodRow},
        costs::{Day, Share},
    },
};

#[derive(Serialize, ToSchema)]
pub(super) struct Budget {
    id: BudgetId,
    org_id: OrgId,
    name: String,
    #[schema(value_type = ScopeType)]
    scope_type: String,
    /// Null: the organization.
    #[schema(required)]
    scope_id: Option<Uuid>,
    amount: Money,
    currency: String,
    #[schema(value_type = Length)]
    period: String,
    alert_thresholds: Vec<i32>,
    enforce: bool,
    channel_ids: Vec<Uuid>,
    enabled: bool,
    /// In the current period, to the last cost row that was stored.
    used: Money,
    /// Nothing, once more than the amount is used.
    remaining: Money,
    used_ratio: f64,
    /// At the end of the period, if the rest of it goes on like what has passed.
    projected: Money,
    status: Status,
    period_start: Time,
    period_end: Time,
    /// Until then calls pass, whatever is spent.
    #[schema(required)]
    overridden_until: Option<Time>,
    #[schema(required)]
    override_reason: Option<String>,
    created_at: Time,
    updated_at: Time,
    version: i32,
    #[schema(required)]
    created_by: Option<UserId>,
    managed_by: String,
}

impl Budget {
    pub(super) fn of(row: BudgetRow, now: DateTime<Utc>) -> Self {
        Self {
            remaining: Money(figures::remaining(&row)),
            used_ratio: figures::ratio(row.used, row.amount),
            projected: Money(figures::projected(&row, now)),
            status: figures::status(&row, now),
            id: row.id,
            org_id: row.org_id,
            name: row.name,
            scope_type: row.scope_type,
            scope_id: row.scope_id,
            amount: Money(row.amount),
            currency: row.currency,
            period: row.period,
            alert_thresholds: row.alert_thresholds,
            enforce: row.enforce,
            channel_ids: row.channel_ids,
            enabled: row.enabled,
            used: Money(row.used),
            period_start: row.period_start.into(),
            period_end: row.period_end.into(),
            overridden_until: row.overridden_until.map(Time),
            override_reason: row.override_reason,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
            created_by: row.created_by,
            managed_by: row.managed_by,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub(super) struct Budgets {
    pub(super) budgets: Vec<Budget>,
    #[serde(flatten)]
    pub(super) page: PageInfo,
}

#[derive(Serialize, ToSchema)]
pub(super) struct BudgetUsage {
    current: Current,
    /// The oldest first. Ratios are to the amount that the budget has now.
    history: Vec<Past>,
    /// Every UTC day of the current period until now.
    daily: Vec<BudgetDay>,
    /// The five that cost most in the current period.
    top_servers: Vec<TopServer>,
    /// The five that cost most in the current period.
    top_keys: Vec<TopKey>,
    currency: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CurrentBudgetPeriod)]
struct Current {
    period_start: Time,
    period_end: Time,
    used: Money,
    used_ratio: f64,
    remaining: Money,
    projected: Money,
    status: Status,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PastBudgetPeriod)]
struct Past {
    period_start: Time,
    period_end: Time,
    used: Money,
    used_ratio: f64,
}

#[derive(Serialize, ToSchema)]
struct BudgetDay {
    #[schema(value_type = String, format = Date)]
    date: NaiveDate,
    used: Money,
}

#[derive(Serialize, ToSchema)]
#[schema(as = BudgetTopServer)]
struct TopServer {
    mcp_server: String,
    used: Money,
    /// Of what the period has used.
    share: f64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = BudgetTopKey)]
struct TopKey {
    /// Null: calls made without a key.
    #[schema(required)]
    api_key_id: Option<Uuid>,
    /// Null also of a key that is gone.
    #[schema(required)]
    api_key_name: Option<String>,
    used: Money,
    /// Of what the period has used.
    share: f64,
}

impl BudgetUsage {
    pub(super) fn of(usage: Usage, now: DateTime<Utc>) -> Self {
        let row = &usage.budget;
        let past = |period: PeriodRow| Past {
            period_start: period.period_start.into(),
            period_end: period.period_end.into(),
            used: Money(period.used),
            used_ratio: figures::ratio(period.used, row.amount),
        };
        let used = row.used;
        Self {
            current: Current {
                period_start: row.period_start.into(),
                period_end: row.period_end.into(),
                used: Money(used),
                used_ratio: figures::ratio(used, row.amount),
                remaining: Money(figures::remaining(row)),
                projected: Money(figures::projected(row, now)),
                status: figures::status(row, now),
            },
            history: usage.history.into_iter().map(past).collect(),
            daily: usage.daily.into_iter().map(BudgetDay::from).collect(),
            top_servers: usage.servers.into_iter().map(|share| TopServer::of(share, used)).collect(),
            top_keys: usage.keys.into_iter().map(|share| TopKey::of(share, used)).collect(),
            currency: row.currency.clone(),
        }
    }
}

impl From<Day> for BudgetDay {
    fn from(day: Day) -> Self {
        Self { date: day.date, used: Money(day.totals.total_cost) }
    }
}

impl TopServer {
    fn of(share: Share, used: Decimal) -> Self {
        Self {
            mcp_server: share.mcp_server.unwrap_or_default(),
            used: Money(share.totals.total_cost),
            share: figures::ratio(share.totals.total_cost, used),
        }
    }
}

impl TopKey {
    fn of(share: Share, used: Decimal) -> Self {
        Self {
            api_key_id: share.of,
            api_key_name: share.name,
            used: Money(share.totals.total_cost),
            share: figures::ratio(share.totals.total_cost, used),
        }
    }
}
