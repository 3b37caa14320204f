//! Writes down who is told what, in the transaction that changes the alert: so nobody hears of what did not happen, and
//! nothing that happened is forgotten. [`super::deliver`] sends it.

use serde_json::json;
use sqlx::PgConnection;

use super::{Alert, Severity};
use crate::{
    error::{Error, Result},
    id::AlertChannelId,
    notify::{Event, Told},
    store::{
        alert_channels::{self, AlertChannelRow},
        alert_notifications,
        alert_rules::AlertRuleRow,
        alerts::AlertRow,
        organizations, outbox,
    },
    word::{text, word},
};

/// That it fires, to the channels of its rule. `silence` says why they do not hear it.
pub(super) async fn fires(
    conn: &mut PgConnection,
    rule: &AlertRuleRow,
    alert: &AlertRow,
    event: Event,
    silence: Option<&str>,
) -> Result<()> {
    let severity: Severity = word(&alert.severity).unwrap_or_default();
    let channels = alert_channels::list_by_ids(conn, alert.org_id, &rule.channel_ids).await?;
    let hearing = channels.iter().filter(|channel| hears(channel, severity));
    let ids: Vec<_> = hearing.map(|channel| channel.id).collect();
    insert(conn, alert, &ids, event, silence).await
}

/// A channel that was switched off hears nothing, nor does one of what is not bad enough for it.
fn hears(channel: &AlertChannelRow, severity: Severity) -> bool {
    channel.enabled && word::<Severity>(&channel.min_severity).unwrap_or_default() <= severity
}

/// What became of it, to those who know that it fires.
pub(super) async fn moved(conn: &mut PgConnection, alert: &AlertRow, event: Event) -> Result<()> {
    let ids = alert_notifications::told_channels(conn, alert.org_id, alert.id).await?;
    let channels = alert_channels::list_by_ids(conn, alert.org_id, &ids).await?;
    let hearing = channels
        .iter()
        .filter(|channel| channel.enabled && (event != Event::Resolved || channel.send_resolved));
    let ids: Vec<_> = hearing.map(|channel| channel.id).collect();
    insert(conn, alert, &ids, event, None).await?;
    if alert.is_test {
        return Ok(());
    }
    publish(conn, alert, if event == Event::Resolved { "alert.resolved" } else { "alert.acknowledged" }).await
}

/// For those who asked for events.
pub(super) async fn publish(conn: &mut PgConnection, alert: &AlertRow, event: &str) -> Result<()> {
    outbox::insert(conn, alert.org_id, event, &json!(Alert::from(alert))).await?;
    Ok(())
}

async fn insert(
    conn: &mut PgConnection,
    alert: &AlertRow,
    channels: &[AlertChannelId],
    event: Event,
    silence: Option<&str>,
) -> Result<()> {
    if channels.is_empty() {
        return Ok(());
    }
    let organization = organizations::get(conn, alert.org_id).await?.ok_or_else(Error::not_found)?;
    let told = Told {
        organization: organization.slug,
        window_minutes: alert.window_minutes,
        alert: Alert::from(alert),
    };
    let (told, event) = (json!(told), text(event));
    alert_notifications::insert(conn, alert.org_id, alert.id, channels, &event, &told, silence).await?;
    Ok(())
}
