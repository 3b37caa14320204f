//! What proxies write to the Redis stream, and the ingester reads from it (contract 6.2).
//!
//! An entry has the fields `v`, `kind`, `org` and `d` (JSON). Delivery is at least once: ids make it harmless.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub const STREAM: &str = "gwo:events";
pub const DEAD_STREAM: &str = "gwo:events:dead";
pub const CONSUMER_GROUP: &str = "ingest";
/// The stream is trimmed to about this many entries.
pub const STREAM_MAX_LENGTH: usize = 1_000_000;
/// Version of the entry layout, field `v`.
pub const VERSION: &str = "1";

/// Values of the field `kind`.
pub mod kind {
    pub const SPAN: &str = "span";
    pub const DETECTION: &str = "detection";
    /// Behind its span.
    pub const PAYLOAD: &str = "payload";
    pub const AUDIT: &str = "audit";
    pub const KEY_USED: &str = "key_used";
}

/// How an exchange ended (contract 4.3).
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Success,
    /// Upstream, protocol or tool error.
    Error,
    Timeout,
    /// Refused by the gateway; `error_type` says why.
    Blocked,
    Cancelled,
}

impl Status {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Error => "error",
            Self::Timeout => "timeout",
            Self::Blocked => "blocked",
            Self::Cancelled => "cancelled",
        }
    }
}

/// One span: the columns of `traces` except `created_at`, and what prices it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Span<'a> {
    pub id: Uuid,
    pub org_id: Uuid,
    #[serde(borrow)]
    pub trace_id: Cow<'a, str>,
    #[serde(borrow)]
    pub span_id: Cow<'a, str>,
    #[serde(borrow)]
    pub parent_span_id: Option<Cow<'a, str>>,
    /// Whether it is a call. Others are parts of one, and count for nothing.
    pub is_root: bool,
    /// `server`, `internal` or `client` (OpenTelemetry's span kind).
    #[serde(borrow)]
    pub kind: Cow<'a, str>,
    #[serde(borrow)]
    pub operation_name: Cow<'a, str>,
    #[serde(borrow)]
    pub mcp_server: Cow<'a, str>,
    #[serde(borrow)]
    pub tool_name: Option<Cow<'a, str>>,
    pub status: Status,
    pub status_code: Option<u16>,
    #[serde(borrow)]
    pub error_type: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub error_message: Option<Cow<'a, str>>,
    pub duration_ms: u32,
    pub upstream_ms: Option<u32>,
    pub overhead_us: Option<u32>,
    pub input_tokens: Option<u32>,
    pub output_tokens: Option<u32>,
    /// Whether the upstream answered it or was left with it: a charged span has one cost row (contract 5.1).
    pub charged: bool,
    /// As the proxy priced it; the ingester prices again by what was valid at `started_at`.
    pub cost_usd: Option<Decimal>,
    pub price_id: Option<Uuid>,
    pub user_id: Option<Uuid>,
    pub team_id: Option<Uuid>,
    pub api_key_id: Option<Uuid>,
    /// Of the key; a user's token has none.
    #[serde(borrow)]
    pub environment: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub session_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub client_name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub client_version: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub protocol_version: Option<Cow<'a, str>>,
    pub request_bytes: u64,
    pub response_bytes: u64,
    #[serde(borrow)]
    pub proxy_id: Cow<'a, str>,
    pub metadata: serde_json::Value,
    pub started_at: DateTime<Utc>,
    pub ended_at: DateTime<Utc>,
}

/// What a span's call was given and what it gave back, where its organization wants that kept; at most 64 KiB each. It goes
/// by itself so that nobody who only reads spans comes across it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Payload<'a> {
    /// Of the span.
    pub id: Uuid,
    pub org_id: Uuid,
    pub started_at: DateTime<Utc>,
    #[serde(borrow)]
    pub request: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub response: Option<Cow<'a, str>>,
    /// Secrets and personal data were taken out.
    pub redacted: bool,
    /// There was more of it.
    pub truncated: bool,
}

/// Something that the guard found: the columns of `injection_detections`, but those of its review.
#[derive(Clone, Debug, Serialize)]
pub struct Detection<'a> {
    pub id: Uuid,
    pub org_id: Uuid,
    pub trace_id: &'a str,
    pub span_id: &'a str,
    pub policy_id: Uuid,
    #[serde(rename = "type")]
    pub kind: &'a str,
    pub severity: &'a str,
    pub confidence: f32,
    pub rule: &'a str,
    pub direction: &'a str,
    pub action_taken: &'a str,
    /// Masked.
    pub snippet: &'a str,
    pub mcp_server: &'a str,
    pub tool_name: Option<&'a str>,
    pub api_key_id: Option<Uuid>,
    pub user_id: Option<Uuid>,
    pub ip_address: Option<std::net::IpAddr>,
    pub created_at: DateTime<Utc>,
}

/// Something a proxy did that belongs into the audit log (contract 4.8).
#[derive(Clone, Debug, Serialize)]
pub struct Audit<'a> {
    pub action: &'a str,
    pub outcome: &'a str,
    pub actor_type: &'a str,
    pub actor_id: Option<String>,
    pub resource_id: Option<String>,
    pub resource_name: Option<String>,
    pub details: serde_json::Value,
    pub ip_address: Option<std::net::IpAddr>,
    pub request_id: &'a str,
    pub trace_id: &'a str,
    pub occurred_at: DateTime<Utc>,
}

/// A key was used: at most one a minute and key.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct KeyUsed<'a> {
    pub api_key_id: Uuid,
    pub at: DateTime<Utc>,
    #[serde(borrow)]
    pub ip_address: Option<Cow<'a, str>>,
}
