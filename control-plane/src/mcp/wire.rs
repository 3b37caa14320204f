//! One message out, one answer back: as JSON or as a stream of events, bounded in size and in time.

use std::{collections::VecDeque, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use reqwest::{Method, RequestBuilder, Response, Url};
use serde_json::Value;
use tokio::time::timeout;

use super::{
    Fault, REQUEST_DEADLINE, Upstream,
    connection::Connection,
    credential,
    fault::clipped,
    message::{self, Answer},
    sse::{Decoder, Event},
};

pub(super) const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");
pub(super) const VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
/// All the answers of a visit together.
const MAX_VISIT_BYTES: u64 = 64 * 1024 * 1024;

pub(super) struct Wire {
    connection: Connection,
    credential: Option<(HeaderName, HeaderValue)>,
    deadline: Duration,
    max_response_bytes: u64,
    /// What is left of `MAX_VISIT_BYTES`.
    bytes_left: u64,
}

/// What came back for a request; statuses that are no answer at all are faults instead.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) session: Option<HeaderValue>,
    pub(super) answer: Option<Answer>,
    content_type: String,
}

impl Reply {
    /// The fault of a reply that holds no answer.
    pub(super) fn unanswered(&self) -> Fault {
        let kind = if self.content_type.is_empty() { "no content type" } else { &self.content_type };
        Fault::NotMcp(format!("HTTP {} with {kind}", self.status.as_u16()))
    }
}

impl Wire {
    pub(super) async fn new(upstream: &Upstream) -> Result<Self, Fault> {
        let deadline = upstream.timeout.min(REQUEST_DEADLINE);
        let credential =
            timeout(deadline, credential::header(upstream)).await.map_err(|_| Fault::Timeout)??;
        let connection = Connection::to_upstream(upstream).await?;
        let max_response_bytes = upstream.max_response_bytes;
        Ok(Self { connection, credential, deadline, max_response_bytes, bytes_left: MAX_VISIT_BYTES })
    }

    pub(super) fn deadline(&self) -> Duration {
        self.deadline
    }

    pub(super) fn url(&self) -> &Url {
        &self.connection.url
    }

    /// Sends request `id` and reads until its answer has come.
    pub(super) async fn exchange(
        &mut self,
        headers: HeaderMap,
        message: &Value,
        id: u64,
    ) -> Result<Reply, Fault> {
        let deadline = self.deadline;
        let posted = async {
            let response = self.post(self.url().clone(), headers, message).await?;
            let status = response.status();
            if let Some(fault) = Fault::of_status(status) {
                return Err(fault);
            }
            let session = response.headers().get(SESSION).cloned();
            let content_type = content_type(&response);
            let answer = if content_type == "text/event-stream" {
                let mut events = Events::new(response, self.response_limit());
                let answer = events.answer(id).await;
                self.bytes_left -= events.bytes_read.min(self.bytes_left);
                Some(answer?)
            } else {
                let body = read_all(response, self.response_limit()).await?;
                self.bytes_left -= body.len() as u64;
                message::parse(&body).ok().and_then(|message| message::answer(message, id))
            };
            Ok(Reply { status, session, answer, content_type })
        };
        timeout(deadline, posted).await.unwrap_or(Err(Fault::Timeout))
    }

    /// Sends a message that has no answer.
    pub(super) async fn notify(&self, url: Url, headers: HeaderMap, message: &Value) -> Result<(), Fault> {
        let sent =
            timeout(self.deadline, self.post(url, headers, message)).await.map_err(|_| Fault::Timeout)??;
        match Fault::of_status(sent.status()) {
            Some(fault) => Err(fault),
            None if sent.status().is_success() => Ok(()),
            None => Err(Fault::Status(sent.status())),
        }
    }

    /// Opens a stream of events, if GET offers one.
    pub(super) async fn listen(&self) -> Result<Option<Events>, Fault> {
        let request =
            self.request(Method::GET, self.url().clone()).header(header::ACCEPT, "text/event-stream");
        let response = timeout(self.deadline, request.send()).await.map_err(|_| Fault::Timeout)??;
        if let Some(fault) = Fault::of_status(response.status()) {
            return Err(fault);
        }
        let streams = response.status().is_success() && content_type(&response) == "text/event-stream";
        Ok(streams.then(|| Events::new(response, MAX_VISIT_BYTES)))
    }

    /// Ends a session; whether the server minds is its own affair.
    pub(super) async fn delete(&self, headers: HeaderMap) {
        let request = self.request(Method::DELETE, self.url().clone()).headers(headers);
        if !matches!(timeout(Duration::from_secs(2), request.send()).await, Ok(Ok(_))) {
            tracing::debug!("the session could not be ended; the server will forget it");
        }
    }

    async fn post(&self, url: Url, headers: HeaderMap, message: &Value) -> Result<Response, Fault> {
        let request = self
            .request(Method::POST, url)
            .headers(headers)
            .header(header::ACCEPT, "application/json, text/event-stream")
            .json(message);
        Ok(request.send().await?)
    }

    fn request(&self, method: Method, url: Url) -> RequestBuilder {
        let mut request = self.connection.http.request(method, url);
        if let Some((name, value)) = &self.credential {
            request = request.header(name, value);
        }
        if let Some(host) = &self.connection.host {
            request = request.header(header::HOST, host);
        }
        request
    }

    fn response_limit(&self) -> u64 {
        self.max_response_bytes.min(self.bytes_left)
    }
}

/// The events of an open response.
pub(super) struct Events {
    response: Response,
    decoder: Decoder,
    ready: VecDeque<Event>,
    bytes_read: u64,
    limit: u64,
}

impl Events {
    fn new(response: Response, limit: u64) -> Self {
        Self { response, decoder: Decoder::default(), ready: VecDeque::new(), bytes_read: 0, limit }
    }

    /// The next event that carries something; the first one of a resumable stream carries nothing (R1.19).
    pub(super) async fn next(&mut self) -> Result<Option<Event>, Fault> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                if event.data.is_empty() {
                    continue;
                }
                return Ok(Some(event));
            }
            let Some(chunk) = self.response.chunk().await? else { return Ok(None) };
            self.bytes_read += chunk.len() as u64;
            if self.bytes_read > self.limit {
                return Err(Fault::TooLarge(self.limit));
            }
            self.ready.extend(self.decoder.push(&chunk));
        }
    }

    /// Reads on until request `id` is answered; what else the server says meanwhile is not for us.
    pub(super) async fn answer(&mut self, id: u64) -> Result<Answer, Fault> {
        while let Some(event) = self.next().await? {
            if event.name != "message" {
                continue;
            }
            if let Some(answer) = message::answer(message::parse(event.data.as_bytes())?, id) {
                return Ok(answer);
            }
        }
        Err(Fault::NotMcp("the stream ended before the answer".to_owned()))
    }
}

/// The whole body, if it is no larger than `limit`.
pub(super) async fn read_all(mut response: Response, limit: u64) -> Result<Vec<u8>, Fault> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if (body.len() + chunk.len()) as u64 > limit {
            return Err(Fault::TooLarge(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn content_type(response: &Response) -> String {
    let value = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    clipped(value.split(';').next().unwrap_or_default().trim()).to_ascii_lowercase()
}
