//! `/v1/tool-classifications` (contract 3.7).

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    etag::{IfMatch, Tagged},
    form::{Body, Patch},
    list::{Filters, List, ListParameters, PageInfo},
    query::{AnyOf, Asked},
    respond::{Created, Id},
    value::Time,
};
use crate::{
    app::App,
    auth::Principal,
    error::Result,
    id::{OrgId, ToolClassificationId, UserId},
    service::tool_classifications::{self, ToolClassificationForm},
    settings::Level,
    store::{
        self,
        page::SortKey,
        tool_classifications::{Filter, ToolClassificationRow},
    },
};

#[cfg(test)]
mod tests;

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, update, delete))
}

#[derive(Serialize, ToSchema)]
struct ToolClassification {
    id: ToolClassificationId,
    org_id: OrgId,
    mcp_server: String,
    tool_name: String,
    #[schema(value_type = Level)]
    classification: String,
    #[schema(required)]
    requires_approval: Option<bool>,
    description: String,
    created_at: Time,
    updated_at: Time,
    version: i32,
    #[schema(required)]
    created_by: Option<UserId>,
    managed_by: String,
}

impl From<ToolClassificationRow> for ToolClassification {
    fn from(row: ToolClassificationRow) -> Self {
        Self {
            id: row.id,
            org_id: row.org_id,
            mcp_server: row.mcp_server,
            tool_name: row.tool_name,
            classification: row.classification,
            requires_approval: row.requires_approval,
            description: row.description,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
            created_by: row.created_by,
            managed_by: row.managed_by,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct ToolClassifications {
    tool_classifications: Vec<ToolClassification>,
    #[serde(flatten)]
    page: PageInfo,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ToolClassificationFilters {
    /// The glob as it is written.
    mcp_server: Option<AnyOf<String>>,
    /// The glob as it is written.
    tool_name: Option<AnyOf<String>>,
    /// safe, sensitive, dangerous
    classification: Option<AnyOf<Level>>,
    /// In the globs and the description.
    q: Option<String>,
}

impl Filters for ToolClassificationFilters {
    const SORT: &'static [SortKey] = store::tool_classifications::SORT;
}

impl From<&ToolClassificationFilters> for Filter {
    fn from(filters: &ToolClassificationFilters) -> Self {
        Self {
            mcp_servers: filters.mcp_server.values(),
            tool_names: filters.tool_name.values(),
            classifications: filters.classification.words(),
            q: filters.q.clone(),
        }
    }
}

/// What administrators have said of tools; the most specific wins.
#[utoipa::path(get, path = "/v1/tool-classifications", operation_id = "listToolClassifications",
    tag = "tool-classifications", params(ListParameters, ToolClassificationFilters),
    responses((status = 200, body = ToolClassifications)))]
async fn list(
    State(app): State<Arc<App>>,
    principal: Principal,
    list: List<ToolClassificationFilters>,
) -> Result<Json<ToolClassifications>> {
    let filter = Filter::from(&list.filters);
    let found = tool_classifications::list(&app, &principal, &filter, &list.page).await?;
    let page = list.info(&found);
    let rows = found.rows.into_iter().map(ToolClassification::from);
    Ok(Json(ToolClassifications { tool_classifications: rows.collect(), page }))
}

/// Say how dangerous the tools of a pattern are.
#[utoipa::path(post, path = "/v1/tool-classifications", operation_id = "createToolClassification",
    tag = "tool-classifications", request_body = ToolClassificationForm,
    responses((status = 201, body = ToolClassification)))]
async fn create(
    State(app): State<Arc<App>>,
    principal: Principal,
    Body(form): Body<ToolClassificationForm>,
) -> Result<Created<ToolClassification>> {
    let row = tool_classifications::create(&app, &principal, form).await?;
    let location = format!("/v1/tool-classifications/{}", row.id);
    Ok(Created { location, version: Some(row.version), body: row.into() })
}

#[utoipa::path(get, path = "/v1/tool-classifications/{id}", operation_id = "getToolClassification",
    tag = "tool-classifications", params(("id" = ToolClassificationId, Path)),
    responses((status = 200, body = ToolClassification)))]
async fn get(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<ToolClassificationId>,
) -> Result<Tagged<ToolClassification>> {
    let row = tool_classifications::get(&app, &principal, id).await?;
    Ok(Tagged(row.version, row.into()))
}

#[utoipa::path(patch, path = "/v1/tool-classifications/{id}", operation_id = "updateToolClassification",
    tag = "tool-classifications", params(("id" = ToolClassificationId, Path)),
    request_body = ToolClassificationForm, responses((status = 200, body = ToolClassification)))]
async fn update(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<ToolClassificationId>,
    if_match: IfMatch,
    patch: Patch<ToolClassificationForm>,
) -> Result<Tagged<ToolClassification>> {
    let row = tool_classifications::update(&app, &principal, id, &if_match, patch).await?;
    Ok(Tagged(row.version, row.into()))
}

/// Take it back: the tools are as dangerous as the next rule, or their names, say.
#[utoipa::path(delete, path = "/v1/tool-classifications/{id}", operation_id = "deleteToolClassification",
    tag = "tool-classifications", params(("id" = ToolClassificationId, Path)), responses((status = 204)))]
async fn delete(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<ToolClassificationId>,
    if_match: IfMatch,
) -> Result<StatusCode> {
    tool_classifications::delete(&app, &principal, id, &if_match).await?;
    Ok(StatusCode::NO_CONTENT)
}
