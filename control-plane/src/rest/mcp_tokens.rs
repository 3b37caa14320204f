//! `/v1/auth/token` (contract 3.1).

use std::sync::Arc;

use axum::{Json, extract::State, response::Response};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{form::Body, respond::Once, value::Time};
use crate::{
    app::App,
    auth::Principal,
    error::Result,
    service::mcp_tokens::{self, Issued, McpTokenForm},
};

#[cfg(test)]
mod tests;

#[derive(Serialize, ToSchema)]
struct McpToken {
    /// For MCP endpoints only. Shown only here; null when the answer is repeated.
    access_token: String,
    /// `Bearer`.
    token_type: &'static str,
    expires_at: Time,
}

impl From<Issued> for McpToken {
    fn from(issued: Issued) -> Self {
        Self { access_token: issued.token, token_type: "Bearer", expires_at: issued.expires_at.into() }
    }
}

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(create))
}

/// Get a short-lived token for MCP endpoints.
#[utoipa::path(post, path = "/v1/auth/token", operation_id = "createMcpToken", tag = "auth",
    request_body = McpTokenForm, responses((status = 201, body = McpToken)))]
async fn create(
    State(app): State<Arc<App>>,
    principal: Principal,
    Body(form): Body<McpTokenForm>,
) -> Result<Response> {
    let token = McpToken::from(mcp_tokens::issue(&app, &principal, &form)?);
    Ok(Once(&["access_token"]).mark((StatusCode::CREATED, Json(token))))
}
