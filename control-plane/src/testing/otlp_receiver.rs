//! A receiver of OTLP over HTTP that answers as a test wants. The real thing, over all protocols, is in `tests/it`.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
    routing::post,
};
use http::{HeaderMap, StatusCode, header};
use opentelemetry_proto::tonic::{collector::trace::v1::ExportTraceServiceRequest, trace::v1::Span};
use prost::Message;
use tokio::net::TcpListener;

#[derive(Clone, Default)]
pub(crate) struct OtlpReceiver {
    state: Arc<Mutex<Received>>,
    pub(crate) url: String,
}

#[derive(Default)]
struct Received {
    spans: Vec<Span>,
    headers: Vec<HeaderMap>,
    /// What it answers instead of taking anything.
    refusal: Option<(StatusCode, Option<&'static str>)>,
    requests: usize,
}

impl OtlpReceiver {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let receiver = Self { url, ..Self::default() };
        let router = Router::new().route("/v1/traces", post(receive)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    /// From now on it takes nothing, or everything again.
    pub(crate) fn refuse(&self, refusal: Option<(StatusCode, Option<&'static str>)>) {
        self.state.lock().unwrap().refusal = refusal;
    }

    pub(crate) fn requests(&self) -> usize {
        self.state.lock().unwrap().requests
    }

    pub(crate) fn headers(&self) -> Vec<HeaderMap> {
        self.state.lock().unwrap().headers.clone()
    }

    /// The ids of the traces that arrived, in their order.
    pub(crate) fn traces(&self) -> Vec<String> {
        self.state.lock().unwrap().spans.iter().map(|span| hex::encode(&span.trace_id)).collect()
    }
}

async fn receive(State(receiver): State<OtlpReceiver>, headers: HeaderMap, body: Bytes) -> Response {
    let mut state = receiver.state.lock().unwrap();
    state.requests += 1;
    if let Some((status, retry_after)) = state.refusal {
        let wait = retry_after.map(|seconds| [(header::RETRY_AFTER, seconds)]);
        return (status, wait.unwrap_or([(header::RETRY_AFTER, "0")]), "no").into_response();
    }
    let request = match headers[header::CONTENT_TYPE].as_bytes() {
        b"application/json" => serde_json::from_slice(&body).unwrap(),
        _ => ExportTraceServiceRequest::decode(body).unwrap(),
    };
    let scopes = request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
    state.spans.extend(scopes.flat_map(|scope| scope.spans));
    state.headers.push(headers);
    StatusCode::OK.into_response()
}
