//! Roles, and what a user was granted by them.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::id::{OrgId, RoleId, UserId};

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
