//! Between what a form says of a provider and the columns of its row.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::form::{GroupMapping, SsoProviderForm};
use crate::{
    error::{Error, Result},
    id::{OrgId, ProviderId},
    oidc::{Kind, claims::ClaimMappings},
    rest::servers::secret::Secret,
    seal::{Place, Sealer},
    store::sso_providers::{ProviderRow, Settings},
};

/// Where a provider's secret lives.
fn place(org: OrgId, id: ProviderId) -> Place {
    Place { table: "sso_providers", column: "client_secret_encrypted", row: id.0, org: Some(org) }
}

/// The client secret, to prove ourselves to the provider.
///
/// # Errors
/// It was sealed under another `ENCRYPTION_KEY`.
pub(in crate::service) fn client_secret(sealer: &Sealer, row: &ProviderRow) -> Result<String> {
    let opened = sealer.open(&place(row.org_id, row.id), &row.settings.client_secret_encrypted);
    let opened = opened.map_err(Error::internal)?;
    String::from_utf8(opened).map_err(Error::internal)
}

/// The columns of a checked and tidy form; `stored` are those it replaces.
pub(super) fn settings(
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
        (Some(Secret::Kept), Some(stored)) => kept_secret(form, stored)?,
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

/// A secret that nobody can read is not sent to whoever an administrator names.
fn kept_secret(form: &SsoProviderForm, stored: &Settings) -> Result<Vec<u8>> {
    if form.r#type.as_str() == stored.r#type && form.issuer_url == stored.issuer_url {
        return Ok(stored.client_secret_encrypted.clone());
    }
    let message = "must be given again: it would go to another provider";
    Err(Error::invalid_field("client_secret", "required", message))
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

pub(in crate::service) fn claim_mappings(settings: &Settings) -> ClaimMappings {
    value(&settings.claim_mappings)
}

pub(in crate::service) fn group_mappings(settings: &Settings) -> Vec<GroupMapping> {
    value(&settings.group_mappings)
}

fn value<T: DeserializeOwned + Default>(json: &Value) -> T {
    serde_json::from_value(json.clone()).unwrap_or_default()
}
