//! What the proxy itself tells of a call over OTLP, to those who run it: the same spans that go over the stream, in the
//! words of contract 8.2, without who called and what was said.

use std::time::SystemTime;

use gatewayops_proto::event::{self, Status};
use gatewayops_telemetry::{
    Own,
    opentelemetry::{
        InstrumentationScope, KeyValue, SpanId, TraceFlags, TraceId,
        trace::{self, SpanContext, SpanKind, TraceState},
    },
    opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks},
};

use super::{children, span};
use crate::exchange::Exchange;

/// The span of an exchange and those below it, if their trace is one that is told.
pub(super) fn tell(own: &Own, exchange: &Exchange, proxy_id: &str) {
    let Some(principal) = &exchange.principal else { return };
    let Ok(trace) = TraceId::from_hex(&exchange.trace.trace_id) else { return };
    if !own.wants(trace) {
        return;
    }
    let call = span::span(exchange, principal, proxy_id);
    for span in std::iter::once(call).chain(children::spans(exchange, proxy_id)) {
        if let Some(data) = data(&span, trace) {
            own.tell(data);
        }
    }
}

/// None: its id is none.
fn data(span: &event::Span<'_>, trace: TraceId) -> Option<SpanData> {
    let id = SpanId::from_hex(&span.span_id).ok()?;
    let parent = span.parent_span_id.as_deref().and_then(|parent| SpanId::from_hex(parent).ok());
    let target = span.tool_name.as_deref().map(|tool| format!(" {tool}")).unwrap_or_default();
    Some(SpanData {
        span_context: SpanContext::new(trace, id, TraceFlags::SAMPLED, false, TraceState::default()),
        parent_span_id: parent.unwrap_or(SpanId::INVALID),
        parent_span_is_remote: span.is_root,
        span_kind: kind(&span.kind),
        name: format!("{}{target}", span.operation_name).into(),
        start_time: SystemTime::from(span.started_at),
        end_time: SystemTime::from(span.ended_at),
        attributes: attributes(span),
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: status(span),
        instrumentation_scope: InstrumentationScope::builder("gatewayops").build(),
    })
}

fn kind(kind: &str) -> SpanKind {
    match kind {
        "server" => SpanKind::Server,
        "client" => SpanKind::Client,
        _ => SpanKind::Internal,
    }
}

fn status(span: &event::Span<'_>) -> trace::Status {
    match span.status {
        Status::Success | Status::Cancelled => trace::Status::Unset,
        Status::Error | Status::Timeout | Status::Blocked => {
            trace::Status::error(span.error_type.as_deref().unwrap_or_default().to_owned())
        }
    }
}

fn attributes(span: &event::Span<'_>) -> Vec<KeyValue> {
    let text =
        |name: &'static str, value: Option<&str>| value.map(|value| KeyValue::new(name, value.to_owned()));
    let is_call = span.kind != "internal";
    let failed =
        (span.status != Status::Success).then(|| span.error_type.as_deref().unwrap_or(span.status.as_str()));
    let number =
        |name: &'static str, value: Option<u32>| value.map(|value| KeyValue::new(name, i64::from(value)));
    [
        text("mcp.method.name", is_call.then_some(&*span.operation_name)),
        text("mcp.protocol.version", span.protocol_version.as_deref()),
        text("gen_ai.tool.name", span.tool_name.as_deref()),
        text("error.type", failed),
        text("gatewayops.mcp.server", Some(&span.mcp_server)),
        text("gatewayops.status", Some(span.status.as_str())),
        text("gatewayops.org.id", Some(&span.org_id.to_string())),
        text("gatewayops.request.id", span.metadata["request_id"].as_str()),
        text("service.instance.id", Some(&span.proxy_id)),
        number("gatewayops.overhead.us", span.overhead_us),
        number("gatewayops.upstream.ms", span.upstream_ms),
    ]
    .into_iter()
    .flatten()
    .collect()
}
