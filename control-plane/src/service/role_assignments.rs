//! Role assignments: nobody grants more than they hold, and one administrator always stays (contract 3.4).

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

use super::audit::{self, Author, Entry};
use crate::{
    app::App,
    auth::{Principal, Reach, permission::GrantScope},
    error::{Code, Error, Result},
    id::{OrgId, RoleAssignmentId, RoleId, ServerId, TeamId, UserId},
    rest::form::{Faults, Form},
    store::{
        page::{Found, Page},
        role_assignments::{self, Filter, NewRoleAssignment, RoleAssignmentRow},
        roles::{self, RoleRow},
        servers, teams, users,
    },
};

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = RoleScope)]
#[serde(rename_all = "snake_case")]
pub enum ScopeType {
    #[default]
    Global,
    Team,
    Server,
}

impl ScopeType {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Team => "team",
            Self::Server => "server",
        }
    }
}

#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RoleAssignmentForm {
    #[schema(required, value_type = UserId)]
    pub user_id: Option<UserId>,
    #[schema(required, value_type = RoleId)]
    pub role_id: Option<RoleId>,
    pub scope_type: ScopeType,
    /// The team or server; required unless global.
    pub scope_id: Option<Uuid>,
}

impl Form for RoleAssignmentForm {
    const REQUIRED: &'static [&'static str] = &["user_id", "role_id"];

    fn check(&self, faults: &mut Faults) {
        match (self.scope_type, self.scope_id) {
            (ScopeType::Global, Some(_)) => {
                faults.add("scope_id", "unknown", "must not be given for the scope global");
            }
            (ScopeType::Team | ScopeType::Server, None) => {
                faults.add("scope_id", "required", "is missing");
            }
            _ => {}
        }
    }
}

/// # Errors
/// `permission_denied`.
pub async fn list(
    app: &App,
    principal: &Principal,
    filter: &Filter,
    page: &Page,
) -> Result<Found<RoleAssignmentRow>> {
    let reach = principal.require("rbac:read")?;
    let mut tx = principal.begin(&app.database).await?;
    Ok(role_assignments::list(&mut tx, principal.org, &reach, filter, page).await?)
}

/// # Errors
/// `permission_denied` also when the role holds more than the caller does there; `validation_error`, `conflict`.
pub async fn create(app: &App, principal: &Principal, form: RoleAssignmentForm) -> Result<RoleAssignmentRow> {
    let reach = principal.require("rbac:admin")?;
    let mut tx = principal.begin(&app.database).await?;
    let scope = scope(&mut tx, principal, &reach, &form).await?;
    let missing = |field| Error::invalid_field(field, "required", "is missing");
    let unknown = |field| Error::invalid_field(field, "unknown", "names nothing that exists");
    let user = form.user_id.ok_or_else(|| missing("user_id"))?;
    let role = form.role_id.ok_or_else(|| missing("role_id"))?;
    let user = users::get(&mut tx, principal.org, user).await?.ok_or_else(|| unknown("user_id"))?;
    let role = roles::get(&mut tx, principal.org, role).await?.ok_or_else(|| unknown("role_id"))?;
    principal.require_grants(&role.permissions, &scope)?;

    let new = NewRoleAssignment {
        id: RoleAssignmentId::new(),
        user: user.id,
        role: role.id,
        scope_type: form.scope_type.as_str(),
        scope: form.scope_id,
        granted_by: principal.user(),
    };
    let row = role_assignments::insert(&mut tx, principal.org, &new).await?.ok_or_else(|| {
        Error::new(Code::Conflict, "the user has this role there already").with("field", "role_id")
    })?;
    note(&mut tx, principal, "role_assignment.create", &row, &role).await?;
    tx.commit().await?;
    Ok(row)
}

/// # Errors
/// `permission_denied`, `not_found`; `in_use` of the last administrator's.
pub async fn delete(app: &App, principal: &Principal, id: RoleAssignmentId) -> Result<()> {
    let reach = principal.require("rbac:admin")?;
    let org = principal.org;
    let mut tx = principal.begin(&app.database).await?;
    let row = role_assignments::get(&mut tx, org, &reach, id).await?.ok_or_else(Error::not_found)?;
    let role = roles::get(&mut tx, org, row.role_id).await?.ok_or_else(Error::not_found)?;
    if role.is_builtin && role.name == "admin" && row.scope_type == "global" {
        keep_an_admin(&mut tx, org, row.user_id).await?;
    }
    if !role_assignments::delete(&mut tx, org, id).await? {
        return Err(Error::not_found());
    }
    note(&mut tx, principal, "role_assignment.delete", &row, &role).await?;
    tx.commit().await?;
    Ok(())
}

/// Call it before `user` is no longer an administrator, in that transaction: of two that would each remove one of the
/// last two, the second waits here and is refused.
///
/// # Errors
/// `in_use` when no active global administrator would be left.
pub async fn keep_an_admin(conn: &mut PgConnection, org: OrgId, user: UserId) -> Result<()> {
    role_assignments::lock_admins(conn, org).await?;
    if role_assignments::list_admins(conn, org).await? == [user] {
        return Err(last_admin());
    }
    Ok(())
}

/// Why somebody stays an administrator.
#[must_use]
pub fn last_admin() -> Error {
    let message = "this is the last administrator; make another one first";
    Error::new(Code::InUse, message).with("by", "organization")
}

/// Where the role is to count: a scope that exists and that the caller may assign roles in.
async fn scope(
    conn: &mut PgConnection,
    principal: &Principal,
    reach: &Reach,
    form: &RoleAssignmentForm,
) -> Result<GrantScope> {
    let unknown = || Error::invalid_field("scope_id", "unknown", "names nothing that exists");
    let Some(id) = form.scope_id else {
        return if reach.everything {
            Ok(GrantScope::Global)
        } else {
            Err(Error::permission_denied("rbac:admin"))
        };
    };
    let (team, server) = (TeamId(id), ServerId(id));
    let is_team = form.scope_type == ScopeType::Team;
    let reached = if is_team { reach.teams.contains(&team) } else { reach.servers.contains(&server) };
    if !reach.everything && !reached {
        return Err(Error::permission_denied("rbac:admin"));
    }
    if is_team {
        let row = teams::get(conn, principal.org, &Reach::everything(), team, false).await?;
        return row.map(|row| GrantScope::Team(row.id)).ok_or_else(unknown);
    }
    let row = servers::get(conn, principal.org, &id.to_string()).await?;
    row.map(|row| GrantScope::Server { id: row.id, name: row.name }).ok_or_else(unknown)
}

async fn note(
    conn: &mut PgConnection,
    principal: &Principal,
    action: &'static str,
    row: &RoleAssignmentRow,
    role: &RoleRow,
) -> Result<()> {
    let details = json!({
        "user_id": row.user_id,
        "role_id": row.role_id,
        "scope_type": row.scope_type,
        "scope_id": row.scope_id,
    });
    let entry = Entry::success(action).on(row.id, &role.name).details(details);
    audit::record(conn, principal.org, &Author::from(principal), entry).await
}
