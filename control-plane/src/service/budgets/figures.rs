//! How a budget stands: what is left, where it is heading, and what that means for calls (contract 3.9, 4.3).

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::Serialize;
use utoipa::ToSchema;

use crate::store::budgets::BudgetRow;

/// The first minutes of a period tell little about the rest of it: it is projected as if so much had passed.
const LEAST: TimeDelta = TimeDelta::hours(1);

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, ToSchema)]
#[schema(as = BudgetStatus)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Ok,
    /// The lowest of its thresholds is passed.
    Warning,
    /// The amount is used up, and nobody is stopped.
    Exceeded,
    /// The amount is used up, and calls are stopped.
    Blocked,
    /// Calls pass whatever is spent, for a while.
    Overridden,
}

impl Status {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Exceeded => "exceeded",
            Self::Blocked => "blocked",
            Self::Overridden => "overridden",
        }
    }
}

#[must_use]
pub fn status(row: &BudgetRow, now: DateTime<Utc>) -> Status {
    let stops = row.enabled && row.enforce;
    let passed = |percentage: i32| row.used * Decimal::ONE_HUNDRED >= row.amount * Decimal::from(percentage);
    if stops && row.overridden_until.is_some_and(|until| now < until) {
        return Status::Overridden;
    }
    match row.alert_thresholds.iter().min() {
        _ if passed(100) && stops => Status::Blocked,
        _ if passed(100) => Status::Exceeded,
        Some(lowest) if passed(*lowest) => Status::Warning,
        _ => Status::Ok,
    }
}

/// What is left of the amount; nothing, once more than it is used.
#[must_use]
pub fn remaining(row: &BudgetRow) -> Decimal {
    (row.amount - row.used).max(Decimal::ZERO)
}

/// The part of the amount that is used: 1 is all of it.
#[must_use]
pub fn ratio(used: Decimal, amount: Decimal) -> f64 {
    used.checked_div(amount).and_then(|ratio| ratio.round_dp(6).to_f64()).unwrap_or_default()
}

/// What the whole period will have used if the rest of it goes on like what has passed.
#[must_use]
pub fn projected(row: &BudgetRow, now: DateTime<Utc>) -> Decimal {
    let whole = row.period_end - row.period_start;
    let passed = (now - row.period_start).clamp(LEAST, whole);
    row.used * Decimal::from(whole.num_seconds()) / Decimal::from(passed.num_seconds())
}

#[cfg(test)]
mod tests {
    use gatewayops_proto::money;

    use super::*;
    use crate::id::{BudgetId, OrgId};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    /// 10 USD in November 2026, of which so much is used.
    fn budget(used: &str, enforce: bool) -> BudgetRow {
        let start = at("2026-11-01T00:00:00Z");
        BudgetRow {
            id: BudgetId::new(),
            org_id: OrgId::new(),
            name: "b".into(),
            scope_type: "organization".into(),
            scope_id: None,
            mcp_server: None,
            amount: Decimal::TEN,
            currency: "USD".into(),
            period: "monthly".into(),
            alert_thresholds: vec![80, 50, 150],
            enforce,
            channel_ids: Vec::new(),
            enabled: true,
            created_at: start,
            updated_at: start,
            version: 1,
            created_by: None,
            managed_by: "api".into(),
            period_start: start,
            period_end: at("2026-12-01T00:00:00Z"),
            used: used.parse().unwrap(),
            overridden_until: None,
            override_reason: None,
        }
    }

    #[test]
    fn a_budget_warns_then_is_exceeded_or_blocks() {
        let now = at("2026-11-10T00:00:00Z");
        for (used, open, enforced) in [
            ("4.999999", Status::Ok, Status::Ok),
            ("5", Status::Warning, Status::Warning),
            ("9.999999", Status::Warning, Status::Warning),
            ("10", Status::Exceeded, Status::Blocked),
            ("20", Status::Exceeded, Status::Blocked),
        ] {
            assert_eq!(status(&budget(used, false), now), open, "{used}");
            assert_eq!(status(&budget(used, true), now), enforced, "{used}");
        }
        let silent = BudgetRow { alert_thresholds: Vec::new(), ..budget("9", true) };
        assert_eq!(status(&silent, now), Status::Ok, "nobody wants to be warned");
        let disabled = BudgetRow { enabled: false, ..budget("10", true) };
        assert_eq!(status(&disabled, now), Status::Exceeded, "a disabled budget stops nobody");
    }

    #[test]
    fn an_override_ends_at_its_instant() {
        let until = at("2026-11-10T00:00:00Z");
        let lifted = BudgetRow { overridden_until: Some(until), ..budget("10", true) };
        assert_eq!(status(&lifted, until - TimeDelta::milliseconds(1)), Status::Overridden);
        assert_eq!(status(&lifted, until), Status::Blocked);
        let open = BudgetRow { overridden_until: Some(until), ..budget("10", false) };
        assert_eq!(status(&open, at("2026-11-09T00:00:00Z")), Status::Exceeded, "there is nothing to lift");
    }

    #[test]
    fn the_rest_of_a_period_goes_on_like_what_has_passed() {
        let projected_at = |now: &str| money::six_digits(projected(&budget("3", true), at(now))).to_string();
        assert_eq!(projected_at("2026-11-16T00:00:00Z"), "6.000000");
        assert_eq!(projected_at("2026-11-30T23:59:59Z"), "3.000001");
        assert_eq!(projected_at("2026-11-01T00:00:00Z"), "2160.000000", "as if an hour had passed");
        assert_eq!(projected_at("2026-11-01T01:00:00Z"), "2160.000000");
    }

    #[test]
    fn the_greatest_amounts_can_be_projected() {
        let most = BudgetRow {
            used: "99999999999999.999999".parse().unwrap(),
            amount: "99999999999999".parse().unwrap(),
            ..budget("0", true)
        };
        assert!(projected(&most, most.period_start) > most.used);
        assert_eq!(status(&most, most.period_start), Status::Blocked);
        assert_eq!((remaining(&most), ratio(most.used, most.amount)), (Decimal::ZERO, 1.0));
    }
}
