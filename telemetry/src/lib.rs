//! What a service of ours tells of itself: log lines on standard error, and its own spans over OTLP, for those who run
//! it. What organizations have sent to their receivers is another matter, and the control plane's (contract 3.14).

mod exporter;
mod http_client;
mod log;
mod otlp;
mod parent;
mod start;

pub use log::Log;
pub use opentelemetry;
pub use opentelemetry_sdk;
pub use otlp::Otlp;
pub use parent::parent;
pub use start::{Own, Running, start};

/// The target of the spans that go out over OTLP; log lines have nothing of them.
pub const TARGET: &str = "otlp";
