//! Who belongs to a team (`team_memberships`).

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgConnection};

use super::{
    dimensions::push_any,
    page::{self, Found, Page, SortKey, contains},
};
use crate::id::{OrgId, TeamId, UserId};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct TeamMemberRow {
    pub user_id: UserId,
    pub email: String,
    pub name: String,
    pub role: String,
    pub created_at: DateTime<Utc>,
}

const COLUMNS: &str = "m.user_id, u.email, u.name, m.role, m.created_at";

pub const SORT: &[SortKey] = &[
    SortKey { name: "created_at", sql: "m.created_at", cast: "timestamptz" },
    SortKey { name: "name", sql: "u.name::text", cast: "text" },
    SortKey { name: "email", sql: "u.email::text", cast: "text" },
];

/// Which members a list shows; what is absent filters nothing.
#[derive(Debug, Default)]
pub struct Filter {
    pub roles: Option<Vec<String>>,
    pub users: Option<Vec<UserId>>,
    pub q: Option<String>,
}

/// # Errors
/// The database's.
pub async fn list(
    conn: &mut PgConnection,
    org: OrgId,
    team: TeamId,
    filter: &Filter,
    page: &Page,
) -> sqlx::Result<Found<TeamMemberRow>> {
    page::fetch(conn, page, COLUMNS, "m.user_id", |query| {
        query.push(" from team_memberships m join users u on u.org_id = m.org_id and u.id = m.user_id");
        query.push(" where m.org_id = ").push_bind(org).push(" and m.team_id = ").push_bind(team);
        push_any(query, "m.role", filter.roles.as_ref());
        push_any(query, "m.user_id", filter.users.as_ref());
        if let Some(q) = &filter.q {
            query.push(" and concat_ws(' ', u.name, u.email) ilike ").push_bind(contains(q));
        }
    })
    .await
}

/// As it is now; nobody else changes it until the transaction ends.
///
/// # Errors
/// The database's.
pub async fn lock(
    conn: &mut PgConnection,
    org: OrgId,
    team: TeamId,
    user: UserId,
) -> sqlx::Result<Option<TeamMemberRow>> {
    let query = format!(
        "select {COLUMNS} from team_memberships m join users u on u.org_id = m.org_id and u.id = m.user_id
         where m.org_id = $1 and m.team_id = $2 and m.user_id = $3 for update of m"
    );
    sqlx::query_as(AssertSqlSafe(query)).bind(org).bind(team).bind(user).fetch_optional(conn).await
}

/// Whether the user was not in the team before.
///
/// # Errors
/// The database's; a reference to nothing is a named constraint.
pub async fn insert(
    conn: &mut PgConnection,
    org: OrgId,
    team: TeamId,
    user: UserId,
    role: &str,
) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "insert into team_memberships (org_id, team_id, user_id, role) values ($1, $2, $3, $4)
         on conflict (team_id, user_id) do nothing",
    )
    .bind(org)
    .bind(team)
    .bind(user)
    .bind(role)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// # Errors
/// The database's.
pub async fn update(
    conn: &mut PgConnection,
    org: OrgId,
    team: TeamId,
    user: UserId,
    role: &str,
) -> sqlx::Result<()> {
    sqlx::query("update team_memberships set role = $4 where org_id = $1 and team_id = $2 and user_id = $3")
        .bind(org)
        .bind(team)
        .bind(user)
        .bind(role)
        .execute(conn)
        .await?;
    Ok(())
}

/// # Errors
/// The database's.
pub async fn delete(conn: &mut PgConnection, org: OrgId, team: TeamId, user: UserId) -> sqlx::Result<()> {
    sqlx::query("delete from team_memberships where org_id = $1 and team_id = $2 and user_id = $3")
        .bind(org)
        .bind(team)
        .bind(user)
        .execute(conn)
        .await?;
    Ok(())
}

/// The teams somebody is in.
///
/// # Errors
/// The database's.
pub async fn list_teams_of(conn: &mut PgConnection, org: OrgId, user: UserId) -> sqlx::Result<Vec<TeamId>> {
    sqlx::query_scalar("select team_id from team_memberships where org_id = $1 and user_id = $2 order by 1")
        .bind(org)
        .bind(user)
        .fetch_all(conn)
        .await
}
