//! Starts both, and ends the second so that nothing is lost.

use std::{sync::Arc, time::Duration};

use opentelemetry::{
    Context, KeyValue, TraceId,
    trace::{SpanKind, TracerProvider},
};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{
        BatchConfigBuilder, BatchSpanProcessor, Sampler, SamplingDecision, SdkTracerProvider, ShouldSample,
        Span, SpanData, SpanProcessor,
    },
};
use tokio::runtime::Runtime;
use tracing_subscriber::{Layer, filter::FilterFn, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{Log, Otlp, TARGET, exporter};

/// Spans that wait to be sent; what comes while so many wait is lost.
const QUEUE: usize = 4096;
const BATCH: usize = 512;
const DELAY: Duration = Duration::from_secs(2);
/// What is left at the end has so long to go out.
const LAST: Duration = Duration::from_secs(3);

/// What was started, for as long as the process lives.
pub struct Running {
    sending: Option<(SdkTracerProvider, Runtime)>,
    own: Option<Own>,
}

/// Takes spans that were measured elsewhere than by `tracing`.
#[derive(Clone, Debug)]
pub struct Own {
    processor: Arc<BatchSpanProcessor>,
    sampler: Sampler,
}

/// Starts logging on standard error, and the service's own spans if they are to go somewhere.
///
/// `quiet` are targets that are only heard from warnings on; `version` is the service's.
///
/// # Errors
/// In a sentence: something logs already, or nothing can be sent as the settings say.
pub fn start(log: &Log, quiet: &[&str], otlp: &Otlp, version: &'static str) -> Result<Running, String> {
    let sending = sending(otlp, version)
        .map_err(|error| format!("OTEL_EXPORTER_OTLP_ENDPOINT: nothing can be sent there: {error}"))?;
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = if log.json { lines.json().flatten_event(true).boxed() } else { lines.boxed() };
    let spans = sending.as_ref().map(|(provider, ..)| {
        let layer = tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("gatewayops"))
            .with_location(false)
            .with_threads(false);
        layer.with_filter(FilterFn::new(|about| about.is_span() && about.target() == TARGET))
    });
    tracing_subscriber::registry()
        .with(lines.with_filter(log.filter(quiet)))
        .with(spans)
        .try_init()
        .map_err(|error| format!("logging cannot start: {error}"))?;
    let own = sending.as_ref().map(|(_, processor, _)| Own {
        processor: Arc::clone(processor),
        sampler: Sampler::TraceIdRatioBased(otlp.ratio),
    });
    Ok(Running { sending: sending.map(|(provider, _, runtime)| (provider, runtime)), own })
}

type Sending = (SdkTracerProvider, Arc<BatchSpanProcessor>, Runtime);

fn sending(otlp: &Otlp, version: &'static str) -> Result<Option<Sending>, exporter::Fault> {
    let Some(receiver) = &otlp.receiver else { return Ok(None) };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("otlp")
        .enable_all()
        .build()?;
    let resource = Resource::builder()
        .with_service_name(otlp.service_name.clone())
        .with_attribute(KeyValue::new("service.version", version))
        .build();
    let entered = runtime.enter();
    let exporter = exporter::exporter(receiver, runtime.handle())?;
    drop(entered);
    let batches = BatchConfigBuilder::default()
        .with_max_queue_size(QUEUE)
        .with_max_export_batch_size(BATCH)
        .with_scheduled_delay(DELAY)
        .build();
    let mut processor = BatchSpanProcessor::builder(exporter).with_batch_config(batches).build();
    processor.set_resource(&resource);
    let processor = Arc::new(processor);
    let provider = SdkTracerProvider::builder()
        .with_resource(resource)
        .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(otlp.ratio))))
        .with_span_processor(Shared(Arc::clone(&processor)))
        .build();
    Ok(Some((provider, processor, runtime)))
}

impl Running {
    /// None: spans go nowhere.
    #[must_use]
    pub fn own(&self) -> Option<Own> {
        self.own.clone()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let Some((provider, runtime)) = self.sending.take() else { return };
        if let Err(error) = provider.shutdown_with_timeout(LAST) {
            tracing::warn!(%error, "the last spans did not go out");
        }
        runtime.shutdown_background();
    }
}

impl Own {
    /// Whether the spans of this trace are wanted.
    #[must_use]
    pub fn wants(&self, trace: TraceId) -> bool {
        let said = self.sampler.should_sample(None, trace, "", &SpanKind::Server, &[], &[]);
        said.decision == SamplingDecision::RecordAndSample
    }

    /// Never waits; a span that finds the queue full is lost.
    pub fn tell(&self, span: SpanData) {
        self.processor.on_end(span);
    }
}

/// The one queue, for spans of `tracing` and for those of [`Own`].
#[derive(Debug)]
struct Shared(Arc<BatchSpanProcessor>);

impl SpanProcessor for Shared {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.0.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        self.0.on_end(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }
}
