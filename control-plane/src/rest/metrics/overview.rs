//! The overview as REST shows it: each figure beside what it was in the range of time before.

use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    rest::{
        value::{Money, Time},
        window::Window,
    },
    service::metrics::{Figures, Overview},
    store::traces::Stats,
};

#[derive(Serialize, ToSchema)]
#[schema(as = Overview)]
pub(super) struct OverviewView {
    total_requests: CountStat,
    total_cost: MoneyStat,
    avg_latency_ms: LatencyStat,
    p95_latency_ms: LatencyStat,
    error_rate: RateStat,
    blocked_requests: CountStat,
    active_servers: i64,
    active_keys: i64,
    /// Of those that the caller may see; null without `approvals:read`.
    #[schema(required)]
    pending_approvals: Option<i64>,
    /// Null without `alerts:read`.
    #[schema(required)]
    firing_alerts: Option<i64>,
    currency: &'static str,
    start_time: Time,
    end_time: Time,
}

#[derive(Serialize, ToSchema)]
struct CountStat {
    value: i64,
    previous: i64,
    #[schema(required)]
    change_ratio: Option<f64>,
}

/// Null for whoever may not see costs.
#[derive(Serialize, ToSchema)]
struct MoneyStat {
    #[schema(required)]
    value: Option<Money>,
    #[schema(required)]
    previous: Option<Money>,
    #[schema(required)]
    change_ratio: Option<f64>,
}

/// Null where there were no requests.
#[derive(Serialize, ToSchema)]
struct LatencyStat {
    #[schema(required)]
    value: Option<i64>,
    #[schema(required)]
    previous: Option<i64>,
    #[schema(required)]
    change_ratio: Option<f64>,
}

#[derive(Serialize, ToSchema)]
struct RateStat {
    value: f64,
    previous: f64,
    #[schema(required)]
    change_ratio: Option<f64>,
}

impl OverviewView {
    pub(super) fn new(window: Window, Figures { figures, with_cost }: Figures<Overview>) -> Self {
        let Overview { requests: now, previous, present, pending_approvals, sees_alerts } = figures;
        Self {
            total_requests: CountStat::new(now.total_requests, previous.total_requests),
            total_cost: MoneyStat::new(&now, &previous, with_cost),
            avg_latency_ms: LatencyStat::new(now.avg_duration_ms, previous.avg_duration_ms),
            p95_latency_ms: LatencyStat::new(
                now.p95_duration_ms.map(i64::from),
                previous.p95_duration_ms.map(i64::from),
            ),
            error_rate: RateStat::new(now.error_rate(), previous.error_rate()),
            blocked_requests: CountStat::new(now.blocked_count, previous.blocked_count),
            active_servers: present.active_servers,
            active_keys: present.active_keys,
            pending_approvals,
            firing_alerts: sees_alerts.then_some(present.firing_alerts),
            currency: "USD",
            start_time: Time(window.start),
            end_time: Time(window.end),
        }
    }
}

impl CountStat {
    #[expect(clippy::cast_precision_loss, reason = "a ratio")]
    fn new(value: i64, previous: i64) -> Self {
        Self { value, previous, change_ratio: change(value as f64, previous as f64) }
    }
}

impl MoneyStat {
    fn new(now: &Stats, previous: &Stats, with_cost: bool) -> Self {
        if !with_cost {
            return Self { value: None, previous: None, change_ratio: None };
        }
        let float = |amount: Decimal| amount.to_f64().unwrap_or_default();
        Self {
            value: Some(Money(now.total_cost)),
            previous: Some(Money(previous.total_cost)),
            change_ratio: change(float(now.total_cost), float(previous.total_cost)),
        }
    }
}

impl LatencyStat {
    #[expect(clippy::cast_precision_loss, reason = "a ratio")]
    fn new(value: Option<i64>, previous: Option<i64>) -> Self {
        let change_ratio =
            value.zip(previous).and_then(|(value, previous)| change(value as f64, previous as f64));
        Self { value, previous, change_ratio }
    }
}

impl RateStat {
    fn new(value: f64, previous: f64) -> Self {
        Self { value, previous, change_ratio: change(value, previous) }
    }
}

/// By how much it changed; nothing can be said when it was nothing before.
fn change(value: f64, previous: f64) -> Option<f64> {
    if previous == 0.0 { None } else { Some((value - previous) / previous) }
}

#[cfg(test)]
mod tests {
    use super::change;

    #[test]
    fn change_is_told_against_what_was() {
        assert_eq!(change(15.0, 10.0), Some(0.5));
        assert_eq!(change(5.0, 10.0), Some(-0.5));
        assert_eq!(change(5.0, 0.0), None);
    }
}
