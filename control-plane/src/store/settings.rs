//! The settings of an organization (`organizations.settings`), and what they point at.

use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::organizations::OrganizationRow;
use crate::id::OrgId;

/// What an administrator has changed, and nothing else of it: asked on every request.
///
/// # Errors
/// The database's.
pub async fn get(conn: &mut PgConnection, org: OrgId) -> sqlx::Result<Option<Value>> {
    sqlx::query_scalar("select settings from organizations where id = $1")
        .bind(org)
        .fetch_optional(conn)
        .await
}

/// # Errors
/// The database's.
pub async fn update(conn: &mut PgConnection, org: OrgId, settings: &Value) -> sqlx::Result<OrganizationRow> {
    sqlx::query_as(
        "update organizations set settings = $2, updated_at = now(), version = version + 1
         where id = $1 returning *",
    )
    .bind(org)
    .bind(settings)
    .fetch_one(conn)
    .await
}

/// Those of `channels` that there are.
///
/// # Errors
/// The database's.
pub async fn known_channels(
    conn: &mut PgConnection,
    org: OrgId,
    channels: &[Uuid],
) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar("select id from alert_channels where org_id = $1 and id = any($2)")
        .bind(org)
        .bind(channels)
        .fetch_all(conn)
        .await
}
