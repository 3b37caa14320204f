//! `safety_policies`: the row, and every statement about it.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgConnection, Postgres, QueryBuilder, postgres::PgArguments};

use super::{
    dimensions::push_any,
    page::{self, Found, Page, SortKey, contains},
};
use crate::id::{OrgId, SafetyPolicyId, UserId};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SafetyPolicyRow {
    pub id: SafetyPolicyId,
    pub org_id: OrgId,
    #[sqlx(flatten)]
    pub content: Content,
    /// The one that every organization has.
    pub is_default: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
    pub created_by: Option<UserId>,
    pub managed_by: String,
}

/// What an administrator decides about a policy.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Content {
    pub name: String,
    pub description: String,
    pub enabled: bool,
    pub mode: String,
    pub sensitivity: String,
    pub detectors: Vec<String>,
    pub directions: Vec<String>,
    pub mcp_servers: Vec<String>,
    pub tools: Vec<String>,
    /// `{"block": [...], "allow": [...]}`
    pub patterns: Value,
    pub min_severity: String,
}

const COLUMNS: &str = "p.*";

pub const SORT: &[SortKey] = &[
    SortKey { name: "created_at", sql: "p.created_at", cast: "timestamptz" },
    SortKey { name: "updated_at", sql: "p.updated_at", cast: "timestamptz" },
    SortKey { name: "name", sql: "p.name::text", cast: "text" },
];

/// Which policies a list shows; what is absent filters nothing.
#[derive(Debug, Default)]
pub struct Filter {
    pub enabled: Option<Vec<bool>>,
    pub modes: Option<Vec<String>>,
    pub names: Option<Vec<String>>,
    pub q: Option<String>,
}

/// # Errors
/// The database's.
pub async fn list(
    conn: &mut PgConnection,
    org: OrgId,
    filter: &Filter,
    page: &Page,
) -> sqlx::Result<Found<SafetyPolicyRow>> {
    page::fetch(conn, page, COLUMNS, "p.id", |query| {
        query.push(" from safety_policies p where p.org_id = ").push_bind(org);
        push_any(query, "p.enabled", filter.enabled.as_ref());
        push_any(query, "p.mode", filter.modes.as_ref());
        push_any(query, "p.name", filter.names.as_ref());
        if let Some(q) = &filter.q {
            query.push(" and concat_ws(' ', p.name, p.description) ilike ").push_bind(contains(q));
        }
    })
    .await
}

/// Those that are in force.
///
/// # Errors
/// The database's.
pub async fn list_enabled(conn: &mut PgConnection, org: OrgId) -> sqlx::Result<Vec<SafetyPolicyRow>> {
    sqlx::query_as("select * from safety_policies where org_id = $1 and enabled order by created_at, id")
        .bind(org)
        .fetch_all(conn)
        .await
}

/// # Errors
/// The database's.
pub async fn get(
    conn: &mut PgConnection,
    org: OrgId,
    id: SafetyPolicyId,
    lock: bool,
) -> sqlx::Result<Option<SafetyPolicyRow>> {
    let mut query = QueryBuilder::new("select * from safety_policies where org_id = ");
    query.push_bind(org).push(" and id = ").push_bind(id);
    if lock {
        query.push(" for update");
    }
    query.build_query_as().fetch_optional(conn).await
}

/// # Errors
/// The database's; a name that is taken is a named constraint.
pub async fn insert(
    conn: &mut PgConnection,
    org: OrgId,
    id: SafetyPolicyId,
    created_by: Option<UserId>,
    content: &Content,
) -> sqlx::Result<SafetyPolicyRow> {
    let query =
        "insert into safety_policies (org_id, id, name, description, enabled, mode, sensitivity, detectors,
            directions, mcp_servers, tools, patterns, min_severity, created_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) returning *";
    bound(query, org, id, content).bind(created_by).fetch_one(conn).await
}

/// # Errors
/// The database's; a name that is taken is a named constraint.
pub async fn update(
    conn: &mut PgConnection,
    org: OrgId,
    id: SafetyPolicyId,
    content: &Content,
) -> sqlx::Result<SafetyPolicyRow> {
    let query = "update safety_policies set name = $3, description = $4, enabled = $5, mode = $6, sensitivity = $7,
            detectors = $8, directions = $9, mcp_servers = $10, tools = $11, patterns = $12, min_severity = $13,
            updated_at = now(), version = version + 1
         where org_id = $1 and id = $2 returning *";
    bound(query, org, id, content).fetch_one(conn).await
}

type Query<'q> = sqlx::query::QueryAs<'q, Postgres, SafetyPolicyRow, PgArguments>;

/// A statement with its first thirteen arguments.
fn bound<'q>(query: &'static str, org: OrgId, id: SafetyPolicyId, content: &'q Content) -> Query<'q> {
    sqlx::query_as(query)
        .bind(org)
        .bind(id)
        .bind(&content.name)
        .bind(&content.description)
        .bind(content.enabled)
        .bind(&content.mode)
        .bind(&content.sensitivity)
        .bind(&content.detectors)
        .bind(&content.directions)
        .bind(&content.mcp_servers)
        .bind(&content.tools)
        .bind(&content.patterns)
        .bind(&content.min_severity)
}

/// # Errors
/// The database's.
pub async fn delete(conn: &mut PgConnection, org: OrgId, id: SafetyPolicyId) -> sqlx::Result<()> {
    let query = "delete from safety_policies where org_id = $1 and id = $2";
    sqlx::query(query).bind(org).bind(id).execute(conn).await?;
    Ok(())
}
