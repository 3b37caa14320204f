//! `OTEL_EXPORTER_OTLP_*`, `OTEL_SERVICE_NAME`, `OTEL_TRACES_SAMPLER_ARG`: where spans of ours go, under the names that
//! OpenTelemetry gives these settings.

use std::fmt;

use gatewayops_proto::settings::Settings;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// Where and how spans go.
#[derive(Clone)]
pub struct Otlp {
    pub(crate) service_name: String,
    /// None: nowhere.
    pub(crate) receiver: Option<Receiver>,
    /// Of all traces.
    pub(crate) ratio: f64,
}

#[derive(Clone)]
pub(crate) struct Receiver {
    /// Without the path that a signal has.
    pub(crate) endpoint: Url,
    pub(crate) protocol: Protocol,
    /// Names are well-formed; values may be secrets.
    pub(crate) headers: Vec<(http::HeaderName, SecretString)>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Protocol {
    Grpc,
    HttpProtobuf,
    HttpJson,
}

impl Otlp {
    /// `service`: such as `proxy`, which is named `gatewayops-proxy` unless somebody names it otherwise.
    pub fn read(settings: &mut Settings, service: &str) -> Self {
        let protocol = protocol(settings);
        let headers = headers(settings);
        let receiver = endpoint(settings).map(|endpoint| Receiver { endpoint, protocol, headers });
        Self {
            service_name: settings
                .text("OTEL_SERVICE_NAME")
                .unwrap_or_else(|| format!("gatewayops-{service}")),
            receiver,
            ratio: ratio(settings),
        }
    }
}

fn endpoint(settings: &mut Settings) -> Option<Url> {
    const NAME: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
    let text = settings.text(NAME)?;
    let url = Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if url.is_none() {
        settings.fault(format!("{NAME}: {text:?} is no URL such as https://otel-collector:4317"));
    }
    url
}

fn protocol(settings: &mut Settings) -> Protocol {
    const NAME: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";
    match settings.text(NAME).as_deref() {
        None | Some("grpc") => Protocol::Grpc,
        Some("http/protobuf") => Protocol::HttpProtobuf,
        Some("http/json") => Protocol::HttpJson,
        Some(other) => {
            settings.fault(format!("{NAME}: {other:?} is none of grpc, http/protobuf, http/json"));
            Protocol::Grpc
        }
    }
}

/// `name=value,name=value`, values percent-encoded where they have signs of their own. What is wrong is not repeated: it
/// may be a secret.
fn headers(settings: &mut Settings) -> Vec<(http::HeaderName, SecretString)> {
    const NAME: &str = "OTEL_EXPORTER_OTLP_HEADERS";
    let text = settings.secret(NAME).unwrap_or_default();
    let pairs = text.expose_secret().split(',').filter(|pair| !pair.trim().is_empty());
    let headers: Option<Vec<_>> = pairs.map(header).collect();
    headers.unwrap_or_else(|| {
        settings.fault(format!("{NAME}: this is no list of headers such as name=value,other=value"));
        Vec::new()
    })
}

fn header(pair: &str) -> Option<(http::HeaderName, SecretString)> {
    let (name, value) = pair.split_once('=')?;
    let value = percent_encoding::percent_decode_str(value.trim()).decode_utf8().ok()?;
    http::HeaderValue::from_str(&value).ok()?;
    Some((name.trim().parse().ok()?, value.into_owned().into()))
}

fn ratio(settings: &mut Settings) -> f64 {
    const NAME: &str = "OTEL_TRACES_SAMPLER_ARG";
    let ratio = settings.value_or(NAME, 1.0);
    if !(0.0..=1.0).contains(&ratio) {
        settings.fault(format!("{NAME}: {ratio} is not between 0 and 1"));
    }
    ratio
}

impl fmt::Debug for Otlp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = self.receiver.as_ref().map(|receiver| receiver.endpoint.as_str());
        f.debug_struct("Otlp").field("endpoint", &endpoint).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn read(named: &[(&str, &str)]) -> Result<Otlp, String> {
        let mut settings =
            Settings::new(named.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let otlp = Otlp::read(&mut settings, "proxy");
        settings.finish(otlp).map_err(|faults| faults.to_string())
    }

    #[test]
    fn without_an_endpoint_nothing_goes_anywhere() {
        let otlp = read(&[]).unwrap();
        assert!(otlp.receiver.is_none());
        assert_eq!((otlp.service_name.as_str(), otlp.ratio), ("gatewayops-proxy", 1.0));
    }

    #[test]
    fn what_opentelemetry_names_is_read() {
        let otlp = read(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://otel.example.com:4318"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "X-Key = a%20b%2Cc , other=d"),
            ("OTEL_SERVICE_NAME", "edge"),
            ("OTEL_TRACES_SAMPLER_ARG", "0.25"),
        ])
        .unwrap();
        let receiver = otlp.receiver.unwrap();
        assert_eq!((otlp.service_name.as_str(), otlp.ratio), ("edge", 0.25));
        assert_eq!(receiver.protocol, Protocol::HttpJson);
        let headers: Vec<_> =
            receiver.headers.iter().map(|(name, value)| (name.as_str(), value.expose_secret())).collect();
        assert_eq!(headers, [("x-key", "a b,c"), ("other", "d")]);
    }

    #[test]
    fn what_cannot_be_is_refused_by_name_and_no_header_is_repeated() {
        for (name, value) in [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "otel:4317"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "thrift"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "hush"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "a b=hush"),
            ("OTEL_TRACES_SAMPLER_ARG", "2"),
            ("OTEL_TRACES_SAMPLER_ARG", "half"),
        ] {
            let fault = read(&[(name, value)]).unwrap_err();
            assert!(fault.starts_with(name), "{fault}");
            assert!(!fault.contains("hush"), "{fault}");
        }
    }
}
