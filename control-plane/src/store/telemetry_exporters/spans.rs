//! Spans in the order in which they arrived, for exporters.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::progress::Position;
use crate::id::OrgId;

/// A row of `traces`, as far as it is exported.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Span {
    pub id: Uuid,
    pub org_id: OrgId,
    pub trace_id: String,
    pub parent_span_id: Option<String>,
    pub span_id: String,
    pub operation_name: String,
    pub mcp_server: String,
    pub tool_name: Option<String>,
    pub status: String,
    pub input_tokens: Option<i32>,
    pub output_tokens: Option<i32>,
    pub cost_usd: Option<Decimal>,
    pub user_id: Option<Uuid>,
    pub team_id: Option<Uuid>,
    pub api_key_id: Option<Uuid>,
    pub metadata: Value,
    pub started_at: DateTime<Utc>,
    pub ended_at: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
    pub kind: String,
    pub environment: Option<String>,
    pub error_type: Option<String>,
    pub error_message: Option<String>,
    pub session_id: Option<String>,
    pub client_name: Option<String>,
    pub client_version: Option<String>,
    pub protocol_version: Option<String>,
    pub proxy_id: String,
}

/// Before this moment nothing more will arrive. A row's `created_at` is when the transaction that wrote it began, so a
/// slower one may still bring rows that are older than what is there: the oldest transaction under way decides. One that
/// has only read for half a minute is a report or a backup; the ingester has written by then.
///
/// Not under a role: the sessions of others are only shown to whom they belong.
///
/// # Errors
/// The database's.
pub async fn complete_until(conn: &mut PgConnection) -> sqlx::Result<DateTime<Utc>> {
    sqlx::query_scalar(
        "select least(clock_timestamp() - interval '500 milliseconds', min(xact_start) filter (
            where pid <> pg_backend_pid() and state <> 'idle'
                and (backend_xid is not null or xact_start > now() - interval '30 seconds')))
         from pg_stat_activity where datname = current_database()",
    )
    .fetch_one(conn)
    .await
}

/// At most `limit` that arrived after `position` and before `until`.
///
/// # Errors
/// The database's.
pub async fn list_arrived(
    conn: &mut PgConnection,
    org: OrgId,
    position: Position,
    until: DateTime<Utc>,
    limit: i64,
) -> sqlx::Result<Vec<Span>> {
    sqlx::query_as(
        "select id, org_id, trace_id, parent_span_id, span_id, operation_name, mcp_server, tool_name, status, input_tokens,
            output_tokens, cost_usd, user_id, team_id, api_key_id, metadata, started_at, ended_at, created_at, kind,
            environment, error_type, error_message, session_id, client_name, client_version, protocol_version, proxy_id
         from traces
         where org_id = $1 and created_at >= $2 and created_at < $4 and (created_at, id) > ($2, $3)
         order by created_at, id limit $5",
    )
    .bind(org)
    .bind(position.sent_at)
    .bind(position.sent_id)
    .bind(until)
    .bind(limit)
    .fetch_all(conn)
    .await
}

/// How many there are between two moments.
///
/// # Errors
/// The database's.
pub async fn count_arrived(
    conn: &mut PgConnection,
    org: OrgId,
    position: Position,
    until: DateTime<Utc>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "select count(*) from traces
         where org_id = $1 and created_at >= $2 and created_at < $4 and (created_at, id) > ($2, $3)",
    )
    .bind(org)
    .bind(position.sent_at)
    .bind(position.sent_id)
    .bind(until)
    .fetch_one(conn)
    .await
}

/// Those of the traces in which something went wrong.
///
/// # Errors
/// The database's.
pub async fn list_failing(
    conn: &mut PgConnection,
    org: OrgId,
    trace_ids: &[String],
) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "select distinct trace_id from traces
         where org_id = $1 and trace_id = any($2) and status <> 'success'",
    )
    .bind(org)
    .bind(trace_ids)
    .fetch_all(conn)
    .await
}
