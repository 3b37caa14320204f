//! REST: costs (contract 3.11). Rows, one per charged call, and their sums.

use std::sync::Arc;

use axum::{Json, extract::State, response::Response};
use chrono::{DateTime, Duration, Utc};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    auth::Principal,
    error::{Error, Result},
    rest::{
        export::{Csv, Encoder, Export, ExportParameters, Format, JsonLines, download},
        list::{Aggregate, List, ListParameters},
        value::{Money, Time},
        window::{TimeParameters, Window},
    },
    service,
    store::{
        costs::{Share, Totals},
        dimensions::Dimensions,
        page::{Page, TimeRange},
        rollups::Kind,
    },
};

mod filters;
#[cfg(test)]
mod tests;
mod view;

use filters::{CostFilters, RowFilters, ShareFilters};
use view::{CostList, CostView, Daily, DayView, Keys, Servers, Summary, Sums, Teams, Tools, Users};

/// The default `period` of costs.
const MONTH: Duration = Duration::days(30);

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(export))
        .routes(routes!(summary))
        .routes(routes!(by_server))
        .routes(routes!(by_team))
        .routes(routes!(by_user))
        .routes(routes!(by_tool))
        .routes(routes!(by_key))
        .routes(routes!(daily))
}

/// What was charged, newest first.
#[utoipa::path(get, path = "/v1/costs", operation_id = "listCosts", tag = "costs",
    params(ListParameters, RowFilters), responses((status = 200, body = CostList)))]
async fn list(
    State(app): State<Arc<App>>,
    principal: Principal,
    list: List<RowFilters>,
) -> Result<Json<CostList>> {
    let found = service::costs::list(&app, &principal, &list.page, list.filters.0.clone().into()).await?;
    let page = list.info(&found);
    Ok(Json(CostList { costs: found.rows.into_iter().map(Into::into).collect(), page }))
}

/// The list as a file: CSV or JSON lines.
#[utoipa::path(get, path = "/v1/costs/export", operation_id = "exportCosts", tag = "costs",
    params(ExportParameters, TimeParameters, RowFilters),
    responses((status = 200, content_type = "text/csv", body = String)))]
async fn export(
    State(app): State<Arc<App>>,
    principal: Principal,
    Export { format, page, filters }: Export<RowFilters>,
) -> Result<Response> {
    let encoder: Box<dyn Encoder<CostView>> = match format {
        Format::Csv => Box::new(Csv::new()),
        Format::Jsonl => Box::new(JsonLines),
        Format::Otlp => return Err(Error::invalid_request("costs are exported as csv or jsonl")),
    };
    let filter = Dimensions::from(filters.0);
    service::costs::begin_export(&app, &principal, &filter, page.range, format.name()).await?;
    Ok(download("costs", format, page, encoder, move |page| {
        let (app, principal, filter) = (Arc::clone(&app), principal.clone(), filter.clone());
        async move { Ok(service::costs::export(&app, &principal, &page, filter).await?.map(Into::into)) }
    }))
}

/// The sum of a range of time, compared with the one before it.
#[utoipa::path(get, path = "/v1/costs/summary", operation_id = "getCostSummary", tag = "costs",
    params(TimeParameters, CostFilters), responses((status = 200, body = Summary)))]
async fn summary(
    State(app): State<Arc<App>>,
    principal: Principal,
    Aggregate { window, filters }: Aggregate<CostFilters>,
) -> Result<Json<Summary>> {
    let (now, previous) =
        service::costs::summary(&app, &principal, filters.into(), span(window), span(window.previous()))
            .await?;
    Ok(Json(Summary::new(window, now, previous)))
}

/// What every UTC day of a range of time cost.
#[utoipa::path(get, path = "/v1/costs/daily", operation_id = "getDailyCosts", tag = "costs",
    params(TimeParameters, CostFilters), responses((status = 200, body = Daily)))]
async fn daily(
    State(app): State<Arc<App>>,
    principal: Principal,
    Aggregate { window, filters }: Aggregate<CostFilters>,
) -> Result<Json<Daily>> {
    let days = service::costs::by_day(&app, &principal, filters.into(), window.start, window.end).await?;
    Ok(Json(Daily {
        daily: days.into_iter().map(DayView::from).collect(),
        currency: "USD",
        start_time: Time(window.start),
        end_time: Time(window.end),
    }))
}

/// What each server cost.
#[utoipa::path(get, path = "/v1/costs/by-server", operation_id = "getCostsByServer", tag = "costs",
    params(ListParameters, ShareFilters), responses((status = 200, body = Servers)))]
async fn by_server(
    State(app): State<Arc<App>>,
    principal: Principal,
    list: List<ShareFilters>,
) -> Result<Json<Servers>> {
    let (servers, sums) = shares(&app, &principal, &list, Kind::Server).await?;
    Ok(Json(Servers { servers, sums }))
}

/// What each team's calls cost.
#[utoipa::path(get, path = "/v1/costs/by-team", operation_id = "getCostsByTeam", tag = "costs",
    params(ListParameters, ShareFilters), responses((status = 200, body = Teams)))]
async fn by_team(
    State(app): State<Arc<App>>,
    principal: Principal,
    list: List<ShareFilters>,
) -> Result<Json<Teams>> {
    let (teams, sums) = shares(&app, &principal, &list, Kind::Team).await?;
    Ok(Json(Teams { teams, sums }))
}

/// What each user's calls cost.
#[utoipa::path(get, path = "/v1/costs/by-user", operation_id = "getCostsByUser", tag = "costs",
    params(ListParameters, ShareFilters), responses((status = 200, body = Users)))]
async fn by_user(
    State(app): State<Arc<App>>,
    principal: Principal,
    list: List<ShareFilters>,
) -> Result<Json<Users>> {
    let (users, sums) = shares(&app, &principal, &list, Kind::User).await?;
    Ok(Json(Users { users, sums }))
}

/// What each tool cost.
#[utoipa::path(get, path = "/v1/costs/by-tool", operation_id = "getCostsByTool", tag = "costs",
    params(ListParameters, ShareFilters), responses((status = 200, body = Tools)))]
async fn by_tool(
    State(app): State<Arc<App>>,
    principal: Principal,
    list: List<ShareFilters>,
) -> Result<Json<Tools>> {
    let (tools, sums) = shares(&app, &principal, &list, Kind::Tool).await?;
    Ok(Json(Tools { tools, sums }))
}

/// What each API key's calls cost.
#[utoipa::path(get, path = "/v1/costs/by-key", operation_id = "getCostsByKey", tag = "costs",
    params(ListParameters, ShareFilters), responses((status = 200, body = Keys)))]
async fn by_key(
    State(app): State<Arc<App>>,
    principal: Principal,
    list: List<ShareFilters>,
) -> Result<Json<Keys>> {
    let (keys, sums) = shares(&app, &principal, &list, Kind::ApiKey).await?;
    Ok(Json(Keys { keys, sums }))
}

async fn shares<T>(
    app: &App,
    principal: &Principal,
    list: &List<ShareFilters>,
    by: Kind,
) -> Result<(Vec<T>, Sums)>
where
    T: for<'a> From<(Share, &'a Totals)>,
{
    let end = list.page.range.end.unwrap_or_else(Utc::now);
    let start = list.page.range.start.unwrap_or(end - MONTH);
    // The range is about the rows that are summed, not about the sums.
    let page = Page { range: TimeRange::default(), ..list.page.clone() };
    let (found, all) =
        service::costs::shares(app, principal, &page, by, list.filters.0.clone().into(), (start, end))
            .await?;
    let sums = Sums {
        page: list.info(&found),
        total_cost: Money(all.total_cost),
        currency: "USD",
        start_time: Time(start),
        end_time: Time(end),
    };
    Ok((found.rows.into_iter().map(|share| (share, &all).into()).collect(), sums))
}

fn span(window: Window) -> (DateTime<Utc>, DateTime<Utc>) {
    (window.start, window.end)
}
