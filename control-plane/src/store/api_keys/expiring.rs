//! Keys whose end is near, and of which end their people were told.

use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

use crate::id::{ApiKeyId, OrgId, TeamId, UserId};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ExpiringRow {
    pub id: ApiKeyId,
    pub org_id: OrgId,
    pub organization: String,
    pub name: String,
    pub key_prefix: String,
    pub team_id: Option<TeamId>,
    pub user_id: Option<UserId>,
    pub expires_at: DateTime<Utc>,
    /// Of its owner, or of whoever made it; none when they are gone or suspended.
    pub email: Option<String>,
}

/// Keys that end within `notice` and of whose end nobody was told. A key made for no longer than that surprises nobody
/// with its end. At most `limit`, the nearest first; for the worker.
///
/// # Errors
/// The database's.
pub async fn list(conn: &mut PgConnection, notice: Duration, limit: i64) -> sqlx::Result<Vec<ExpiringRow>> {
    let notice = notice.num_seconds();
    sqlx::query_as(
        "select k.id, k.org_id, o.name as organization, k.name, k.key_prefix, k.team_id, k.user_id, k.expires_at,
            u.email::text as email
         from api_keys k
         join organizations o on o.id = k.org_id
         left join users u on u.org_id = k.org_id and u.id = coalesce(k.user_id, k.created_by) and u.status = 'active'
         where k.revoked_at is null
            and k.expires_at > now() and k.expires_at <= now() + make_interval(secs => $1)
            and k.expires_at > k.created_at + make_interval(secs => $1)
            and not exists (select from api_key_expiry_warnings w
                where w.org_id = k.org_id and w.api_key_id = k.id and w.expires_at = k.expires_at)
         order by k.expires_at, k.id
         limit $2",
    )
    .bind(notice)
    .bind(limit)
    .fetch_all(conn)
    .await
}

/// False when somebody else was faster.
///
/// # Errors
/// The database's.
pub async fn mark(conn: &mut PgConnection, key: &ExpiringRow) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "insert into api_key_expiry_warnings (org_id, api_key_id, expires_at) values ($1, $2, $3)
         on conflict do nothing",
    )
    .bind(key.org_id)
    .bind(key.id)
    .bind(key.expires_at)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}
