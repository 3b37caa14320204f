//! A server as it is read: every field present, secrets only as `<field>_set` (contract 1.1, 3.6).

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::form::{AuthForm, AuthType, Breaker, PayloadCapture, Pricing, Retry, TlsForm, Transport};
use crate::{
    id::{OrgId, ServerId, UserId},
    rest::value::Time,
    service::servers::Server,
};

#[derive(Serialize, ToSchema)]
pub(super) struct McpServer {
    id: ServerId,
    org_id: OrgId,
    name: String,
    #[schema(required)]
    display_name: Option<String>,
    description: String,
    url: String,
    transport: Transport,
    enabled: bool,
    tags: Vec<String>,
    auth: Auth,
    tls: Tls,
    connect_timeout_ms: i32,
    timeout_ms: i32,
    stream_idle_timeout_ms: i32,
    max_concurrency: i32,
    max_request_bytes: i32,
    max_response_bytes: i32,
    retry: Retry,
    breaker: Breaker,
    pricing: Pricing,
    #[schema(required)]
    payload_capture: Option<PayloadCapture>,
    discovery_interval_seconds: i32,
    health: Health,
    #[schema(required)]
    protocol_version: Option<String>,
    #[schema(required, value_type = Option<Object>)]
    server_info: Option<Value>,
    #[schema(required, value_type = Option<Object>)]
    capabilities: Option<Value>,
    tool_count: i64,
    pending_review_count: i64,
    created_at: Time,
    updated_at: Time,
    version: i32,
    #[schema(required)]
    created_by: Option<UserId>,
    managed_by: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = McpServerAuth)]
struct Auth {
    #[serde(rename = "type")]
    kind: AuthType,
    token_set: bool,
    #[schema(required)]
    username: Option<String>,
    password_set: bool,
    #[schema(required)]
    header_name: Option<String>,
    header_value_set: bool,
    #[schema(required)]
    token_url: Option<String>,
    #[schema(required)]
    client_id: Option<String>,
    client_secret_set: bool,
    scopes: Vec<String>,
}

impl From<AuthForm> for Auth {
    fn from(form: AuthForm) -> Self {
        Self {
            kind: form.kind,
            token_set: form.token.is_some(),
            username: form.username,
            password_set: form.password.is_some(),
            header_name: form.header_name,
            header_value_set: form.header_value.is_some(),
            token_url: form.token_url,
            client_id: form.client_id,
            client_secret_set: form.client_secret.is_some(),
            scopes: form.scopes,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = McpServerTls)]
struct Tls {
    #[schema(required)]
    ca_pem: Option<String>,
    #[schema(required)]
    client_cert_pem: Option<String>,
    client_key_pem_set: bool,
    #[schema(required)]
    server_name: Option<String>,
    insecure_skip_verify: bool,
}

impl From<TlsForm> for Tls {
    fn from(form: TlsForm) -> Self {
        Self {
            ca_pem: form.ca_pem,
            client_cert_pem: form.client_cert_pem,
            client_key_pem_set: form.client_key_pem.is_some(),
            server_name: form.server_name,
            insecure_skip_verify: form.insecure_skip_verify,
        }
    }
}

/// What the last look at the server came to.
#[derive(Serialize, ToSchema)]
#[schema(as = McpServerHealth)]
struct Health {
    /// healthy, degraded (answers, but a list failed), unhealthy or unknown.
    status: String,
    #[schema(required)]
    checked_at: Option<Time>,
    #[schema(required)]
    latency_ms: Option<i32>,
    #[schema(required)]
    error: Option<String>,
}

impl From<Server> for McpServer {
    fn from(server: Server) -> Self {
        let form = server.form();
        let row = server.row;
        let health = row.health;
        Self {
            id: row.id,
            org_id: row.org_id,
            name: form.name,
            display_name: form.display_name,
            description: form.description,
            url: form.url,
            transport: form.transport,
            enabled: form.enabled,
            tags: form.tags,
            auth: form.auth.into(),
            tls: form.tls.into(),
            connect_timeout_ms: form.connect_timeout_ms,
            timeout_ms: form.timeout_ms,
            stream_idle_timeout_ms: form.stream_idle_timeout_ms,
            max_concurrency: form.max_concurrency,
            max_request_bytes: form.max_request_bytes,
            max_response_bytes: form.max_response_bytes,
            retry: form.retry,
            breaker: form.breaker,
            pricing: form.pricing,
            payload_capture: form.payload_capture,
            discovery_interval_seconds: form.discovery_interval_seconds,
            health: Health {
                status: health.health,
                checked_at: health.health_checked_at.map(Time),
                latency_ms: health.health_latency_ms,
                error: health.health_error,
            },
            protocol_version: health.protocol_version,
            server_info: health.server_info,
            capabilities: health.capabilities,
            tool_count: row.tool_count,
            pending_review_count: row.pending_review_count,
            created_at: Time(row.created_at),
            updated_at: Time(row.updated_at),
            version: row.version,
            created_by: row.created_by,
            managed_by: row.managed_by,
        }
    }
}
