//! `/v1/alerts/silences` (contract 3.13).

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    etag::{IfMatch, Tagged},
    form::{Body, Patch},
    list::{Filters, List, ListParameters, PageInfo},
    query::{AnyOf, Asked, One},
    respond::{Created, Id},
    value::Time,
};
use crate::{
    app::App,
    auth::Principal,
    error::Result,
    id::{AlertRuleId, AlertSilenceId, OrgId, UserId},
    service::{
        alert_silences::{self, AlertSilenceForm},
        alerts::Severity,
    },
    store::{
        self,
        alert_silences::{AlertSilenceRow, Filter},
        page::SortKey,
    },
};

#[cfg(test)]
mod tests;

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, update, delete))
}

#[derive(Serialize, ToSchema)]
struct AlertSilence {
    id: AlertSilenceId,
    org_id: OrgId,
    rule_ids: Vec<AlertRuleId>,
    #[schema(value_type = Vec<Severity>)]
    severities: Vec<String>,
    mcp_servers: Vec<String>,
    starts_at: Time,
    ends_at: Time,
    reason: String,
    created_at: Time,
    updated_at: Time,
    version: i32,
    #[schema(required)]
    created_by: Option<UserId>,
    managed_by: String,
}

impl From<AlertSilenceRow> for AlertSilence {
    fn from(row: AlertSilenceRow) -> Self {
        Self {
            id: row.id,
            org_id: row.org_id,
            rule_ids: row.rule_ids,
            severities: row.severities,
            mcp_servers: row.mcp_servers,
            starts_at: row.starts_at.into(),
            ends_at: row.ends_at.into(),
            reason: row.reason,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
            created_by: row.created_by,
            managed_by: row.managed_by,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct AlertSilences {
    silences: Vec<AlertSilence>,
    #[serde(flatten)]
    page: PageInfo,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AlertSilenceFilters {
    /// Those that name any of these rules.
    rule_id: Option<AnyOf<AlertRuleId>>,
    /// Whether they hold now.
    active: Option<One<bool>>,
    /// In the reason.
    q: Option<String>,
}

impl Filters for AlertSilenceFilters {
    const SORT: &'static [SortKey] = store::alert_silences::SORT;
}

impl From<&AlertSilenceFilters> for Filter {
    fn from(filters: &AlertSilenceFilters) -> Self {
        let ids = |rules: Vec<AlertRuleId>| rules.into_iter().map(|id| id.0).collect::<Vec<Uuid>>();
        Self {
            rule_ids: filters.rule_id.values().map(ids),
            active: filters.active.map(|One(active)| active),
            q: filters.q.clone(),
        }
    }
}

#[utoipa::path(get, path = "/v1/alerts/silences", operation_id = "listAlertSilences", tag = "alerts",
    params(ListParameters, AlertSilenceFilters), responses((status = 200, body = AlertSilences)))]
async fn list(
    State(app): State<Arc<App>>,
    principal: Principal,
    list: List<AlertSilenceFilters>,
) -> Result<Json<AlertSilences>> {
    let found = alert_silences::list(&app, &principal, &Filter::from(&list.filters), &list.page).await?;
    let page = list.info(&found);
    Ok(Json(AlertSilences { silences: found.rows.into_iter().map(AlertSilence::from).collect(), page }))
}

/// Say nothing of some alerts for some time. They open all the same; of those that still fire when the silence is over,
/// receivers hear then.
#[utoipa::path(post, path = "/v1/alerts/silences", operation_id = "createAlertSilence", tag = "alerts",
    request_body = AlertSilenceForm, responses((status = 201, body = AlertSilence)))]
async fn create(
    State(app): State<Arc<App>>,
    principal: Principal,
    Body(form): Body<AlertSilenceForm>,
) -> Result<Created<AlertSilence>> {
    let row = alert_silences::create(&app, &principal, form).await?;
    let location = format!("/v1/alerts/silences/{}", row.id);
    Ok(Created { location, version: Some(row.version), body: row.into() })
}

#[utoipa::path(get, path = "/v1/alerts/silences/{id}", operation_id = "getAlertSilence", tag = "alerts",
    params(("id" = AlertSilenceId, Path)), responses((status = 200, body = AlertSilence)))]
async fn get(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<AlertSilenceId>,
) -> Result<Tagged<AlertSilence>> {
    let row = alert_silences::get(&app, &principal, id).await?;
    Ok(Tagged(row.version, row.into()))
}

#[utoipa::path(patch, path = "/v1/alerts/silences/{id}", operation_id = "updateAlertSilence", tag = "alerts",
    params(("id" = AlertSilenceId, Path)), request_body = AlertSilenceForm,
    responses((status = 200, body = AlertSilence)))]
async fn update(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<AlertSilenceId>,
    if_match: IfMatch,
    patch: Patch<AlertSilenceForm>,
) -> Result<Tagged<AlertSilence>> {
    let row = alert_silences::update(&app, &principal, id, &if_match, patch).await?;
    Ok(Tagged(row.version, row.into()))
}

#[utoipa::path(delete, path = "/v1/alerts/silences/{id}", operation_id = "deleteAlertSilence", tag = "alerts",
    params(("id" = AlertSilenceId, Path)), responses((status = 204)))]
async fn delete(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<AlertSilenceId>,
    if_match: IfMatch,
) -> Result<StatusCode> {
    alert_silences::delete(&app, &principal, id, &if_match).await?;
    Ok(StatusCode::NO_CONTENT)
}
