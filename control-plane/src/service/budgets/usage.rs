//! What a budget was used for: its current period day by day, by server and by key, and the periods before it.

use chrono::{DateTime, Utc};

use super::find;
use crate::{
    app::App,
    auth::Principal,
    error::Result,
    id::{ApiKeyId, BudgetId, TeamId, UserId},
    service::events,
    store::{
        budgets::{
            BudgetRow,
            periods::{self, PeriodRow},
        },
        costs::{self, Day, Share},
        dimensions::Dimensions,
        page::{Count, Page, SortKey, Start, TimeRange},
        rollups::Kind,
    },
};

/// How many servers, and how many keys.
const TOP: i64 = 5;

pub struct Usage {
    pub budget: BudgetRow,
    /// The oldest first, without the current one.
    pub history: Vec<PeriodRow>,
    /// The current period's days until now.
    pub daily: Vec<Day>,
    pub servers: Vec<Share>,
    pub keys: Vec<Share>,
}

/// # Errors
/// `permission_denied`, `not_found`, `query_timeout`.
pub async fn usage(
    app: &App,
    principal: &Principal,
    id: BudgetId,
    periods: i32,
    now: DateTime<Utc>,
) -> Result<Usage> {
    let reach = principal.require("budgets:read")?;
    let (mut tx, org) = events::begin(app, principal).await?;
    let budget = find(&mut tx, principal, &reach, id, now).await?;
    let history = periods::history(&mut tx, org, id, periods, now).await?;
    let covered = covered(&budget);
    let daily = costs::by_day(&mut tx, org, &covered, budget.period_start, now).await?;
    let period = (budget.period_start, budget.period_end);
    let servers = costs::shares(&mut tx, org, &top(), Kind::Server, &covered, period).await?.rows;
    let keys = costs::shares(&mut tx, org, &top(), Kind::ApiKey, &covered, period).await?.rows;
    Ok(Usage { budget, history, daily, servers, keys })
}

/// The cost rows that the budget counts.
fn covered(budget: &BudgetRow) -> Dimensions {
    let mut covered = Dimensions::default();
    let of = budget.scope_id;
    match budget.scope_type.as_str() {
        "team" => covered.team_id = Some(of.map(TeamId).into_iter().collect()),
        "user" => covered.user_id = Some(of.map(UserId).into_iter().collect()),
        "api_key" => covered.api_key_id = Some(of.map(ApiKeyId).into_iter().collect()),
        "server" => covered.mcp_server = Some(budget.mcp_server.clone().into_iter().collect()),
        _ => {}
    }
    covered
}

fn top() -> Page {
    Page {
        limit: TOP,
        start: Start::First,
        sort: SortKey { name: "total_cost", sql: "g.total_cost", cast: "numeric" },
        descending: true,
        count: Count::Skip,
        range: TimeRange::default(),
        range_sql: "g.total_cost",
    }
}
