//! What group mappings granted: the role assignments and team memberships that carry their provider (migration 0013).
//! Those made by hand carry none, and nothing here touches them.

use serde::Serialize;
use sqlx::PgConnection;

use crate::id::{OrgId, ProviderId, RoleId, TeamId, UserId};

/// # Errors
/// The database's.
pub async fn roles(
    conn: &mut PgConnection,
    org: OrgId,
    provider: ProviderId,
    user: UserId,
) -> sqlx::Result<Vec<RoleId>> {
    sqlx::query_scalar(
        "select role_id from user_roles
         where org_id = $1 and sso_provider_id = $2 and user_id = $3 and scope_type = 'global'",
    )
    .bind(org)
    .bind(provider)
    .bind(user)
    .fetch_all(conn)
    .await
}

/// # Errors
/// The database's.
pub async fn teams(
    conn: &mut PgConnection,
    org: OrgId,
    provider: ProviderId,
    user: UserId,
) -> sqlx::Result<Vec<TeamId>> {
    sqlx::query_scalar(
        "select team_id from team_memberships where org_id = $1 and sso_provider_id = $2 and user_id = $3",
    )
    .bind(org)
    .bind(provider)
    .bind(user)
    .fetch_all(conn)
    .await
}

/// False when the user has the role already, or it is gone.
///
/// # Errors
/// The database's.
pub async fn add_role(
    conn: &mut PgConnection,
    org: OrgId,
    provider: ProviderId,
    user: UserId,
    role: RoleId,
) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "insert into user_roles (org_id, user_id, role_id, sso_provider_id)
         select $1, $3, id, $2 from roles where org_id = $1 and id = $4
         on conflict on constraint user_roles_grant_key do nothing",
    )
    .bind(org)
    .bind(provider)
    .bind(user)
    .bind(role)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// # Errors
/// The database's.
pub async fn remove_role(
    conn: &mut PgConnection,
    org: OrgId,
    provider: ProviderId,
    user: UserId,
    role: RoleId,
) -> sqlx::Result<()> {
    sqlx::query(
        "delete from user_roles where org_id = $1 and sso_provider_id = $2 and user_id = $3 and role_id = $4
         and scope_type = 'global'",
    )
    .bind(org)
    .bind(provider)
    .bind(user)
    .bind(role)
    .execute(conn)
    .await?;
    Ok(())
}

/// False when the user is a member already, or the team is gone.
///
/// # Errors
/// The database's.
pub async fn add_team(
    conn: &mut PgConnection,
    org: OrgId,
    provider: ProviderId,
    user: UserId,
    team: TeamId,
) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "insert into team_memberships (org_id, team_id, user_id, sso_provider_id)
         select $1, id, $3, $2 from teams where org_id = $1 and id = $4
         on conflict (team_id, user_id) do nothing",
    )
    .bind(org)
    .bind(provider)
    .bind(user)
    .bind(team)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// # Errors
/// The database's.
pub async fn remove_team(
    conn: &mut PgConnection,
    org: OrgId,
    provider: ProviderId,
    user: UserId,
    team: TeamId,
) -> sqlx::Result<()> {
    sqlx::query(
        "delete from team_memberships where org_id = $1 and sso_provider_id = $2 and user_id = $3 and team_id = $4",
    )
    .bind(org)
    .bind(provider)
    .bind(user)
    .bind(team)
    .execute(conn)
    .await?;
    Ok(())
}

/// What groups of other providers granted somebody, of whom this one speaks now.
///
/// # Errors
/// The database's.
pub async fn roles_of_others(
    conn: &mut PgConnection,
    org: OrgId,
    provider: ProviderId,
    user: UserId,
) -> sqlx::Result<Vec<(ProviderId, RoleId)>> {
    sqlx::query_as(
        "select sso_provider_id, role_id from user_roles
         where org_id = $1 and sso_provider_id <> $2 and user_id = $3 and scope_type = 'global'",
    )
    .bind(org)
    .bind(provider)
    .bind(user)
    .fetch_all(conn)
    .await
}

/// As [`roles_of_others`].
///
/// # Errors
/// The database's.
pub async fn teams_of_others(
    conn: &mut PgConnection,
    org: OrgId,
    provider: ProviderId,
    user: UserId,
) -> sqlx::Result<Vec<(ProviderId, TeamId)>> {
    sqlx::query_as(
        "select sso_provider_id, team_id from team_memberships
         where org_id = $1 and sso_provider_id <> $2 and user_id = $3",
    )
    .bind(org)
    .bind(provider)
    .bind(user)
    .fetch_all(conn)
    .await
}

/// How many grants went.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Removed {
    pub roles_removed: u64,
    pub members_removed: u64,
}

/// Takes away what one provider's groups granted to anybody, but for these roles and teams.
///
/// # Errors
/// The database's.
pub async fn keep_only(
    conn: &mut PgConnection,
    org: OrgId,
    provider: ProviderId,
    roles: &[RoleId],
    teams: &[TeamId],
) -> sqlx::Result<Removed> {
    let gone = "delete from user_roles where org_id = $1 and sso_provider_id = $2 and role_id <> all($3)";
    let gone = sqlx::query(gone).bind(org).bind(provider).bind(roles).execute(&mut *conn).await?;
    let left =
        "delete from team_memberships where org_id = $1 and sso_provider_id = $2 and team_id <> all($3)";
    let left = sqlx::query(left).bind(org).bind(provider).bind(teams).execute(conn).await?;
    Ok(Removed { roles_removed: gone.rows_affected(), members_removed: left.rows_affected() })
}
