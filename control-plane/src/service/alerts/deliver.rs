//! Sends what is written down to be told. Any replica may: each takes what nobody else has taken, for a lease; whoever dies
//! with it leaves it to the next, who sends the same message under the same id.

use chrono::Utc;
use sqlx::PgConnection;

use super::silence::{About, covers};
use crate::{
    app::App,
    error::Result,
    notify::{self, Event, Failure, Notice, Told},
    service::alert_channels,
    store::{
        alert_channels as channels,
        alert_notifications::{self, NotificationRow, Outcome},
        alert_silences,
    },
    word::word,
};

/// Longer than any attempt takes.
const LEASE_SECONDS: f64 = 30.0;
/// After which a message is given up, thirteen minutes after the first.
pub const ATTEMPTS: i32 = 5;
/// Before the second attempt; each further one waits five times as long.
const FIRST_PAUSE_SECONDS: f64 = 5.0;
/// How often it is looked whether a silence is over.
const LONGEST_SILENCE_SECONDS: f64 = 30.0;

/// Takes what is due, as many as this.
///
/// # Errors
/// The database's.
pub async fn claim(app: &App, most: i64) -> Result<Vec<NotificationRow>> {
    let mut tx = app.database.worker().await?;
    let rows = alert_notifications::claim(&mut tx, LEASE_SECONDS, most).await?;
    tx.commit().await?;
    Ok(rows)
}

/// Sends one that was claimed, and writes down what came of it.
///
/// # Errors
/// The database's; it is sent again when the lease is over.
pub async fn deliver(app: &App, row: &NotificationRow) -> Result<()> {
    let mut tx = app.database.worker().await?;
    let ready = prepare(app, &mut tx, row).await?;
    match ready {
        Ready::Later(seconds) => alert_notifications::put_back(&mut tx, row, seconds).await?,
        Ready::Never(why) => drop_it(&mut tx, row, why).await?,
        Ready::Now(_, _) => {}
    }
    tx.commit().await?;
    let Ready::Now(channel, notice) = ready else { return Ok(()) };
    let sent = match alert_channels::target(app, &channel) {
        Ok(target) => notify::send(app, &target, &notice).await,
        Err(error) => {
            tracing::error!(%error, channel.id = %channel.id, "the configuration of an alert channel cannot be read");
            let error = "the channel's secrets cannot be opened".to_owned();
            Err(Failure { error, status: None, is_final: false })
        }
    };
    let mut tx = app.database.worker().await?;
    settle(app, &mut tx, row, &channel.r#type, sent).await?;
    tx.commit().await?;
    Ok(())
}

enum Ready {
    Now(Box<channels::AlertChannelRow>, Box<Notice>),
    /// In so many seconds.
    Later(f64),
    Never(&'static str),
}

async fn prepare(app: &App, conn: &mut PgConnection, row: &NotificationRow) -> Result<Ready> {
    let channel = match row.channel_id {
        Some(id) => channels::get(conn, row.org_id, id, false).await?,
        None => None,
    };
    let Some(channel) = channel else { return Ok(Ready::Never("the channel is gone")) };
    if !channel.enabled {
        return Ok(Ready::Never("the channel is switched off"));
    }
    let told: Option<Told> = serde_json::from_value(row.told.clone()).ok();
    let Some((told, event)) = told.zip(word(&row.event)) else {
        return Ok(Ready::Never("another version of the control plane wrote it"));
    };
    if event == Event::Resolved
        && let Some(seconds) = silent_for(conn, row, &told).await?
    {
        return Ok(Ready::Later(seconds));
    }
    let url = format!("{}/alerts?id={}", app.config.public_url, row.alert_id);
    let notice = Notice { id: row.id, event, at: row.created_at, org: row.org_id, told, url };
    Ok(Ready::Now(Box::new(channel), Box::new(notice)))
}

/// A silence may have begun after receivers were told that it fires. They hear nothing while it lasts, but they shall not
/// hold it for open for ever.
async fn silent_for(conn: &mut PgConnection, row: &NotificationRow, told: &Told) -> Result<Option<f64>> {
    let (now, alert) = (Utc::now(), &told.alert);
    if alert.is_test {
        return Ok(None);
    }
    let about = About { rule: alert.rule_id, severity: alert.severity, mcp_servers: alert.mcp_servers() };
    let active = alert_silences::list_active(conn, row.org_id, now).await?;
    let silence = active.into_iter().find(|silence| covers(silence, &about));
    Ok(silence.map(|silence| {
        let left = (silence.ends_at - now).to_std().unwrap_or_default();
        left.as_secs_f64().clamp(1.0, LONGEST_SILENCE_SECONDS)
    }))
}

async fn drop_it(conn: &mut PgConnection, row: &NotificationRow, why: &str) -> Result<()> {
    let outcome = Outcome { status: "dropped", response_status: None, error: Some(why), pause_seconds: None };
    alert_notifications::settle(conn, row, &outcome).await?;
    Ok(())
}

async fn settle(
    app: &App,
    conn: &mut PgConnection,
    row: &NotificationRow,
    kind: &str,
    sent: Result<Option<http::StatusCode>, Failure>,
) -> Result<()> {
    let code =
        |status: Option<http::StatusCode>| status.and_then(|status| i16::try_from(status.as_u16()).ok());
    let (status, response_status, error) = match sent {
        Ok(status) => ("sent", code(status), None),
        Err(failure) if failure.is_final || row.attempts >= ATTEMPTS => {
            ("failed", code(failure.status), Some(failure.error))
        }
        Err(failure) => ("pending", code(failure.status), Some(failure.error)),
    };
    app.metrics.notifications.with_label_values(&[kind, status]).inc();
    if let Some(error) = &error {
        tracing::warn!(
            notification.id = %row.id, channel.kind = kind, attempt = row.attempts, error, status,
            "a receiver was not told of an alert"
        );
    }
    let pause_seconds = (status == "pending").then(|| pause(row.attempts));
    let outcome = Outcome { status, response_status, error: error.as_deref(), pause_seconds };
    if !alert_notifications::settle(conn, row, &outcome).await? {
        tracing::warn!(notification.id = %row.id, "somebody else has taken a notification meanwhile");
    }
    Ok(())
}

/// After so many attempts.
fn pause(attempts: i32) -> f64 {
    FIRST_PAUSE_SECONDS * 5f64.powi(attempts - 1)
}

#[cfg(test)]
mod tests;
