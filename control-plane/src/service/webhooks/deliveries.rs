//! Deliveries as administrators see them: what was sent, what came of it, and once more.

use chrono::Utc;
use serde_json::json;
use uuid::Uuid;

use super::{events, form, lock, note, sending};
use crate::{
    app::App,
    auth::Principal,
    error::{Error, Result},
    id::{DeliveryId, WebhookId},
    service::audit::Entry,
    store::{
        page::{Found, Page},
        webhook_deliveries::{self, DeliveryRow, Filter, NewDelivery},
        webhooks,
    },
};

/// # Errors
/// `permission_denied`, `not_found`.
pub async fn list(
    app: &App,
    principal: &Principal,
    webhook: WebhookId,
    filter: &Filter,
    page: &Page,
) -> Result<Found<DeliveryRow>> {
    principal.require_everywhere("settings:read")?;
    let mut tx = principal.begin(&app.database).await?;
    webhooks::get(&mut tx, principal.org, webhook, false).await?.ok_or_else(Error::not_found)?;
    Ok(webhook_deliveries::list(&mut tx, principal.org, webhook, filter, page).await?)
}

/// Tries the webhook with an event of its own, also one that is off; it is not tried again, and says nothing about how
/// the webhook fares.
///
/// # Errors
/// `permission_denied`, `not_found`.
pub async fn test(app: &App, principal: &Principal, webhook: WebhookId) -> Result<DeliveryRow> {
    principal.require_everywhere("settings:admin")?;
    let org = principal.org;
    let mut tx = principal.begin(&app.database).await?;
    let row = webhooks::get(&mut tx, org, webhook, false).await?.ok_or_else(Error::not_found)?;
    let (event_id, now) = (Uuid::now_v7(), Utc::now());
    let data = json!({ "webhook_id": webhook, "description": row.settings.description });
    let new = NewDelivery {
        org,
        webhook,
        event_id,
        event: events::TEST.to_owned(),
        payload: events::envelope(event_id, org, events::TEST, now, &data),
    };
    let delivery = webhook_deliveries::insert_taken(&mut tx, &new, sending::LEASE_SECONDS).await?;
    note(&mut tx, principal, Entry::success("webhook.test"), &row).await?;
    tx.commit().await?;
    sending::attempt(app, &delivery).await
}

/// Sends it once more, from the beginning, under the same id: a receiver that has it already knows it again.
///
/// # Errors
/// `permission_denied`, `not_found`; `invalid_state` when the webhook is off.
pub async fn redeliver(
    app: &App,
    principal: &Principal,
    webhook: WebhookId,
    id: DeliveryId,
) -> Result<DeliveryRow> {
    principal.require_everywhere("settings:admin")?;
    let org = principal.org;
    let mut tx = principal.begin(&app.database).await?;
    let row = lock(&mut tx, org, webhook).await?;
    let delivery = webhook_deliveries::get(&mut tx, org, webhook, id, true).await?;
    let delivery = delivery.ok_or_else(Error::not_found)?;
    if !row.settings.enabled {
        let message = format!("the webhook to {} is off; switch it on first", form::host(&row.settings.url));
        return Err(Error::invalid_state("disabled", message));
    }
    let again = webhook_deliveries::begin_anew(&mut tx, org, delivery.id).await?;
    let details = json!({ "delivery_id": id, "event": delivery.event });
    note(&mut tx, principal, Entry::success("webhook.redeliver").details(details), &row).await?;
    tx.commit().await?;
    Ok(again)
}
