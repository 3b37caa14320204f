//! Silences: for how long nothing is said of which alerts. The row and its statements.

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::page::{self, Found, Page, SortKey, contains};
use crate::id::{AlertRuleId, AlertSilenceId, OrgId, UserId};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AlertSilenceRow {
    pub id: AlertSilenceId,
    pub org_id: OrgId,
    /// Empty, here and below: all.
    pub rule_ids: Vec<AlertRuleId>,
    pub severities: Vec<String>,
    pub mcp_servers: Vec<String>,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub reason: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
    pub created_by: Option<UserId>,
    pub managed_by: String,
}

pub const SORT: &[SortKey] = &[
    SortKey { name: "created_at", sql: "s.created_at", cast: "timestamptz" },
    SortKey { name: "updated_at", sql: "s.updated_at", cast: "timestamptz" },
    SortKey { name: "starts_at", sql: "s.starts_at", cast: "timestamptz" },
    SortKey { name: "ends_at", sql: "s.ends_at", cast: "timestamptz" },
];

/// Which silences a list shows; what is absent filters nothing.
#[derive(Debug, Default)]
pub struct Filter {
    pub rule_ids: Option<Vec<Uuid>>,
    /// Whether they hold now.
    pub active: Option<bool>,
    pub q: Option<String>,
}

pub struct Content<'a> {
    pub rule_ids: &'a [AlertRuleId],
    pub severities: Vec<String>,
    pub mcp_servers: &'a [String],
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub reason: &'a str,
}

/// # Errors
/// The database's.
pub async fn list(
    conn: &mut PgConnection,
    org: OrgId,
    filter: &Filter,
    page: &Page,
) -> sqlx::Result<Found<AlertSilenceRow>> {
    page::fetch(conn, page, "s.*", "s.id", |query| {
        query.push(" from alert_silences s where s.org_id = ").push_bind(org);
        if let Some(rules) = &filter.rule_ids {
            query.push(" and s.rule_ids && ").push_bind(rules.clone());
        }
        if let Some(active) = filter.active {
            query.push(" and (now() >= s.starts_at and now() < s.ends_at) = ").push_bind(active);
        }
        if let Some(q) = &filter.q {
            query.push(" and s.reason ilike ").push_bind(contains(q));
        }
    })
    .await
}

/// Those that hold at that moment.
///
/// # Errors
/// The database's.
pub async fn list_active(
    conn: &mut PgConnection,
    org: OrgId,
    at: DateTime<Utc>,
) -> sqlx::Result<Vec<AlertSilenceRow>> {
    sqlx::query_as(
        "select * from alert_silences where org_id = $1 and starts_at <= $2 and ends_at > $2 order by ends_at desc",
    )
    .bind(org)
    .bind(at)
    .fetch_all(conn)
    .await
}

/// # Errors
/// The database's.
pub async fn get(
    conn: &mut PgConnection,
    org: OrgId,
    id: AlertSilenceId,
    lock: bool,
) -> sqlx::Result<Option<AlertSilenceRow>> {
    let lock = if lock { "for update" } else { "" };
    sqlx::query_as(AssertSqlSafe(format!(
        "select * from alert_silences where org_id = $1 and id = $2 {lock}"
    )))
    .bind(org)
    .bind(id)
    .fetch_optional(conn)
    .await
}

/// # Errors
/// The database's.
pub async fn insert(
    conn: &mut PgConnection,
    org: OrgId,
    id: AlertSilenceId,
    created_by: Option<UserId>,
    content: &Content<'_>,
) -> sqlx::Result<AlertSilenceRow> {
    sqlx::query_as(
        "insert into alert_silences (id, org_id, created_by, rule_ids, severities, mcp_servers, starts_at, ends_at, reason)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning *",
    )
    .bind(id)
    .bind(org)
    .bind(created_by)
    .bind(content.rule_ids.iter().map(|id| id.0).collect::<Vec<_>>())
    .bind(&content.severities)
    .bind(content.mcp_servers)
    .bind(content.starts_at)
    .bind(content.ends_at)
    .bind(content.reason)
    .fetch_one(conn)
    .await
}

/// # Errors
/// The database's.
pub async fn update(
    conn: &mut PgConnection,
    org: OrgId,
    id: AlertSilenceId,
    content: &Content<'_>,
) -> sqlx::Result<AlertSilenceRow> {
    sqlx::query_as(
        "update alert_silences set rule_ids = $3, severities = $4, mcp_servers = $5, starts_at = $6, ends_at = $7,
            reason = $8, updated_at = now(), version = version + 1
         where org_id = $1 and id = $2 returning *",
    )
    .bind(org)
    .bind(id)
    .bind(content.rule_ids.iter().map(|id| id.0).collect::<Vec<_>>())
    .bind(&content.severities)
    .bind(content.mcp_servers)
    .bind(content.starts_at)
    .bind(content.ends_at)
    .bind(content.reason)
    .fetch_one(conn)
    .await
}

/// # Errors
/// The database's.
pub async fn delete(conn: &mut PgConnection, org: OrgId, id: AlertSilenceId) -> sqlx::Result<()> {
    sqlx::query("delete from alert_silences where org_id = $1 and id = $2")
        .bind(org)
        .bind(id)
        .execute(conn)
        .await?;
    Ok(())
}
