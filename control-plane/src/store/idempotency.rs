//! Results of POSTs by their `Idempotency-Key`, kept for 24 hours (contract 1.3).

use serde_json::Value;
use sqlx::PgConnection;

use crate::id::OrgId;

/// What one key stands for: principal, method, path and the key itself.
#[derive(Clone, Debug)]
pub struct Slot {
    pub principal: String,
    pub method: String,
    pub path: String,
    pub key: String,
}

/// What is known under a key that was used before.
#[derive(Debug, sqlx::FromRow)]
pub struct Kept {
    pub request_hash: Vec<u8>,
    /// None: still running, or given up half-way.
    pub status: Option<i16>,
    pub response: Option<Value>,
}

/// A request that has not ended after this long has died with its process; the next one takes its place.
const GIVEN_UP: &str = "2 minutes";

/// Takes the slot, or answers what is there.
///
/// # Errors
/// The database's.
pub async fn begin(
    conn: &mut PgConnection,
    org: OrgId,
    slot: &Slot,
    request_hash: &[u8],
) -> sqlx::Result<Option<Kept>> {
    let taken = sqlx::query(sqlx::AssertSqlSafe(format!(
        "insert into idempotency_keys as i (org_id, principal, method, path, key, request_hash)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (org_id, principal, method, path, key) do update
         set request_hash = excluded.request_hash, status = null, response = null, created_at = now(),
            expires_at = excluded.expires_at
         where i.expires_at <= now() or (i.status is null and i.created_at < now() - interval '{GIVEN_UP}')"
    )))
    .bind(org)
    .bind(&slot.principal)
    .bind(&slot.method)
    .bind(&slot.path)
    .bind(&slot.key)
    .bind(request_hash)
    .execute(&mut *conn)
    .await?;
    if taken.rows_affected() > 0 {
        return Ok(None);
    }
    sqlx::query_as(
        "select request_hash, status, response from idempotency_keys
         where org_id = $1 and principal = $2 and method = $3 and path = $4 and key = $5",
    )
    .bind(org)
    .bind(&slot.principal)
    .bind(&slot.method)
    .bind(&slot.path)
    .bind(&slot.key)
    .fetch_optional(conn)
    .await
}

/// Keeps the result.
///
/// # Errors
/// The database's.
pub async fn finish(
    conn: &mut PgConnection,
    org: OrgId,
    slot: &Slot,
    status: i16,
    response: &Value,
) -> sqlx::Result<()> {
    sqlx::query(
        "update idempotency_keys set status = $6, response = $7
         where org_id = $1 and principal = $2 and method = $3 and path = $4 and key = $5",
    )
    .bind(org)
    .bind(&slot.principal)
    .bind(&slot.method)
    .bind(&slot.path)
    .bind(&slot.key)
    .bind(status)
    .bind(response)
    .execute(conn)
    .await?;
    Ok(())
}

/// Gives the slot back: the result is not worth keeping.
///
/// # Errors
/// The database's.
pub async fn give_up(conn: &mut PgConnection, org: OrgId, slot: &Slot) -> sqlx::Result<()> {
    sqlx::query(
        "delete from idempotency_keys
         where org_id = $1 and principal = $2 and method = $3 and path = $4 and key = $5",
    )
    .bind(org)
    .bind(&slot.principal)
    .bind(&slot.method)
    .bind(&slot.path)
    .bind(&slot.key)
    .execute(conn)
    .await?;
    Ok(())
}

/// What is past its 24 hours; for the worker.
///
/// # Errors
/// The database's.
pub async fn delete_expired(conn: &mut PgConnection) -> sqlx::Result<u64> {
    let result = sqlx::query("delete from idempotency_keys where expires_at <= now()").execute(conn).await?;
    Ok(result.rows_affected())
}
