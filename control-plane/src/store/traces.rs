//! Spans as they are read; the ingester writes them. A trace list item is a root span.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::{AssertSqlSafe, FromRow, PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::kept_plans;
use super::metrics;
use super::page::{self, Found, Page, Start, TimeRange};
use crate::id::{ApiKeyId, OrgId, SpanRowId, TeamId, UserId};

mod filter;

pub use filter::Filter;

/// One span with the names behind its ids.
#[derive(Clone, Debug, FromRow)]
pub struct Span {
    pub id: SpanRowId,
    pub org_id: OrgId,
    pub trace_id: String,
    pub span_id: String,
    pub parent_span_id: Option<String>,
    pub is_root: bool,
    pub kind: String,
    pub operation_name: String,
    pub mcp_server: String,
    pub tool_name: Option<String>,
    pub status: String,
    pub status_code: Option<i32>,
    pub error_type: Option<String>,
    pub error_message: Option<String>,
    pub duration_ms: i32,
    pub upstream_ms: Option<i32>,
    pub overhead_us: Option<i32>,
    pub input_tokens: Option<i32>,
    pub output_tokens: Option<i32>,
    pub cost_usd: Option<Decimal>,
    pub user_id: Option<UserId>,
    pub user_email: Option<String>,
    pub team_id: Option<TeamId>,
    pub team_name: Option<String>,
    pub api_key_id: Option<ApiKeyId>,
    pub api_key_name: Option<String>,
    pub environment: Option<String>,
    pub session_id: Option<String>,
    pub client_name: Option<String>,
    pub client_version: Option<String>,
    pub protocol_version: Option<String>,
    pub request_bytes: i64,
    pub response_bytes: i64,
    pub proxy_id: String,
    pub metadata: Value,
    pub has_payload: bool,
    pub started_at: DateTime<Utc>,
    pub ended_at: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
}

const COLUMNS: &str = "r.*, u.email as user_email, g.name as team_name, k.name as api_key_name,
    exists (select from trace_payloads p where p.id = r.id and p.started_at = r.started_at) as has_payload";

const NAMES: &str = "
    left join users u on u.org_id = r.org_id and u.id = r.user_id
    left join teams g on g.org_id = r.org_id and g.id = r.team_id
    left join api_keys k on k.org_id = r.org_id and k.id = r.api_key_id";

pub async fn list(
    conn: &mut PgConnection,
    org: OrgId,
    page: &Page,
    filter: &Filter,
) -> sqlx::Result<Found<Span>> {
    let filtered = |query: &mut QueryBuilder<Postgres>| {
        query.push(" from traces r").push(NAMES);
        filter.push(query, org);
    };
    kept_plans::keep(conn).await?;
    if filter.q.is_none() {
        return page::fetch(conn, page, COLUMNS, "r.id", filtered).await;
    }
    let common = list_common(conn, org, page, filter).await?;
    kept_plans::plan_anew(conn).await?;
    match common {
        Some(found) => page::with_total(conn, page, found, filtered).await,
        None => page::fetch(conn, page, COLUMNS, "r.id", filtered).await,
    }
}

/// A page of what is searched for, if the next spans have so much of it. With an index of texts every span that has it would
/// have to be found before they can be put in order.
async fn list_common(
    conn: &mut PgConnection,
    org: OrgId,
    page: &Page,
    filter: &Filter,
) -> sqlx::Result<Option<Found<Span>>> {
    const LOOKED_AT: i64 = 4_000;
    if page.sort.sql != page.range_sql || matches!(page.start, Start::Offset(_)) {
        return Ok(None);
    }
    let spans = |query: &mut QueryBuilder<Postgres>| {
        query.push(" from traces r");
        filter.push_all_but_q(query, org);
    };
    let narrows = |query: &mut QueryBuilder<Postgres>| {
        query.push(NAMES).push(" where ");
        filter.push_q(query);
    };
    page::fetch_among(conn, page, (COLUMNS, "r.id"), LOOKED_AT, spans, narrows).await
}

/// These root spans, which began between two times, in the order they were stored.
pub async fn list_by_ids(
    conn: &mut PgConnection,
    org: OrgId,
    ids: &[SpanRowId],
    first: DateTime<Utc>,
    last: DateTime<Utc>,
) -> sqlx::Result<Vec<Span>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    // The times find the partitions; what was announced has digits that the database does not keep.
    let query = format!(
        "select {COLUMNS} from traces r{NAMES}
         where r.org_id = $1 and r.is_root and r.id = any($2)
            and r.started_at between $3 - interval '1 second' and $4 + interval '1 second'
         order by r.created_at, r.id"
    );
    sqlx::query_as(AssertSqlSafe(query)).bind(org).bind(ids).bind(first).bind(last).fetch_all(conn).await
}

/// When a span was stored, and when it began.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct Place {
    pub id: SpanRowId,
    pub created_at: DateTime<Utc>,
    pub started_at: DateTime<Utc>,
}

pub async fn find_place(conn: &mut PgConnection, org: OrgId, id: SpanRowId) -> sqlx::Result<Option<Place>> {
    sqlx::query_as("select id, created_at, started_at from traces where org_id = $1 and id = $2 limit 1")
        .bind(org)
        .bind(id)
        .fetch_optional(conn)
        .await
}

/// Two batches may be stored at once, and the one that was begun first become visible last.
const OVERLAP: &str = "interval '5 seconds'";
/// How much earlier than another a span may have begun that is stored after it.
const LATENESS: &str = "interval '1 hour'";

/// What was stored since a span was, in the order it was stored: the last `limit`, and how many there were (counting
/// stops at `most`). Some may have been seen: it begins a little before.
pub async fn list_since(
    conn: &mut PgConnection,
    org: OrgId,
    filter: &Filter,
    place: Place,
    limit: i64,
    most: i64,
) -> sqlx::Result<(Vec<Span>, i64)> {
    let since = |query: &mut QueryBuilder<Postgres>| {
        filter.push(query, org);
        query.push(" and r.created_at > ").push_bind(place.created_at).push(format_args!(" - {OVERLAP}"));
        query.push(" and r.started_at > ").push_bind(place.started_at).push(format_args!(" - {LATENESS}"));
        query.push(" and r.id <> ").push_bind(place.id);
    };
    let mut query = QueryBuilder::new(format!("select {COLUMNS} from traces r{NAMES}"));
    since(&mut query);
    query.push(" order by r.created_at desc, r.id desc limit ").push_bind(limit);
    let mut spans: Vec<Span> = query.build_query_as().fetch_all(&mut *conn).await?;
    spans.reverse();
    let mut query = QueryBuilder::new("select count(*) from (select from traces r");
    since(&mut query);
    query.push(" limit ").push_bind(most).push(") counted");
    let count = query.build_query_scalar().fetch_one(conn).await?;
    Ok((spans, count))
}

/// The first spans of a trace, in the order they began.
pub async fn list_of_trace(
    conn: &mut PgConnection,
    org: OrgId,
    filter: &Filter,
    limit: i64,
) -> sqlx::Result<Vec<Span>> {
    kept_plans::keep(conn).await?;
    let mut query = QueryBuilder::new(format!("select {COLUMNS} from traces r{NAMES}"));
    filter.push(&mut query, org);
    query.push(" order by r.started_at, r.id limit ").push_bind(limit);
    query.build_query_as().fetch_all(conn).await
}

/// How many there are; counting stops behind `most`.
pub async fn count(
    conn: &mut PgConnection,
    org: OrgId,
    filter: &Filter,
    range: TimeRange,
    most: i64,
) -> sqlx::Result<i64> {
    let mut query = QueryBuilder::new("select count(*) from (select from traces r");
    filter.push_within(&mut query, org, range);
    query.push(" limit ").push_bind(most + 1).push(") counted");
    query.build_query_scalar().fetch_one(conn).await
}

pub async fn get_trace_id(
    conn: &mut PgConnection,
    org: OrgId,
    id: SpanRowId,
) -> sqlx::Result<Option<String>> {
    kept_plans::keep(conn).await?;
    sqlx::query_scalar("select trace_id from traces where org_id = $1 and id = $2 limit 1")
        .bind(org)
        .bind(id)
        .fetch_optional(conn)
        .await
}

/// A trace as a whole.
#[derive(Debug, FromRow)]
pub struct Outline {
    pub span_count: i64,
    pub statuses: Vec<String>,
    pub started_at: DateTime<Utc>,
    pub ended_at: DateTime<Utc>,
    pub mcp_servers: Vec<String>,
    pub tool_names: Vec<String>,
    pub input_tokens: i64,
    pub output_tokens: i64,
    pub total_cost: Decimal,
}

pub async fn outline(conn: &mut PgConnection, org: OrgId, filter: &Filter) -> sqlx::Result<Option<Outline>> {
    let mut query = QueryBuilder::new(
        "select count(*) as span_count, array_agg(distinct status) as statuses,
            min(started_at) as started_at, max(ended_at) as ended_at,
            array_agg(distinct mcp_server) as mcp_servers,
            coalesce(array_agg(distinct tool_name) filter (where tool_name is not null), '{}') as tool_names,
            coalesce(sum(input_tokens) filter (where is_root), 0) as input_tokens,
            coalesce(sum(output_tokens) filter (where is_root), 0) as output_tokens,
            coalesce(sum(cost_usd), 0) as total_cost
        from traces r",
    );
    filter.push(&mut query, org);
    query.push(" having count(*) > 0");
    query.build_query_as().fetch_optional(conn).await
}

/// What can be counted by value beside a search.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Facet {
    Status,
    McpServer,
    ToolName,
    Environment,
    ErrorType,
}

impl Facet {
    fn column(self) -> &'static str {
        match self {
            Self::Status => "r.status",
            Self::McpServer => "r.mcp_server",
            Self::ToolName => "r.tool_name",
            Self::Environment => "r.environment",
            Self::ErrorType => "r.error_type",
        }
    }
}

/// The commonest values, with how often each occurs.
pub async fn count_by(
    conn: &mut PgConnection,
    org: OrgId,
    filter: &Filter,
    range: TimeRange,
    facet: Facet,
) -> sqlx::Result<Vec<(String, i64)>> {
    let column = facet.column();
    let mut query = QueryBuilder::new(format!("select {column}, count(*) from traces r"));
    filter.push_within(&mut query, org, range);
    query.push(format_args!(" and {column} is not null group by 1 order by 2 desc, 1 limit 50"));
    query.build_query_as().fetch_all(conn).await
}

/// Figures of many requests; the durations are none when there were no requests.
#[derive(Clone, Debug, Default, FromRow)]
pub struct Stats {
    pub total_requests: i64,
    pub success_count: i64,
    pub error_count: i64,
    pub timeout_count: i64,
    pub blocked_count: i64,
    pub cancelled_count: i64,
    pub avg_duration_ms: Option<i64>,
    pub p50_duration_ms: Option<i32>,
    pub p95_duration_ms: Option<i32>,
    pub p99_duration_ms: Option<i32>,
    pub input_tokens: i64,
    pub output_tokens: i64,
    pub total_cost: Decimal,
}

impl Stats {
    /// Errors and timeouts among all requests.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a ratio")]
    pub fn error_rate(&self) -> f64 {
        if self.total_requests == 0 {
            return 0.0;
        }
        (self.error_count + self.timeout_count) as f64 / self.total_requests as f64
    }
}

pub async fn stats(
    conn: &mut PgConnection,
    org: OrgId,
    filter: &Filter,
    range: TimeRange,
) -> sqlx::Result<Stats> {
    if let Some((dimensions, span)) = filter.of_rollups().zip(range.start.zip(range.end)) {
        return metrics::stats(conn, org, dimensions, span).await;
    }
    let mut query = QueryBuilder::new(
        "select count(*) as total_requests,
            count(*) filter (where status = 'success') as success_count,
            count(*) filter (where status = 'error') as error_count,
            count(*) filter (where status = 'timeout') as timeout_count,
            count(*) filter (where status = 'blocked') as blocked_count,
            count(*) filter (where status = 'cancelled') as cancelled_count,
            round(avg(duration_ms))::bigint as avg_duration_ms,
            percentile_disc(0.5) within group (order by duration_ms) as p50_duration_ms,
            percentile_disc(0.95) within group (order by duration_ms) as p95_duration_ms,
            percentile_disc(0.99) within group (order by duration_ms) as p99_duration_ms,
            coalesce(sum(input_tokens), 0) as input_tokens,
            coalesce(sum(output_tokens), 0) as output_tokens,
            coalesce(sum(cost_usd), 0) as total_cost
        from traces r",
    );
    filter.push_within(&mut query, org, range);
    query.build_query_as().fetch_one(conn).await
}

/// A detection as a trace shows it.
#[derive(Debug, FromRow)]
pub struct Detection {
    pub id: Uuid,
    pub span_id: Option<String>,
    pub r#type: String,
    pub severity: String,
    pub confidence: f32,
    pub rule: String,
    pub direction: String,
    pub action: String,
    pub mcp_server: String,
    pub tool_name: Option<String>,
    pub user_id: Option<UserId>,
    pub api_key_id: Option<ApiKeyId>,
    pub created_at: DateTime<Utc>,
}

pub async fn list_detections(
    conn: &mut PgConnection,
    org: OrgId,
    trace_id: &str,
) -> sqlx::Result<Vec<Detection>> {
    sqlx::query_as(
        "select id, span_id, type, severity, confidence, rule, direction, action_taken as action, mcp_server,
            tool_name, user_id, api_key_id, created_at
        from injection_detections where org_id = $1 and trace_id = $2 order by created_at, id limit 1000",
    )
    .bind(org)
    .bind(trace_id)
    .fetch_all(conn)
    .await
}

/// An approval as a trace shows it.
#[derive(Debug, FromRow)]
pub struct Approval {
    pub id: Uuid,
    pub mcp_server: String,
    pub tool_name: String,
    pub status: String,
    pub requested_by: Option<UserId>,
    pub api_key_id: Option<ApiKeyId>,
    pub team_id: Option<TeamId>,
    pub reviewed_by: Option<UserId>,
    pub reviewed_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

pub async fn list_approvals(
    conn: &mut PgConnection,
    org: OrgId,
    trace_id: &str,
) -> sqlx::Result<Vec<Approval>> {
    sqlx::query_as(
        "select id, mcp_server, tool_name, status, requested_by, api_key_id, team_id, reviewed_by, reviewed_at,
            created_at
        from tool_approvals where org_id = $1 and trace_id = $2 order by created_at, id limit 1000",
    )
    .bind(org)
    .bind(trace_id)
    .fetch_all(conn)
    .await
}
