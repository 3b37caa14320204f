//! API keys: create, list, change, rotate with grace, revoke, usage (contract 3.5).

use chrono::{DateTime, Duration, Utc};
use gatewayops_proto::api_key;
use ring::rand::SystemRandom;
use serde_json::json;
use sqlx::PgConnection;

use super::audit::{self, Author, Entry};
use crate::{
    app::App,
    auth::{Principal, Reach},
    error::{Error, Result},
    id::{ApiKeyId, TeamId},
    networks,
    rest::{etag::IfMatch, form::Patch, window::Window},
    settings::Settings,
    store::{
        api_keys::{
            self, ApiKeyRow, Filter, NewApiKey, Rotation,
            usage::{self, DayRow, Figures, PlaceRow, Span},
        },
        organizations, outbox,
        page::{Found, Page},
        users,
    },
};

mod expiring;
mod form;

pub use expiring::warn as warn_of_expiring;
pub use form::{ApiKeyForm, Environment, RevokeForm, RotateForm};

/// A key with its secret, which is shown this once.
pub struct Issued {
    pub row: ApiKeyRow,
    pub secret: String,
}

/// # Errors
/// `permission_denied`.
pub async fn list(
    app: &App,
    principal: &Principal,
    filter: &Filter,
    page: &Page,
) -> Result<Found<ApiKeyRow>> {
    let reach = principal.require("keys:read")?;
    let mut tx = principal.begin(&app.database).await?;
    Ok(api_keys::list(&mut tx, principal.org, &reach, filter, page).await?)
}

/// # Errors
/// `permission_denied`, `not_found`.
pub async fn get(app: &App, principal: &Principal, id: ApiKeyId) -> Result<ApiKeyRow> {
    let reach = principal.require("keys:read")?;
    let mut tx = principal.begin(&app.database).await?;
    api_keys::get(&mut tx, principal.org, &reach, id, false).await?.ok_or_else(Error::not_found)
}

/// # Errors
/// `permission_denied` also when the key would hold more than its creator; `validation_error`.
pub async fn create(app: &App, principal: &Principal, mut form: ApiKeyForm) -> Result<Issued> {
    let reach = principal.require("keys:create")?;
    let now = Utc::now();
    networks::normalize(&mut form.ip_allowlist);
    let mut tx = principal.begin(&app.database).await?;
    form.settle_expiry(max_ttl_days(&mut tx, principal).await?, now)?;
    place(&mut tx, principal, &reach, &mut form).await?;
    check_grants(principal, &form.permissions, form.team_id)?;

    let id = ApiKeyId::new();
    let secret = draw(form.environment)?;
    let (pepper_id, digest) = app.peppers.digest(&secret);
    let metadata = json!(form.metadata);
    let environment = api_key::Environment::from(form.environment).as_str();
    let new = NewApiKey {
        id,
        user: form.user_id,
        environment,
        key_prefix: api_key::prefix(&secret),
        key_hash: &digest,
        pepper_id,
        created_by: principal.user(),
        managed_by: "api",
        content: form.content(&metadata),
    };
    let row = api_keys::insert(&mut tx, principal.org, &new).await?;
    note(&mut tx, principal, Entry::success("api_key.create").details(json!(form)), &row).await?;
    tell(&mut tx, "api_key.created", &row).await?;
    tx.commit().await?;
    Ok(Issued { row, secret })
}

/// # Errors
/// `permission_denied`, `not_found`, `precondition_failed`, `validation_error`; `invalid_state` of a revoked key.
pub async fn update(
    app: &App,
    principal: &Principal,
    id: ApiKeyId,
    if_match: &IfMatch,
    patch: Patch<ApiKeyForm>,
) -> Result<ApiKeyRow> {
    let reach = principal.require("keys:create")?;
    let mut tx = principal.begin(&app.database).await?;
    let current = lock(&mut tx, principal, &reach, id).await?;
    if_match.check(current.version)?;
    refuse_revoked(&current)?;
    let before = ApiKeyForm::from(&current);
    let mut after = patch.onto(&before)?;
    networks::normalize(&mut after.ip_allowlist);
    if after.expires_at != before.expires_at {
        after.settle_expiry(max_ttl_days(&mut tx, principal).await?, Utc::now())?;
    }
    if after.team_id != before.team_id {
        check_team(&mut tx, principal, &reach, after.team_id).await?;
    }
    let added: Vec<_> =
        after.permissions.iter().filter(|one| !before.permissions.contains(one)).cloned().collect();
    check_grants(principal, &added, after.team_id)?;
    let metadata = json!(after.metadata);
    let row = api_keys::update(&mut tx, principal.org, id, &after.content(&metadata)).await?;
    note(&mut tx, principal, Entry::success("api_key.update").changes(&before, &after), &row).await?;
    tx.commit().await?;
    Ok(row)
}

/// # Errors
/// `permission_denied`, `not_found`, `validation_error`; `invalid_state` of a revoked or expired key.
pub async fn rotate(app: &App, principal: &Principal, id: ApiKeyId, form: &RotateForm) -> Result<Issued> {
    let reach = principal.require("keys:rotate")?;
    let now = Utc::now();
    let mut tx = principal.begin(&app.database).await?;
    let current = lock(&mut tx, principal, &reach, id).await?;
    refuse_revoked(&current)?;
    let max_days = max_ttl_days(&mut tx, principal).await?;
    let mut renewed = ApiKeyForm::from(&current);
    if form.expires_at.is_some() {
        renewed.expires_at = form.expires_at;
        renewed.settle_expiry(max_days, now)?;
    } else if current.status(now) == "expired" {
        return Err(Error::invalid_state("expired", "the key is expired; give a new expires_at"));
    }
    // The key may be older than the rule.
    renewed.cap_expiry(max_days, now);
    let secret = draw(renewed.environment)?;
    let (pepper_id, digest) = app.peppers.digest(&secret);
    let grace = (form.grace_seconds > 0).then(|| now + Duration::seconds(form.grace_seconds));
    let rotation = Rotation {
        key_prefix: api_key::prefix(&secret),
        key_hash: &digest,
        pepper_id,
        previous_expires_at: grace,
        expires_at: renewed.expires_at,
    };
    let row = api_keys::rotate(&mut tx, principal.org, id, &rotation).await?;
    let details = json!({"grace_seconds": form.grace_seconds, "expires_at": row.expires_at});
    note(&mut tx, principal, Entry::success("api_key.rotate").details(details), &row).await?;
    tell(&mut tx, "api_key.rotated", &row).await?;
    tx.commit().await?;
    Ok(Issued { row, secret })
}

/// A repeat changes nothing and is no failure.
///
/// # Errors
/// `permission_denied`, `not_found`, `precondition_failed`.
pub async fn revoke(
    app: &App,
    principal: &Principal,
    id: ApiKeyId,
    if_match: &IfMatch,
    reason: Option<&str>,
) -> Result<ApiKeyRow> {
    let reach = principal.require("keys:revoke")?;
    let mut tx = principal.begin(&app.database).await?;
    let current = lock(&mut tx, principal, &reach, id).await?;
    if_match.check(current.version)?;
    if current.revoked_at.is_some() {
        return Ok(current);
    }
    let row = api_keys::revoke(&mut tx, principal.org, id, principal.user(), reason).await?;
    note(&mut tx, principal, Entry::success("api_key.revoke").details(json!({"reason": reason})), &row)
        .await?;
    tell(&mut tx, "api_key.revoked", &row).await?;
    tx.commit().await?;
    Ok(row)
}

pub struct Usage {
    pub total: Figures,
    pub last_used_at: Option<DateTime<Utc>>,
    pub daily: Vec<DayRow>,
    pub by_server: Vec<PlaceRow>,
    pub by_tool: Vec<PlaceRow>,
}

/// # Errors
/// `permission_denied`, `not_found`.
pub async fn usage(app: &App, principal: &Principal, id: ApiKeyId, window: &Window) -> Result<Usage> {
    let reach = principal.require("keys:read")?;
    let (org, span) = (principal.org, Span { start: window.start, end: window.end });
    let mut tx = principal.begin(&app.database).await?;
    let row = api_keys::get(&mut tx, org, &reach, id, false).await?.ok_or_else(Error::not_found)?;
    Ok(Usage {
        total: usage::total(&mut tx, org, id, &span).await?,
        last_used_at: row.last_used_at,
        daily: usage::daily(&mut tx, org, id, &span).await?,
        by_server: usage::by_place(&mut tx, org, id, &span, false).await?,
        by_tool: usage::by_place(&mut tx, org, id, &span, true).await?,
    })
}

async fn lock(
    conn: &mut PgConnection,
    principal: &Principal,
    reach: &Reach,
    id: ApiKeyId,
) -> Result<ApiKeyRow> {
    api_keys::get(conn, principal.org, reach, id, true).await?.ok_or_else(Error::not_found)
}

fn refuse_revoked(row: &ApiKeyRow) -> Result<()> {
    match row.revoked_at {
        Some(_) => Err(Error::invalid_state("revoked", "the key was revoked; make another")),
        None => Ok(()),
    }
}

/// Puts the key where its creator may make one: holders of `keys:create:own` make personal keys of their own.
async fn place(
    conn: &mut PgConnection,
    principal: &Principal,
    reach: &Reach,
    form: &mut ApiKeyForm,
) -> Result<()> {
    let in_own_team = form.team_id.is_some_and(|team| reach.teams.contains(&team));
    if !reach.everything && !in_own_team {
        form.user_id = Some(reach.user.ok_or_else(|| Error::permission_denied("keys:create"))?);
    }
    check_team(conn, principal, reach, form.team_id).await
}

/// A key joins a team its maker may make keys for, or is a member of.
async fn check_team(
    conn: &mut PgConnection,
    principal: &Principal,
    reach: &Reach,
    team: Option<TeamId>,
) -> Result<()> {
    let Some(team) = team else { return Ok(()) };
    if reach.everything || reach.teams.contains(&team) {
        return Ok(());
    }
    let memberships = match principal.user() {
        Some(user) => users::memberships(conn, principal.org, user).await?,
        None => Vec::new(),
    };
    match memberships.iter().any(|membership| membership.id == team) {
        true => Ok(()),
        false => Err(Error::invalid_field("team_id", "unknown", "names no team of yours")),
    }
}

/// Nobody grants more than they hold.
fn check_grants(principal: &Principal, permissions: &[String], team: Option<TeamId>) -> Result<()> {
    match permissions.iter().find(|permission| !principal.grants.covers(permission, team)) {
        Some(beyond) => Err(Error::permission_denied(beyond)),
        None => Ok(()),
    }
}

async fn max_ttl_days(conn: &mut PgConnection, principal: &Principal) -> Result<Option<i64>> {
    let organization = organizations::get(conn, principal.org).await?.ok_or_else(Error::not_found)?;
    Ok(Settings::read(&organization.settings)?.security.key_max_ttl_days)
}

fn draw(environment: Environment) -> Result<String> {
    api_key::generate(environment.into(), &SystemRandom::new())
        .map_err(|_| Error::internal(anyhow::anyhow!("the system gave no random bytes")))
}

/// Whoever asked to be told of keys (contract 4.8); of no secret.
async fn tell(conn: &mut PgConnection, event: &str, row: &ApiKeyRow) -> Result<()> {
    let key = json!({
        "id": row.id,
        "org_id": row.org_id,
        "name": row.name,
        "environment": row.environment,
        "key_prefix": row.key_prefix,
        "team_id": row.team_id,
        "user_id": row.user_id,
        "expires_at": row.expires_at,
        "revoked_at": row.revoked_at,
    });
    Ok(outbox::insert(conn, row.org_id, event, &key).await?)
}

async fn note(conn: &mut PgConnection, principal: &Principal, entry: Entry, row: &ApiKeyRow) -> Result<()> {
    audit::record(conn, principal.org, &Author::from(principal), entry.on(row.id, &row.name)).await
}
