//! Log-in attempts: 5 failures in 15 minutes per account or address (contract 3.1). Counted in Redis, so that all
//! replicas count together; in memory while Redis is away.
//!
//! An attempt counts before the password is looked at, and is given back when it was right: guesses sent at the
//! same moment are counted too.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use ring::digest;

use crate::{
    app::App,
    error::{Code, Error, Result},
};

const FAILURES: u32 = 5;
const WINDOW: Duration = Duration::from_secs(15 * 60);

/// What this replica counted while Redis was away.
#[derive(Default)]
pub struct Throttle {
    counters: Mutex<HashMap<String, (u32, Instant)>>,
}

/// One attempt, counted against an account and an address.
pub struct Attempt {
    account: String,
    address: Option<String>,
}

impl Attempt {
    /// # Errors
    /// `rate_limited` when the account or the address failed too often.
    pub async fn begin(app: &App, email: &str, address: Option<IpAddr>) -> Result<Self> {
        // Hashed: Redis is no place for personal data.
        let account = digest::digest(&digest::SHA256, email.trim().to_lowercase().as_bytes());
        let attempt = Self {
            account: format!("gwo:login:account:{}", hex::encode(account)),
            address: address.map(|address| format!("gwo:login:ip:{address}")),
        };
        check(count(app, &attempt.account).await, "user")?;
        if let Some(address) = &attempt.address {
            check(count(app, address).await, "ip")?;
        }
        Ok(attempt)
    }

    /// The password was right: the account starts anew, and the address gets this attempt back.
    pub async fn succeed(self, app: &App) {
        let mut pipe = redis::pipe();
        pipe.del(&self.account).ignore();
        if let Some(address) = &self.address {
            pipe.decr(address, 1).ignore();
        }
        app.throttle.forgive(&self);
        if let Ok(mut connection) = app.redis.get().await {
            let _: redis::RedisResult<()> = pipe.query_async(&mut connection).await;
        }
    }
}

fn check((attempts, left): (u32, Duration), scope_type: &str) -> Result<()> {
    if attempts <= FAILURES {
        return Ok(());
    }
    Err(Error::new(Code::RateLimited, "too many failed log-ins; wait before the next")
        .with("limit", FAILURES)
        .with("window_seconds", WINDOW.as_secs())
        .with("scope_type", scope_type)
        .with("retry_after_seconds", left.as_secs().max(1)))
}

/// The attempts in this window with this one, and how long the window still is.
async fn count(app: &App, name: &str) -> (u32, Duration) {
    match count_in_redis(app, name).await {
        Some(counted) => counted,
        None => app.throttle.count(name),
    }
}

async fn count_in_redis(app: &App, name: &str) -> Option<(u32, Duration)> {
    let mut connection = app.redis.get().await.ok()?;
    let mut pipe = redis::pipe();
    // The window begins with the first attempt.
    pipe.cmd("SET").arg(name).arg(0).arg("NX").arg("EX").arg(WINDOW.as_secs()).ignore();
    let (attempts, seconds): (u32, i64) =
        pipe.incr(name, 1).ttl(name).query_async(&mut connection).await.ok()?;
    Some((attempts, Duration::from_secs(u64::try_from(seconds).unwrap_or(0))))
}

impl Throttle {
    fn count(&self, name: &str) -> (u32, Duration) {
        let mut counters = self.lock();
        counters.retain(|_, (_, since)| since.elapsed() < WINDOW);
        let (count, since) = counters.entry(name.to_owned()).or_insert((0, Instant::now()));
        *count += 1;
        (*count, WINDOW.saturating_sub(since.elapsed()))
    }

    fn forgive(&self, attempt: &Attempt) {
        let mut counters = self.lock();
        counters.remove(&attempt.account);
        if let Some((count, _)) = attempt.address.as_ref().and_then(|address| counters.get_mut(address)) {
            *count = count.saturating_sub(1);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, (u32, Instant)>> {
        self.counters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
