//! OTLP over gRPC. The connection is made through the egress guard, so that the address that was checked is called.

use std::time::Duration;

use ::http::uri::PathAndQuery;
use hyper_util::rt::TokioIo;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use tonic::{
    Request, Status,
    client::Grpc,
    metadata::{AsciiMetadataKey, AsciiMetadataValue},
    transport::{Channel, ClientTlsConfig, Endpoint, Uri},
};
use tonic_prost::ProstCodec;
use tower::service_fn;
use url::Url;

use super::{
    answer::{self, Accepted, Refusal},
    send::Receiver,
};
use crate::egress::Egress;

const METHOD: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
const USER_AGENT: &str = concat!("gatewayops/", env!("CARGO_PKG_VERSION"));
const CONNECT: Duration = Duration::from_secs(5);
const TOTAL: Duration = Duration::from_secs(10);
/// An answer says what was rejected, and no more.
const MAX_ANSWER: usize = 1 << 20;

pub(super) async fn send(
    egress: &Egress,
    receiver: &Receiver,
    request: ExportTraceServiceRequest,
) -> Result<Accepted, Refusal> {
    let exchange = async {
        let channel = connect(egress, &receiver.endpoint).await?;
        export(channel, receiver, request).await
    };
    let outcome = tokio::time::timeout(TOTAL, exchange).await;
    outcome.unwrap_or_else(|_| Err(Refusal::later("the receiver did not answer in time")))
}

async fn connect(egress: &Egress, endpoint: &str) -> Result<Channel, Refusal> {
    let url = egress.check(endpoint).map_err(|error| Refusal::later(error.to_string()))?;
    // Before TLS is spoken, so that why not is told in the guard's words.
    let stream = egress.connect(&url).await.map_err(|error| Refusal::later(error.to_string()))?;
    let channel = over(&url, stream).await;
    channel.map_err(|error| Refusal::later(format!("the receiver cannot be reached: {}", innermost(&error))))
}

/// A channel over this one connection.
async fn over(url: &Url, stream: tokio::net::TcpStream) -> Result<Channel, tonic::transport::Error> {
    let mut endpoint =
        Endpoint::from_shared(url.to_string())?.connect_timeout(CONNECT).user_agent(USER_AGENT)?;
    if url.scheme() == "https" {
        endpoint = endpoint.tls_config(ClientTlsConfig::new().with_native_roots())?;
    }
    let mut stream = Some(stream);
    let connector = service_fn(move |_: Uri| {
        let stream = stream.take().map(TokioIo::new);
        async move { stream.ok_or_else(|| std::io::Error::other("the connection is gone")) }
    });
    endpoint.connect_with_connector(connector).await
}

async fn export(
    channel: Channel,
    receiver: &Receiver,
    request: ExportTraceServiceRequest,
) -> Result<Accepted, Refusal> {
    let mut request = Request::new(request);
    for (name, value) in &receiver.headers {
        let name = AsciiMetadataKey::from_bytes(name.to_ascii_lowercase().as_bytes());
        let (Ok(name), Ok(value)) = (name, AsciiMetadataValue::try_from(value)) else {
            return Err(Refusal::later("a header cannot be sent over grpc"));
        };
        request.metadata_mut().insert(name, value);
    }
    let mut client = Grpc::new(channel).max_decoding_message_size(MAX_ANSWER);
    client.ready().await.map_err(|error| Refusal::later(innermost(&error)))?;
    let codec = ProstCodec::<ExportTraceServiceRequest, ExportTraceServiceResponse>::default();
    match client.unary(request, PathAndQuery::from_static(METHOD), codec).await {
        Ok(answer) => {
            let partial = answer.into_inner().partial_success.unwrap_or_default();
            Ok(Accepted {
                rejected: u64::try_from(partial.rejected_spans).unwrap_or(0),
                message: answer::shown(&partial.error_message),
            })
        }
        Err(status) => Err(refused(&status)),
    }
}

fn refused(status: &Status) -> Refusal {
    let said = answer::shown(status.message());
    let colon = if said.is_empty() { "" } else { ": " };
    Refusal {
        message: format!("the receiver answered {:?}{colon}{said}", status.code()),
        verdict: answer::verdict_of_grpc(status.code(), answer::retry_info(status.details())),
    }
}

fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    answer::shown(&cause.to_string())
}
