//! A finished exchange → the span event that goes over the stream (contract 6.2).

use std::{borrow::Cow, sync::Arc, time::Duration};

use chrono::TimeDelta;
use gatewayops_proto::event::{self, KeyUsed};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::Event;
use crate::{
    exchange::{Detected, Exchange},
    principal::Principal,
};

/// One stream entry, ready to be sent or spooled.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Entry {
    pub(crate) kind: &'static str,
    pub(crate) org: Uuid,
    pub(crate) json: Vec<u8>,
}

/// Of an exchange its span; what was found in it goes behind (see [`detections`]). None: the event belongs to no
/// organization, so nobody could ever see it.
pub(crate) fn entry(event: &Event, proxy_id: &str) -> Option<Entry> {
    match event {
        Event::Span(exchange) => {
            let span = span(exchange, exchange.principal.as_ref()?, proxy_id);
            entry_of(event::kind::SPAN, span.org_id, &span)
        }
        Event::KeyUsed(principal, at_ms, address) => {
            let used = KeyUsed {
                api_key_id: principal.id,
                at: chrono::DateTime::from_timestamp_millis(*at_ms)?,
                ip_address: address.map(|address| Cow::Owned(address.to_string())),
            };
            entry_of(event::kind::KEY_USED, principal.org, &used)
        }
    }
}

pub(super) fn entry_of(kind: &'static str, org: Uuid, message: &impl Serialize) -> Option<Entry> {
    Some(Entry { kind, org, json: serde_json::to_vec(message).ok()? })
}

/// One entry for each thing that the guard found.
pub(crate) fn detections(exchange: &Exchange) -> impl Iterator<Item = Entry> {
    let found = exchange.principal.as_ref().map(|principal| (principal, &exchange.judged.detections));
    found.into_iter().flat_map(move |(principal, found)| {
        found.iter().filter_map(move |found| {
            entry_of(event::kind::DETECTION, principal.org, &detection(exchange, principal, found))
        })
    })
}

fn detection<'a>(
    exchange: &'a Exchange,
    principal: &Principal,
    Detected { id, direction, detection }: &'a Detected,
) -> event::Detection<'a> {
    event::Detection {
        id: *id,
        org_id: principal.org,
        trace_id: &exchange.trace.trace_id,
        span_id: &exchange.trace.span_id,
        policy_id: Uuid::from_bytes(detection.policy),
        kind: detection.kind.as_str(),
        severity: detection.severity.as_str(),
        confidence: detection.confidence,
        rule: &detection.rule,
        direction: direction.as_str(),
        action_taken: detection.action.done(),
        snippet: &detection.snippet,
        mcp_server: &exchange.server_name,
        tool_name: exchange.tool.as_deref(),
        api_key_id: principal.api_key(),
        user_id: principal.user(),
        ip_address: exchange.client_address,
        created_at: exchange.started_at,
    }
}

pub(super) fn milliseconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}

fn metadata(exchange: &Exchange) -> serde_json::Value {
    let judged = &exchange.judged;
    let mut metadata =
        json!({ "request_id": exchange.request_id, "retries": exchange.upstream.attempts.retries });
    if let Some(classification) = judged.classification {
        metadata["gatewayops.classification"] = classification.into();
    }
    if let Some(approval) = judged.approval {
        metadata["gatewayops.approval.id"] = approval.to_string().into();
    }
    if judged.is_unreviewed {
        metadata["gatewayops.tool.unreviewed"] = true.into();
    }
    if judged.is_unscanned {
        metadata["gatewayops.safety.truncated"] = true.into();
    }
    if !judged.detections.is_empty() {
        let mut kinds: Vec<_> = judged.detections.iter().map(|found| found.detection.kind.as_str()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        metadata["gatewayops.detection.types"] = kinds.into();
    }
    metadata
}

pub(super) fn span<'a>(
    exchange: &'a Exchange,
    principal: &'a Arc<Principal>,
    proxy_id: &'a str,
) -> event::Span<'a> {
    let duration = exchange.duration;
    let upstream = exchange.upstream.waited;
    let overhead = duration.saturating_sub(upstream.unwrap_or_default());
    let outcome = &exchange.outcome;
    event::Span {
        id: exchange.id,
        org_id: principal.org,
        trace_id: Cow::Borrowed(&exchange.trace.trace_id),
        span_id: Cow::Borrowed(&exchange.trace.span_id),
        parent_span_id: exchange.trace.parent_span_id.as_deref().map(Cow::Borrowed),
        is_root: true,
        kind: Cow::Borrowed("server"),
        operation_name: Cow::Borrowed(&exchange.operation),
        mcp_server: Cow::Borrowed(exchange.server_shown()),
        tool_name: exchange.tool.as_deref().map(Cow::Borrowed),
        status: outcome.status,
        status_code: Some(outcome.status_code),
        error_type: outcome.error_type.as_deref().map(Cow::Borrowed),
        error_message: outcome.error_message.as_deref().map(Cow::Borrowed),
        duration_ms: milliseconds(duration),
        upstream_ms: upstream.map(milliseconds),
        overhead_us: Some(u32::try_from(overhead.as_micros()).unwrap_or(u32::MAX)),
        input_tokens: exchange.input_tokens,
        output_tokens: exchange.output_tokens,
        charged: exchange.charged,
        cost_usd: exchange.cost.map(|(cost, _)| cost),
        price_id: exchange.cost.and_then(|(_, id)| id),
        user_id: principal.user(),
        team_id: principal.team(),
        api_key_id: principal.api_key(),
        environment: principal.environment().map(Cow::Borrowed),
        session_id: exchange.session.as_deref().map(Cow::Borrowed),
        client_name: exchange.client_name.as_deref().map(Cow::Borrowed),
        client_version: exchange.client_version.as_deref().map(Cow::Borrowed),
        protocol_version: exchange.protocol_version.map(Cow::Borrowed),
        request_bytes: exchange.request_bytes,
        response_bytes: exchange.response_bytes,
        proxy_id: Cow::Borrowed(proxy_id),
        metadata: metadata(exchange),
        started_at: exchange.started_at,
        ended_at: exchange.started_at + TimeDelta::from_std(duration).unwrap_or_default(),
    }
}
