//! `/v1/budgets` (contract 3.9).

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use chrono::Utc;
use http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    etag::{IfMatch, Tagged},
    form::{Body, Patch},
    list::{Filters, List, ListParameters},
    query::{AnyOf, Asked, One, Query},
    respond::{Created, Id},
};
use crate::{
    app::App,
    auth::Principal,
    error::{Error, Result},
    id::BudgetId,
    service::budgets::{self, BudgetForm, OverrideForm, ScopeType},
    store::{self, budgets::Filter, page::SortKey},
};

#[cfg(test)]
mod tests;
mod view;

use view::{Budget, BudgetUsage, Budgets};

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update, delete))
        .routes(routes!(usage))
        .routes(routes!(lift))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BudgetFilters {
    name: Option<AnyOf<String>>,
    /// organization, team, user, api_key
    scope_type: Option<AnyOf<ScopeType>>,
    scope_id: Option<AnyOf<Uuid>>,
    enforce: Option<AnyOf<bool>>,
    enabled: Option<AnyOf<bool>>,
    /// In the name.
    q: Option<String>,
}

impl Filters for BudgetFilters {
    const SORT: &'static [SortKey] = store::budgets::SORT;
}

impl From<&BudgetFilters> for Filter {
    fn from(filters: &BudgetFilters) -> Self {
        Self {
            names: filters.name.values(),
            scope_types: filters.scope_type.words(),
            scopes: filters.scope_id.values(),
            enforce: filters.enforce.values(),
            enabled: filters.enabled.values(),
            q: filters.q.clone(),
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UsageFilters {
    /// How many periods before the current one; by default 6.
    #[param(minimum = 1, maximum = 36)]
    periods: Option<One<i32>>,
}

/// The budgets the caller may see, each with what its current period has used.
#[utoipa::path(get, path = "/v1/budgets", operation_id = "listBudgets", tag = "budgets",
    params(ListParameters, BudgetFilters), responses((status = 200, body = Budgets)))]
async fn list(
    State(app): State<Arc<App>>,
    principal: Principal,
    list: List<BudgetFilters>,
) -> Result<Json<Budgets>> {
    let now = Utc::now();
    let found = budgets::list(&app, &principal, &Filter::from(&list.filters), &list.page, now).await?;
    let page = list.info(&found);
    let budgets = found.rows.into_iter().map(|row| Budget::of(row, now)).collect();
    Ok(Json(Budgets { budgets, page }))
}

/// Make a budget. What its current period has cost already counts.
#[utoipa::path(post, path = "/v1/budgets", operation_id = "createBudget", tag = "budgets",
    request_body = BudgetForm, responses((status = 201, body = Budget)))]
async fn create(
    State(app): State<Arc<App>>,
    principal: Principal,
    Body(form): Body<BudgetForm>,
) -> Result<Created<Budget>> {
    let now = Utc::now();
    let row = budgets::create(&app, &principal, form, now).await?;
    let location = format!("/v1/budgets/{}", row.id);
    Ok(Created { location, version: Some(row.version), body: Budget::of(row, now) })
}

#[utoipa::path(get, path = "/v1/budgets/{id}", operation_id = "getBudget", tag = "budgets",
    params(("id" = BudgetId, Path)), responses((status = 200, body = Budget)))]
async fn get(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<BudgetId>,
) -> Result<Tagged<Budget>> {
    let now = Utc::now();
    let row = budgets::get(&app, &principal, id, now).await?;
    Ok(Tagged(row.version, Budget::of(row, now)))
}

/// Change a budget. One that is about something else now, or about other periods, counts its current period anew and has
/// neither a history nor an override.
#[utoipa::path(patch, path = "/v1/budgets/{id}", operation_id = "updateBudget", tag = "budgets",
    params(("id" = BudgetId, Path)), request_body = BudgetForm, responses((status = 200, body = Budget)))]
async fn update(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<BudgetId>,
    if_match: IfMatch,
    patch: Patch<BudgetForm>,
) -> Result<Tagged<Budget>> {
    let now = Utc::now();
    let row = budgets::update(&app, &principal, id, &if_match, patch, now).await?;
    Ok(Tagged(row.version, Budget::of(row, now)))
}

/// Remove a budget and what it has counted; the costs stay.
#[utoipa::path(delete, path = "/v1/budgets/{id}", operation_id = "deleteBudget", tag = "budgets",
    params(("id" = BudgetId, Path)), responses((status = 204)))]
async fn delete(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<BudgetId>,
    if_match: IfMatch,
) -> Result<StatusCode> {
    budgets::delete(&app, &principal, id, &if_match).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a budget was used for: its current period day by day, by server and by key, and the periods before it that it has
/// counted.
#[utoipa::path(get, path = "/v1/budgets/{id}/usage", operation_id = "getBudgetUsage", tag = "budgets",
    params(("id" = BudgetId, Path), UsageFilters), responses((status = 200, body = BudgetUsage)))]
async fn usage(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<BudgetId>,
    Query(filters): Query<UsageFilters>,
) -> Result<Json<BudgetUsage>> {
    let periods = filters.periods.map_or(6, |periods| periods.0);
    if !(1..=36).contains(&periods) {
        return Err(Error::invalid_request("periods must be from 1 to 36"));
    }
    let now = Utc::now();
    let usage = budgets::usage(&app, &principal, id, periods, now).await?;
    Ok(Json(BudgetUsage::of(usage, now)))
}

/// Let calls pass for a while, whatever was spent.
#[utoipa::path(post, path = "/v1/budgets/{id}/override", operation_id = "overrideBudget", tag = "budgets",
    params(("id" = BudgetId, Path)), request_body = OverrideForm, responses((status = 200, body = Budget)))]
async fn lift(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<BudgetId>,
    Body(form): Body<OverrideForm>,
) -> Result<Response> {
    let now = Utc::now();
    let row = budgets::lift(&app, &principal, id, &form, now).await?;
    Ok(Tagged(row.version, Budget::of(row, now)).into_response())
}
