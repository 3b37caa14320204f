//! A webhook and its deliveries as JSON shows them: headers only as `headers_set`, the secret only when it is new.

use chrono::Utc;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    id::{DeliveryId, OrgId, UserId, WebhookId},
    rest::value::Time,
    service::webhooks::{Issued, events},
    store::{webhook_deliveries::DeliveryRow, webhooks::WebhookRow},
};

#[derive(Serialize, ToSchema)]
#[schema(as = WebhookStatus)]
#[serde(rename_all = "snake_case")]
enum Status {
    Active,
    /// The last attempts failed; after five days of that it is switched off.
    Failing,
    Disabled,
}

impl Status {
    fn of(row: &WebhookRow) -> Self {
        match (row.settings.enabled, row.failing_since) {
            (false, _) => Self::Disabled,
            (true, Some(_)) => Self::Failing,
            (true, None) => Self::Active,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub(super) struct Webhook {
    id: WebhookId,
    org_id: OrgId,
    url: String,
    description: String,
    events: Vec<String>,
    headers_set: bool,
    enabled: bool,
    status: Status,
    /// Of one that nobody switched off: `gone` (the receiver answered 410) or `failing`.
    #[schema(required)]
    disabled_reason: Option<String>,
    /// Attempts that failed since the last that did not.
    failure_count: i32,
    #[schema(required)]
    failing_since: Option<Time>,
    /// While it still signs.
    #[schema(required)]
    previous_secret_valid_until: Option<Time>,
    created_at: Time,
    updated_at: Time,
    version: i32,
    #[schema(required)]
    created_by: Option<UserId>,
    managed_by: String,
}

impl From<WebhookRow> for Webhook {
    fn from(row: WebhookRow) -> Self {
        let status = Status::of(&row);
        Self {
            id: row.id,
            org_id: row.org_id,
            url: row.settings.url,
            description: row.settings.description,
            events: row.settings.events,
            headers_set: row.settings.headers_encrypted.is_some(),
            enabled: row.settings.enabled,
            status,
            disabled_reason: row.disabled_reason,
            failure_count: row.failure_count,
            failing_since: row.failing_since.map(Time),
            previous_secret_valid_until: until(row.previous_secret_expires_at),
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
            created_by: row.created_by,
            managed_by: row.managed_by,
        }
    }
}

fn until(end: Option<chrono::DateTime<Utc>>) -> Option<Time> {
    end.filter(|end| *end > Utc::now()).map(Time)
}

#[derive(Serialize, ToSchema)]
pub(super) struct IssuedWebhook {
    #[serde(flatten)]
    webhook: Webhook,
    /// What the receiver verifies by: `whsec_` and the base64 of 32 bytes. It is not shown again.
    secret: String,
}

impl From<Issued> for IssuedWebhook {
    fn from(issued: Issued) -> Self {
        Self { webhook: issued.row.into(), secret: issued.secret }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = RotatedWebhookSecret)]
pub(super) struct RotatedSecret {
    secret: String,
    /// Null: the one before signs no more.
    #[schema(required)]
    previous_secret_valid_until: Option<Time>,
}

impl From<Issued> for RotatedSecret {
    fn from(issued: Issued) -> Self {
        let previous_secret_valid_until = until(issued.row.previous_secret_expires_at);
        Self { secret: issued.secret, previous_secret_valid_until }
    }
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[schema(as = WebhookDeliveryStatus)]
#[serde(rename_all = "snake_case")]
pub(super) enum DeliveryStatus {
    Pending,
    Delivered,
    Failed,
}

#[derive(Serialize, ToSchema)]
#[schema(as = WebhookDelivery)]
pub(super) struct Delivery {
    id: DeliveryId,
    org_id: OrgId,
    webhook_id: WebhookId,
    /// As the receiver sees it in `webhook-id`.
    event_id: String,
    event: String,
    #[schema(value_type = DeliveryStatus)]
    status: String,
    attempts: i32,
    #[schema(required)]
    response_status: Option<i16>,
    #[schema(required)]
    latency_ms: Option<i32>,
    #[schema(required)]
    error: Option<String>,
    #[schema(required)]
    next_attempt_at: Option<Time>,
    created_at: Time,
}

impl From<DeliveryRow> for Delivery {
    fn from(row: DeliveryRow) -> Self {
        Self {
            id: row.id,
            org_id: row.org_id,
            webhook_id: row.webhook_id,
            event_id: events::shown_id(row.event_id),
            event: row.event,
            status: row.status,
            attempts: row.attempts,
            response_status: row.response_status,
            latency_ms: row.latency_ms,
            error: row.error,
            next_attempt_at: row.next_attempt_at.map(Time),
            created_at: row.created_at.into(),
        }
    }
}
