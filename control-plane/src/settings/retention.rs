//! How long what is kept.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rest::form::Faults;

const MOST_DAYS: i64 = 3650;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = RetentionSettings)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    #[schema(minimum = 1, maximum = 3650)]
    pub traces_days: i64,
    /// No longer than traces.
    #[schema(minimum = 1, maximum = 3650)]
    pub payloads_days: i64,
    #[schema(minimum = 1, maximum = 3650)]
    pub costs_days: i64,
    #[schema(minimum = 1, maximum = 3650)]
    pub detections_days: i64,
    #[schema(minimum = 1, maximum = 3650)]
    pub audit_days: i64,
    #[schema(minimum = 1, maximum = 3650)]
    pub alerts_days: i64,
    #[schema(minimum = 1, maximum = 3650)]
    pub deliveries_days: i64,
    /// Nothing is deleted.
    pub legal_hold: bool,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            traces_days: 90,
            payloads_days: 30,
            costs_days: 400,
            detections_days: 365,
            audit_days: 365,
            alerts_days: 365,
            deliveries_days: 30,
            legal_hold: false,
        }
    }
}

impl Retention {
    /// Those that `RETENTION_MIN_DAYS` is about.
    pub const FLOORED: [&str; 3] = ["traces_days", "costs_days", "audit_days"];

    pub(super) fn check(&self, faults: &mut Faults) {
        for (field, days) in [
            ("traces_days", self.traces_days),
            ("payloads_days", self.payloads_days),
            ("costs_days", self.costs_days),
            ("detections_days", self.detections_days),
            ("audit_days", self.audit_days),
            ("alerts_days", self.alerts_days),
            ("deliveries_days", self.deliveries_days),
        ] {
            faults.range(&format!("retention.{field}"), &days, 1..=MOST_DAYS);
        }
        if self.payloads_days > self.traces_days {
            let message = format!("must be at most traces_days, {}", self.traces_days);
            faults.add("retention.payloads_days", "range", message);
        }
    }

    /// What is shorter than the process allows (`RETENTION_MIN_DAYS`).
    pub fn check_floor(&self, floor_days: u32, faults: &mut Faults) {
        for (field, days) in [
            ("traces_days", self.traces_days),
            ("costs_days", self.costs_days),
            ("audit_days", self.audit_days),
        ] {
            faults.range(&format!("retention.{field}"), &days, i64::from(floor_days)..=MOST_DAYS);
        }
    }

    pub(super) fn kept_at_least(self, floor_days: u32) -> Self {
        let floor = i64::from(floor_days);
        Self {
            traces_days: self.traces_days.max(floor),
            costs_days: self.costs_days.max(floor),
            audit_days: self.audit_days.max(floor),
            ..self
        }
    }
}
