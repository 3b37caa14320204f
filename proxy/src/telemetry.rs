//! What is told of every exchange: spans for the control plane, metrics for Prometheus, logs for people.
//!
//! The call path only puts a finished exchange into a bounded queue; nobody is woken for it. The
//! [`stream::Publisher`] empties the queue every few milliseconds, counts and sends.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
};

use crossbeam_queue::ArrayQueue;
use gatewayops_telemetry::Own;

use crate::{config::Config, exchange::Exchange, principal::Principal, server::Gateway};

mod children;
pub(crate) mod metrics;
mod own;
pub(crate) mod payload;
mod refusals;
pub(crate) mod room;
pub(crate) mod span;
pub(crate) mod spool;
pub(crate) mod stream;
pub(crate) mod tokens;

use metrics::Metrics;
use room::Room;

pub(crate) struct Telemetry {
    queue: ArrayQueue<Event>,
    pub(crate) payload_room: Room,
    /// None: tokens are not counted but estimated.
    pub(crate) tokens_room: Option<Room>,
    pub(crate) metrics: Metrics,
    /// None: the service's own spans go nowhere.
    pub(crate) own: Option<Own>,
    open_streams: AtomicI64,
    overflowed: AtomicU64,
    is_connected: AtomicBool,
    is_closed: AtomicBool,
    proxy_id: Box<str>,
}

/// What waits to be sent.
pub(crate) enum Event {
    Span(Box<Exchange>),
    KeyUsed(Arc<Principal>, i64, Option<IpAddr>),
}

impl Telemetry {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            queue: ArrayQueue::new(config.event_buffer),
            payload_room: Room::of(payload::ROOM),
            tokens_room: config.token_counter.room(),
            metrics: Metrics::new(config.tool_label),
            own: None,
            open_streams: AtomicI64::new(0),
            overflowed: AtomicU64::new(0),
            is_connected: AtomicBool::new(false),
            is_closed: AtomicBool::new(false),
            proxy_id: config.proxy_id.as_str().into(),
        }
    }

    /// Never waits. A full queue means that even the disk cannot keep up; what is lost then is counted.
    pub(crate) fn push(&self, event: Event) {
        if self.queue.push(event).is_err() {
            self.overflowed.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Notes that a key is in use, at most once a minute (contract 6.2).
    pub(crate) fn key_used(&self, principal: &Arc<Principal>, address: Option<IpAddr>) {
        let Some(key) = principal.key() else { return };
        let now_ms = chrono::Utc::now().timestamp_millis();
        let minute = now_ms / 60_000;
        if key.reported_minute.swap(minute, Ordering::Relaxed) != minute {
            self.push(Event::KeyUsed(principal.clone(), now_ms, address));
        }
    }

    pub(crate) fn stream_opened(&self) -> OpenStream<'_> {
        self.open_streams.fetch_add(1, Ordering::Relaxed);
        OpenStream(self)
    }

    pub(crate) fn open_streams(&self) -> u32 {
        u32::try_from(self.open_streams.load(Ordering::Relaxed)).unwrap_or_default()
    }

    /// Events that found the queue full.
    pub(crate) fn overflowed(&self) -> u64 {
        self.overflowed.load(Ordering::Relaxed)
    }

    /// Whether Redis takes what we send.
    pub(crate) fn is_connected(&self) -> bool {
        self.is_connected.load(Ordering::Relaxed)
    }

    /// Nothing more will come: the publisher sends or spools the rest and ends.
    pub(crate) fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
    }

    pub(crate) fn exposition(&self, gateway: &Gateway) -> String {
        self.metrics.exposition(gateway, self)
    }
}

pub(crate) struct OpenStream<'a>(&'a Telemetry);

impl Drop for OpenStream<'_> {
    fn drop(&mut self) {
        self.0.open_streams.fetch_sub(1, Ordering::Relaxed);
    }
}
