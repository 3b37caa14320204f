//! `/v1/alerts/rules` (contract 3.13).

use std::sync::Arc;

use axum::{
    Json,
    extract::{FromRequest, Request, State},
};
use chrono::Utc;
use http::StatusCode;
use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    etag::{IfMatch, Tagged},
    form::{Body, Patch, read_object},
    list::{Filters, List, ListParameters, PageInfo},
    query::{AnyOf, Asked},
    respond::{Created, Id},
    value::Time,
    window::Period,
};
use crate::{
    app::App,
    auth::Principal,
    error::{Error, Result},
    id::{AlertChannelId, AlertRuleId, OrgId, UserId},
    service::{
        alert_rules::{self, AlertFilters, AlertRuleForm, Interval, Preview},
        alerts::{
            Severity,
            decide::{Condition, State as RuleState},
        },
    },
    store::{
        self,
        alert_measures::Metric,
        alert_rules::{AlertRuleRow, Filter},
        page::SortKey,
    },
};

#[cfg(test)]
pub(super) mod tests;

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(preview))
        .routes(routes!(get, update, delete))
}

#[derive(Serialize, ToSchema)]
struct AlertRule {
    id: AlertRuleId,
    org_id: OrgId,
    name: String,
    description: String,
    #[schema(value_type = Metric)]
    metric: String,
    #[schema(value_type = Condition)]
    condition: String,
    threshold: f64,
    window_minutes: i32,
    for_minutes: i32,
    #[schema(value_type = Severity)]
    severity: String,
    filters: AlertFilters,
    channel_ids: Vec<AlertChannelId>,
    enabled: bool,
    #[schema(required)]
    renotify_minutes: Option<i32>,
    #[schema(value_type = RuleState)]
    state: String,
    /// Null: there was nothing to measure, or it was not measured yet.
    #[schema(required)]
    last_value: Option<f64>,
    #[schema(required)]
    last_evaluated_at: Option<Time>,
    created_at: Time,
    updated_at: Time,
    version: i32,
    #[schema(required)]
    created_by: Option<UserId>,
    managed_by: String,
}

impl From<AlertRuleRow> for AlertRule {
    fn from(row: AlertRuleRow) -> Self {
        Self {
            filters: AlertFilters::of(&row),
            id: row.id,
            org_id: row.org_id,
            name: row.name,
            description: row.description,
            metric: row.metric,
            condition: row.condition,
            threshold: number(row.threshold),
            window_minutes: row.window_minutes,
            for_minutes: row.for_minutes,
            severity: row.severity,
            channel_ids: row.channel_ids,
            enabled: row.enabled,
            renotify_minutes: row.renotify_minutes,
            state: row.state,
            last_value: row.last_value.map(number),
            last_evaluated_at: row.last_evaluated_at.map(Into::into),
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
            created_by: row.created_by,
            managed_by: row.managed_by,
        }
    }
}

fn number(decimal: Decimal) -> f64 {
    decimal.to_f64().unwrap_or_default()
}

#[derive(Serialize, ToSchema)]
struct AlertRules {
    rules: Vec<AlertRule>,
    #[serde(flatten)]
    page: PageInfo,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AlertRuleFilters {
    name: Option<AnyOf<String>>,
    metric: Option<AnyOf<Metric>>,
    severity: Option<AnyOf<Severity>>,
    state: Option<AnyOf<RuleState>>,
    enabled: Option<AnyOf<bool>>,
    /// Those that tell any of these channels.
    channel_id: Option<AnyOf<AlertChannelId>>,
    /// In name and description.
    q: Option<String>,
}

impl Filters for AlertRuleFilters {
    const SORT: &'static [SortKey] = store::alert_rules::SORT;
}

impl From<&AlertRuleFilters> for Filter {
    fn from(filters: &AlertRuleFilters) -> Self {
        let ids = |channels: Vec<AlertChannelId>| channels.into_iter().map(|id| id.0).collect::<Vec<Uuid>>();
        Self {
            names: filters.name.values(),
            metrics: filters.metric.words(),
            severities: filters.severity.words(),
            states: filters.state.words(),
            enabled: filters.enabled.values(),
            channel_ids: filters.channel_id.values().map(ids),
            q: filters.q.clone(),
        }
    }
}

#[utoipa::path(get, path = "/v1/alerts/rules", operation_id = "listAlertRules", tag = "alerts",
    params(ListParameters, AlertRuleFilters), responses((status = 200, body = AlertRules)))]
async fn list(
    State(app): State<Arc<App>>,
    principal: Principal,
    list: List<AlertRuleFilters>,
) -> Result<Json<AlertRules>> {
    let found = alert_rules::list(&app, &principal, &Filter::from(&list.filters), &list.page).await?;
    let page = list.info(&found);
    Ok(Json(AlertRules { rules: found.rows.into_iter().map(AlertRule::from).collect(), page }))
}

/// Make a rule. It is evaluated every 30 seconds, unless `ALERT_EVALUATION_SECONDS` says otherwise, and has at most one
/// open alert.
#[utoipa::path(post, path = "/v1/alerts/rules", operation_id = "createAlertRule", tag = "alerts",
    request_body = AlertRuleForm, responses((status = 201, body = AlertRule)))]
async fn create(
    State(app): State<Arc<App>>,
    principal: Principal,
    Body(form): Body<AlertRuleForm>,
) -> Result<Created<AlertRule>> {
    let row = alert_rules::create(&app, &principal, form).await?;
    let location = format!("/v1/alerts/rules/{}", row.id);
    Ok(Created { location, version: Some(row.version), body: row.into() })
}

#[utoipa::path(get, path = "/v1/alerts/rules/{id}", operation_id = "getAlertRule", tag = "alerts",
    params(("id" = AlertRuleId, Path)), responses((status = 200, body = AlertRule)))]
async fn get(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<AlertRuleId>,
) -> Result<Tagged<AlertRule>> {
    let row = alert_rules::get(&app, &principal, id).await?;
    Ok(Tagged(row.version, row.into()))
}

/// Change a rule. The open alert of one that is switched off is over.
#[utoipa::path(patch, path = "/v1/alerts/rules/{id}", operation_id = "updateAlertRule", tag = "alerts",
    params(("id" = AlertRuleId, Path)), request_body = AlertRuleForm, responses((status = 200, body = AlertRule)))]
async fn update(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<AlertRuleId>,
    if_match: IfMatch,
    patch: Patch<AlertRuleForm>,
) -> Result<Tagged<AlertRule>> {
    let row = alert_rules::update(&app, &principal, id, &if_match, patch).await?;
    Ok(Tagged(row.version, row.into()))
}

/// Remove a rule. Its open alert is over; what it has fired stays on record.
#[utoipa::path(delete, path = "/v1/alerts/rules/{id}", operation_id = "deleteAlertRule", tag = "alerts",
    params(("id" = AlertRuleId, Path)), responses((status = 204)))]
async fn delete(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<AlertRuleId>,
    if_match: IfMatch,
) -> Result<StatusCode> {
    alert_rules::delete(&app, &principal, id, &if_match).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A rule, which need not have a name yet, and over which time it is tried.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a body that is read by hand")]
struct AlertRulePreviewForm {
    #[schema(required)]
    metric: Metric,
    #[schema(required)]
    condition: Condition,
    #[schema(required)]
    threshold: f64,
    window_minutes: Option<i32>,
    for_minutes: Option<i32>,
    filters: Option<AlertFilters>,
    /// By default a day.
    #[schema(inline)]
    period: Option<Period>,
}

struct Tried(AlertRuleForm, Period);

impl<S: Send + Sync> FromRequest<S> for Tried {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self> {
        let mut body = read_object(request, &["application/json"]).await?;
        let period = match body.remove("period") {
            None | Some(Value::Null) => Period::Day,
            Some(given) => serde_json::from_value(given).map_err(|_| {
                Error::invalid_field("period", "enum", "must be hour, day, week, month, quarter or mtd")
            })?,
        };
        body.entry("name").or_insert_with(|| json!("preview"));
        let Body(form) = Body::read(body)?;
        Ok(Self(form, period))
    }
}

#[derive(Serialize, ToSchema)]
struct AlertPoint {
    time: Time,
    /// Of the window that ends then; null: there was nothing to measure.
    #[schema(required)]
    value: Option<f64>,
}

#[derive(Serialize, ToSchema)]
struct AlertInterval {
    from: Time,
    /// Null: it would fire now.
    #[schema(required)]
    to: Option<Time>,
}

#[derive(Serialize, ToSchema)]
struct AlertRulePreview {
    series: Vec<AlertPoint>,
    would_fire: Vec<AlertInterval>,
}

impl From<Preview> for AlertRulePreview {
    fn from(preview: Preview) -> Self {
        let point =
            |(time, value): (_, Option<Decimal>)| AlertPoint { time: Time(time), value: value.map(number) };
        let interval = |interval: Interval| AlertInterval {
            from: interval.from.into(),
            to: interval.to.map(Into::into),
        };
        Self {
            series: preview.series.into_iter().map(point).collect(),
            would_fire: preview.would_fire.into_iter().map(interval).collect(),
        }
    }
}

/// What a rule would have measured and when it would have fired, at up to 200 moments of a time that has passed.
#[utoipa::path(post, path = "/v1/alerts/rules/preview", operation_id = "previewAlertRule", tag = "alerts",
    request_body = AlertRulePreviewForm, responses((status = 200, body = AlertRulePreview)))]
async fn preview(
    State(app): State<Arc<App>>,
    principal: Principal,
    Tried(form, period): Tried,
) -> Result<Json<AlertRulePreview>> {
    Ok(Json(alert_rules::preview(&app, &principal, form, period, Utc::now()).await?.into()))
}
