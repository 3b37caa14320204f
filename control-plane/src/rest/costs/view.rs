//! Costs as REST shows them.

use chrono::NaiveDate;
use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    rest::{
        export::Exported,
        list::PageInfo,
        value::{Money, Time},
        window::{Period, Window},
    },
    store::costs::{Cost, Day, Share, Totals},
};

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Cost)]
pub(super) struct CostView {
    id: Uuid,
    org_id: Uuid,
    /// The row of the span that was charged, which may be gone while its cost stays.
    #[schema(required)]
    trace_id: Option<Uuid>,
    mcp_server: String,
    #[schema(required)]
    tool_name: Option<String>,
    #[schema(required)]
    user_id: Option<Uuid>,
    #[schema(required)]
    team_id: Option<Uuid>,
    #[schema(required)]
    api_key_id: Option<Uuid>,
    #[schema(required)]
    environment: Option<String>,
    input_tokens: i32,
    output_tokens: i32,
    cost_usd: Money,
    #[schema(required)]
    price_id: Option<Uuid>,
    created_at: Time,
}

impl Exported for CostView {
    const FIELDS: &'static [&'static str] = &[
        "id",
        "org_id",
        "trace_id",
        "mcp_server",
        "tool_name",
        "user_id",
        "team_id",
        "api_key_id",
        "environment",
        "input_tokens",
        "output_tokens",
        "cost_usd",
        "price_id",
        "created_at",
    ];
}

impl From<Cost> for CostView {
    fn from(cost: Cost) -> Self {
        Self {
            id: cost.id,
            org_id: cost.org_id.0,
            trace_id: cost.trace_id.map(|id| id.0),
            mcp_server: cost.mcp_server,
            tool_name: cost.tool_name,
            user_id: cost.user_id.map(|id| id.0),
            team_id: cost.team_id.map(|id| id.0),
            api_key_id: cost.api_key_id.map(|id| id.0),
            environment: cost.environment,
            input_tokens: cost.input_tokens,
            output_tokens: cost.output_tokens,
            cost_usd: Money(cost.cost_usd),
            price_id: cost.price_id.map(|id| id.0),
            created_at: Time(cost.created_at),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub(super) struct CostList {
    pub(super) costs: Vec<CostView>,
    #[serde(flatten)]
    pub(super) page: PageInfo,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CostSummary)]
pub(super) struct Summary {
    total_cost: Money,
    currency: &'static str,
    total_requests: i64,
    input_tokens: i64,
    output_tokens: i64,
    avg_cost_per_request: Money,
    /// Null when start and end were given.
    #[schema(required, inline)]
    period: Option<Period>,
    start_time: Time,
    end_time: Time,
    comparison: Comparison,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CostComparison)]
struct Comparison {
    previous_total_cost: Money,
    /// Null when nothing was spent before.
    #[schema(required)]
    change_ratio: Option<f64>,
}

impl Summary {
    pub(super) fn new(window: Window, now: Totals, previous: Totals) -> Self {
        Self {
            total_cost: Money(now.total_cost),
            currency: "USD",
            total_requests: now.total_requests,
            input_tokens: now.input_tokens,
            output_tokens: now.output_tokens,
            avg_cost_per_request: average(&now),
            period: window.period,
            start_time: Time(window.start),
            end_time: Time(window.end),
            comparison: Comparison {
                previous_total_cost: Money(previous.total_cost),
                change_ratio: ratio(now.total_cost - previous.total_cost, previous.total_cost),
            },
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = DailyCosts)]
pub(super) struct Daily {
    pub(super) daily: Vec<DayView>,
    pub(super) currency: &'static str,
    pub(super) start_time: Time,
    pub(super) end_time: Time,
}

#[derive(Serialize, ToSchema)]
#[schema(as = DailyCost)]
pub(super) struct DayView {
    #[schema(value_type = String, format = Date)]
    date: NaiveDate,
    total_cost: Money,
    total_requests: i64,
    input_tokens: i64,
    output_tokens: i64,
}

impl From<Day> for DayView {
    fn from(day: Day) -> Self {
        Self {
            date: day.date,
            total_cost: Money(day.totals.total_cost),
            total_requests: day.totals.total_requests,
            input_tokens: day.totals.input_tokens,
            output_tokens: day.totals.output_tokens,
        }
    }
}

/// What every list of groups has beside its rows.
#[derive(Serialize, ToSchema)]
#[schema(as = CostSums)]
pub(super) struct Sums {
    #[serde(flatten)]
    pub(super) page: PageInfo,
    /// Of all groups, those on other pages too.
    pub(super) total_cost: Money,
    pub(super) currency: &'static str,
    pub(super) start_time: Time,
    pub(super) end_time: Time,
}

/// One group's part.
#[derive(Serialize, ToSchema)]
#[schema(as = CostShare)]
pub(super) struct Part {
    total_cost: Money,
    total_requests: i64,
    avg_cost_per_request: Money,
    input_tokens: i64,
    output_tokens: i64,
    /// Of the total cost, from 0 to 1.
    share: f64,
}

impl Part {
    fn new(part: &Totals, all: &Totals) -> Self {
        Self {
            total_cost: Money(part.total_cost),
            total_requests: part.total_requests,
            avg_cost_per_request: average(part),
            input_tokens: part.input_tokens,
            output_tokens: part.output_tokens,
            share: ratio(part.total_cost, all.total_cost).unwrap_or(0.0),
        }
    }
}

fn average(totals: &Totals) -> Money {
    Money(totals.total_cost.checked_div(totals.total_requests.into()).unwrap_or_default())
}

fn ratio(part: Decimal, whole: Decimal) -> Option<f64> {
    part.checked_div(whole).and_then(|ratio| ratio.round_dp(6).to_f64())
}

#[derive(Serialize, ToSchema)]
#[schema(as = CostsByServer)]
pub(super) struct Servers {
    pub(super) servers: Vec<ServerShare>,
    #[serde(flatten)]
    pub(super) sums: Sums,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CostOfServer)]
pub(super) struct ServerShare {
    #[schema(required)]
    mcp_server: Option<String>,
    #[serde(flatten)]
    part: Part,
}

impl From<(Share, &Totals)> for ServerShare {
    fn from((share, all): (Share, &Totals)) -> Self {
        Self { mcp_server: share.mcp_server, part: Part::new(&share.totals, all) }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = CostsByTool)]
pub(super) struct Tools {
    pub(super) tools: Vec<ToolShare>,
    #[serde(flatten)]
    pub(super) sums: Sums,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CostOfTool)]
pub(super) struct ToolShare {
    #[schema(required)]
    mcp_server: Option<String>,
    #[schema(required)]
    tool_name: Option<String>,
    #[serde(flatten)]
    part: Part,
}

impl From<(Share, &Totals)> for ToolShare {
    fn from((share, all): (Share, &Totals)) -> Self {
        Self { mcp_server: share.mcp_server, tool_name: share.tool_name, part: Part::new(&share.totals, all) }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = CostsByTeam)]
pub(super) struct Teams {
    pub(super) teams: Vec<TeamShare>,
    #[serde(flatten)]
    pub(super) sums: Sums,
}

/// Calls without a team are one row, without identity.
#[derive(Serialize, ToSchema)]
#[schema(as = CostOfTeam)]
pub(super) struct TeamShare {
    #[schema(required)]
    team_id: Option<Uuid>,
    #[schema(required)]
    team_name: Option<String>,
    #[serde(flatten)]
    part: Part,
}

impl From<(Share, &Totals)> for TeamShare {
    fn from((share, all): (Share, &Totals)) -> Self {
        Self { team_id: share.of, team_name: share.name, part: Part::new(&share.totals, all) }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = CostsByUser)]
pub(super) struct Users {
    pub(super) users: Vec<UserShare>,
    #[serde(flatten)]
    pub(super) sums: Sums,
}

/// Calls of service keys are one row, without identity.
#[derive(Serialize, ToSchema)]
#[schema(as = CostOfUser)]
pub(super) struct UserShare {
    #[schema(required)]
    user_id: Option<Uuid>,
    #[schema(required)]
    user_email: Option<String>,
    #[serde(flatten)]
    part: Part,
}

impl From<(Share, &Totals)> for UserShare {
    fn from((share, all): (Share, &Totals)) -> Self {
        Self { user_id: share.of, user_email: share.name, part: Part::new(&share.totals, all) }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = CostsByKey)]
pub(super) struct Keys {
    pub(super) keys: Vec<KeyShare>,
    #[serde(flatten)]
    pub(super) sums: Sums,
}

/// Calls without an API key are one row, without identity.
#[derive(Serialize, ToSchema)]
#[schema(as = CostOfKey)]
pub(super) struct KeyShare {
    #[schema(required)]
    api_key_id: Option<Uuid>,
    #[schema(required)]
    api_key_name: Option<String>,
    #[serde(flatten)]
    part: Part,
}

impl From<(Share, &Totals)> for KeyShare {
    fn from((share, all): (Share, &Totals)) -> Self {
        Self { api_key_id: share.of, api_key_name: share.name, part: Part::new(&share.totals, all) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_spent_has_no_ratio_and_no_average() {
        assert_eq!(ratio(Decimal::ONE, Decimal::ZERO), None);
        assert_eq!(average(&Totals::default()), Money(Decimal::ZERO));
    }

    #[test]
    fn ratios_are_of_the_whole() {
        assert_eq!(ratio(Decimal::ONE, Decimal::from(4)), Some(0.25));
        assert_eq!(ratio(Decimal::NEGATIVE_ONE, Decimal::from(3)), Some(-0.333_333));
    }
}
