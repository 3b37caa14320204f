//! Figures over root spans for the overview: counts by time and by server, and what is there now.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};

use super::dimensions::Dimensions;
use crate::id::OrgId;

/// What an organization has at this moment.
#[derive(Debug, FromRow)]
pub struct Present {
    pub active_servers: i64,
    pub active_keys: i64,
    pub pending_approvals: i64,
    pub firing_alerts: i64,
}

pub async fn present(conn: &mut PgConnection, org: OrgId, now: DateTime<Utc>) -> sqlx::Result<Present> {
    sqlx::query_as(
        "select
            (select count(*) from mcp_servers where org_id = $1 and enabled) as active_servers,
            (select count(*) from api_keys where org_id = $1 and revoked_at is null
                and (expires_at is null or expires_at > $2)) as active_keys,
            (select count(*) from tool_approvals where org_id = $1 and status = 'pending' and expires_at > $2)
                as pending_approvals,
            (select count(*) from alerts where org_id = $1 and status = 'firing' and not is_test) as firing_alerts",
    )
    .bind(org)
    .bind(now)
    .fetch_one(conn)
    .await
}

fn push_roots(
    query: &mut QueryBuilder<Postgres>,
    org: OrgId,
    filter: &Dimensions,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
) {
    filter.push(query, org);
    query.push(" and r.is_root and r.started_at >= ").push_bind(start);
    query.push(" and r.started_at < ").push_bind(end);
}

const FIGURES: &str = "count(*) as requests,
    count(*) filter (where r.status in ('error', 'timeout')) as errors,
    count(*) filter (where r.status = 'blocked') as blocked,
    percentile_disc(0.5) within group (order by r.duration_ms) as p50_ms,
    percentile_disc(0.95) within group (order by r.duration_ms) as p95_ms,
    coalesce(sum(r.cost_usd), 0) as cost";

#[derive(Clone, Debug, FromRow)]
pub struct Point {
    pub time: DateTime<Utc>,
    pub requests: i64,
    pub errors: i64,
    pub blocked: i64,
    pub p50_ms: Option<i32>,
    pub p95_ms: Option<i32>,
    pub cost: Decimal,
}

/// One point per interval, also where nothing happened. Intervals are aligned to UTC.
pub async fn points(
    conn: &mut PgConnection,
    org: OrgId,
    filter: &Dimensions,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    seconds: i32,
) -> sqlx::Result<Vec<Point>> {
    let mut query = QueryBuilder::new("with bounds as (select make_interval(secs => ");
    query
        .push_bind(seconds)
        .push(") as step, ")
        .push_bind(start)
        .push("::timestamptz as first, ")
        .push_bind(end);
    query.push(format_args!(
        "::timestamptz as behind)
        select time, coalesce(requests, 0) as requests, coalesce(errors, 0) as errors, coalesce(blocked, 0) as blocked,
            p50_ms, p95_ms, coalesce(cost, 0) as cost
        from bounds, generate_series(date_bin(step, first, to_timestamp(0)), behind - interval '1 microsecond', step) as time
        left join (select date_bin((select step from bounds), r.started_at, to_timestamp(0)) as time, {FIGURES}
            from traces r"
    ));
    push_roots(&mut query, org, filter, start, end);
    query.push(" group by 1) figures using (time) order by time");
    query.build_query_as().fetch_all(conn).await
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Rank {
    Requests,
    Cost,
    Errors,
    P95,
}

impl Rank {
    fn column(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Cost => "cost",
            Self::Errors => "errors",
            Self::P95 => "p95_ms",
        }
    }
}

#[derive(Clone, Debug, FromRow)]
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
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    ranking: &Ranking,
) -> sqlx::Result<Vec<ServerFigures>> {
    let mut query = QueryBuilder::new(format!(
        "select mcp_server, requests, errors, cost, p95_ms, (sum(requests) over ())::bigint as all_requests
        from (select r.mcp_server, {FIGURES} from traces r"
    ));
    push_roots(&mut query, org, filter, start, end);
    let direction = if ranking.descending { "desc nulls last" } else { "asc nulls first" };
    query.push(format_args!(
        " group by r.mcp_server) figures order by {} {direction}, mcp_server limit ",
        ranking.rank.column()
    ));
    query.push_bind(ranking.limit);
    query.build_query_as().fetch_all(conn).await
}
