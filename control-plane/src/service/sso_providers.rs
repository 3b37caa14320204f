//! Identity providers: who may set them up, and what they may give (contract 3.14).
//!
//! Whoever sets one up lets others in, so they grant what the provider grants: the default role and the mapped groups
//! must be within what they hold themselves, and every change is judged as a whole, for it may lead the same grants to
//! other people.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use sqlx::PgConnection;
use utoipa::ToSchema;

use super::{
    audit::{self, Author, Entry},
    role_assignments, sso_keys,
    team_members::{self, TeamRole},
};
use crate::{
    app::App,
    auth::{Principal, permission::GrantScope},
    error::{Code, Error, Result},
    id::{OrgId, ProviderId, TeamId},
    oidc::{Kind, Metadata, claims::ClaimMappings, keys::Keys},
    rest::{etag::IfMatch, form::Patch, servers::secret::Secret},
    seal::{Place, Sealer},
    store::{
        invites, organizations,
        page::{Found, Page},
        role_assignments as assignments, roles, sso_grants,
        sso_providers::{self, Filter, ProviderRow, Settings},
        users::identity,
    },
};

mod form;

pub use form::{GroupMapping, SsoProviderForm};

/// # Errors
/// `permission_denied`.
pub async fn list(
    app: &App,
    principal: &Principal,
    filter: &Filter,
    page: &Page,
) -> Result<Found<ProviderRow>> {
    principal.require_everywhere("sso:read")?;
    let mut tx = principal.begin(&app.database).await?;
    Ok(sso_providers::list(&mut tx, principal.org, filter, page).await?)
}

/// # Errors
/// `permission_denied`, `not_found`.
pub async fn get(app: &App, principal: &Principal, id: ProviderId) -> Result<ProviderRow> {
    principal.require_everywhere("sso:read")?;
    let mut tx = principal.begin(&app.database).await?;
    sso_providers::get(&mut tx, principal.org, id).await?.ok_or_else(Error::not_found)
}

/// # Errors
/// `permission_denied` also when it would give more than the caller holds; `validation_error`, `conflict`.
pub async fn create(app: &App, principal: &Principal, mut form: SsoProviderForm) -> Result<ProviderRow> {
    principal.require_everywhere("sso:admin")?;
    form.tidy();
    let (org, id) = (principal.org, ProviderId::new());
    let mut tx = principal.begin(&app.database).await?;
    check(app, &mut tx, principal, &form).await?;
    let settings = settings(&form, &app.sealer, org, id, None)?;
    let row = sso_providers::insert(&mut tx, org, id, principal.user(), &settings).await?;
    note(&mut tx, principal, Entry::success("sso_provider.create").details(json!(form)), &row).await?;
    tx.commit().await?;
    sso_keys::refresh_now(app, &row).await;
    Ok(row)
}

/// # Errors
/// `permission_denied` as above; `not_found`, `precondition_failed`, `validation_error`, `conflict`; `in_use` when
/// nobody could log in any more.
pub async fn update(
    app: &App,
    principal: &Principal,
    id: ProviderId,
    if_match: &IfMatch,
    patch: Patch<SsoProviderForm>,
) -> Result<ProviderRow> {
    principal.require_everywhere("sso:admin")?;
    let org = principal.org;
    let mut tx = principal.begin(&app.database).await?;
    let current = lock(&mut tx, org, id, if_match).await?;
    let before = form_of(&current.settings);
    let mut after = patch.onto(&before)?;
    after.tidy();
    check(app, &mut tx, principal, &after).await?;
    if before.enabled && !after.enabled {
        keep_a_way_in(&mut tx, org, id).await?;
    }
    let settings = settings(&after, &app.sealer, org, id, Some(&current.settings))?;
    if !settings.is_same_issuer(&current.settings) {
        // A subject at the new issuer is somebody else, whatever it is called; so are its keys.
        identity::unlink_all(&mut tx, org, id).await?;
        sso_keys::forget(&mut tx, org, id).await?;
    }
    let row = sso_providers::update(&mut tx, org, id, &settings).await?;
    note(&mut tx, principal, Entry::success("sso_provider.update").changes(&before, &after), &row).await?;
    tx.commit().await?;
    sso_keys::refresh_now(app, &row).await;
    Ok(row)
}

/// What its group mappings granted goes with it.
///
/// # Errors
/// `permission_denied`, `not_found`, `precondition_failed`; `in_use` when no administrator, or no way to log in, would
/// be left.
pub async fn delete(app: &App, principal: &Principal, id: ProviderId, if_match: &IfMatch) -> Result<()> {
    principal.require_everywhere("sso:admin")?;
    let org = principal.org;
    let mut tx = principal.begin(&app.database).await?;
    let current = lock(&mut tx, org, id, if_match).await?;
    keep_a_way_in(&mut tx, org, id).await?;
    assignments::lock_admins(&mut tx, org).await?;
    let had_admins = !assignments::list_admins(&mut tx, org).await?.is_empty();
    sso_grants::delete_of_provider(&mut tx, org, id).await?;
    if had_admins && assignments::list_admins(&mut tx, org).await?.is_empty() {
        return Err(role_assignments::last_admin());
    }
    sso_providers::delete(&mut tx, org, id).await?;
    note(&mut tx, principal, Entry::success("sso_provider.delete"), &current).await?;
    tx.commit().await?;
    Ok(())
}

/// What trying a provider came to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SsoProviderTrial)]
pub struct Trial {
    pub ok: bool,
    /// As the provider calls itself.
    #[schema(required)]
    pub issuer: Option<String>,
    pub endpoints: Endpoints,
    #[schema(required)]
    pub jwks_keys: Option<usize>,
    #[schema(required)]
    pub error: Option<String>,
}

#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = SsoProviderEndpoints)]
pub struct Endpoints {
    #[schema(required)]
    pub authorization: Option<String>,
    #[schema(required)]
    pub token: Option<String>,
    #[schema(required)]
    pub userinfo: Option<String>,
    #[schema(required)]
    pub jwks: Option<String>,
    #[schema(required)]
    pub end_session: Option<String>,
}

/// Asks the provider for its document and its keys, not what we remember of them.
///
/// # Errors
/// `permission_denied`, `not_found`.
pub async fn test(app: &App, principal: &Principal, id: ProviderId) -> Result<Trial> {
    principal.require_everywhere("sso:admin")?;
    let mut tx = principal.begin(&app.database).await?;
    let row = sso_providers::get(&mut tx, principal.org, id).await?.ok_or_else(Error::not_found)?;
    tx.commit().await?;
    let failed = |error: crate::oidc::Refusal| Some(error.detail.into_owned());
    let mut trial =
        Trial { ok: false, issuer: None, endpoints: Endpoints::default(), jwks_keys: None, error: None };
    let kind = Kind::of(&row.settings.r#type);
    let metadata = match Metadata::fetch(&app.egress, kind, &row.settings.issuer_url).await {
        Ok(metadata) => metadata,
        Err(error) => return Ok(Trial { error: failed(error), ..trial }),
    };
    match Keys::fetch(&app.egress, &metadata.jwks_uri).await {
        Ok(keys) if keys.is_empty() => trial.error = Some("the key set has no key that signs".to_owned()),
        Ok(keys) => trial.jwks_keys = Some(keys.len()),
        Err(error) => trial.error = failed(error),
    }
    trial.ok = trial.error.is_none();
    trial.issuer = Some(metadata.issuer);
    trial.endpoints = Endpoints {
        authorization: Some(metadata.authorization_endpoint),
        token: Some(metadata.token_endpoint),
        userinfo: metadata.userinfo_endpoint,
        jwks: Some(metadata.jwks_uri),
        end_session: metadata.end_session_endpoint,
    };
    Ok(trial)
}

async fn lock(
    conn: &mut PgConnection,
    org: OrgId,
    id: ProviderId,
    if_match: &IfMatch,
) -> Result<ProviderRow> {
    let row = sso_providers::lock(conn, org, id).await?.ok_or_else(Error::not_found)?;
    if_match.check(row.version)?;
    Ok(row)
}

/// What only we can tell: whether the address may be called, and whether what it gives exists and is the caller's.
async fn check(
    app: &App,
    conn: &mut PgConnection,
    principal: &Principal,
    form: &SsoProviderForm,
) -> Result<()> {
    app.egress
        .check(&form.issuer_url)
        .map_err(|error| Error::invalid_field("issuer_url", "format", error.to_string()))?;
    let org = principal.org;
    let role = invites::find_role(conn, org, &form.default_role).await?;
    let role = role.filter(|role| role.name == form.default_role);
    let role = role.ok_or_else(|| Error::invalid_field("default_role", "unknown", "names no role"))?;
    check_grants(principal, &role.permissions)?;
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
        Error::invalid_field(
            &format!("group_mappings.{index}.{field}"),
            "unknown",
            "names nothing that exists",
        )
    };
    if let Some(role) = mapping.role_id {
        let role = roles::get(conn, principal.org, role).await?.ok_or_else(|| unknown("role_id"))?;
        check_grants(principal, &role.permissions)?;
    }
    if let Some(TeamId(team)) = mapping.team_id {
        if invites::known_teams(conn, principal.org, &[team]).await?.is_empty() {
            return Err(unknown("team_id"));
        }
        let reach = principal.require("teams:admin")?;
        if !reach.everything && !reach.teams.contains(&TeamId(team)) {
            return Err(Error::permission_denied("teams:admin"));
        }
        team_members::check_grants(conn, principal, TeamId(team), TeamRole::Member).await?;
    }
    Ok(())
}

fn check_grants(principal: &Principal, permissions: &[String]) -> Result<()> {
    let beyond = |permission: &&String| !principal.grants.covers_in(permission, &GrantScope::Global);
    match permissions.iter().find(beyond) {
        Some(beyond) => Err(Error::permission_denied(beyond)),
        None => Ok(()),
    }
}

/// Call it before `id` is no longer one to log in by.
async fn keep_a_way_in(conn: &mut PgConnection, org: OrgId, id: ProviderId) -> Result<()> {
    // Settings that shut local log-in off are changed under the same lock.
    let organization = organizations::lock(conn, org).await?.ok_or_else(Error::not_found)?;
    let others = sso_providers::list_enabled(conn, org).await?.into_iter().any(|row| row.id != id);
    if others || crate::settings::Settings::read(&organization.settings)?.security.allows_passwords() {
        return Ok(());
    }
    let message = "this is the only way to log in; allow local log-in in the settings, or enable another provider first";
    Err(Error::new(Code::InUse, message).with("by", "settings"))
}

/// Where a provider's secret lives.
fn place(org: OrgId, id: ProviderId) -> Place {
    Place { table: "sso_providers", column: "client_secret_encrypted", row: id.0, org: Some(org) }
}

/// The client secret, to prove ourselves to the provider.
///
/// # Errors
/// It was sealed under another `ENCRYPTION_KEY`.
pub(super) fn client_secret(sealer: &Sealer, row: &ProviderRow) -> Result<String> {
    let opened = sealer.open(&place(row.org_id, row.id), &row.settings.client_secret_encrypted);
    let opened = opened.map_err(Error::internal)?;
    String::from_utf8(opened).map_err(Error::internal)
}

/// The columns of a checked and tidy form; `stored` are those it replaces.
fn settings(
    form: &SsoProviderForm,
    sealer: &Sealer,
    org: OrgId,
    id: ProviderId,
    stored: Option<&Settings>,
) -> Result<Settings> {
    let client_secret_encrypted = match (&form.client_secret, stored) {
        (Some(secret @ Secret::Given(_)), _) => {
            sealer.seal(&place(org, id), secret.given().unwrap_or_default().as_bytes())
        }
        (Some(Secret::Kept), Some(stored)) => stored.client_secret_encrypted.clone(),
        _ => return Err(Error::invalid_field("client_secret", "required", "is missing")),
    };
    Ok(Settings {
        r#type: form.r#type.as_str().to_owned(),
        name: form.name.clone(),
        issuer_url: form.issuer_url.clone(),
        client_id: form.client_id.clone(),
        client_secret_encrypted,
        scopes: form.scopes.clone(),
        claim_mappings: json!(form.claim_mappings),
        group_mappings: json!(form.group_mappings),
        allowed_domains: form.allowed_domains.clone(),
        jit_provisioning: form.jit_provisioning,
        default_role: form.default_role.clone(),
        mcp_tokens: form.mcp_tokens,
        enabled: form.enabled,
    })
}

/// The form of a row; the secret shows as kept.
#[must_use]
pub fn form_of(settings: &Settings) -> SsoProviderForm {
    SsoProviderForm {
        r#type: Kind::of(&settings.r#type),
        name: settings.name.clone(),
        issuer_url: settings.issuer_url.clone(),
        client_id: settings.client_id.clone(),
        client_secret: Some(Secret::Kept),
        scopes: settings.scopes.clone(),
        claim_mappings: claim_mappings(settings),
        group_mappings: value(&settings.group_mappings),
        allowed_domains: settings.allowed_domains.clone(),
        jit_provisioning: settings.jit_provisioning,
        default_role: settings.default_role.clone(),
        mcp_tokens: settings.mcp_tokens,
        enabled: settings.enabled,
    }
}

pub(super) fn claim_mappings(settings: &Settings) -> ClaimMappings {
    value(&settings.claim_mappings)
}

pub(super) fn group_mappings(settings: &Settings) -> Vec<GroupMapping> {
    value(&settings.group_mappings)
}

fn value<T: DeserializeOwned + Default>(json: &Value) -> T {
    serde_json::from_value(json.clone()).unwrap_or_default()
}

async fn note(conn: &mut PgConnection, principal: &Principal, entry: Entry, row: &ProviderRow) -> Result<()> {
    let entry = entry.on(row.id, &row.settings.name);
    audit::record(conn, principal.org, &Author::from(principal), entry).await
}

/// Where a provider sends browsers back to; its administrator registers it there.
#[must_use]
pub fn callback_url(app: &App, id: ProviderId) -> String {
    format!("{}/v1/sso/callback/{id}", app.config.public_url)
}

/// Where signing in by it begins.
#[must_use]
pub fn authorize_url(app: &App, id: ProviderId) -> String {
    format!("{}/v1/sso/authorize/{id}", app.config.public_url)
}
