//! Events to webhooks: out of the outbox, and to their receivers. Unlike other work on a clock every replica does this;
//! rows that one has are passed over by the others.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::{sync::Notify, task::JoinSet, time::sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    app::App,
    error::Result,
    id::WebhookId,
    service::webhooks::{
        dispatching::{self, BATCH},
        sending,
    },
    store::webhook_deliveries::{self, DeliveryRow, Turns},
};

/// How often the outbox and what is due are looked at when nothing calls for it sooner.
const TICK: Duration = Duration::from_secs(1);
/// Under way from this replica: in all, and to one webhook, so that one that never answers keeps the others from nothing.
const AT_ONCE: usize = 64;
const AT_ONCE_EACH: i64 = 4;

/// # Errors
/// Never; what fails is logged and tried again.
pub async fn run(app: Arc<App>, stop: CancellationToken) -> anyhow::Result<()> {
    let fresh = Notify::new();
    tokio::join!(dispatch(&app, &fresh, &stop), deliver(&app, &fresh, &stop));
    Ok(())
}

async fn dispatch(app: &App, fresh: &Notify, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        match dispatching::dispatch(app).await {
            Ok(done) => {
                if done.deliveries > 0 {
                    fresh.notify_one();
                }
                if done.events as i64 == BATCH {
                    continue;
                }
            }
            Err(error) => tracing::warn!(%error, "events wait in the outbox"),
        }
        stop.run_until_cancelled(sleep(TICK)).await;
    }
}

/// Deliveries under way from here.
#[derive(Default)]
struct UnderWay {
    tasks: JoinSet<WebhookId>,
    by_webhook: HashMap<WebhookId, i64>,
}

impl UnderWay {
    fn start(&mut self, app: &Arc<App>, delivery: DeliveryRow) {
        *self.by_webhook.entry(delivery.webhook_id).or_default() += 1;
        let app = Arc::clone(app);
        self.tasks.spawn(async move {
            if let Err(error) = sending::attempt(&app, &delivery).await {
                tracing::warn!(%error, webhook.id = %delivery.webhook_id, "a delivery is tried again later");
            }
            delivery.webhook_id
        });
    }

    fn note(&mut self, finished: std::result::Result<WebhookId, tokio::task::JoinError>) {
        match finished {
            Ok(id) => {
                let count = self.by_webhook.entry(id).or_default();
                *count -= 1;
                if *count <= 0 {
                    self.by_webhook.remove(&id);
                }
            }
            Err(error) => tracing::error!(%error, "a delivery was dropped; it is tried again later"),
        }
        if self.tasks.is_empty() {
            self.by_webhook.clear();
        }
    }
}

async fn deliver(app: &Arc<App>, fresh: &Notify, stop: &CancellationToken) {
    let mut under_way = UnderWay::default();
    while !stop.is_cancelled() {
        match take(app, &under_way).await {
            Ok(due) => due.into_iter().for_each(|delivery| under_way.start(app, delivery)),
            Err(error) => {
                tracing::warn!(%error, "deliveries to webhooks wait for Postgres");
                stop.run_until_cancelled(sleep(TICK)).await;
            }
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = fresh.notified() => {}
            () = sleep(TICK) => {}
            Some(finished) = under_way.tasks.join_next() => under_way.note(finished),
        }
        while let Some(finished) = under_way.tasks.try_join_next() {
            under_way.note(finished);
        }
    }
    while let Some(finished) = under_way.tasks.join_next().await {
        under_way.note(finished);
    }
}

async fn take(app: &App, under_way: &UnderWay) -> Result<Vec<DeliveryRow>> {
    let free = AT_ONCE.saturating_sub(under_way.tasks.len());
    if free == 0 {
        return Ok(Vec::new());
    }
    let turns = Turns { each: AT_ONCE_EACH, all: free as i64 };
    let counts: Vec<_> = under_way.by_webhook.iter().map(|(id, count)| (*id, *count)).collect();
    let mut tx = app.database.worker().await?;
    let due = webhook_deliveries::take(&mut tx, turns, &counts, sending::LEASE_SECONDS).await?;
    tx.commit().await?;
    Ok(due)
}

#[cfg(test)]
mod tests;
