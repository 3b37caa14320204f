//! The catalogue as last seen and as reviewed: `/v1/tools`, and the tools, resources and prompts of one server
//! (contract 3.6).

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    form::Body,
    list::{Filters, List, ListParameters, PageInfo},
    query::AnyOf,
    respond::Id,
    value::Time,
};
use crate::{
    app::App,
    auth::Principal,
    error::Result,
    id::{OrgId, ToolId, UserId},
    service::{self, tools::ReviewForm},
    settings::Level,
    store::{
        self,
        page::SortKey,
        tools::{EntryRow, Filter, Kind},
    },
};

#[cfg(test)]
mod tests;

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list_tools))
        .routes(routes!(get_tool))
        .routes(routes!(review_tool))
        .routes(routes!(list_server_tools))
        .routes(routes!(list_server_resources))
        .routes(routes!(list_server_prompts))
}

#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryStatus {
    Active,
    New,
    Changed,
    Blocked,
    Removed,
}

#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ToolFilters {
    /// By name or id.
    mcp_server: Option<AnyOf<String>>,
    /// active, new, changed, blocked, removed
    status: Option<AnyOf<EntryStatus>>,
    /// safe, sensitive, dangerous
    classification: Option<AnyOf<Level>>,
    /// In name, title and description.
    q: Option<String>,
}

impl Filters for ToolFilters {
    const SORT: &'static [SortKey] = store::tools::SORT;
}

impl From<ToolFilters> for Filter {
    fn from(filters: ToolFilters) -> Self {
        Self {
            within: None,
            servers: filters.mcp_server.map(|AnyOf(servers)| servers),
            status: filters.status.map(texts),
            ids: None,
            q: filters.q,
        }
    }
}

#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EntryFilters {
    /// active, new, changed, blocked, removed
    status: Option<AnyOf<EntryStatus>>,
    /// In name, title and description.
    q: Option<String>,
}

impl Filters for EntryFilters {
    const SORT: &'static [SortKey] = store::tools::SORT;
}

impl From<EntryFilters> for Filter {
    fn from(filters: EntryFilters) -> Self {
        Self { status: filters.status.map(texts), q: filters.q, ..Self::default() }
    }
}

/// The values as the database writes them: an enumeration's JSON is its text.
fn texts<T: Serialize>(AnyOf(values): AnyOf<T>) -> Vec<String> {
    let text = |value| serde_json::to_value(value).ok()?.as_str().map(str::to_owned);
    values.into_iter().filter_map(text).collect()
}

#[derive(Serialize, ToSchema)]
struct Tools {
    tools: Vec<Tool>,
    #[serde(flatten)]
    page: PageInfo,
}

#[derive(Serialize, ToSchema)]
struct Resources {
    resources: Vec<Resource>,
    #[serde(flatten)]
    page: PageInfo,
}

#[derive(Serialize, ToSchema)]
struct Prompts {
    prompts: Vec<Prompt>,
    #[serde(flatten)]
    page: PageInfo,
}

/// What every entry of a catalogue shows.
#[derive(Serialize, ToSchema)]
#[schema(as = CatalogueEntry)]
struct Seen {
    id: ToolId,
    org_id: OrgId,
    mcp_server: String,
    #[schema(required)]
    name: Option<String>,
    #[schema(required)]
    title: Option<String>,
    #[schema(required)]
    description: Option<String>,
    /// SHA-256 of the definition's RFC 8785 JSON.
    schema_hash: String,
    #[schema(required)]
    approved_hash: Option<String>,
    status: String,
    #[schema(value_type = Vec<Object>)]
    flags: Value,
    first_seen_at: Time,
    last_seen_at: Time,
    #[schema(required)]
    reviewed_by: Option<UserId>,
    #[schema(required)]
    reviewed_at: Option<Time>,
    created_at: Time,
}

#[derive(Serialize, ToSchema)]
struct Tool {
    #[serde(flatten)]
    seen: Seen,
    #[schema(required, value_type = Option<Object>)]
    input_schema: Value,
    #[schema(required, value_type = Option<Object>)]
    output_schema: Value,
    #[schema(required, value_type = Option<Object>)]
    annotations: Value,
    /// As the server showed it when it was approved; null if it never was.
    #[schema(required, value_type = Option<Object>)]
    approved_definition: Option<Value>,
    /// safe, sensitive, dangerous
    classification: &'static str,
    /// What happens to a call when no permission says otherwise: allow, approve (once somebody has), deny.
    action: &'static str,
}

#[derive(Serialize, ToSchema)]
struct Resource {
    #[serde(flatten)]
    seen: Seen,
    /// The URI, or a template's.
    uri: String,
    is_template: bool,
    #[schema(required)]
    mime_type: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct Prompt {
    #[serde(flatten)]
    seen: Seen,
    #[schema(value_type = Vec<Object>)]
    arguments: Value,
}

fn text(definition: &Value, field: &str) -> Option<String> {
    definition[field].as_str().map(str::to_owned)
}

impl From<&EntryRow> for Seen {
    fn from(row: &EntryRow) -> Self {
        Self {
            id: row.id,
            org_id: row.org_id,
            mcp_server: row.mcp_server.clone(),
            name: text(&row.definition, "name"),
            title: text(&row.definition, "title"),
            description: text(&row.definition, "description"),
            schema_hash: row.schema_hash.clone(),
            approved_hash: row.approved_hash.clone(),
            status: row.status.clone(),
            flags: row.flags.clone(),
            first_seen_at: Time(row.first_seen_at),
            last_seen_at: Time(row.last_seen_at),
            reviewed_by: row.reviewed_by,
            reviewed_at: row.reviewed_at.map(Time),
            created_at: Time(row.created_at),
        }
    }
}

impl From<service::tools::Tool> for Tool {
    fn from(tool: service::tools::Tool) -> Self {
        let row = tool.row;
        Self {
            seen: Seen::from(&row),
            input_schema: row.definition["inputSchema"].clone(),
            output_schema: row.definition["outputSchema"].clone(),
            annotations: row.definition["annotations"].clone(),
            approved_definition: row.approved_definition,
            classification: tool.level.name(),
            action: tool.action.name(),
        }
    }
}

impl From<EntryRow> for Resource {
    fn from(row: EntryRow) -> Self {
        Self {
            seen: Seen::from(&row),
            is_template: row.definition.get("uriTemplate").is_some(),
            mime_type: text(&row.definition, "mimeType"),
            uri: row.key,
        }
    }
}

impl From<EntryRow> for Prompt {
    fn from(row: EntryRow) -> Self {
        let arguments = row.definition.get("arguments").cloned().unwrap_or_else(|| Value::Array(Vec::new()));
        Self { seen: Seen::from(&row), arguments }
    }
}

/// List the tools of all servers
#[utoipa::path(get, path = "/v1/tools", operation_id = "listTools", tag = "tools",
    params(ListParameters, ToolFilters), responses((status = 200, body = Tools)))]
async fn list_tools(
    State(app): State<Arc<App>>,
    principal: Principal,
    mut list: List<ToolFilters>,
) -> Result<Json<Tools>> {
    let mut filters = std::mem::take(&mut list.filters);
    let levels = filters.classification.take().map(|AnyOf(levels)| levels);
    let found = service::tools::list(&app, &principal, filters.into(), levels.as_deref(), &list.page).await?;
    let page = list.info(&found);
    Ok(Json(Tools { tools: found.rows.into_iter().map(Tool::from).collect(), page }))
}

/// Read a tool
#[utoipa::path(get, path = "/v1/tools/{id}", operation_id = "getTool", tag = "tools",
    params(("id" = ToolId, Path)), responses((status = 200, body = Tool)))]
async fn get_tool(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<ToolId>,
) -> Result<Json<Tool>> {
    service::tools::get(&app, &principal, id).await.map(|tool| Json(tool.into()))
}

/// Approve a tool's definition as it is, or block the tool
#[utoipa::path(post, path = "/v1/tools/{id}/review", operation_id = "reviewTool", tag = "tools",
    params(("id" = ToolId, Path)), request_body = ReviewForm, responses((status = 200, body = Tool)))]
async fn review_tool(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<ToolId>,
    Body(form): Body<ReviewForm>,
) -> Result<Json<Tool>> {
    service::tools::review(&app, &principal, id, &form).await.map(|tool| Json(tool.into()))
}

/// List a server's tools
#[utoipa::path(get, path = "/v1/mcp-servers/{id}/tools", operation_id = "listMcpServerTools", tag = "MCP servers",
    params(("id" = String, Path, description = "name or id"), ListParameters, EntryFilters),
    responses((status = 200, body = Tools)))]
async fn list_server_tools(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(server): Id<String>,
    mut list: List<EntryFilters>,
) -> Result<Json<Tools>> {
    let filter = std::mem::take(&mut list.filters).into();
    let found = service::tools::list_of(&app, &principal, &server, filter, &list.page).await?;
    let page = list.info(&found);
    Ok(Json(Tools { tools: found.rows.into_iter().map(Tool::from).collect(), page }))
}

/// List a server's resources and resource templates
#[utoipa::path(get, path = "/v1/mcp-servers/{id}/resources", operation_id = "listMcpServerResources",
    tag = "MCP servers", params(("id" = String, Path, description = "name or id"), ListParameters, EntryFilters),
    responses((status = 200, body = Resources)))]
async fn list_server_resources(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(server): Id<String>,
    mut list: List<EntryFilters>,
) -> Result<Json<Resources>> {
    let filter = std::mem::take(&mut list.filters).into();
    let found =
        service::tools::list_entries(&app, &principal, &server, Kind::Resource, filter, &list.page).await?;
    let page = list.info(&found);
    Ok(Json(Resources { resources: found.rows.into_iter().map(Resource::from).collect(), page }))
}

/// List a server's prompts
#[utoipa::path(get, path = "/v1/mcp-servers/{id}/prompts", operation_id = "listMcpServerPrompts",
    tag = "MCP servers", params(("id" = String, Path, description = "name or id"), ListParameters, EntryFilters),
    responses((status = 200, body = Prompts)))]
async fn list_server_prompts(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(server): Id<String>,
    mut list: List<EntryFilters>,
) -> Result<Json<Prompts>> {
    let filter = std::mem::take(&mut list.filters).into();
    let found =
        service::tools::list_entries(&app, &principal, &server, Kind::Prompt, filter, &list.page).await?;
    let page = list.info(&found);
    Ok(Json(Prompts { prompts: found.rows.into_iter().map(Prompt::from).collect(), page }))
}
