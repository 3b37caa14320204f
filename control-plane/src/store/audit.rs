//! The audit log: rows appended behind the organization's head, never changed (contract 5.4).

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use crate::id::{AuditId, OrgId};

pub mod heads;
pub mod list;

/// A row as [`AuditRow`] reads it. `abbrev` leaves no bit of an address out; `host` would drop its mask.
const COLUMNS: &str = "r.id, r.org_id, r.seq, r.action, r.outcome, r.actor_type, r.actor_id, r.actor_name,
    r.resource_type, r.resource_id, r.resource_name, r.changes, r.details, abbrev(r.ip_address) as ip_address,
    r.user_agent, r.request_id, r.trace_id, r.prev_hash, r.hash, r.created_at";

/// The last row's place in the chain, and the time of the lock that was taken on it.
#[derive(sqlx::FromRow)]
pub struct Head {
    pub seq: i64,
    pub hash: Vec<u8>,
    pub locked_at: DateTime<Utc>,
}

/// A row as it is stored; all but `hash` is hashed.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AuditRow {
    pub id: Uuid,
    pub org_id: OrgId,
    pub seq: i64,
    pub action: String,
    pub outcome: String,
    pub actor_type: String,
    pub actor_id: Option<String>,
    pub actor_name: Option<String>,
    pub resource_type: Option<String>,
    pub resource_id: Option<String>,
    pub resource_name: Option<String>,
    pub changes: Value,
    pub details: Value,
    pub ip_address: Option<String>,
    pub user_agent: Option<String>,
    pub request_id: Option<String>,
    pub trace_id: Option<String>,
    pub prev_hash: Vec<u8>,
    pub hash: Vec<u8>,
    pub created_at: DateTime<Utc>,
}

/// Locks the head until the transaction ends; the first row follows 32 zero bytes.
///
/// # Errors
/// The database's.
pub async fn lock_head(conn: &mut PgConnection, org: OrgId) -> sqlx::Result<Head> {
    sqlx::query_as(
        "insert into audit_heads (org_id, seq, hash) values ($1, 0, $2)
         on conflict (org_id) do update set org_id = excluded.org_id
         returning seq, hash, clock_timestamp() as locked_at",
    )
    .bind(org)
    .bind([0u8; 32].as_slice())
    .fetch_one(conn)
    .await
}

/// # Errors
/// The database's.
pub async fn append(conn: &mut PgConnection, org: OrgId, row: &AuditRow) -> sqlx::Result<()> {
    sqlx::query(
        "insert into audit_logs (id, org_id, seq, action, outcome, actor_type, actor_id, actor_name, resource_type,
            resource_id, resource_name, changes, details, ip_address, user_agent, request_id, trace_id, prev_hash,
            hash, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::text::inet, $15, $16, $17, $18, $19, $20)",
    )
    .bind(row.id)
    .bind(org)
    .bind(row.seq)
    .bind(&row.action)
    .bind(&row.outcome)
    .bind(&row.actor_type)
    .bind(&row.actor_id)
    .bind(&row.actor_name)
    .bind(&row.resource_type)
    .bind(&row.resource_id)
    .bind(&row.resource_name)
    .bind(&row.changes)
    .bind(&row.details)
    .bind(&row.ip_address)
    .bind(&row.user_agent)
    .bind(&row.request_id)
    .bind(&row.trace_id)
    .bind(&row.prev_hash)
    .bind(&row.hash)
    .bind(row.created_at)
    .execute(&mut *conn)
    .await?;
    sqlx::query("update audit_heads set seq = $2, hash = $3 where org_id = $1")
        .bind(org)
        .bind(row.seq)
        .bind(&row.hash)
        .execute(conn)
        .await?;
    Ok(())
}

/// Rows in the order of the chain, from `seq` on.
///
/// # Errors
/// The database's.
pub async fn list_from(
    conn: &mut PgConnection,
    org: OrgId,
    seq: i64,
    limit: i64,
) -> sqlx::Result<Vec<AuditRow>> {
    sqlx::query_as(AssertSqlSafe(format!(
        "select {COLUMNS} from audit_logs r where r.org_id = $1 and r.seq >= $2
         order by r.seq, r.created_at, r.id limit $3"
    )))
    .bind(org)
    .bind(seq)
    .bind(limit)
    .fetch_all(conn)
    .await
}

/// # Errors
/// The database's.
pub async fn get(conn: &mut PgConnection, org: OrgId, id: AuditId) -> sqlx::Result<Option<AuditRow>> {
    sqlx::query_as(AssertSqlSafe(format!(
        "select {COLUMNS} from audit_logs r where r.org_id = $1 and r.id = $2 limit 1"
    )))
    .bind(org)
    .bind(id)
    .fetch_optional(conn)
    .await
}
