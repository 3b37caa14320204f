//! What one key did, from its traces and its costs.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use sqlx::PgConnection;

use crate::id::{ApiKeyId, OrgId};

/// Counts of requests come from root spans, amounts from cost rows.
#[derive(Clone, Debug, Default, sqlx::FromRow)]
pub struct Figures {
    pub total_requests: i64,
    pub error_count: i64,
    pub blocked_count: i64,
    pub total_cost: Decimal,
}

#[derive(Debug, sqlx::FromRow)]
pub struct DayRow {
    pub date: NaiveDate,
    #[sqlx(flatten)]
    pub figures: Figures,
}

#[derive(Debug, sqlx::FromRow)]
pub struct PlaceRow {
    pub mcp_server: String,
    pub tool_name: Option<String>,
    #[sqlx(flatten)]
    pub figures: Figures,
}

pub struct Span {
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
}

/// # Errors
/// The database's.
pub async fn total(conn: &mut PgConnection, org: OrgId, key: ApiKeyId, span: &Span) -> sqlx::Result<Figures> {
    sqlx::query_as(
        "select count(*) as total_requests,
            count(*) filter (where status in ('error', 'timeout')) as error_count,
            count(*) filter (where status = 'blocked') as blocked_count,
            (select coalesce(sum(cost_usd), 0) from costs
             where org_id = $1 and api_key_id = $2 and created_at >= $3 and created_at < $4) as total_cost
         from traces
         where org_id = $1 and api_key_id = $2 and is_root and started_at >= $3 and started_at < $4",
    )
    .bind(org)
    .bind(key)
    .bind(span.start)
    .bind(span.end)
    .fetch_one(conn)
    .await
}

/// Every UTC day of the range, also the quiet ones.
///
/// # Errors
/// The database's.
pub async fn daily(
    conn: &mut PgConnection,
    org: OrgId,
    key: ApiKeyId,
    span: &Span,
) -> sqlx::Result<Vec<DayRow>> {
    sqlx::query_as(
        "with days as (
            select generate_series(date_trunc('day', $3 at time zone 'UTC'),
                ($4 at time zone 'UTC') - interval '1 microsecond', interval '1 day')::date as date
         ), requests as (
            select (started_at at time zone 'UTC')::date as date, count(*) as total,
                count(*) filter (where status in ('error', 'timeout')) as errors,
                count(*) filter (where status = 'blocked') as blocked
            from traces
            where org_id = $1 and api_key_id = $2 and is_root and started_at >= $3 and started_at < $4 group by 1
         ), amounts as (
            select (created_at at time zone 'UTC')::date as date, sum(cost_usd) as cost
            from costs where org_id = $1 and api_key_id = $2 and created_at >= $3 and created_at < $4 group by 1
         )
         select date, coalesce(total, 0) as total_requests, coalesce(errors, 0) as error_count,
            coalesce(blocked, 0) as blocked_count, coalesce(cost, 0) as total_cost
         from days left join requests using (date) left join amounts using (date) order by date",
    )
    .bind(org)
    .bind(key)
    .bind(span.start)
    .bind(span.end)
    .fetch_all(conn)
    .await
}

/// The hundred most used servers, or tools of servers.
///
/// # Errors
/// The database's.
pub async fn by_place(
    conn: &mut PgConnection,
    org: OrgId,
    key: ApiKeyId,
    span: &Span,
    tools: bool,
) -> sqlx::Result<Vec<PlaceRow>> {
    sqlx::query_as(
        "with requests as (
            select mcp_server::text, case when $5 then tool_name::text end as tool_name, count(*) as total,
                count(*) filter (where status in ('error', 'timeout')) as errors,
                count(*) filter (where status = 'blocked') as blocked
            from traces
            where org_id = $1 and api_key_id = $2 and is_root and started_at >= $3 and started_at < $4
              and (not $5 or tool_name is not null)
            group by 1, 2
         ), amounts as (
            select mcp_server::text, case when $5 then tool_name::text end as tool_name, sum(cost_usd) as cost
            from costs where org_id = $1 and api_key_id = $2 and created_at >= $3 and created_at < $4
              and (not $5 or tool_name is not null)
            group by 1, 2
         )
         select r.mcp_server, r.tool_name, r.total as total_requests, r.errors as error_count,
            r.blocked as blocked_count, coalesce(a.cost, 0) as total_cost
         from requests r left join amounts a
           on a.mcp_server = r.mcp_server and a.tool_name is not distinct from r.tool_name
         order by r.total desc, 1, 2 limit 100",
    )
    .bind(org)
    .bind(key)
    .bind(span.start)
    .bind(span.end)
    .bind(tools)
    .fetch_all(conn)
    .await
}
