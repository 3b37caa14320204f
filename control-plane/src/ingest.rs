//! What proxies wrote to the Redis stream becomes traces and costs in Postgres (contract 6.2).
//!
//! Every replica reads as a consumer of one group: its own unfinished entries first, then those a dead consumer left,
//! then new ones. A batch is one transaction and is acknowledged only after the commit; ids make a second delivery
//! harmless. What cannot be read or stored goes to the dead-letter stream with its reason, and the rest flows on. When
//! Postgres is away a batch waits in hand and the others in the stream; when Redis is away, proxies spool.

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use gatewayops_proto::event;
use prometheus::{Gauge, Histogram, IntCounterVec, IntGauge};
use secrecy::ExposeSecret;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::app::App;
use crate::metrics::Metrics;
use crate::own_span;
use crate::seal::Sealer;
use crate::store::Database;

mod batch;
mod entry;
mod live;
mod parse;
mod price;
mod progress;
mod settle;
mod stream;
#[cfg(test)]
mod tests;

pub use batch::DETECTIONS_TOLD_A_MINUTE;
use batch::{Stopped, Writer};
use entry::Entry;
pub use progress::Progress;

/// Poison that stops the ingester itself never gets a reason; its count of deliveries gives it away (contract 6.2).
const MAX_DELIVERIES: u64 = 5;
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// On the way out, what is being written may finish.
const GRACE: Duration = Duration::from_secs(10);

/// # Errors
/// The Redis URL cannot be used.
pub async fn run(app: Arc<App>, stop: CancellationToken) -> anyhow::Result<()> {
    let client = redis::Client::open(app.config.redis_url.expose_secret())?;
    let options = Options { consumer: consumer_name(app.config.listen.port()), ..Options::default() };
    let figures = Figures::of(&app.metrics);
    let sealer = app.config.sealer();
    let ingester = Ingester::new(app.database.clone(), client, app.redis.clone(), sealer, figures, options);
    Arc::new(ingester).run(stop).await;
    Ok(())
}

/// The same after a restart, so that a consumer finds what it left unfinished.
fn consumer_name(port: u16) -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!("{}:{port}", host.trim())
}

#[derive(Clone, Debug)]
pub struct Options {
    pub stream: String,
    pub dead_stream: String,
    pub group: String,
    pub consumer: String,
    /// Entries in a transaction, at most.
    pub batch: usize,
    /// How long a batch that is not full may keep the next one waiting, so that a trickle is not a commit per event.
    pub pause: Duration,
    /// Batches in flight.
    pub writers: usize,
    /// A consumer that leaves an entry unfinished for so long is taken for dead.
    pub claim_after: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            stream: event::STREAM.into(),
            dead_stream: event::DEAD_STREAM.into(),
            group: event::CONSUMER_GROUP.into(),
            consumer: "ingest".into(),
            batch: 1000,
            pause: Duration::from_millis(250),
            writers: 2,
            claim_after: Duration::from_secs(30),
        }
    }
}

/// The figures of contract 8.1 that the ingester keeps.
#[derive(Clone)]
pub struct Figures {
    events: IntCounterVec,
    dead: IntCounterVec,
    lag_seconds: Gauge,
    pending: IntGauge,
    batch_duration: Histogram,
}

impl Figures {
    #[must_use]
    pub fn of(metrics: &Metrics) -> Self {
        Self {
            events: metrics.ingest_events.clone(),
            dead: metrics.ingest_dead.clone(),
            lag_seconds: metrics.ingest_lag_seconds.clone(),
            pending: metrics.ingest_pending.clone(),
            batch_duration: metrics.ingest_batch_duration.with_label_values::<&str>(&[]),
        }
    }
}

pub struct Ingester {
    /// For reading: a blocking command keeps its connection, so that one is not from the pool.
    client: redis::Client,
    redis: deadpool_redis::Pool,
    writer: Writer,
    figures: Figures,
    options: Options,
}

impl Ingester {
    #[must_use]
    pub fn new(
        database: Database,
        client: redis::Client,
        redis: deadpool_redis::Pool,
        sealer: Sealer,
        figures: Figures,
        options: Options,
    ) -> Self {
        Self { client, redis, writer: Writer::new(database, sealer), figures, options }
    }

    /// Reads and writes until asked to stop.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let mut reader = stream::Reader::new(self.client.clone(), self.options.clone());
        let free = Arc::new(Semaphore::new(self.options.writers));
        let mut batches = JoinSet::new();
        let watch = tokio::spawn(Arc::clone(&self).watch(stop.clone()));
        let mut pause = self.options.pause;
        while !stop.is_cancelled() {
            let read_at = Instant::now();
            match reader.next().await {
                Ok(entries) => {
                    pause = self.options.pause;
                    if entries.is_empty() {
                        continue;
                    }
                    let full = entries.len() >= self.options.batch;
                    let slot =
                        Arc::clone(&free).acquire_owned().await.expect("the semaphore is never closed");
                    let (ingester, stop) = (Arc::clone(&self), stop.clone());
                    let span = own_span::of_batch(entries.len());
                    let batch = async move {
                        ingester.process(entries, &stop).await;
                        drop(slot);
                    };
                    batches.spawn(batch.instrument(span));
                    if !full {
                        sleep_until(read_at + pause).await;
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, retry.after = ?pause, "the event stream cannot be read");
                    stop.run_until_cancelled(sleep(pause)).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
            while let Some(done) = batches.try_join_next() {
                report(done);
            }
        }
        let finish = async {
            while let Some(done) = batches.join_next().await {
                report(done);
            }
        };
        if timeout(GRACE, finish).await.is_err() {
            tracing::warn!("events were still being written; they will be delivered again");
        }
        watch.abort();
    }

    /// One batch, from parsing to acknowledgement.
    async fn process(&self, entries: Vec<Entry>, stop: &CancellationToken) {
        let started = Instant::now();
        let now = Utc::now();
        let payloads: Vec<_> = entries.iter().map(parse::payload).collect();
        let mut refused = Vec::new();
        let mut events = Vec::with_capacity(entries.len());
        for (place, (entry, payload)) in entries.iter().zip(&payloads).enumerate() {
            match parse::parse(entry, payload, now) {
                _ if entry.deliveries > MAX_DELIVERIES => {
                    refused
                        .push((place, format!("was delivered {} times and never stored", entry.deliveries)));
                }
                Ok(received) => events.push((place, received)),
                Err(reason) => refused.push((place, reason)),
            }
        }
        match self.writer.write(&events, stop).await {
            Ok(by_postgres) => refused.extend(by_postgres),
            Err(Stopped) => return,
        }
        self.figures.batch_duration.observe(started.elapsed().as_secs_f64());
        if let Err(error) = settle::settle(&self.redis, &self.options, &entries, &refused).await {
            tracing::warn!(%error, events = entries.len(), "stored events were not acknowledged and will come again");
            return;
        }
        for entry in &entries {
            self.figures.events.with_label_values(&[entry.kind_label()]).inc();
        }
        for (place, reason) in &refused {
            let entry = &entries[*place];
            tracing::error!(
                entry = entry.id,
                kind = entry.kind_label(),
                reason,
                "an event became a dead letter"
            );
            self.figures.dead.with_label_values(&[entry.kind_label()]).inc();
        }
        if let Err(error) = live::publish(&self.redis, &events, &payloads).await {
            tracing::debug!(%error, "new spans were not announced to live streams");
        }
    }

    /// How far behind the group is.
    ///
    /// # Errors
    /// Redis does not answer.
    pub async fn progress(&self) -> anyhow::Result<Progress> {
        progress::read(&self.redis, &self.options).await
    }

    async fn watch(self: Arc<Self>, stop: CancellationToken) {
        while stop.run_until_cancelled(sleep(Duration::from_secs(1))).await.is_some() {
            if let Ok(progress) = self.progress().await {
                self.figures.pending.set(progress.waiting.try_into().unwrap_or(i64::MAX));
                self.figures.lag_seconds.set(progress.lag.as_secs_f64());
            }
        }
    }
}

fn report(done: Result<(), tokio::task::JoinError>) {
    if let Err(error) = done {
        tracing::error!(%error, "a batch was dropped; its events will be delivered again");
    }
}
