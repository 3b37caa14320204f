//! `tool_classifications`: the row and its statements.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{
    dimensions::push_any,
    page::{self, Found, Page, SortKey, contains},
};
use crate::id::{OrgId, ToolClassificationId, UserId};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ToolClassificationRow {
    pub id: ToolClassificationId,
    pub org_id: OrgId,
    pub mcp_server: String,
    pub tool_name: String,
    pub classification: String,
    pub requires_approval: Option<bool>,
    pub description: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
    pub created_by: Option<UserId>,
    pub managed_by: String,
}

pub const SORT: &[SortKey] = &[
    SortKey { name: "created_at", sql: "c.created_at", cast: "timestamptz" },
    SortKey { name: "updated_at", sql: "c.updated_at", cast: "timestamptz" },
    SortKey { name: "name", sql: "(c.mcp_server || '/' || c.tool_name)", cast: "text" },
];

/// Which classifications a list shows; what is absent filters nothing.
#[derive(Debug, Default)]
pub struct Filter {
    pub mcp_servers: Option<Vec<String>>,
    pub tool_names: Option<Vec<String>>,
    pub classifications: Option<Vec<String>>,
    pub q: Option<String>,
}

/// What an administrator decides about the tools of a pattern.
pub struct Content<'a> {
    pub mcp_server: &'a str,
    pub tool_name: &'a str,
    pub classification: &'a str,
    pub requires_approval: Option<bool>,
    pub description: &'a str,
}

/// # Errors
/// The database's.
pub async fn list(
    conn: &mut PgConnection,
    org: OrgId,
    filter: &Filter,
    page: &Page,
) -> sqlx::Result<Found<ToolClassificationRow>> {
    page::fetch(conn, page, "c.*", "c.id", |query| {
        query.push(" from tool_classifications c where c.org_id = ").push_bind(org);
        push_any(query, "c.mcp_server", filter.mcp_servers.as_ref());
        push_any(query, "c.tool_name", filter.tool_names.as_ref());
        push_any(query, "c.classification", filter.classifications.as_ref());
        if let Some(q) = &filter.q {
            query.push(" and concat_ws(' ', c.mcp_server, c.tool_name, c.description) ilike ");
            query.push_bind(contains(q));
        }
    })
    .await
}

/// # Errors
/// The database's.
pub async fn list_all(conn: &mut PgConnection, org: OrgId) -> sqlx::Result<Vec<ToolClassificationRow>> {
    sqlx::query_as("select * from tool_classifications where org_id = $1").bind(org).fetch_all(conn).await
}

/// # Errors
/// The database's.
pub async fn get(
    conn: &mut PgConnection,
    org: OrgId,
    id: ToolClassificationId,
) -> sqlx::Result<Option<ToolClassificationRow>> {
    sqlx::query_as("select * from tool_classifications where org_id = $1 and id = $2")
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
    id: ToolClassificationId,
) -> sqlx::Result<Option<ToolClassificationRow>> {
    sqlx::query_as("select * from tool_classifications where org_id = $1 and id = $2 for update")
        .bind(org)
        .bind(id)
        .fetch_optional(conn)
        .await
}

/// # Errors
/// The database's; patterns that have a classification are a named constraint.
pub async fn insert(
    conn: &mut PgConnection,
    org: OrgId,
    id: ToolClassificationId,
    created_by: Option<UserId>,
    content: &Content<'_>,
) -> sqlx::Result<ToolClassificationRow> {
    sqlx::query_as(
        "insert into tool_classifications (id, org_id, created_by, mcp_server, tool_name, classification,
            requires_approval, description)
         values ($1, $2, $3, $4, $5, $6, $7, $8) returning *",
    )
    .bind(id)
    .bind(org)
    .bind(created_by)
    .bind(content.mcp_server)
    .bind(content.tool_name)
    .bind(content.classification)
    .bind(content.requires_approval)
    .bind(content.description)
    .fetch_one(conn)
    .await
}

/// # Errors
/// The database's; patterns that have a classification are a named constraint.
pub async fn update(
    conn: &mut PgConnection,
    org: OrgId,
    id: ToolClassificationId,
    content: &Content<'_>,
) -> sqlx::Result<ToolClassificationRow> {
    sqlx::query_as(
        "update tool_classifications set mcp_server = $3, tool_name = $4, classification = $5,
            requires_approval = $6, description = $7, updated_at = now(), version = version + 1
         where org_id = $1 and id = $2 returning *",
    )
    .bind(org)
    .bind(id)
    .bind(content.mcp_server)
    .bind(content.tool_name)
    .bind(content.classification)
    .bind(content.requires_approval)
    .bind(content.description)
    .fetch_one(conn)
    .await
}

/// # Errors
/// The database's.
pub async fn delete(conn: &mut PgConnection, org: OrgId, id: ToolClassificationId) -> sqlx::Result<()> {
    sqlx::query("delete from tool_classifications where org_id = $1 and id = $2")
        .bind(org)
        .bind(id)
        .execute(conn)
        .await?;
    Ok(())
}
