//! Rate limits: the row and its statements.

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgConnection};

use super::{
    dimensions::push_any,
    page::{self, Found, Page, SortKey, contains},
};
use crate::id::{OrgId, RateLimitId, UserId};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct RateLimitRow {
    pub id: RateLimitId,
    pub org_id: OrgId,
    pub name: String,
    pub kind: String,
    pub scope_type: String,
    /// None: each member of the type on its own, or the organization.
    pub scope_value: Option<String>,
    pub environment: Option<String>,
    pub metric: String,
    pub limit: i64,
    /// Of a rate.
    pub window_seconds: i32,
    /// Of a quota.
    pub period: String,
    pub enabled: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
    pub created_by: Option<UserId>,
    pub managed_by: String,
}

pub const SORT: &[SortKey] = &[
    SortKey { name: "created_at", sql: "l.created_at", cast: "timestamptz" },
    SortKey { name: "updated_at", sql: "l.updated_at", cast: "timestamptz" },
    SortKey { name: "name", sql: "l.name::text", cast: "text" },
];

/// Which limits a list shows; what is absent filters nothing.
#[derive(Debug, Default)]
pub struct Filter {
    pub names: Option<Vec<String>>,
    pub kinds: Option<Vec<String>>,
    pub scope_types: Option<Vec<String>>,
    pub scope_values: Option<Vec<String>>,
    pub environments: Option<Vec<String>>,
    pub metrics: Option<Vec<String>>,
    pub enabled: Option<Vec<bool>>,
    pub q: Option<String>,
}

/// What an administrator decides about a limit.
pub struct Content<'a> {
    pub name: &'a str,
    pub kind: &'a str,
    pub scope_type: &'a str,
    pub scope_value: Option<&'a str>,
    pub environment: Option<&'a str>,
    pub metric: &'a str,
    pub limit: i64,
    pub window_seconds: i32,
    pub period: &'a str,
    pub enabled: bool,
}

/// # Errors
/// The database's.
pub async fn list(
    conn: &mut PgConnection,
    org: OrgId,
    filter: &Filter,
    page: &Page,
) -> sqlx::Result<Found<RateLimitRow>> {
    page::fetch(conn, page, "l.*", "l.id", |query| {
        query.push(" from rate_limits l where l.org_id = ").push_bind(org);
        push_any(query, "l.name", filter.names.as_ref());
        push_any(query, "l.kind", filter.kinds.as_ref());
        push_any(query, "l.scope_type", filter.scope_types.as_ref());
        push_any(query, "l.scope_value", filter.scope_values.as_ref());
        push_any(query, "l.environment", filter.environments.as_ref());
        push_any(query, "l.metric", filter.metrics.as_ref());
        push_any(query, "l.enabled", filter.enabled.as_ref());
        if let Some(q) = &filter.q {
            query.push(" and concat_ws(' ', l.name, l.scope_value) ilike ").push_bind(contains(q));
        }
    })
    .await
}

/// Those in force, of any of these scopes; none means all. The oldest first.
///
/// # Errors
/// The database's.
pub async fn list_enabled(
    conn: &mut PgConnection,
    org: OrgId,
    scope_types: Option<&[String]>,
) -> sqlx::Result<Vec<RateLimitRow>> {
    sqlx::query_as(
        "select * from rate_limits where org_id = $1 and enabled and ($2::text[] is null or scope_type = any($2))
         order by created_at, id",
    )
    .bind(org)
    .bind(scope_types)
    .fetch_all(conn)
    .await
}

/// # Errors
/// The database's.
pub async fn get(
    conn: &mut PgConnection,
    org: OrgId,
    id: RateLimitId,
    lock: bool,
) -> sqlx::Result<Option<RateLimitRow>> {
    let lock = if lock { "for update" } else { "" };
    sqlx::query_as(AssertSqlSafe(format!("select * from rate_limits where org_id = $1 and id = $2 {lock}")))
        .bind(org)
        .bind(id)
        .fetch_optional(conn)
        .await
}

/// # Errors
/// The database's; a name that is taken is a named constraint.
pub async fn insert(
    conn: &mut PgConnection,
    org: OrgId,
    id: RateLimitId,
    created_by: Option<UserId>,
    content: &Content<'_>,
) -> sqlx::Result<RateLimitRow> {
    sqlx::query_as(
        r#"insert into rate_limits (id, org_id, created_by, name, kind, scope_type, scope_value, environment, metric,
            "limit", window_seconds, period, enabled)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) returning *"#,
    )
    .bind(id)
    .bind(org)
    .bind(created_by)
    .bind(content.name)
    .bind(content.kind)
    .bind(content.scope_type)
    .bind(content.scope_value)
    .bind(content.environment)
    .bind(content.metric)
    .bind(content.limit)
    .bind(content.window_seconds)
    .bind(content.period)
    .bind(content.enabled)
    .fetch_one(conn)
    .await
}

/// # Errors
/// The database's; a name that is taken is a named constraint.
pub async fn update(
    conn: &mut PgConnection,
    org: OrgId,
    id: RateLimitId,
    content: &Content<'_>,
) -> sqlx::Result<RateLimitRow> {
    sqlx::query_as(
        r#"update rate_limits set name = $3, kind = $4, scope_type = $5, scope_value = $6, environment = $7, metric = $8,
            "limit" = $9, window_seconds = $10, period = $11, enabled = $12, updated_at = now(), version = version + 1
         where org_id = $1 and id = $2 returning *"#,
    )
    .bind(org)
    .bind(id)
    .bind(content.name)
    .bind(content.kind)
    .bind(content.scope_type)
    .bind(content.scope_value)
    .bind(content.environment)
    .bind(content.metric)
    .bind(content.limit)
    .bind(content.window_seconds)
    .bind(content.period)
    .bind(content.enabled)
    .fetch_one(conn)
    .await
}

/// # Errors
/// The database's.
pub async fn delete(conn: &mut PgConnection, org: OrgId, id: RateLimitId) -> sqlx::Result<()> {
    sqlx::query("delete from rate_limits where org_id = $1 and id = $2")
        .bind(org)
        .bind(id)
        .execute(conn)
        .await?;
    Ok(())
}
