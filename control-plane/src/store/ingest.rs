//! What the ingester writes and looks up. It acts for every organization at once, so these statements run as the
//! worker role and carry the organization in each row; `on conflict do nothing` makes a second delivery harmless.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::postgres::{PgHasArrayType, PgTypeInfo};
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, PgConnection, Postgres};
use uuid::Uuid;

use super::budgets::periods::{self, PeriodKey};
use crate::id::OrgId;

/// One row of `traces`, and of `costs` when it has a cost: the type of migration 0012, field by field. Counters are
/// wider than their columns: a number that does not fit is refused by Postgres, which makes its event a dead letter.
#[derive(sqlx::Encode)]
pub struct SpanRow<'a> {
    pub id: Uuid,
    pub org_id: Uuid,
    pub trace_id: &'a str,
    pub parent_span_id: Option<&'a str>,
    pub span_id: &'a str,
    pub operation_name: &'a str,
    pub mcp_server: &'a str,
    pub tool_name: Option<&'a str>,
    pub status: &'static str,
    pub duration_ms: i64,
    pub input_tokens: Option<i64>,
    pub output_tokens: Option<i64>,
    pub cost_usd: Option<Decimal>,
    pub price_id: Option<Uuid>,
    pub user_id: Option<Uuid>,
    pub api_key_id: Option<Uuid>,
    pub metadata: &'a Value,
    pub started_at: DateTime<Utc>,
    pub ended_at: DateTime<Utc>,
    pub is_root: bool,
    pub kind: &'a str,
    pub team_id: Option<Uuid>,
    pub environment: Option<&'a str>,
    pub status_code: Option<i32>,
    pub error_type: Option<&'a str>,
    pub error_message: Option<&'a str>,
    pub upstream_ms: Option<i64>,
    pub overhead_us: Option<i64>,
    pub request_bytes: i64,
    pub response_bytes: i64,
    pub session_id: Option<&'a str>,
    pub client_name: Option<&'a str>,
    pub client_version: Option<&'a str>,
    pub protocol_version: Option<&'a str>,
    pub proxy_id: &'a str,
}

/// What a call costs, and the price it was computed from (none when nothing priced it).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Charge {
    pub cost_usd: Decimal,
    pub price_id: Option<Uuid>,
}

/// A server as prices know it: one row per price, or a single row without a price.
#[derive(sqlx::FromRow)]
pub struct PriceRow {
    pub org_id: Uuid,
    pub mcp_server: String,
    pub id: Option<Uuid>,
    pub tool_name: Option<String>,
    pub per_call: Option<Decimal>,
    pub per_input_token: Option<Decimal>,
    pub per_output_token: Option<Decimal>,
    pub valid_from: Option<DateTime<Utc>>,
}

fn column<'r, R, T>(rows: impl IntoIterator<Item = &'r R>, value: impl Fn(&'r R) -> T) -> Vec<T>
where
    R: 'r,
{
    rows.into_iter().map(value).collect()
}

impl sqlx::Type<Postgres> for SpanRow<'_> {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("span_row")
    }
}

impl PgHasArrayType for SpanRow<'_> {
    fn array_type_info() -> PgTypeInfo {
        PgTypeInfo::array_of("span_row")
    }
}

/// What to do with a row that is there already.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Known {
    /// It fails the statement: cheaper, because nothing has to be looked up before it is stored.
    Refuse,
    /// It stays as it is.
    Keep,
}

/// Spans, and one cost row for each that has a cost: its id is the span's, its time the span's start (contract 5.1).
pub async fn insert_spans(conn: &mut PgConnection, rows: &[SpanRow<'_>], known: Known) -> sqlx::Result<()> {
    let (spans, costs) = spans_and_costs(known);
    sqlx::query(AssertSqlSafe(format!("{spans} {costs}"))).bind(rows).execute(conn).await?;
    Ok(())
}

/// As [`insert_spans`]; each cost row that is new is added to the budgets that cover it, in the same statement. Answers
/// the periods that were added to. The organizations' budgets must be held: see [`list_organizations`].
pub async fn insert_counted_spans(
    conn: &mut PgConnection,
    rows: &[SpanRow<'_>],
    known: Known,
) -> sqlx::Result<Vec<PeriodKey>> {
    let (spans, costs) = spans_and_costs(known);
    sqlx::query_as(AssertSqlSafe(format!(
        "{spans}, charged as (
            {costs} returning org_id, mcp_server, user_id, team_id, api_key_id, cost_usd, created_at
        )
        {}",
        periods::ADD
    )))
    .bind(rows)
    .fetch_all(conn)
    .await
}

/// The part of a statement that inserts spans, and the one that inserts their costs.
fn spans_and_costs(known: Known) -> (String, String) {
    let on_conflict = match known {
        Known::Refuse => "",
        Known::Keep => "on conflict do nothing",
    };
    let spans = format!(
        "with spans as materialized (
            select * from unnest($1)
        ), traced as (
            insert into traces (
                id, org_id, trace_id, parent_span_id, span_id, operation_name, mcp_server, tool_name, status,
                duration_ms, input_tokens, output_tokens, cost_usd, user_id, api_key_id, metadata, started_at,
                ended_at, is_root, kind, team_id, environment, status_code, error_type, error_message, upstream_ms,
                overhead_us, request_bytes, response_bytes, session_id, client_name, client_version,
                protocol_version, proxy_id)
            select
                id, org_id, trace_id, parent_span_id, span_id, operation_name, mcp_server, tool_name, status,
                duration_ms, input_tokens, output_tokens, cost_usd, user_id, api_key_id, metadata, started_at,
                ended_at, is_root, kind, team_id, environment, status_code, error_type, error_message, upstream_ms,
                overhead_us, request_bytes, response_bytes, session_id, client_name, client_version,
                protocol_version, proxy_id
            from spans
            {on_conflict}
        )"
    );
    let costs = format!(
        "insert into costs (
            id, trace_id, org_id, mcp_server, tool_name, user_id, team_id, api_key_id, input_tokens, output_tokens,
            cost_usd, created_at, environment, price_id)
        select
            id, id, org_id, mcp_server, tool_name, user_id, team_id, api_key_id, coalesce(input_tokens, 0),
            coalesce(output_tokens, 0), cost_usd, started_at, environment, price_id
        from spans
        where cost_usd is not null
        {on_conflict}"
    );
    (spans, costs)
}

/// Detections as the proxy wrote them: the JSON names are the column names (contract 6.2). Texts that a client or an
/// upstream chose are cut to their columns, so that none of them can keep its detection off the record.
///
/// Each that blocked or redacted something is told as `safety.detected` (contract 4.8), with what REST shows of it; once,
/// because one that is there already is not told again. Of one organization at most `most_told` a minute, the severest of
/// a batch first: an attack in a loop is no reason to write a letter for each round. All of them are in the table.
pub async fn insert_detections(conn: &mut PgConnection, rows: &[&Value], most_told: i64) -> sqlx::Result<()> {
    sqlx::query(
        r#"with stored as (
            insert into injection_detections (
                id, org_id, created_at, trace_id, span_id, policy_id, type, severity, confidence, rule, pattern,
                direction, action_taken, snippet, mcp_server, tool_name, api_key_id, user_id, ip_address)
            select id, org_id, created_at, left(trace_id, 100), left(span_id, 100), policy_id, type, severity, confidence,
                left(rule, 100), left(pattern, 512), direction, action_taken, left(snippet, 200), left(mcp_server, 100),
                left(tool_name, 255), api_key_id, user_id, ip_address
            from jsonb_to_recordset($1) as reported (
                id uuid, org_id uuid, created_at timestamptz, trace_id text, span_id text, policy_id uuid, type text,
                severity text, confidence real, rule text, pattern text, direction text, action_taken text, snippet text,
                mcp_server text, tool_name text, api_key_id uuid, user_id uuid, ip_address inet)
            on conflict do nothing
            returning *
        ), notable as (
            select *, row_number() over (partition by org_id
                order by array_position('{critical,high,medium,low}'::text[], severity::text), created_at, id) as place
            from stored where action_taken in ('blocked', 'redacted')
        ), room as (
            select org_id, $2 - (select count(*) from outbox o where o.org_id = n.org_id
                and o.event = 'safety.detected' and o.created_at > now() - interval '1 minute') as room
            from (select distinct org_id from notable) n
        )
        insert into outbox (org_id, event, payload)
        select org_id, 'safety.detected', jsonb_build_object(
            'id', id, 'org_id', org_id, 'trace_id', trace_id, 'span_id', span_id, 'policy_id', policy_id, 'type', type,
            'severity', severity, 'confidence', confidence, 'rule', rule, 'pattern', pattern, 'direction', direction,
            'action', action_taken, 'snippet', snippet, 'mcp_server', mcp_server, 'tool_name', tool_name,
            'api_key_id', api_key_id, 'user_id', user_id, 'ip_address', host(ip_address), 'disposition', disposition,
            'note', note, 'reviewed_by', reviewed_by, 'reviewed_at', reviewed_at,
            'created_at', to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
        from notable join room using (org_id) where place <= room"#,
    )
    .bind(Json(rows))
    .bind(most_told)
    .execute(conn)
    .await?;
    Ok(())
}

/// Moves `last_used_at` forward, never back, in the order of ids so that two batches cannot lock each other out.
pub async fn touch_api_keys(
    conn: &mut PgConnection,
    uses: &[(Uuid, Uuid, DateTime<Utc>)],
) -> sqlx::Result<u64> {
    let done = sqlx::query(
        "with used as (
            select org_id, id, max(at) as at from unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) as u (org_id, id, at)
            group by org_id, id
        ), locked as materialized (
            select k.id, used.at from api_keys k join used using (org_id, id) order by k.id for no key update of k
        )
        update api_keys k set last_used_at = greatest(k.last_used_at, locked.at) from locked where k.id = locked.id",
    )
    .bind(column(uses, |(org, _, _)| *org))
    .bind(column(uses, |(_, key, _)| *key))
    .bind(column(uses, |(_, _, at)| *at))
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// Which of these organizations exist. Until the transaction ends, nobody changes what their budgets count.
pub async fn list_organizations(conn: &mut PgConnection, ids: &[Uuid]) -> sqlx::Result<Vec<Uuid>> {
    let held: Vec<(Uuid, String)> = sqlx::query_as(periods::SHARE).bind(ids).fetch_all(conn).await?;
    Ok(held.into_iter().map(|(id, _)| id).collect())
}

/// Every price of these servers, past ones too; a server without prices answers one empty row.
pub async fn list_prices(conn: &mut PgConnection, servers: &[(Uuid, &str)]) -> sqlx::Result<Vec<PriceRow>> {
    sqlx::query_as(
        "select s.org_id, s.name as mcp_server, p.id, p.tool_name, p.per_call, p.per_input_token, p.per_output_token,
            p.valid_from
        from mcp_servers s
        left join mcp_server_prices p on p.org_id = s.org_id and p.server_id = s.id
        where (s.org_id, s.name) in (select * from unnest($1::uuid[], $2::text[]))",
    )
    .bind(column(servers, |(org, _)| *org))
    .bind(column(servers, |(_, name)| *name))
    .fetch_all(conn)
    .await
}

/// Whether the stream's entry already has its audit row.
pub async fn is_audited(conn: &mut PgConnection, org: OrgId, entry: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from audit_logs
            where org_id = $1 and created_at > now() - interval '30 days' and details ->> 'event' = $2)",
    )
    .bind(org)
    .bind(entry)
    .fetch_one(conn)
    .await
}

/// Makes the partition of `table` that holds `day`, unless it is there (events may come days late from a spool).
pub async fn ensure_day(conn: &mut PgConnection, table: &str, day: NaiveDate) -> sqlx::Result<()> {
    sqlx::query("select ensure_day($1, $2)").bind(table).bind(day).execute(conn).await?;
    Ok(())
}
