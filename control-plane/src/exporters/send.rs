//! One batch to one receiver, in its protocol.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::{collector::trace::v1::ExportTraceServiceRequest, trace::v1::ResourceSpans};

use super::{
    answer::{Accepted, Refusal},
    grpc, http,
};
use crate::{egress::Egress, service::telemetry_exporters::Protocol};

/// Where to send, how, and what goes with it.
#[derive(Clone)]
pub struct Receiver {
    pub protocol: Protocol,
    pub endpoint: String,
    pub headers: BTreeMap<String, String>,
}

/// # Errors
/// It did not take the batch.
pub async fn send(
    egress: &Egress,
    receiver: &Receiver,
    resource_spans: Vec<ResourceSpans>,
) -> Result<Accepted, Refusal> {
    let request = ExportTraceServiceRequest { resource_spans };
    match receiver.protocol {
        Protocol::Grpc => grpc::send(egress, receiver, request).await,
        Protocol::HttpProtobuf => http::send(egress, receiver, &request, http::Form::Protobuf).await,
        Protocol::HttpJson => http::send(egress, receiver, &request, http::Form::Json).await,
    }
}
