//! Every figure the control plane reports, by the names of contract 8.1: made once, handed out as handles.

use prometheus::{
    Encoder, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};

const SECONDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

pub struct Metrics {
    registry: Registry,
    pub http_requests: IntCounterVec,
    pub http_duration: HistogramVec,
    pub grpc_watchers: IntGauge,
    pub held_calls: IntGauge,
    pub config_push_duration: HistogramVec,
    pub ingest_events: IntCounterVec,
    pub ingest_lag_seconds: prometheus::Gauge,
    pub ingest_pending: IntGauge,
    pub ingest_batch_duration: HistogramVec,
    pub ingest_dead: IntCounterVec,
    pub db_pool_connections: IntGaugeVec,
    pub jobs: IntCounterVec,
    pub job_duration: HistogramVec,
    pub partitions_dropped: IntCounterVec,
    pub webhook_deliveries: IntCounterVec,
    pub live_streams: IntGauge,
    pub alert_evaluations: IntCounterVec,
    /// As the leader last counted them.
    pub alerts_firing: IntGaugeVec,
    pub notifications: IntCounterVec,
    pub exported: IntCounterVec,
}

impl Metrics {
    #[expect(clippy::new_without_default, reason = "made once, at start")]
    #[must_use]
    pub fn new() -> Self {
        let registry = Registry::new();
        let counter = |name: &str, help: &str, labels: &[&str]| {
            register(&registry, IntCounterVec::new(Opts::new(name, help), labels))
        };
        let seconds = |name: &str, help: &str, labels: &[&str]| {
            let options = HistogramOpts::new(name, help).buckets(SECONDS.to_vec());
            register(&registry, HistogramVec::new(options, labels))
        };
        let gauge = |name: &str, help: &str| register(&registry, IntGauge::new(name, help));

        let build = IntGaugeVec::new(
            Opts::new("gatewayops_build_info", "what runs here"),
            &["service", "version", "revision"],
        );
        let revision = option_env!("GIT_REVISION").unwrap_or("unknown");
        register(&registry, build)
            .with_label_values(&["control-plane", env!("CARGO_PKG_VERSION"), revision])
            .set(1);

        Self {
            http_requests: counter(
                "gatewayops_http_requests_total",
                "REST requests",
                &["route", "method", "status"],
            ),
            http_duration: seconds(
                "gatewayops_http_request_duration_seconds",
                "how long REST requests took",
                &["route", "method", "status"],
            ),
            grpc_watchers: gauge("gatewayops_grpc_watchers", "proxies that watch the configuration"),
            held_calls: gauge("gatewayops_grpc_held_calls", "calls that are held until somebody decides"),
            config_push_duration: seconds(
                "gatewayops_config_push_duration_seconds",
                "from the change to its sending to the proxies",
                &[],
            ),
            ingest_events: counter(
                "gatewayops_ingest_events_total",
                "events taken from the stream",
                &["kind"],
            ),
            ingest_lag_seconds: register(
                &registry,
                prometheus::Gauge::new(
                    "gatewayops_ingest_lag_seconds",
                    "age of the oldest event that is not stored yet",
                ),
            ),
            ingest_pending: gauge("gatewayops_ingest_pending", "events that are not stored yet"),
            ingest_batch_duration: seconds(
                "gatewayops_ingest_batch_duration_seconds",
                "how long a batch took to store",
                &[],
            ),
            ingest_dead: counter("gatewayops_ingest_dead_total", "events put aside as unusable", &["kind"]),
            alert_evaluations: counter(
                "gatewayops_alert_evaluations_total",
                "evaluations of alert rules, by the state they ended in",
                &["result"],
            ),
            alerts_firing: register(
                &registry,
                IntGaugeVec::new(
                    Opts::new("gatewayops_alerts_firing", "alerts that fire, as the leader counted them"),
                    &["severity"],
                ),
            ),
            notifications: counter(
                "gatewayops_notifications_total",
                "attempts to tell a receiver of an alert",
                &["type", "status"],
            ),
            db_pool_connections: register(
                &registry,
                IntGaugeVec::new(
                    Opts::new("gatewayops_db_pool_connections", "connections to Postgres"),
                    &["state"],
                ),
            ),
            jobs: counter("gatewayops_jobs_total", "jobs that ran", &["type", "status"]),
            job_duration: seconds(
                "gatewayops_job_duration_seconds",
                "how long jobs took",
                &["type", "status"],
            ),
            partitions_dropped: counter(
                "gatewayops_partitions_dropped_total",
                "partitions dropped",
                &["table"],
            ),
            webhook_deliveries: counter(
                "gatewayops_webhook_deliveries_total",
                "attempts to deliver an event to a webhook",
                &["status"],
            ),
            live_streams: gauge("gatewayops_live_streams", "live streams of traces that are open"),
            exported: counter(
                "gatewayops_exported_total",
                "spans that went to exporters, or did not",
                &["signal", "status"],
            ),
            registry,
        }
    }

    /// The Prometheus text format.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = Vec::new();
        let encoded = TextEncoder::new().encode(&self.registry.gather(), &mut text);
        encoded.expect("writing to memory does not fail");
        String::from_utf8_lossy(&text).into_owned()
    }
}

fn register<C: prometheus::core::Collector + Clone + 'static>(
    registry: &Registry,
    made: prometheus::Result<C>,
) -> C {
    let collector = made.expect("metric names and labels are well formed");
    registry.register(Box::new(collector.clone())).expect("every metric is registered once");
    collector
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_build_is_named() {
        assert!(super::Metrics::new().text().contains("gatewayops_build_info{"));
    }
}
