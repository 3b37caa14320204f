//! Empties the queue into the Redis stream; into the spool on disk while Redis is away (contract 6.2, 7).
//!
//! Order is kept: as long as the spool holds anything, what is new goes behind it.

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use anyhow::Context;
use async_trait::async_trait;
use gatewayops_proto::event;
use pingora::{server::ShutdownWatch, services::background::BackgroundService};
use redis::aio::MultiplexedConnection;
use secrecy::ExposeSecret;
use tokio::sync::{Mutex, watch};

use super::{
    Event, children, own, payload,
    refusals::Refusals,
    span::{self, Entry},
    spool::Spool,
    tokens,
};
use crate::{config::Config, exchange::Exchange, server::Gateway};

/// Nobody is woken for an event: the queue is looked at this often.
const TICK: Duration = Duration::from_millis(10);
/// Entries of one batch (contract 6.2).
const BATCH: usize = 1000;
/// So many entries wait in memory for a Redis that is away, then the disk takes them.
const HELD: usize = 4 * BATCH;
const CONNECT: Duration = Duration::from_secs(2);
const ANSWER: Duration = Duration::from_secs(5);
const RETRY: Duration = Duration::from_millis(500);
/// The stream is trimmed at its maximum: before that is reached, events wait here instead of being lost there.
const FULL: usize = event::STREAM_MAX_LENGTH / 10 * 9;
/// With so many entries in the stream, payloads (up to 128 KiB each) are left out.
const PAYLOADS_WAIT: usize = 20_000;

/// What is needed before the process may start: a spool that can be opened, a URL that can be understood.
pub(crate) struct Publisher {
    spool: Spool,
    client: redis::Client,
    done: watch::Sender<bool>,
}

impl Publisher {
    pub(crate) fn open(config: &Config) -> anyhow::Result<Self> {
        let dir = &config.event_spool_dir;
        let spool = Spool::open(dir, config.event_spool_max_bytes)
            .with_context(|| format!("EVENT_SPOOL_DIR: {} cannot be used", dir.display()))?;
        // The URL may carry a password: the error must not.
        let client = redis::Client::open(config.redis_url.expose_secret())
            .map_err(|_| anyhow::anyhow!("REDIS_URL: this is no Redis URL such as redis://host:6379/0"))?;
        Ok(Self { spool, client, done: watch::Sender::new(false) })
    }

    pub(crate) fn done(&self) -> watch::Receiver<bool> {
        self.done.subscribe()
    }

    pub(crate) fn service(self, gateway: Arc<Gateway>) -> PublisherService {
        PublisherService {
            gateway,
            done: self.done,
            pump: Mutex::new(Pump {
                spool: self.spool,
                client: self.client,
                connection: None,
                waiting: Vec::new(),
                refusals: Refusals::default(),
                tried: None,
                measured: None,
                length: 0,
                is_full: false,
            }),
        }
    }
}

pub(crate) struct PublisherService {
    gateway: Arc<Gateway>,
    done: watch::Sender<bool>,
    /// Locked once, for as long as the service runs.
    pump: Mutex<Pump>,
}

#[async_trait]
impl BackgroundService for PublisherService {
    async fn start(&self, _shutdown: ShutdownWatch) {
        self.gateway.config.token_counter.warm();
        let mut pump = self.pump.lock().await;
        // Exchanges in their last moments still record: the end comes with `Telemetry::close`, not with the signal.
        while !self.gateway.telemetry.is_closed.load(Ordering::Acquire) {
            if !pump.turn(&self.gateway).await {
                tokio::time::sleep(TICK).await;
            }
        }
        pump.finish(&self.gateway).await;
        self.done.send_replace(true);
    }
}

struct Pump {
    spool: Spool,
    client: redis::Client,
    connection: Option<MultiplexedConnection>,
    /// Taken from the queue, not yet anywhere else.
    waiting: Vec<Entry>,
    refusals: Refusals,
    tried: Option<Instant>,
    measured: Option<Instant>,
    /// Of the stream, as last measured.
    length: usize,
    is_full: bool,
}

impl Pump {
    /// One look at the queue. Whether there is more to do at once.
    async fn turn(&mut self, gateway: &Gateway) -> bool {
        let taken = self.take(gateway);
        self.connect(gateway).await;
        self.measure(gateway).await;
        if self.connection.is_some() && !self.is_full {
            if !self.spool.is_empty() {
                self.spool_waiting(gateway);
                return self.replay(gateway).await;
            }
            self.send_waiting(gateway).await;
        } else if self.waiting.len() >= HELD {
            self.spool_waiting(gateway);
        }
        taken == BATCH
    }

    /// What is left goes out, or to disk.
    async fn finish(&mut self, gateway: &Gateway) {
        while self.take(gateway) > 0 || !self.waiting.is_empty() {
            self.connect(gateway).await;
            if self.connection.is_none() || self.is_full || !self.spool.is_empty() {
                self.spool_waiting(gateway);
            } else {
                self.send_waiting(gateway).await;
            }
        }
    }

    fn take(&mut self, gateway: &Gateway) -> usize {
        let telemetry = &gateway.telemetry;
        let mut taken = 0;
        while taken < BATCH
            && let Some(mut event) = telemetry.queue.pop()
        {
            taken += 1;
            if let Event::Span(exchange) = &mut event {
                tokens::count(exchange, &telemetry.metrics);
            }
            self.waiting.extend(span::entry(&event, &telemetry.proxy_id));
            if let Event::Span(exchange) = &event {
                telemetry.metrics.count(exchange);
                self.waiting.extend(children::entries(exchange, &telemetry.proxy_id));
                telemetry.own.as_ref().inspect(|own| own::tell(own, exchange, &telemetry.proxy_id));
                self.waiting.extend(span::detections(exchange));
                self.take_payload(gateway, exchange);
                self.waiting.extend(self.refusals.entry(exchange));
            }
        }
        taken
    }

    /// It goes to a Redis that takes it now, or nowhere: on disk it would lie in plain, and a Redis that is behind has no
    /// memory to spare.
    fn take_payload(&mut self, gateway: &Gateway, exchange: &Exchange) {
        let Some(payload) = &exchange.payload else { return };
        if payload.is_lost() {
            gateway.telemetry.metrics.payload_lost("no_room");
        }
        if self.connection.is_none() || !self.spool.is_empty() || self.length >= PAYLOADS_WAIT {
            return gateway.telemetry.metrics.payload_lost("redis_behind");
        }
        self.waiting.extend(payload::entry(exchange));
    }

    async fn connect(&mut self, gateway: &Gateway) {
        if self.connection.is_some() || self.tried.is_some_and(|tried| tried.elapsed() < RETRY) {
            return;
        }
        self.tried = Some(Instant::now());
        let config = redis::AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(ANSWER));
        match self.client.get_multiplexed_async_connection_with_config(&config).await {
            Ok(connection) => {
                tracing::info!("redis takes events");
                self.connection = Some(connection);
                gateway.telemetry.is_connected.store(true, Ordering::Relaxed);
            }
            Err(error) => tracing::debug!("redis is away: {}", error.category()),
        }
    }

    /// Whether the stream is near the length at which Redis throws its oldest entries away.
    async fn measure(&mut self, gateway: &Gateway) {
        if self.measured.is_some_and(|measured| measured.elapsed() < Duration::from_secs(1)) {
            return;
        }
        self.measured = Some(Instant::now());
        let Some(connection) = &mut self.connection else { return };
        match redis::cmd("XLEN").arg(event::STREAM).query_async::<usize>(connection).await {
            Ok(length) => {
                self.length = length;
                self.is_full = length >= FULL;
            }
            Err(error) => self.lost(gateway, &error),
        }
    }

    async fn send_waiting(&mut self, gateway: &Gateway) {
        while !self.waiting.is_empty() {
            let count = self.waiting.len().min(BATCH);
            if !self.send(gateway, 0..count).await {
                return;
            }
        }
    }

    async fn send(&mut self, gateway: &Gateway, range: std::ops::Range<usize>) -> bool {
        let Some(connection) = &mut self.connection else { return false };
        match publish(connection, &self.waiting[range.clone()]).await {
            Ok(()) => {
                gateway.telemetry.metrics.published(&self.waiting[range.clone()]);
                self.waiting.drain(range);
                true
            }
            Err(error) => {
                self.lost(gateway, &error);
                false
            }
        }
    }

    /// Sends one segment of the spool. Whether it is worth going on at once.
    async fn replay(&mut self, gateway: &Gateway) -> bool {
        let entries = match self.spool.oldest() {
            Ok(entries) => entries,
            Err(error) => {
                tracing::error!("the spool cannot be read: {error}");
                return false;
            }
        };
        for batch in entries.chunks(BATCH) {
            let Some(connection) = &mut self.connection else { return false };
            if let Err(error) = publish(connection, batch).await {
                self.lost(gateway, &error);
                return false;
            }
            gateway.telemetry.metrics.published(batch);
        }
        tracing::info!(events = entries.len(), "spooled events were sent");
        if let Err(error) = self.spool.remove_oldest() {
            tracing::error!("a segment that was sent cannot be removed: {error}");
            return false;
        }
        true
    }

    fn spool_waiting(&mut self, gateway: &Gateway) {
        self.waiting.retain(|entry| {
            let is_payload = entry.kind == event::kind::PAYLOAD;
            if is_payload {
                gateway.telemetry.metrics.payload_lost("redis_behind");
            }
            !is_payload
        });
        if self.waiting.is_empty() {
            return;
        }
        let appended = self.spool.append(&self.waiting).unwrap_or_else(|error| {
            tracing::error!("the spool cannot be written: {error}");
            0
        });
        if appended < self.waiting.len() {
            gateway.telemetry.metrics.dropped(&self.waiting[appended..], "spool_full");
        }
        self.waiting.clear();
    }

    fn lost(&mut self, gateway: &Gateway, error: &redis::RedisError) {
        if self.connection.take().is_some() {
            tracing::warn!("redis does not take events, they are kept: {}", error.category());
        }
        gateway.telemetry.is_connected.store(false, Ordering::Relaxed);
    }
}

async fn publish(connection: &mut MultiplexedConnection, entries: &[Entry]) -> redis::RedisResult<()> {
    let mut pipe = redis::pipe();
    let mut id = [0; uuid::fmt::Hyphenated::LENGTH];
    for entry in entries {
        pipe.cmd("XADD")
            .arg(event::STREAM)
            .arg("MAXLEN")
            .arg("~")
            .arg(event::STREAM_MAX_LENGTH)
            .arg("*")
            .arg("v")
            .arg(event::VERSION)
            .arg("kind")
            .arg(entry.kind)
            .arg("org")
            .arg(&*entry.org.as_hyphenated().encode_lower(&mut id))
            .arg("d")
            .arg(&entry.json)
            .ignore();
    }
    pipe.query_async(connection).await
}
