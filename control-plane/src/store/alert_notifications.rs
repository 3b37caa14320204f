//! Notifications: who is told what of an alert. The rows are the senders' queue and the log of what came of it.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{FromRow, PgConnection};

use super::{
    dimensions::push_any,
    page::{self, Found, Page, SortKey},
};
use crate::id::{AlertChannelId, AlertId, AlertNotificationId, OrgId};

#[derive(Clone, Debug, FromRow)]
pub struct NotificationRow {
    pub id: AlertNotificationId,
    pub org_id: OrgId,
    pub alert_id: AlertId,
    /// None: the channel is gone.
    pub channel_id: Option<AlertChannelId>,
    pub event: String,
    pub status: String,
    /// One under way included.
    pub attempts: i32,
    pub response_status: Option<i16>,
    pub error: Option<String>,
    pub next_attempt_at: Option<DateTime<Utc>>,
    pub sent_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub told: Value,
}

pub const SORT: &[SortKey] = &[SortKey { name: "created_at", sql: "n.created_at", cast: "timestamptz" }];

/// Which notifications a list shows; what is absent filters nothing.
#[derive(Debug, Default)]
pub struct Filter {
    pub alert_ids: Option<Vec<AlertId>>,
    pub channel_ids: Option<Vec<AlertChannelId>>,
    pub statuses: Option<Vec<String>>,
    pub events: Option<Vec<String>>,
}

/// # Errors
/// The database's.
pub async fn list(
    conn: &mut PgConnection,
    org: OrgId,
    filter: &Filter,
    page: &Page,
) -> sqlx::Result<Found<NotificationRow>> {
    page::fetch(conn, page, "n.*", "n.id", |query| {
        query.push(" from alert_notifications n where n.org_id = ").push_bind(org);
        push_any(query, "n.alert_id", filter.alert_ids.as_ref());
        push_any(query, "n.channel_id", filter.channel_ids.as_ref());
        push_any(query, "n.status", filter.statuses.as_ref());
        push_any(query, "n.event", filter.events.as_ref());
    })
    .await
}

/// One for each channel, in the order in which the alert changed, which its lock decides: so by the clock, not by when the
/// transaction began. `dropped` says why nothing is sent; none: they are to be sent at once.
///
/// # Errors
/// The database's.
pub async fn insert(
    conn: &mut PgConnection,
    org: OrgId,
    alert: AlertId,
    channels: &[AlertChannelId],
    event: &str,
    told: &Value,
    dropped: Option<&str>,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into alert_notifications (org_id, alert_id, channel_id, event, told, status, error, next_attempt_at,
            created_at)
         select $1, $2, channel, $4, $5, case when $6::text is null then 'pending' else 'dropped' end, $6,
            case when $6::text is null then now() end, clock_timestamp()
         from unnest($3::uuid[]) as channel",
    )
    .bind(org)
    .bind(alert)
    .bind(channels.iter().map(|id| id.0).collect::<Vec<_>>())
    .bind(event)
    .bind(told)
    .bind(dropped)
    .execute(conn)
    .await?;
    Ok(())
}

/// The channels that were told, or are being told, that this alert fires.
///
/// # Errors
/// The database's.
pub async fn told_channels(
    conn: &mut PgConnection,
    org: OrgId,
    alert: AlertId,
) -> sqlx::Result<Vec<AlertChannelId>> {
    sqlx::query_scalar(
        "select distinct channel_id from alert_notifications
         where org_id = $1 and alert_id = $2 and channel_id is not null and event in ('firing', 'renotified')
            and status in ('pending', 'sent')",
    )
    .bind(org)
    .bind(alert)
    .fetch_all(conn)
    .await
}

/// Counts an attempt of each that is due and hands it out. For as long as the lease nobody else gets it; whoever dies with
/// it leaves it to the next. Of one alert a channel hears in order. For the worker.
///
/// # Errors
/// The database's.
pub async fn claim(
    conn: &mut PgConnection,
    lease_seconds: f64,
    limit: i64,
) -> sqlx::Result<Vec<NotificationRow>> {
    sqlx::query_as(
        "with due as (
            select n.id from alert_notifications n
            where n.status = 'pending' and n.next_attempt_at <= now() and not exists (
                select from alert_notifications earlier
                where earlier.alert_id = n.alert_id and earlier.channel_id = n.channel_id
                    and earlier.status = 'pending' and (earlier.created_at, earlier.id) < (n.created_at, n.id))
            order by n.next_attempt_at limit $2 for update skip locked)
         update alert_notifications n
         set attempts = n.attempts + 1, next_attempt_at = now() + make_interval(secs => $1)
         from due where n.id = due.id and n.status = 'pending' returning n.*",
    )
    .bind(lease_seconds)
    .bind(limit)
    .fetch_all(conn)
    .await
}

/// What came of an attempt.
#[derive(Debug)]
pub struct Outcome<'a> {
    /// `pending`: it is tried again.
    pub status: &'a str,
    pub response_status: Option<i16>,
    pub error: Option<&'a str>,
    /// Until the next attempt.
    pub pause_seconds: Option<f64>,
}

/// Writes down what came of the attempt that was claimed, unless somebody else has it by now. For the worker.
///
/// # Errors
/// The database's.
pub async fn settle(
    conn: &mut PgConnection,
    row: &NotificationRow,
    outcome: &Outcome<'_>,
) -> sqlx::Result<bool> {
    let settled = sqlx::query(
        "update alert_notifications set status = $4::text, response_status = $5, error = $6,
            sent_at = case when $4::text = 'sent' then now() end, next_attempt_at = now() + make_interval(secs => $7)
         where org_id = $1 and id = $2 and attempts = $3 and status = 'pending'",
    )
    .bind(row.org_id)
    .bind(row.id)
    .bind(row.attempts)
    .bind(outcome.status)
    .bind(outcome.response_status)
    .bind(outcome.error)
    .bind(outcome.pause_seconds)
    .execute(conn)
    .await?;
    Ok(settled.rows_affected() == 1)
}

/// Puts one back that was claimed but not tried. For the worker.
///
/// # Errors
/// The database's.
pub async fn put_back(
    conn: &mut PgConnection,
    row: &NotificationRow,
    pause_seconds: f64,
) -> sqlx::Result<()> {
    sqlx::query(
        "update alert_notifications set attempts = attempts - 1, next_attempt_at = now() + make_interval(secs => $4)
         where org_id = $1 and id = $2 and attempts = $3 and status = 'pending'",
    )
    .bind(row.org_id)
    .bind(row.id)
    .bind(row.attempts)
    .bind(pause_seconds)
    .execute(conn)
    .await?;
    Ok(())
}
