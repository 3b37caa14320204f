//! `/v1/safety-policies`, which is `/v1/safety/policies` too (contract 3.8, 3.15).

use std::sync::Arc;

use axum::{Json, extract::State, routing};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema, openapi::path::PathItem};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    etag::{IfMatch, Tagged},
    form::{Body, Patch},
    list::{Filters, List, ListParameters, PageInfo},
    query::{AnyOf, Asked},
    respond::{Created, Id},
};
use crate::{
    app::App,
    auth::Principal,
    error::Result,
    id::SafetyPolicyId,
    service::{
        safety::Mode,
        safety_policies::{self, SafetyPolicyForm},
    },
    store::{self, page::SortKey, safety_policies::Filter},
};

#[cfg(test)]
mod tests;
mod view;

use view::SafetyPolicy;

const PATH: &str = "/v1/safety-policies";
const ALIAS: &str = "/v1/safety/policies";

pub fn router() -> OpenApiRouter<Arc<App>> {
    let one = format!("{ALIAS}/{{id}}");
    let mut router = OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update, delete))
        .route(ALIAS, routing::get(list).post(create))
        .route(&one, routing::get(get).patch(update).delete(delete));
    let paths = &mut router.get_openapi_mut().paths.paths;
    for (path, alias) in [(PATH.to_owned(), ALIAS.to_owned()), (format!("{PATH}/{{id}}"), one)] {
        if let Some(item) = paths.get(&path).cloned() {
            paths.insert(alias, renamed(item));
        }
    }
    router
}

/// The same operations; each needs a name of its own.
fn renamed(mut item: PathItem) -> PathItem {
    let operations = [&mut item.get, &mut item.post, &mut item.patch, &mut item.delete];
    for id in operations.into_iter().flatten().filter_map(|operation| operation.operation_id.as_mut()) {
        id.push_str("ByAlias");
    }
    item
}

#[derive(Serialize, ToSchema)]
struct SafetyPolicies {
    safety_policies: Vec<SafetyPolicy>,
    #[serde(flatten)]
    page: PageInfo,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SafetyPolicyFilters {
    enabled: Option<AnyOf<bool>>,
    mode: Option<AnyOf<Mode>>,
    name: Option<AnyOf<String>>,
    /// In name and description.
    q: Option<String>,
}

impl Filters for SafetyPolicyFilters {
    const SORT: &'static [SortKey] = store::safety_policies::SORT;
}

impl From<&SafetyPolicyFilters> for Filter {
    fn from(filters: &SafetyPolicyFilters) -> Self {
        Self {
            enabled: filters.enabled.values(),
            modes: filters.mode.words(),
            names: filters.name.values(),
            q: filters.q.clone(),
        }
    }
}

/// The organization's safety policies. Every enabled one that matches a call looks at it; the strictest says what
/// becomes of it.
#[utoipa::path(get, path = "/v1/safety-policies", operation_id = "listSafetyPolicies", tag = "safety",
    params(ListParameters, SafetyPolicyFilters), responses((status = 200, body = SafetyPolicies)))]
async fn list(
    State(app): State<Arc<App>>,
    principal: Principal,
    list: List<SafetyPolicyFilters>,
) -> Result<Json<SafetyPolicies>> {
    let found = safety_policies::list(&app, &principal, &Filter::from(&list.filters), &list.page).await?;
    let page = list.info(&found);
    let safety_policies = found.rows.into_iter().map(SafetyPolicy::from).collect();
    Ok(Json(SafetyPolicies { safety_policies, page }))
}

/// Make a safety policy; proxies follow it within two seconds.
#[utoipa::path(post, path = "/v1/safety-policies", operation_id = "createSafetyPolicy", tag = "safety",
    request_body = SafetyPolicyForm, responses((status = 201, body = SafetyPolicy)))]
async fn create(
    State(app): State<Arc<App>>,
    principal: Principal,
    Body(form): Body<SafetyPolicyForm>,
) -> Result<Created<SafetyPolicy>> {
    let row = safety_policies::create(&app, &principal, form).await?;
    Ok(Created { location: format!("{PATH}/{}", row.id), version: Some(row.version), body: row.into() })
}

#[utoipa::path(get, path = "/v1/safety-policies/{id}", operation_id = "getSafetyPolicy", tag = "safety",
    params(("id" = SafetyPolicyId, Path)), responses((status = 200, body = SafetyPolicy)))]
async fn get(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<SafetyPolicyId>,
) -> Result<Tagged<SafetyPolicy>> {
    let row = safety_policies::get(&app, &principal, id).await?;
    Ok(Tagged(row.version, row.into()))
}

#[utoipa::path(patch, path = "/v1/safety-policies/{id}", operation_id = "updateSafetyPolicy", tag = "safety",
    params(("id" = SafetyPolicyId, Path)), request_body = SafetyPolicyForm,
    responses((status = 200, body = SafetyPolicy)))]
async fn update(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<SafetyPolicyId>,
    if_match: IfMatch,
    patch: Patch<SafetyPolicyForm>,
) -> Result<Tagged<SafetyPolicy>> {
    let row = safety_policies::update(&app, &principal, id, &if_match, patch).await?;
    Ok(Tagged(row.version, row.into()))
}

/// Remove a policy. The organization's default policy stays.
#[utoipa::path(delete, path = "/v1/safety-policies/{id}", operation_id = "deleteSafetyPolicy", tag = "safety",
    params(("id" = SafetyPolicyId, Path)), responses((status = 204)))]
async fn delete(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<SafetyPolicyId>,
    if_match: IfMatch,
) -> Result<StatusCode> {
    safety_policies::delete(&app, &principal, id, &if_match).await?;
    Ok(StatusCode::NO_CONTENT)
}
