//! `/v1/safety/detections` and their sums, `/v1/safety/summary` (contract 3.8).

use std::sync::Arc;

use axum::{Json, extract::State, response::Response};
use chrono::Duration;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    export::{Csv, Encoder, Export, ExportParameters, Format, JsonLines, download},
    form::Patch,
    list::{Aggregate, Aggregated, Filters, List, ListParameters},
    query::{AnyOf, Asked},
    respond::Id,
    window::{Period, TimeParameters},
};
use crate::{
    app::App,
    auth::Principal,
    error::{Error, Result},
    id::{ApiKeyId, DetectionId, SafetyPolicyId, UserId},
    service::{
        detections::{self, DetectionForm},
        safety::{Action, Direction, Disposition, Kind, Severity},
    },
    store::{
        self,
        detections::Filter,
        page::{SortKey, TimeRange},
    },
};

#[cfg(test)]
mod tests;
mod view;

use view::{DetectionView, Detections, SafetySummary};

/// Nothing is kept for longer than this (`retention.detections_days`).
const LONGEST: Duration = Duration::days(3653);

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(export))
        .routes(routes!(get, judge))
        .routes(routes!(summary))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DetectionFilters {
    r#type: Option<AnyOf<Kind>>,
    severity: Option<AnyOf<Severity>>,
    action: Option<AnyOf<Action>>,
    direction: Option<AnyOf<Direction>>,
    mcp_server: Option<AnyOf<String>>,
    tool_name: Option<AnyOf<String>>,
    policy_id: Option<AnyOf<SafetyPolicyId>>,
    api_key_id: Option<AnyOf<ApiKeyId>>,
    user_id: Option<AnyOf<UserId>>,
    trace_id: Option<AnyOf<String>>,
    disposition: Option<AnyOf<Disposition>>,
}

impl Filters for DetectionFilters {
    const SORT: &'static [SortKey] = store::detections::SORT;
    const EVENTS: bool = true;
}

impl From<&DetectionFilters> for Filter {
    fn from(filters: &DetectionFilters) -> Self {
        Self {
            types: filters.r#type.words(),
            severities: filters.severity.words(),
            actions: filters.action.words(),
            directions: filters.direction.words(),
            dispositions: filters.disposition.words(),
            mcp_servers: filters.mcp_server.values(),
            tool_names: filters.tool_name.values(),
            policy_ids: filters.policy_id.values(),
            api_key_ids: filters.api_key_id.values(),
            user_ids: filters.user_id.values(),
            trace_ids: filters.trace_id.values(),
        }
    }
}

/// What was found in calls, newest first.
#[utoipa::path(get, path = "/v1/safety/detections", operation_id = "listDetections", tag = "safety",
    params(ListParameters, DetectionFilters), responses((status = 200, body = Detections)))]
async fn list(
    State(app): State<Arc<App>>,
    principal: Principal,
    list: List<DetectionFilters>,
) -> Result<Json<Detections>> {
    let found = detections::list(&app, &principal, &Filter::from(&list.filters), &list.page).await?;
    let page = list.info(&found);
    Ok(Json(Detections { detections: found.rows.into_iter().map(Into::into).collect(), page }))
}

/// The list as a file: CSV or JSON lines.
#[utoipa::path(get, path = "/v1/safety/detections/export", operation_id = "exportDetections", tag = "safety",
    params(ExportParameters, TimeParameters, DetectionFilters),
    responses((status = 200, content_type = "text/csv", body = String)))]
async fn export(
    State(app): State<Arc<App>>,
    principal: Principal,
    Export { format, page, filters }: Export<DetectionFilters>,
) -> Result<Response> {
    let encoder: Box<dyn Encoder<DetectionView>> = match format {
        Format::Csv => Box::new(Csv::new()),
        Format::Jsonl => Box::new(JsonLines),
        Format::Otlp => return Err(Error::invalid_request("detections are exported as csv or jsonl")),
    };
    let filter = Filter::from(&filters);
    detections::begin_export(&app, &principal, &filter, page.range, format.name()).await?;
    Ok(download("detections", format, page, encoder, move |page| {
        let (app, principal, filter) = (Arc::clone(&app), principal.clone(), filter.clone());
        async move { Ok(detections::list(&app, &principal, &filter, &page).await?.map(Into::into)) }
    }))
}

#[utoipa::path(get, path = "/v1/safety/detections/{id}", operation_id = "getDetection", tag = "safety",
    params(("id" = DetectionId, Path)), responses((status = 200, body = DetectionView)))]
async fn get(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<DetectionId>,
) -> Result<Json<DetectionView>> {
    Ok(Json(detections::get(&app, &principal, id).await?.into()))
}

/// Say whether a detection was one.
#[utoipa::path(patch, path = "/v1/safety/detections/{id}", operation_id = "updateDetection", tag = "safety",
    params(("id" = DetectionId, Path)), request_body = DetectionForm,
    responses((status = 200, body = DetectionView)))]
async fn judge(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<DetectionId>,
    patch: Patch<DetectionForm>,
) -> Result<Json<DetectionView>> {
    Ok(Json(detections::judge(&app, &principal, id, patch).await?.into()))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SummaryFilters {
    mcp_server: Option<AnyOf<String>>,
}

impl Aggregated for SummaryFilters {
    const PERIOD: Period = Period::Month;
}

/// How many detections there were in a range of time, of which kinds, where.
#[utoipa::path(get, path = "/v1/safety/summary", operation_id = "getSafetySummary", tag = "safety",
    params(TimeParameters, SummaryFilters), responses((status = 200, body = SafetySummary)))]
async fn summary(
    State(app): State<Arc<App>>,
    principal: Principal,
    Aggregate { window, filters }: Aggregate<SummaryFilters>,
) -> Result<Json<SafetySummary>> {
    if window.end - window.start > LONGEST {
        return Err(Error::invalid_request("ask for at most ten years"));
    }
    let filter = Filter { mcp_servers: filters.mcp_server.map(|any| any.0), ..Filter::default() };
    let range = TimeRange { start: Some(window.start), end: Some(window.end) };
    let groups = detections::summary(&app, &principal, &filter, range).await?;
    Ok(Json(SafetySummary::new(window, &groups)))
}
