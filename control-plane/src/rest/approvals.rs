//! `/v1/approvals` (contract 3.7).

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    form::Body,
    list::{Filters, List, ListParameters, PageInfo},
    query::{AnyOf, Asked, Parameters},
    respond::{Created, Id},
    value::Time,
    window::{TimeParameters, take_range},
};
use crate::{
    app::App,
    auth::Principal,
    error::Result,
    id::{ApprovalId, TeamId, UserId},
    service::approvals::{self, ApproveForm, CancelForm, DenyForm, RequestForm},
    store::{
        self,
        approvals::{Filter, Summary},
        page::{SortKey, TimeRange},
    },
};

#[cfg(test)]
mod tests;
mod view;

use view::Approval;

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(summary))
        .routes(routes!(get))
        .routes(routes!(approve))
        .routes(routes!(deny))
        .routes(routes!(cancel))
}

/// Where an approval can be.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[schema(as = ApprovalStatus)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Pending,
    Approved,
    Denied,
    Expired,
    Cancelled,
    Consumed,
}

#[derive(Serialize, ToSchema)]
struct Approvals {
    approvals: Vec<Approval>,
    #[serde(flatten)]
    page: PageInfo,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ApprovalFilters {
    /// pending, approved, denied, expired, cancelled, consumed
    #[param(value_type = Option<String>)]
    status: Option<AnyOf<Status>>,
    mcp_server: Option<AnyOf<String>>,
    tool_name: Option<AnyOf<String>>,
    #[param(value_type = Option<uuid::Uuid>)]
    requested_by: Option<AnyOf<UserId>>,
    #[param(value_type = Option<uuid::Uuid>)]
    team_id: Option<AnyOf<TeamId>>,
}

impl Filters for ApprovalFilters {
    const SORT: &'static [SortKey] = store::approvals::SORT;
    const EVENTS: bool = true;
}

impl From<&ApprovalFilters> for Filter {
    fn from(filters: &ApprovalFilters) -> Self {
        Self {
            status: filters.status.words(),
            mcp_server: filters.mcp_server.values(),
            tool_name: filters.tool_name.values(),
            requested_by: filters.requested_by.values(),
            team_id: filters.team_id.values(),
        }
    }
}

/// Requests for approval that the caller may see, newest first.
#[utoipa::path(get, path = "/v1/approvals", operation_id = "listApprovals", tag = "approvals",
    params(ListParameters, ApprovalFilters), responses((status = 200, body = Approvals)))]
async fn list(
    State(app): State<Arc<App>>,
    principal: Principal,
    list: List<ApprovalFilters>,
) -> Result<Json<Approvals>> {
    let found = approvals::list(&app, &principal, &Filter::from(&list.filters), &list.page).await?;
    let page = list.info(&found);
    Ok(Json(Approvals { approvals: found.rows.into_iter().map(Into::into).collect(), page }))
}

/// Ask beforehand that a call be let through; 200 with the open approval when there is one for this very call.
#[utoipa::path(post, path = "/v1/approvals", operation_id = "requestApproval", tag = "approvals",
    request_body = RequestForm, responses((status = 200, body = Approval), (status = 201, body = Approval)))]
async fn create(
    State(app): State<Arc<App>>,
    principal: Principal,
    Body(form): Body<RequestForm>,
) -> Result<Response> {
    let (row, is_new) = approvals::create(&app, &principal, form).await?;
    let location = format!("/v1/approvals/{}", row.id);
    let body = Approval::from(row);
    Ok(match is_new {
        true => Created { location, version: None, body }.into_response(),
        false => Json(body).into_response(),
    })
}

#[utoipa::path(get, path = "/v1/approvals/{id}", operation_id = "getApproval", tag = "approvals",
    params(("id" = ApprovalId, Path)), responses((status = 200, body = Approval)))]
async fn get(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<ApprovalId>,
) -> Result<Json<Approval>> {
    Ok(Json(approvals::get(&app, &principal, id).await?.into()))
}

/// Let the call through, as often and as long as is said. Not by whoever asked for it.
#[utoipa::path(post, path = "/v1/approvals/{id}/approve", operation_id = "approveApproval", tag = "approvals",
    params(("id" = ApprovalId, Path)), request_body = ApproveForm, responses((status = 200, body = Approval)))]
async fn approve(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<ApprovalId>,
    Body(form): Body<ApproveForm>,
) -> Result<Json<Approval>> {
    Ok(Json(approvals::approve(&app, &principal, id, &form).await?.into()))
}

/// Not by whoever asked for it. The same call is refused without being asked about for as long as the request would
/// have waited.
#[utoipa::path(post, path = "/v1/approvals/{id}/deny", operation_id = "denyApproval", tag = "approvals",
    params(("id" = ApprovalId, Path)), request_body = DenyForm, responses((status = 200, body = Approval)))]
async fn deny(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<ApprovalId>,
    Body(form): Body<DenyForm>,
) -> Result<Json<Approval>> {
    Ok(Json(approvals::deny(&app, &principal, id, &form).await?.into()))
}

/// Take a request back: only who asked for it.
#[utoipa::path(post, path = "/v1/approvals/{id}/cancel", operation_id = "cancelApproval", tag = "approvals",
    params(("id" = ApprovalId, Path)), request_body = CancelForm, responses((status = 200, body = Approval)))]
async fn cancel(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<ApprovalId>,
    Body(CancelForm {}): Body<CancelForm>,
) -> Result<Json<Approval>> {
    Ok(Json(approvals::cancel(&app, &principal, id).await?.into()))
}

#[derive(Serialize, ToSchema)]
#[schema(as = ApprovalSummary)]
struct SummaryView {
    pending: i64,
    approved: i64,
    denied: i64,
    expired: i64,
    cancelled: i64,
    consumed: i64,
    #[schema(required)]
    oldest_pending_at: Option<Time>,
}

/// A range of time, or all of it.
struct Range(TimeRange);

impl axum::extract::FromRequestParts<Arc<App>> for Range {
    type Rejection = crate::error::Error;

    async fn from_request_parts(parts: &mut http::request::Parts, _: &Arc<App>) -> Result<Self> {
        let mut parameters = Parameters::parse(parts.uri.query().unwrap_or_default())?;
        let (range, _) = take_range(&mut parameters, chrono::Utc::now())?;
        parameters.finish::<Nothing>()?;
        Ok(Self(range))
    }
}

#[derive(Deserialize, IntoParams)]
struct Nothing {}

/// How many there are of each state, of those that the caller may see.
#[utoipa::path(get, path = "/v1/approvals/summary", operation_id = "getApprovalSummary", tag = "approvals",
    params(TimeParameters), responses((status = 200, body = SummaryView)))]
async fn summary(
    State(app): State<Arc<App>>,
    principal: Principal,
    Range(range): Range,
) -> Result<Json<SummaryView>> {
    let Summary { pending, approved, denied, expired, cancelled, consumed, oldest_pending_at } =
        approvals::summary(&app, &principal, range).await?;
    let oldest_pending_at = oldest_pending_at.map(Time);
    Ok(Json(SummaryView { pending, approved, denied, expired, cancelled, consumed, oldest_pending_at }))
}
