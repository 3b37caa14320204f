//! Spans leave for where organizations want them: OTLP over gRPC, or over HTTP as protobuf or JSON (contract 3.14, 8.2).
//!
//! An exporter follows the spans of its organization in the order in which they arrived in Postgres and keeps in the
//! database how far it is. So nothing is lost when we restart or the receiver is away, nothing waits for it, and whichever
//! replica holds its lease goes on. Spans are sent at least once: a crash between sending and writing that down sends a
//! batch again.

use std::{sync::Arc, time::Duration};

use futures::FutureExt;
use tokio::{task::JoinSet, time::sleep};
use tokio_util::sync::CancellationToken;

use crate::{app::App, store::telemetry_exporters::progress};

mod answer;
mod grpc;
mod http;
mod message;
mod sample;
mod send;
#[cfg(test)]
mod tests;
mod turn;

pub use answer::{Accepted, Refusal};
pub use send::{Receiver, send};

/// How often exporters that are due are looked for.
const TICK: Duration = Duration::from_millis(500);
/// Exporters that one replica works for at the same time.
const AT_ONCE: usize = 8;
/// On the way out, what is being sent may arrive.
const GRACE: Duration = Duration::from_secs(5);

/// # Errors
/// Never; what fails is logged and tried again.
pub async fn run(app: Arc<App>, stop: CancellationToken) -> anyhow::Result<()> {
    let mut turns = JoinSet::new();
    while !stop.is_cancelled() {
        while turns.join_next().now_or_never().flatten().is_some() {}
        match claim(&app, AT_ONCE.saturating_sub(turns.len())).await {
            Ok(claimed) => {
                for exporter in claimed {
                    let (app, stop) = (Arc::clone(&app), stop.clone());
                    turns.spawn(async move { turn::take(&app, &exporter, &stop).await });
                }
            }
            Err(error) => tracing::warn!(%error, "exporters wait for Postgres"),
        }
        stop.run_until_cancelled(sleep(TICK)).await;
    }
    let finished = async { while turns.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(GRACE, finished).await;
    Ok(())
}

async fn claim(app: &App, limit: usize) -> sqlx::Result<Vec<progress::Claimed>> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    let mut tx = app.database.worker().await?;
    let claimed = progress::claim(&mut tx, i64::try_from(limit).unwrap_or(1)).await?;
    tx.commit().await?;
    Ok(claimed)
}
