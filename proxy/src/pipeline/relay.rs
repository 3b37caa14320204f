//! Brings the server's answer to the client: JSON whole or flowing, event streams event by event.
//!
//! The bytes of results and errors are the server's own. What we look at, we look at while it passes.

use std::time::Instant;

use bytes::{Bytes, BytesMut};
use gatewayops_proto::event::Status;
use pingora::time::timeout;

use super::{
    answer,
    clear::{self, Cleared},
    decode::{Kind, Request},
    definitions::Definitions,
    guard, session, state,
};
use crate::{
    exchange::{Exchange, stages::Stage},
    federation::mapping::Context,
    gateway::{Client, Gone},
    mcp::{
        answer::{Answer, Scanner},
        elicitation, header,
        method::Method,
        request_state,
        session::{Endpoint, Session},
        version::{Era, Version},
    },
    rejection::{Code, Rejection},
    server::Gateway,
    sessions,
    snapshot::Snapshot,
    upstream::{Server, connection::Connection},
};

mod era;
pub(crate) mod event;
mod heard;
mod stream;

/// Answers up to this size are held until they are whole: then a broken one can still become an error.
const HELD: usize = 256 * 1024;

/// What the server's head says of its body.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Body {
    Json,
    EventStream,
    Other,
}

#[expect(
    clippy::too_many_arguments,
    reason = "each is a stage's own finding, and a bag of them would only hide that"
)]
pub(crate) async fn relay(
    gateway: &Gateway,
    client: &mut Client,
    cleared: Cleared,
    request: &Request<'_>,
    snapshot: &Snapshot,
    exchange: &mut Exchange,
    mut connection: Connection,
    asked: Instant,
) -> Result<(), Rejection> {
    let server = cleared.permit().server().clone();
    let (status, body) = classify(&connection);
    if matches!(request.kind, Kind::EndSession) && matches!(status, 200..=299 | 404) {
        session::ended(gateway, client, request).await;
    }
    let answered = match (status, body) {
        // Our credential was refused, not the client's (R7.8).
        (401 | 403, _) => Err(server.refused(status)),
        (405, _) => Err(super::decode::method_not_allowed("POST, DELETE")),
        (200..=299, Body::EventStream) => {
            let relay = stream::Stream {
                gateway,
                cleared: &cleared,
                request,
                snapshot,
                asked,
                now_ms: exchange.now_ms(),
            };
            return relay.run(client, exchange, connection).await;
        }
        // The session at one server is gone, the client's own is not: the next call opens another (R3.7).
        (404, _) if request.mapping.is_some() && request.upstream_session().is_some() => {
            if let Some((_, digest)) = &request.session {
                gateway.federation.sessions.lost(*digest, &gateway.store, server.id).await;
            }
            Err(server.failed(false, "its session had ended and is opened anew"))
        }
        (_, Body::Json) => {
            json(gateway, client, &cleared, request, snapshot, exchange, &mut connection, status, asked).await
        }
        (200..=299, _) if !wants_answer(request) => answer::accepted(gateway, client, exchange, status).await,
        (404, _) if request.session.is_some() => {
            Err(Rejection::new(Code::SessionNotFound, "this session has ended; initialize again"))
        }
        _ => Err(server.unusable(&format!("status {status} without a JSON-RPC answer"))),
    };
    gateway.connections.release(connection).await;
    answered
}

pub(super) fn classify(connection: &Connection) -> (u16, Body) {
    let Some(head) = connection.head() else { return (0, Body::Other) };
    let content_type =
        head.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    let body = match media_type {
        media_type if media_type.eq_ignore_ascii_case("application/json") => Body::Json,
        media_type if media_type.eq_ignore_ascii_case("text/event-stream") => Body::EventStream,
        _ => Body::Other,
    };
    (head.status.as_u16(), body)
}

/// Notifications, responses and the end of a session are only accepted.
fn wants_answer(request: &Request<'_>) -> bool {
    request.message().is_some_and(|message| message.is_request())
}

#[expect(clippy::too_many_arguments, reason = "see relay")]
async fn json(
    gateway: &Gateway,
    client: &mut Client,
    cleared: &Cleared,
    request: &Request<'_>,
    snapshot: &Snapshot,
    exchange: &mut Exchange,
    connection: &mut Connection,
    status: u16,
    asked: Instant,
) -> Result<(), Rejection> {
    let permit = cleared.permit();
    let server = permit.server();
    let is_edited = speaks_of_itself(request) || request.mapping.is_some();
    let held = if is_edited { server.limits.max_response_bytes as usize } else { HELD };
    let first = collect(connection, server, held, request).await;
    exchange.upstream.waited = Some(asked.elapsed());
    let mut body = first?;
    if !connection.is_done() {
        if is_edited {
            return Err(server.unusable("an answer larger than max_response_bytes"));
        }
        let begun = looked_at(cleared, request, body, exchange)?;
        return flow(gateway, client, request, snapshot, exchange, connection, status, begun).await;
    }
    let mut scanner = Scanner::default();
    scanner.feed(&body);
    let answer = match scanner.finish() {
        Some(answer) if answer.is_response() => Some(answer),
        // A refusal of a notification may have any JSON body.
        _ if !wants_answer(request) => None,
        _ => return Err(server.unusable("JSON that is no JSON-RPC answer")),
    };
    if let Some(answer) = answer {
        if era::is_refused(server, request, status, answer) {
            return era::legacy_only(gateway, client, request, server, exchange).await;
        }
        said(&body, exchange);
        learn(exchange, request, server, answer);
    }
    if let Ok(text) = std::str::from_utf8(&body)
        && let Some(judged) = judged(gateway, cleared, request, text, exchange)?
    {
        body = judged.into();
    }
    if is_rewritten(request, &body)
        && let Ok(text) = std::str::from_utf8(&body)
        && let Some(mapped) = mapped(request, &context(request, permit, snapshot, exchange.now_ms()), text)
    {
        body = mapped.into();
    }
    exchange.outcome.status_code = status;
    exchange.response_bytes = body.len() as u64;
    let mut head =
        head(gateway, client, exchange, request, snapshot, connection, status, "application/json")?;
    // No HTTP cache may keep it (R6.5).
    let _ = head.insert_header("cache-control", "no-store");
    client.respond(head, body).await;
    Ok(())
}

/// Whether the answer is what a server says about itself and what it offers.
pub(super) fn speaks_of_itself(request: &Request<'_>) -> bool {
    request.message().is_some_and(|message| {
        let name = message.method_name();
        name.ends_with("/list") || matches!(name, "initialize" | "server/discover")
    })
}

/// A message of the server's as it may be seen. None: as it is.
pub(super) fn judged(
    gateway: &Gateway,
    cleared: &Cleared,
    request: &Request<'_>,
    text: &str,
    exchange: &mut Exchange,
) -> Result<Option<String>, Rejection> {
    let (permit, policies) = (cleared.permit(), cleared.policies());
    if speaks_of_itself(request) {
        let definitions = Definitions {
            reports: &gateway.reports,
            server: permit.server(),
            principal: permit.principal(),
            policies,
            now_ms: exchange.started_at_ms(),
        };
        return exchange
            .timed(Stage::SafetyResponse, |exchange| Ok(definitions.answer(request, text, exchange)));
    }
    let judged = exchange.timed(Stage::SafetyResponse, |exchange| {
        clear::guard(permit, policies, request).answer(text, exchange)
    })?;
    keep(judged.as_deref().unwrap_or(text), exchange);
    Ok(judged)
}

/// Keeps an answer, where somebody wants it kept. A question of the server's is none, and what it says of its state is
/// for its own eyes (R8.8).
fn keep(text: &str, exchange: &mut Exchange) {
    let Some(payload) = &mut exchange.payload else { return };
    if !request_state::may_be_in(text.as_bytes())
        && let Some(said) = guard::answer(text)
    {
        payload.answered(said);
    }
}

/// The beginning of an answer that is too long to be held whole: it is looked at as far as it has come.
fn looked_at(
    cleared: &Cleared,
    request: &Request<'_>,
    begun: Bytes,
    exchange: &mut Exchange,
) -> Result<Bytes, Rejection> {
    let guard = clear::guard(cleared.permit(), cleared.policies(), request);
    if guard.safety.is_empty() && exchange.payload.is_none() {
        return Ok(begun);
    }
    // A piece may end within a character.
    let end = match std::str::from_utf8(&begun) {
        Ok(text) => text.len(),
        Err(error) => error.valid_up_to(),
    };
    let Ok(text) = std::str::from_utf8(&begun[..end]) else { return Ok(begun) };
    exchange.judged.is_unscanned |= !guard.safety.is_empty();
    let judged = exchange.timed(Stage::SafetyResponse, |exchange| guard.part(text, exchange))?;
    if let Some(payload) = &mut exchange.payload
        && !request_state::may_be_in(text.as_bytes())
    {
        payload.answered(judged.as_deref().unwrap_or(text));
        payload.goes_on();
    }
    match judged {
        Some(redacted) => Ok([redacted.as_bytes(), &begun[end..]].concat().into()),
        None => Ok(begun),
    }
}

/// Whether something in these bytes may not be for the client as it is.
fn is_rewritten(request: &Request<'_>, bytes: &[u8]) -> bool {
    request.mapping.is_some() || (request.era == Era::Modern && request_state::may_be_in(bytes))
}

/// The message as the endpoint shows it. None: as it is.
fn mapped(request: &Request<'_>, context: &Context<'_>, text: &str) -> Option<String> {
    match request.mapping {
        Some(mapping) => mapping.apply(context, text),
        None => state::sealed(context, text),
    }
}

fn context<'a>(
    request: &'a Request<'_>,
    permit: &'a super::authorize::Permit,
    snapshot: &'a Snapshot,
    now_ms: u64,
) -> Context<'a> {
    Context {
        keys: &snapshot.token_keys,
        principal: permit.principal().id,
        now_ms,
        server: permit.server().id,
        slug: &permit.server().name,
        asked: request.message(),
    }
}

/// The body, or as much of it as is to be held.
pub(super) async fn collect(
    connection: &mut Connection,
    server: &Server,
    held: usize,
    request: &Request<'_>,
) -> Result<Bytes, Rejection> {
    let broken = |reason: &str| server.failed(true, reason);
    let read = async {
        let mut whole = BytesMut::new();
        let mut only = Bytes::new();
        while let Some(chunk) = connection.chunk().await.map_err(|failure| broken(&format!("{failure:?}")))? {
            if whole.is_empty() && only.is_empty() {
                only = chunk;
            } else {
                if whole.is_empty() {
                    whole.extend_from_slice(&only);
                }
                whole.extend_from_slice(&chunk);
            }
            if connection.is_done() || only.len().max(whole.len()) > held {
                break;
            }
        }
        Ok(if whole.is_empty() { only } else { whole.freeze() })
    };
    timeout(server.limits.timeout, read)
        .await
        .unwrap_or_else(|_| Err(server.timed_out(request.method() != Method::ToolsCall)))
}

/// Relays a large answer piece by piece; if it breaks, so does what the client gets.
#[expect(clippy::too_many_arguments, reason = "see relay")]
async fn flow(
    gateway: &Gateway,
    client: &mut Client,
    request: &Request<'_>,
    snapshot: &Snapshot,
    exchange: &mut Exchange,
    connection: &mut Connection,
    status: u16,
    first: Bytes,
) -> Result<(), Rejection> {
    let Some(server) = exchange.server.clone() else { return Ok(()) };
    said(&first, exchange);
    let mut scanner = Scanner::default();
    scanner.feed(&first);
    if scanner.is_malformed() {
        return Err(server.unusable("JSON that is no JSON-RPC answer"));
    }
    exchange.outcome.status_code = status;
    let head = head(gateway, client, exchange, request, snapshot, connection, status, "application/json")?;
    let mut piece = first;
    let mut begun = client.begin(head).await;
    loop {
        exchange.response_bytes += piece.len() as u64;
        if begun.is_err() || client.write(piece).await.is_err() {
            exchange.ended(Status::Cancelled, "client_closed", "the client went away");
            return Ok(());
        }
        if exchange.response_bytes > server.limits.max_response_bytes {
            return broke_off(client, exchange, "the answer is larger than max_response_bytes");
        }
        piece = match timeout(server.limits.timeout, connection.chunk()).await {
            Ok(Ok(Some(chunk))) => chunk,
            Ok(Ok(None)) => break,
            Ok(Err(_)) => return broke_off(client, exchange, "the server broke off"),
            Err(_) => return broke_off(client, exchange, "the server stopped sending"),
        };
        scanner.feed(&piece);
        begun = Ok(());
    }
    let Some(answer) = scanner.finish() else {
        return broke_off(client, exchange, "the answer is not whole");
    };
    learn(exchange, request, &server, answer);
    let _: Result<(), Gone> = client.end().await;
    Ok(())
}

fn broke_off(client: &mut Client, exchange: &mut Exchange, reason: &str) -> Result<(), Rejection> {
    client.break_off();
    exchange.ended(Status::Error, Code::UpstreamError.name(), reason);
    Ok(())
}

/// The head of a relayed answer; the one to `initialize` carries the session.
#[expect(clippy::too_many_arguments, reason = "see relay")]
fn head(
    gateway: &Gateway,
    client: &Client,
    exchange: &Exchange,
    request: &Request<'_>,
    snapshot: &Snapshot,
    connection: &Connection,
    status: u16,
    content_type: &str,
) -> Result<pingora::http::ResponseHeader, Rejection> {
    let mut head = answer::head(gateway, client, exchange, status, content_type)?;
    if request.is_initialize()
        && let Some(token) = session_token(gateway, exchange, request, snapshot, connection)?
    {
        head.insert_header(header::SESSION_ID, token)
            .map_err(|_| Rejection::new(Code::UpstreamError, "the session makes no valid header"))?;
    }
    Ok(head)
}

/// The server's session, sealed for the client (R3.1). A server without sessions is left without (R3.15).
fn session_token(
    gateway: &Gateway,
    exchange: &Exchange,
    request: &Request<'_>,
    snapshot: &Snapshot,
    connection: &Connection,
) -> Result<Option<String>, Rejection> {
    let upstream_id = connection.head().and_then(|head| head.headers.get(header::SESSION_ID)?.to_str().ok());
    let (Some(upstream_id), Some(server), Some(principal)) =
        (upstream_id, &exchange.server, &exchange.principal)
    else {
        return Ok(None);
    };
    let session = Session {
        endpoint: Endpoint::Server { server: server.id, upstream_id: upstream_id.to_owned() },
        version: exchange.protocol_version.and_then(Version::known).unwrap_or(Version::NEWEST_LEGACY),
        takes_urls: request
            .message()
            .and_then(|message| message.params.as_ref())
            .is_some_and(|params| elicitation::initialize_takes_urls(params.raw)),
        expires_at_ms: gateway.sessions.expiry(exchange.now_ms()),
    };
    let token = session
        .seal(&snapshot.token_keys, principal.id)
        .ok_or_else(|| server.unusable("a session id that is too long"))?;
    gateway.sessions.opened(&token, sessions::digest_of(&token), principal);
    Ok(Some(token))
}

/// Keeps what a server said, or the beginning of it, until its tokens are counted.
pub(super) fn said(bytes: &Bytes, exchange: &mut Exchange) {
    if let Some(texts) = &mut exchange.texts {
        texts.answered(bytes);
    }
}

/// What the answer says of success, tokens and cost.
pub(super) fn learn(exchange: &mut Exchange, request: &Request<'_>, server: &Server, answer: Answer) {
    exchange.charged = request.method().is_charged() && wants_answer(request);
    exchange.input_tokens = answer.input_tokens;
    exchange.output_tokens = answer.output_tokens;
    if exchange.charged {
        let input = answer
            .input_tokens
            .unwrap_or_else(|| gatewayops_proto::money::estimated_tokens(exchange.input_bytes));
        let output = answer
            .output_tokens
            .unwrap_or_else(|| gatewayops_proto::money::estimated_tokens(answer.result_bytes));
        (exchange.input_tokens, exchange.output_tokens) = (Some(input), Some(output));
        let (price, id) = server.price(request.tool().unwrap_or_default());
        exchange.cost = Some((price.cost(input, output), id));
        if let Some(texts) = &mut exchange.texts {
            texts.learned(answer, price);
        }
    }
    if answer.tool_error {
        exchange.ended(Status::Error, "tool_error", "the tool reported an error");
    } else if answer.has_error {
        let code = answer.error_code.map_or_else(|| "jsonrpc".to_owned(), |code| code.to_string());
        exchange.ended(Status::Error, code, "the server answered with a JSON-RPC error");
    }
}
