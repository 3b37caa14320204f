//! Circuit breaker of one server: after too many failures in a window it refuses for a while, then probes.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) failures: u32,
    pub(crate) window: Duration,
    pub(crate) open: Duration,
    /// Successes in a row that close it again.
    pub(crate) probes: u32,
}

/// Held only for a few instructions, never across an await.
#[derive(Default)]
pub(crate) struct Breaker(Mutex<State>);

#[derive(Clone, Copy, Debug)]
enum State {
    Closed { failures: u32, since: Option<Instant> },
    Open { until: Instant },
    HalfOpen { under_way: u32, succeeded: u32 },
}

impl Default for State {
    fn default() -> Self {
        Self::Closed { failures: 0, since: None }
    }
}

impl Breaker {
    /// # Errors
    /// How long until it is worth asking again.
    pub(crate) fn admit(&self, limits: Limits, now: Instant) -> Result<(), Duration> {
        let mut state = self.lock();
        match &mut *state {
            State::Closed { .. } => Ok(()),
            State::Open { until } if now < *until => Err(*until - now),
            State::Open { .. } => {
                *state = State::HalfOpen { under_way: 1, succeeded: 0 };
                Ok(())
            }
            State::HalfOpen { under_way, .. } if *under_way >= limits.probes => Err(Duration::from_secs(1)),
            State::HalfOpen { under_way, .. } => {
                *under_way += 1;
                Ok(())
            }
        }
    }

    pub(crate) fn succeeded(&self, limits: Limits) {
        let mut state = self.lock();
        match &mut *state {
            State::Closed { failures: 0, .. } | State::Open { .. } => {}
            State::Closed { .. } => *state = State::default(),
            State::HalfOpen { succeeded, .. } if *succeeded + 1 >= limits.probes => *state = State::default(),
            State::HalfOpen { under_way, succeeded } => {
                *under_way = under_way.saturating_sub(1);
                *succeeded += 1;
            }
        }
    }

    pub(crate) fn failed(&self, limits: Limits, now: Instant) {
        let mut state = self.lock();
        let failures = match *state {
            State::Closed { failures, since: Some(since) } if now - since < limits.window => failures + 1,
            State::Closed { .. } => 1,
            State::HalfOpen { .. } => limits.failures,
            State::Open { .. } => return,
        };
        *state = match *state {
            _ if failures >= limits.failures => State::Open { until: now + limits.open },
            State::Closed { since: Some(since), .. } if failures > 1 => {
                State::Closed { failures, since: Some(since) }
            }
            _ => State::Closed { failures, since: Some(now) },
        };
    }

    /// A call that ended without saying anything about the server: its place as a probe is free again.
    pub(crate) fn abandoned(&self) {
        if let State::HalfOpen { under_way, .. } = &mut *self.lock() {
            *under_way = under_way.saturating_sub(1);
        }
    }

    /// 0 closed, 1 half open, 2 open (contract 8.1).
    pub(crate) fn level(&self) -> u8 {
        match *self.lock() {
            State::Closed { .. } => 0,
            State::HalfOpen { .. } => 1,
            State::Open { .. } => 2,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits =
        Limits { failures: 3, window: Duration::from_secs(30), open: Duration::from_secs(10), probes: 2 };

    fn opened(at: Instant) -> Breaker {
        let breaker = Breaker::default();
        for _ in 0..LIMITS.failures {
            assert!(breaker.admit(LIMITS, at).is_ok());
            breaker.failed(LIMITS, at);
        }
        breaker
    }

    #[test]
    fn it_opens_after_enough_failures_within_the_window() {
        let start = Instant::now();
        let breaker = opened(start);
        assert_eq!(breaker.admit(LIMITS, start), Err(LIMITS.open));
        let slow = Breaker::default();
        for step in 0..10 {
            slow.failed(LIMITS, start + LIMITS.window * step);
        }
        assert!(slow.admit(LIMITS, start).is_ok(), "failures far apart do not add up");
    }

    #[test]
    fn probes_decide_whether_it_closes() {
        let start = Instant::now();
        let breaker = opened(start);
        let later = start + LIMITS.open;
        assert!(breaker.admit(LIMITS, later).is_ok() && breaker.admit(LIMITS, later).is_ok());
        assert!(breaker.admit(LIMITS, later).is_err(), "no more than the probes pass");
        breaker.succeeded(LIMITS);
        breaker.succeeded(LIMITS);
        assert_eq!(breaker.level(), 0);

        let again = opened(start);
        assert!(again.admit(LIMITS, later).is_ok());
        again.failed(LIMITS, later);
        assert_eq!(again.level(), 2, "one failed probe opens it again");
    }

    #[test]
    fn an_abandoned_probe_leaves_its_place() {
        let start = Instant::now();
        let breaker = opened(start);
        let later = start + LIMITS.open;
        for _ in 0..10 {
            assert!(breaker.admit(LIMITS, later).is_ok());
            breaker.abandoned();
        }
    }
}
