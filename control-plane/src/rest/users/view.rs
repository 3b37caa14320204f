//! A user as JSON shows them (contract 3.3).

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    id::{OrgId, RoleId, TeamId, UserId},
    rest::{list::PageInfo, value::Time},
    service::users::{Person, Status},
    store::users::directory::{HeldRole, OwnTeam},
};

#[derive(Serialize, ToSchema)]
pub(super) struct User {
    id: UserId,
    org_id: OrgId,
    email: String,
    name: String,
    #[schema(required)]
    avatar_url: Option<String>,
    #[schema(value_type = Status)]
    status: String,
    /// The highest of their roles that count everywhere; null when none does.
    #[schema(required)]
    role: Option<String>,
    /// What was assigned to them. Teams bring roles of their own.
    roles: Vec<UserRole>,
    teams: Vec<UserTeam>,
    /// `password` or `sso`.
    auth_method: &'static str,
    #[schema(required)]
    last_login_at: Option<Time>,
    #[schema(required)]
    last_active_at: Option<Time>,
    created_at: Time,
    updated_at: Time,
    version: i32,
    #[schema(required)]
    created_by: Option<UserId>,
    managed_by: String,
}

#[derive(Serialize, ToSchema)]
struct UserRole {
    assignment_id: Uuid,
    role_id: RoleId,
    name: String,
    /// `global`, `team` or `server`.
    scope_type: String,
    #[schema(required)]
    scope_id: Option<Uuid>,
}

#[derive(Serialize, ToSchema)]
struct UserTeam {
    id: TeamId,
    name: String,
    /// `lead` or `member`.
    role: String,
}

impl From<Person> for User {
    fn from(person: Person) -> Self {
        let row = person.row;
        Self {
            id: row.id,
            org_id: row.org_id,
            email: row.email,
            name: row.name,
            avatar_url: row.avatar_url,
            status: row.status,
            role: person.role,
            roles: person.roles.into_iter().map(UserRole::from).collect(),
            teams: person.teams.into_iter().map(UserTeam::from).collect(),
            auth_method: if row.password_hash.is_some() { "password" } else { "sso" },
            last_login_at: row.last_login_at.map(Time),
            last_active_at: row.last_active_at.map(Time),
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
            created_by: row.created_by,
            managed_by: row.managed_by,
        }
    }
}

impl From<HeldRole> for UserRole {
    fn from(role: HeldRole) -> Self {
        Self {
            assignment_id: role.assignment_id,
            role_id: role.role_id,
            name: role.name,
            scope_type: role.scope_type,
            scope_id: role.scope_id,
        }
    }
}

impl From<OwnTeam> for UserTeam {
    fn from(team: OwnTeam) -> Self {
        Self { id: team.id, name: team.name, role: team.role }
    }
}

#[derive(Serialize, ToSchema)]
pub(super) struct Users {
    pub(super) users: Vec<User>,
    #[serde(flatten)]
    pub(super) page: PageInfo,
}
