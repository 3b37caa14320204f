//! Asks the server: with our credential, within its limits, again only where that is safe.

use std::{
    ops::ControlFlow,
    time::{Duration, Instant},
};

use pingora::time::{sleep, timeout};

use super::{
    authorize::Permit,
    decode::{Kind, Request},
    relay,
};
use crate::{
    exchange::Exchange,
    gateway::Client,
    mcp::{method::Method, trace_context},
    rejection::{Code, Rejection},
    server::Gateway,
    snapshot::Snapshot,
    upstream::{
        Server,
        breaker::Breaker,
        connection::{Connection, Failure},
        request,
    },
};

/// Most answers come within this time; only after it do we begin to watch whether the client is still there.
const QUICK: Duration = Duration::from_millis(20);

/// Sends the permitted message and relays what comes back.
pub(crate) async fn call(
    gateway: &Gateway,
    client: &mut Client,
    permit: Permit,
    request: &Request<'_>,
    snapshot: &Snapshot,
    exchange: &mut Exchange,
) -> Result<(), Rejection> {
    let server = permit.server().clone();
    let _place = match request.kind {
        // A session's stream may last for hours and asks nothing of the server.
        Kind::Stream => None,
        _ => Some(server.runtime.load.enter(server.limits.max_concurrency).ok_or_else(|| too_many(&server))?),
    };
    let asked = Instant::now();
    let sent = send(gateway, client, &server, request, exchange).await;
    exchange.upstream.waited = Some(asked.elapsed());
    let Some(connection) = sent? else { return Ok(()) };
    relay::relay(gateway, client, permit, request, snapshot, exchange, connection, asked).await
}

/// Sends until there is an answer. None: the client went away meanwhile.
pub(super) async fn send(
    gateway: &Gateway,
    client: &mut Client,
    server: &Server,
    request: &Request<'_>,
    exchange: &mut Exchange,
) -> Result<Option<Connection>, Rejection> {
    let may_repeat = may_repeat(server, request);
    loop {
        let admitted = Admitted::by(&server.runtime.breaker, server)?;
        let failure = match attempt(gateway, client, server, request, exchange).await {
            Attempt::Answered(connection) => {
                let status = connection.head().map_or(0, |head| head.status.as_u16());
                if !matches!(status, 502..=504) {
                    admitted.succeeded();
                    return Ok(Some(connection));
                }
                admitted.failed();
                if !may_repeat || exchange.upstream.retries >= server.limits.max_retries {
                    return Ok(Some(connection));
                }
                Failure::Sent(format!("status {status}"))
            }
            Attempt::Gone => {
                exchange.ended(
                    gatewayops_proto::event::Status::Cancelled,
                    "client_closed",
                    "the client went away",
                );
                return Ok(None);
            }
            Attempt::TimedOut => {
                admitted.failed();
                exchange.charged = request.method().is_charged();
                return Err(timed_out(server, may_repeat));
            }
            Attempt::Failed(failure) => {
                admitted.failed();
                failure
            }
        };
        if let ControlFlow::Break(rejection) = again(server, may_repeat, exchange, failure) {
            return Err(rejection);
        }
        sleep(server.limits.retry_backoff * 2u32.saturating_pow(exchange.upstream.retries - 1)).await;
    }
}

enum Attempt {
    Answered(Connection),
    Failed(Failure),
    TimedOut,
    Gone,
}

async fn attempt(
    gateway: &Gateway,
    client: &mut Client,
    server: &Server,
    request: &Request<'_>,
    exchange: &Exchange,
) -> Attempt {
    let peer = match server.address.peer().await {
        Ok(peer) => peer,
        Err(error) => return Attempt::Failed(Failure::Connect(error.to_string())),
    };
    let credential = match gateway.credentials.header(&server.credential, &gateway.connections).await {
        Ok(credential) => credential,
        Err(reason) => return Attempt::Failed(Failure::Connect(reason)),
    };
    let wire = {
        let message = request.message();
        let splice =
            message.and_then(|message| trace_context::splice(request.body, message, &exchange.trace));
        let outgoing = request::Request {
            method: method(&request.kind),
            client: request.headers.as_ref().unwrap_or_else(|| client.headers()),
            session: request.session.as_ref().map(|session| &*session.upstream_id),
            trace: &exchange.trace,
            body: request.body,
            splice: splice.as_ref(),
            credential: &credential,
        };
        outgoing.to_wire(server)
    };
    let mut connection = match gateway.connections.send(peer, &wire).await {
        Ok(connection) => connection,
        Err(failure) => return Attempt::Failed(failure),
    };
    match answered(client, &mut connection, server.limits.timeout).await {
        Ok(()) => Attempt::Answered(connection),
        Err(attempt) => attempt,
    }
}

/// Waits for the head of the answer, and on the client as soon as that takes long.
async fn answered(client: &mut Client, connection: &mut Connection, limit: Duration) -> Result<(), Attempt> {
    if let Ok(answered) = timeout(QUICK.min(limit), connection.answered()).await {
        return answered.map_err(Attempt::Failed);
    }
    tokio::select! {
        biased;
        answered = connection.answered() => answered.map_err(Attempt::Failed),
        () = client.closed() => Err(Attempt::Gone),
        () = sleep(limit.saturating_sub(QUICK)) => Err(Attempt::TimedOut),
    }
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

fn again(
    server: &Server,
    may_repeat: bool,
    exchange: &mut Exchange,
    failure: Failure,
) -> ControlFlow<Rejection> {
    let (was_sent, reason) = match failure {
        Failure::Connect(reason) => (false, reason),
        Failure::Sent(reason) => (true, reason),
    };
    if (!was_sent || may_repeat) && exchange.upstream.retries < server.limits.max_retries {
        exchange.upstream.retries += 1;
        return ControlFlow::Continue(());
    }
    ControlFlow::Break(failed(server, was_sent, &reason))
}

/// The server could not be reached, or broke off.
pub(crate) fn failed(server: &Server, was_sent: bool, reason: &str) -> Rejection {
    let message = if was_sent {
        format!("{} did not answer; the outcome is unknown, so check before calling again", server.name)
    } else {
        format!("{} cannot be reached; nothing was sent, so calling again later is safe", server.name)
    };
    Rejection::new(Code::UpstreamError, message)
        .with("mcp_server", &*server.name)
        .with("reason", reason)
        .with("retryable", !was_sent)
}

pub(crate) fn timed_out(server: &Server, may_repeat: bool) -> Rejection {
    let limit = server.limits.timeout.as_millis();
    Rejection::new(
        Code::UpstreamTimeout,
        format!("{} did not answer within {limit} ms; the outcome is unknown", server.name),
    )
    .with("mcp_server", &*server.name)
    .with("retryable", may_repeat)
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

/// A call that the breaker let through; how it ends is told to the breaker exactly once.
struct Admitted<'a> {
    breaker: &'a Breaker,
    limits: crate::upstream::breaker::Limits,
    is_told: bool,
}

impl<'a> Admitted<'a> {
    fn by(breaker: &'a Breaker, server: &Server) -> Result<Self, Rejection> {
        let limits = server.limits.breaker;
        breaker.admit(limits, Instant::now()).map_err(|wait| {
            Rejection::new(
                Code::CircuitOpen,
                format!(
                    "{} has failed too often and is left alone for a while; try again later",
                    server.name
                ),
            )
            .with("mcp_server", &*server.name)
            .retry_after(wait.as_secs().max(1))
        })?;
        Ok(Self { breaker, limits, is_told: false })
    }

    fn succeeded(mut self) {
        self.is_told = true;
        self.breaker.succeeded(self.limits);
    }

    fn failed(mut self) {
        self.is_told = true;
        self.breaker.failed(self.limits, Instant::now());
    }
}

impl Drop for Admitted<'_> {
    fn drop(&mut self) {
        if !self.is_told {
            self.breaker.abandoned();
        }
    }
}
