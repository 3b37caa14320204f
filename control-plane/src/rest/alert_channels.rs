//! `/v1/alerts/channels` (contract 3.13, 4.7).

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    etag::{IfMatch, Tagged},
    form::{Body, Patch},
    list::{Filters, List, ListParameters, PageInfo},
    query::{AnyOf, Asked},
    respond::{Created, Id},
    value::Time,
};
use crate::{
    app::App,
    auth::Principal,
    error::Result,
    id::{AlertChannelId, OrgId, UserId},
    notify::Region,
    service::{
        alert_channels::{self, AlertChannelForm, ChannelType, Trial},
        alerts::Severity,
    },
    store::{
        self,
        alert_channels::{AlertChannelRow, Filter},
        page::SortKey,
    },
};

#[cfg(test)]
mod tests;

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update, delete))
        .routes(routes!(test))
}

/// What of a configuration is shown: the fields of the channel's type, its secrets only as whether they are set.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what is made by hand")]
struct AlertChannelConfig {
    webhook_url_set: Option<bool>,
    channel: Option<String>,
    routing_key_set: Option<bool>,
    url: Option<String>,
    headers_set: Option<bool>,
    secret_set: Option<bool>,
    to: Option<Vec<String>>,
    api_key_set: Option<bool>,
    region: Option<Region>,
}

/// Of what was last sent by a channel, or could not be.
#[derive(Serialize, ToSchema)]
struct AlertDelivery {
    /// `sent` or `failed`
    status: String,
    at: Time,
    #[schema(required)]
    error: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct AlertChannel {
    id: AlertChannelId,
    org_id: OrgId,
    name: String,
    #[schema(value_type = ChannelType)]
    r#type: String,
    #[schema(value_type = AlertChannelConfig)]
    config: Value,
    #[schema(value_type = Severity)]
    min_severity: String,
    send_resolved: bool,
    enabled: bool,
    #[schema(required)]
    last_delivery: Option<AlertDelivery>,
    created_at: Time,
    updated_at: Time,
    version: i32,
    #[schema(required)]
    created_by: Option<UserId>,
    managed_by: String,
}

impl From<AlertChannelRow> for AlertChannel {
    fn from(row: AlertChannelRow) -> Self {
        let config = alert_channels::shown(&row);
        let last = row.last_delivery;
        let delivery = last.delivery_status.zip(last.delivery_at).map(|(status, at)| AlertDelivery {
            status,
            at: at.into(),
            error: last.delivery_error,
        });
        Self {
            id: row.id,
            org_id: row.org_id,
            name: row.name,
            r#type: row.r#type,
            config,
            min_severity: row.min_severity,
            send_resolved: row.send_resolved,
            enabled: row.enabled,
            last_delivery: delivery,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
            created_by: row.created_by,
            managed_by: row.managed_by,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct AlertChannels {
    channels: Vec<AlertChannel>,
    #[serde(flatten)]
    page: PageInfo,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AlertChannelFilters {
    name: Option<AnyOf<String>>,
    r#type: Option<AnyOf<ChannelType>>,
    enabled: Option<AnyOf<bool>>,
    /// In the name.
    q: Option<String>,
}

impl Filters for AlertChannelFilters {
    const SORT: &'static [SortKey] = store::alert_channels::SORT;
}

impl From<&AlertChannelFilters> for Filter {
    fn from(filters: &AlertChannelFilters) -> Self {
        Self {
            names: filters.name.values(),
            types: filters.r#type.words(),
            enabled: filters.enabled.values(),
            q: filters.q.clone(),
        }
    }
}

#[utoipa::path(get, path = "/v1/alerts/channels", operation_id = "listAlertChannels", tag = "alerts",
    params(ListParameters, AlertChannelFilters), responses((status = 200, body = AlertChannels)))]
async fn list(
    State(app): State<Arc<App>>,
    principal: Principal,
    list: List<AlertChannelFilters>,
) -> Result<Json<AlertChannels>> {
    let found = alert_channels::list(&app, &principal, &Filter::from(&list.filters), &list.page).await?;
    let page = list.info(&found);
    Ok(Json(AlertChannels { channels: found.rows.into_iter().map(AlertChannel::from).collect(), page }))
}

/// Make a channel: rules name it among those who hear of their alerts.
#[utoipa::path(post, path = "/v1/alerts/channels", operation_id = "createAlertChannel", tag = "alerts",
    request_body = AlertChannelForm, responses((status = 201, body = AlertChannel)))]
async fn create(
    State(app): State<Arc<App>>,
    principal: Principal,
    Body(form): Body<AlertChannelForm>,
) -> Result<Created<AlertChannel>> {
    let row = alert_channels::create(&app, &principal, form).await?;
    let location = format!("/v1/alerts/channels/{}", row.id);
    Ok(Created { location, version: Some(row.version), body: row.into() })
}

#[utoipa::path(get, path = "/v1/alerts/channels/{id}", operation_id = "getAlertChannel", tag = "alerts",
    params(("id" = AlertChannelId, Path)), responses((status = 200, body = AlertChannel)))]
async fn get(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<AlertChannelId>,
) -> Result<Tagged<AlertChannel>> {
    let row = alert_channels::get(&app, &principal, id).await?;
    Ok(Tagged(row.version, row.into()))
}

/// Change a channel. What the environment gives of it is changed there.
#[utoipa::path(patch, path = "/v1/alerts/channels/{id}", operation_id = "updateAlertChannel", tag = "alerts",
    params(("id" = AlertChannelId, Path)), request_body = AlertChannelForm,
    responses((status = 200, body = AlertChannel)))]
async fn update(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<AlertChannelId>,
    if_match: IfMatch,
    patch: Patch<AlertChannelForm>,
) -> Result<Tagged<AlertChannel>> {
    let row = alert_channels::update(&app, &principal, id, &if_match, patch).await?;
    Ok(Tagged(row.version, row.into()))
}

/// Remove a channel. Rules that told by it do so no more.
#[utoipa::path(delete, path = "/v1/alerts/channels/{id}", operation_id = "deleteAlertChannel", tag = "alerts",
    params(("id" = AlertChannelId, Path)), responses((status = 204)))]
async fn delete(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<AlertChannelId>,
    if_match: IfMatch,
) -> Result<StatusCode> {
    alert_channels::delete(&app, &principal, id, &if_match).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Send a message by it that says it is a test, at once and once; what somebody would be woken by is ended again.
#[utoipa::path(post, path = "/v1/alerts/channels/{id}/test", operation_id = "testAlertChannel", tag = "alerts",
    params(("id" = AlertChannelId, Path)), responses((status = 200, body = Trial)))]
async fn test(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<AlertChannelId>,
) -> Result<Json<Trial>> {
    Ok(Json(alert_channels::test(&app, &principal, id).await?))
}
