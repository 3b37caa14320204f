//! A whole trace as REST shows it.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::span::SpanView;
use crate::{
    rest::value::{Money, Time},
    service::traces::Trace,
    store::traces::{Approval, Detection},
};

/// From harmless to worst: a trace is as its worst span.
const SEVERITY: [&str; 5] = ["success", "cancelled", "blocked", "timeout", "error"];

#[derive(Serialize, ToSchema)]
#[schema(as = Trace)]
pub(super) struct TraceView {
    trace_id: String,
    /// Of its spans, the worst: error, timeout, blocked, cancelled, success.
    status: String,
    started_at: Time,
    ended_at: Time,
    duration_ms: i64,
    span_count: i64,
    mcp_servers: Vec<String>,
    tool_names: Vec<String>,
    input_tokens: i64,
    output_tokens: i64,
    /// Null for whoever may not see costs.
    #[schema(required)]
    total_cost: Option<Money>,
    currency: &'static str,
    /// The first 1000, in the order they began.
    spans: Vec<SpanView>,
    spans_truncated: bool,
    detections: Vec<DetectionView>,
    approvals: Vec<ApprovalView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = TraceDetection)]
struct DetectionView {
    id: Uuid,
    #[schema(required)]
    span_id: Option<String>,
    r#type: String,
    severity: String,
    confidence: f32,
    rule: String,
    direction: String,
    action: String,
    mcp_server: String,
    #[schema(required)]
    tool_name: Option<String>,
    created_at: Time,
}

#[derive(Serialize, ToSchema)]
#[schema(as = TraceApproval)]
struct ApprovalView {
    id: Uuid,
    mcp_server: String,
    tool_name: String,
    status: String,
    #[schema(required)]
    requested_by: Option<Uuid>,
    #[schema(required)]
    reviewed_by: Option<Uuid>,
    #[schema(required)]
    reviewed_at: Option<Time>,
    created_at: Time,
}

impl From<Trace> for TraceView {
    fn from(trace: Trace) -> Self {
        let outline = trace.outline;
        Self {
            trace_id: trace.trace_id,
            status: worst(&outline.statuses),
            started_at: Time(outline.started_at),
            ended_at: Time(outline.ended_at),
            duration_ms: (outline.ended_at - outline.started_at).num_milliseconds(),
            span_count: outline.span_count,
            mcp_servers: outline.mcp_servers,
            tool_names: outline.tool_names,
            input_tokens: outline.input_tokens,
            output_tokens: outline.output_tokens,
            total_cost: trace.with_cost.then_some(Money(outline.total_cost)),
            currency: "USD",
            spans_truncated: outline.span_count > trace.spans.len() as i64,
            spans: trace.spans.into_iter().map(Into::into).collect(),
            detections: trace.detections.into_iter().map(Into::into).collect(),
            approvals: trace.approvals.into_iter().map(Into::into).collect(),
        }
    }
}

fn worst(statuses: &[String]) -> String {
    let severity = |status: &&String| SEVERITY.iter().position(|known| known == status);
    statuses.iter().max_by_key(severity).cloned().unwrap_or_default()
}

impl From<Detection> for DetectionView {
    fn from(detection: Detection) -> Self {
        Self {
            id: detection.id,
            span_id: detection.span_id,
            r#type: detection.r#type,
            severity: detection.severity,
            confidence: detection.confidence,
            rule: detection.rule,
            direction: detection.direction,
            action: detection.action,
            mcp_server: detection.mcp_server,
            tool_name: detection.tool_name,
            created_at: Time(detection.created_at),
        }
    }
}

impl From<Approval> for ApprovalView {
    fn from(approval: Approval) -> Self {
        Self {
            id: approval.id,
            mcp_server: approval.mcp_server,
            tool_name: approval.tool_name,
            status: approval.status,
            requested_by: approval.requested_by.map(|id| id.0),
            reviewed_by: approval.reviewed_by.map(|id| id.0),
            reviewed_at: approval.reviewed_at.map(Time),
            created_at: Time(approval.created_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::worst;

    #[test]
    fn a_trace_is_as_its_worst_span() {
        let of = |statuses: &[&str]| {
            worst(&statuses.iter().map(|status| (*status).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(of(&["success", "error", "blocked"]), "error");
        assert_eq!(of(&["success", "cancelled"]), "cancelled");
    }
}
