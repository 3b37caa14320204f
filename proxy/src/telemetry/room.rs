//! Bytes of calls that may wait in memory for the publisher, of all calls together.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// How much more may wait.
#[derive(Clone)]
pub(crate) struct Room(Arc<AtomicUsize>);

/// What is taken of a room until it is dropped.
pub(crate) struct Place {
    bytes: usize,
    room: Room,
}

impl Room {
    pub(crate) fn of(bytes: usize) -> Self {
        Self(Arc::new(AtomicUsize::new(bytes)))
    }

    /// None: there is not so much left.
    pub(crate) fn take(&self, bytes: usize) -> Option<Place> {
        let less = |left: usize| left.checked_sub(bytes);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).ok()?;
        Some(Place { bytes, room: self.clone() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.room.0.fetch_add(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
impl Room {
    pub(crate) fn left(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}
