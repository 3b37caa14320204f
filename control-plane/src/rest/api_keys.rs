//! `/v1/api-keys` (contract 3.5).

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    etag::{IfMatch, Tagged},
    form::{Body, Patch},
    list::{Aggregate, Aggregated, Filters, List, ListParameters},
    query::AnyOf,
    respond::{Created, Id, Once},
    window::{Period, TimeParameters},
};
use crate::{
    app::App,
    auth::Principal,
    error::Result,
    id::{ApiKeyId, TeamId, UserId},
    service::api_keys::{self, ApiKeyForm, Environment, RevokeForm, RotateForm},
    store::{self, api_keys::Filter, page::SortKey},
};

#[cfg(test)]
mod tests;
mod view;

pub use view::ApiKey;
use view::{ApiKeys, IssuedKey, Status, Usage};

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update, delete))
        .routes(routes!(rotate))
        .routes(routes!(revoke))
        .routes(routes!(usage))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ApiKeyFilters {
    environment: Option<AnyOf<Environment>>,
    status: Option<AnyOf<Status>>,
    team_id: Option<AnyOf<TeamId>>,
    user_id: Option<AnyOf<UserId>>,
    /// In the name or the prefix.
    q: Option<String>,
}

impl Filters for ApiKeyFilters {
    const SORT: &'static [SortKey] = store::api_keys::SORT;
}

impl From<&ApiKeyFilters> for Filter {
    fn from(filters: &ApiKeyFilters) -> Self {
        let environment =
            |one: &Environment| gatewayops_proto::api_key::Environment::from(*one).as_str().to_owned();
        Self {
            environments: filters.environment.as_ref().map(|any| any.0.iter().map(environment).collect()),
            statuses: filters
                .status
                .as_ref()
                .map(|any| any.0.iter().map(|one| one.as_str().to_owned()).collect()),
            teams: filters.team_id.as_ref().map(|any| any.0.iter().map(|id| id.0).collect()),
            users: filters.user_id.as_ref().map(|any| any.0.iter().map(|id| id.0).collect()),
            q: filters.q.clone(),
        }
    }
}

/// The keys the caller may see.
#[utoipa::path(get, path = "/v1/api-keys", operation_id = "listApiKeys", tag = "api-keys",
    params(ListParameters, ApiKeyFilters), responses((status = 200, body = ApiKeys)))]
async fn list(
    State(app): State<Arc<App>>,
    principal: Principal,
    list: List<ApiKeyFilters>,
) -> Result<Json<ApiKeys>> {
    let found = api_keys::list(&app, &principal, &Filter::from(&list.filters), &list.page).await?;
    let page = list.info(&found);
    Ok(Json(ApiKeys { api_keys: found.rows.into_iter().map(ApiKey::from).collect(), page }))
}

/// Make a key; its secret is in this answer only.
#[utoipa::path(post, path = "/v1/api-keys", operation_id = "createApiKey", tag = "api-keys",
    request_body = ApiKeyForm, responses((status = 201, body = IssuedKey)))]
async fn create(
    State(app): State<Arc<App>>,
    principal: Principal,
    Body(form): Body<ApiKeyForm>,
) -> Result<Response> {
    let issued = api_keys::create(&app, &principal, form).await?;
    let location = format!("/v1/api-keys/{}", issued.row.id);
    let version = Some(issued.row.version);
    Ok(Once(&["key"]).mark(Created { location, version, body: IssuedKey::from(issued) }))
}

#[utoipa::path(get, path = "/v1/api-keys/{id}", operation_id = "getApiKey", tag = "api-keys",
    params(("id" = ApiKeyId, Path)), responses((status = 200, body = ApiKey)))]
async fn get(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<ApiKeyId>,
) -> Result<Tagged<ApiKey>> {
    let row = api_keys::get(&app, &principal, id).await?;
    Ok(Tagged(row.version, row.into()))
}

#[utoipa::path(patch, path = "/v1/api-keys/{id}", operation_id = "updateApiKey", tag = "api-keys",
    params(("id" = ApiKeyId, Path)), request_body = ApiKeyForm, responses((status = 200, body = ApiKey)))]
async fn update(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<ApiKeyId>,
    if_match: IfMatch,
    patch: Patch<ApiKeyForm>,
) -> Result<Tagged<ApiKey>> {
    let row = api_keys::update(&app, &principal, id, &if_match, patch).await?;
    Ok(Tagged(row.version, row.into()))
}

/// The same as revoking it.
#[utoipa::path(delete, path = "/v1/api-keys/{id}", operation_id = "deleteApiKey", tag = "api-keys",
    params(("id" = ApiKeyId, Path)), responses((status = 204)))]
async fn delete(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<ApiKeyId>,
    if_match: IfMatch,
) -> Result<StatusCode> {
    api_keys::revoke(&app, &principal, id, &if_match, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Give the key a new secret; the old one works on for the grace.
#[utoipa::path(post, path = "/v1/api-keys/{id}/rotate", operation_id = "rotateApiKey", tag = "api-keys",
    params(("id" = ApiKeyId, Path)), request_body = RotateForm, responses((status = 200, body = IssuedKey)))]
async fn rotate(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<ApiKeyId>,
    Body(form): Body<RotateForm>,
) -> Result<Response> {
    let issued = api_keys::rotate(&app, &principal, id, &form).await?;
    let version = issued.row.version;
    Ok(Once(&["key"]).mark(Tagged(version, IssuedKey::from(issued)).into_response()))
}

/// End the key now; proxies refuse it within two seconds.
#[utoipa::path(post, path = "/v1/api-keys/{id}/revoke", operation_id = "revokeApiKey", tag = "api-keys",
    params(("id" = ApiKeyId, Path)), request_body = RevokeForm, responses((status = 200, body = ApiKey)))]
async fn revoke(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<ApiKeyId>,
    if_match: IfMatch,
    Body(form): Body<RevokeForm>,
) -> Result<Tagged<ApiKey>> {
    let row = api_keys::revoke(&app, &principal, id, &if_match, form.reason.as_deref()).await?;
    Ok(Tagged(row.version, row.into()))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UsageFilters {}

impl Aggregated for UsageFilters {
    const PERIOD: Period = Period::Month;
}

/// What the key did: requests from traces, amounts from costs.
#[utoipa::path(get, path = "/v1/api-keys/{id}/usage", operation_id = "getApiKeyUsage", tag = "api-keys",
    params(("id" = ApiKeyId, Path), TimeParameters), responses((status = 200, body = Usage)))]
async fn usage(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<ApiKeyId>,
    asked: Aggregate<UsageFilters>,
) -> Result<Json<Usage>> {
    let usage = api_keys::usage(&app, &principal, id, &asked.window).await?;
    Ok(Json(Usage::new(usage, &asked.window)))
}
