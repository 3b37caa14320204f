//! `/v1/roles` (contract 3.4).

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
    id::{OrgId, RoleId, UserId},
    service::roles::{self, RoleForm},
    store::{
        self,
        page::SortKey,
        roles::{Filter, RoleRow},
    },
};

#[cfg(test)]
mod tests;

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, update, delete))
}

#[derive(Serialize, ToSchema)]
struct Role {
    id: RoleId,
    org_id: OrgId,
    name: String,
    description: String,
    permissions: Vec<String>,
    is_builtin: bool,
    /// Everybody who holds it in some scope.
    user_count: i64,
    created_at: Time,
    updated_at: Time,
    version: i32,
    #[schema(required)]
    created_by: Option<UserId>,
    managed_by: String,
}

impl From<RoleRow> for Role {
    fn from(row: RoleRow) -> Self {
        Self {
            id: row.id,
            org_id: row.org_id,
            name: row.name,
            description: row.description,
            permissions: row.permissions,
            is_builtin: row.is_builtin,
            user_count: row.user_count,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
            created_by: row.created_by,
            managed_by: row.managed_by,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct Roles {
    roles: Vec<Role>,
    #[serde(flatten)]
    page: PageInfo,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RoleFilters {
    name: Option<AnyOf<String>>,
    is_builtin: Option<AnyOf<bool>>,
    /// In the name or the description.
    q: Option<String>,
}

impl Filters for RoleFilters {
    const SORT: &'static [SortKey] = store::roles::SORT;
}

impl From<&RoleFilters> for Filter {
    fn from(filters: &RoleFilters) -> Self {
        Self { names: filters.name.values(), builtin: filters.is_builtin.values(), q: filters.q.clone() }
    }
}

/// The roles of the organization, built-in ones too.
#[utoipa::path(get, path = "/v1/roles", operation_id = "listRoles", tag = "roles",
    params(ListParameters, RoleFilters), responses((status = 200, body = Roles)))]
async fn list(
    State(app): State<Arc<App>>,
    principal: Principal,
    list: List<RoleFilters>,
) -> Result<Json<Roles>> {
    let found = roles::list(&app, &principal, &Filter::from(&list.filters), &list.page).await?;
    let page = list.info(&found);
    Ok(Json(Roles { roles: found.rows.into_iter().map(Role::from).collect(), page }))
}

/// Make a role, of what the caller holds.
#[utoipa::path(post, path = "/v1/roles", operation_id = "createRole", tag = "roles",
    request_body = RoleForm, responses((status = 201, body = Role)))]
async fn create(
    State(app): State<Arc<App>>,
    principal: Principal,
    Body(form): Body<RoleForm>,
) -> Result<Created<Role>> {
    let row = roles::create(&app, &principal, form).await?;
    let location = format!("/v1/roles/{}", row.id);
    Ok(Created { location, version: Some(row.version), body: row.into() })
}

#[utoipa::path(get, path = "/v1/roles/{id}", operation_id = "getRole", tag = "roles",
    params(("id" = RoleId, Path)), responses((status = 200, body = Role)))]
async fn get(State(app): State<Arc<App>>, principal: Principal, Id(id): Id<RoleId>) -> Result<Tagged<Role>> {
    let row = roles::get(&app, &principal, id).await?;
    Ok(Tagged(row.version, row.into()))
}

/// Change a role, for everybody who holds it. Built-in ones do not change.
#[utoipa::path(patch, path = "/v1/roles/{id}", operation_id = "updateRole", tag = "roles",
    params(("id" = RoleId, Path)), request_body = RoleForm, responses((status = 200, body = Role)))]
async fn update(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<RoleId>,
    if_match: IfMatch,
    patch: Patch<RoleForm>,
) -> Result<Tagged<Role>> {
    let row = roles::update(&app, &principal, id, &if_match, patch).await?;
    Ok(Tagged(row.version, row.into()))
}

/// Remove a role that nobody holds.
#[utoipa::path(delete, path = "/v1/roles/{id}", operation_id = "deleteRole", tag = "roles",
    params(("id" = RoleId, Path)), responses((status = 204)))]
async fn delete(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<RoleId>,
    if_match: IfMatch,
) -> Result<StatusCode> {
    roles::delete(&app, &principal, id, &if_match).await?;
    Ok(StatusCode::NO_CONTENT)
}
