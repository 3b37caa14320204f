//! `/v1/jobs`: work that takes longer than a request (contract 3.14).

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    form::Body,
    list::{Filters, List, ListParameters, PageInfo},
    query::{AnyOf, Asked},
    respond::Id,
    value::Time,
};
use crate::{
    app::App,
    auth::Principal,
    error::Result,
    id::{JobId, OrgId, UserId},
    service::jobs::{self, JobForm, JobParams, Kind, Status},
    store::{
        self,
        jobs::{Filter, JobRow},
        page::SortKey,
    },
};

#[cfg(test)]
mod tests;

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get))
}

#[derive(Serialize, ToSchema)]
struct Job {
    id: JobId,
    org_id: OrgId,
    #[schema(value_type = Kind)]
    r#type: String,
    #[schema(value_type = JobParams)]
    params: Value,
    #[schema(value_type = Status)]
    status: String,
    /// From 0 to 1.
    progress: f64,
    /// What came of it; null until it has succeeded.
    #[schema(required, value_type = Option<Object>)]
    result: Option<Value>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<Time>,
    created_at: Time,
    #[schema(required)]
    created_by: Option<UserId>,
}

impl From<JobRow> for Job {
    fn from(row: JobRow) -> Self {
        Self {
            id: row.id,
            org_id: row.org_id,
            r#type: row.r#type,
            params: row.params,
            status: row.status,
            progress: (f64::from(row.progress) * 1000.0).round() / 1000.0,
            result: row.result,
            error: row.error,
            started_at: row.started_at.map(Time),
            finished_at: row.finished_at.map(Time),
            created_at: row.created_at.into(),
            created_by: row.created_by,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct Jobs {
    jobs: Vec<Job>,
    #[serde(flatten)]
    page: PageInfo,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct JobFilters {
    r#type: Option<AnyOf<Kind>>,
    status: Option<AnyOf<Status>>,
}

impl Filters for JobFilters {
    const SORT: &'static [SortKey] = store::jobs::SORT;
    const EVENTS: bool = true;
}

/// Jobs that somebody asked for, newest first.
#[utoipa::path(get, path = "/v1/jobs", operation_id = "listJobs", tag = "jobs",
    params(ListParameters, JobFilters), responses((status = 200, body = Jobs)))]
async fn list(
    State(app): State<Arc<App>>,
    principal: Principal,
    list: List<JobFilters>,
) -> Result<Json<Jobs>> {
    let filter = Filter { types: list.filters.r#type.words(), statuses: list.filters.status.words() };
    let found = jobs::list(&app, &principal, &filter, &list.page).await?;
    let page = list.info(&found);
    Ok(Json(Jobs { jobs: found.rows.into_iter().map(Job::from).collect(), page }))
}

/// Ask for a job. It is done after those that wait already; look at it again to see how far it is.
#[utoipa::path(post, path = "/v1/jobs", operation_id = "createJob", tag = "jobs",
    request_body = JobForm, responses((status = 202, body = Job)))]
async fn create(
    State(app): State<Arc<App>>,
    principal: Principal,
    Body(form): Body<JobForm>,
) -> Result<Response> {
    let row = jobs::create(&app, &principal, &form).await?;
    let location = format!("/v1/jobs/{}", row.id);
    let mut response = (StatusCode::ACCEPTED, Json(Job::from(row))).into_response();
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

#[utoipa::path(get, path = "/v1/jobs/{id}", operation_id = "getJob", tag = "jobs",
    params(("id" = JobId, Path)), responses((status = 200, body = Job)))]
async fn get(State(app): State<Arc<App>>, principal: Principal, Id(id): Id<JobId>) -> Result<Json<Job>> {
    Ok(Json(jobs::get(&app, &principal, id).await?.into()))
}
