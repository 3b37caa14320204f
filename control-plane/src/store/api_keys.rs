//! API keys: stored by their hash, found by it before the organization is known.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::page::{self, Found, Page, SortKey, contains};
use crate::{
    auth::Reach,
    id::{ApiKeyId, OrgId, TeamId, UserId},
};

pub mod expiring;
pub mod usage;

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ApiKeyRow {
    pub id: ApiKeyId,
    pub org_id: OrgId,
    pub team_id: Option<TeamId>,
    pub user_id: Option<UserId>,
    pub name: String,
    pub description: String,
    pub key_prefix: String,
    pub key_hash: Vec<u8>,
    pub previous_key_hash: Option<Vec<u8>>,
    pub previous_key_expires_at: Option<DateTime<Utc>>,
    pub environment: String,
    pub permissions: Vec<String>,
    pub servers: Vec<String>,
    pub tools: Vec<String>,
    pub rate_limit_rpm: Option<i32>,
    pub ip_allowlist: Vec<String>,
    pub metadata: Value,
    pub expires_at: Option<DateTime<Utc>>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    pub revoke_reason: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
    pub created_by: Option<UserId>,
    pub managed_by: String,
}

const COLUMNS: &str = "k.id, k.org_id, k.team_id, k.user_id, k.name, k.description, k.key_prefix, k.key_hash,
    k.previous_key_hash, k.previous_key_expires_at, k.environment, k.permissions, k.servers, k.tools,
    k.rate_limit_rpm, k.ip_allowlist::text[] as ip_allowlist, k.metadata, k.expires_at, k.last_used_at, k.revoked_at,
    k.revoke_reason, k.created_at, k.updated_at, k.version, k.created_by, k.managed_by";

/// The same judgement as [`ApiKeyRow::status`], for filters.
const STATUS: &str = "case when k.revoked_at is not null then 'revoked'
    when k.expires_at <= now() then 'expired'
    when k.previous_key_expires_at > now() then 'rotating'
    else 'active' end";

pub const SORT: &[SortKey] = &[
    SortKey { name: "created_at", sql: "k.created_at", cast: "timestamptz" },
    SortKey { name: "updated_at", sql: "k.updated_at", cast: "timestamptz" },
    SortKey { name: "name", sql: "k.name::text", cast: "text" },
    SortKey { name: "last_used_at", sql: "coalesce(k.last_used_at, '-infinity')", cast: "timestamptz" },
];

impl ApiKeyRow {
    /// `active rotating expired revoked` (contract 4.3).
    #[must_use]
    pub fn status(&self, now: DateTime<Utc>) -> &'static str {
        let behind = |at: Option<DateTime<Utc>>| at.is_some_and(|at| at <= now);
        if self.revoked_at.is_some() {
            "revoked"
        } else if behind(self.expires_at) {
            "expired"
        } else if self.previous_key_expires_at.is_some_and(|at| at > now) {
            "rotating"
        } else {
            "active"
        }
    }
}

/// What an administrator decides about a key.
pub struct Content<'a> {
    pub name: &'a str,
    pub description: &'a str,
    pub team: Option<TeamId>,
    pub permissions: &'a [String],
    pub servers: &'a [String],
    pub tools: &'a [String],
    pub rate_limit_rpm: Option<i32>,
    pub ip_allowlist: &'a [String],
    pub metadata: &'a Value,
    pub expires_at: Option<DateTime<Utc>>,
}

pub struct NewApiKey<'a> {
    pub id: ApiKeyId,
    pub user: Option<UserId>,
    pub environment: &'a str,
    pub key_prefix: &'a str,
    pub key_hash: &'a [u8],
    pub pepper_id: i16,
    pub created_by: Option<UserId>,
    pub managed_by: &'a str,
    pub content: Content<'a>,
}

#[derive(Default)]
pub struct Filter {
    pub environments: Option<Vec<String>>,
    pub statuses: Option<Vec<String>>,
    pub teams: Option<Vec<Uuid>>,
    pub users: Option<Vec<Uuid>>,
    pub q: Option<String>,
}

/// Before the organization is known: by the current hash or the previous one.
///
/// # Errors
/// The database's.
pub async fn find_by_hash(conn: &mut PgConnection, hash: &[u8]) -> sqlx::Result<Option<ApiKeyRow>> {
    let query = format!("select {COLUMNS} from find_api_key_by_hash($1) k");
    sqlx::query_as(AssertSqlSafe(query)).bind(hash).fetch_optional(conn).await
}

/// # Errors
/// The database's.
pub async fn list(
    conn: &mut PgConnection,
    org: OrgId,
    reach: &Reach,
    filter: &Filter,
    page: &Page,
) -> sqlx::Result<Found<ApiKeyRow>> {
    page::fetch(conn, page, COLUMNS, "k.id", |query| {
        query.push(" from api_keys k where k.org_id = ").push_bind(org);
        push_reach(query, reach);
        if let Some(environments) = &filter.environments {
            query.push(" and k.environment = any(").push_bind(environments.clone()).push(")");
        }
        if let Some(statuses) = &filter.statuses {
            query.push(format_args!(" and {STATUS} = any(")).push_bind(statuses.clone()).push(")");
        }
        if let Some(teams) = &filter.teams {
            query.push(" and k.team_id = any(").push_bind(teams.clone()).push(")");
        }
        if let Some(users) = &filter.users {
            query.push(" and k.user_id = any(").push_bind(users.clone()).push(")");
        }
        if let Some(q) = &filter.q {
            query.push(" and (k.name ilike ").push_bind(contains(q));
            query.push(" or k.key_prefix ilike ").push_bind(contains(q)).push(")");
        }
    })
    .await
}

/// Own keys are those the caller owns or made, and the calling key itself.
fn push_reach(query: &mut QueryBuilder<Postgres>, reach: &Reach) {
    if reach.everything {
        return;
    }
    query.push(" and (k.user_id = ").push_bind(reach.user);
    query.push(" or k.created_by = ").push_bind(reach.user);
    query.push(" or k.id = ").push_bind(reach.api_key);
    query.push(" or k.team_id = any(").push_bind(reach.teams.clone()).push("))");
}

/// # Errors
/// The database's.
pub async fn get(
    conn: &mut PgConnection,
    org: OrgId,
    reach: &Reach,
    id: ApiKeyId,
    lock: bool,
) -> sqlx::Result<Option<ApiKeyRow>> {
    let mut query = QueryBuilder::new(format!("select {COLUMNS} from api_keys k where k.org_id = "));
    query.push_bind(org).push(" and k.id = ").push_bind(id);
    push_reach(&mut query, reach);
    if lock {
        query.push(" for update");
    }
    query.build_query_as().fetch_optional(conn).await
}

/// # Errors
/// The database's; a reference to nothing is a named constraint.
pub async fn insert(conn: &mut PgConnection, org: OrgId, key: &NewApiKey<'_>) -> sqlx::Result<ApiKeyRow> {
    let query = format!(
        "insert into api_keys as k (id, org_id, user_id, environment, key_prefix, key_hash, pepper_id, created_by,
            managed_by, name, description, team_id, permissions, servers, tools, rate_limit_rpm, ip_allowlist,
            metadata, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17::text[]::cidr[], $18, $19)
         returning {COLUMNS}"
    );
    sqlx::query_as(AssertSqlSafe(query))
        .bind(key.id)
        .bind(org)
        .bind(key.user)
        .bind(key.environment)
        .bind(key.key_prefix)
        .bind(key.key_hash)
        .bind(key.pepper_id)
        .bind(key.created_by)
        .bind(key.managed_by)
        .bind(key.content.name)
        .bind(key.content.description)
        .bind(key.content.team)
        .bind(key.content.permissions)
        .bind(key.content.servers)
        .bind(key.content.tools)
        .bind(key.content.rate_limit_rpm)
        .bind(key.content.ip_allowlist)
        .bind(key.content.metadata)
        .bind(key.content.expires_at)
        .fetch_one(conn)
        .await
}

/// # Errors
/// The database's; a reference to nothing is a named constraint.
pub async fn update(
    conn: &mut PgConnection,
    org: OrgId,
    id: ApiKeyId,
    content: &Content<'_>,
) -> sqlx::Result<ApiKeyRow> {
    let query = format!(
        "update api_keys k set name = $3, description = $4, team_id = $5, permissions = $6, servers = $7, tools = $8,
            rate_limit_rpm = $9, ip_allowlist = $10::text[]::cidr[], metadata = $11, expires_at = $12,
            updated_at = now(), version = version + 1
         where k.org_id = $1 and k.id = $2 returning {COLUMNS}"
    );
    sqlx::query_as(AssertSqlSafe(query))
        .bind(org)
        .bind(id)
        .bind(content.name)
        .bind(content.description)
        .bind(content.team)
        .bind(content.permissions)
        .bind(content.servers)
        .bind(content.tools)
        .bind(content.rate_limit_rpm)
        .bind(content.ip_allowlist)
        .bind(content.metadata)
        .bind(content.expires_at)
        .fetch_one(conn)
        .await
}

/// A new secret under the same id.
pub struct Rotation<'a> {
    pub key_prefix: &'a str,
    pub key_hash: &'a [u8],
    pub pepper_id: i16,
    /// Until when the secret before this one works; none: it dies at once, as the one before it does anyway.
    pub previous_expires_at: Option<DateTime<Utc>>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// # Errors
/// The database's.
pub async fn rotate(
    conn: &mut PgConnection,
    org: OrgId,
    id: ApiKeyId,
    rotation: &Rotation<'_>,
) -> sqlx::Result<ApiKeyRow> {
    let query = format!(
        "update api_keys k set
            previous_key_hash = case when $6::timestamptz is not null then key_hash end,
            previous_pepper_id = case when $6::timestamptz is not null then pepper_id end,
            previous_key_expires_at = $6, key_prefix = $3, key_hash = $4, pepper_id = $5, expires_at = $7,
            updated_at = now(), version = version + 1
         where k.org_id = $1 and k.id = $2 returning {COLUMNS}"
    );
    sqlx::query_as(AssertSqlSafe(query))
        .bind(org)
        .bind(id)
        .bind(rotation.key_prefix)
        .bind(rotation.key_hash)
        .bind(rotation.pepper_id)
        .bind(rotation.previous_expires_at)
        .bind(rotation.expires_at)
        .fetch_one(conn)
        .await
}

/// # Errors
/// The database's.
pub async fn revoke(
    conn: &mut PgConnection,
    org: OrgId,
    id: ApiKeyId,
    by: Option<UserId>,
    reason: Option<&str>,
) -> sqlx::Result<ApiKeyRow> {
    let query = format!(
        "update api_keys k set revoked_at = now(), revoked_by = $3, revoke_reason = $4, updated_at = now(),
            version = version + 1
         where k.org_id = $1 and k.id = $2 returning {COLUMNS}"
    );
    sqlx::query_as(AssertSqlSafe(query)).bind(org).bind(id).bind(by).bind(reason).fetch_one(conn).await
}

/// Ends the personal keys of a user; tells which.
///
/// # Errors
/// The database's.
pub async fn revoke_all(
    conn: &mut PgConnection,
    org: OrgId,
    owner: UserId,
    by: Option<UserId>,
    reason: &str,
) -> sqlx::Result<Vec<ApiKeyRow>> {
    let query = format!(
        "update api_keys k set revoked_at = now(), revoked_by = $3, revoke_reason = $4, updated_at = now(),
            version = version + 1
         where k.org_id = $1 and k.user_id = $2 and k.revoked_at is null returning {COLUMNS}"
    );
    sqlx::query_as(AssertSqlSafe(query)).bind(org).bind(owner).bind(by).bind(reason).fetch_all(conn).await
}

/// Notes a use, at most once a minute.
///
/// # Errors
/// The database's.
pub async fn touch(
    conn: &mut PgConnection,
    org: OrgId,
    key: &ApiKeyRow,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    if key.last_used_at.is_some_and(|last| now - last < chrono::Duration::minutes(1)) {
        return Ok(());
    }
    sqlx::query(
        "update api_keys set last_used_at = greatest(last_used_at, $3) where org_id = $1 and id = $2",
    )
    .bind(org)
    .bind(key.id)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}
