//! `tool_permissions`: the row and its statements.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    dimensions::push_any,
    page::{self, Found, Page, SortKey, contains},
};
use crate::id::{OrgId, ToolPermissionId, UserId};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ToolPermissionRow {
    pub id: ToolPermissionId,
    pub org_id: OrgId,
    pub subject_type: String,
    pub subject_id: Uuid,
    pub mcp_server: String,
    pub tool_name: String,
    pub effect: String,
    pub argument_rules: Value,
    pub max_uses_per_day: Option<i32>,
    pub expires_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
    pub created_by: Option<UserId>,
    pub managed_by: String,
}

pub const SORT: &[SortKey] = &[
    SortKey { name: "created_at", sql: "p.created_at", cast: "timestamptz" },
    SortKey { name: "updated_at", sql: "p.updated_at", cast: "timestamptz" },
    SortKey { name: "name", sql: "(p.mcp_server || '/' || p.tool_name)", cast: "text" },
];

/// Which permissions a list shows; what is absent filters nothing.
#[derive(Debug, Default)]
pub struct Filter {
    pub subject_types: Option<Vec<String>>,
    pub subjects: Option<Vec<Uuid>>,
    pub mcp_servers: Option<Vec<String>>,
    pub tool_names: Option<Vec<String>>,
    pub effects: Option<Vec<String>>,
    pub q: Option<String>,
}

/// What an administrator decides for somebody about the tools of a pattern.
pub struct Content<'a> {
    pub subject_type: &'a str,
    pub subject_id: Uuid,
    pub mcp_server: &'a str,
    pub tool_name: &'a str,
    pub effect: &'a str,
    pub argument_rules: &'a Value,
    pub max_uses_per_day: Option<i32>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// # Errors
/// The database's.
pub async fn list(
    conn: &mut PgConnection,
    org: OrgId,
    filter: &Filter,
    page: &Page,
) -> sqlx::Result<Found<ToolPermissionRow>> {
    page::fetch(conn, page, "p.*", "p.id", |query| {
        query.push(" from tool_permissions p where p.org_id = ").push_bind(org);
        push_any(query, "p.subject_type", filter.subject_types.as_ref());
        push_any(query, "p.subject_id", filter.subjects.as_ref());
        push_any(query, "p.mcp_server", filter.mcp_servers.as_ref());
        push_any(query, "p.tool_name", filter.tool_names.as_ref());
        push_any(query, "p.effect", filter.effects.as_ref());
        if let Some(q) = &filter.q {
            query.push(" and concat_ws(' ', p.mcp_server, p.tool_name) ilike ").push_bind(contains(q));
        }
    })
    .await
}

/// Those that are about any of these subjects.
///
/// # Errors
/// The database's.
pub async fn list_of(
    conn: &mut PgConnection,
    org: OrgId,
    subjects: &[Uuid],
) -> sqlx::Result<Vec<ToolPermissionRow>> {
    sqlx::query_as("select * from tool_permissions where org_id = $1 and subject_id = any($2)")
        .bind(org)
        .bind(subjects)
        .fetch_all(conn)
        .await
}

/// # Errors
/// The database's.
pub async fn get(
    conn: &mut PgConnection,
    org: OrgId,
    id: ToolPermissionId,
) -> sqlx::Result<Option<ToolPermissionRow>> {
    sqlx::query_as("select * from tool_permissions where org_id = $1 and id = $2")
        .bind(org)
        .bind(id)
        .fetch_optional(conn)
        .await
}

/// As [`get`], and nobody else changes it until the transaction ends.
///
/// # Errors
/// The database's.
pub async fn lock(
    conn: &mut PgConnection,
    org: OrgId,
    id: ToolPermissionId,
) -> sqlx::Result<Option<ToolPermissionRow>> {
    sqlx::query_as("select * from tool_permissions where org_id = $1 and id = $2 for update")
        .bind(org)
        .bind(id)
        .fetch_optional(conn)
        .await
}

/// # Errors
/// The database's; a subject that is not there is a named constraint.
pub async fn insert(
    conn: &mut PgConnection,
    org: OrgId,
    id: ToolPermissionId,
    created_by: Option<UserId>,
    content: &Content<'_>,
) -> sqlx::Result<ToolPermissionRow> {
    sqlx::query_as(
        "insert into tool_permissions (id, org_id, created_by, subject_type, subject_id, mcp_server, tool_name,
            effect, argument_rules, max_uses_per_day, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning *",
    )
    .bind(id)
    .bind(org)
    .bind(created_by)
    .bind(content.subject_type)
    .bind(content.subject_id)
    .bind(content.mcp_server)
    .bind(content.tool_name)
    .bind(content.effect)
    .bind(content.argument_rules)
    .bind(content.max_uses_per_day)
    .bind(content.expires_at)
    .fetch_one(conn)
    .await
}

/// # Errors
/// The database's; a subject that is not there is a named constraint.
pub async fn update(
    conn: &mut PgConnection,
    org: OrgId,
    id: ToolPermissionId,
    content: &Content<'_>,
) -> sqlx::Result<ToolPermissionRow> {
    sqlx::query_as(
        "update tool_permissions set subject_type = $3, subject_id = $4, mcp_server = $5, tool_name = $6,
            effect = $7, argument_rules = $8, max_uses_per_day = $9, expires_at = $10, updated_at = now(),
            version = version + 1
         where org_id = $1 and id = $2 returning *",
    )
    .bind(org)
    .bind(id)
    .bind(content.subject_type)
    .bind(content.subject_id)
    .bind(content.mcp_server)
    .bind(content.tool_name)
    .bind(content.effect)
    .bind(content.argument_rules)
    .bind(content.max_uses_per_day)
    .bind(content.expires_at)
    .fetch_one(conn)
    .await
}

/// # Errors
/// The database's.
pub async fn delete(conn: &mut PgConnection, org: OrgId, id: ToolPermissionId) -> sqlx::Result<()> {
    sqlx::query("delete from tool_permissions where org_id = $1 and id = $2")
        .bind(org)
        .bind(id)
        .execute(conn)
        .await?;
    Ok(())
}
