//! `/v1/alerts/notifications`: who was told what, and what came of it (contract 3.13).

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    list::{Filters, List, ListParameters, PageInfo},
    query::{AnyOf, Asked},
    value::Time,
};
use crate::{
    app::App,
    auth::Principal,
    error::Result,
    id::{AlertChannelId, AlertId, AlertNotificationId, OrgId},
    notify::Event,
    service::alert_notifications,
    store::{
        self,
        alert_notifications::{Filter, NotificationRow},
        page::SortKey,
    },
};

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Where a notification can be.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[schema(as = AlertNotificationStatus)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Pending,
    Sent,
    Failed,
    /// Nothing was sent: it was silenced, or the channel was switched off or gone.
    Dropped,
}

#[derive(Serialize, ToSchema)]
struct AlertNotification {
    id: AlertNotificationId,
    org_id: OrgId,
    alert_id: AlertId,
    /// Null: the channel is gone.
    #[schema(required)]
    channel_id: Option<AlertChannelId>,
    #[schema(value_type = Event)]
    event: String,
    #[schema(value_type = Status)]
    status: String,
    attempts: i32,
    #[schema(required)]
    response_status: Option<i16>,
    #[schema(required)]
    error: Option<String>,
    #[schema(required)]
    next_attempt_at: Option<Time>,
    #[schema(required)]
    sent_at: Option<Time>,
    created_at: Time,
}

impl From<NotificationRow> for AlertNotification {
    fn from(row: NotificationRow) -> Self {
        Self {
            id: row.id,
            org_id: row.org_id,
            alert_id: row.alert_id,
            channel_id: row.channel_id,
            event: row.event,
            status: row.status,
            attempts: row.attempts,
            response_status: row.response_status,
            error: row.error,
            next_attempt_at: row.next_attempt_at.map(Into::into),
            sent_at: row.sent_at.map(Into::into),
            created_at: row.created_at.into(),
        }
    }
}

#[derive(Serialize, ToSchema)]
struct AlertNotifications {
    notifications: Vec<AlertNotification>,
    #[serde(flatten)]
    page: PageInfo,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AlertNotificationFilters {
    alert_id: Option<AnyOf<AlertId>>,
    channel_id: Option<AnyOf<AlertChannelId>>,
    status: Option<AnyOf<Status>>,
    event: Option<AnyOf<Event>>,
}

impl Filters for AlertNotificationFilters {
    const SORT: &'static [SortKey] = store::alert_notifications::SORT;
    const EVENTS: bool = true;
}

impl From<&AlertNotificationFilters> for Filter {
    fn from(filters: &AlertNotificationFilters) -> Self {
        Self {
            alert_ids: filters.alert_id.values(),
            channel_ids: filters.channel_id.values(),
            statuses: filters.status.words(),
            events: filters.event.words(),
        }
    }
}

/// The log of deliveries, the newest first. Each is tried up to five times.
#[utoipa::path(get, path = "/v1/alerts/notifications", operation_id = "listAlertNotifications", tag = "alerts",
    params(ListParameters, AlertNotificationFilters), responses((status = 200, body = AlertNotifications)))]
async fn list(
    State(app): State<Arc<App>>,
    principal: Principal,
    list: List<AlertNotificationFilters>,
) -> Result<Json<AlertNotifications>> {
    let found = alert_notifications::list(&app, &principal, &Filter::from(&list.filters), &list.page).await?;
    let page = list.info(&found);
    let notifications = found.rows.into_iter().map(AlertNotification::from).collect();
    Ok(Json(AlertNotifications { notifications, page }))
}
