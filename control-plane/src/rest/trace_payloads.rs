//! REST: what a call was given and gave back (contract 3.10).

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, auth::Principal, error::Result, service, service::trace_payloads::Payload};

#[cfg(test)]
mod tests;

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(get))
}

#[derive(Serialize, ToSchema)]
#[schema(as = TracePayload)]
struct PayloadView {
    /// The arguments, or what else the call named. JSON, unless it was cut: then the text that is left of it.
    #[schema(required)]
    request: Option<Value>,
    /// The result or the error; likewise. Null when there was none.
    #[schema(required)]
    response: Option<Value>,
    /// Secrets and personal data were taken out before it was kept.
    redacted: bool,
    /// There was more of it than is kept.
    truncated: bool,
}

impl From<Payload> for PayloadView {
    fn from(payload: Payload) -> Self {
        let shown = |text: String| serde_json::from_str(&text).unwrap_or(Value::String(text));
        Self {
            request: payload.request.map(shown),
            response: payload.response.map(shown),
            redacted: payload.redacted,
            truncated: payload.truncated,
        }
    }
}

/// What was kept of a call's arguments and result, where the organization or the server keeps them (`payload_capture`).
/// Reading is audited.
#[utoipa::path(get, path = "/v1/traces/{trace_id}/spans/{span_id}/payload", operation_id = "getTracePayload",
    tag = "traces", params(("trace_id" = String, Path), ("span_id" = String, Path)),
    responses((status = 200, body = PayloadView)))]
async fn get(
    State(app): State<Arc<App>>,
    principal: Principal,
    Path((trace_id, span_id)): Path<(String, String)>,
) -> Result<Json<PayloadView>> {
    Ok(Json(service::trace_payloads::get(&app, &principal, &trace_id, &span_id).await?.into()))
}
