//! The stages of an exchange, in order. Read this first.
//!
//! ```text
//! route → origin → authenticate → decode → limit → session → authorize → clear → call → record
//! ```
//!
//! - `route` first: even a refusal must know which endpoint was meant.
//! - `origin` before anything else is looked at (R1.13).
//! - `authenticate` before the body: it is read only for a caller we know.
//! - `decode` parses once; all later stages see the same bytes (R0.6).
//! - `limit` before anything costs more than a look: what is refused there has cost nobody anything (contract 2.2).
//! - `authorize` makes the [`Permit`](authorize::Permit): what was granted covers the message.
//! - `clear` asks what else an organization has decided (`guard` looks at the content, `approve` asks a person) and
//!   makes the [`Cleared`](clear::Cleared) that `call` cannot do without. `relay` has the guard look at what comes back.
//! - `session` opens what a legacy request refers to: its session, the event or the request it answers.
//! - `record` runs however the exchange ended.
//!
//! `batch` takes the messages of one array through the same stages one by one; `federated` finds the server that a
//! message on the endpoint of all servers concerns, and answers what concerns all.
//!
//! One [`Snapshot`](crate::snapshot::Snapshot) is taken at the start and used to the end; a token that is signed with a
//! new key is the one reason to take a newer one, before anything else was decided.

use std::{sync::Arc, time::Instant};

use bytes::Bytes;

use crate::{
    exchange::{Exchange, stages::Stage},
    gateway::Client,
    mcp::{
        trace_context::{FreshIds, TraceContext},
        version::Era,
    },
    principal::Principal,
    rejection::{Code, Rejection},
    server::Gateway,
    snapshot::Snapshot,
    upstream::Server,
};

pub(crate) mod answer;
pub(crate) mod approve;
pub(crate) mod ask;
pub(crate) mod authenticate;
pub(crate) mod authorize;
pub(crate) mod batch;
pub(crate) mod call;
pub(crate) mod clear;
pub(crate) mod decode;
pub(crate) mod definitions;
pub(crate) mod facade;
pub(crate) mod federated;
pub(crate) mod guard;
pub(crate) mod limit;
pub(crate) mod origin;
pub(crate) mod record;
pub(crate) mod relay;
pub(crate) mod route;
pub(crate) mod session;
pub(crate) mod state;
pub(crate) mod well_known;

#[cfg(test)]
mod tests;

use answer::Reply;
use decode::Round;
use route::{Endpoint, Route};
use state::Brought;

/// Serves one HTTP request of a client, whatever it is.
pub(crate) async fn serve(gateway: &Gateway, client: &mut Client) {
    let _under_way = gateway.enter();
    let route = match route::route(client.path()) {
        Ok(Route::Health) => return answer::health(client).await,
        Ok(Route::WellKnown(document)) => return well_known::serve(gateway, client, &document).await,
        Ok(Route::Mcp(endpoint)) => endpoint,
        Err(rejection) => return answer::unrouted(client, &rejection).await,
    };
    if client.method() == http::Method::OPTIONS {
        return origin::preflight(gateway, client).await;
    }
    let trace =
        TraceContext::of(None, client.header("traceparent"), client.header("tracestate"), FreshIds::draw());
    let address = authenticate::client_address(client, &gateway.config.trusted_proxies);
    let mut exchange = Exchange::new(answer::request_id(client), address, trace);
    let mut reply = Reply::new(&route);
    if let Err(mut rejection) = exchange_with(gateway, client, &route, &mut exchange, &mut reply).await {
        if exchange.principal.is_none() && rejection.code.status() == 401 {
            rejection = limit::stranger(gateway, None, address, rejection);
        }
        exchange.rejected(rejection.code, &rejection.message);
        answer::reject(gateway, client, &mut exchange, &reply, &rejection).await;
    }
    record::record(gateway, exchange);
}

async fn exchange_with(
    gateway: &Gateway,
    client: &mut Client,
    endpoint: &Endpoint,
    exchange: &mut Exchange,
    reply: &mut Reply,
) -> Result<(), Rejection> {
    origin::check(gateway, client)?;
    admit(gateway)?;
    let mut snapshot = gateway.snapshot()?;
    let resource = endpoint.resource();
    let began = Instant::now();
    let known = authenticate::authenticate(gateway, client, resource, &mut snapshot, exchange).await;
    exchange.stages.ended(Stage::Authenticate, began, &known);
    let principal = known?;
    exchange.principal = Some(principal.clone());
    gateway.telemetry.key_used(&principal, exchange.client_address);
    match endpoint {
        Endpoint::Server(name) => {
            let server = authorize::server(&snapshot, &principal, name, exchange)?;
            let body = decode::body(gateway, client, server.limits.max_request_bytes, exchange).await?;
            let at = At::Server(&server);
            if let Some(elements) = batch::elements(client, &body, at, &principal, &snapshot, exchange) {
                return batch::serve(gateway, client, &elements, at, &snapshot, &principal, exchange).await;
            }
            message(gateway, client, &body, at, &snapshot, &principal, exchange, reply).await
        }
        Endpoint::Facade(operation) => {
            facade::serve(gateway, client, operation, &snapshot, &principal, exchange).await
        }
        Endpoint::Federated => {
            let body = decode::body(gateway, client, u64::MAX, exchange).await?;
            let at = At::All;
            if let Some(elements) = batch::elements(client, &body, at, &principal, &snapshot, exchange) {
                return batch::serve(gateway, client, &elements, at, &snapshot, &principal, exchange).await;
            }
            message(gateway, client, &body, at, &snapshot, &principal, exchange, reply).await
        }
    }
}

/// Whose endpoint a message came to.
#[derive(Clone, Copy)]
pub(crate) enum At<'a> {
    Server(&'a Arc<Server>),
    All,
}

impl<'a> At<'a> {
    pub(crate) fn server(self) -> Option<&'a Server> {
        match self {
            Self::Server(server) => Some(server),
            Self::All => None,
        }
    }
}

/// The stages of one message, from `decode` on.
#[expect(clippy::too_many_arguments, reason = "what the stages before have found, each its own")]
pub(crate) async fn message(
    gateway: &Gateway,
    client: &mut Client,
    body: &Bytes,
    at: At<'_>,
    snapshot: &Arc<Snapshot>,
    principal: &Arc<Principal>,
    exchange: &mut Exchange,
    reply: &mut Reply,
) -> Result<(), Rejection> {
    let mut request = decode::decode(client, body, at.server(), principal, snapshot, exchange, reply)?;
    let At::Server(server) = at else {
        return federated::serve(gateway, client, &request, snapshot, principal, exchange).await;
    };
    let (name, tool) = (Some(&*server.name), request.tool_called());
    limit::message(gateway, snapshot, principal, &request, name, tool, exchange).await?;
    session::check(gateway, client, snapshot, server, principal, &mut request, exchange).await?;
    if request.era == Era::Modern
        && let Some(message) = request.message()
    {
        match state::unsealed(snapshot, principal, exchange.now_ms(), server, body, message)? {
            Brought::Nothing => {}
            Brought::Servers(body, sealed) => {
                (request.replaced, request.round) = (Some(body), Round::Servers(sealed));
            }
            Brought::Ours(body) => (request.replaced, request.round) = (Some(body), Round::FromPage),
        }
    }
    let permit = exchange.timed(Stage::Authorize, |_| authorize::message(principal, server, &request))?;
    decode::check_parameters(client, server, &request)?;
    if session::is_ping(&request) {
        return session::pong(gateway, client, &request, exchange).await;
    }
    let _open = session::open_stream(gateway, principal, &request)?;
    let cleared = clear::clear(gateway, client, permit, &mut request, snapshot, exchange).await?;
    call::call(gateway, client, cleared, &request, snapshot, exchange).await
}

/// Bounds what is under way at once, and lets a draining proxy take nothing new (R1.22).
fn admit(gateway: &Gateway) -> Result<(), Rejection> {
    if gateway.is_draining() {
        return Err(Rejection::new(Code::Unavailable, "this proxy is shutting down; send the request again")
            .with("dependency", "proxy")
            .retry_after(1));
    }
    let limit = gateway.config.max_connections;
    if gateway.under_way() > limit {
        return Err(Rejection::new(Code::Unavailable, format!("more than {limit} requests are under way"))
            .with("dependency", "proxy")
            .retry_after(1));
    }
    Ok(())
}
