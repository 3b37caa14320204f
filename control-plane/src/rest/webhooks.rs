//! `/v1/webhooks` (contract 3.14).

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    etag::{IfMatch, Tagged},
    form::{Body, Patch},
    list::{Filters, List, ListParameters, PageInfo},
    query::{AnyOf, Asked},
    respond::{Created, Id, Ids, Once},
};
use crate::{
    app::App,
    auth::Principal,
    error::Result,
    id::{DeliveryId, WebhookId},
    service::webhooks::{self, RotateForm, WebhookForm, deliveries},
    store::{
        self,
        page::SortKey,
        webhook_deliveries::Filter as DeliveryFilter,
        webhooks::{Filter, WebhookRow},
    },
};

#[cfg(test)]
mod tests;
mod view;

use view::{Delivery, DeliveryStatus, IssuedWebhook, RotatedSecret, Webhook};

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update, delete))
        .routes(routes!(rotate))
        .routes(routes!(test))
        .routes(routes!(list_deliveries))
        .routes(routes!(redeliver))
}

#[derive(Serialize, ToSchema)]
struct Webhooks {
    webhooks: Vec<Webhook>,
    #[serde(flatten)]
    page: PageInfo,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WebhookFilters {
    enabled: Option<AnyOf<bool>>,
    /// In the URL or the description.
    q: Option<String>,
}

impl Filters for WebhookFilters {
    const SORT: &'static [SortKey] = store::webhooks::SORT;
}

#[derive(Serialize, ToSchema)]
struct WebhookDeliveries {
    deliveries: Vec<Delivery>,
    #[serde(flatten)]
    page: PageInfo,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeliveryFilters {
    event: Option<AnyOf<String>>,
    status: Option<AnyOf<DeliveryStatus>>,
}

impl Filters for DeliveryFilters {
    const SORT: &'static [SortKey] = store::webhook_deliveries::SORT;
    const EVENTS: bool = true;
}

#[utoipa::path(get, path = "/v1/webhooks", operation_id = "listWebhooks", tag = "webhooks",
    params(ListParameters, WebhookFilters), responses((status = 200, body = Webhooks)))]
async fn list(
    State(app): State<Arc<App>>,
    principal: Principal,
    list: List<WebhookFilters>,
) -> Result<Json<Webhooks>> {
    let filter = Filter { enabled: list.filters.enabled.values(), q: list.filters.q.clone() };
    let found = webhooks::list(&app, &principal, &filter, &list.page).await?;
    let page = list.info(&found);
    Ok(Json(Webhooks { webhooks: found.rows.into_iter().map(Webhook::from).collect(), page }))
}

/// Have a receiver told of events, signed as the Standard Webhooks specification says; the secret is in this answer only.
#[utoipa::path(post, path = "/v1/webhooks", operation_id = "createWebhook", tag = "webhooks",
    request_body = WebhookForm, responses((status = 201, body = IssuedWebhook)))]
async fn create(
    State(app): State<Arc<App>>,
    principal: Principal,
    Body(form): Body<WebhookForm>,
) -> Result<Response> {
    let issued = webhooks::create(&app, &principal, form).await?;
    let location = format!("/v1/webhooks/{}", issued.row.id);
    let version = Some(issued.row.version);
    Ok(Once(&["secret"]).mark(Created { location, version, body: IssuedWebhook::from(issued) }))
}

#[utoipa::path(get, path = "/v1/webhooks/{id}", operation_id = "getWebhook", tag = "webhooks",
    params(("id" = WebhookId, Path)), responses((status = 200, body = Webhook)))]
async fn get(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<WebhookId>,
) -> Result<Tagged<Webhook>> {
    Ok(tagged(webhooks::get(&app, &principal, id).await?))
}

/// Change a webhook. Headers that are kept go to the same host only. One that is switched on begins anew.
#[utoipa::path(patch, path = "/v1/webhooks/{id}", operation_id = "updateWebhook", tag = "webhooks",
    params(("id" = WebhookId, Path)), request_body = WebhookForm, responses((status = 200, body = Webhook)))]
async fn update(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<WebhookId>,
    if_match: IfMatch,
    patch: Patch<WebhookForm>,
) -> Result<Tagged<Webhook>> {
    Ok(tagged(webhooks::update(&app, &principal, id, &if_match, patch).await?))
}

/// Remove a webhook and the record of its deliveries.
#[utoipa::path(delete, path = "/v1/webhooks/{id}", operation_id = "deleteWebhook", tag = "webhooks",
    params(("id" = WebhookId, Path)), responses((status = 204)))]
async fn delete(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<WebhookId>,
    if_match: IfMatch,
) -> Result<StatusCode> {
    webhooks::delete(&app, &principal, id, &if_match).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Give the webhook a new secret; until the grace is over each message is signed by both.
#[utoipa::path(post, path = "/v1/webhooks/{id}/rotate-secret", operation_id = "rotateWebhookSecret",
    tag = "webhooks", params(("id" = WebhookId, Path)), request_body = RotateForm,
    responses((status = 200, body = RotatedSecret)))]
async fn rotate(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<WebhookId>,
    Body(form): Body<RotateForm>,
) -> Result<Response> {
    let issued = webhooks::rotate(&app, &principal, id, &form).await?;
    let version = issued.row.version;
    Ok(Once(&["secret"]).mark(Tagged(version, RotatedSecret::from(issued)).into_response()))
}

/// Send the receiver a `webhook.test`, once, and tell what it answered. The webhook may be off.
#[utoipa::path(post, path = "/v1/webhooks/{id}/test", operation_id = "testWebhook", tag = "webhooks",
    params(("id" = WebhookId, Path)), responses((status = 200, body = Delivery)))]
async fn test(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<WebhookId>,
) -> Result<Json<Delivery>> {
    Ok(Json(deliveries::test(&app, &principal, id).await?.into()))
}

/// What was sent in the last 30 days, and what came of it.
#[utoipa::path(get, path = "/v1/webhooks/{id}/deliveries", operation_id = "listWebhookDeliveries",
    tag = "webhooks", params(("id" = WebhookId, Path), ListParameters, DeliveryFilters),
    responses((status = 200, body = WebhookDeliveries)))]
async fn list_deliveries(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<WebhookId>,
    list: List<DeliveryFilters>,
) -> Result<Json<WebhookDeliveries>> {
    let filter =
        DeliveryFilter { events: list.filters.event.values(), statuses: list.filters.status.words() };
    let found = deliveries::list(&app, &principal, id, &filter, &list.page).await?;
    let page = list.info(&found);
    Ok(Json(WebhookDeliveries { deliveries: found.rows.into_iter().map(Delivery::from).collect(), page }))
}

/// Send it again, from the beginning and under the same id.
#[utoipa::path(post, path = "/v1/webhooks/{id}/deliveries/{delivery_id}/redeliver",
    operation_id = "redeliverWebhookDelivery", tag = "webhooks",
    params(("id" = WebhookId, Path), ("delivery_id" = DeliveryId, Path)),
    responses((status = 200, body = Delivery)))]
async fn redeliver(
    State(app): State<Arc<App>>,
    principal: Principal,
    Ids(id, delivery): Ids<WebhookId, DeliveryId>,
) -> Result<Json<Delivery>> {
    Ok(Json(deliveries::redeliver(&app, &principal, id, delivery).await?.into()))
}

fn tagged(row: WebhookRow) -> Tagged<Webhook> {
    Tagged(row.version, row.into())
}
