//! What can be said about an alert channel, and which configuration each type takes (contract 4.7).

use std::collections::BTreeMap;

use http::{HeaderName, HeaderValue, header};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::{
    mail,
    notify::Region,
    rest::{
        form::{Faults, Form},
        servers::secret::Secret,
    },
    service::alerts::Severity,
    standard_webhooks,
};

const MOST_ADDRESSES: usize = 20;
const MOST_HEADERS: usize = 20;
const MOST_SECRET: usize = 2_000;

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = AlertChannelType)]
#[serde(rename_all = "snake_case")]
pub enum ChannelType {
    Slack,
    Pagerduty,
    #[default]
    Webhook,
    Email,
    Teams,
    Opsgenie,
}

impl ChannelType {
    /// The fields it must have, and those it may have.
    fn fields(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Slack => (&["webhook_url"], &["channel"]),
            Self::Pagerduty => (&["routing_key"], &[]),
            Self::Webhook => (&["url"], &["headers", "secret"]),
            Self::Email => (&["to"], &[]),
            Self::Teams => (&["webhook_url"], &[]),
            Self::Opsgenie => (&["api_key"], &["region"]),
        }
    }
}

/// `slack` {webhook_url, channel} · `pagerduty` {routing_key} · `webhook` {url, headers, secret} · `email` {to} · `teams`
/// {webhook_url} · `opsgenie` {api_key, region}. Secrets are written and never read.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = AlertChannelConfigForm)]
#[serde(default, deny_unknown_fields)]
pub struct ChannelConfig {
    /// Of Slack and Teams.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_url: Option<Secret>,
    /// Of Slack, where the webhook allows another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 80)]
    pub channel: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routing_key: Option<Secret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uri")]
    pub url: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Secret>,
    /// With one, messages are signed after Standard Webhooks: `whsec_` and base64 of the key, or the key itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<Secret>,
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_many")]
    #[schema(max_items = 20)]
    pub to: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_key: Option<Secret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
}

/// One address need not stand in a list.
fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Addresses {
        One(String),
        Many(Vec<String>),
    }
    let read = Addresses::deserialize(deserializer)
        .map_err(|_| serde::de::Error::custom("must be an address or a list of addresses"))?;
    Ok(match read {
        Addresses::One(address) => vec![address],
        Addresses::Many(addresses) => addresses,
    })
}

impl ChannelConfig {
    fn given(&self) -> Vec<&'static str> {
        let all = [
            ("webhook_url", self.webhook_url.is_some()),
            ("channel", self.channel.is_some()),
            ("routing_key", self.routing_key.is_some()),
            ("url", self.url.is_some()),
            ("headers", !self.headers.is_empty()),
            ("secret", self.secret.is_some()),
            ("to", !self.to.is_empty()),
            ("api_key", self.api_key.is_some()),
            ("region", self.region.is_some()),
        ];
        all.into_iter().filter_map(|(name, is_given)| is_given.then_some(name)).collect()
    }

    fn check(&self, kind: ChannelType, faults: &mut Faults) {
        let (required, optional) = kind.fields();
        let given = self.given();
        for field in required.iter().filter(|field| !given.contains(field)) {
            faults.add(*field, "required", "is missing");
        }
        for field in given.iter().filter(|field| !required.contains(field) && !optional.contains(field)) {
            faults.add(*field, "unknown", "is not a field of this type of channel");
        }
        for (field, secret) in [
            ("webhook_url", &self.webhook_url),
            ("routing_key", &self.routing_key),
            ("secret", &self.secret),
            ("api_key", &self.api_key),
        ] {
            check_secret(faults, field, secret.as_ref());
        }
        if let Some(channel) = &self.channel {
            faults.length("channel", channel, 1..=80);
        }
        self.check_signing_secret(faults);
        self.check_headers(faults);
        self.check_addresses(faults);
    }

    fn check_signing_secret(&self, faults: &mut Faults) {
        let given = self.secret.as_ref().and_then(Secret::given);
        if given.is_some_and(|text| standard_webhooks::key_in(text).is_err()) {
            faults.add("secret", "format", "must be base64 of 24 to 64 bytes behind whsec_");
        }
    }

    fn check_headers(&self, faults: &mut Faults) {
        if self.headers.len() > MOST_HEADERS {
            faults.add("headers", "length", format!("must have at most {MOST_HEADERS} items"));
        }
        for (name, value) in &self.headers {
            let field = format!("headers.{name}");
            let is_ours = HeaderName::from_bytes(name.as_bytes()).is_ok_and(|name| is_reserved(&name));
            if HeaderName::from_bytes(name.as_bytes()).is_err() {
                faults.add(field, "format", "must be the name of an HTTP header");
            } else if is_ours {
                faults.add(field, "unknown", "is set by the gateway");
            } else if value
                .given()
                .is_some_and(|value| value.len() > MOST_SECRET || HeaderValue::from_str(value).is_err())
            {
                faults.add(field, "format", "must be the value of an HTTP header");
            }
        }
    }

    fn check_addresses(&self, faults: &mut Faults) {
        if self.to.len() > MOST_ADDRESSES {
            faults.add("to", "length", format!("must have at most {MOST_ADDRESSES} items"));
        }
        for (number, address) in self.to.iter().enumerate() {
            if !mail::is_address(address) {
                faults.add(format!("to.{number}"), "format", "must be an e-mail address");
            }
        }
    }
}

fn check_secret(faults: &mut Faults, field: &str, secret: Option<&Secret>) {
    let given = secret.and_then(Secret::given);
    if given
        .is_some_and(|text| text.is_empty() || text.len() > MOST_SECRET || text.chars().any(char::is_control))
    {
        faults.add(field, "length", format!("must have 1 to {MOST_SECRET} characters"));
    }
}

/// What decides where a request goes, how long it is, and who sent it.
fn is_reserved(name: &HeaderName) -> bool {
    [
        header::HOST,
        header::CONTENT_LENGTH,
        header::CONTENT_TYPE,
        header::CONNECTION,
        header::TRANSFER_ENCODING,
        header::TE,
        header::TRAILER,
        header::UPGRADE,
        header::EXPECT,
    ]
    .contains(name)
        || name.as_str().starts_with("webhook-")
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AlertChannelForm {
    #[schema(required, min_length = 1, max_length = 100)]
    pub name: String,
    #[schema(required)]
    pub r#type: ChannelType,
    #[schema(required)]
    pub config: ChannelConfig,
    /// It is told of nothing less bad.
    pub min_severity: Severity,
    /// Whether it is told that an alert is over.
    pub send_resolved: bool,
    pub enabled: bool,
}

impl Default for AlertChannelForm {
    fn default() -> Self {
        Self {
            name: String::new(),
            r#type: ChannelType::default(),
            config: ChannelConfig::default(),
            min_severity: Severity::Info,
            send_resolved: true,
            enabled: true,
        }
    }
}

impl Form for AlertChannelForm {
    const REQUIRED: &'static [&'static str] = &["name", "type", "config"];
    const READ_ONLY: &'static [&'static str] = &["type", "last_delivery"];

    fn check(&self, faults: &mut Faults) {
        faults.length("name", &self.name, 1..=100);
        faults.within("config", |faults| self.config.check(self.r#type, faults));
    }
}
