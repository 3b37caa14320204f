//! How many calls are under way at one server, and the bound on that (contract 3.6, `max_concurrency`).

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

#[derive(Default)]
pub(crate) struct Load(Arc<AtomicU32>);

/// One call under way; dropping it makes room.
pub(crate) struct Place(Arc<AtomicU32>);

impl Load {
    pub(crate) fn enter(&self, max: u32) -> Option<Place> {
        let place = Place(self.0.clone());
        (self.0.fetch_add(1, Ordering::Relaxed) < max).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_allowed_are_under_way() {
        let load = Load::default();
        let first = load.enter(1).unwrap();
        assert!(load.enter(1).is_none());
        drop(first);
        assert!(load.enter(1).is_some(), "a refused one has taken no place");
    }
}
