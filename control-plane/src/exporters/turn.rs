//! One turn of an exporter: batch after batch until nothing is left, the receiver refuses, or others shall have a turn.

use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use super::{
    answer::{Refusal, Verdict},
    message, sample,
    send::{Receiver, send},
};
use crate::{
    app::App,
    service::telemetry_exporters,
    store::telemetry_exporters::{
        progress::{self, Batch, Claimed, Position},
        spans::{self, Span},
    },
};

/// Batches of one turn.
const BATCHES: usize = 20;
/// After a failure the pause doubles from the first to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// Spans that wait for a receiver for longer than this are given up.
const BACKLOG: chrono::Duration = chrono::Duration::hours(24);

/// How a turn ends: when the exporter is due again, and with what error.
struct End {
    wait: Duration,
    error: Option<String>,
}

impl End {
    fn well(wait: Duration) -> Self {
        Self { wait, error: None }
    }
}

pub(super) async fn take(app: &App, exporter: &Claimed, stop: &CancellationToken) {
    let end = work(app, exporter, stop).await.unwrap_or_else(|error| {
        tracing::warn!(%error, exporter = %exporter.id, "an exporter stands still");
        End { wait: pause(exporter.failures), error: Some("what is to be sent could not be read".into()) }
    });
    if let Err(error) = release(app, exporter, &end).await {
        // The lease ends by itself.
        tracing::warn!(%error, exporter = %exporter.id, "an exporter keeps its lease");
    }
}

async fn release(app: &App, exporter: &Claimed, end: &End) -> sqlx::Result<()> {
    let wait = i64::try_from(end.wait.as_millis()).unwrap_or(i64::MAX);
    let mut tx = app.database.worker().await?;
    progress::release(&mut tx, exporter.org_id, exporter, wait, end.error.as_deref()).await?;
    tx.commit().await
}

async fn work(app: &App, exporter: &Claimed, stop: &CancellationToken) -> anyhow::Result<End> {
    let settings = &exporter.settings;
    let receiver = telemetry_exporters::receiver(&app.sealer, exporter.org_id, exporter.id, settings)?;
    let timeout = Duration::from_millis(u64::try_from(settings.batch_timeout_ms)?);
    let mut position = give_up_old(app, exporter).await?;
    for _ in 0..BATCHES {
        if stop.is_cancelled() {
            break;
        }
        let until = spans::complete_until(&mut *app.database.pool().acquire().await?).await?;
        let found = arrived(app, exporter, position, until).await?;
        let Some(last) = found.last() else { return Ok(End::well(timeout)) };
        let is_full = found.len() >= usize::try_from(settings.batch_size)?;
        let waited = (Utc::now() - found[0].created_at).to_std().unwrap_or_default();
        if !is_full && waited < timeout {
            return Ok(End::well(timeout - waited));
        }
        position = Position { sent_at: last.created_at, sent_id: last.id };
        let outcome = send_sampled(app, exporter, &receiver, found).await?;
        let batch = match outcome {
            Ok(batch) => batch,
            Err((refusal, wait)) => {
                let wait = pause(exporter.failures).max(wait.unwrap_or_default());
                return Ok(End { wait, error: Some(refusal.message) });
            }
        };
        if !advance(app, exporter, position, &batch).await? {
            break;
        }
        if !is_full {
            return Ok(End::well(timeout));
        }
    }
    Ok(End::well(Duration::ZERO))
}

async fn arrived(
    app: &App,
    exporter: &Claimed,
    position: Position,
    until: DateTime<Utc>,
) -> sqlx::Result<Vec<Span>> {
    let mut tx = app.database.worker().await?;
    let limit = i64::from(exporter.settings.batch_size);
    let found = spans::list_arrived(&mut tx, exporter.org_id, position, until, limit).await?;
    tx.commit().await?;
    Ok(found)
}

type Outcome = Result<Batch, (Refusal, Option<Duration>)>;

/// Sends what is sampled of a batch. The outer error is ours, the inner one asks for a retry.
async fn send_sampled(
    app: &App,
    exporter: &Claimed,
    receiver: &Receiver,
    found: Vec<Span>,
) -> sqlx::Result<Outcome> {
    let kept = sampled(app, exporter, found).await?;
    let (resource_spans, unreadable) = message::of(&kept);
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let sent = count(kept.len() - unreadable);
    let mut batch = Batch { failed: count(unreadable), ..Batch::default() };
    if resource_spans.is_empty() {
        return Ok(Ok(batch));
    }
    match send(&app.egress, receiver, resource_spans).await {
        Ok(accepted) => {
            let rejected = i64::try_from(accepted.rejected).unwrap_or(sent).min(sent);
            batch.exported = sent - rejected;
            batch.failed += rejected;
            if rejected > 0 {
                batch.error = Some(format!("{rejected} spans were refused: {}", accepted.message));
            }
        }
        Err(Refusal { message, verdict: Verdict::Final }) => {
            batch.failed += sent;
            batch.error = Some(message);
        }
        Err(refusal @ Refusal { verdict: Verdict::Later(wait), .. }) => return Ok(Err((refusal, wait))),
    }
    Ok(Ok(batch))
}

/// The spans of sampled traces, and of those in which something went wrong by now.
async fn sampled(app: &App, exporter: &Claimed, found: Vec<Span>) -> sqlx::Result<Vec<Span>> {
    let ratio = exporter.settings.sample_ratio;
    let left_out: BTreeSet<_> = found
        .iter()
        .filter(|span| !sample::is_sampled(&span.trace_id, ratio))
        .map(|span| span.trace_id.clone())
        .collect();
    if left_out.is_empty() {
        return Ok(found);
    }
    let left_out: Vec<_> = left_out.into_iter().collect();
    let mut tx = app.database.worker().await?;
    let failing = spans::list_failing(&mut tx, exporter.org_id, &left_out).await?;
    tx.commit().await?;
    let is_kept = |span: &Span| sample::is_sampled(&span.trace_id, ratio) || failing.contains(&span.trace_id);
    Ok(found.into_iter().filter(is_kept).collect())
}

async fn advance(app: &App, exporter: &Claimed, position: Position, batch: &Batch) -> sqlx::Result<bool> {
    let mut tx = app.database.worker().await?;
    let still_ours = progress::advance(&mut tx, exporter.org_id, exporter, position, batch).await?;
    tx.commit().await?;
    for (status, spans) in
        [("exported", batch.exported), ("failed", batch.failed), ("dropped", batch.dropped)]
    {
        let spans = u64::try_from(spans).unwrap_or(0);
        app.metrics.exported.with_label_values(&["traces", status]).inc_by(spans);
    }
    Ok(still_ours)
}

/// A receiver that has been away for too long finds the newest spans when it comes back, and the rest counted.
async fn give_up_old(app: &App, exporter: &Claimed) -> sqlx::Result<Position> {
    let oldest = Utc::now() - BACKLOG;
    if exporter.failures == 0 || exporter.position.sent_at >= oldest {
        return Ok(exporter.position);
    }
    let mut tx = app.database.worker().await?;
    let dropped = spans::count_arrived(&mut tx, exporter.org_id, exporter.position, oldest).await?;
    let position = Position { sent_at: oldest, sent_id: uuid::Uuid::nil() };
    progress::skip(&mut tx, exporter.org_id, exporter, position, dropped).await?;
    tx.commit().await?;
    app.metrics
        .exported
        .with_label_values(&["traces", "dropped"])
        .inc_by(u64::try_from(dropped).unwrap_or(0));
    Ok(position)
}

/// Doubles with each failure; a few per cent apart, so that exporters of one receiver do not all come at once.
fn pause(failures: i32) -> Duration {
    let doublings = u32::try_from(failures).unwrap_or(0).min(16);
    let pause = (FIRST_PAUSE * 2_u32.pow(doublings)).min(LONGEST_PAUSE);
    pause + pause.mul_f64(f64::from(std::process::id() % 16) / 160.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_up_to_five_minutes() {
        let whole = |failures| pause(failures).as_secs_f64();
        assert!((1.0..1.1).contains(&whole(0)) && (8.0..8.8).contains(&whole(3)));
        assert!((300.0..330.0).contains(&whole(30)) && (300.0..330.0).contains(&whole(i32::MAX)));
    }
}
