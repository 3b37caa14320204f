//! The caller as JSON shows them.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    auth::Principal,
    id::{OrgId, RoleId, TeamId, UserId},
    rest::{api_keys::ApiKey, sessions::Session, value::Time},
    service::profile,
    store::{roles::AssignmentRow, users::MembershipRow, users::UserRow},
};

#[derive(Serialize, ToSchema)]
pub(in crate::rest) struct Me {
    /// `user` or `api_key`.
    r#type: &'static str,
    /// The caller, or the owner of the calling key.
    #[schema(required)]
    user: Option<User>,
    #[schema(required)]
    api_key: Option<ApiKey>,
    organization: Organization,
    roles: Vec<Role>,
    teams: Vec<Team>,
    /// Grants in any scope.
    permissions: Vec<String>,
    /// Where MCP clients reach all servers; `<mcp_url>/<server>` is one of them.
    mcp_url: String,
    /// For `X-CSRF-Token`; null for keys.
    #[schema(required)]
    csrf_token: Option<String>,
    #[schema(required)]
    session: Option<Session>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = MeUser)]
struct User {
    id: UserId,
    email: String,
    name: String,
    #[schema(required)]
    avatar_url: Option<String>,
    status: String,
    auth_method: &'static str,
    is_platform_admin: bool,
    #[schema(value_type = Object)]
    preferences: Value,
    #[schema(required)]
    last_login_at: Option<Time>,
    #[schema(required)]
    last_active_at: Option<Time>,
    created_at: Time,
    updated_at: Time,
    version: i32,
}

#[derive(Serialize, ToSchema)]
#[schema(as = MeOrganization)]
struct Organization {
    id: OrgId,
    name: String,
    slug: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = MeRole)]
struct Role {
    /// Null for the role that a team membership brings.
    #[schema(required)]
    assignment_id: Option<Uuid>,
    role_id: RoleId,
    name: String,
    /// `global`, `team` or `server`.
    scope_type: String,
    #[schema(required)]
    scope_id: Option<Uuid>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = MeTeam)]
struct Team {
    id: TeamId,
    name: String,
    /// `lead` or `member`.
    role: String,
}

impl Me {
    pub(super) fn new(me: profile::Me, principal: &Principal, csrf_token: Option<String>) -> Self {
        Self {
            r#type: if me.api_key.is_some() { "api_key" } else { "user" },
            user: me.user.map(User::from),
            api_key: me.api_key.map(ApiKey::from),
            organization: Organization {
                id: me.organization.id,
                name: me.organization.name,
                slug: me.organization.slug,
            },
            roles: me.roles.into_iter().map(Role::from).collect(),
            teams: me.teams.into_iter().map(Team::from).collect(),
            permissions: me.permissions,
            mcp_url: me.mcp_url,
            csrf_token,
            session: me.session.map(|row| Session::new(row, principal)),
        }
    }
}

impl From<UserRow> for User {
    fn from(row: UserRow) -> Self {
        Self {
            id: row.id,
            email: row.email,
            name: row.name,
            avatar_url: row.avatar_url,
            status: row.status,
            auth_method: if row.password_hash.is_some() { "password" } else { "sso" },
            is_platform_admin: row.is_platform_admin,
            preferences: row.preferences,
            last_login_at: row.last_login_at.map(Time),
            last_active_at: row.last_active_at.map(Time),
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
        }
    }
}

impl From<AssignmentRow> for Role {
    fn from(row: AssignmentRow) -> Self {
        Self {
            assignment_id: row.assignment_id,
            role_id: row.role_id,
            name: row.name,
            scope_type: row.scope_type,
            scope_id: row.scope_id,
        }
    }
}

impl From<MembershipRow> for Team {
    fn from(row: MembershipRow) -> Self {
        Self { id: row.id, name: row.name, role: row.role }
    }
}
