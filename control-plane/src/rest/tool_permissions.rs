//! `/v1/tool-permissions` (contract 3.7).

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

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
    id::{OrgId, ToolPermissionId, UserId},
    service::tool_permissions::{
        self, ArgumentRule, CheckForm, Effect, Explanation, SubjectType, ToolPermissionForm,
    },
    store::{
        self,
        page::SortKey,
        tool_permissions::{Filter, ToolPermissionRow},
    },
};

#[cfg(test)]
mod tests;

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(check))
        .routes(routes!(get, update, delete))
}

#[derive(Serialize, ToSchema)]
struct ToolPermission {
    id: ToolPermissionId,
    org_id: OrgId,
    #[schema(value_type = SubjectType)]
    subject_type: String,
    subject_id: Uuid,
    mcp_server: String,
    tool_name: String,
    #[schema(value_type = Effect)]
    effect: String,
    #[schema(value_type = Vec<ArgumentRule>)]
    argument_rules: Value,
    #[schema(required)]
    max_uses_per_day: Option<i32>,
    #[schema(required)]
    expires_at: Option<Time>,
    created_at: Time,
    updated_at: Time,
    version: i32,
    #[schema(required)]
    created_by: Option<UserId>,
    managed_by: String,
}

impl From<ToolPermissionRow> for ToolPermission {
    fn from(row: ToolPermissionRow) -> Self {
        Self {
            id: row.id,
            org_id: row.org_id,
            subject_type: row.subject_type,
            subject_id: row.subject_id,
            mcp_server: row.mcp_server,
            tool_name: row.tool_name,
            effect: row.effect,
            argument_rules: row.argument_rules,
            max_uses_per_day: row.max_uses_per_day,
            expires_at: row.expires_at.map(Time),
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
            created_by: row.created_by,
            managed_by: row.managed_by,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct ToolPermissions {
    tool_permissions: Vec<ToolPermission>,
    #[serde(flatten)]
    page: PageInfo,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ToolPermissionFilters {
    /// user, team, api_key
    subject_type: Option<AnyOf<SubjectType>>,
    subject_id: Option<AnyOf<Uuid>>,
    /// The glob as it is written.
    mcp_server: Option<AnyOf<String>>,
    /// The glob as it is written.
    tool_name: Option<AnyOf<String>>,
    /// allow, deny
    effect: Option<AnyOf<Effect>>,
    /// In the globs.
    q: Option<String>,
}

impl Filters for ToolPermissionFilters {
    const SORT: &'static [SortKey] = store::tool_permissions::SORT;
}

impl From<&ToolPermissionFilters> for Filter {
    fn from(filters: &ToolPermissionFilters) -> Self {
        Self {
            subject_types: filters.subject_type.words(),
            subjects: filters.subject_id.values(),
            mcp_servers: filters.mcp_server.values(),
            tool_names: filters.tool_name.values(),
            effects: filters.effect.words(),
            q: filters.q.clone(),
        }
    }
}

/// Who may or may not use which tools; a deny wins.
#[utoipa::path(get, path = "/v1/tool-permissions", operation_id = "listToolPermissions", tag = "tool-permissions",
    params(ListParameters, ToolPermissionFilters), responses((status = 200, body = ToolPermissions)))]
async fn list(
    State(app): State<Arc<App>>,
    principal: Principal,
    list: List<ToolPermissionFilters>,
) -> Result<Json<ToolPermissions>> {
    let found = tool_permissions::list(&app, &principal, &Filter::from(&list.filters), &list.page).await?;
    let page = list.info(&found);
    let rows = found.rows.into_iter().map(ToolPermission::from);
    Ok(Json(ToolPermissions { tool_permissions: rows.collect(), page }))
}

/// Allow or deny somebody the tools of a pattern.
#[utoipa::path(post, path = "/v1/tool-permissions", operation_id = "createToolPermission", tag = "tool-permissions",
    request_body = ToolPermissionForm, responses((status = 201, body = ToolPermission)))]
async fn create(
    State(app): State<Arc<App>>,
    principal: Principal,
    Body(form): Body<ToolPermissionForm>,
) -> Result<Created<ToolPermission>> {
    let row = tool_permissions::create(&app, &principal, form).await?;
    let location = format!("/v1/tool-permissions/{}", row.id);
    Ok(Created { location, version: Some(row.version), body: row.into() })
}

/// Whether a call would be let through, and why; daily uses are not counted here.
#[utoipa::path(post, path = "/v1/tool-permissions/check", operation_id = "checkToolPermission",
    tag = "tool-permissions", request_body = CheckForm, responses((status = 200, body = Explanation)))]
async fn check(
    State(app): State<Arc<App>>,
    principal: Principal,
    Body(form): Body<CheckForm>,
) -> Result<Json<Explanation>> {
    tool_permissions::check(&app, &principal, &form).await.map(Json)
}

#[utoipa::path(get, path = "/v1/tool-permissions/{id}", operation_id = "getToolPermission", tag = "tool-permissions",
    params(("id" = ToolPermissionId, Path)), responses((status = 200, body = ToolPermission)))]
async fn get(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<ToolPermissionId>,
) -> Result<Tagged<ToolPermission>> {
    let row = tool_permissions::get(&app, &principal, id).await?;
    Ok(Tagged(row.version, row.into()))
}

#[utoipa::path(patch, path = "/v1/tool-permissions/{id}", operation_id = "updateToolPermission",
    tag = "tool-permissions", params(("id" = ToolPermissionId, Path)), request_body = ToolPermissionForm,
    responses((status = 200, body = ToolPermission)))]
async fn update(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<ToolPermissionId>,
    if_match: IfMatch,
    patch: Patch<ToolPermissionForm>,
) -> Result<Tagged<ToolPermission>> {
    let row = tool_permissions::update(&app, &principal, id, &if_match, patch).await?;
    Ok(Tagged(row.version, row.into()))
}

#[utoipa::path(delete, path = "/v1/tool-permissions/{id}", operation_id = "deleteToolPermission",
    tag = "tool-permissions", params(("id" = ToolPermissionId, Path)), responses((status = 204)))]
async fn delete(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<ToolPermissionId>,
    if_match: IfMatch,
) -> Result<StatusCode> {
    tool_permissions::delete(&app, &principal, id, &if_match).await?;
    Ok(StatusCode::NO_CONTENT)
}
