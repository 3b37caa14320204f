//! What happened, for those who asked to be told of it (contract 4.8): written in the transaction that made it true.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::id::OrgId;

/// The same that happened to several.
///
/// # Errors
/// The database's.
pub async fn insert_all(
    conn: &mut PgConnection,
    org: OrgId,
    event: &str,
    payloads: &[Value],
) -> sqlx::Result<()> {
    sqlx::query("insert into outbox (org_id, event, payload) select $1, $2, unnest($3::jsonb[])")
        .bind(org)
        .bind(event)
        .bind(payloads)
        .execute(conn)
        .await?;
    Ok(())
}

/// # Errors
/// The database's.
pub async fn insert(conn: &mut PgConnection, org: OrgId, event: &str, payload: &Value) -> sqlx::Result<()> {
    sqlx::query("insert into outbox (org_id, event, payload) values ($1, $2, $3)")
        .bind(org)
        .bind(event)
        .bind(payload)
        .execute(conn)
        .await?;
    Ok(())
}

/// Whether a webhook that is on asks for it.
///
/// # Errors
/// The database's.
pub async fn is_wanted(conn: &mut PgConnection, org: OrgId, event: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from webhooks w, unnest(w.events) as glob
            where w.org_id = $1 and w.enabled and $2 like replace(replace(glob, '_', '\\_'), '*', '%'))",
    )
    .bind(org)
    .bind(event)
    .fetch_one(conn)
    .await
}

/// One that nobody was told of yet.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct OutboxRow {
    pub id: Uuid,
    pub org_id: OrgId,
    pub event: String,
    pub payload: Value,
    pub created_at: DateTime<Utc>,
}

/// The oldest that nobody else looks at; they are the caller's until the transaction ends. For the worker.
///
/// # Errors
/// The database's.
pub async fn take(conn: &mut PgConnection, limit: i64) -> sqlx::Result<Vec<OutboxRow>> {
    sqlx::query_as(
        "select id, org_id, event, payload, created_at from outbox where dispatched_at is null
         order by id limit $1 for update skip locked",
    )
    .bind(limit)
    .fetch_all(conn)
    .await
}

/// # Errors
/// The database's.
pub async fn mark_dispatched(conn: &mut PgConnection, rows: &[OutboxRow]) -> sqlx::Result<()> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    sqlx::query("update outbox set dispatched_at = now() where id = any($1)").bind(ids).execute(conn).await?;
    Ok(())
}

/// What was handed on before so many hours; for the worker.
///
/// # Errors
/// The database's.
pub async fn delete_dispatched(conn: &mut PgConnection, hours: i32) -> sqlx::Result<u64> {
    let query = "delete from outbox where dispatched_at < now() - make_interval(hours => $1)";
    Ok(sqlx::query(query).bind(hours).execute(conn).await?.rows_affected())
}
