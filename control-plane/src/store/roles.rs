//! Roles, and what a user was granted by them.

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::{
    dimensions::push_any,
    page::{self, Found, Page, SortKey, contains},
};
use crate::id::{OrgId, RoleId, UserId};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct RoleRow {
    pub id: RoleId,
    pub org_id: OrgId,
    pub name: String,
    pub description: String,
    pub permissions: Vec<String>,
    pub is_builtin: bool,
    /// Everybody who holds it in some scope.
    pub user_count: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
    pub created_by: Option<UserId>,
    pub managed_by: String,
}

// Team memberships bring their roles without an assignment (contract 4.2).
const COLUMNS: &str =
    "r.id, r.org_id, r.name, r.description, r.permissions, r.is_builtin, r.created_at, r.updated_at,
    r.version, r.created_by, r.managed_by,
    (select count(distinct held.user_id) from (
        select a.user_id from user_roles a where a.org_id = r.org_id and a.role_id = r.id
        union all
        select m.user_id from team_memberships m
        where m.org_id = r.org_id and r.is_builtin and r.name = 'team_' || m.role) held) as user_count";

pub const SORT: &[SortKey] = &[
    SortKey { name: "created_at", sql: "r.created_at", cast: "timestamptz" },
    SortKey { name: "updated_at", sql: "r.updated_at", cast: "timestamptz" },
    SortKey { name: "name", sql: "r.name::text", cast: "text" },
];

/// Which roles a list shows; what is absent filters nothing.
#[derive(Debug, Default)]
pub struct Filter {
    pub names: Option<Vec<String>>,
    pub builtin: Option<Vec<bool>>,
    pub q: Option<String>,
}

/// What an administrator decides about a role.
pub struct Content<'a> {
    pub name: &'a str,
    pub description: &'a str,
    pub permissions: &'a [String],
}

/// # Errors
/// The database's.
pub async fn list(
    conn: &mut PgConnection,
    org: OrgId,
    filter: &Filter,
    page: &Page,
) -> sqlx::Result<Found<RoleRow>> {
    page::fetch(conn, page, COLUMNS, "r.id", |query| {
        query.push(" from roles r where r.org_id = ").push_bind(org);
        push_any(query, "r.name", filter.names.as_ref());
        push_any(query, "r.is_builtin", filter.builtin.as_ref());
        if let Some(q) = &filter.q {
            query.push(" and (r.name ilike ").push_bind(contains(q));
            query.push(" or r.description ilike ").push_bind(contains(q)).push(")");
        }
    })
    .await
}

/// # Errors
/// The database's.
pub async fn get(conn: &mut PgConnection, org: OrgId, id: RoleId) -> sqlx::Result<Option<RoleRow>> {
    let query = format!("select {COLUMNS} from roles r where r.org_id = $1 and r.id = $2");
    sqlx::query_as(AssertSqlSafe(query)).bind(org).bind(id).fetch_optional(conn).await
}

/// What the built-in role that a team membership brings allows (contract 4.2).
///
/// # Errors
/// The database's.
pub async fn brought_by(conn: &mut PgConnection, org: OrgId, team_role: &str) -> sqlx::Result<Vec<String>> {
    let query = "select permissions from roles where org_id = $1 and is_builtin and name = 'team_' || $2";
    Ok(sqlx::query_scalar(query).bind(org).bind(team_role).fetch_optional(conn).await?.unwrap_or_default())
}

/// As [`get`], and nobody else changes it until the transaction ends.
///
/// # Errors
/// The database's.
pub async fn lock(conn: &mut PgConnection, org: OrgId, id: RoleId) -> sqlx::Result<Option<RoleRow>> {
    let query = format!("select {COLUMNS} from roles r where r.org_id = $1 and r.id = $2 for update of r");
    sqlx::query_as(AssertSqlSafe(query)).bind(org).bind(id).fetch_optional(conn).await
}

/// # Errors
/// The database's; a name that is taken is a named constraint.
pub async fn insert(
    conn: &mut PgConnection,
    org: OrgId,
    id: RoleId,
    created_by: Option<UserId>,
    content: &Content<'_>,
) -> sqlx::Result<RoleRow> {
    let query = format!(
        "insert into roles as r (id, org_id, created_by, name, description, permissions)
         values ($1, $2, $3, $4, $5, $6) returning {COLUMNS}"
    );
    sqlx::query_as(AssertSqlSafe(query))
        .bind(id)
        .bind(org)
        .bind(created_by)
        .bind(content.name)
        .bind(content.description)
        .bind(content.permissions)
        .fetch_one(conn)
        .await
}

/// # Errors
/// The database's; a name that is taken is a named constraint.
pub async fn update(
    conn: &mut PgConnection,
    org: OrgId,
    id: RoleId,
    content: &Content<'_>,
) -> sqlx::Result<RoleRow> {
    let query = format!(
        "update roles r set name = $3, description = $4, permissions = $5, updated_at = now(), version = version + 1
         where r.org_id = $1 and r.id = $2 returning {COLUMNS}"
    );
    sqlx::query_as(AssertSqlSafe(query))
        .bind(org)
        .bind(id)
        .bind(content.name)
        .bind(content.description)
        .bind(content.permissions)
        .fetch_one(conn)
        .await
}

/// # Errors
/// The database's; a role that somebody holds stays, by its foreign key.
pub async fn delete(conn: &mut PgConnection, org: OrgId, id: RoleId) -> sqlx::Result<()> {
    sqlx::query("delete from roles where org_id = $1 and id = $2").bind(org).bind(id).execute(conn).await?;
    Ok(())
}

/// A role as one user holds it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AssignmentRow {
    /// None for the role that a team membership brings.
    pub assignment_id: Option<Uuid>,
    pub role_id: RoleId,
    pub name: String,
    pub permissions: Vec<String>,
    pub scope_type: String,
    pub scope_id: Option<Uuid>,
    /// The server's name, when the scope is a server.
    pub server_name: Option<String>,
}

/// Assigned roles, and those that team memberships bring (contract 4.2).
///
/// # Errors
/// The database's.
pub async fn list_of_user(
    conn: &mut PgConnection,
    org: OrgId,
    user: UserId,
) -> sqlx::Result<Vec<AssignmentRow>> {
    sqlx::query_as(
        "select a.id as assignment_id, r.id as role_id, r.name, r.permissions, a.scope_type, a.scope_id,
            s.name as server_name
         from user_roles a
         join roles r on r.org_id = a.org_id and r.id = a.role_id
         left join mcp_servers s on s.org_id = a.org_id and s.id = a.server_id
         where a.org_id = $1 and a.user_id = $2
         union all
         select null, r.id, r.name, r.permissions, 'team', m.team_id, null
         from team_memberships m
         join roles r on r.org_id = m.org_id and r.is_builtin and r.name = 'team_' || m.role
         where m.org_id = $1 and m.user_id = $2
         order by 3, 6",
    )
    .bind(org)
    .bind(user)
    .fetch_all(conn)
    .await
}

/// # Errors
/// The database's.
pub async fn assign_globally(
    conn: &mut PgConnection,
    org: OrgId,
    user: UserId,
    role: &str,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into user_roles (org_id, user_id, role_id)
         select $1, $2, id from roles where org_id = $1 and name = $3
         on conflict on constraint user_roles_grant_key do nothing",
    )
    .bind(org)
    .bind(user)
    .bind(role)
    .execute(conn)
    .await?;
    Ok(())
}
