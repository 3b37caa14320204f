//! REST: traces (contract 3.10). A trace list item is a root span.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    extract::{Path, State},
    response::Response,
};
use chrono::Utc;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    auth::Principal,
    error::Result,
    rest::{
        export::{Csv, Encoder, Export, ExportParameters, Format, JsonLines, download},
        form::Body,
        list::{Aggregate, List, ListParameters, PageInfo},
        value::{Money, Time},
        window::TimeParameters,
    },
    service,
    store::{page::TimeRange, traces::Filter},
};

mod filters;
mod otlp;
mod span;
mod stream;
#[cfg(test)]
mod tests;
mod trace;

use filters::{Search, SpanFilters, TraceFilters};
use otlp::Otlp;
pub(super) use span::SpanView;
use trace::TraceView;

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(search))
        .routes(routes!(stats))
        .routes(routes!(export))
        .routes(routes!(stream::stream))
        .routes(routes!(get))
        .routes(routes!(spans))
}

#[derive(Serialize, ToSchema)]
struct TraceList {
    traces: Vec<SpanView>,
    #[serde(flatten)]
    page: PageInfo,
}

#[derive(Serialize, ToSchema)]
struct SpanList {
    spans: Vec<SpanView>,
    #[serde(flatten)]
    page: PageInfo,
}

/// Requests through the gateway, newest first.
#[utoipa::path(get, path = "/v1/traces", operation_id = "listTraces", tag = "traces",
    params(ListParameters, TraceFilters), responses((status = 200, body = TraceList)))]
async fn list(
    State(app): State<Arc<App>>,
    principal: Principal,
    list: List<TraceFilters>,
) -> Result<Json<TraceList>> {
    let found = service::traces::list(&app, &principal, &list.page, list.filters.clone().into()).await?;
    let page = list.info(&found);
    Ok(Json(TraceList { traces: found.rows.into_iter().map(Into::into).collect(), page }))
}

#[derive(Serialize, ToSchema)]
struct FacetValue {
    value: String,
    count: i64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = TracesFound)]
struct Found {
    #[serde(flatten)]
    list: TraceList,
    /// Of each facet asked for, the commonest values.
    facets: BTreeMap<&'static str, Vec<FacetValue>>,
}

/// The same list asked for by a body, with counts by value beside it.
#[utoipa::path(post, path = "/v1/traces/search", operation_id = "searchTraces", tag = "traces",
    request_body = Search, responses((status = 200, body = Found)))]
async fn search(
    State(app): State<Arc<App>>,
    principal: Principal,
    Body(body): Body<Search>,
) -> Result<Json<Found>> {
    let list = List::<TraceFilters>::read("/v1/traces/search", &body.query()?, &app.derived, Utc::now())?;
    let facets: Vec<_> = body.facets.iter().map(|facet| (*facet).into()).collect();
    let filter = list.filters.clone().into();
    let (found, counts) = service::traces::search(&app, &principal, &list.page, filter, &facets).await?;
    let page = list.info(&found);
    let value = |(value, count)| FacetValue { value, count };
    let names = body.facets.iter().map(|facet| facet.name());
    let facets =
        names.zip(counts).map(|(name, counts)| (name, counts.into_iter().map(value).collect())).collect();
    Ok(Json(Found {
        list: TraceList { traces: found.rows.into_iter().map(Into::into).collect(), page },
        facets,
    }))
}

#[derive(Serialize, ToSchema)]
#[schema(as = TraceStats)]
struct StatsView {
    total_requests: i64,
    success_count: i64,
    error_count: i64,
    timeout_count: i64,
    blocked_count: i64,
    cancelled_count: i64,
    /// Errors and timeouts among all requests.
    error_rate: f64,
    #[schema(required)]
    avg_duration_ms: Option<i64>,
    #[schema(required)]
    p50_duration_ms: Option<i32>,
    #[schema(required)]
    p95_duration_ms: Option<i32>,
    #[schema(required)]
    p99_duration_ms: Option<i32>,
    input_tokens: i64,
    output_tokens: i64,
    /// Null for whoever may not see costs.
    #[schema(required)]
    total_cost: Option<Money>,
    currency: &'static str,
    start_time: Time,
    end_time: Time,
}

/// Figures of the requests that the filters let through.
#[utoipa::path(get, path = "/v1/traces/stats", operation_id = "getTraceStats", tag = "traces",
    params(TimeParameters, TraceFilters), responses((status = 200, body = StatsView)))]
async fn stats(
    State(app): State<Arc<App>>,
    principal: Principal,
    Aggregate { window, filters }: Aggregate<TraceFilters>,
) -> Result<Json<StatsView>> {
    let range = TimeRange { start: Some(window.start), end: Some(window.end) };
    let (stats, with_cost) = service::traces::stats(&app, &principal, filters.into(), range).await?;
    Ok(Json(StatsView {
        total_requests: stats.total_requests,
        success_count: stats.success_count,
        error_count: stats.error_count,
        timeout_count: stats.timeout_count,
        blocked_count: stats.blocked_count,
        cancelled_count: stats.cancelled_count,
        error_rate: stats.error_rate(),
        avg_duration_ms: stats.avg_duration_ms,
        p50_duration_ms: stats.p50_duration_ms,
        p95_duration_ms: stats.p95_duration_ms,
        p99_duration_ms: stats.p99_duration_ms,
        input_tokens: stats.input_tokens,
        output_tokens: stats.output_tokens,
        total_cost: with_cost.then_some(Money(stats.total_cost)),
        currency: "USD",
        start_time: Time(window.start),
        end_time: Time(window.end),
    }))
}

/// The list as a file: CSV, JSON lines, or OpenTelemetry's JSON.
#[utoipa::path(get, path = "/v1/traces/export", operation_id = "exportTraces", tag = "traces",
    params(ExportParameters, TimeParameters, TraceFilters),
    responses((status = 200, content_type = "text/csv", body = String)))]
async fn export(
    State(app): State<Arc<App>>,
    principal: Principal,
    Export { format, page, filters }: Export<TraceFilters>,
) -> Result<Response> {
    let filter = Filter::from(filters);
    service::traces::begin_export(&app, &principal, &filter, page.range, format.name()).await?;
    let encoder: Box<dyn Encoder<SpanView>> = match format {
        Format::Csv => Box::new(Csv::new()),
        Format::Jsonl => Box::new(JsonLines),
        Format::Otlp => Box::<Otlp>::default(),
    };
    Ok(download("traces", format, page, encoder, move |page| {
        let (app, principal, filter) = (Arc::clone(&app), principal.clone(), filter.clone());
        async move { Ok(service::traces::export(&app, &principal, &page, filter).await?.map(Into::into)) }
    }))
}

/// One trace with its spans, by its trace id or by the id of one of its rows.
#[utoipa::path(get, path = "/v1/traces/{trace_id}", operation_id = "getTrace", tag = "traces",
    params(("trace_id" = String, Path)), responses((status = 200, body = TraceView)))]
async fn get(
    State(app): State<Arc<App>>,
    principal: Principal,
    Path(trace_id): Path<String>,
) -> Result<Json<TraceView>> {
    Ok(Json(service::traces::get(&app, &principal, &trace_id).await?.into()))
}

/// The spans of one trace, page by page.
#[utoipa::path(get, path = "/v1/traces/{trace_id}/spans", operation_id = "listSpans", tag = "traces",
    params(("trace_id" = String, Path), ListParameters, SpanFilters), responses((status = 200, body = SpanList)))]
async fn spans(
    State(app): State<Arc<App>>,
    principal: Principal,
    Path(trace_id): Path<String>,
    list: List<SpanFilters>,
) -> Result<Json<SpanList>> {
    let trace_id = service::traces::find(&app, &principal, &trace_id).await?;
    let filter = list.filters.clone().of_trace(trace_id);
    let found = service::traces::list(&app, &principal, &list.page, filter).await?;
    let page = list.info(&found);
    Ok(Json(SpanList { spans: found.rows.into_iter().map(Into::into).collect(), page }))
}
