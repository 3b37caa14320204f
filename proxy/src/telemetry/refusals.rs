//! Refusals that belong into the audit log: what an organization's own rules stopped (`mcp.blocked`, contract 4.8). At most
//! one a second of each caller and code, so that a client in a loop fills no log.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use gatewayops_proto::event::{self, Status};
use serde_json::json;
use uuid::Uuid;

use super::span::Entry;
use crate::exchange::Exchange;

const PAUSE: Duration = Duration::from_secs(1);
/// Callers and codes that are remembered.
const REMEMBERED: usize = 16_384;
/// The codes of 402 and 403 (contract 1.4); others are no decisions about what somebody may do.
const CODES: [&str; 9] = [
    "approval_denied",
    "approval_required",
    "budget_exceeded",
    "ip_not_allowed",
    "permission_denied",
    "safety_blocked",
    "tool_denied",
    "tool_quarantined",
    "user_suspended",
];

/// Belongs to the publisher alone.
#[derive(Default)]
pub(super) struct Refusals(HashMap<(Uuid, &'static str), Instant>);

impl Refusals {
    /// The entry that tells of an exchange, if it was refused so and that was not just told.
    pub(super) fn entry(&mut self, exchange: &Exchange) -> Option<Entry> {
        if exchange.outcome.status != Status::Blocked {
            return None;
        }
        let principal = exchange.principal.as_ref()?;
        let said = exchange.outcome.error_type.as_deref()?;
        let code = CODES.into_iter().find(|code| *code == said)?;
        if !self.is_due(principal.id, code, Instant::now()) {
            return None;
        }
        let (actor_type, actor) = match principal.api_key() {
            Some(key) => ("api_key", Some(key)),
            None => ("user", principal.user()),
        };
        let server = &exchange.server_name;
        let audit = event::Audit {
            action: "mcp.blocked",
            outcome: "denied",
            actor_type,
            actor_id: actor.map(|id| id.to_string()),
            resource_id: exchange.server.as_ref().map(|server| server.id.to_string()),
            resource_name: Some(match exchange.tool.as_deref() {
                Some(tool) => format!("{server}__{tool}"),
                None => server.to_string(),
            }),
            details: json!({ "code": code, "method": exchange.operation }),
            ip_address: exchange.client_address,
            request_id: &exchange.request_id,
            trace_id: &exchange.trace.trace_id,
            occurred_at: exchange.started_at,
        };
        let json = serde_json::to_vec(&audit).ok()?;
        Some(Entry { kind: event::kind::AUDIT, org: principal.org, json })
    }

    fn is_due(&mut self, principal: Uuid, code: &'static str, now: Instant) -> bool {
        let told = &mut self.0;
        if told.get(&(principal, code)).is_some_and(|at| now.duration_since(*at) < PAUSE) {
            return false;
        }
        if told.len() >= REMEMBERED {
            told.retain(|_, at| now.duration_since(*at) < PAUSE);
        }
        // With more callers than that at once, each still stands in the traces.
        if told.len() >= REMEMBERED {
            return false;
        }
        told.insert((principal, code), now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_in_a_loop_is_told_of_once_a_second() {
        let mut refusals = Refusals::default();
        let (me, start) = (Uuid::from_u128(1), Instant::now());
        assert!(refusals.is_due(me, "tool_denied", start));
        assert!(!refusals.is_due(me, "tool_denied", start + PAUSE / 2));
        assert!(refusals.is_due(me, "safety_blocked", start), "another reason is another matter");
        assert!(refusals.is_due(Uuid::from_u128(2), "tool_denied", start));
        assert!(refusals.is_due(me, "tool_denied", start + PAUSE));
    }

    #[test]
    fn many_callers_at_once_fill_no_memory() {
        let mut refusals = Refusals::default();
        let now = Instant::now();
        for number in 0..2 * REMEMBERED {
            refusals.is_due(Uuid::from_u128(number as u128), "tool_denied", now);
        }
        assert_eq!(refusals.0.len(), REMEMBERED);
        assert!(refusals.is_due(Uuid::from_u128(u128::MAX), "tool_denied", now + PAUSE));
    }
}
