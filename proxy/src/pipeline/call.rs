//! Asks the server: with our credential, within its limits, again only where that is safe.

use std::{
    pin::pin,
    time::{Duration, Instant},
};

use gatewayops_proto::event::Status;
use pingora::time::timeout;

use super::{
    clear::Cleared,
    decode::{Kind, Request},
    relay,
};
use crate::{
    exchange::Exchange,
    gateway::Client,
    mcp::{message::Message, method::Method, trace_context},
    rejection::{Code, Rejection},
    server::Gateway,
    snapshot::Snapshot,
    telemetry::tokens::Texts,
    upstream::{
        Server,
        connection::Connection,
        request::{self, Wire},
        send::{self, Unanswered},
    },
};

/// Most answers come within this time; only after it do we begin to watch whether the client is still there.
const QUICK: Duration = Duration::from_millis(20);

/// Sends the cleared message and relays what comes back.
pub(crate) async fn call(
    gateway: &Gateway,
    client: &mut Client,
    cleared: Cleared,
    request: &Request<'_>,
    snapshot: &Snapshot,
    exchange: &mut Exchange,
) -> Result<(), Rejection> {
    let server = cleared.permit().server().clone();
    let _place = match request.kind {
        // A session's stream may last for hours and asks nothing of the server.
        Kind::Stream => None,
        _ => Some(server.runtime.load.enter(server.limits.max_concurrency).ok_or_else(|| too_many(&server))?),
    };
    let asked = Instant::now();
    let sent = send(gateway, client, &server, request, exchange).await;
    exchange.upstream.waited = Some(asked.elapsed());
    let Some(connection) = sent? else { return Ok(()) };
    relay::relay(gateway, client, cleared, request, snapshot, exchange, connection, asked).await
}

/// Sends until there is an answer. None: the client went away meanwhile.
pub(super) async fn send(
    gateway: &Gateway,
    client: &mut Client,
    server: &Server,
    request: &Request<'_>,
    exchange: &mut Exchange,
) -> Result<Option<Connection>, Rejection> {
    to_count(gateway, request, exchange);
    let may_repeat = may_repeat(server, request);
    let mut wire = wire(gateway, client, server, request, exchange).await?;
    let sent = {
        let mut sending = pin!(send::send(
            &gateway.connections,
            server,
            &mut wire,
            may_repeat,
            &mut exchange.upstream.attempts
        ));
        match timeout(QUICK, sending.as_mut()).await {
            Ok(sent) => Some(sent),
            Err(_) => tokio::select! {
                biased;
                sent = sending => Some(sent),
                () = client.closed() => None,
            },
        }
    };
    match sent {
        Some(Ok(connection)) => Ok(Some(connection)),
        Some(Err(unanswered)) => {
            exchange.charged = matches!(unanswered, Unanswered::TimedOut) && request.method().is_charged();
            Err(server.unanswered(&unanswered, may_repeat))
        }
        None => {
            exchange.ended(Status::Cancelled, "client_closed", "the client went away");
            Ok(None)
        }
    }
}

/// Keeps the arguments, as the client sent them, until their tokens are counted.
fn to_count(gateway: &Gateway, request: &Request<'_>, exchange: &mut Exchange) {
    let Some(room) = gateway.telemetry.tokens_room.as_ref().filter(|_| request.method().is_charged()) else {
        return;
    };
    let texts = exchange.texts.insert(Box::new(Texts::new(room)));
    let params = request.message().and_then(|message| message.params.as_ref());
    if let Some(arguments) = params.and_then(|params| params.arguments) {
        texts.asked(request.body, arguments.get());
    }
}

/// The request's bytes, with our credential for this server.
async fn wire(
    gateway: &Gateway,
    client: &Client,
    server: &Server,
    request: &Request<'_>,
    exchange: &Exchange,
) -> Result<Wire, Rejection> {
    let credential =
        server.credential.line(&gateway.connections).await.map_err(|reason| server.failed(false, &reason))?;
    let body = request.replaced.as_ref().unwrap_or(request.body);
    let replaced = request.replaced.as_ref().and_then(|body| Message::parse(body).ok());
    let splice = replaced
        .as_ref()
        .or(request.message().filter(|_| request.replaced.is_none()))
        .and_then(|message| trace_context::splice(body, message, &exchange.trace));
    let outgoing = request::Request {
        method: method(&request.kind),
        client: request.headers.is_none().then(|| client.headers()),
        own: request.headers.as_deref().unwrap_or_default(),
        session: request.upstream_session(),
        last_event: request.last_event.as_deref(),
        trace: &exchange.trace,
        body,
        splice: splice.as_ref(),
        credential: &credential,
    };
    Ok(outgoing.to_wire(server))
}

fn method(kind: &Kind<'_>) -> &'static str {
    match kind {
        Kind::Message(_) => "POST",
        Kind::Stream => "GET",
        Kind::EndSession => "DELETE",
    }
}

/// Whether doing it twice is as good as doing it once (contract 3.6, R10.8).
fn may_repeat(server: &Server, request: &Request<'_>) -> bool {
    let Some(message) = request.message() else { return false };
    match message.method() {
        Method::ToolsCall => request.tool().is_some_and(|tool| server.may_repeat(tool)),
        method => message.is_request() && method.is_read(message.method_name()),
    }
}

fn too_many(server: &Server) -> Rejection {
    let limit = server.limits.max_concurrency;
    Rejection::new(
        Code::TooManyConnections,
        format!("{} is already serving {limit} calls; try again in a second", server.name),
    )
    .with("limit", limit)
    .with("scope_type", "server")
    .retry_after(1)
}
