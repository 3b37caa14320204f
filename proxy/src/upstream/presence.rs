//! Whether a server was there when it was last needed, and how often it has come back (R5.7).

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

#[derive(Default)]
pub(crate) struct Presence {
    is_away: AtomicBool,
    returns: AtomicU64,
}

impl Presence {
    pub(crate) fn is_gone(&self) {
        self.is_away.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_there(&self) {
        // Looked at first: on the call path nothing is written as long as nothing changes.
        if self.is_away.load(Ordering::Relaxed) && self.is_away.swap(false, Ordering::Relaxed) {
            self.returns.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn is_away(&self) -> bool {
        self.is_away.load(Ordering::Relaxed)
    }

    /// Another number than before: it was away meanwhile.
    pub(crate) fn returns(&self) -> u64 {
        self.returns.load(Ordering::Relaxed)
    }
}
