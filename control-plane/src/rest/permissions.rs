//! `/v1/permissions` (contract 3.4, 4.1).

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    form::Body,
    list::{Filters, List, ListParameters, PageInfo},
    query::AnyOf,
};
use crate::{
    app::App,
    auth::Principal,
    error::Result,
    service::permissions::{self, CheckForm, Permission, Verdict},
    store::page::SortKey,
};

#[cfg(test)]
mod tests;

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(check))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PermissionFilters {
    /// The part before the colon.
    category: Option<AnyOf<String>>,
}

impl Filters for PermissionFilters {
    const SORT: &'static [SortKey] = permissions::SORT;
}

#[derive(Serialize, ToSchema)]
struct Permissions {
    permissions: Vec<Permission>,
    #[serde(flatten)]
    page: PageInfo,
}

/// All that can be granted.
#[utoipa::path(get, path = "/v1/permissions", operation_id = "listPermissions", tag = "permissions",
    params(ListParameters, PermissionFilters), responses((status = 200, body = Permissions)))]
async fn list(_: Principal, list: List<PermissionFilters>) -> Json<Permissions> {
    let categories = list.filters.category.as_ref().map(|any| any.0.as_slice());
    let found = permissions::list(categories, &list.page);
    let page = list.info(&found);
    Json(Permissions { permissions: found.rows, page })
}

/// Whether the caller or another user holds a permission, and why.
#[utoipa::path(post, path = "/v1/permissions/check", operation_id = "checkPermission", tag = "permissions",
    request_body = CheckForm, responses((status = 200, body = Verdict)))]
async fn check(
    State(app): State<Arc<App>>,
    principal: Principal,
    Body(form): Body<CheckForm>,
) -> Result<Json<Verdict>> {
    permissions::check(&app, &principal, &form).await.map(Json)
}
