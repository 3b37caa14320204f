//! `/v1/mcp-servers`: the servers behind the gateway, trying them out, and their catalogues (contract 3.6).

use std::sync::Arc;

use axum::{Json, extract::State, routing::get};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    etag::{IfMatch, Tagged},
    form::{Body, Patch},
    list::{Filters, List, ListParameters, PageInfo},
    query::AnyOf,
    respond::{Created, Id},
};
use crate::{
    app::App,
    auth::Principal,
    error::Result,
    service::{self, catalogue::Changes, servers::Trial},
    store::{self, page::SortKey},
};

mod check;
pub mod form;
pub mod secret;
#[cfg(test)]
mod tests;
mod view;

use form::{ServerForm, TrialForm};
use view::McpServer;

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(try_out))
        // A server may be called `test`; the route above must not hide it.
        .route("/v1/mcp-servers/test", get(read_test).patch(update_test).delete(remove_test))
        .routes(routes!(read, update, remove))
        .routes(routes!(test))
        .routes(routes!(refresh))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ServerFilters {
    pub enabled: Option<AnyOf<bool>>,
    /// healthy, degraded, unhealthy, unknown
    pub health: Option<AnyOf<HealthStatus>>,
    pub tag: Option<AnyOf<String>>,
    /// In name, display name and description.
    pub q: Option<String>,
}

#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HealthStatus {
    Healthy,
    Degraded,
    Unhealthy,
    Unknown,
}

impl HealthStatus {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
            Self::Unhealthy => "unhealthy",
            Self::Unknown => "unknown",
        }
    }
}

impl Filters for ServerFilters {
    const SORT: &'static [SortKey] = store::servers::SORT;
}

#[derive(Serialize, ToSchema)]
struct McpServers {
    mcp_servers: Vec<McpServer>,
    #[serde(flatten)]
    page: PageInfo,
}

/// List MCP servers
#[utoipa::path(get, path = "/v1/mcp-servers", operation_id = "listMcpServers", tag = "MCP servers",
    params(ListParameters, ServerFilters), responses((status = 200, body = McpServers)))]
async fn list(
    State(app): State<Arc<App>>,
    principal: Principal,
    list: List<ServerFilters>,
) -> Result<Json<McpServers>> {
    let found = service::servers::list(&app, &principal, &list.filters, &list.page).await?;
    let page = list.info(&found);
    Ok(Json(McpServers { mcp_servers: found.rows.into_iter().map(McpServer::from).collect(), page }))
}

/// Add an MCP server
#[utoipa::path(post, path = "/v1/mcp-servers", operation_id = "createMcpServer", tag = "MCP servers",
    request_body = ServerForm, responses((status = 201, body = McpServer)))]
async fn create(
    State(app): State<Arc<App>>,
    principal: Principal,
    Body(form): Body<ServerForm>,
) -> Result<Created<McpServer>> {
    let server = service::servers::create(&app, &principal, form).await?;
    let location = format!("/v1/mcp-servers/{}", server.row.id);
    Ok(Created { location, version: Some(server.row.version), body: server.into() })
}

/// Read an MCP server, by name or id
#[utoipa::path(get, path = "/v1/mcp-servers/{id}", operation_id = "getMcpServer", tag = "MCP servers",
    params(("id" = String, Path, description = "name or id")), responses((status = 200, body = McpServer)))]
async fn read(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(server): Id<String>,
) -> Result<Tagged<McpServer>> {
    let server = service::servers::get(&app, &principal, &server).await?;
    Ok(Tagged(server.row.version, server.into()))
}

/// Change an MCP server
#[utoipa::path(patch, path = "/v1/mcp-servers/{id}", operation_id = "updateMcpServer", tag = "MCP servers",
    params(("id" = String, Path, description = "name or id")), request_body = ServerForm,
    responses((status = 200, body = McpServer)))]
async fn update(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(server): Id<String>,
    if_match: IfMatch,
    patch: Patch<ServerForm>,
) -> Result<Tagged<McpServer>> {
    let server = service::servers::update(&app, &principal, &server, &if_match, patch).await?;
    Ok(Tagged(server.row.version, server.into()))
}

/// Remove an MCP server; what was recorded of it stays
#[utoipa::path(delete, path = "/v1/mcp-servers/{id}", operation_id = "deleteMcpServer", tag = "MCP servers",
    params(("id" = String, Path, description = "name or id")), responses((status = 204)))]
async fn remove(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(server): Id<String>,
    if_match: IfMatch,
) -> Result<StatusCode> {
    service::servers::delete(&app, &principal, &server, &if_match).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Try out a server that is not saved
#[utoipa::path(post, path = "/v1/mcp-servers/test", operation_id = "testMcpServerForm", tag = "MCP servers",
    request_body = TrialForm, responses((status = 200, body = Trial)))]
async fn try_out(
    State(app): State<Arc<App>>,
    principal: Principal,
    Body(TrialForm(form)): Body<TrialForm>,
) -> Result<Json<Trial>> {
    service::servers::try_out(&app, &principal, form).await.map(Json)
}

/// Try out a server as it is saved
#[utoipa::path(post, path = "/v1/mcp-servers/{id}/test", operation_id = "testMcpServer", tag = "MCP servers",
    params(("id" = String, Path, description = "name or id")), responses((status = 200, body = Trial)))]
async fn test(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(server): Id<String>,
) -> Result<Json<Trial>> {
    service::servers::test(&app, &principal, &server).await.map(Json)
}

/// Read a server's catalogue anew
#[utoipa::path(post, path = "/v1/mcp-servers/{id}/refresh", operation_id = "refreshMcpServer", tag = "MCP servers",
    params(("id" = String, Path, description = "name or id")),
    responses((status = 200, body = Changes), (status = 502, description = "upstream_error")))]
async fn refresh(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(server): Id<String>,
) -> Result<Json<Changes>> {
    service::servers::refresh(&app, &principal, &server).await.map(Json)
}

async fn read_test(app: State<Arc<App>>, principal: Principal) -> Result<Tagged<McpServer>> {
    read(app, principal, Id("test".to_owned())).await
}

async fn update_test(
    app: State<Arc<App>>,
    principal: Principal,
    if_match: IfMatch,
    patch: Patch<ServerForm>,
) -> Result<Tagged<McpServer>> {
    update(app, principal, Id("test".to_owned()), if_match, patch).await
}

async fn remove_test(app: State<Arc<App>>, principal: Principal, if_match: IfMatch) -> Result<StatusCode> {
    remove(app, principal, Id("test".to_owned()), if_match).await
}
