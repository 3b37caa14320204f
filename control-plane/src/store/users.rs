//! Users: the row, and what a log-in needs to know.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;

use crate::id::{OrgId, TeamId, UserId};

pub mod directory;
pub mod identity;

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct UserRow {
    pub id: UserId,
    pub org_id: OrgId,
    pub email: String,
    pub name: String,
    pub avatar_url: Option<String>,
    pub status: String,
    pub password_hash: Option<String>,
    pub is_platform_admin: bool,
    pub preferences: Value,
    pub last_login_at: Option<DateTime<Utc>>,
    pub last_active_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
    pub created_by: Option<UserId>,
    pub managed_by: String,
}

impl UserRow {
    #[must_use]
    pub fn is_suspended(&self) -> bool {
        self.status == "suspended"
    }
}

const COLUMNS: &str =
    "id, org_id, email, name, avatar_url, status, password_hash, is_platform_admin, preferences,
    last_login_at, last_active_at, created_at, updated_at, version, created_by, managed_by";

/// What a log-in by password is checked against.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Login {
    pub org_id: OrgId,
    pub user_id: UserId,
    pub password_hash: Option<String>,
    pub status: String,
    pub org_slug: String,
}

/// A team and the caller's role in it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct MembershipRow {
    pub id: TeamId,
    pub name: String,
    pub role: String,
}

pub struct NewUser<'a> {
    pub id: UserId,
    pub email: &'a str,
    pub name: &'a str,
    pub password_hash: &'a str,
    pub is_platform_admin: bool,
}

/// # Errors
/// The database's.
pub async fn get(conn: &mut PgConnection, org: OrgId, id: UserId) -> sqlx::Result<Option<UserRow>> {
    let query = format!("select {COLUMNS} from users where org_id = $1 and id = $2");
    sqlx::query_as(sqlx::AssertSqlSafe(query)).bind(org).bind(id).fetch_optional(conn).await
}

/// As [`get`], and nobody else changes it until the transaction ends.
///
/// # Errors
/// The database's.
pub async fn lock(conn: &mut PgConnection, org: OrgId, id: UserId) -> sqlx::Result<Option<UserRow>> {
    let query = format!("select {COLUMNS} from users where org_id = $1 and id = $2 for update");
    sqlx::query_as(sqlx::AssertSqlSafe(query)).bind(org).bind(id).fetch_optional(conn).await
}

/// Nobody deletes the user until the transaction ends.
///
/// # Errors
/// The database's.
pub async fn hold(conn: &mut PgConnection, org: OrgId, id: UserId) -> sqlx::Result<()> {
    sqlx::query("select from users where org_id = $1 and id = $2 for key share")
        .bind(org)
        .bind(id)
        .execute(conn)
        .await?;
    Ok(())
}

/// Before the organization is known: every account with this address.
///
/// # Errors
/// The database's.
pub async fn find_logins(conn: &mut PgConnection, email: &str) -> sqlx::Result<Vec<Login>> {
    sqlx::query_as(
        "select org_id, user_id, password_hash, status, org_slug from find_logins_by_email($1::citext)",
    )
    .bind(email)
    .fetch_all(conn)
    .await
}

/// # Errors
/// The database's.
pub async fn insert(conn: &mut PgConnection, org: OrgId, user: &NewUser<'_>) -> sqlx::Result<()> {
    sqlx::query(
        "insert into users (id, org_id, email, name, password_hash, is_platform_admin)
         values ($1, $2, $3::citext, $4, $5, $6)",
    )
    .bind(user.id)
    .bind(org)
    .bind(user.email)
    .bind(user.name)
    .bind(user.password_hash)
    .bind(user.is_platform_admin)
    .execute(conn)
    .await?;
    Ok(())
}

/// # Errors
/// The database's.
pub async fn update_profile(
    conn: &mut PgConnection,
    org: OrgId,
    id: UserId,
    name: &str,
    avatar_url: Option<&str>,
    preferences: &Value,
) -> sqlx::Result<UserRow> {
    let query = format!(
        "update users set name = $3, avatar_url = $4, preferences = $5, updated_at = now(), version = version + 1
         where org_id = $1 and id = $2 returning {COLUMNS}"
    );
    sqlx::query_as(sqlx::AssertSqlSafe(query))
        .bind(org)
        .bind(id)
        .bind(name)
        .bind(avatar_url)
        .bind(preferences)
        .fetch_one(conn)
        .await
}

/// # Errors
/// The database's.
pub async fn update_password(
    conn: &mut PgConnection,
    org: OrgId,
    id: UserId,
    password_hash: &str,
) -> sqlx::Result<()> {
    sqlx::query(
        "update users set password_hash = $3, updated_at = now(), version = version + 1
         where org_id = $1 and id = $2",
    )
    .bind(org)
    .bind(id)
    .bind(password_hash)
    .execute(conn)
    .await?;
    Ok(())
}

/// # Errors
/// The database's.
pub async fn mark_login(
    conn: &mut PgConnection,
    org: OrgId,
    id: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query("update users set last_login_at = $3, last_active_at = $3 where org_id = $1 and id = $2")
        .bind(org)
        .bind(id)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}

/// # Errors
/// The database's.
pub async fn has_email(conn: &mut PgConnection, org: OrgId, email: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select from users where org_id = $1 and email = $2::citext)")
        .bind(org)
        .bind(email)
        .fetch_one(conn)
        .await
}

/// # Errors
/// The database's.
pub async fn update(
    conn: &mut PgConnection,
    org: OrgId,
    id: UserId,
    name: &str,
    status: &str,
) -> sqlx::Result<UserRow> {
    let query = format!(
        "update users set name = $3, status = $4, updated_at = now(), version = version + 1
         where org_id = $1 and id = $2 returning {COLUMNS}"
    );
    sqlx::query_as(sqlx::AssertSqlSafe(query))
        .bind(org)
        .bind(id)
        .bind(name)
        .bind(status)
        .fetch_one(conn)
        .await
}

/// Sessions, roles and memberships go along; personal keys lose their owner and die by that (migration 0001).
///
/// # Errors
/// The database's.
pub async fn delete(conn: &mut PgConnection, org: OrgId, id: UserId) -> sqlx::Result<()> {
    sqlx::query("delete from users where org_id = $1 and id = $2").bind(org).bind(id).execute(conn).await?;
    Ok(())
}

/// # Errors
/// The database's.
pub async fn memberships(
    conn: &mut PgConnection,
    org: OrgId,
    id: UserId,
) -> sqlx::Result<Vec<MembershipRow>> {
    sqlx::query_as(
        "select t.id, t.name, m.role from team_memberships m join teams t on t.org_id = m.org_id and t.id = m.team_id
         where m.org_id = $1 and m.user_id = $2 order by t.name",
    )
    .bind(org)
    .bind(id)
    .fetch_all(conn)
    .await
}
