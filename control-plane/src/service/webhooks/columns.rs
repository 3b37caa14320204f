//! Between what a form says of a webhook and the columns of its row; what is sealed there.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName, HeaderValue};
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::ExposeSecret;
use url::Url;

use super::form::{Headers, WebhookForm};
use crate::{
    error::{Error, Result},
    id::{OrgId, WebhookId},
    seal::{Place, Sealer},
    standard_webhooks,
    store::webhooks::{Settings, WebhookRow},
};

fn place(column: &'static str, org: OrgId, id: WebhookId) -> Place {
    Place { table: "webhooks", column, row: id.0, org: Some(org) }
}

const HEADERS: &str = "headers_encrypted";
const SECRET: &str = "secret_encrypted";
const PREVIOUS: &str = "previous_secret_encrypted";

/// The columns of a checked and tidy form; `stored` are those it replaces.
pub(super) fn settings(
    form: &WebhookForm,
    sealer: &Sealer,
    org: OrgId,
    id: WebhookId,
    stored: Option<&Settings>,
) -> Result<Settings> {
    let headers_encrypted = match (&form.headers, stored) {
        (None, _) => None,
        (Some(Headers::Given(headers)), _) => {
            let plain: BTreeMap<&str, &str> =
                headers.iter().map(|(name, value)| (name.as_str(), value.expose_secret())).collect();
            let json = serde_json::to_vec(&plain).map_err(Error::internal)?;
            (!headers.is_empty()).then(|| sealer.seal(&place(HEADERS, org, id), &json))
        }
        (Some(Headers::Kept), Some(stored)) => kept_headers(form, stored)?,
        (Some(Headers::Kept), None) => {
            return Err(Error::invalid_field("headers", "type", "must be an object of texts"));
        }
    };
    Ok(Settings {
        url: form.url.clone(),
        description: form.description.clone(),
        events: form.events.clone(),
        headers_encrypted,
        enabled: form.enabled,
    })
}

/// Secrets that nobody can read are not sent to whoever an administrator names.
fn kept_headers(form: &WebhookForm, stored: &Settings) -> Result<Option<Vec<u8>>> {
    let origin = |url: &str| Url::parse(url).ok().map(|url| url.origin());
    if stored.headers_encrypted.is_none() || origin(&form.url) == origin(&stored.url) {
        return Ok(stored.headers_encrypted.clone());
    }
    let message = "must be given again, or be null: they would go to another receiver";
    Err(Error::invalid_field("headers", "required", message))
}

/// What a message is sent with beside our own headers.
pub(super) fn headers(sealer: &Sealer, row: &WebhookRow) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    let Some(sealed) = &row.settings.headers_encrypted else { return Ok(headers) };
    let json = sealer.open(&place(HEADERS, row.org_id, row.id), sealed).map_err(Error::internal)?;
    let plain: BTreeMap<String, String> = serde_json::from_slice(&json).map_err(Error::internal)?;
    for (name, value) in plain {
        let name = HeaderName::try_from(name).map_err(Error::internal)?;
        let mut value = HeaderValue::try_from(value).map_err(Error::internal)?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(headers)
}

pub(super) fn new_key() -> Result<[u8; 32]> {
    let mut key = [0; 32];
    SystemRandom::new().fill(&mut key).map_err(|_| Error::internal(anyhow::anyhow!("no random bytes")))?;
    Ok(key)
}

pub(super) fn shown(key: &[u8]) -> String {
    standard_webhooks::secret_of(key)
}

pub(super) fn seal_key(sealer: &Sealer, org: OrgId, id: WebhookId, key: &[u8]) -> Vec<u8> {
    sealer.seal(&place(SECRET, org, id), key)
}

/// The current key as it is kept once it is the previous one: a sealed value opens at its own place only.
pub(super) fn resealed_as_previous(sealer: &Sealer, row: &WebhookRow) -> Result<Vec<u8>> {
    Ok(sealer.seal(&place(PREVIOUS, row.org_id, row.id), &current_key(sealer, row)?))
}

fn current_key(sealer: &Sealer, row: &WebhookRow) -> Result<Vec<u8>> {
    sealer.open(&place(SECRET, row.org_id, row.id), &row.secret_encrypted).map_err(Error::internal)
}

/// The keys that sign: the current one, and during the grace the one before.
pub(super) fn keys(
    sealer: &Sealer,
    row: &WebhookRow,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Vec<Vec<u8>>> {
    let mut keys = vec![current_key(sealer, row)?];
    if let Some(previous) = &row.previous_secret_encrypted
        && row.previous_secret_expires_at.is_some_and(|end| end > now)
    {
        let place = place(PREVIOUS, row.org_id, row.id);
        keys.push(sealer.open(&place, previous).map_err(Error::internal)?);
    }
    Ok(keys)
}
