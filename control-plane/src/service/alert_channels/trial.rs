//! Tries a channel: sends a message that says so, at once, and tells what came of it.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use chrono::Utc;
use serde::Serialize;
use utoipa::ToSchema;

use super::{config, find};
use crate::{
    app::App,
    auth::Principal,
    error::{Error, Result},
    id::{AlertChannelId, AlertId, AlertNotificationId, OrgId},
    notify::{self, Event, Failure, Notice, Target, Told},
    service::alerts::{Alert, Severity, Status},
    store::organizations,
};

/// What trying a channel came to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AlertChannelTrial)]
pub struct Trial {
    pub ok: bool,
    /// Null of a mail server, and where there was no answer.
    #[schema(required)]
    pub status_code: Option<u16>,
    pub latency_ms: u64,
    #[schema(required)]
    pub error: Option<String>,
}

/// # Errors
/// `permission_denied`, `not_found`.
pub async fn test(app: &App, principal: &Principal, id: AlertChannelId) -> Result<Trial> {
    principal.require_everywhere("alerts:admin")?;
    let mut tx = principal.begin(&app.database).await?;
    let channel = find(&mut tx, principal.org, id, false).await?;
    let organization = organizations::get(&mut tx, principal.org).await?.ok_or_else(Error::not_found)?;
    tx.commit().await?;
    let target = config::target(app, &channel)?;
    let notice = sample(app, principal.org, organization.slug, &channel.name);
    let began = Instant::now();
    let sent = send(app, &target, notice).await;
    Ok(trial(sent, began.elapsed()))
}

/// What somebody would be woken by is ended at once.
async fn send(app: &App, target: &Target, notice: Notice) -> Result<Option<http::StatusCode>, Failure> {
    let status = notify::send(app, target, &notice).await?;
    if matches!(target, Target::Pagerduty { .. } | Target::Opsgenie { .. }) {
        notify::send(app, target, &Notice { event: Event::Resolved, ..notice }).await?;
    }
    Ok(status)
}

fn trial(sent: Result<Option<http::StatusCode>, Failure>, took: Duration) -> Trial {
    let (status, error) = match sent {
        Ok(status) => (status, None),
        Err(failure) => (failure.status, Some(failure.error)),
    };
    Trial {
        ok: error.is_none(),
        status_code: status.map(|status| status.as_u16()),
        latency_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        error,
    }
}

fn sample(app: &App, org: OrgId, organization: String, channel: &str) -> Notice {
    let (id, now) = (AlertId::new(), Utc::now());
    let alert = Alert {
        id,
        org_id: org,
        rule_id: None,
        rule_name: format!("Test of {channel}"),
        metric: "error_rate".to_owned(),
        severity: Severity::Info,
        status: Status::Firing,
        message: "somebody tried this channel; nothing is wrong".to_owned(),
        value: 0.0,
        threshold: 0.0,
        labels: BTreeMap::new(),
        is_test: true,
        started_at: now.into(),
        acknowledged_at: None,
        acknowledged_by: None,
        resolved_at: None,
        resolved_by: None,
        note: None,
        created_at: now.into(),
    };
    Notice {
        id: AlertNotificationId::new(),
        event: Event::Firing,
        at: now,
        org,
        told: Told { organization, window_minutes: 5, alert },
        url: format!("{}/alerts", app.config.public_url),
    }
}
