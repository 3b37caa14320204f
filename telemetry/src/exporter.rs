//! The SDK's exporter, by the settings.

use std::{collections::HashMap, time::Duration};

use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig, WithTonicConfig, tonic_types};
use secrecy::ExposeSecret;
use tokio::runtime::Handle;
use tonic_types::metadata::MetadataMap;

use crate::{
    http_client::Client,
    otlp::{Protocol, Receiver},
};

/// Of one export, the connection included.
const TIMEOUT: Duration = Duration::from_secs(10);
/// What a signal of traces is posted to, below the endpoint (OTLP 1.5, section 2.4).
const PATH: &str = "v1/traces";

pub(crate) type Fault = Box<dyn std::error::Error + Send + Sync>;

/// `runtime` sends; the caller is within it.
///
/// # Errors
/// There is no such exporter: a certificate store that cannot be read, for one.
pub(crate) fn exporter(receiver: &Receiver, runtime: &Handle) -> Result<SpanExporter, Fault> {
    let exporter = match receiver.protocol {
        Protocol::Grpc => grpc(receiver)?,
        Protocol::HttpProtobuf => http(receiver, opentelemetry_otlp::Protocol::HttpBinary, runtime)?,
        Protocol::HttpJson => http(receiver, opentelemetry_otlp::Protocol::HttpJson, runtime)?,
    };
    Ok(exporter)
}

fn grpc(receiver: &Receiver) -> Result<SpanExporter, Fault> {
    let headers = receiver.headers.iter().map(|(name, value)| {
        let mut value = http::HeaderValue::from_str(value.expose_secret())?;
        value.set_sensitive(true);
        Ok((name.clone(), value))
    });
    let headers: Result<http::HeaderMap, http::header::InvalidHeaderValue> = headers.collect();
    let mut builder = SpanExporter::builder()
        .with_tonic()
        .with_endpoint(receiver.endpoint.as_str())
        .with_timeout(TIMEOUT)
        .with_metadata(MetadataMap::from_headers(headers?));
    if receiver.endpoint.scheme() == "https" {
        builder = builder.with_tls_config(tonic::transport::ClientTlsConfig::new().with_native_roots());
    }
    Ok(builder.build()?)
}

fn http(
    receiver: &Receiver,
    protocol: opentelemetry_otlp::Protocol,
    runtime: &Handle,
) -> Result<SpanExporter, Fault> {
    let client =
        reqwest::Client::builder().timeout(TIMEOUT).redirect(reqwest::redirect::Policy::none()).build()?;
    let headers: HashMap<String, String> = receiver
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.expose_secret().to_owned()))
        .collect();
    let endpoint = format!("{}/{PATH}", receiver.endpoint.as_str().trim_end_matches('/'));
    let builder = SpanExporter::builder()
        .with_http()
        .with_protocol(protocol)
        .with_endpoint(endpoint)
        .with_timeout(TIMEOUT)
        .with_headers(headers)
        .with_http_client(Client { client, runtime: runtime.clone() });
    Ok(builder.build()?)
}
