//! Traces as they come, to whoever watches (contract 2.5, 6.6).
//!
//! The ingester announces each new root span of an organization that somebody listens for, after its commit. One task of
//! this replica hears of them, reads their rows a few times a second, and hands each to the streams that may see it and
//! asked for it. A stream that is read slowly loses its oldest, and is told how many. When Redis goes away all streams
//! end; their readers come back and take up from the database where they were.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use prometheus::IntGauge;
use tokio::{sync::Notify, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::{id::OrgId, store::Database};

mod announced;
mod feed;
mod lens;
mod seat;
#[cfg(test)]
mod tests;

pub use lens::{Facts, Lens, Wanted};
use seat::Seat;
pub use seat::{Item, Stream};

const MOST_PER_CALLER: usize = 5;
const MOST_PER_ORGANIZATION: usize = 100;
const MOST: usize = 500;
/// How long a new stream waits for Redis to listen.
const LISTENING: Duration = Duration::from_secs(2);

/// There are as many streams as there may be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Full {
    pub scope: &'static str,
    pub limit: usize,
}

pub struct Live {
    shared: Arc<Shared>,
}

struct Shared {
    database: Database,
    redis: redis::Client,
    registry: Mutex<Registry>,
    /// Streams came or went.
    changed: Notify,
    /// Redis listens for other organizations than before, or for none.
    settled: Notify,
    closing: CancellationToken,
    open: IntGauge,
}

#[derive(Default)]
struct Registry {
    seats: HashMap<OrgId, Vec<Arc<Seat>>>,
    /// Whose channels Redis listens on for us.
    heard: HashSet<OrgId>,
    /// Whether the task runs that hears.
    is_fed: bool,
}

impl Live {
    #[must_use]
    pub fn new(database: Database, redis: redis::Client, open: IntGauge) -> Self {
        let shared = Shared {
            database,
            redis,
            registry: Mutex::default(),
            changed: Notify::new(),
            settled: Notify::new(),
            closing: CancellationToken::new(),
            open,
        };
        Self { shared: Arc::new(shared) }
    }

    /// A stream for the caller of this label. It hears once [`Stream::listens`] says so.
    ///
    /// # Errors
    /// There are too many.
    pub fn open(&self, org: OrgId, caller: &str, lens: Lens) -> Result<Stream, Full> {
        let seat = Arc::new(Seat::new(org, caller, lens));
        let mut registry = self.shared.registry();
        registry.check_room(org, caller)?;
        registry.seats.entry(org).or_default().push(Arc::clone(&seat));
        self.shared.open.inc();
        if !std::mem::replace(&mut registry.is_fed, true) {
            tokio::spawn(feed::run(Arc::clone(&self.shared)));
        }
        drop(registry);
        self.shared.changed.notify_one();
        Ok(Stream::new(Arc::clone(&self.shared), seat))
    }

    /// Ends all streams: this process stops.
    pub fn close(&self) {
        self.shared.closing.cancel();
    }

    /// Cancelled once this process stops.
    #[must_use]
    pub fn closing(&self) -> CancellationToken {
        self.shared.closing.clone()
    }
}

impl Registry {
    fn check_room(&self, org: OrgId, caller: &str) -> Result<(), Full> {
        let of_org = self.seats.get(&org).map_or(&[][..], Vec::as_slice);
        let of_caller = of_org.iter().filter(|seat| seat.caller == caller).count();
        let all: usize = self.seats.values().map(Vec::len).sum();
        for (scope, count, limit) in [
            ("principal", of_caller, MOST_PER_CALLER),
            ("organization", of_org.len(), MOST_PER_ORGANIZATION),
            ("replica", all, MOST),
        ] {
            if count >= limit {
                return Err(Full { scope, limit });
            }
        }
        Ok(())
    }
}

impl Shared {
    fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn seats(&self, org: OrgId) -> Vec<Arc<Seat>> {
        self.registry().seats.get(&org).cloned().unwrap_or_default()
    }

    fn remove(&self, seat: &Arc<Seat>) {
        let mut registry = self.registry();
        let Some(seats) = registry.seats.get_mut(&seat.org) else { return };
        let before = seats.len();
        seats.retain(|other| !Arc::ptr_eq(other, seat));
        let left = before - seats.len();
        if seats.is_empty() {
            registry.seats.remove(&seat.org);
        }
        drop(registry);
        self.open.sub(left as i64);
        self.changed.notify_one();
    }

    /// Ends every stream: none of them hears any more.
    fn end_all(&self) {
        let seats = {
            let mut registry = self.registry();
            registry.is_fed = false;
            registry.heard.clear();
            std::mem::take(&mut registry.seats)
        };
        for seat in seats.into_values().flatten() {
            self.open.dec();
            seat.end();
        }
        self.settled.notify_waiters();
    }

    /// False when Redis does not listen for this organization in time.
    async fn listens_for(&self, org: OrgId) -> bool {
        let listens = async {
            loop {
                let settled = self.settled.notified();
                tokio::pin!(settled);
                settled.as_mut().enable();
                if self.registry().heard.contains(&org) {
                    return;
                }
                settled.await;
            }
        };
        timeout(LISTENING, listens).await.is_ok()
    }
}
