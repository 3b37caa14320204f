//! The keys of providers whose access tokens proxies check (`sso_provider_keys`), as last fetched.

use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::id::{OrgId, ProviderId};

/// A provider whose keys are to be kept fresh.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Watched {
    pub id: ProviderId,
    pub org_id: OrgId,
    pub r#type: String,
    pub issuer_url: String,
}

/// How the last fetch goes that a proxy asked for.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct LastTry {
    pub is_done: bool,
    pub is_recent: bool,
}

/// Of all organizations; for the worker.
///
/// # Errors
/// The database's.
pub async fn list_watched(conn: &mut PgConnection) -> sqlx::Result<Vec<Watched>> {
    sqlx::query_as(
        "select id, org_id, type, issuer_url from sso_providers where enabled and mcp_tokens order by id",
    )
    .fetch_all(conn)
    .await
}

/// One of them, of any organization; for the worker.
///
/// # Errors
/// The database's.
pub async fn get_watched(conn: &mut PgConnection, id: Uuid) -> sqlx::Result<Option<Watched>> {
    sqlx::query_as(
        "select id, org_id, type, issuer_url from sso_providers where id = $1 and enabled and mcp_tokens",
    )
    .bind(id)
    .fetch_optional(conn)
    .await
}

/// The set as last fetched.
///
/// # Errors
/// The database's.
pub async fn get(conn: &mut PgConnection, org: OrgId, provider: ProviderId) -> sqlx::Result<Option<Value>> {
    let set: Option<Option<Value>> =
        sqlx::query_scalar("select jwks from sso_provider_keys where org_id = $1 and provider_id = $2")
            .bind(org)
            .bind(provider)
            .fetch_optional(conn)
            .await?;
    Ok(set.flatten())
}

/// The turn to fetch, for one of all replicas: true when nobody has tried for `seconds`.
///
/// # Errors
/// The database's.
pub async fn take_turn(
    conn: &mut PgConnection,
    org: OrgId,
    provider: ProviderId,
    seconds: i32,
) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "insert into sso_provider_keys as k (org_id, provider_id) values ($1, $2)
         on conflict (provider_id) do update set tried_at = now()
         where k.tried_at <= now() - make_interval(secs => $3)",
    )
    .bind(org)
    .bind(provider)
    .bind(f64::from(seconds))
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// After a turn was refused: then there is one. It is recent for `seconds`.
///
/// # Errors
/// The database's.
pub async fn last_try(
    conn: &mut PgConnection,
    org: OrgId,
    provider: ProviderId,
    seconds: i32,
) -> sqlx::Result<LastTry> {
    sqlx::query_as(
        "select coalesce(fetched_at >= tried_at, false) as is_done,
            tried_at > now() - make_interval(secs => $3) as is_recent
         from sso_provider_keys where org_id = $1 and provider_id = $2",
    )
    .bind(org)
    .bind(provider)
    .bind(f64::from(seconds))
    .fetch_one(conn)
    .await
}

/// Writes nothing when the provider has another issuer by now, or is gone.
///
/// # Errors
/// The database's.
pub async fn put(conn: &mut PgConnection, provider: &Watched, jwks: &Value) -> sqlx::Result<()> {
    sqlx::query(
        // It is no try that a proxy asked for: the first of those may follow at once.
        "insert into sso_provider_keys (org_id, provider_id, jwks, fetched_at, tried_at)
         select org_id, id, $4, now(), '-infinity' from sso_providers where org_id = $1 and id = $2 and issuer_url = $3 for share
         on conflict (provider_id) do update set jwks = excluded.jwks, fetched_at = now()",
    )
    .bind(provider.org_id)
    .bind(provider.id)
    .bind(&provider.issuer_url)
    .bind(jwks)
    .execute(conn)
    .await?;
    Ok(())
}

/// # Errors
/// The database's.
pub async fn delete(conn: &mut PgConnection, org: OrgId, provider: ProviderId) -> sqlx::Result<()> {
    sqlx::query("delete from sso_provider_keys where org_id = $1 and provider_id = $2")
        .bind(org)
        .bind(provider)
        .execute(conn)
        .await?;
    Ok(())
}
