//! A session's stream: what all its servers say outside of a call, and what a broken stream has missed (R3.10, R5.12).

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use gatewayops_proto::access::Permission;
use uuid::Uuid;

use super::{ASK_AGAIN, Changes, Ears, KEEP_ALIVE, REFRESH, REOPEN, changed, event, next};
use crate::{
    exchange::{Exchange, stages::Stage},
    federation::mapping::{Context, Mapping},
    gateway::{Client, Gone},
    mcp::{method::Method, session::EventId, sse::Event, version::Era},
    pipeline::{
        authenticate::standing::withdrawn,
        authorize, call, clear,
        decode::{self, Kind, Request},
        federated::{
            Federated,
            hear::{Said, hear},
        },
        guard::Guard,
        relay::event::{Passing, Sealer},
        session::kept,
    },
    rejection::{Code, Rejection},
    upstream::{Server, own::Leg},
};

/// The streams of the session's servers, and when each may be opened again.
#[derive(Default)]
struct Open {
    /// Of the server's session, while its stream is open.
    sessions: HashMap<Uuid, String>,
    not_before: HashMap<Uuid, Instant>,
}

impl Federated<'_> {
    pub(in crate::pipeline::federated) async fn listen(
        &self,
        client: &mut Client,
        request: &Request<'_>,
        exchange: &mut Exchange,
    ) -> Result<(), Rejection> {
        if let Some(event) = client.header("last-event-id").map(str::to_owned) {
            return self.resume(client, request, exchange, &event).await;
        }
        let _open = self.gateway.telemetry.stream_opened();
        let _kept = kept(self.gateway, client, request);
        if self.begin(client, exchange).await?.is_err() {
            return Ok(());
        }
        // A client that went away has ended its stream, and that is all.
        let _: Result<(), Gone> = self.relay_session(client, request, exchange).await;
        Ok(())
    }

    async fn relay_session(
        &self,
        client: &mut Client,
        request: &Request<'_>,
        exchange: &mut Exchange,
    ) -> Result<(), Gone> {
        let standing = exchange.standing.clone();
        let standing = standing.as_ref();
        let mut ears = Ears::default();
        let (mut open, mut changes, mut seen) = (Open::default(), Changes::default(), self.seen());
        let mut refreshed = Instant::now() - REFRESH;
        let mut written = Instant::now();
        let mut now = self.now();
        let session_ends_at_ms = request.session.as_ref().map(|(session, _)| session.expires_at_ms);
        let withdrawn = withdrawn(&self.gateway.current, standing, session_ends_at_ms);
        tokio::pin!(withdrawn);
        loop {
            if refreshed.elapsed() >= REFRESH {
                now.renew(self.gateway, standing);
                let refresh = self.at(&now);
                tokio::select! {
                    biased;
                    _ = &mut withdrawn => return client.end().await,
                    () = refresh.refresh_session(request, &mut open, &mut ears) => {}
                }
                refreshed = Instant::now();
            }
            let by_now = self.at(&now);
            if by_now.has_changed(&mut seen) {
                changes.of_all();
            }
            for method in changes.take(Instant::now()) {
                client.write(event(&format!(r#"{{"jsonrpc":"2.0","method":"{method}"}}"#))).await?;
                written = Instant::now();
            }
            if written.elapsed() >= KEEP_ALIVE {
                client.write(Bytes::from_static(b":\n\n")).await?;
                written = Instant::now();
            }
            tokio::select! {
                biased;
                () = client.closed() => return Err(Gone),
                () = self.gateway.drained() => return client.end().await,
                _ = &mut withdrawn => return client.end().await,
                said = next(&mut ears) => match said {
                    Some(Said::Message(server, data)) => {
                        // What a server says that is not for the caller any more, nobody hears.
                        let Some(server) = by_now.still(&server) else { continue };
                        if let Some(kind) = changed_by(&data) {
                            self.gateway.federation.lists.forget(server.id, Some(kind));
                            changes.of(kind);
                        } else if let Some(data) = by_now.guarded(server, data, exchange)
                            && let Some(data) = by_now.passed_on(request, &open, server, data).await
                        {
                            client.write(event(&data)).await?;
                            written = Instant::now();
                        }
                    }
                    Some(Said::Ended(server, had_one)) => {
                        open.sessions.remove(&server.id);
                        let again = if had_one { REOPEN } else { ASK_AGAIN };
                        open.not_before.insert(server.id, Instant::now() + again);
                    }
                    None => {}
                }
            }
        }
    }

    async fn refresh_session(&self, request: &Request<'_>, open: &mut Open, ears: &mut Ears) {
        self.open_streams(request, open, ears).await;
        for server in self.servers() {
            self.look_for(server).await;
        }
    }

    /// Opens the stream of every session at a server that has none open yet.
    async fn open_streams(&self, request: &Request<'_>, open: &mut Open, ears: &mut Ears) {
        for upstream in self.open_upstreams(request).await {
            let may_open = open.not_before.get(&upstream.server).is_none_or(|at| Instant::now() >= *at);
            let Some(server) = self.snapshot.server_by_id(upstream.server) else { continue };
            let Some(id) = upstream.id.filter(|_| may_open) else { continue };
            if open.sessions.contains_key(&server.id) || !self.principal.may(Permission::MCP_READ, server) {
                continue;
            }
            let leg = Leg::Legacy { version: upstream.version, session: Some(&id) };
            match self.own(server).listen(leg).await {
                Ok(connection) => {
                    let status = connection.head().map_or(0, |head| head.status.as_u16());
                    if let (404, Some(holder)) = (status, self.holder(request)) {
                        let sessions = &self.gateway.federation.sessions;
                        sessions.lost(holder.digest, &self.gateway.store, server.id).await;
                    }
                    open.sessions.insert(server.id, id);
                    ears.push(hear(server.clone(), connection));
                }
                Err(_) => {
                    open.not_before.insert(server.id, Instant::now() + Duration::from_secs(1));
                }
            }
        }
    }

    /// What the guard leaves of a message that belongs to no call. None: nobody hears it.
    fn guarded(&self, server: &Server, data: String, exchange: &mut Exchange) -> Option<String> {
        let policies = self.snapshot.policies.of(self.principal.org);
        let guard = Guard {
            safety: &policies.safety,
            server: &server.name,
            tool: None,
            method: Method::Other,
            is_strict: false,
            schema: None,
        };
        guard.answer(&data, exchange).ok().map(|judged| judged.unwrap_or(data))
    }

    /// The message as the client may see it. None: it was for us.
    async fn passed_on(
        &self,
        request: &Request<'_>,
        open: &Open,
        server: &Arc<Server>,
        data: String,
    ) -> Option<String> {
        let (session, _) = request.session.as_ref()?;
        let upstream_session = open.sessions.get(&server.id).map_or("", String::as_str);
        let context = Context {
            keys: &self.snapshot.token_keys,
            principal: self.principal.id,
            now_ms: self.now_ms,
            server: server.id,
            slug: &server.name,
            asked: None,
        };
        let mapping = Mapping { result: None, era: Era::Legacy };
        let data = mapping.apply(&context, &data).unwrap_or(data);
        let sealer = Sealer {
            keys: &self.snapshot.token_keys,
            principal: self.principal.id,
            server,
            upstream_session,
            expires_at_ms: session.expires_at_ms,
        };
        match sealer.seal(Event { data: Some(data.into()), ..Event::default() }) {
            Passing::On(event) => event.data.map(std::borrow::Cow::into_owned),
            Passing::Answered(answer) => {
                let leg = Leg::Legacy { version: self.version(request), session: Some(upstream_session) };
                if let Err(fault) = self.own(server).tell(leg, &answer).await {
                    tracing::debug!(server.name = &*server.name, ?fault, "a ping could not be answered");
                }
                None
            }
        }
    }

    /// What a stream that broke has missed, from the server whose stream it was (R3.10).
    async fn resume(
        &self,
        client: &mut Client,
        request: &Request<'_>,
        exchange: &mut Exchange,
        event: &str,
    ) -> Result<(), Rejection> {
        let unknown = || Rejection::new(Code::InvalidRequest, "Last-Event-ID names no event of this session");
        let event: EventId =
            self.snapshot.token_keys.open(self.principal.id, self.now_ms, event).ok_or_else(unknown)?;
        let open = self.open_upstreams(request).await;
        let upstream = open
            .into_iter()
            .find(|upstream| {
                upstream.server == event.server && upstream.id.as_deref() == Some(&*event.upstream_session)
            })
            .ok_or_else(unknown)?;
        let name = self.snapshot.server_by_id(upstream.server).map(|server| server.name.clone());
        let server = authorize::server(self.snapshot, self.principal, &name.ok_or_else(unknown)?, exchange)?;
        let body = Bytes::new();
        let mut outgoing = Request::new(Era::Legacy, Kind::Stream, &body);
        outgoing.headers = Some(Leg::Legacy { version: upstream.version, session: None }.headers("", None));
        outgoing.upstream_session = upstream.id;
        outgoing.session = request.session.clone();
        outgoing.last_event = Some(event.upstream_id);
        outgoing.mapping =
            Some(Mapping { result: Some(crate::federation::uri::Kind::ToolResult), era: Era::Legacy });
        let permit =
            exchange.timed(Stage::Authorize, |_| authorize::message(self.principal, &server, &outgoing))?;
        decode::check_parameters(client, &server, &outgoing)?;
        let cleared =
            clear::clear(self.gateway, client, permit, &mut outgoing, self.snapshot, exchange).await?;
        call::call(self.gateway, client, cleared, &outgoing, self.snapshot, exchange).await
    }
}

fn changed_by(data: &str) -> Option<crate::federation::list::Kind> {
    #[derive(serde::Deserialize)]
    struct Message<'a> {
        #[serde(borrow)]
        method: std::borrow::Cow<'a, str>,
    }
    let message: Message<'_> = serde_json::from_str(data).ok()?;
    changed(&message.method)
}
