//! Figures over root spans for the overview: counts by time and by server, and what is there now.

use std::cmp::Reverse;

use chrono::{DateTime, Duration, DurationRound, Utc};
use rust_decimal::Decimal;
use sqlx::{FromRow, PgConnection};

use super::{
    dimensions::Dimensions,
    rollups::{Kind, Reading},
    traces::Stats,
};
use crate::id::OrgId;

mod tally;

use tally::{By, Tally};

/// What an organization has at this moment.
#[derive(Debug, FromRow)]
pub struct Present {
    pub active_servers: i64,
    pub active_keys: i64,
    pub firing_alerts: i64,
}

pub async fn present(conn: &mut PgConnection, org: OrgId, now: DateTime<Utc>) -> sqlx::Result<Present> {
    sqlx::query_as(
        "select
            (select count(*) from mcp_servers where org_id = $1 and enabled) as active_servers,
            (select count(*) from api_keys where org_id = $1 and revoked_at is null
                and (expires_at is null or expires_at > $2)) as active_keys,
            (select count(*) from alerts where org_id = $1 and status = 'firing' and not is_test) as firing_alerts",
    )
    .bind(org)
    .bind(now)
    .fetch_one(conn)
    .await
}

/// Figures of all requests of a range of time.
pub async fn stats(
    conn: &mut PgConnection,
    org: OrgId,
    filter: &Dimensions,
    span: (DateTime<Utc>, DateTime<Utc>),
) -> sqlx::Result<Stats> {
    let reading = Reading::new(org, filter, span, Kind::Organization);
    let tallies = tally::read(conn, &reading, By::Nothing).await?;
    Ok(tallies.into_values().next().unwrap_or_default().into())
}

impl From<Tally> for Stats {
    fn from(tally: Tally) -> Self {
        let Tally { requests, errors, timeouts, blocked, cancelled, .. } = tally;
        let percentile = |percentage| tally.durations.percentile(percentage);
        Self {
            total_requests: requests,
            success_count: requests - errors - timeouts - blocked - cancelled,
            error_count: errors,
            timeout_count: timeouts,
            blocked_count: blocked,
            cancelled_count: cancelled,
            // Halves go up, as the database rounds.
            avg_duration_ms: (2 * tally.duration_sum_ms + requests).checked_div(2 * requests),
            p50_duration_ms: percentile(50),
            p95_duration_ms: percentile(95),
            p99_duration_ms: percentile(99),
            input_tokens: tally.input_tokens,
            output_tokens: tally.output_tokens,
            total_cost: tally.cost,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Point {
    pub time: DateTime<Utc>,
    pub requests: i64,
    pub errors: i64,
    pub blocked: i64,
    pub p50_ms: Option<i32>,
    pub p95_ms: Option<i32>,
    pub cost: Decimal,
}

impl Point {
    fn new(time: DateTime<Utc>, tally: &Tally) -> Self {
        Self {
            time,
            requests: tally.requests,
            errors: tally.errors + tally.timeouts,
            blocked: tally.blocked,
            p50_ms: tally.durations.percentile(50),
            p95_ms: tally.durations.percentile(95),
            cost: tally.cost,
        }
    }
}

/// One point per step, also where nothing happened. Steps are aligned to UTC.
pub async fn points(
    conn: &mut PgConnection,
    org: OrgId,
    filter: &Dimensions,
    (start, end): (DateTime<Utc>, DateTime<Utc>),
    step: Duration,
) -> sqlx::Result<Vec<Point>> {
    let reading = Reading::upto(org, filter, (start, end), Kind::Organization, step);
    let mut tallies = tally::read(conn, &reading, By::Step(step)).await?;
    let first = start.duration_trunc(step).unwrap_or(start);
    let times = std::iter::successors(Some(first), |time| Some(*time + step)).take_while(|time| *time < end);
    let point =
        |time: DateTime<Utc>| Point::new(time, &tallies.remove(&(Some(time), None)).unwrap_or_default());
    Ok(times.map(point).collect())
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Rank {
    Requests,
    Cost,
    Errors,
    P95,
}

impl Rank {
    fn of(self, server: &ServerFigures) -> Decimal {
        match self {
            Self::Requests => server.requests.into(),
            Self::Cost => server.cost,
            Self::Errors => server.errors.into(),
            Self::P95 => server.p95_ms.unwrap_or_default().into(),
        }
    }
}

#[derive(Clone, Debug)]
pub struct ServerFigures {
    pub mcp_server: String,
    pub requests: i64,
    pub errors: i64,
    pub cost: Decimal,
    pub p95_ms: Option<i32>,
    /// Of all servers together, those not listed too.
    pub all_requests: i64,
}

pub struct Ranking {
    pub rank: Rank,
    pub descending: bool,
    pub limit: i64,
}

pub async fn servers(
    conn: &mut PgConnection,
    org: OrgId,
    filter: &Dimensions,
    span: (DateTime<Utc>, DateTime<Utc>),
    ranking: &Ranking,
) -> sqlx::Result<Vec<ServerFigures>> {
    let reading = Reading::new(org, filter, span, Kind::Server);
    let tallies = tally::read(conn, &reading, By::Server).await?;
    let all_requests = tallies.values().map(|tally| tally.requests).sum();
    let mut servers: Vec<_> = tallies
        .into_iter()
        .filter(|(_, tally)| tally.requests > 0)
        .map(|((_, mcp_server), tally)| ServerFigures {
            mcp_server: mcp_server.unwrap_or_default(),
            requests: tally.requests,
            errors: tally.errors + tally.timeouts,
            cost: tally.cost,
            p95_ms: tally.durations.percentile(95),
            all_requests,
        })
        .collect();
    servers.sort_by(|a, b| a.mcp_server.cmp(&b.mcp_server));
    match ranking.descending {
        true => servers.sort_by_key(|server| Reverse(ranking.rank.of(server))),
        false => servers.sort_by_key(|server| ranking.rank.of(server)),
    }
    servers.truncate(ranking.limit.try_into().unwrap_or_default());
    Ok(servers)
}
