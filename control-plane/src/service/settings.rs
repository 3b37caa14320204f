//! The organization's settings: read and changed whole (contract 3.2).

use serde_json::{Value, json};
use sqlx::PgConnection;

use super::audit::{self, Author, Entry};
use crate::{
    app::App,
    auth::Principal,
    error::{Error, Result},
    id::OrgId,
    networks,
    rest::{
        etag::IfMatch,
        form::{Faults, Patch},
    },
    settings::{Retention, Settings},
    store::{
        organizations::{self, OrganizationRow},
        role_assignments, sessions, settings,
    },
};

/// # Errors
/// `permission_denied`.
pub async fn get(app: &App, principal: &Principal) -> Result<(OrganizationRow, Settings)> {
    principal.require_everywhere("settings:read")?;
    let mut tx = principal.begin(&app.database).await?;
    let row = organizations::get(&mut tx, principal.org).await?.ok_or_else(Error::not_found)?;
    let shown = effective(app, &row.settings)?;
    Ok((row, shown))
}

/// # Errors
/// `permission_denied`, `precondition_failed`; `validation_error` also of an allow-list that would shut the caller out;
/// `invalid_state` when nobody could log in any more.
pub async fn update(
    app: &App,
    principal: &Principal,
    if_match: &IfMatch,
    patch: Patch<Settings>,
) -> Result<(OrganizationRow, Settings)> {
    principal.require_everywhere("settings:admin")?;
    let org = principal.org;
    let mut tx = principal.begin(&app.database).await?;
    let current = organizations::lock(&mut tx, org).await?.ok_or_else(Error::not_found)?;
    if_match.check(current.version)?;
    let before = effective(app, &current.settings)?;
    let named = patch.changes().get("retention").cloned();
    let mut after = patch.onto(&before)?;
    networks::normalize(&mut after.security.ip_allowlist);
    check(&mut tx, app, principal, &after).await?;
    let gives_up_passwords = before.security.allows_passwords() && !after.security.allows_passwords();
    let mut entry = Entry::success("settings.update");
    if gives_up_passwords {
        keep_a_way_in(&mut tx, org).await?;
        // Whoever knew a password that is good no more has no session by it either.
        let ended =
            sessions::revoke_all(&mut tx, org, sessions::Which::ByPassword, principal.session()).await?;
        entry = entry.details(json!({"sessions_ended": ended}));
    }
    let row = settings::update(&mut tx, org, &to_store(&after, named.as_ref(), &current.settings)).await?;
    let entry = entry.on(row.id, &row.name).changes(&before.flat(), &after.flat());
    audit::record(&mut tx, org, &Author::from(principal), entry).await?;
    tx.commit().await?;
    Ok((row, after))
}

/// What holds: the stored ones over the defaults, within what the process demands.
fn effective(app: &App, stored: &Value) -> Result<Settings> {
    Ok(Settings::read(stored)?.kept_at_least(app.config.retention_min_days))
}

/// What is not the default. Where the process demands a longer retention, that shows instead of what was decided: so
/// these fields are stored as they were, unless the change names them.
fn to_store(after: &Settings, named: Option<&Value>, stored: &Value) -> Value {
    let is_named = |field| named.is_some_and(|section| section.get(field).is_some() || section.is_null());
    let mut new = after.beyond(&Settings::default());
    for field in Retention::FLOORED.into_iter().filter(|field| !is_named(*field)) {
        let kept = stored.get("retention").and_then(|section| section.get(field));
        match (kept, new.get_mut("retention").and_then(Value::as_object_mut)) {
            (Some(days), _) => new["retention"][field] = days.clone(),
            (None, Some(section)) => drop(section.remove(field)),
            (None, None) => {}
        }
    }
    new
}

/// What the form alone cannot tell.
async fn check(conn: &mut PgConnection, app: &App, principal: &Principal, after: &Settings) -> Result<()> {
    let mut faults = Faults::default();
    after.retention.check_floor(app.config.retention_min_days, &mut faults);
    if !networks::admit(&after.security.ip_allowlist, principal.origin.ip) {
        let own = principal.origin.ip.map_or_else(|| "unknown".to_owned(), |ip| ip.to_string());
        let message = format!("must contain your own address, {own}: you would shut yourself out");
        faults.add("security.ip_allowlist", "range", message);
    }
    let channels = &after.approvals.channel_ids;
    let known = settings::known_channels(conn, principal.org, channels).await?;
    for (index, channel) in channels.iter().enumerate() {
        if !known.contains(channel) {
            faults.add(format!("approvals.channel_ids.{index}"), "unknown", "names no channel of yours");
        }
    }
    faults.finish()
}

/// Passwords are not given up before an administrator has logged in by another way that is still there: one that was
/// never used may not work.
async fn keep_a_way_in(conn: &mut PgConnection, org: OrgId) -> Result<()> {
    if role_assignments::an_admin_can_log_in(conn, org, false, None).await? {
        return Ok(());
    }
    let message = "no administrator could log in: enable an identity provider and let an administrator sign in by it \
                   before you end log-ins by password";
    Err(Error::invalid_state("no_sso_provider", message))
}
