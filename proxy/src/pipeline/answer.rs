//! What every answer of ours carries, and how a refusal is written (contract 1.4, 1.5).

use std::time::Duration;

use bytes::Bytes;
use pingora::http::ResponseHeader;
use uuid::Uuid;

use super::{
    origin,
    route::{self, Endpoint, Route},
};
use crate::{
    exchange::Exchange,
    gateway::Client,
    limit::Passed,
    mcp::{message::Message, method::Method},
    oauth::{challenge::Challenge, resource::Resource},
    rejection::{Answer, Code, Rejection},
    server::Gateway,
};

/// To whom a refusal is written, as far as that is known yet.
pub(crate) struct Reply {
    is_rest: bool,
    id: Option<Box<str>>,
    is_tool_call: bool,
}

impl Reply {
    pub(crate) fn new(endpoint: &Endpoint) -> Self {
        Self { is_rest: matches!(endpoint, Endpoint::Facade(_)), id: None, is_tool_call: false }
    }

    /// To a client of MCP of whose message nothing is known yet.
    pub(crate) fn for_mcp() -> Self {
        Self { is_rest: false, id: None, is_tool_call: false }
    }

    pub(crate) fn of(&mut self, message: &Message<'_>) {
        self.id = message.id.filter(|_| !message.is_response).map(|id| id.get().into());
        self.is_tool_call = message.method() == Method::ToolsCall;
    }

    fn answer(&self, rejection: &Rejection, request_id: &str) -> Answer {
        if self.is_rest {
            rejection.to_rest(request_id)
        } else {
            rejection.to_mcp(self.id.as_deref(), self.is_tool_call, request_id)
        }
    }
}

/// The client's own id if it can be repeated, else a fresh one.
pub(crate) fn request_id(client: &Client) -> String {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    match client.header("x-request-id") {
        Some(id) if (1..=128).contains(&id.len()) && id.bytes().all(allowed) => id.to_owned(),
        _ => Uuid::now_v7().to_string(),
    }
}

/// The head of an answer within an exchange. What the measured headers say is known by now.
pub(crate) fn head(
    gateway: &Gateway,
    client: &Client,
    exchange: &Exchange,
    status: u16,
    content_type: &str,
) -> Result<ResponseHeader, Rejection> {
    let written = || -> pingora::Result<ResponseHeader> {
        let mut head = ResponseHeader::build(status, Some(12))?;
        head.insert_header("content-type", content_type)?;
        head.insert_header("x-request-id", &exchange.request_id)?;
        head.insert_header("x-trace-id", &exchange.trace.trace_id)?;
        if let Some(server) = &exchange.server {
            head.insert_header("x-mcp-server", &*server.name)?;
        }
        let whole = exchange.started.elapsed();
        let upstream = exchange.upstream.waited.unwrap_or_default();
        head.insert_header("x-mcp-duration-ms", itoa::Buffer::new().format(whole.as_millis()))?;
        if let Some((cost, _)) = exchange.cost {
            head.insert_header("x-mcp-cost", cost.to_string())?;
        }
        head.insert_header("server-timing", timing(whole.saturating_sub(upstream), upstream))?;
        for (name, value) in exchange.judged.passed.iter().filter_map(Passed::headers).flatten() {
            head.insert_header(name, value)?;
        }
        if let Some(warning) = exchange.judged.warning() {
            head.insert_header("x-safety-warning", warning)?;
        }
        Ok(head)
    };
    let mut head =
        written().map_err(|_| Rejection::new(Code::UpstreamError, "the answer makes no valid header"))?;
    if client.headers().contains_key("origin")
        && let Some(origin) = origin::allowed_origin(gateway, client)
    {
        origin::expose(&mut head, origin);
    }
    Ok(head)
}

fn timing(gateway: Duration, upstream: Duration) -> String {
    format!(
        "gateway;dur={:.3}, upstream;dur={:.3}",
        gateway.as_secs_f64() * 1e3,
        upstream.as_secs_f64() * 1e3
    )
}

/// Answers with JSON of our own making, or of which we hold the whole.
pub(crate) async fn respond(
    gateway: &Gateway,
    client: &mut Client,
    exchange: &mut Exchange,
    body: Bytes,
) -> Result<(), Rejection> {
    exchange.response_bytes = body.len() as u64;
    exchange.outcome.status_code = 200;
    let mut head = head(gateway, client, exchange, 200, "application/json")?;
    // No HTTP cache may keep it (R6.5).
    let _ = head.insert_header("cache-control", "no-store");
    client.respond(head, body).await;
    Ok(())
}

/// Answers what needs no more than a status.
pub(crate) async fn accepted(
    gateway: &Gateway,
    client: &mut Client,
    exchange: &mut Exchange,
    status: u16,
) -> Result<(), Rejection> {
    exchange.outcome.status_code = status;
    let mut head = head(gateway, client, exchange, status, "application/json")?;
    head.remove_header("content-type");
    client.respond(head, Bytes::new()).await;
    Ok(())
}

/// Refuses within an exchange.
pub(crate) async fn reject(
    gateway: &Gateway,
    client: &mut Client,
    exchange: &mut Exchange,
    reply: &Reply,
    rejection: &Rejection,
) {
    let answer = reply.answer(rejection, &exchange.request_id);
    exchange.outcome.status_code = answer.status;
    exchange.response_bytes = answer.body.len() as u64;
    let Ok(mut head) = head(gateway, client, exchange, answer.status, "application/json") else { return };
    // None of these values can fail to be a header.
    let _ = head.insert_header("cache-control", "no-store");
    if let Some(challenge) = challenge(gateway, client, rejection) {
        let _ = head.insert_header("www-authenticate", challenge);
    }
    advise(&mut head, rejection);
    client.respond(head, answer.body.into()).await;
}

/// What else the client may try.
fn advise(head: &mut ResponseHeader, rejection: &Rejection) {
    if let Some(seconds) = rejection.retry_after_seconds {
        let _ = head.insert_header("retry-after", seconds.to_string());
    }
    if let Some(allowed) = rejection.details.get("allow").and_then(|allowed| allowed.as_str()) {
        let _ = head.insert_header("allow", allowed);
    }
}

/// What the client can do about it, if that is to come with another credential (R7.3, R7.5).
fn challenge(gateway: &Gateway, client: &Client, rejection: &Rejection) -> Option<String> {
    let challenge = match rejection.code {
        Code::MissingCredentials => Challenge::Missing,
        Code::InsufficientScope => {
            Challenge::InsufficientScope(rejection.details.get("scope").and_then(|scope| scope.as_str())?)
        }
        code if code.status() == 401 => Challenge::Invalid,
        _ => return None,
    };
    let snapshot = gateway.current.snapshot();
    let metadata = match route::route(client.path()) {
        Ok(Route::Mcp(endpoint)) if !gateway.oauth.advertised(&snapshot.trust).is_empty() => {
            // A name that no server can have is none to write into a header.
            let resource = endpoint.resource().writable().unwrap_or(Resource::All);
            Some(gateway.oauth.address.metadata_uri(resource))
        }
        _ => None,
    };
    Some(challenge.header(metadata.as_deref()))
}

/// Refuses what belongs to no exchange.
pub(crate) async fn unrouted(client: &mut Client, rejection: &Rejection) {
    refuse(client, rejection, false).await;
}

/// The same where every page may read why.
pub(crate) async fn unrouted_for_all(client: &mut Client, rejection: &Rejection) {
    refuse(client, rejection, true).await;
}

async fn refuse(client: &mut Client, rejection: &Rejection, is_for_all: bool) {
    let request_id = request_id(client);
    let answer = rejection.to_rest(&request_id);
    let Ok(mut head) = ResponseHeader::build(answer.status, Some(6)) else { return };
    let _ = head.insert_header("content-type", "application/json");
    let _ = head.insert_header("x-request-id", request_id);
    if is_for_all {
        let _ = head.insert_header("access-control-allow-origin", "*");
    }
    advise(&mut head, rejection);
    client.respond(head, answer.body.into()).await;
}

/// The process is alive.
pub(crate) async fn health(client: &mut Client) {
    let Ok(mut head) = ResponseHeader::build(200, Some(3)) else { return };
    let _ = head.insert_header("content-type", "application/json");
    client.respond(head, Bytes::from_static(br#"{"status":"ok"}"#)).await;
}
