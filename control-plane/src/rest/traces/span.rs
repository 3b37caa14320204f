//! A span as REST shows it.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    rest::{
        export::Exported,
        value::{Money, Time},
    },
    store::traces::Span,
};

/// A trace list item is a root span: what a client sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Span)]
pub(crate) struct SpanView {
    pub id: Uuid,
    pub org_id: Uuid,
    pub trace_id: String,
    pub span_id: String,
    #[schema(required)]
    pub parent_span_id: Option<String>,
    pub is_root: bool,
    pub kind: String,
    pub operation_name: String,
    pub mcp_server: String,
    #[schema(required)]
    pub tool_name: Option<String>,
    pub status: String,
    #[schema(required)]
    pub status_code: Option<i32>,
    #[schema(required)]
    pub error_type: Option<String>,
    #[schema(required)]
    pub error_message: Option<String>,
    pub duration_ms: i32,
    #[schema(required)]
    pub upstream_ms: Option<i32>,
    #[schema(required)]
    pub overhead_us: Option<i32>,
    #[schema(required)]
    pub input_tokens: Option<i32>,
    #[schema(required)]
    pub output_tokens: Option<i32>,
    /// Null where nothing was charged, and for whoever may not see costs.
    #[schema(required)]
    pub cost_usd: Option<Money>,
    #[schema(required)]
    pub user_id: Option<Uuid>,
    #[schema(required)]
    pub user_email: Option<String>,
    #[schema(required)]
    pub team_id: Option<Uuid>,
    #[schema(required)]
    pub team_name: Option<String>,
    #[schema(required)]
    pub api_key_id: Option<Uuid>,
    #[schema(required)]
    pub api_key_name: Option<String>,
    #[schema(required)]
    pub environment: Option<String>,
    #[schema(required)]
    pub session_id: Option<String>,
    #[schema(required)]
    pub client_name: Option<String>,
    #[schema(required)]
    pub client_version: Option<String>,
    #[schema(required)]
    pub protocol_version: Option<String>,
    pub request_bytes: i64,
    pub response_bytes: i64,
    pub proxy_id: String,
    pub metadata: Value,
    pub has_payload: bool,
    pub started_at: Time,
    pub ended_at: Time,
    pub created_at: Time,
}

impl Exported for SpanView {
    const FIELDS: &'static [&'static str] = &[
        "id",
        "org_id",
        "trace_id",
        "span_id",
        "parent_span_id",
        "is_root",
        "kind",
        "operation_name",
        "mcp_server",
        "tool_name",
        "status",
        "status_code",
        "error_type",
        "error_message",
        "duration_ms",
        "upstream_ms",
        "overhead_us",
        "input_tokens",
        "output_tokens",
        "cost_usd",
        "user_id",
        "user_email",
        "team_id",
        "team_name",
        "api_key_id",
        "api_key_name",
        "environment",
        "session_id",
        "client_name",
        "client_version",
        "protocol_version",
        "request_bytes",
        "response_bytes",
        "proxy_id",
        "metadata",
        "has_payload",
        "started_at",
        "ended_at",
        "created_at",
    ];
}

impl From<Span> for SpanView {
    fn from(span: Span) -> Self {
        Self {
            id: span.id.0,
            org_id: span.org_id.0,
            trace_id: span.trace_id,
            span_id: span.span_id,
            parent_span_id: span.parent_span_id,
            is_root: span.is_root,
            kind: span.kind,
            operation_name: span.operation_name,
            mcp_server: span.mcp_server,
            tool_name: span.tool_name,
            status: span.status,
            status_code: span.status_code,
            error_type: span.error_type,
            error_message: span.error_message,
            duration_ms: span.duration_ms,
            upstream_ms: span.upstream_ms,
            overhead_us: span.overhead_us,
            input_tokens: span.input_tokens,
            output_tokens: span.output_tokens,
            cost_usd: span.cost_usd.map(Money),
            user_id: span.user_id.map(|id| id.0),
            user_email: span.user_email,
            team_id: span.team_id.map(|id| id.0),
            team_name: span.team_name,
            api_key_id: span.api_key_id.map(|id| id.0),
            api_key_name: span.api_key_name,
            environment: span.environment,
            session_id: span.session_id,
            client_name: span.client_name,
            client_version: span.client_version,
            protocol_version: span.protocol_version,
            request_bytes: span.request_bytes,
            response_bytes: span.response_bytes,
            proxy_id: span.proxy_id,
            metadata: span.metadata,
            has_payload: span.has_payload,
            started_at: Time(span.started_at),
            ended_at: Time(span.ended_at),
            created_at: Time(span.created_at),
        }
    }
}
