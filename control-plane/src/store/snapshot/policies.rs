//! What administrators decide about calls: limits, budgets, classifications, permissions and safety policies, as far as
//! they are in force.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sqlx::{FromRow, PgConnection, QueryBuilder};
use uuid::Uuid;

use super::Rows;
use crate::store::{tool_classifications::ToolClassificationRow, tool_permissions::ToolPermissionRow};

#[derive(FromRow)]
pub struct RateLimit {
    pub id: Uuid,
    pub org_id: Uuid,
    pub name: String,
    pub kind: String,
    pub scope_type: String,
    /// None: each member of the type on its own.
    pub scope_value: Option<String>,
    pub environment: Option<String>,
    pub metric: String,
    pub limit: i64,
    pub window_seconds: i32,
    pub period: String,
}

pub async fn rate_limits(conn: &mut PgConnection, rows: Rows<'_>) -> sqlx::Result<Vec<RateLimit>> {
    let mut query = QueryBuilder::new(
        r#"select id, org_id, name, kind, scope_type, scope_value, environment, metric, "limit", window_seconds, period
           from rate_limits where enabled"#,
    );
    rows.narrow(&mut query, "id");
    query.build_query_as().fetch_all(conn).await
}

#[derive(FromRow)]
pub struct Budget {
    pub id: Uuid,
    pub org_id: Uuid,
    pub name: String,
    pub scope_type: String,
    /// None: the organization.
    pub scope_id: Option<Uuid>,
    pub amount: Decimal,
    /// In the running period.
    pub used: Decimal,
    pub period_end: DateTime<Utc>,
    /// While an override is in force: until when.
    pub overridden_until: Option<DateTime<Utc>>,
}

/// Those that stop calls, with the period that runs now (UTC; weeks begin on Monday).
pub async fn budgets(conn: &mut PgConnection, rows: Rows<'_>) -> sqlx::Result<Vec<Budget>> {
    let mut query = QueryBuilder::new(
        "select b.id, b.org_id, b.name, b.scope_type, b.scope_id, b.amount, coalesce(p.used, 0) as used,
                (running.first_day + running.length) at time zone 'UTC' as period_end,
                case when p.overridden_until > now() then p.overridden_until end as overridden_until
         from budgets b
         cross join lateral (
            select date_trunc(unit, now() at time zone 'UTC') as first_day, ('1 ' || unit)::interval as length
            from (select case b.period when 'daily' then 'day' when 'weekly' then 'week' else 'month' end as unit) named
         ) running
         left join budget_periods p on p.org_id = b.org_id and p.budget_id = b.id
            and p.period_start = running.first_day at time zone 'UTC'
         where b.enabled and b.enforce",
    );
    rows.narrow(&mut query, "b.id");
    query.build_query_as().fetch_all(conn).await
}

pub async fn tool_classifications(
    conn: &mut PgConnection,
    rows: Rows<'_>,
) -> sqlx::Result<Vec<ToolClassificationRow>> {
    let mut query = QueryBuilder::new("select * from tool_classifications where true");
    rows.narrow(&mut query, "id");
    query.build_query_as().fetch_all(conn).await
}

/// Those that have not expired; when one expires, proxies see by themselves.
pub async fn tool_permissions(
    conn: &mut PgConnection,
    rows: Rows<'_>,
) -> sqlx::Result<Vec<ToolPermissionRow>> {
    let mut query =
        QueryBuilder::new("select * from tool_permissions where coalesce(expires_at, 'infinity') > now()");
    rows.narrow(&mut query, "id");
    query.build_query_as().fetch_all(conn).await
}

#[derive(FromRow)]
pub struct SafetyPolicy {
    pub id: Uuid,
    pub org_id: Uuid,
    pub name: String,
    pub mode: String,
    pub sensitivity: String,
    pub detectors: Vec<String>,
    pub directions: Vec<String>,
    pub mcp_servers: Vec<String>,
    pub tools: Vec<String>,
    pub block_patterns: Vec<String>,
    pub allow_patterns: Vec<String>,
    pub min_severity: String,
}

pub async fn safety_policies(conn: &mut PgConnection, rows: Rows<'_>) -> sqlx::Result<Vec<SafetyPolicy>> {
    let mut query = QueryBuilder::new(
        "select id, org_id, name, mode, sensitivity, detectors, directions, mcp_servers, tools, min_severity,
                array(select jsonb_path_query(patterns, '$.block[*]') #>> '{}') as block_patterns,
                array(select jsonb_path_query(patterns, '$.allow[*]') #>> '{}') as allow_patterns
         from safety_policies where enabled",
    );
    rows.narrow(&mut query, "id");
    query.build_query_as().fetch_all(conn).await
}
