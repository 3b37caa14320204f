//! The fields of an exporter that POST and PATCH take, and what their types do not say (contract 3.14).

use std::collections::BTreeMap;

use http::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::{
    rest::form::{Faults, Form},
    store::telemetry_exporters::Settings,
};

const MOST_HEADERS: usize = 20;
const LONGEST_HEADER: usize = 4_000;
/// What the protocols decide themselves.
const OURS: [&str; 8] = [
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "host",
    "te",
    "transfer-encoding",
    "user-agent",
];

/// How spans travel: OTLP in one of its three forms.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = TelemetryProtocol)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    #[default]
    Grpc,
    HttpProtobuf,
    HttpJson,
}

impl Protocol {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Grpc => "grpc",
            Self::HttpProtobuf => "http_protobuf",
            Self::HttpJson => "http_json",
        }
    }

    /// As it is stored.
    #[must_use]
    pub fn of(name: &str) -> Self {
        [Self::HttpProtobuf, Self::HttpJson].into_iter().find(|one| one.as_str() == name).unwrap_or_default()
    }
}

/// What is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = TelemetrySignal)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    Traces,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TelemetryExporterForm {
    #[schema(required, min_length = 1, max_length = 100)]
    pub name: String,
    pub protocol: Protocol,
    /// Of grpc the address of the receiver, such as `https://otel.example.com:4317`; else the URL that is posted to, to
    /// which `/v1/traces` is added if it has no path.
    #[schema(required, format = "uri", max_length = 2000)]
    pub endpoint: String,
    /// Sent with every request, such as an API key of the receiver. Never read back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(write_only)]
    pub headers: Option<BTreeMap<String, String>>,
    #[schema(min_items = 1)]
    pub signals: Vec<Signal>,
    /// Which part of the traces is sent. Those in which something went wrong always are.
    #[schema(minimum = 0, maximum = 1)]
    pub sample_ratio: f64,
    #[schema(minimum = 1, maximum = 8192)]
    pub batch_size: i32,
    /// How long a span waits for others to be sent with.
    #[schema(minimum = 100, maximum = 60_000)]
    pub batch_timeout_ms: i32,
    pub enabled: bool,
}

impl Default for TelemetryExporterForm {
    fn default() -> Self {
        Self {
            name: String::new(),
            protocol: Protocol::default(),
            endpoint: String::new(),
            headers: None,
            signals: vec![Signal::Traces],
            sample_ratio: 1.0,
            batch_size: 512,
            batch_timeout_ms: 5000,
            enabled: true,
        }
    }
}

impl Form for TelemetryExporterForm {
    const REQUIRED: &'static [&'static str] = &["name", "endpoint"];
    const READ_ONLY: &'static [&'static str] = &["headers_set", "stats"];

    fn check(&self, faults: &mut Faults) {
        faults.length("name", &self.name, 1..=100);
        faults.length("endpoint", &self.endpoint, 1..=2000);
        if self.protocol == Protocol::Grpc && has_more_than_an_address(&self.endpoint) {
            faults.add("endpoint", "format", "must be an address without path for grpc, https://host:port");
        }
        if self.signals.is_empty() {
            faults.add("signals", "length", "must have at least one entry");
        }
        faults.range("sample_ratio", &self.sample_ratio, 0.0..=1.0);
        faults.range("batch_size", &self.batch_size, 1..=8192);
        faults.range("batch_timeout_ms", &self.batch_timeout_ms, 100..=60_000);
        let headers = self.headers.iter().flatten();
        if headers.clone().count() > MOST_HEADERS {
            faults.add("headers", "length", format!("must have at most {MOST_HEADERS} entries"));
        }
        for (name, value) in headers {
            if let Some(message) = fault_of_header(name, value) {
                faults.add(format!("headers.{name}"), "format", message);
            }
        }
    }
}

fn has_more_than_an_address(endpoint: &str) -> bool {
    url::Url::parse(endpoint).is_ok_and(|url| url.path() != "/" || url.query().is_some())
}

fn fault_of_header(name: &str, value: &str) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    if HeaderName::try_from(&lower).is_err() {
        return Some("is no name of a header");
    }
    if OURS.contains(&lower.as_str()) || lower.starts_with("grpc-") || lower.ends_with("-bin") {
        return Some("is decided by the protocol");
    }
    let fits = value.len() <= LONGEST_HEADER
        && HeaderValue::try_from(value).is_ok()
        && value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    (!fits).then_some("must have at most 4000 visible ASCII characters")
}

impl TelemetryExporterForm {
    pub(super) fn settings(&self, headers_encrypted: Option<Vec<u8>>) -> Settings {
        Settings {
            name: self.name.trim().to_owned(),
            protocol: self.protocol.as_str().to_owned(),
            endpoint: self.endpoint.clone(),
            headers_encrypted,
            signals: vec!["traces".to_owned()],
            sample_ratio: self.sample_ratio,
            batch_size: self.batch_size,
            batch_timeout_ms: self.batch_timeout_ms,
            enabled: self.enabled,
        }
    }

    /// For the audit log: of headers only that there are some.
    pub(super) fn audited(settings: &Settings) -> serde_json::Value {
        let mut audited = json!(Self::from(settings));
        audited["headers_set"] = settings.headers_encrypted.is_some().into();
        audited
    }
}

impl From<&Settings> for TelemetryExporterForm {
    fn from(settings: &Settings) -> Self {
        Self {
            name: settings.name.clone(),
            protocol: Protocol::of(&settings.protocol),
            endpoint: settings.endpoint.clone(),
            headers: None,
            signals: vec![Signal::Traces],
            sample_ratio: settings.sample_ratio,
            batch_size: settings.batch_size,
            batch_timeout_ms: settings.batch_timeout_ms,
            enabled: settings.enabled,
        }
    }
}
