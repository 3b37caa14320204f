//! What a provider leaves behind when it is switched off, becomes another one, gives less, or goes: nothing that only its
//! word held up.

use serde::Serialize;
use sqlx::PgConnection;

use super::{columns::group_mappings, sso_keys};
use crate::{
    auth::Principal,
    error::{Code, Error, Result},
    id::{OrgId, ProviderId, RoleId, TeamId},
    service::role_assignments::last_admin,
    settings,
    store::{
        organizations, role_assignments, sessions,
        sso_grants::{self, Removed},
        sso_providers::{ProviderRow, Settings},
        users::identity,
    },
};

/// What went, for the audit log.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(super) struct Left {
    sessions_ended: u64,
    users_unlinked: u64,
    #[serde(flatten)]
    removed: Removed,
}

/// Before the row is changed into one with these settings.
///
/// # Errors
/// `in_use` when no administrator, or no way for one to log in, would be left.
pub(super) async fn change(
    conn: &mut PgConnection,
    principal: &Principal,
    current: &ProviderRow,
    after: &Settings,
) -> Result<Left> {
    let (org, id, before) = (current.org_id, current.id, &current.settings);
    let switched_off = before.enabled && !after.enabled;
    let same_people = after.has_same_subjects(before);
    let mut left = Left::default();
    if !switched_off && same_people && after.group_mappings == before.group_mappings {
        return Ok(left);
    }
    if switched_off {
        keep_a_way_in(conn, org, id).await?;
    }
    lock_people(conn, org, id).await?;
    if switched_off || !same_people {
        left.sessions_ended = end_sessions(conn, principal, id).await?;
    }
    if !same_people {
        // A subject there is somebody else, whatever it is called.
        left.users_unlinked = identity::unlink_all(conn, org, id).await?;
    }
    if !after.has_same_keys(before) {
        sso_keys::forget(conn, org, id).await?;
    }
    let mappings = if same_people { group_mappings(after) } else { Vec::new() };
    let roles: Vec<RoleId> = mappings.iter().filter_map(|mapping| mapping.role_id).collect();
    let teams: Vec<TeamId> = mappings.iter().filter_map(|mapping| mapping.team_id).collect();
    left.removed = keep_grants(conn, org, id, &roles, &teams).await?;
    Ok(left)
}

/// Before the row is deleted.
///
/// # Errors
/// As [`change`].
pub(super) async fn delete(
    conn: &mut PgConnection,
    principal: &Principal,
    org: OrgId,
    id: ProviderId,
) -> Result<Left> {
    keep_a_way_in(conn, org, id).await?;
    lock_people(conn, org, id).await?;
    Ok(Left {
        sessions_ended: end_sessions(conn, principal, id).await?,
        users_unlinked: identity::unlink_all(conn, org, id).await?,
        removed: keep_grants(conn, org, id, &[], &[]).await?,
    })
}

/// In the order in which everybody takes them: sessions, users, administrators; then the change log.
async fn lock_people(conn: &mut PgConnection, org: OrgId, id: ProviderId) -> Result<()> {
    sessions::lock_of_provider(conn, org, id).await?;
    identity::lock_linked(conn, org, id).await?;
    role_assignments::lock_admins(conn, org).await?;
    Ok(())
}

/// All but the caller's own.
async fn end_sessions(conn: &mut PgConnection, principal: &Principal, id: ProviderId) -> Result<u64> {
    Ok(sessions::revoke_all(conn, principal.org, sessions::Which::OfProvider(id), principal.session())
        .await?)
}

/// Of what groups granted, only what they grant from here on.
async fn keep_grants(
    conn: &mut PgConnection,
    org: OrgId,
    id: ProviderId,
    roles: &[RoleId],
    teams: &[TeamId],
) -> Result<Removed> {
    let had_admins = !role_assignments::list_admins(conn, org).await?.is_empty();
    let removed = sso_grants::keep_only(conn, org, id, roles, teams).await?;
    if had_admins && role_assignments::list_admins(conn, org).await?.is_empty() {
        return Err(last_admin());
    }
    Ok(removed)
}

/// Call it before `id` is no longer one to log in by.
async fn keep_a_way_in(conn: &mut PgConnection, org: OrgId, id: ProviderId) -> Result<()> {
    // Settings that shut local log-in off are changed under the same lock.
    let organization = organizations::lock(conn, org).await?.ok_or_else(Error::not_found)?;
    let passwords = settings::Settings::read(&organization.settings)?.security.allows_passwords();
    if role_assignments::an_admin_can_log_in(conn, org, passwords, Some(id)).await? {
        return Ok(());
    }
    // Where none could before, and anybody else can still use a password, nothing is lost.
    if passwords && !role_assignments::an_admin_can_log_in(conn, org, true, None).await? {
        return Ok(());
    }
    let message = "no administrator could log in any more; allow local log-in to one with a password, or let one sign \
                   in by another provider first";
    Err(Error::new(Code::InUse, message).with("by", "settings"))
}
