//! Prometheus metrics with the names of contract 8.1, counted from finished exchanges off the call path.

use gatewayops_proto::event;
use prometheus::{
    CounterVec, Encoder, GaugeVec, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts, Registry,
    TextEncoder,
};
use rust_decimal::prelude::ToPrimitive;

use super::{Telemetry, span::Entry};
use crate::{exchange::Exchange, server::Gateway};

/// Seconds, from a tenth of a millisecond to five minutes.
const SECONDS: [f64; 18] = [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0,
    60.0, 300.0,
];
const BYTES: [f64; 8] = [256.0, 1024.0, 4096.0, 16_384.0, 65_536.0, 262_144.0, 1_048_576.0, 10_485_760.0];

pub(crate) struct Metrics {
    registry: Registry,
    has_tool_label: bool,
    requests: IntCounterVec,
    duration: HistogramVec,
    upstream_duration: HistogramVec,
    overhead: HistogramVec,
    request_size: HistogramVec,
    response_size: HistogramVec,
    blocked: IntCounterVec,
    detections: IntCounterVec,
    approvals: IntCounterVec,
    auth_failures: IntCounterVec,
    rate_limited: IntCounterVec,
    limited_alone: IntCounterVec,
    retries: IntCounterVec,
    upstream_errors: IntCounterVec,
    circuit: GaugeVec,
    cost: CounterVec,
    tokens: IntCounterVec,
    tokens_estimated: IntCounterVec,
    connections: IntGauge,
    streams: IntGauge,
    sessions: IntGauge,
    revision: IntGauge,
    config_age: IntGauge,
    connected: IntGauge,
    published: IntCounterVec,
    dropped: IntCounterVec,
    buffered: IntGauge,
}

impl Metrics {
    pub(crate) fn new(has_tool_label: bool) -> Self {
        let registry = Registry::new();
        let request_labels: &[&str] = if has_tool_label {
            &["mcp_server", "method", "status", "tool"]
        } else {
            &["mcp_server", "method", "status"]
        };
        let counters = |name: &str, help: &str, labels: &[&str]| {
            register(&registry, IntCounterVec::new(Opts::new(name, help), labels))
        };
        let histograms = |name: &str, help: &str, labels: &[&str], buckets: &[f64]| {
            register(
                &registry,
                HistogramVec::new(HistogramOpts::new(name, help).buckets(buckets.to_vec()), labels),
            )
        };
        let gauge = |name: &str, help: &str| register(&registry, IntGauge::new(name, help));
        let build = GaugeVec::new(
            Opts::new("gatewayops_build_info", "What runs."),
            &["service", "version", "revision"],
        );
        register(&registry, build)
            .with_label_values(&[
                "proxy",
                env!("CARGO_PKG_VERSION"),
                option_env!("GIT_REVISION").unwrap_or("unknown"),
            ])
            .set(1.0);
        Self {
            requests: counters("gatewayops_requests_total", "Exchanges, by how they ended.", request_labels),
            duration: histograms(
                "gatewayops_request_duration_seconds",
                "Whole exchange.",
                &["mcp_server", "method"],
                &SECONDS,
            ),
            upstream_duration: histograms(
                "gatewayops_upstream_duration_seconds",
                "Waiting for the MCP server.",
                &["mcp_server", "method"],
                &SECONDS,
            ),
            overhead: histograms(
                "gatewayops_overhead_duration_seconds",
                "What the gateway itself took.",
                &["method"],
                &SECONDS,
            ),
            request_size: histograms(
                "gatewayops_request_size_bytes",
                "Bodies of requests.",
                &["mcp_server"],
                &BYTES,
            ),
            response_size: histograms(
                "gatewayops_response_size_bytes",
                "Bodies of answers.",
                &["mcp_server"],
                &BYTES,
            ),
            blocked: counters(
                "gatewayops_blocked_total",
                "Exchanges the gateway refused.",
                &["code", "mcp_server"],
            ),
            detections: counters(
                "gatewayops_detections_total",
                "What the guard found, and what became of it.",
                &["type", "severity", "action"],
            ),
            approvals: counters(
                "gatewayops_approvals_total",
                "Calls that wanted a person's consent, by what was answered.",
                &["outcome"],
            ),
            auth_failures: counters(
                "gatewayops_auth_failures_total",
                "Requests without a usable credential.",
                &["code"],
            ),
            rate_limited: counters(
                "gatewayops_rate_limited_total",
                "Requests over a limit.",
                &["scope_type"],
            ),
            limited_alone: counters(
                "gatewayops_rate_limits_alone_total",
                "Calls whose limits this proxy decided by its share, without Redis.",
                &["reason"],
            ),
            retries: counters(
                "gatewayops_upstream_retries_total",
                "Requests sent again to an MCP server.",
                &["mcp_server"],
            ),
            upstream_errors: counters(
                "gatewayops_upstream_errors_total",
                "Exchanges an MCP server failed.",
                &["mcp_server", "reason"],
            ),
            circuit: register(
                &registry,
                GaugeVec::new(
                    Opts::new("gatewayops_circuit_state", "0 closed, 1 half open, 2 open."),
                    &["mcp_server"],
                ),
            ),
            cost: register(
                &registry,
                CounterVec::new(
                    Opts::new("gatewayops_cost_usd_total", "Cost of charged calls in US dollars."),
                    &["mcp_server"],
                ),
            ),
            tokens: counters(
                "gatewayops_tokens_total",
                "Tokens of charged calls.",
                &["mcp_server", "direction"],
            ),
            tokens_estimated: counters(
                "gatewayops_tokens_estimated_total",
                "Charged calls whose tokens were to be counted and were estimated.",
                &["reason"],
            ),
            connections: gauge("gatewayops_active_connections", "Requests under way."),
            streams: gauge("gatewayops_active_streams", "Open event streams."),
            sessions: gauge("gatewayops_active_sessions", "Legacy sessions in use on this proxy."),
            revision: gauge("gatewayops_config_revision", "Revision of the configuration in force."),
            config_age: gauge("gatewayops_config_age_seconds", "Since the control plane was last heard."),
            connected: gauge("gatewayops_control_plane_connected", "1 while the control plane is heard."),
            published: counters("gatewayops_events_published_total", "Events Redis has taken.", &["kind"]),
            dropped: counters(
                "gatewayops_events_dropped_total",
                "Events that found no room.",
                &["kind", "reason"],
            ),
            buffered: gauge("gatewayops_event_buffer_length", "Events waiting in memory."),
            has_tool_label,
            registry,
        }
    }

    pub(crate) fn count(&self, exchange: &Exchange) {
        // A name that no server has is the caller's invention: it must not become a label.
        let server = match &exchange.server {
            Some(server) => &*server.name,
            // Of all servers together, as in spans.
            None if exchange.server_name.is_empty() => "*",
            None => "unknown",
        };
        let method = &*exchange.operation;
        let status = exchange.outcome.status.as_str();
        if self.has_tool_label {
            self.requests
                .with_label_values(&[server, method, status, exchange.tool.as_deref().unwrap_or_default()])
                .inc();
        } else {
            self.requests.with_label_values(&[server, method, status]).inc();
        }
        self.request_size.with_label_values(&[server]).observe(exchange.request_bytes as f64);
        self.response_size.with_label_values(&[server]).observe(exchange.response_bytes as f64);
        self.count_times(exchange, server, method);
        self.count_outcome(exchange, server);
        if let Some((cost, _)) = exchange.cost {
            self.cost.with_label_values(&[server]).inc_by(cost.to_f64().unwrap_or_default());
            let tokens = [("input", exchange.input_tokens), ("output", exchange.output_tokens)];
            for (direction, tokens) in tokens {
                self.tokens
                    .with_label_values(&[server, direction])
                    .inc_by(u64::from(tokens.unwrap_or_default()));
            }
        }
        for found in &exchange.judged.detections {
            let found = &found.detection;
            let labels = [found.kind.as_str(), found.severity.as_str(), found.action.done()];
            self.detections.with_label_values(&labels).inc();
        }
        if exchange.upstream.attempts.retries > 0 {
            self.retries.with_label_values(&[server]).inc_by(u64::from(exchange.upstream.attempts.retries));
        }
    }

    pub(crate) fn approval(&self, outcome: &str) {
        let known = ["approved", "pending", "denied", "expired"].into_iter().find(|known| *known == outcome);
        self.approvals.with_label_values(&[known.unwrap_or("unknown")]).inc();
    }

    /// Streams that stay open for their own sake say nothing about speed (R9.6).
    fn count_times(&self, exchange: &Exchange, server: &str, method: &str) {
        if matches!(method, "session/stream" | "subscriptions/listen") {
            return;
        }
        let upstream = exchange.upstream.waited.unwrap_or_default();
        self.duration.with_label_values(&[server, method]).observe(exchange.duration.as_secs_f64());
        self.upstream_duration.with_label_values(&[server, method]).observe(upstream.as_secs_f64());
        let overhead = exchange.duration.saturating_sub(upstream);
        self.overhead.with_label_values(&[method]).observe(overhead.as_secs_f64());
    }

    fn count_outcome(&self, exchange: &Exchange, server: &str) {
        use gatewayops_proto::event::Status;
        let Some(code) = exchange.outcome.error_type.as_deref() else { return };
        match exchange.outcome.status {
            Status::Blocked => self.blocked.with_label_values(&[code, server]).inc(),
            Status::Error | Status::Timeout if code.starts_with("upstream_") => {
                self.upstream_errors.with_label_values(&[server, code]).inc();
            }
            _ => {}
        }
    }

    pub(crate) fn auth_failed(&self, code: &str) {
        self.auth_failures.with_label_values(&[code]).inc();
    }

    pub(crate) fn rate_limited(&self, scope_type: &str) {
        self.rate_limited.with_label_values(&[scope_type]).inc();
    }

    pub(crate) fn published(&self, entries: &[Entry]) {
        entries.iter().for_each(|entry| self.published.with_label_values(&[entry.kind]).inc());
    }

    pub(crate) fn dropped(&self, entries: &[Entry], reason: &str) {
        entries.iter().for_each(|entry| self.dropped.with_label_values(&[entry.kind, reason]).inc());
    }

    pub(crate) fn payload_lost(&self, reason: &str) {
        self.dropped.with_label_values(&[event::kind::PAYLOAD, reason]).inc();
    }

    pub(crate) fn tokens_estimated(&self, reason: &str) {
        self.tokens_estimated.with_label_values(&[reason]).inc();
    }

    /// The text that Prometheus scrapes.
    pub(crate) fn exposition(&self, gateway: &Gateway, telemetry: &Telemetry) -> String {
        let snapshot = gateway.current.snapshot();
        self.connections.set(i64::try_from(gateway.under_way()).unwrap_or(i64::MAX));
        self.streams.set(telemetry.open_streams().into());
        self.sessions.set(i64::try_from(gateway.sessions.count()).unwrap_or(i64::MAX));
        self.revision.set(i64::try_from(snapshot.revision).unwrap_or(i64::MAX));
        self.config_age.set(i64::try_from(gateway.current.age().as_secs()).unwrap_or(i64::MAX));
        self.connected.set(gateway.current.is_connected().into());
        self.buffered.set(i64::try_from(telemetry.queue.len()).unwrap_or(i64::MAX));
        let overflowed = self.dropped.with_label_values(&["span", "buffer_full"]);
        overflowed.inc_by(telemetry.overflowed().saturating_sub(overflowed.get()));
        for (reason, decided) in gateway.limiter.decided_alone() {
            let counted = self.limited_alone.with_label_values(&[reason]);
            counted.inc_by(decided.saturating_sub(counted.get()));
        }
        for server in snapshot.servers() {
            self.circuit.with_label_values(&[&*server.name]).set(server.runtime.breaker.level().into());
        }
        let mut text = Vec::new();
        match TextEncoder::new().encode(&self.registry.gather(), &mut text) {
            Ok(()) => String::from_utf8_lossy(&text).into_owned(),
            Err(error) => format!("# {error}\n"),
        }
    }
}

#[cfg(test)]
impl Metrics {
    pub(crate) fn tokens_estimated_for(&self, reason: &str) -> u64 {
        self.tokens_estimated.with_label_values(&[reason]).get()
    }
}

fn register<C: prometheus::core::Collector + Clone + 'static>(
    registry: &Registry,
    made: prometheus::Result<C>,
) -> C {
    let collector = made.expect("names and labels are written above, and valid");
    registry.register(Box::new(collector.clone())).expect("each name is registered once");
    collector
}
