//! REST: figures for the overview (contract 3.12). Money in them is null without `costs:read`.

use std::sync::Arc;

use axum::{Json, extract::State};
use chrono::Utc;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    auth::Principal,
    error::{Error, Result},
    rest::{
        list::{Aggregate, Aggregated},
        query::{AnyOf, One, Query},
        traces::SpanView,
        value::{Money, Time},
        window::{Period, TimeParameters, Window, next},
    },
    service::{self, metrics::Figures},
    store::{
        metrics::{Point, Rank, Ranking, ServerFigures},
        page::{Count, Page, SortKey, Start, TimeRange},
        traces::Filter,
    },
};

mod interval;
mod overview;
mod realtime;
#[cfg(test)]
mod tests;

use interval::Interval;
use overview::OverviewView;

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(overview))
        .routes(routes!(realtime::realtime))
        .routes(routes!(requests_chart))
        .routes(routes!(top_servers))
        .routes(routes!(recent_traces))
}

#[derive(Deserialize, IntoParams)]
struct OverviewParameters {}

impl Aggregated for OverviewParameters {
    const PERIOD: Period = Period::Month;
}

/// The requests of a range of time compared with the one before it, and what there is now.
#[utoipa::path(get, path = "/v1/metrics/overview", operation_id = "getOverview", tag = "metrics",
    params(TimeParameters), responses((status = 200, body = OverviewView)))]
async fn overview(
    State(app): State<Arc<App>>,
    principal: Principal,
    Aggregate { window, .. }: Aggregate<OverviewParameters>,
) -> Result<Json<OverviewView>> {
    let figures =
        service::metrics::overview(&app, &principal, range(window), range(window.previous()), Utc::now())
            .await?;
    Ok(Json(OverviewView::new(window, figures)))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ChartParameters {
    mcp_server: Option<AnyOf<String>>,
    /// By default the finest with at most 200 points.
    #[param(inline)]
    interval: Option<Interval>,
}

impl Aggregated for ChartParameters {
    const PERIOD: Period = Period::Week;
}

#[derive(Serialize, ToSchema)]
#[schema(as = RequestsChart)]
struct Chart {
    data: Vec<PointView>,
    #[schema(inline)]
    interval: Interval,
    start_time: Time,
    end_time: Time,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ChartPoint)]
struct PointView {
    time: Time,
    requests: i64,
    errors: i64,
    blocked: i64,
    #[schema(required)]
    p50_ms: Option<i32>,
    #[schema(required)]
    p95_ms: Option<i32>,
    #[schema(required)]
    cost: Option<Money>,
}

impl PointView {
    fn new(point: Point, with_cost: bool) -> Self {
        Self {
            time: Time(point.time),
            requests: point.requests,
            errors: point.errors,
            blocked: point.blocked,
            p50_ms: point.p50_ms,
            p95_ms: point.p95_ms,
            cost: with_cost.then_some(Money(point.cost)),
        }
    }
}

/// Requests over time, one point per interval, also where nothing happened.
#[utoipa::path(get, path = "/v1/metrics/requests-chart", operation_id = "getRequestsChart", tag = "metrics",
    params(TimeParameters, ChartParameters), responses((status = 200, body = Chart)))]
async fn requests_chart(
    State(app): State<Arc<App>>,
    principal: Principal,
    Aggregate { window, filters }: Aggregate<ChartParameters>,
) -> Result<Json<Chart>> {
    let interval = Interval::fitting(filters.interval, window)?;
    let servers = filters.mcp_server.map(|AnyOf(names)| names);
    // Nothing is drawn of what is to come.
    let span = (window.start, window.end.min(next(Utc::now(), interval.step())));
    let Figures { figures, with_cost } =
        service::metrics::points(&app, &principal, servers, span, interval.step()).await?;
    Ok(Json(Chart {
        data: figures.into_iter().map(|point| PointView::new(point, with_cost)).collect(),
        interval,
        start_time: Time(window.start),
        end_time: Time(window.end),
    }))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TopParameters {
    #[param(value_type = Option<i64>, minimum = 1, maximum = 50, default = 5)]
    limit: Option<One<i64>>,
    /// requests, cost, errors or p95_ms, `-` before it for descending; by default `-requests`
    sort: Option<String>,
}

impl Aggregated for TopParameters {
    const PERIOD: Period = Period::Day;
}

#[derive(Serialize, ToSchema)]
struct TopServers {
    servers: Vec<TopServer>,
    currency: &'static str,
    start_time: Time,
    end_time: Time,
}

#[derive(Serialize, ToSchema)]
struct TopServer {
    mcp_server: String,
    requests: i64,
    errors: i64,
    error_rate: f64,
    #[schema(required)]
    cost: Option<Money>,
    #[schema(required)]
    p95_ms: Option<i32>,
    /// Of all requests, from 0 to 1.
    share: f64,
}

impl TopServer {
    #[expect(clippy::cast_precision_loss, reason = "ratios")]
    fn new(server: ServerFigures, with_cost: bool) -> Self {
        Self {
            requests: server.requests,
            errors: server.errors,
            error_rate: server.errors as f64 / server.requests as f64,
            cost: with_cost.then_some(Money(server.cost)),
            p95_ms: server.p95_ms,
            share: server.requests as f64 / server.all_requests as f64,
            mcp_server: server.mcp_server,
        }
    }
}

/// The servers with the most of something.
#[utoipa::path(get, path = "/v1/metrics/top-servers", operation_id = "getTopServers", tag = "metrics",
    params(TimeParameters, TopParameters), responses((status = 200, body = TopServers)))]
async fn top_servers(
    State(app): State<Arc<App>>,
    principal: Principal,
    Aggregate { window, filters }: Aggregate<TopParameters>,
) -> Result<Json<TopServers>> {
    let ranking = ranking(filters.sort.as_deref().unwrap_or("-requests"), limit(filters.limit, 5)?)?;
    let span = (window.start, window.end);
    let Figures { figures, with_cost } = service::metrics::servers(&app, &principal, span, &ranking).await?;
    Ok(Json(TopServers {
        servers: figures.into_iter().map(|server| TopServer::new(server, with_cost)).collect(),
        currency: "USD",
        start_time: Time(window.start),
        end_time: Time(window.end),
    }))
}

fn ranking(sort: &str, limit: i64) -> Result<Ranking> {
    let (name, descending) = sort.strip_prefix('-').map_or((sort, false), |name| (name, true));
    let rank = match name {
        "requests" => Rank::Requests,
        "cost" => Rank::Cost,
        "errors" => Rank::Errors,
        "p95_ms" => Rank::P95,
        _ => return Err(Error::invalid_request("sort must be one of requests, cost, errors, p95_ms")),
    };
    Ok(Ranking { rank, descending, limit })
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RecentParameters {
    #[param(value_type = Option<i64>, minimum = 1, maximum = 50, default = 10)]
    limit: Option<One<i64>>,
}

#[derive(Serialize, ToSchema)]
struct RecentTraces {
    traces: Vec<SpanView>,
}

/// The newest requests.
#[utoipa::path(get, path = "/v1/metrics/recent-traces", operation_id = "listRecentTraces", tag = "metrics",
    params(RecentParameters), responses((status = 200, body = RecentTraces)))]
async fn recent_traces(
    State(app): State<Arc<App>>,
    principal: Principal,
    Query(parameters): Query<RecentParameters>,
) -> Result<Json<RecentTraces>> {
    let newest = SortKey { name: "started_at", sql: "r.started_at", cast: "timestamptz" };
    let page = Page {
        limit: limit(parameters.limit, 10)?,
        start: Start::First,
        sort: newest,
        descending: true,
        count: Count::Skip,
        range: TimeRange::default(),
        range_sql: newest.sql,
    };
    let filter = Filter { roots: true, ..Filter::default() };
    let found = service::traces::list(&app, &principal, &page, filter).await?;
    Ok(Json(RecentTraces { traces: found.rows.into_iter().map(Into::into).collect() }))
}

fn limit(asked: Option<One<i64>>, default: i64) -> Result<i64> {
    let limit = asked.map_or(default, |One(limit)| limit);
    if !(1..=50).contains(&limit) {
        return Err(Error::invalid_request("limit must be from 1 to 50"));
    }
    Ok(limit)
}

fn range(window: Window) -> TimeRange {
    TimeRange { start: Some(window.start), end: Some(window.end) }
}
