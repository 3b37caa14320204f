//! The organization's settings: read and changed whole (contract 3.2).

use serde_json::Value;
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
    settings::Settings,
    store::{
        organizations::{self, OrganizationRow},
        settings,
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
    let mut after = patch.onto(&before)?;
    networks::normalize(&mut after.security.ip_allowlist);
    check(&mut tx, app, principal, &after).await?;
    keep_a_way_in(&mut tx, org, &before, &after).await?;

    let defaults = effective(app, &Value::Null)?;
    let row = settings::update(&mut tx, org, &after.beyond(&defaults)).await?;
    let entry =
        Entry::success("settings.update").on(row.id, &row.name).changes(&before.flat(), &after.flat());
    audit::record(&mut tx, org, &Author::from(principal), entry).await?;
    tx.commit().await?;
    Ok((row, after))
}

/// What holds: the stored ones over the defaults, within what the process demands.
fn effective(app: &App, stored: &Value) -> Result<Settings> {
    Ok(Settings::read(stored)?.kept_at_least(app.config.retention_min_days))
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

/// Passwords are not given up before there is another way to log in.
async fn keep_a_way_in(
    conn: &mut PgConnection,
    org: OrgId,
    before: &Settings,
    after: &Settings,
) -> Result<()> {
    let gives_up = before.security.allows_passwords() && !after.security.allows_passwords();
    if !gives_up || settings::has_provider(conn, org).await? {
        return Ok(());
    }
    let message =
        "nobody could log in: add and enable an identity provider before you end log-ins by password";
    Err(Error::invalid_state("no_sso_provider", message))
}
