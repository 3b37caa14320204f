//! The fields of a server that POST and PATCH take, with their defaults (contract 3.6).

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::{PartialSchema, ToSchema, openapi};

use super::secret::Secret;

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ServerForm {
    /// Fixed after creation. A letter, then letters, digits and `-`.
    #[schema(pattern = "^[a-z][a-z0-9-]{0,62}$")]
    pub name: String,
    pub display_name: Option<String>,
    pub description: String,
    /// http or https; private addresses are allowed.
    #[schema(format = "uri")]
    pub url: String,
    pub transport: Transport,
    pub enabled: bool,
    pub tags: Vec<String>,
    pub auth: AuthForm,
    pub tls: TlsForm,
    #[schema(minimum = 1, maximum = 600_000)]
    pub connect_timeout_ms: i32,
    #[schema(minimum = 100, maximum = 600_000)]
    pub timeout_ms: i32,
    #[schema(minimum = 1, maximum = 86_400_000)]
    pub stream_idle_timeout_ms: i32,
    #[schema(minimum = 1, maximum = 100_000)]
    pub max_concurrency: i32,
    #[schema(minimum = 1, maximum = 104_857_600)]
    pub max_request_bytes: i32,
    #[schema(minimum = 1, maximum = 104_857_600)]
    pub max_response_bytes: i32,
    pub retry: Retry,
    pub breaker: Breaker,
    pub pricing: Pricing,
    /// Null: as the organization's settings say.
    pub payload_capture: Option<PayloadCapture>,
    #[schema(minimum = 30, maximum = 86_400)]
    pub discovery_interval_seconds: i32,
}

impl Default for ServerForm {
    fn default() -> Self {
        Self {
            name: String::new(),
            display_name: None,
            description: String::new(),
            url: String::new(),
            transport: Transport::default(),
            enabled: true,
            tags: Vec::new(),
            auth: AuthForm::default(),
            tls: TlsForm::default(),
            connect_timeout_ms: 2_000,
            timeout_ms: 30_000,
            stream_idle_timeout_ms: 300_000,
            max_concurrency: 256,
            max_request_bytes: 1 << 20,
            max_response_bytes: 10 << 20,
            retry: Retry::default(),
            breaker: Breaker::default(),
            pricing: Pricing::default(),
            payload_capture: None,
            discovery_interval_seconds: 300,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    #[default]
    StreamableHttp,
    /// HTTP+SSE of 2024-11-05.
    Sse,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PayloadCapture {
    None,
    Redacted,
    Full,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthType {
    #[default]
    None,
    Bearer,
    Basic,
    Header,
    OauthClientCredentials,
}

/// How the gateway proves to the server who it is; each type has its own fields.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AuthForm {
    #[serde(rename = "type")]
    pub kind: AuthType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<Secret>,
    pub username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
    pub header_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header_value: Option<Secret>,
    #[schema(format = "uri")]
    pub token_url: Option<String>,
    pub client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<Secret>,
    pub scopes: Vec<String>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TlsForm {
    /// Authorities instead of the system's.
    pub ca_pem: Option<String>,
    pub client_cert_pem: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_key_pem: Option<Secret>,
    /// The name to ask for and to verify, instead of the URL's host.
    pub server_name: Option<String>,
    pub insecure_skip_verify: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Retry {
    #[schema(minimum = 0, maximum = 5)]
    pub max_retries: i32,
    #[schema(minimum = 0, maximum = 60_000)]
    pub backoff_ms: i32,
}

impl Default for Retry {
    fn default() -> Self {
        Self { max_retries: 2, backoff_ms: 100 }
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Breaker {
    #[schema(minimum = 1, maximum = 1_000)]
    pub failures: i32,
    #[schema(minimum = 1, maximum = 3_600)]
    pub window_seconds: i32,
    #[schema(minimum = 1, maximum = 3_600)]
    pub open_seconds: i32,
    #[schema(minimum = 1, maximum = 100)]
    pub probes: i32,
}

impl Default for Breaker {
    fn default() -> Self {
        Self { failures: 5, window_seconds: 30, open_seconds: 30, probes: 3 }
    }
}

#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Pricing {
    pub per_call: UnitPrice,
    pub per_input_token: UnitPrice,
    pub per_output_token: UnitPrice,
    pub currency: Currency,
    pub tools: Vec<ToolPrice>,
}

impl Default for Pricing {
    fn default() -> Self {
        Self {
            per_call: UnitPrice::per_call(),
            per_input_token: UnitPrice::default(),
            per_output_token: UnitPrice::default(),
            currency: Currency::Usd,
            tools: Vec::new(),
        }
    }
}

/// A price of its own for the tools that a glob matches.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ToolPrice {
    pub tool_name: String,
    #[serde(default = "UnitPrice::per_call")]
    pub per_call: UnitPrice,
    #[serde(default)]
    pub per_input_token: UnitPrice,
    #[serde(default)]
    pub per_output_token: UnitPrice,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
pub enum Currency {
    #[default]
    #[serde(rename = "USD")]
    Usd,
}

/// Dollars for one call or one token: a decimal string with up to twelve fraction digits, written with at least six.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct UnitPrice(pub Decimal);

impl UnitPrice {
    fn per_call() -> Self {
        Self(Decimal::new(1, 3))
    }
}

impl Serialize for UnitPrice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut price = self.0.normalize();
        price.rescale(price.scale().max(6));
        serializer.collect_str(&price)
    }
}

impl<'de> Deserialize<'de> for UnitPrice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let price = Decimal::from_str_exact(&text).ok().filter(|_| plain);
        price.map(Self).ok_or_else(|| serde::de::Error::custom("must be a decimal string such as \"0.001\""))
    }
}

impl PartialSchema for UnitPrice {
    fn schema() -> openapi::RefOr<openapi::schema::Schema> {
        openapi::ObjectBuilder::new()
            .schema_type(openapi::Type::String)
            .description(Some("decimal with up to twelve fraction digits"))
            .examples(["0.001000"])
            .into()
    }
}

impl ToSchema for UnitPrice {}

/// A server to try out: as [`ServerForm`], but it needs no name yet.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct TrialForm(pub ServerForm);
