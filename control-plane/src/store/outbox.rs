//! What happened, for those who asked to be told of it (contract 4.8): written in the transaction that made it true.

use serde_json::Value;
use sqlx::PgConnection;

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
