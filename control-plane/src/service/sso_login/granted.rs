//! What somebody's groups grant, brought up to date at every sign-in. Grants made by hand are left alone, and so is the
//! last administrator.

use serde_json::json;
use sqlx::PgConnection;

use super::super::{
    audit::{self, Author, Entry},
    role_assignments::keep_an_admin,
    sso_providers::group_mappings,
};
use crate::{
    auth::Origin,
    error::{Code, Result},
    id::{ProviderId, RoleId, TeamId},
    oidc::{Reason, Refusal, quirks::groups::Groups},
    store::{roles, sso_grants, sso_providers::ProviderRow, users::UserRow},
};

/// # Errors
/// `sso_groups_unknown` when the user holds what groups granted and the provider did not say whether they still may.
pub(super) async fn apply(
    conn: &mut PgConnection,
    row: &ProviderRow,
    user: &UserRow,
    groups: Groups,
    origin: &Origin,
) -> Result<(), Refusal> {
    let mut change = Change { conn, row, user, author: author(row, origin) };
    change.leave_others().await?;
    let groups = match groups {
        Groups::Known(groups) => groups,
        Groups::Silent => return Ok(()),
        Groups::Untold(why) if change.holds_any().await? => {
            return Err(Refusal::new(Reason::GroupsUnknown, why));
        }
        Groups::Untold(why) => {
            tracing::warn!(
                sso_provider.id = %row.id, org.id = %row.org_id, user.id = %user.id, why,
                "somebody signed in without what their groups may grant"
            );
            return Ok(());
        }
    };
    let mappings = group_mappings(&row.settings);
    let granted = || mappings.iter().filter(|mapping| groups.contains(&mapping.group));
    let wanted_roles: Vec<RoleId> = granted().filter_map(|mapping| mapping.role_id).collect();
    let wanted_teams: Vec<TeamId> = granted().filter_map(|mapping| mapping.team_id).collect();
    change.roles(&wanted_roles).await?;
    Ok(change.teams(&wanted_teams).await?)
}

fn author(row: &ProviderRow, origin: &Origin) -> Author {
    Author::of("system", Some(row.id.0), Some(row.settings.name.clone()), origin)
}

struct Change<'a> {
    conn: &'a mut PgConnection,
    row: &'a ProviderRow,
    user: &'a UserRow,
    author: Author,
}

impl Change<'_> {
    async fn holds_any(&mut self) -> Result<bool> {
        let (org, provider, user) = (self.row.org_id, self.row.id, self.user.id);
        let roles = sso_grants::roles(self.conn, org, provider, user).await?;
        Ok(!roles.is_empty() || !sso_grants::teams(self.conn, org, provider, user).await?.is_empty())
    }

    /// Whoever came here from another provider is in none of its groups any more.
    async fn leave_others(&mut self) -> Result<()> {
        let (org, provider, user) = (self.row.org_id, self.row.id, self.user.id);
        for (other, role) in sso_grants::roles_of_others(self.conn, org, provider, user).await? {
            self.drop_role(other, role).await?;
        }
        for (other, team) in sso_grants::teams_of_others(self.conn, org, provider, user).await? {
            self.drop_team(other, team).await?;
        }
        Ok(())
    }

    async fn roles(&mut self, wanted: &[RoleId]) -> Result<()> {
        let (org, provider, user) = (self.row.org_id, self.row.id, self.user.id);
        let held = sso_grants::roles(self.conn, org, provider, user).await?;
        for role in held.iter().filter(|role| !wanted.contains(role)) {
            self.drop_role(provider, *role).await?;
        }
        for role in wanted.iter().filter(|role| !held.contains(role)) {
            if sso_grants::add_role(self.conn, org, provider, user, *role).await? {
                self.note_role("role_assignment.create", *role, provider).await?;
            }
        }
        Ok(())
    }

    async fn drop_role(&mut self, provider: ProviderId, role: RoleId) -> Result<()> {
        let (org, user) = (self.row.org_id, self.user.id);
        if self.is_last_admin_by(role).await? {
            tracing::warn!(user.id = %user, org.id = %org, "the last administrator left the administrators' group and stays one");
            return Ok(());
        }
        sso_grants::remove_role(self.conn, org, provider, user, role).await?;
        self.note_role("role_assignment.delete", role, provider).await
    }

    async fn teams(&mut self, wanted: &[TeamId]) -> Result<()> {
        let (org, provider, user) = (self.row.org_id, self.row.id, self.user.id);
        let held = sso_grants::teams(self.conn, org, provider, user).await?;
        for team in held.iter().filter(|team| !wanted.contains(team)) {
            self.drop_team(provider, *team).await?;
        }
        for team in wanted.iter().filter(|team| !held.contains(team)) {
            if sso_grants::add_team(self.conn, org, provider, user, *team).await? {
                self.note_team("team_member.create", *team, provider).await?;
            }
        }
        Ok(())
    }

    async fn drop_team(&mut self, provider: ProviderId, team: TeamId) -> Result<()> {
        sso_grants::remove_team(self.conn, self.row.org_id, provider, self.user.id, team).await?;
        self.note_team("team_member.delete", team, provider).await
    }

    async fn is_last_admin_by(&mut self, role: RoleId) -> Result<bool> {
        let role = roles::get(self.conn, self.row.org_id, role).await?;
        if !role.is_some_and(|role| role.is_builtin && role.name == "admin") {
            return Ok(false);
        }
        match keep_an_admin(self.conn, self.row.org_id, self.user.id).await {
            Err(error) if error.code == Code::InUse => Ok(true),
            outcome => outcome.map(|()| false),
        }
    }

    async fn note_role(&mut self, action: &'static str, role: RoleId, provider: ProviderId) -> Result<()> {
        let details = json!({
            "user_id": self.user.id, "role_id": role, "scope_type": "global", "scope_id": null,
            "sso_provider_id": provider,
        });
        self.note(action, details).await
    }

    async fn note_team(&mut self, action: &'static str, team: TeamId, provider: ProviderId) -> Result<()> {
        self.note(action, json!({"team_id": team, "role": "member", "sso_provider_id": provider})).await
    }

    async fn note(&mut self, action: &'static str, details: serde_json::Value) -> Result<()> {
        let entry = Entry::success(action).on(self.user.id, &self.user.email).details(details);
        audit::record(self.conn, self.row.org_id, &self.author, entry).await
    }
}
