//! How a check ended, and what the client is told: headers of contract 1.5, a refusal of contract 1.4 and R10.4.

use std::sync::Arc;

use gatewayops_proto::limit::{Metric, Window};

use super::{
    member::Terms,
    rules::{Matched, Scope},
};
use crate::rejection::{Code, Rejection};

/// So many policies are named in a header; of more, the tightest.
const POLICIES: usize = 6;

/// The call passed all its limits.
#[derive(Clone, Debug)]
pub(crate) struct Passed {
    now_ms: u64,
    policies: [Option<Policy>; POLICIES],
}

/// A limit of requests that a call passed, and what it leaves.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Policy {
    pub(crate) name: Arc<str>,
    pub(crate) limit: u64,
    pub(crate) window_seconds: u64,
    pub(crate) remaining: u64,
    /// When all of the limit is there again, at the latest.
    pub(crate) resets_at_ms: u64,
}

/// A limit is reached.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Refused {
    pub(crate) scope: Scope,
    pub(crate) terms: Terms,
    now_ms: u64,
    until_ms: u64,
}

impl Passed {
    pub(super) fn new(now_ms: u64) -> Self {
        Self { now_ms, policies: [const { None }; POLICIES] }
    }

    /// Limits of tokens are not told: nobody could count with them beforehand.
    pub(super) fn note(&mut self, matched: &Matched<'_>, remaining: u64) {
        let Terms { metric, window, limit } = matched.terms;
        if metric != Metric::Requests {
            return;
        }
        let window_seconds = window.seconds(self.now_ms);
        let resets_at_ms = match window {
            Window::Seconds(_) => self.now_ms + window_seconds * 1000,
            quota => quota.ends_ms(quota.slot(self.now_ms)),
        };
        let policy = Policy { name: matched.name.clone(), limit, window_seconds, remaining, resets_at_ms };
        match self.policies.iter_mut().find(|known| known.is_none()) {
            Some(free) => *free = Some(policy),
            None => {
                let loosest = self.policies.iter_mut().flatten().max_by(|one, other| one.tightness(other));
                if let Some(loosest) = loosest.filter(|loosest| policy.tightness(loosest).is_lt()) {
                    *loosest = policy;
                }
            }
        }
    }

    /// The limit that is nearest. None: none counts requests.
    pub(crate) fn tightest(&self) -> Option<&Policy> {
        self.policies().min_by(|one, other| one.tightness(other))
    }

    /// The five headers of contract 1.5.
    pub(crate) fn headers(&self) -> Option<[(&'static str, String); 5]> {
        let tightest = self.tightest()?;
        let policies: Vec<_> = self.policies().map(Policy::to_header).collect();
        let seconds = tightest.resets_at_ms.saturating_sub(self.now_ms).div_ceil(1000);
        Some([
            ("ratelimit-policy", policies.join(", ")),
            ("ratelimit", format!("\"{}\";r={};t={seconds}", tightest.name, tightest.remaining)),
            ("x-ratelimit-limit", tightest.limit.to_string()),
            ("x-ratelimit-remaining", tightest.remaining.to_string()),
            ("x-ratelimit-reset", tightest.resets_at_ms.div_ceil(1000).to_string()),
        ])
    }

    fn policies(&self) -> impl Iterator<Item = &Policy> {
        self.policies.iter().flatten()
    }
}

impl Policy {
    fn to_header(&self) -> String {
        format!("\"{}\";q={};w={}", self.name, self.limit, self.window_seconds)
    }

    /// Less: a smaller part of it is left.
    fn tightness(&self, other: &Self) -> std::cmp::Ordering {
        let left = |one: &Self, other: &Self| u128::from(one.remaining) * u128::from(other.limit);
        left(self, other).cmp(&left(other, self))
    }
}

impl Refused {
    pub(super) fn new(matched: &Matched<'_>, now_ms: u64, until_ms: u64) -> Self {
        Self { scope: matched.place.scope(), terms: matched.terms, now_ms, until_ms }
    }

    pub(super) fn until_ms(&self) -> u64 {
        self.until_ms
    }

    /// When it is worth coming again.
    pub(crate) fn retry_after_ms(&self) -> u64 {
        self.until_ms.saturating_sub(self.now_ms).max(1)
    }

    /// As the call's own failure: never an HTTP error (contract 1.4).
    pub(crate) fn of_call(&self) -> Rejection {
        let is_quota = self.terms.window.is_quota();
        self.rejection(if is_quota { Code::QuotaExceeded } else { Code::RateLimited })
    }

    /// A client takes a 4xx on its first question for an old server (R10.4a).
    pub(crate) fn of_discovery(&self) -> Rejection {
        self.rejection(Code::DiscoveryLimited)
    }

    /// Before it is known who asks.
    pub(crate) fn of_stranger(&self) -> Rejection {
        self.rejection(Code::Flooded)
    }

    fn rejection(&self, code: Code) -> Rejection {
        let Terms { metric, window, limit } = self.terms;
        let seconds = self.retry_after_ms().div_ceil(1000);
        let what = match metric {
            Metric::Requests => "requests",
            Metric::InputTokens => "input tokens",
            Metric::OutputTokens => "output tokens",
        };
        let noun = self.scope.noun();
        let message = format!(
            "limit of {limit} {what} per {} reached for this {noun}; retry after {seconds} second{}",
            period(window),
            if seconds == 1 { "" } else { "s" },
        );
        Rejection::new(code, message)
            .with("limit", limit)
            .with("window_seconds", window.seconds(self.now_ms))
            .with("scope_type", self.scope.as_str())
            .with("metric", metric.as_str())
            .retry_after(seconds)
    }
}

fn period(window: Window) -> String {
    match window {
        Window::Seconds(1) => "second".to_owned(),
        Window::Seconds(60) => "minute".to_owned(),
        Window::Seconds(3600) => "hour".to_owned(),
        Window::Seconds(seconds) => format!("{seconds} seconds"),
        Window::Day => "day".to_owned(),
        Window::Month => "month".to_owned(),
    }
}
