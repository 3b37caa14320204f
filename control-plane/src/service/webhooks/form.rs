//! What can be said about a webhook, and what the types do not say of it (contract 3.14).

use std::collections::BTreeMap;

use http::{HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::Value;
use url::Url;
use utoipa::{PartialSchema, ToSchema, openapi};

use super::events;
use crate::{
    rest::form::{Faults, Form},
    store::webhooks::WebhookRow,
};

/// A week: receivers that take longer to change a secret have forgotten it.
const LONGEST_GRACE: i64 = 604_800;
const MOST_HEADERS: usize = 20;
/// What we say of the message itself, or of the connection.
const OWN_HEADERS: [&str; 14] = [
    "accept",
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookForm {
    /// https, of a public address unless the installation allows others.
    #[schema(required, format = "uri", max_length = 2000)]
    pub url: String,
    #[schema(max_length = 500)]
    pub description: String,
    /// Which events it is told of: their names, or globs such as `alert.*`.
    #[schema(required, min_items = 1, max_items = 50)]
    pub events: Vec<String>,
    /// Sent with every message, for instance to let it through a gateway.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headers: Option<Headers>,
    pub enabled: bool,
}

impl Default for WebhookForm {
    fn default() -> Self {
        Self {
            url: String::new(),
            description: String::new(),
            events: Vec::new(),
            headers: None,
            enabled: true,
        }
    }
}

impl Form for WebhookForm {
    const REQUIRED: &'static [&'static str] = &["url", "events"];
    const READ_ONLY: &'static [&'static str] = &[
        "secret",
        "headers_set",
        "status",
        "disabled_reason",
        "failure_count",
        "failing_since",
        "previous_secret_valid_until",
    ];

    fn check(&self, faults: &mut Faults) {
        faults.length("url", &self.url, 1..=2000);
        if Url::parse(&self.url).is_err() {
            faults.add("url", "format", "must be a URL such as https://example.com/hook");
        }
        faults.length("description", &self.description, 0..=500);
        if !(1..=50).contains(&self.events.len()) {
            faults.add("events", "length", "must have 1 to 50 entries");
        }
        for (index, pattern) in self.events.iter().enumerate() {
            if !events::is_known(pattern) {
                let message = "is no event, and no glob that any event fits";
                faults.add(format!("events.{index}"), "unknown", message);
            }
        }
        if let Some(Headers::Given(headers)) = &self.headers {
            check_headers(headers, faults);
        }
    }
}

impl WebhookForm {
    /// What has one form only is brought into it.
    pub(super) fn tidy(&mut self) {
        self.events.sort_unstable();
        self.events.dedup();
    }
}

impl From<&WebhookRow> for WebhookForm {
    fn from(row: &WebhookRow) -> Self {
        let settings = &row.settings;
        Self {
            url: settings.url.clone(),
            description: settings.description.clone(),
            events: settings.events.clone(),
            headers: settings.headers_encrypted.as_ref().map(|_| Headers::Kept),
            enabled: settings.enabled,
        }
    }
}

fn check_headers(headers: &BTreeMap<String, SecretString>, faults: &mut Faults) {
    if headers.len() > MOST_HEADERS {
        faults.add("headers", "length", format!("must have at most {MOST_HEADERS} entries"));
    }
    for (name, value) in headers {
        let field = format!("headers.{name}");
        let Ok(parsed) = HeaderName::try_from(name) else {
            faults.add(field, "format", "is no name of a header");
            continue;
        };
        if OWN_HEADERS.contains(&parsed.as_str()) || parsed.as_str().starts_with("webhook-") {
            faults.add(field, "enum", "is set by the gateway itself");
        } else if !is_header_value(value.expose_secret()) {
            faults.add(field, "format", "must have 1 to 2000 visible ASCII characters");
        }
    }
}

fn is_header_value(value: &str) -> bool {
    let plain = value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    (1..=2000).contains(&value.len()) && plain && HeaderValue::from_str(value).is_ok()
}

/// The host of a URL, which holds no secret.
pub(super) fn host(url: &str) -> String {
    Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

/// How stored headers show in the current form, and what a merge patch that does not name them leaves there.
const KEPT: &str = "(kept)";

/// Write-only headers: values may be credentials of the receiver.
#[derive(Clone, Debug)]
pub enum Headers {
    Given(BTreeMap<String, SecretString>),
    Kept,
}

impl Serialize for Headers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Given(headers) => serializer.collect_map(headers.keys().map(|name| (name, "(given)"))),
            Self::Kept => serializer.serialize_str(KEPT),
        }
    }
}

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Errors of its own: others would tell the value that they mind.
        let wrong = || D::Error::custom("must be an object of texts");
        match Value::deserialize(deserializer)? {
            Value::String(text) if text == KEPT => Ok(Self::Kept),
            Value::Object(fields) => {
                let text = |value| if let Value::String(text) = value { Some(text) } else { None };
                let pairs = fields
                    .into_iter()
                    .map(|(name, value)| Some((name.to_ascii_lowercase(), text(value)?.into())));
                pairs.collect::<Option<_>>().map(Self::Given).ok_or_else(wrong)
            }
            _ => Err(wrong()),
        }
    }
}

impl PartialSchema for Headers {
    fn schema() -> openapi::RefOr<openapi::schema::Schema> {
        let text = openapi::ObjectBuilder::new().schema_type(openapi::Type::String);
        openapi::ObjectBuilder::new()
            .schema_type(openapi::Type::Object)
            .additional_properties(Some(text))
            .write_only(true)
            .into()
    }
}

impl ToSchema for Headers {
    fn name() -> std::borrow::Cow<'static, str> {
        std::borrow::Cow::Borrowed("WebhookHeaders")
    }
}

/// How long the secret that is replaced signs on beside the new one.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = WebhookRotateForm)]
#[serde(default, deny_unknown_fields)]
pub struct RotateForm {
    #[schema(minimum = 0, maximum = 604_800)]
    pub grace_seconds: i64,
}

impl Default for RotateForm {
    fn default() -> Self {
        Self { grace_seconds: 86_400 }
    }
}

impl Form for RotateForm {
    fn check(&self, faults: &mut Faults) {
        faults.range("grace_seconds", &self.grace_seconds, 0..=LONGEST_GRACE);
    }
}
