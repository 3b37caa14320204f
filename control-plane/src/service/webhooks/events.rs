//! What somebody can be told of (contract 4.8), and how it reads where it arrives (6.3).

use chrono::{DateTime, SecondsFormat, Utc};
use gatewayops_proto::glob;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::id::OrgId;

/// Sent when somebody tries a webhook, whatever that asks for.
pub const TEST: &str = "webhook.test";

pub const ALL: [&str; 23] = [
    "alert.firing",
    "alert.acknowledged",
    "alert.resolved",
    "approval.requested",
    "approval.approved",
    "approval.denied",
    "approval.expired",
    "budget.threshold_reached",
    "budget.exceeded",
    "safety.detected",
    "tool.new",
    "tool.changed",
    "server.unhealthy",
    "server.recovered",
    "api_key.created",
    "api_key.rotated",
    "api_key.revoked",
    "api_key.expiring",
    "user.invited",
    "user.joined",
    "user.suspended",
    "audit.recorded",
    TEST,
];

/// Whether there is an event that the glob means.
#[must_use]
pub fn is_known(pattern: &str) -> bool {
    ALL.iter().any(|event| glob::matches(pattern, event))
}

#[must_use]
pub fn is_wanted(patterns: &[String], event: &str) -> bool {
    patterns.iter().any(|pattern| glob::matches(pattern, event))
}

/// The id of an event as receivers see it.
#[must_use]
pub fn shown_id(id: Uuid) -> String {
    format!("evt_{id}")
}

/// The body of a message; `timestamp` is what the standard calls the time that this product calls `created_at`.
#[must_use]
pub fn envelope(id: Uuid, org: OrgId, event: &str, at: DateTime<Utc>, data: &Value) -> Value {
    let at = at.to_rfc3339_opts(SecondsFormat::Millis, true);
    json!({
        "id": shown_id(id),
        "type": event,
        "timestamp": at,
        "created_at": at,
        "org_id": org,
        "data": data,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_is_known_when_there_is_an_event_for_it() {
        for pattern in ["*", "alert.*", "*.recovered", "approval.requested", "webhook.test"] {
            assert!(is_known(pattern), "{pattern}");
        }
        for pattern in ["", "alert", "alarm.*", "approval.request", "Alert.*"] {
            assert!(!is_known(pattern), "{pattern}");
        }
    }

    #[test]
    fn an_event_is_wanted_by_any_of_the_globs() {
        let patterns = ["alert.*".to_owned(), "tool.new".to_owned()];
        assert!(is_wanted(&patterns, "alert.firing") && is_wanted(&patterns, "tool.new"));
        assert!(!is_wanted(&patterns, "tool.changed"));
    }
}
