//! Several proxies and one store: real, away, slow, and cut off in the middle. Their clock is ours to move.

use std::{cell::Cell, net::IpAddr};

use gatewayops_proto::{api_key::Environment, control as proto};
use uuid::Uuid;

use super::*;
use rules::{Caller, Scope};

mod away;
mod members;
mod rules_of_a_call;
mod together;
mod tokens;

/// A moment that begins a minute.
const START: u64 = 1_796_083_200_000;

fn store() -> Store {
    Store::at(&std::env::var("REDIS_URL").expect("REDIS_URL: the Redis that tests may write to"))
}

/// The proxies of a deployment of its own, whose store is slow only where that is what a test is about.
fn proxies(count: u64) -> Vec<Limiter> {
    with_patience(count, Duration::from_secs(10))
}

fn with_patience(count: u64, patience: Duration) -> Vec<Limiter> {
    let name = format!("gwo:test:{}", Uuid::new_v4());
    let proxy = || Limiter::with(Presence::new(&name, patience), 1_000);
    let proxies: Vec<_> = (0..count).map(|_| proxy()).collect();
    for proxy in &proxies {
        proxy.presence.are(count);
    }
    proxies
}

/// An organization of its own.
struct Org {
    id: Uuid,
    rules: Rules,
}

impl Org {
    fn new(limits: &[proto::RateLimit], key_rpm: u32) -> Self {
        // Everybody's own limit is out of the way.
        let rates = proto::DefaultRates {
            prd_rpm: key_rpm,
            stg_rpm: key_rpm,
            dev_rpm: key_rpm,
            user_rpm: key_rpm,
            org_rpm: 1_000_000,
            ip_rpm: 100,
        };
        Self { id: Uuid::new_v4(), rules: Rules::new(limits, Some(&rates)) }
    }

    fn call(&self) -> Call<'_> {
        let caller = Caller {
            org: self.id,
            api_key: Some(Uuid::from_u128(7)),
            rpm: 0,
            environment: Some(Environment::Prd),
            user: Some(Uuid::from_u128(8)),
            teams: &[],
            address: Some("203.0.113.9".parse::<IpAddr>().unwrap()),
        };
        Call { caller, server: Some("github"), tool: Some("get"), is_continued: false }
    }
}

fn limit(scope_type: &str, scope_value: &str, limit: u64) -> proto::RateLimit {
    proto::RateLimit {
        id: Uuid::new_v4().as_bytes().to_vec().into(),
        name: format!("{scope_type} {limit}"),
        kind: "rate".into(),
        scope_type: scope_type.into(),
        scope_value: scope_value.into(),
        metric: "requests".into(),
        limit,
        window_seconds: 60,
        ..Default::default()
    }
}

/// Offers calls evenly over a time, to one proxy after the other, and lets each tell the store as it does by itself.
struct Offer<'a> {
    proxies: &'a [Limiter],
    store: &'a Store,
    org: &'a Org,
    now_ms: Cell<u64>,
}

impl<'a> Offer<'a> {
    fn new(proxies: &'a [Limiter], store: &'a Store, org: &'a Org) -> Self {
        Self { proxies, store, org, now_ms: Cell::new(START) }
    }

    /// How many passed.
    async fn calls(&self, per_minute: u64, seconds: u64) -> u64 {
        let mut passed = 0;
        let (begin, count) = (self.now_ms.get(), per_minute * seconds / 60);
        let mut told = begin;
        for call in 0..count {
            let now_ms = begin + call * 60_000 / per_minute;
            self.now_ms.set(now_ms);
            let proxy = &self.proxies[usize::try_from(call).unwrap() % self.proxies.len()];
            passed +=
                u64::from(proxy.check(self.store, &self.org.rules, &self.org.call(), now_ms).await.is_ok());
            proxy.tell_hurrying(self.store, now_ms).await;
            if now_ms >= told + 500 {
                told = now_ms;
                self.tell().await;
            }
        }
        self.now_ms.set(begin + seconds * 1000);
        passed
    }

    async fn tell(&self) {
        let now_ms = self.now_ms.get();
        for proxy in self.proxies {
            if !proxy.presence.is_away(now_ms) {
                proxy.tell_since(self.store, now_ms, 0).await;
            }
        }
    }
}

fn assert_near(passed: u64, limit: u64) {
    let share = passed as f64 / limit as f64;
    assert!((0.95..=1.05).contains(&share), "{passed} of {limit} passed");
}
