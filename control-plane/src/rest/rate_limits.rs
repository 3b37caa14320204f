//! `/v1/rate-limits` (contract 3.9).

use std::sync::Arc;

use axum::{Json, extract::State};
use chrono::Utc;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    etag::{IfMatch, Tagged},
    form::{Body, Patch},
    list::{Filters, List, ListParameters, PageInfo},
    query::{AnyOf, Asked, Query},
    respond::{Created, Id},
    value::Time,
};
use crate::{
    app::App,
    auth::Principal,
    error::Result,
    id::{OrgId, RateLimitId, UserId},
    service::{
        api_keys::Environment,
        rate_limits::{self, Kind, Metric, Period, RateLimitForm, ScopeType, Used},
    },
    store::{
        self,
        page::SortKey,
        rate_limits::{Filter, RateLimitRow},
    },
};

#[cfg(test)]
mod tests;

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(usage))
        .routes(routes!(get, update, delete))
}

#[derive(Serialize, ToSchema)]
struct RateLimit {
    id: RateLimitId,
    org_id: OrgId,
    name: String,
    #[schema(value_type = Kind)]
    kind: String,
    #[schema(value_type = ScopeType)]
    scope_type: String,
    /// Null: each member of the type on its own.
    #[schema(required)]
    scope_value: Option<String>,
    /// Null: all.
    #[schema(required)]
    environment: Option<String>,
    #[schema(value_type = Metric)]
    metric: String,
    limit: i64,
    /// Null of a quota.
    #[schema(required)]
    window_seconds: Option<i32>,
    /// Null of a rate.
    #[schema(required, value_type = Option<Period>)]
    period: Option<String>,
    enabled: bool,
    created_at: Time,
    updated_at: Time,
    version: i32,
    #[schema(required)]
    created_by: Option<UserId>,
    managed_by: String,
}

impl From<RateLimitRow> for RateLimit {
    fn from(row: RateLimitRow) -> Self {
        let is_rate = row.kind == "rate";
        Self {
            id: row.id,
            org_id: row.org_id,
            name: row.name,
            kind: row.kind,
            scope_type: row.scope_type,
            scope_value: row.scope_value,
            environment: row.environment,
            metric: row.metric,
            limit: row.limit,
            window_seconds: is_rate.then_some(row.window_seconds),
            period: (!is_rate).then_some(row.period),
            enabled: row.enabled,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
            created_by: row.created_by,
            managed_by: row.managed_by,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct RateLimits {
    rate_limits: Vec<RateLimit>,
    #[serde(flatten)]
    page: PageInfo,
}

/// What one member has used of a limit.
#[derive(Serialize, ToSchema)]
struct RateLimitUsage {
    rate_limit_id: RateLimitId,
    /// Whose calls are counted: an id, a server's name, `server__tool`, an address or a network.
    scope_value: String,
    used: u64,
    limit: u64,
    remaining: u64,
    /// When nothing counts any more of what counts now.
    resets_at: Time,
}

impl From<Used> for RateLimitUsage {
    fn from(used: Used) -> Self {
        Self {
            rate_limit_id: used.rate_limit,
            scope_value: used.member,
            used: used.used,
            limit: used.limit,
            remaining: used.limit.saturating_sub(used.used),
            resets_at: used.resets_at.into(),
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RateLimitFilters {
    name: Option<AnyOf<String>>,
    kind: Option<AnyOf<Kind>>,
    scope_type: Option<AnyOf<ScopeType>>,
    scope_value: Option<AnyOf<String>>,
    environment: Option<AnyOf<Environment>>,
    metric: Option<AnyOf<Metric>>,
    enabled: Option<AnyOf<bool>>,
    /// In name and scope value.
    q: Option<String>,
}

impl Filters for RateLimitFilters {
    const SORT: &'static [SortKey] = store::rate_limits::SORT;
}

impl From<&RateLimitFilters> for Filter {
    fn from(filters: &RateLimitFilters) -> Self {
        Self {
            names: filters.name.values(),
            kinds: filters.kind.words(),
            scope_types: filters.scope_type.words(),
            scope_values: filters.scope_value.values(),
            environments: filters.environment.words(),
            metrics: filters.metric.words(),
            enabled: filters.enabled.values(),
            q: filters.q.clone(),
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UsageFilters {
    scope_type: Option<AnyOf<ScopeType>>,
    /// Whose: an id, a server's name, `server__tool`, an address or a network.
    scope_value: Option<AnyOf<String>>,
}

#[utoipa::path(get, path = "/v1/rate-limits", operation_id = "listRateLimits", tag = "rate limits",
    params(ListParameters, RateLimitFilters), responses((status = 200, body = RateLimits)))]
async fn list(
    State(app): State<Arc<App>>,
    principal: Principal,
    list: List<RateLimitFilters>,
) -> Result<Json<RateLimits>> {
    let found = rate_limits::list(&app, &principal, &Filter::from(&list.filters), &list.page).await?;
    let page = list.info(&found);
    Ok(Json(RateLimits { rate_limits: found.rows.into_iter().map(RateLimit::from).collect(), page }))
}

/// Make a limit: every call that it covers must pass it, beside all others.
#[utoipa::path(post, path = "/v1/rate-limits", operation_id = "createRateLimit", tag = "rate limits",
    request_body = RateLimitForm, responses((status = 201, body = RateLimit)))]
async fn create(
    State(app): State<Arc<App>>,
    principal: Principal,
    Body(form): Body<RateLimitForm>,
) -> Result<Created<RateLimit>> {
    let row = rate_limits::create(&app, &principal, form).await?;
    let location = format!("/v1/rate-limits/{}", row.id);
    Ok(Created { location, version: Some(row.version), body: row.into() })
}

/// What is used right now of the limits in force, at most 1000 counters. A limit that counts each member on its own shows
/// those who have called lately, or the one asked for.
#[utoipa::path(get, path = "/v1/rate-limits/usage", operation_id = "getRateLimitUsage", tag = "rate limits",
    params(UsageFilters), responses((status = 200, body = Vec<RateLimitUsage>)))]
async fn usage(
    State(app): State<Arc<App>>,
    principal: Principal,
    Query(filters): Query<UsageFilters>,
) -> Result<Json<Vec<RateLimitUsage>>> {
    let (scope_types, members) = (filters.scope_type.words(), filters.scope_value.values());
    let used =
        rate_limits::usage(&app, &principal, scope_types.as_deref(), members.as_deref(), Utc::now()).await?;
    Ok(Json(used.into_iter().map(RateLimitUsage::from).collect()))
}

#[utoipa::path(get, path = "/v1/rate-limits/{id}", operation_id = "getRateLimit", tag = "rate limits",
    params(("id" = RateLimitId, Path)), responses((status = 200, body = RateLimit)))]
async fn get(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<RateLimitId>,
) -> Result<Tagged<RateLimit>> {
    let row = rate_limits::get(&app, &principal, id).await?;
    Ok(Tagged(row.version, row.into()))
}

/// Change a limit. A rate that becomes a quota, or the other way round, counts anew.
#[utoipa::path(patch, path = "/v1/rate-limits/{id}", operation_id = "updateRateLimit", tag = "rate limits",
    params(("id" = RateLimitId, Path)), request_body = RateLimitForm, responses((status = 200, body = RateLimit)))]
async fn update(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<RateLimitId>,
    if_match: IfMatch,
    patch: Patch<RateLimitForm>,
) -> Result<Tagged<RateLimit>> {
    let row = rate_limits::update(&app, &principal, id, &if_match, patch).await?;
    Ok(Tagged(row.version, row.into()))
}

#[utoipa::path(delete, path = "/v1/rate-limits/{id}", operation_id = "deleteRateLimit", tag = "rate limits",
    params(("id" = RateLimitId, Path)), responses((status = 204)))]
async fn delete(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<RateLimitId>,
    if_match: IfMatch,
) -> Result<StatusCode> {
    rate_limits::delete(&app, &principal, id, &if_match).await?;
    Ok(StatusCode::NO_CONTENT)
}
