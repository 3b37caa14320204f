//! Users as administrators look them up: a page of them, then the roles and the teams of all of it, one query each
//! (contract 3.3).

use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::{COLUMNS, UserRow};
use crate::{
    auth::Reach,
    id::{OrgId, RoleId, TeamId, UserId},
    store::page::{self, Found, Page, SortKey, contains},
};

pub const SORT: &[SortKey] = &[
    SortKey { name: "created_at", sql: "u.created_at", cast: "timestamptz" },
    SortKey { name: "updated_at", sql: "u.updated_at", cast: "timestamptz" },
    SortKey { name: "name", sql: "u.name::text", cast: "text" },
];

#[derive(Default)]
pub struct Filter {
    pub statuses: Option<Vec<String>>,
    /// By the name of their highest global role.
    pub roles: Option<Vec<String>>,
    pub teams: Option<Vec<Uuid>>,
    pub q: Option<String>,
}

/// A role of the organization.
#[derive(sqlx::FromRow)]
pub struct RoleRow {
    pub id: RoleId,
    pub name: String,
    pub permissions: Vec<String>,
}

/// A role as one user holds it.
#[derive(Clone, sqlx::FromRow)]
pub struct HeldRole {
    pub user_id: UserId,
    pub assignment_id: Uuid,
    pub role_id: RoleId,
    pub name: String,
    pub permissions: Vec<String>,
    pub scope_type: String,
    pub scope_id: Option<Uuid>,
}

/// A team as one user belongs to it.
#[derive(Clone, sqlx::FromRow)]
pub struct OwnTeam {
    pub user_id: UserId,
    pub id: TeamId,
    pub name: String,
    pub role: String,
}

/// `ranked` are the organization's roles, the highest first; only a filter by role asks for them.
///
/// # Errors
/// The database's.
pub async fn list(
    conn: &mut PgConnection,
    org: OrgId,
    reach: &Reach,
    filter: &Filter,
    ranked: &[RoleId],
    page: &Page,
) -> sqlx::Result<Found<UserRow>> {
    let ranked: Vec<Uuid> = ranked.iter().map(|role| role.0).collect();
    page::fetch(conn, page, COLUMNS, "u.id", |query| {
        query.push(" from users u where u.org_id = ").push_bind(org);
        push_reach(query, reach);
        if let Some(statuses) = &filter.statuses {
            query.push(" and u.status = any(").push_bind(statuses.clone()).push(")");
        }
        if let Some(roles) = &filter.roles {
            query.push(
                " and (select r.name from user_roles a join roles r on r.org_id = a.org_id and r.id = a.role_id
                   where a.org_id = u.org_id and a.user_id = u.id and a.scope_type = 'global'
                   order by array_position(",
            );
            query.push_bind(ranked.clone()).push(", r.id) limit 1) = any(");
            query.push_bind(roles.clone()).push(")");
        }
        if let Some(teams) = &filter.teams {
            push_teams(query, teams.clone());
        }
        if let Some(q) = &filter.q {
            query.push(" and (u.email::text ilike ").push_bind(contains(q));
            query.push(" or u.name ilike ").push_bind(contains(q)).push(")");
        }
    })
    .await
}

/// # Errors
/// The database's.
pub async fn get(
    conn: &mut PgConnection,
    org: OrgId,
    reach: &Reach,
    id: UserId,
) -> sqlx::Result<Option<UserRow>> {
    let mut query = QueryBuilder::new(format!("select {COLUMNS} from users u where u.org_id = "));
    query.push_bind(org).push(" and u.id = ").push_bind(id);
    push_reach(&mut query, reach);
    query.build_query_as().fetch_optional(conn).await
}

/// A grant on a team reaches its members, one on a server reaches nobody.
fn push_reach(query: &mut QueryBuilder<Postgres>, reach: &Reach) {
    if !reach.everything {
        push_teams(query, reach.teams.iter().map(|team| team.0).collect());
    }
}

fn push_teams(query: &mut QueryBuilder<Postgres>, teams: Vec<Uuid>) {
    query.push(
        " and exists (select from team_memberships m where m.org_id = u.org_id and m.user_id = u.id
           and m.team_id = any(",
    );
    query.push_bind(teams).push("))");
}

/// # Errors
/// The database's.
pub async fn roles(conn: &mut PgConnection, org: OrgId) -> sqlx::Result<Vec<RoleRow>> {
    sqlx::query_as("select id, name, permissions from roles where org_id = $1")
        .bind(org)
        .fetch_all(conn)
        .await
}

/// What was assigned to them; what their teams bring is in [`teams_of`].
///
/// # Errors
/// The database's.
pub async fn roles_of(conn: &mut PgConnection, org: OrgId, users: &[UserId]) -> sqlx::Result<Vec<HeldRole>> {
    sqlx::query_as(
        "select a.user_id, a.id as assignment_id, r.id as role_id, r.name, r.permissions, a.scope_type, a.scope_id
         from user_roles a join roles r on r.org_id = a.org_id and r.id = a.role_id
         where a.org_id = $1 and a.user_id = any($2) order by r.name, a.id",
    )
    .bind(org)
    .bind(plain(users))
    .fetch_all(conn)
    .await
}

/// # Errors
/// The database's.
pub async fn teams_of(conn: &mut PgConnection, org: OrgId, users: &[UserId]) -> sqlx::Result<Vec<OwnTeam>> {
    sqlx::query_as(
        "select m.user_id, t.id, t.name, m.role
         from team_memberships m join teams t on t.org_id = m.org_id and t.id = m.team_id
         where m.org_id = $1 and m.user_id = any($2) order by t.name",
    )
    .bind(org)
    .bind(plain(users))
    .fetch_all(conn)
    .await
}

fn plain(users: &[UserId]) -> Vec<Uuid> {
    users.iter().map(|user| user.0).collect()
}
