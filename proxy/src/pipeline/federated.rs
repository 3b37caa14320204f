//! One endpoint for all servers that the caller may use (requirements section 5): which of its stages differ, and how.
//!
//! What concerns one server is rewritten for it and then called like on its own endpoint; what concerns all is
//! answered here.

use std::sync::Arc;

use futures::future::join_all;
use gatewayops_proto::access::Permission;

use super::{
    answer, authorize,
    decode::{self, Kind, Request},
    limit,
    session::{is_ping, open_stream, pong},
};
use crate::{
    exchange::{Exchange, stages::Stage},
    federation::{list, naming, session::Holder},
    gateway::Client,
    mcp::{
        header,
        method::Method,
        session::Endpoint,
        version::{Era, Version},
    },
    principal::Principal,
    rejection::{Code, Rejection},
    server::Gateway,
    snapshot::Snapshot,
    upstream::{Server, era::Finding, own::Own},
};

mod call;
mod handshake;
mod hear;
mod lists;
mod notify;
mod stream;

/// One request on the endpoint.
pub(crate) struct Federated<'a> {
    gateway: &'a Gateway,
    snapshot: &'a Arc<Snapshot>,
    principal: &'a Arc<Principal>,
    era: Era,
    now_ms: u64,
}

/// A server, and whether it speaks the caller's era.
struct Speaker {
    server: Arc<Server>,
    finding: Finding,
}

pub(crate) async fn serve(
    gateway: &Gateway,
    client: &mut Client,
    request: &Request<'_>,
    snapshot: &Arc<Snapshot>,
    principal: &Arc<Principal>,
    exchange: &mut Exchange,
) -> Result<(), Rejection> {
    // A call of a tool is decided on where its server is known.
    if request.method() != Method::ToolsCall {
        exchange.timed(Stage::Authorize, |_| authorize::read(principal))?;
    }
    let federated = Federated { gateway, snapshot, principal, era: request.era, now_ms: exchange.now_ms() };
    federated.check_session(client, request).await?;
    let _open = open_stream(gateway, principal, request)?;
    match &request.kind {
        Kind::Stream => federated.listen(client, request, exchange).await,
        Kind::EndSession => federated.end(client, request, exchange).await,
        Kind::Message(message) if message.is_response => federated.answered(client, request, exchange).await,
        Kind::Message(message) if !message.is_request() => {
            federated.notified(client, request, exchange).await
        }
        Kind::Message(_) => federated.request(client, request, exchange).await,
    }
}

impl Federated<'_> {
    async fn request(
        &self,
        client: &mut Client,
        request: &Request<'_>,
        exchange: &mut Exchange,
    ) -> Result<(), Rejection> {
        let Some(message) = request.message() else { return Ok(()) };
        let method = message.method_name();
        if !concerns_one_server(method) {
            let (snapshot, principal) = (self.snapshot, self.principal);
            limit::message(self.gateway, snapshot, principal, request, None, None, exchange).await?;
        }
        if let Some(kind) = list::Kind::of_method(method) {
            return self.list(client, request, kind, exchange).await;
        }
        match (self.era, method) {
            (Era::Legacy, "initialize") => self.initialize(client, message, exchange).await,
            (Era::Legacy, _) if is_ping(request) => pong(self.gateway, client, request, exchange).await,
            (Era::Legacy, "logging/setLevel") => self.set_level(client, request, exchange).await,
            (Era::Modern, "server/discover") => self.discover(client, message, exchange).await,
            (Era::Modern, "subscriptions/listen") => self.subscribe(client, message, exchange).await,
            (Era::Legacy, "resources/subscribe" | "resources/unsubscribe") => {
                self.call(client, request, exchange).await
            }
            _ if concerns_one_server(method) => self.call(client, request, exchange).await,
            (Era::Modern, _) => Err(unknown_method(Code::UnknownMethod, method)),
            (Era::Legacy, _) => Err(unknown_method(Code::UnknownLegacyMethod, method)),
        }
    }

    /// A legacy request belongs to a session that is still open; without one there is only `initialize`.
    async fn check_session(&self, client: &Client, request: &Request<'_>) -> Result<(), Rejection> {
        if self.era == Era::Modern {
            return Ok(());
        }
        if request.is_initialize() {
            return self.gateway.sessions.admit(self.principal);
        }
        let (Some((_, digest)), Some(token)) = (&request.session, client.header(header::SESSION_ID)) else {
            return Err(Rejection::new(Code::InvalidMessage, "Mcp-Session-Id is missing: initialize first"));
        };
        if self.gateway.sessions.used(&self.gateway.store, token, *digest, self.principal).await {
            Ok(())
        } else {
            Err(decode::unknown_session())
        }
    }

    /// The servers that the caller may ask, by name.
    fn servers(&self) -> impl Iterator<Item = &Arc<Server>> {
        self.snapshot
            .servers_of(self.principal.org)
            .into_iter()
            .filter(|server| server.enabled && self.principal.may(Permission::MCP_READ, server))
    }

    fn own<'b>(&'b self, server: &'b Arc<Server>) -> Own<'b> {
        Own { gateway: self.gateway, server }
    }

    /// Who of them speaks the caller's era, as far as that could be found out.
    async fn speakers(&self) -> Vec<Speaker> {
        let found = self.servers().map(|server| async move {
            let finding = server.eras.find(self.own(server), self.era).await;
            Speaker { server: server.clone(), finding }
        });
        join_all(found).await
    }

    /// The client's side of its sessions at servers.
    fn holder<'b>(&'b self, request: &'b Request<'_>) -> Option<Holder<'b>> {
        let (session, digest) = request.session.as_ref()?;
        let Endpoint::Federated { client, .. } = &session.endpoint else { return None };
        Some(Holder {
            keys: &self.snapshot.token_keys,
            principal: self.principal.id,
            digest: *digest,
            version: session.version,
            client,
            now_ms: self.now_ms,
            expires_at_ms: session.expires_at_ms,
        })
    }

    /// The names of the organization's tools.
    fn names(&self) -> Arc<naming::Table> {
        let prefix = self.gateway.config.mcp_name_prefix;
        self.gateway.federation.names.of(prefix, self.snapshot, self.principal.org)
    }

    fn version(&self, request: &Request<'_>) -> Version {
        request.session.as_ref().map_or(Version::NEWEST_LEGACY, |(session, _)| session.version)
    }
}

/// Whether the endpoint passes it on to the server that it names.
fn concerns_one_server(method: &str) -> bool {
    matches!(method, "tools/call" | "prompts/get" | "resources/read" | "completion/complete")
}

/// The request's id as written.
fn id_of<'a>(request: &'a Request<'_>) -> &'a str {
    request.message().and_then(|message| message.id).map_or("null", |id| id.get())
}

fn unknown_method(code: Code, method: &str) -> Rejection {
    Rejection::new(code, format!("Method not found: {method}"))
}

/// Answers a request with a result that we have written.
async fn result(
    gateway: &Gateway,
    client: &mut Client,
    exchange: &mut Exchange,
    id: &str,
    result: &str,
) -> Result<(), Rejection> {
    let body = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#);
    answer::respond(gateway, client, exchange, body.into()).await
}
