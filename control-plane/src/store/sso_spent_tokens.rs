//! What a provider's messages may be used for once: the `state` of a sign-in, the `jti` of a logout token. Only hashes
//! are kept, and only until the message itself would be refused as too old.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::id::{OrgId, ProviderId};

/// False when it was spent before. Of two at once, one waits here for the other.
///
/// # Errors
/// The database's.
pub async fn spend(
    conn: &mut PgConnection,
    org: OrgId,
    provider: ProviderId,
    token_hash: &[u8],
    expires_at: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "insert into sso_spent_tokens (org_id, provider_id, token_hash, expires_at) values ($1, $2, $3, $4)
         on conflict do nothing",
    )
    .bind(org)
    .bind(provider)
    .bind(token_hash)
    .bind(expires_at)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// # Errors
/// The database's.
pub async fn is_spent(
    conn: &mut PgConnection,
    org: OrgId,
    provider: ProviderId,
    token_hash: &[u8],
) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from sso_spent_tokens where org_id = $1 and provider_id = $2 and token_hash = $3)",
    )
    .bind(org)
    .bind(provider)
    .bind(token_hash)
    .fetch_one(conn)
    .await
}

/// For the worker.
///
/// # Errors
/// The database's.
pub async fn delete_expired(conn: &mut PgConnection) -> sqlx::Result<u64> {
    let done = sqlx::query("delete from sso_spent_tokens where expires_at < now()").execute(conn).await?;
    Ok(done.rows_affected())
}
