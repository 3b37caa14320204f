//! Whether the store is there, what time it has, and how many proxies share it.

use std::sync::{
    LazyLock,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use redis::Script;
use tokio::time::{Duration, timeout};
use uuid::Uuid;

use crate::store::Store;

/// Once it did not answer, nobody waits for it so long.
const AWAY_MS: u64 = 1_000;
/// A proxy that was not heard of so long is gone.
const GONE_MS: u64 = 10_000;

/// `KEYS`: the proxies. `ARGV`: who says that it is there, and after how many milliseconds others are not. It answers
/// the store's time and how many there are.
const BEAT: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return { now, redis.call('ZCARD', KEYS[1]) }
";

pub(super) struct Presence {
    /// Where those are listed that share their limits.
    proxies: Box<str>,
    /// What takes longer is as good as no answer.
    pub(super) patience: Duration,
    /// This process.
    id: Uuid,
    /// As last heard: it holds while the store is away.
    replicas: AtomicU64,
    /// Clocks differ, and windows have to be everybody's: so much the store's is ahead of ours.
    ahead_ms: AtomicI64,
    away_until_ms: AtomicU64,
}

impl Presence {
    pub(super) fn new(proxies: &str, patience: Duration) -> Self {
        Self {
            proxies: proxies.into(),
            patience,
            id: Uuid::new_v4(),
            replicas: AtomicU64::new(1),
            ahead_ms: AtomicI64::new(0),
            away_until_ms: AtomicU64::new(0),
        }
    }

    pub(super) fn store_time(&self, now_ms: u64) -> u64 {
        now_ms.saturating_add_signed(self.ahead_ms.load(Ordering::Relaxed))
    }

    /// Never 0: we are one.
    pub(super) fn replicas(&self) -> u64 {
        self.replicas.load(Ordering::Relaxed).max(1)
    }

    pub(super) fn is_away(&self, now_ms: u64) -> bool {
        now_ms < self.away_until_ms.load(Ordering::Relaxed)
    }

    pub(super) fn lost(&self, now_ms: u64) {
        self.away_until_ms.store(now_ms + AWAY_MS, Ordering::Relaxed);
    }

    /// Says that we are here, and hears of the others. Whether the store answered as fast as a call needs it.
    pub(super) async fn beat(&self, store: &Store, now_ms: u64) -> bool {
        static SCRIPT: LazyLock<Script> = LazyLock::new(|| Script::new(BEAT));
        let mut said = SCRIPT.prepare_invoke();
        said.key(&*self.proxies).arg(self.id.to_string()).arg(GONE_MS);
        let Ok(Ok((store_ms, replicas))) = timeout(self.patience, store.run::<(i64, u64)>(&said)).await
        else {
            self.lost(self.store_time(now_ms));
            return false;
        };
        let now_ms = i64::try_from(now_ms).unwrap_or(i64::MAX);
        self.ahead_ms.store(store_ms.saturating_sub(now_ms), Ordering::Relaxed);
        self.replicas.store(replicas.max(1), Ordering::Relaxed);
        self.away_until_ms.store(0, Ordering::Relaxed);
        true
    }

    /// As if it had heard of so many.
    #[cfg(test)]
    pub(super) fn are(&self, replicas: u64) {
        self.replicas.store(replicas, Ordering::Relaxed);
    }

    /// A beat that leaves the clock and the number of proxies to the test.
    #[cfg(test)]
    pub(super) async fn beat_without_time(&self, store: &Store, now_ms: u64) -> bool {
        let replicas = self.replicas();
        let is_there = self.beat(store, now_ms).await;
        self.ahead_ms.store(0, Ordering::Relaxed);
        self.are(replicas);
        is_there
    }

    /// The others need not wait until we are missed.
    pub(super) async fn leave(&self, store: &Store) {
        let mut command = redis::cmd("ZREM");
        command.arg(&*self.proxies).arg(self.id.to_string());
        let _ = timeout(Duration::from_millis(200), store.ask::<u64>(&command)).await;
    }
}
