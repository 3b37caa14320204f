//! How much is written down of refused log-ins: anybody may fail as often as they like.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use uuid::Uuid;

const WINDOW: Duration = Duration::from_secs(60);
/// Rows a minute and process: for each provider, and for the passwords of each organization.
const MOST: u32 = 100;

#[derive(Default)]
pub struct Refusals(Mutex<HashMap<Uuid, (Instant, u32)>>);

impl Refusals {
    /// Whether one more is to be written down.
    pub(super) fn count(&self, of: Uuid, now: Instant) -> bool {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counted.retain(|_, (since, _)| now.duration_since(*since) < WINDOW);
        let (_, count) = counted.entry(of).or_insert((now, 0));
        *count = count.saturating_add(1);
        *count <= MOST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_down_in_a_minute_is_bounded_for_each() {
        let (refusals, now) = (Refusals::default(), Instant::now());
        let (one, other) = (Uuid::now_v7(), Uuid::now_v7());
        assert_eq!((0..2 * MOST).filter(|_| refusals.count(one, now)).count(), MOST as usize);
        assert!(refusals.count(other, now) && refusals.count(one, now + WINDOW));
    }
}
