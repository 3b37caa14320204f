//! Log-in attempts: 5 failures in 15 minutes per account or address (contract 3.1), and likewise invites that are none
//! per address. Counted in Redis, so that all replicas count together; in memory while Redis is away.
//!
//! Few passwords are looked at at once: each takes much memory by intent, and guesses sent at the same moment would
//! otherwise all pass before the first failure is counted.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use redis::AsyncCommands;
use ring::digest;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    app::App,
    error::{Code, Error, Result},
};

const FAILURES: u32 = 5;
const WINDOW: Duration = Duration::from_secs(15 * 60);

const AT_ONCE: usize = 4;

pub struct Throttle {
    /// What this replica counted while Redis was away.
    counters: Mutex<HashMap<String, (u32, Instant)>>,
    turns: Arc<Semaphore>,
}

impl Default for Throttle {
    fn default() -> Self {
        Self { counters: Mutex::default(), turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

/// The turn to look at one password, for an account and an address; or at one invite, for an address.
pub struct Attempt {
    account: Option<String>,
    address: Option<String>,
    _turn: OwnedSemaphorePermit,
}

impl Attempt {
    /// # Errors
    /// `rate_limited` when the account or the address failed too often.
    pub async fn begin(app: &App, email: &str, address: Option<IpAddr>) -> Result<Self> {
        // Hashed: Redis is no place for personal data.
        let account = digest::digest(&digest::SHA256, email.trim().to_lowercase().as_bytes());
        let account = format!("gwo:login:account:{}", hex::encode(account));
        Self::take(app, Some(account), address.map(|address| format!("gwo:login:ip:{address}"))).await
    }

    /// # Errors
    /// `rate_limited` when the address came with too many invites that are none.
    pub async fn begin_invite(app: &App, address: Option<IpAddr>) -> Result<Self> {
        Self::take(app, None, address.map(|address| format!("gwo:invite:ip:{address}"))).await
    }

    async fn take(app: &App, account: Option<String>, address: Option<String>) -> Result<Self> {
        let turn = Arc::clone(&app.throttle.turns).acquire_owned().await.map_err(Error::internal)?;
        for (counter, scope_type) in [(&account, "user"), (&address, "ip")] {
            if let Some(counter) = counter {
                check(failures(app, counter).await, scope_type)?;
            }
        }
        Ok(Self { account, address, _turn: turn })
    }

    /// The password was wrong, or the invite none.
    pub async fn fail(self, app: &App) {
        for counter in self.account.iter().chain(&self.address) {
            if count_in_redis(app, counter).await.is_none() {
                app.throttle.count(counter);
            }
        }
    }

    /// The password was right: the account starts anew.
    pub async fn succeed(self, app: &App) {
        let Some(account) = &self.account else { return };
        app.throttle.lock().remove(account);
        if let Ok(mut connection) = app.redis.get().await {
            let _: redis::RedisResult<()> = connection.del(account).await;
        }
    }
}

fn check((failures, left): (u32, Duration), scope_type: &str) -> Result<()> {
    if failures < FAILURES {
        return Ok(());
    }
    Err(Error::new(Code::RateLimited, "too many failed attempts; wait before the next")
        .with("limit", FAILURES)
        .with("window_seconds", WINDOW.as_secs())
        .with("scope_type", scope_type)
        .with("retry_after_seconds", left.as_secs().max(1)))
}

/// The failures in this window, and how long the window still is.
async fn failures(app: &App, name: &str) -> (u32, Duration) {
    match failures_in_redis(app, name).await {
        Some(found) => found,
        None => app.throttle.failures(name),
    }
}

async fn failures_in_redis(app: &App, name: &str) -> Option<(u32, Duration)> {
    let mut connection = app.redis.get().await.ok()?;
    let (failures, seconds): (Option<u32>, i64) =
        redis::pipe().get(name).ttl(name).query_async(&mut connection).await.ok()?;
    Some((failures.unwrap_or(0), Duration::from_secs(u64::try_from(seconds).unwrap_or(0))))
}

async fn count_in_redis(app: &App, name: &str) -> Option<()> {
    let mut connection = app.redis.get().await.ok()?;
    let mut pipe = redis::pipe();
    // The window begins with the first failure.
    pipe.cmd("SET").arg(name).arg(0).arg("NX").arg("EX").arg(WINDOW.as_secs()).ignore();
    pipe.incr(name, 1).ignore().query_async(&mut connection).await.ok()
}

impl Throttle {
    fn failures(&self, name: &str) -> (u32, Duration) {
        match self.lock().get(name) {
            Some((count, since)) if since.elapsed() < WINDOW => {
                (*count, WINDOW.saturating_sub(since.elapsed()))
            }
            _ => (0, Duration::ZERO),
        }
    }

    fn count(&self, name: &str) {
        let mut counters = self.lock();
        counters.retain(|_, (_, since)| since.elapsed() < WINDOW);
        counters.entry(name.to_owned()).or_insert((0, Instant::now())).0 += 1;
    }

    /// As if nobody had failed yet.
    #[cfg(test)]
    pub(crate) fn forget(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, (u32, Instant)>> {
        self.counters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
