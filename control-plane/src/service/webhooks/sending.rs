//! One attempt to deliver: the message signed and sent, what came of it written down, and what follows for the webhook.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use http::{HeaderValue, Request, StatusCode, header};
use serde_json::json;
use sqlx::PgConnection;

use super::{columns, events, pace, record};
use crate::{
    app::App,
    error::{Error, Result},
    service::audit::{Author, Entry},
    standard_webhooks,
    store::{
        webhook_deliveries::{self, DeliveryRow, Settled},
        webhooks::{self, WebhookRow},
    },
};

/// An attempt takes at most the ten seconds of the egress client and two transactions.
pub const LEASE_SECONDS: f64 = 60.0;
/// A webhook that took nothing for so long is switched off.
const PATIENCE: Duration = Duration::from_secs(5 * 24 * 3600);
const USER_AGENT: &str = concat!("GatewayOps-Webhooks/", env!("CARGO_PKG_VERSION"));

/// What came of an attempt.
struct Outcome {
    status: Option<StatusCode>,
    latency: Duration,
    /// None: it was taken.
    error: Option<String>,
    /// How long the receiver wants us to wait.
    asked: Option<Duration>,
}

impl Outcome {
    fn failed(error: String) -> Self {
        Self { status: None, latency: Duration::ZERO, error: Some(error), asked: None }
    }
}

/// Sends a delivery that was taken, and answers what became of it.
///
/// # Errors
/// The database's; then it is sent again once its lease is over.
pub async fn attempt(app: &App, taken: &DeliveryRow) -> Result<DeliveryRow> {
    let mut tx = app.database.worker().await?;
    let webhook = webhooks::get(&mut tx, taken.org_id, taken.webhook_id, false).await?;
    tx.commit().await?;
    let webhook = webhook.ok_or_else(Error::not_found)?;
    let is_test = taken.event == events::TEST;
    if !webhook.settings.enabled && !is_test {
        let off = Outcome::failed("the webhook was switched off".to_owned());
        return settle(app, taken, &webhook, &off, Next::GiveUp).await;
    }
    let (outcome, next) = match request(app, taken, &webhook, Utc::now()) {
        Ok(request) => (send(app, request).await, Next::ByPlan),
        Err(error) => {
            tracing::error!(%error, webhook.id = %webhook.id, "a message to a webhook cannot be signed");
            let told = "the message could not be signed; the log of the control plane says why";
            (Outcome::failed(told.to_owned()), Next::ByPlanOfOurs)
        }
    };
    settle(app, taken, &webhook, &outcome, if is_test { Next::GiveUp } else { next }).await
}

fn request(
    app: &App,
    taken: &DeliveryRow,
    webhook: &WebhookRow,
    now: DateTime<Utc>,
) -> Result<Request<Vec<u8>>> {
    let body = serde_json::to_vec(&taken.payload).map_err(Error::internal)?;
    let (id, timestamp) = (events::shown_id(taken.event_id), now.timestamp());
    let keys = columns::keys(&app.sealer, webhook, now)?;
    let signed = standard_webhooks::headers(&id, timestamp, &body, &keys).map_err(Error::internal)?;
    let mut request = Request::post(webhook.settings.url.as_str()).body(body).map_err(Error::internal)?;
    let headers = request.headers_mut();
    headers.extend(columns::headers(&app.sealer, webhook)?);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
    headers.extend(signed);
    Ok(request)
}

async fn send(app: &App, request: Request<Vec<u8>>) -> Outcome {
    let started = Instant::now();
    let answer = app.egress.deliver(request).await;
    let latency = started.elapsed();
    match answer {
        Ok(answer) => {
            let status = answer.status();
            let error = (!status.is_success()).then(|| match status.is_redirection() {
                true => format!("the receiver answered {status}; redirects are not followed"),
                false => format!("the receiver answered {status}"),
            });
            Outcome { status: Some(status), latency, error, asked: pace::asked(answer.headers(), Utc::now()) }
        }
        Err(error) => Outcome { status: None, latency, error: Some(error.to_string()), asked: None },
    }
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Next {
    ByPlan,
    /// It failed here: that says nothing of the receiver.
    ByPlanOfOurs,
    /// Whatever came of it, it is over, and nothing follows for the webhook.
    GiveUp,
}

async fn settle(
    app: &App,
    taken: &DeliveryRow,
    webhook: &WebhookRow,
    outcome: &Outcome,
    next: Next,
) -> Result<DeliveryRow> {
    let now = Utc::now();
    let is_gone = outcome.status == Some(StatusCode::GONE);
    let pause = match next {
        Next::ByPlan | Next::ByPlanOfOurs if !is_gone => {
            pace::pause(taken.attempts, outcome.asked, pace::percent())
        }
        _ => None,
    };
    let (status, next_attempt_at) = match (&outcome.error, pause) {
        (None, _) => ("delivered", None),
        (Some(_), Some(pause)) => ("pending", Some(now + pause)),
        (Some(_), None) => ("failed", None),
    };
    let error = outcome.error.as_deref().map(|error| error.chars().take(500).collect::<String>());
    let settled = Settled {
        status,
        response_status: outcome.status.and_then(|status| i16::try_from(status.as_u16()).ok()),
        latency_ms: i32::try_from(outcome.latency.as_millis()).ok(),
        error: error.as_deref(),
        next_attempt_at,
    };
    let label = if status == "pending" { "retrying" } else { status };
    app.metrics.webhook_deliveries.with_label_values(&[label]).inc();
    let mut tx = app.database.worker().await?;
    let Some(row) = webhook_deliveries::settle(&mut tx, taken, &settled).await? else {
        // Somebody began it anew meanwhile: that is what counts.
        return Ok(taken.clone());
    };
    if next == Next::ByPlan {
        note_health(&mut tx, webhook, outcome, now).await?;
    }
    tx.commit().await?;
    Ok(row)
}

/// How the webhook fares, and whether that is enough.
async fn note_health(
    conn: &mut PgConnection,
    webhook: &WebhookRow,
    outcome: &Outcome,
    now: DateTime<Utc>,
) -> Result<()> {
    let (org, id) = (webhook.org_id, webhook.id);
    if outcome.error.is_none() {
        return Ok(webhooks::note_success(conn, org, id).await?);
    }
    let since = webhooks::note_failure(conn, org, id, now).await?;
    let is_over = since.and_then(|since| (now - since).to_std().ok()).is_some_and(|time| time >= PATIENCE);
    let reason = match outcome.status {
        Some(StatusCode::GONE) => "gone",
        _ if is_over => "failing",
        _ => return Ok(()),
    };
    let Some(row) = webhooks::disable(conn, org, id, reason).await? else { return Ok(()) };
    tracing::warn!(webhook.id = %id, org.id = %org, reason, "a webhook was switched off");
    let mut entry = Entry::success("webhook.update").details(json!({ "disabled_reason": reason }));
    entry.changes = json!({ "enabled": { "before": true, "after": false } });
    record(conn, &Author::system(), entry, &row).await
}
