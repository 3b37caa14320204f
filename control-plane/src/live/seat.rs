//! One stream: a short queue between what is heard and who reads.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use super::{
    Shared,
    lens::{Facts, Lens},
};
use crate::{id::OrgId, store::traces::Span};

/// Of a reader that is slow; then the oldest go (contract 6.6).
pub(super) const QUEUE: usize = 256;

pub(super) struct Seat {
    pub(super) org: OrgId,
    /// Whose it is.
    pub(super) caller: String,
    state: Mutex<State>,
    wake: Notify,
}

struct State {
    lens: Lens,
    queue: VecDeque<Arc<Span>>,
    dropped: u64,
    has_ended: bool,
}

/// What a stream gives next.
#[derive(Debug)]
pub enum Item {
    Trace(Box<Span>),
    /// So many were lost before the next one.
    Dropped(u64),
    /// It hears nothing any more.
    Ended,
}

impl Seat {
    pub(super) fn new(org: OrgId, caller: &str, lens: Lens) -> Self {
        let state = State { lens, queue: VecDeque::new(), dropped: 0, has_ended: false };
        Self { org, caller: caller.to_owned(), state: Mutex::new(state), wake: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What it shows of these is put in its queue.
    pub(super) fn offer(&self, spans: &[Arc<Span>]) {
        let mut state = self.state();
        for span in spans {
            if !state.lens.shows(&Facts::from(&**span)) {
                continue;
            }
            if state.queue.len() == QUEUE {
                state.queue.pop_front();
                state.dropped += 1;
            }
            state.queue.push_back(Arc::clone(span));
        }
        self.wake.notify_one();
    }

    /// What it would have shown is counted as lost.
    pub(super) fn miss(&self, facts: &Facts<'_>) {
        let mut state = self.state();
        if state.lens.shows(facts) {
            state.dropped += 1;
            self.wake.notify_one();
        }
    }

    pub(super) fn end(&self) {
        self.state().has_ended = true;
        self.wake.notify_one();
    }

    fn take(&self) -> Option<Item> {
        let mut state = self.state();
        if state.dropped > 0 {
            return Some(Item::Dropped(std::mem::take(&mut state.dropped)));
        }
        if let Some(span) = state.queue.pop_front() {
            return Some(Item::Trace(Box::new(state.lens.through(&span))));
        }
        state.has_ended.then_some(Item::Ended)
    }
}

/// The reader's end of a stream; whoever drops it leaves.
pub struct Stream {
    shared: Arc<Shared>,
    seat: Arc<Seat>,
}

impl Stream {
    pub(super) fn new(shared: Arc<Shared>, seat: Arc<Seat>) -> Self {
        Self { shared, seat }
    }

    /// Whether it hears of new spans from here on; false when Redis is away.
    pub async fn listens(&self) -> bool {
        self.shared.listens_for(self.seat.org).await
    }

    /// Whoever stops waiting loses nothing.
    pub async fn next(&self) -> Item {
        loop {
            if let Some(item) = self.seat.take() {
                return item;
            }
            self.seat.wake.notified().await;
        }
    }

    /// From here on it shows something else, also of what is in the queue.
    pub fn look_through(&self, lens: Lens) {
        let mut state = self.seat.state();
        state.queue.retain(|span| lens.shows(&Facts::from(&**span)));
        state.lens = lens;
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.shared.remove(&self.seat);
    }
}
