//! Role assignments (`user_roles`): who holds which role in which scope.

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::{
    dimensions::push_any,
    page::{self, Found, Page, SortKey},
};
use crate::{
    auth::Reach,
    id::{OrgId, ProviderId, RoleAssignmentId, RoleId, UserId},
};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct RoleAssignmentRow {
    pub id: RoleAssignmentId,
    pub org_id: OrgId,
    pub user_id: UserId,
    pub role_id: RoleId,
    pub scope_type: String,
    pub scope_id: Option<Uuid>,
    pub granted_by: Option<UserId>,
    pub created_at: DateTime<Utc>,
}

const COLUMNS: &str =
    "a.id, a.org_id, a.user_id, a.role_id, a.scope_type, a.scope_id, a.granted_by, a.created_at";

pub const SORT: &[SortKey] = &[SortKey { name: "created_at", sql: "a.created_at", cast: "timestamptz" }];

/// Which assignments a list shows; what is absent filters nothing.
#[derive(Debug, Default)]
pub struct Filter {
    pub users: Option<Vec<UserId>>,
    pub roles: Option<Vec<RoleId>>,
    pub scope_types: Option<Vec<String>>,
    pub scopes: Option<Vec<Uuid>>,
}

pub struct NewRoleAssignment<'a> {
    pub id: RoleAssignmentId,
    pub user: UserId,
    pub role: RoleId,
    pub scope_type: &'a str,
    pub scope: Option<Uuid>,
    pub granted_by: Option<UserId>,
}

/// # Errors
/// The database's.
pub async fn list(
    conn: &mut PgConnection,
    org: OrgId,
    reach: &Reach,
    filter: &Filter,
    page: &Page,
) -> sqlx::Result<Found<RoleAssignmentRow>> {
    page::fetch(conn, page, COLUMNS, "a.id", |query| {
        query.push(" from user_roles a where a.org_id = ").push_bind(org);
        push_reach(query, reach);
        push_any(query, "a.user_id", filter.users.as_ref());
        push_any(query, "a.role_id", filter.roles.as_ref());
        push_any(query, "a.scope_type", filter.scope_types.as_ref());
        push_any(query, "a.scope_id", filter.scopes.as_ref());
    })
    .await
}

/// An assignment is a row of its scope.
fn push_reach(query: &mut QueryBuilder<Postgres>, reach: &Reach) {
    if reach.everything {
        return;
    }
    query.push(" and (a.team_id = any(").push_bind(reach.teams.clone());
    query.push(") or a.server_id = any(").push_bind(reach.servers.clone()).push("))");
}

/// # Errors
/// The database's.
pub async fn get(
    conn: &mut PgConnection,
    org: OrgId,
    reach: &Reach,
    id: RoleAssignmentId,
) -> sqlx::Result<Option<RoleAssignmentRow>> {
    let mut query = QueryBuilder::new(format!("select {COLUMNS} from user_roles a where a.org_id = "));
    query.push_bind(org).push(" and a.id = ").push_bind(id);
    push_reach(&mut query, reach);
    query.build_query_as().fetch_optional(conn).await
}

/// None when the user has the role in that scope already.
///
/// # Errors
/// The database's; a reference to nothing is a named constraint.
pub async fn insert(
    conn: &mut PgConnection,
    org: OrgId,
    new: &NewRoleAssignment<'_>,
) -> sqlx::Result<Option<RoleAssignmentRow>> {
    let query = format!(
        "insert into user_roles as a (id, org_id, user_id, role_id, scope_type, scope_id, granted_by)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict on constraint user_roles_grant_key do nothing returning {COLUMNS}"
    );
    sqlx::query_as(AssertSqlSafe(query))
        .bind(new.id)
        .bind(org)
        .bind(new.user)
        .bind(new.role)
        .bind(new.scope_type)
        .bind(new.scope)
        .bind(new.granted_by)
        .fetch_optional(conn)
        .await
}

/// Whether it was there.
///
/// # Errors
/// The database's.
pub async fn delete(conn: &mut PgConnection, org: OrgId, id: RoleAssignmentId) -> sqlx::Result<bool> {
    let done = sqlx::query("delete from user_roles where org_id = $1 and id = $2")
        .bind(org)
        .bind(id)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Makes all who would take an administrator away take turns, until the transaction ends.
///
/// # Errors
/// The database's.
pub async fn lock_admins(conn: &mut PgConnection, org: OrgId) -> sqlx::Result<()> {
    sqlx::query("select from roles where org_id = $1 and is_builtin and name = 'admin' for no key update")
        .bind(org)
        .execute(conn)
        .await?;
    Ok(())
}

/// Active users with a global assignment of the built-in role `admin`.
///
/// # Errors
/// The database's.
pub async fn list_admins(conn: &mut PgConnection, org: OrgId) -> sqlx::Result<Vec<UserId>> {
    sqlx::query_scalar(
        "select a.user_id from user_roles a
         join roles r on r.org_id = a.org_id and r.id = a.role_id and r.is_builtin and r.name = 'admin'
         join users u on u.org_id = a.org_id and u.id = a.user_id and u.status = 'active'
         where a.org_id = $1 and a.scope_type = 'global'",
    )
    .bind(org)
    .fetch_all(conn)
    .await
}

/// Whether an active administrator can log in: by a password, if those are allowed, or by an enabled provider that they
/// have signed in by, other than the one that is `leaving`.
///
/// # Errors
/// The database's.
pub async fn an_admin_can_log_in(
    conn: &mut PgConnection,
    org: OrgId,
    passwords: bool,
    leaving: Option<ProviderId>,
) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from user_roles a
         join roles r on r.org_id = a.org_id and r.id = a.role_id and r.is_builtin and r.name = 'admin'
         join users u on u.org_id = a.org_id and u.id = a.user_id and u.status = 'active'
         left join sso_providers p on p.org_id = u.org_id and p.id = u.sso_provider_id and p.enabled
             and p.id is distinct from $3
         where a.org_id = $1 and a.scope_type = 'global'
           and (($2 and u.password_hash is not null) or p.id is not null))",
    )
    .bind(org)
    .bind(passwords)
    .bind(leaving)
    .fetch_one(conn)
    .await
}
