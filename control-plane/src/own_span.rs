//! Spans of the control plane's own work, over OTLP to those who run it; nobody makes them unless somebody takes them.

use http::{HeaderMap, Method, StatusCode};
use tracing::{Span, field::Empty, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// Of a REST request, below the span that the caller names in `traceparent`.
#[must_use]
pub fn of_request(method: &Method, route: &str, headers: &HeaderMap) -> Span {
    let span = info_span!(
        target: gatewayops_telemetry::TARGET,
        "request",
        otel.name = %format_args!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = %method,
        http.route = route,
        http.response.status_code = Empty,
        gatewayops.request.id = Empty,
    );
    if !span.is_disabled() {
        // Without a good one the span begins a trace.
        let _ = span.set_parent(gatewayops_telemetry::parent(headers));
    }
    span
}

/// What came of the request.
pub fn answered(span: &Span, status: StatusCode, request_id: &str) {
    span.record("http.response.status_code", status.as_u16());
    span.record("gatewayops.request.id", request_id);
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
}

/// Of work on a clock.
#[must_use]
pub fn of_job(job: &str) -> Span {
    info_span!(
        target: gatewayops_telemetry::TARGET,
        "job",
        otel.name = %format_args!("job {job}"),
        otel.status_code = Empty,
    )
}

/// Of a batch of so many events.
#[must_use]
pub fn of_batch(events: usize) -> Span {
    info_span!(target: gatewayops_telemetry::TARGET, "ingest", otel.kind = "consumer", messaging.batch.message_count = events)
}

pub fn failed(span: &Span) {
    span.record("otel.status_code", "ERROR");
}
