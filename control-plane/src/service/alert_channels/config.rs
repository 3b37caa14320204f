//! Between a channel's configuration and its two columns: what may be read, and what is sealed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::form::{ChannelConfig, ChannelType};
use crate::{
    app::App,
    error::{Error, Result},
    id::{AlertChannelId, OrgId},
    notify::{Region, Target},
    rest::servers::secret::Secret,
    seal::{Place, Sealer},
    store::alert_channels::AlertChannelRow,
    word::word,
};

/// What may be read, and which secrets there are.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Public {
    channel: Option<String>,
    url: Option<String>,
    to: Vec<String>,
    region: Option<Region>,
    /// Names of headers.
    headers: Vec<String>,
    /// Names of secrets.
    set: Vec<String>,
}

impl Public {
    fn of(row: &AlertChannelRow) -> Self {
        serde_json::from_value(row.config.clone()).unwrap_or_default()
    }

    fn has(&self, secret: &str) -> bool {
        self.set.iter().any(|name| name == secret)
    }
}

/// What is sealed, opened.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Private {
    secrets: BTreeMap<String, String>,
    headers: BTreeMap<String, String>,
}

fn place(org: OrgId, id: AlertChannelId) -> Place {
    Place { table: "alert_channels", column: "config_encrypted", row: id.0, org: Some(org) }
}

fn open(sealer: &Sealer, row: &AlertChannelRow) -> Result<Private> {
    let Some(sealed) = &row.config_encrypted else { return Ok(Private::default()) };
    let plain = sealer.open(&place(row.org_id, row.id), sealed).map_err(Error::internal)?;
    serde_json::from_slice(&plain).map_err(Error::internal)
}

/// The columns of a checked configuration; `stored` is the row they replace.
///
/// # Errors
/// A secret is to be kept that is not there.
pub(super) fn columns(
    sealer: &Sealer,
    org: OrgId,
    id: AlertChannelId,
    config: &ChannelConfig,
    stored: Option<&AlertChannelRow>,
) -> Result<(Value, Option<Vec<u8>>)> {
    let kept = stored.map(|row| open(sealer, row)).transpose()?.unwrap_or_default();
    let mut private = Private::default();
    for (name, secret) in secrets(config) {
        if let Some(secret) = secret {
            private.secrets.insert(name.to_owned(), plain(name, secret, kept.secrets.get(name))?);
        }
    }
    for (name, secret) in &config.headers {
        let field = format!("headers.{name}");
        private.headers.insert(name.clone(), plain(&field, secret, kept.headers.get(name))?);
    }
    let public = Public {
        channel: config.channel.clone(),
        url: config.url.clone(),
        to: config.to.clone(),
        region: config.region,
        headers: private.headers.keys().cloned().collect(),
        set: private.secrets.keys().cloned().collect(),
    };
    let is_secret = !private.secrets.is_empty() || !private.headers.is_empty();
    let sealed = is_secret.then(|| sealer.seal(&place(org, id), json!(private).to_string().as_bytes()));
    Ok((json!(public), sealed))
}

fn secrets(config: &ChannelConfig) -> [(&'static str, Option<&Secret>); 4] {
    [
        ("webhook_url", config.webhook_url.as_ref()),
        ("routing_key", config.routing_key.as_ref()),
        ("secret", config.secret.as_ref()),
        ("api_key", config.api_key.as_ref()),
    ]
}

fn plain(name: &str, secret: &Secret, kept: Option<&String>) -> Result<String> {
    match secret {
        Secret::Given(_) => Ok(secret.given().unwrap_or_default().to_owned()),
        Secret::Kept => {
            let missing = || Error::invalid_field(&format!("config.{name}"), "required", "is missing");
            kept.cloned().ok_or_else(missing)
        }
    }
}

/// The configuration of a row, its secrets only said to be kept.
pub(super) fn form(row: &AlertChannelRow) -> ChannelConfig {
    let public = Public::of(row);
    let kept = |name: &str| public.has(name).then_some(Secret::Kept);
    ChannelConfig {
        webhook_url: kept("webhook_url"),
        routing_key: kept("routing_key"),
        secret: kept("secret"),
        api_key: kept("api_key"),
        headers: public.headers.iter().map(|name| (name.clone(), Secret::Kept)).collect(),
        channel: public.channel,
        url: public.url,
        to: public.to,
        region: public.region,
    }
}

/// What REST shows of it.
#[must_use]
pub fn shown(row: &AlertChannelRow) -> Value {
    let public = Public::of(row);
    let has_webhook_url = public.has("webhook_url");
    match word(&row.r#type).unwrap_or_default() {
        ChannelType::Slack => json!({"webhook_url_set": has_webhook_url, "channel": public.channel}),
        ChannelType::Pagerduty => json!({"routing_key_set": public.has("routing_key")}),
        ChannelType::Webhook => json!({
            "url": public.url,
            "headers_set": !public.headers.is_empty(),
            "secret_set": public.has("secret"),
        }),
        ChannelType::Email => json!({"to": public.to}),
        ChannelType::Teams => json!({"webhook_url_set": has_webhook_url}),
        ChannelType::Opsgenie => json!({
            "api_key_set": public.has("api_key"),
            "region": public.region.unwrap_or_default(),
        }),
    }
}

/// A channel as messages are sent by it: for sending, never for showing.
///
/// # Errors
/// Its secrets cannot be opened, or are not all there.
pub fn target(app: &App, row: &AlertChannelRow) -> Result<Target> {
    let (public, mut private) = (Public::of(row), open(&app.sealer, row)?);
    let mut secret = |name: &str| private.secrets.remove(name).map(Into::into);
    let needed = |secret: Option<_>| {
        secret.ok_or_else(|| Error::internal(anyhow::anyhow!("an alert channel has not all its secrets")))
    };
    Ok(match word(&row.r#type).unwrap_or_default() {
        ChannelType::Slack => {
            Target::Slack { webhook_url: needed(secret("webhook_url"))?, channel: public.channel }
        }
        ChannelType::Pagerduty => Target::Pagerduty { routing_key: needed(secret("routing_key"))? },
        ChannelType::Webhook => {
            let secret = secret("secret");
            let headers = private.headers.into_iter().map(|(name, value)| (name, value.into())).collect();
            Target::Webhook { url: public.url.unwrap_or_default(), headers, secret }
        }
        ChannelType::Email => Target::Email { to: public.to },
        ChannelType::Teams => Target::Teams { webhook_url: needed(secret("webhook_url"))? },
        ChannelType::Opsgenie => Target::Opsgenie {
            api_key: needed(secret("api_key"))?,
            region: public.region.unwrap_or_default(),
        },
    })
}

/// Whether these are the secrets that the row has.
pub(super) fn has_secret(sealer: &Sealer, row: &AlertChannelRow, name: &str, text: &str) -> Result<bool> {
    Ok(open(sealer, row)?.secrets.get(name).is_some_and(|stored| stored == text))
}
