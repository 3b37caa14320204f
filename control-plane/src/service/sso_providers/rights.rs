//! Who decides about providers. A provider says who somebody is, so whoever sets one up can be anybody here: they must
//! hold everything. It makes nobody a platform administrator but by the hand of one.

use sqlx::PgConnection;

use super::form::{GroupMapping, SsoProviderForm};
use crate::{
    app::App,
    auth::{Principal, permission::GrantScope},
    error::{Code, Error, Result},
    id::{OrgId, TeamId},
    store::{invites, roles},
};

/// # Errors
/// `permission_denied` with what is missing.
pub(super) fn may_decide(principal: &Principal) -> Result<()> {
    if principal.grants.covers_in("*", &GrantScope::Global) {
        return Ok(());
    }
    let message = "a provider can sign people in as anybody here, so this needs every permission (*) beside sso:admin, \
                   which alone is enough to switch one off (enabled: false)";
    Err(Error::new(Code::PermissionDenied, message).with("permission", "*"))
}

/// By whose hand platform administrators may sign in by the provider.
pub(super) fn is_platform_admin(principal: &Principal) -> bool {
    principal.grants.everywhere("platform:admin")
}

/// What the form alone cannot tell: whether the address may be called, and whether what it gives exists and is the
/// caller's to give: `platform:admin` is beyond `*`.
pub(super) async fn check(
    app: &App,
    conn: &mut PgConnection,
    principal: &Principal,
    form: &SsoProviderForm,
) -> Result<()> {
    app.egress
        .check(&form.issuer_url)
        .map_err(|error| Error::invalid_field("issuer_url", "format", error.to_string()))?;
    let role = invites::find_role(conn, principal.org, &form.default_role).await?;
    let role = role.filter(|role| role.name == form.default_role);
    let role = role.ok_or_else(|| Error::invalid_field("default_role", "unknown", "names no role"))?;
    principal.require_grants(&role.permissions, &GrantScope::Global)?;
    for (index, mapping) in form.group_mappings.iter().enumerate() {
        check_mapping(conn, principal, index, mapping).await?;
    }
    Ok(())
}

async fn check_mapping(
    conn: &mut PgConnection,
    principal: &Principal,
    index: usize,
    mapping: &GroupMapping,
) -> Result<()> {
    let unknown = |field: &str| {
        let field = format!("group_mappings.{index}.{field}");
        Error::invalid_field(&field, "unknown", "names nothing that exists")
    };
    if let Some(role) = mapping.role_id {
        let role = roles::get(conn, principal.org, role).await?.ok_or_else(|| unknown("role_id"))?;
        principal.require_grants(&role.permissions, &GrantScope::Global)?;
    }
    if let Some(team) = mapping.team_id
        && !is_team(conn, principal.org, team).await?
    {
        return Err(unknown("team_id"));
    }
    Ok(())
}

async fn is_team(conn: &mut PgConnection, org: OrgId, TeamId(team): TeamId) -> Result<bool> {
    Ok(!invites::known_teams(conn, org, &[team]).await?.is_empty())
}
