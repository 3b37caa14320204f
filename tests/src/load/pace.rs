//! Calls at a fixed rate: each has the moment it is due, whether or not the ones before it are answered.
//!
//! The clock is a timer of the kernel, since a runtime's own ticks only once a millisecond.

use std::{
    cell::Cell,
    io,
    os::fd::OwnedFd,
    time::{Duration, Instant},
};

use rustix::time::{Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec};
use tokio::{io::unix::AsyncFd, sync::Semaphore};

/// Hands out the calls of an open loop, in the order in which they are due.
pub struct Pace {
    period: Duration,
    total: u64,
    taken: Cell<u64>,
    started: Cell<Option<Instant>>,
    due: Semaphore,
}

impl Pace {
    #[must_use]
    pub fn new(per_second: f64, duration: Duration) -> Self {
        let total = (per_second * duration.as_secs_f64()).round() as u64;
        let period = Duration::from_secs_f64(1.0 / per_second);
        Self { period, total, taken: Cell::new(0), started: Cell::new(None), due: Semaphore::new(0) }
    }

    /// Waits for the next call and returns when it was due; `None` after the last.
    pub async fn next(&self) -> Option<Instant> {
        self.due.acquire().await.ok()?.forget();
        let number = self.taken.get();
        if number >= self.total {
            return None;
        }
        self.taken.set(number + 1);
        Some(self.started.get()? + self.period.mul_f64((number + 1) as f64))
    }

    /// Lets calls become due until the last one, then sends `clients` home.
    ///
    /// # Errors
    /// The kernel has no timer for us.
    pub async fn run(&self, clients: usize) -> io::Result<()> {
        let timer = rustix::time::timerfd_create(
            TimerfdClockId::Monotonic,
            TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC,
        )?;
        let period =
            Timespec { tv_sec: self.period.as_secs() as i64, tv_nsec: self.period.subsec_nanos().into() };
        self.started.set(Some(Instant::now()));
        let times = Itimerspec { it_interval: period, it_value: period };
        rustix::time::timerfd_settime(&timer, TimerfdTimerFlags::empty(), &times)?;
        let timer = watch(timer)?;
        let mut issued = 0;
        while issued < self.total {
            let elapsed = expirations(&timer).await?.min(self.total - issued);
            issued += elapsed;
            self.due.add_permits(elapsed as usize);
        }
        self.due.add_permits(clients);
        Ok(())
    }
}

#[expect(
    deprecated,
    reason = "its successor is unsafe for descriptors that may be closed behind its back; ours is owned"
)]
fn watch(timer: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::new(timer)
}

async fn expirations(timer: &AsyncFd<OwnedFd>) -> io::Result<u64> {
    loop {
        let mut ready = timer.readable().await?;
        let mut count = [0; 8];
        let read =
            ready.try_io(|timer| rustix::io::read(timer.get_ref(), &mut count).map_err(io::Error::from));
        if let Ok(read) = read {
            return read.map(|_| u64::from_ne_bytes(count));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_call_is_due_in_its_turn_and_then_everyone_goes_home() {
        let pace = Pace::new(2_000.0, Duration::from_millis(50));
        let client = async {
            let mut due = Vec::new();
            while let Some(moment) = pace.next().await {
                due.push(moment);
            }
            due
        };
        let (ran, mut first, second) = tokio::join!(pace.run(2), client, async {
            let mut due = Vec::new();
            while let Some(moment) = pace.next().await {
                assert!(moment <= Instant::now(), "handed out before it was due");
                due.push(moment);
            }
            due
        });
        ran.unwrap();
        first.extend(second);
        first.sort_unstable();
        assert_eq!(first.len(), 100);
        assert!(
            first
                .windows(2)
                .all(|pair| (pair[1] - pair[0]).abs_diff(Duration::from_micros(500)).as_micros() < 2)
        );
    }
}
