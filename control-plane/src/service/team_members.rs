//! Who belongs to a team. Membership is itself a grant on the team (contract 3.3, 4.2).

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::PgConnection;
use utoipa::ToSchema;

use super::audit::{self, Author, Entry};
use crate::{
    app::App,
    auth::{Principal, permission::GrantScope},
    error::{Code, Error, Result},
    id::{TeamId, UserId},
    rest::form::{Faults, Form, Patch},
    store::{
        page::{Found, Page},
        roles,
        team_members::{self, Filter, TeamMemberRow},
        teams::{self, TeamRow},
        users,
    },
};

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = TeamRole)]
#[serde(rename_all = "snake_case")]
pub enum TeamRole {
    Lead,
    #[default]
    Member,
}

impl TeamRole {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Member => "member",
        }
    }
}

#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TeamMemberForm {
    /// Fixed after creation.
    #[schema(required, value_type = UserId)]
    pub user_id: Option<UserId>,
    pub role: TeamRole,
}

impl Form for TeamMemberForm {
    const REQUIRED: &'static [&'static str] = &["user_id"];
    const READ_ONLY: &'static [&'static str] = &["user_id", "email", "name"];

    fn check(&self, _: &mut Faults) {}
}

impl From<&TeamMemberRow> for TeamMemberForm {
    fn from(row: &TeamMemberRow) -> Self {
        let role = if row.role == "lead" { TeamRole::Lead } else { TeamRole::Member };
        Self { user_id: Some(row.user_id), role }
    }
}

/// # Errors
/// `permission_denied`, `not_found`.
pub async fn list(
    app: &App,
    principal: &Principal,
    team: TeamId,
    filter: &Filter,
    page: &Page,
) -> Result<Found<TeamMemberRow>> {
    let mut tx = principal.begin(&app.database).await?;
    reach_team(&mut tx, principal, "teams:read", team).await?;
    Ok(team_members::list(&mut tx, principal.org, team, filter, page).await?)
}

/// # Errors
/// `permission_denied`, `not_found`, `validation_error`; `conflict` when they are a member already.
pub async fn create(
    app: &App,
    principal: &Principal,
    team: TeamId,
    form: TeamMemberForm,
) -> Result<TeamMemberRow> {
    let org = principal.org;
    let mut tx = principal.begin(&app.database).await?;
    let team = reach_team(&mut tx, principal, "teams:admin", team).await?;
    let user = form.user_id.ok_or_else(|| Error::invalid_field("user_id", "required", "is missing"))?;
    if users::get(&mut tx, org, user).await?.is_none() {
        return Err(Error::invalid_field("user_id", "unknown", "names nothing that exists"));
    }
    check_grants(&mut tx, principal, team.id, form.role).await?;
    if !team_members::insert(&mut tx, org, team.id, user, form.role.as_str()).await? {
        return Err(Error::new(Code::Conflict, "the user is a member already").with("field", "user_id"));
    }
    let row = lock(&mut tx, principal, team.id, user).await?;
    note(&mut tx, principal, Entry::success("team_member.create"), &team, &row).await?;
    tx.commit().await?;
    Ok(row)
}

/// # Errors
/// `permission_denied`, `not_found`, `validation_error`.
pub async fn update(
    app: &App,
    principal: &Principal,
    team: TeamId,
    user: UserId,
    patch: Patch<TeamMemberForm>,
) -> Result<TeamMemberRow> {
    let mut tx = principal.begin(&app.database).await?;
    let team = reach_team(&mut tx, principal, "teams:admin", team).await?;
    let current = lock(&mut tx, principal, team.id, user).await?;
    let before = TeamMemberForm::from(&current);
    let after = patch.onto(&before)?;
    if after.role != before.role {
        check_grants(&mut tx, principal, team.id, after.role).await?;
    }
    team_members::update(&mut tx, principal.org, team.id, user, after.role.as_str()).await?;
    let row = TeamMemberRow { role: after.role.as_str().to_owned(), ..current };
    let entry = Entry::success("team_member.update").changes(&before, &after);
    note(&mut tx, principal, entry, &team, &row).await?;
    tx.commit().await?;
    Ok(row)
}

/// # Errors
/// `permission_denied`, `not_found`.
pub async fn delete(app: &App, principal: &Principal, team: TeamId, user: UserId) -> Result<()> {
    let mut tx = principal.begin(&app.database).await?;
    let team = reach_team(&mut tx, principal, "teams:admin", team).await?;
    let current = lock(&mut tx, principal, team.id, user).await?;
    team_members::delete(&mut tx, principal.org, team.id, user).await?;
    note(&mut tx, principal, Entry::success("team_member.delete"), &team, &current).await?;
    tx.commit().await?;
    Ok(())
}

/// Nobody brings others, or themselves, to more on a team than they hold there.
///
/// # Errors
/// `permission_denied` with what they lack.
pub(super) async fn check_grants(
    conn: &mut PgConnection,
    principal: &Principal,
    team: TeamId,
    role: TeamRole,
) -> Result<()> {
    let brought = roles::brought_by(conn, principal.org, role.as_str()).await?;
    principal.require_grants(&brought, &GrantScope::Team(team))
}

/// A team the caller does not reach does not exist for them.
async fn reach_team(
    conn: &mut PgConnection,
    principal: &Principal,
    permission: &str,
    team: TeamId,
) -> Result<TeamRow> {
    let reach = principal.require(permission)?;
    teams::get(conn, principal.org, &reach, team, false).await?.ok_or_else(Error::not_found)
}

async fn lock(
    conn: &mut PgConnection,
    principal: &Principal,
    team: TeamId,
    user: UserId,
) -> Result<TeamMemberRow> {
    team_members::lock(conn, principal.org, team, user).await?.ok_or_else(Error::not_found)
}

/// The resource is the person in the team; the details say which team.
async fn note(
    conn: &mut PgConnection,
    principal: &Principal,
    entry: Entry,
    team: &TeamRow,
    row: &TeamMemberRow,
) -> Result<()> {
    let details = json!({"team_id": team.id, "team": team.name, "role": row.role});
    let entry = entry.on(row.user_id, &row.email).details(details);
    audit::record(conn, principal.org, &Author::from(principal), entry).await
}
