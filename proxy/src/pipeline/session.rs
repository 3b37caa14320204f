//! What a legacy request owes to its session: it is still open, and what it answers or resumes is its own (R3).

use bytes::Bytes;

use super::{
    answer,
    decode::{Kind, Request, unknown_session},
};
use crate::{
    exchange::Exchange,
    gateway::Client,
    mcp::{
        header, json,
        session::{EventId, RequestId},
        version::Era,
    },
    principal::Principal,
    rejection::{Code, Rejection},
    server::Gateway,
    sessions::{Kept, OpenStream},
    snapshot::Snapshot,
    upstream::Server,
};

/// Notes the use of the session, and opens what the request refers to.
pub(crate) async fn check(
    gateway: &Gateway,
    client: &Client,
    snapshot: &Snapshot,
    server: &Server,
    principal: &Principal,
    request: &mut Request<'_>,
    exchange: &Exchange,
) -> Result<(), Rejection> {
    if request.era == Era::Modern {
        return Ok(());
    }
    if request.is_initialize() {
        return gateway.sessions.admit(principal);
    }
    if let (Some((_, digest)), Some(token)) = (&request.session, client.header(header::SESSION_ID))
        && !gateway.sessions.used(&gateway.store, token, *digest, principal).await
    {
        return Err(unknown_session());
    }
    if matches!(request.kind, Kind::Stream)
        && let Some(event) = client.header("last-event-id")
    {
        request.last_event = Some(event_of(snapshot, server, principal, request, exchange, event)?);
    }
    if request.message().is_some_and(|message| message.is_response) {
        request.replaced = Some(answer_to(snapshot, server, principal, request, exchange)?);
    }
    Ok(())
}

/// The server's own id of the event that the client saw last (R3.10).
fn event_of(
    snapshot: &Snapshot,
    server: &Server,
    principal: &Principal,
    request: &Request<'_>,
    exchange: &Exchange,
    event: &str,
) -> Result<String, Rejection> {
    let upstream_session = request.upstream_session().unwrap_or_default();
    snapshot
        .token_keys
        .open::<EventId>(principal.id, exchange.now_ms(), event)
        .filter(|event| event.server == server.id && event.upstream_session == upstream_session)
        .map(|event| event.upstream_id)
        .ok_or_else(|| Rejection::new(Code::InvalidRequest, "Last-Event-ID names no event of this session"))
}

/// The body of a posted response, under the id that the server gave its request (R3.8).
fn answer_to(
    snapshot: &Snapshot,
    server: &Server,
    principal: &Principal,
    request: &Request<'_>,
    exchange: &Exchange,
) -> Result<Bytes, Rejection> {
    let upstream_session = request.upstream_session().unwrap_or_default();
    let id = request.message().and_then(|message| message.id);
    id.and_then(|id| {
        let token: &str = serde_json::from_str(id.get()).ok()?;
        let asked = snapshot
            .token_keys
            .open::<RequestId>(principal.id, exchange.now_ms(), token)
            .filter(|asked| asked.server == server.id && asked.upstream_session == upstream_session)?;
        Some(json::with_value(request.body, id, &asked.raw).into())
    })
    .ok_or_else(|| {
        Rejection::new(Code::InvalidMessage, "this answers no request that was sent to you in this session")
    })
}

/// Whether a legacy client asks if we are there: that is ours to answer, at once (R3.11).
pub(crate) fn is_ping(request: &Request<'_>) -> bool {
    request.era == Era::Legacy
        && request.message().is_some_and(|message| message.is_request() && message.method_name() == "ping")
}

pub(crate) async fn pong(
    gateway: &Gateway,
    client: &mut Client,
    request: &Request<'_>,
    exchange: &mut Exchange,
) -> Result<(), Rejection> {
    // Nobody but the store could tell that the session was ended on another replica.
    if let Some((_, digest)) = &request.session
        && gateway.sessions.ended_elsewhere(&gateway.store, *digest).await
    {
        return Err(unknown_session());
    }
    let id = request.message().and_then(|message| message.id).map_or("null", |id| id.get());
    let body = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#);
    answer::respond(gateway, client, exchange, body.into()).await
}

/// One open stream more of the principal, if the request is one (R3.14).
pub(crate) fn open_stream(
    gateway: &Gateway,
    principal: &Principal,
    request: &Request<'_>,
) -> Result<Option<OpenStream>, Rejection> {
    let is_stream = matches!(request.kind, Kind::Stream)
        || request.message().is_some_and(|message| message.method_name() == "subscriptions/listen");
    is_stream.then(|| gateway.sessions.open_stream(principal)).transpose()
}

/// A stream keeps its session in use, however long nobody says anything.
pub(crate) fn kept<'a>(gateway: &'a Gateway, client: &Client, request: &Request<'_>) -> Option<Kept<'a>> {
    let (_, digest) = request.session.as_ref()?;
    Some(gateway.sessions.keep(client.header(header::SESSION_ID)?, *digest))
}

/// A session that its client has ended is known to nobody any more, before the client hears that it has (R3.5).
pub(crate) async fn ended(gateway: &Gateway, client: &Client, request: &Request<'_>) {
    if let (Some((_, digest)), Some(token)) = (&request.session, client.header(header::SESSION_ID)) {
        gateway.sessions.end(&gateway.store, token, *digest).await;
    }
}
