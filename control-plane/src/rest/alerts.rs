//! `/v1/alerts`: what fired, and what people do about it (contract 3.13).

use std::sync::Arc;

use axum::{Json, extract::State, routing};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema, openapi::path::PathItem};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    form::Body,
    list::{Filters, List, ListParameters, PageInfo},
    query::{AnyOf, Asked},
    respond::{Created, Id},
};
use crate::{
    app::App,
    auth::Principal,
    error::Result,
    id::{AlertId, AlertRuleId},
    service::alerts::{self, Alert, NoteForm, Severity, Status, TestForm},
    store::{self, alert_measures::Metric, alerts::Filter, page::SortKey},
};

#[cfg(test)]
mod tests;

const ACKNOWLEDGE: &str = "/v1/alerts/{id}/acknowledge";
const ACK: &str = "/v1/alerts/{id}/ack";

pub fn router() -> OpenApiRouter<Arc<App>> {
    let mut router = OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(summary))
        .routes(routes!(test))
        .routes(routes!(get))
        .routes(routes!(acknowledge))
        .routes(routes!(resolve))
        .route(ACK, routing::post(acknowledge));
    let paths = &mut router.get_openapi_mut().paths.paths;
    if let Some(item) = paths.get(ACKNOWLEDGE).cloned() {
        paths.insert(ACK.to_owned(), renamed(item));
    }
    router
}

/// The same operation; it needs a name of its own.
fn renamed(mut item: PathItem) -> PathItem {
    if let Some(id) = item.post.as_mut().and_then(|operation| operation.operation_id.as_mut()) {
        id.push_str("ByAlias");
    }
    item
}

#[derive(Serialize, ToSchema)]
struct Alerts {
    alerts: Vec<Alert>,
    #[serde(flatten)]
    page: PageInfo,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AlertListFilters {
    status: Option<AnyOf<Status>>,
    severity: Option<AnyOf<Severity>>,
    rule_id: Option<AnyOf<AlertRuleId>>,
    metric: Option<AnyOf<Metric>>,
    is_test: Option<AnyOf<bool>>,
}

impl Filters for AlertListFilters {
    const SORT: &'static [SortKey] = store::alerts::SORT;
    const EVENTS: bool = true;
}

impl From<&AlertListFilters> for Filter {
    fn from(filters: &AlertListFilters) -> Self {
        Self {
            statuses: filters.status.words(),
            severities: filters.severity.words(),
            rule_ids: filters.rule_id.values(),
            metrics: filters.metric.words(),
            is_test: filters.is_test.values(),
        }
    }
}

/// What fired, the newest first. What is open is `status=firing,acknowledged`.
#[utoipa::path(get, path = "/v1/alerts", operation_id = "listAlerts", tag = "alerts",
    params(ListParameters, AlertListFilters), responses((status = 200, body = Alerts)))]
async fn list(
    State(app): State<Arc<App>>,
    principal: Principal,
    list: List<AlertListFilters>,
) -> Result<Json<Alerts>> {
    let found = alerts::list(&app, &principal, &Filter::from(&list.filters), &list.page).await?;
    let page = list.info(&found);
    Ok(Json(Alerts { alerts: found.rows.iter().map(Alert::from).collect(), page }))
}

#[derive(Serialize, ToSchema)]
struct BySeverity {
    info: i64,
    warning: i64,
    critical: i64,
}

/// Tests are not counted.
#[derive(Serialize, ToSchema)]
struct AlertSummary {
    firing: i64,
    acknowledged: i64,
    /// Of those that are open.
    by_severity: BySeverity,
    resolved_24h: i64,
}

#[utoipa::path(get, path = "/v1/alerts/summary", operation_id = "getAlertSummary", tag = "alerts",
    responses((status = 200, body = AlertSummary)))]
async fn summary(State(app): State<Arc<App>>, principal: Principal) -> Result<Json<AlertSummary>> {
    let found = alerts::summary(&app, &principal).await?;
    Ok(Json(AlertSummary {
        firing: found.firing,
        acknowledged: found.acknowledged,
        by_severity: BySeverity { info: found.info, warning: found.warning, critical: found.critical },
        resolved_24h: found.resolved_24h,
    }))
}

/// Open an alert that is marked as a test, and send it to the rule's channels, silenced or not. It is acknowledged and
/// resolved like any other.
#[utoipa::path(post, path = "/v1/alerts/test", operation_id = "testAlert", tag = "alerts",
    request_body = TestForm, responses((status = 201, body = Alert)))]
async fn test(
    State(app): State<Arc<App>>,
    principal: Principal,
    Body(form): Body<TestForm>,
) -> Result<Created<Alert>> {
    let row = alerts::test(&app, &principal, &form).await?;
    Ok(Created { location: format!("/v1/alerts/{}", row.id), version: None, body: Alert::from(&row) })
}

#[utoipa::path(get, path = "/v1/alerts/{id}", operation_id = "getAlert", tag = "alerts",
    params(("id" = AlertId, Path)), responses((status = 200, body = Alert)))]
async fn get(State(app): State<Arc<App>>, principal: Principal, Id(id): Id<AlertId>) -> Result<Json<Alert>> {
    Ok(Json(Alert::from(&alerts::get(&app, &principal, id).await?)))
}

/// Say that somebody looks after it: receivers hear that, and are not told again that it fires.
#[utoipa::path(post, path = "/v1/alerts/{id}/acknowledge", operation_id = "acknowledgeAlert", tag = "alerts",
    params(("id" = AlertId, Path)), request_body = NoteForm, responses((status = 200, body = Alert)))]
async fn acknowledge(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<AlertId>,
    Body(form): Body<NoteForm>,
) -> Result<Json<Alert>> {
    Ok(Json(Alert::from(&alerts::acknowledge(&app, &principal, id, &form).await?)))
}

/// Say that it is over. If it is not, the rule fires again once everything in its window has happened since.
#[utoipa::path(post, path = "/v1/alerts/{id}/resolve", operation_id = "resolveAlert", tag = "alerts",
    params(("id" = AlertId, Path)), request_body = NoteForm, responses((status = 200, body = Alert)))]
async fn resolve(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<AlertId>,
    Body(form): Body<NoteForm>,
) -> Result<Json<Alert>> {
    Ok(Json(Alert::from(&alerts::resolve(&app, &principal, id, &form).await?)))
}
