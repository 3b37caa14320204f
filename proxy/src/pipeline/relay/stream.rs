//! Relays an event stream, whole events only, as they come (R1.15, R1.16).

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use gatewayops_proto::event::Status;
use pingora::time::sleep;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::authorize::Permit;
use super::{
    event::{Passing, Sealer},
    head,
    heard::Heard,
    is_rewritten, judged, learn, mapped, said, wants_answer,
};
use crate::{
    exchange::{Exchange, stages::Stage},
    federation::mapping::Context,
    gateway::Client,
    mcp::{
        method::Method,
        sse,
        version::{Era, Version},
    },
    pipeline::{
        authenticate::standing::withdrawn,
        clear::{self, Cleared},
        decode::{Kind, Request},
        guard,
        session::kept,
    },
    rejection::Rejection,
    server::Gateway,
    snapshot::Snapshot,
    upstream::{
        connection::Connection,
        own::{Leg, Own},
    },
};

/// A comment is sent at least this often, so that nobody on the way takes the stream for dead (R1.15).
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// A server without sessions is answered within this time, or not at all.
const STATELESS_MS: u64 = 60 * 60 * 1000;

pub(super) struct Stream<'a> {
    pub(super) gateway: &'a Gateway,
    pub(super) cleared: &'a Cleared,
    pub(super) request: &'a Request<'a>,
    pub(super) snapshot: &'a Snapshot,
    pub(super) asked: Instant,
    pub(super) now_ms: u64,
}

/// How the stream came to its end.
enum End {
    /// The server closed it.
    Closed,
    /// The server broke off, fell silent or sent too large an event.
    Broken(&'static str),
    TimedOut,
    /// The client went away.
    Gone,
    Draining,
    /// The client would not be let in any more.
    Withdrawn(Rejection),
}

/// Who speaks, and whether it wants an answer.
#[derive(Deserialize)]
struct Spoken<'a> {
    #[serde(borrow)]
    method: Option<&'a RawValue>,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
}

/// The progress of one stream.
#[derive(Default)]
struct Progress {
    reader: sse::Reader,
    /// The beginning of an event that is not yet whole.
    pending: BytesMut,
    has_response: bool,
    /// A request or notification is among what has come and not yet been passed on.
    speaks: bool,
    /// The end of what was said before.
    heard: Heard,
}

impl Stream<'_> {
    pub(super) async fn run(
        self,
        client: &mut Client,
        exchange: &mut Exchange,
        mut connection: Connection,
    ) -> Result<(), Rejection> {
        exchange.outcome.status_code = 200;
        let mut head = head(
            self.gateway,
            client,
            exchange,
            self.request,
            self.snapshot,
            &connection,
            200,
            "text/event-stream",
        )?;
        // None of these values can fail to be a header.
        let _ = head.insert_header("cache-control", "no-cache, no-transform");
        let _ = head.insert_header("x-accel-buffering", "no");
        let mut progress = Progress::default();
        let _open = self.gateway.telemetry.stream_opened();
        let _kept = kept(self.gateway, client, self.request);
        let end = match client.begin(head).await {
            Ok(()) => self.pass(client, exchange, &mut connection, &mut progress).await,
            Err(_) => End::Gone,
        };
        exchange.upstream.waited = Some(self.asked.elapsed());
        self.finish(client, exchange, end, &progress).await;
        if connection.is_done() {
            self.gateway.connections.release(connection).await;
        }
        Ok(())
    }

    async fn pass(
        &self,
        client: &mut Client,
        exchange: &mut Exchange,
        connection: &mut Connection,
        progress: &mut Progress,
    ) -> End {
        let limits = &self.permit().server().limits;
        let mut silent = Duration::ZERO;
        let standing = exchange.standing.clone();
        let session_ends_at_ms = self.request.session.as_ref().map(|(session, _)| session.expires_at_ms);
        let withdrawn = withdrawn(&self.gateway.current, standing.as_ref(), session_ends_at_ms);
        tokio::pin!(withdrawn);
        loop {
            let wait = KEEP_ALIVE.min(limits.stream_idle_timeout.saturating_sub(silent));
            tokio::select! {
                biased;
                // First: a server that never stops talking must not keep it from being asked.
                rejection = &mut withdrawn => return End::Withdrawn(rejection),
                chunk = connection.chunk() => match chunk {
                    Ok(Some(chunk)) => {
                        silent = Duration::ZERO;
                        if self.forward(client, exchange, progress, chunk).await.is_err() {
                            return End::Gone;
                        }
                        if progress.reader.event_bytes() > limits.max_response_bytes {
                            return End::Broken("an event larger than max_response_bytes");
                        }
                    }
                    Ok(None) => return End::Closed,
                    Err(_) => return End::Broken("the server broke off"),
                },
                () = client.closed() => return End::Gone,
                // A session's stream is given up at once: its client opens it again elsewhere.
                () = self.gateway.drained(), if matches!(self.request.kind, Kind::Stream) => return End::Draining,
                () = sleep(wait) => {
                    silent += wait;
                    if silent >= limits.stream_idle_timeout {
                        return End::TimedOut;
                    }
                    if client.write(Bytes::from_static(b":\n\n")).await.is_err() {
                        return End::Gone;
                    }
                }
            }
        }
    }

    /// Passes on the events that are whole by now.
    async fn forward(
        &self,
        client: &mut Client,
        exchange: &mut Exchange,
        progress: &mut Progress,
        chunk: Bytes,
    ) -> Result<(), crate::gateway::Gone> {
        let mut response = None;
        let speaks = &mut progress.speaks;
        let complete = progress.reader.feed(&chunk, |answer| {
            *speaks |= answer.is_some_and(|answer| answer.has_method);
            response = answer.filter(crate::mcp::answer::Answer::is_response).or(response);
        });
        if complete == 0 {
            progress.pending.extend_from_slice(&chunk);
            return Ok(());
        }
        let events = if progress.pending.is_empty() {
            chunk.slice(..complete)
        } else {
            progress.pending.extend_from_slice(&chunk[..complete]);
            progress.pending.split().freeze()
        };
        progress.pending.extend_from_slice(&chunk[complete..]);
        if let Some(answer) = response
            && wants_answer(self.request)
        {
            progress.has_response = true;
            said(&events, exchange);
            learn(exchange, self.request, self.permit().server(), answer);
        }
        let speaks = std::mem::take(&mut progress.speaks);
        let is_own = speaks || progress.reader.has_ids();
        let events = self.prepared(events, is_own, &mut progress.heard, exchange).await;
        if events.is_empty() {
            return Ok(());
        }
        exchange.response_bytes += events.len() as u64;
        client.write(events).await
    }

    /// The events as this client may see them; most pass as they are. `is_own`: they may carry ids of the server's.
    async fn prepared(
        &self,
        events: Bytes,
        is_own: bool,
        heard: &mut Heard,
        exchange: &mut Exchange,
    ) -> Bytes {
        let sealer = (is_own && self.request.era == Era::Legacy).then(|| self.sealer());
        let is_rewritten = is_rewritten(self.request, &events);
        let is_judged = super::speaks_of_itself(self.request)
            || !self.cleared.policies().safety.is_empty()
            || exchange.payload.is_some();
        if !is_judged && sealer.is_none() && !is_rewritten {
            return events;
        }
        let Ok(text) = std::str::from_utf8(&events) else { return events };
        let mut written = String::with_capacity(text.len());
        for mut one in sse::events(&sse::unified(text)) {
            // What is not for the client to see is not in a stream either (R5.4, R10.5).
            if is_judged && let Some(data) = one.data.as_deref() {
                match self.judged(data, heard, exchange) {
                    Ok(None) => {}
                    Ok(Some(judged)) => one.data = Some(judged.into()),
                    Err(rejection) => match self.refused(data, rejection, exchange).await {
                        Some(answer) => one.data = Some(answer.into()),
                        None => continue,
                    },
                }
            }
            if is_rewritten
                && let Some(mapped) =
                    one.data.as_deref().and_then(|data| mapped(self.request, &self.context(), data))
            {
                one.data = Some(mapped.into());
            }
            match sealer.as_ref().map_or(Passing::On(one.clone()), |sealer| sealer.seal(one)) {
                Passing::On(event) => event.write(&mut written),
                Passing::Answered(answer) => self.answer(&answer).await,
            }
        }
        written.into()
    }

    /// One message of the server's. None: as it is.
    fn judged(
        &self,
        data: &str,
        heard: &mut Heard,
        exchange: &mut Exchange,
    ) -> Result<Option<String>, Rejection> {
        let judged = judged(self.gateway, self.cleared, self.request, data, exchange)?;
        let look = clear::guard(self.permit(), self.cleared.policies(), self.request);
        if !look.safety.is_empty() && !super::speaks_of_itself(self.request) {
            let content = guard::content(judged.as_deref().unwrap_or(data)).unwrap_or_default();
            heard.and(content, |joined| {
                exchange.timed(Stage::SafetyResponse, |exchange| look.joined(joined, exchange))
            })?;
        }
        Ok(judged)
    }

    /// What the client gets in place of a message that is blocked. None: nothing.
    async fn refused(&self, data: &str, rejection: Rejection, exchange: &mut Exchange) -> Option<String> {
        let spoken: Spoken<'_> = serde_json::from_str(data).ok()?;
        match (spoken.method, spoken.id) {
            // A server that asks is told that nobody will answer.
            (Some(_), Some(id)) => {
                let error = r#"{"code":-32603,"message":"the request was blocked by a policy"}"#;
                self.answer(format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{error}}}"#).as_bytes()).await;
                None
            }
            (Some(_), None) => None,
            (None, _) => {
                exchange.rejected(rejection.code, &rejection.message);
                let id = self.request.message().and_then(|message| message.id).map(|id| id.get());
                let is_tool_call = self.request.method() == Method::ToolsCall;
                Some(rejection.to_mcp(id, is_tool_call, &exchange.request_id).body)
            }
        }
    }

    fn permit(&self) -> &Permit {
        self.cleared.permit()
    }

    fn sealer(&self) -> Sealer<'_> {
        Sealer {
            keys: &self.snapshot.token_keys,
            principal: self.permit().principal().id,
            server: self.permit().server(),
            upstream_session: self.request.upstream_session().unwrap_or_default(),
            expires_at_ms: self
                .request
                .session
                .as_ref()
                .map_or(self.now_ms + STATELESS_MS, |(session, _)| session.expires_at_ms),
        }
    }

    fn context(&self) -> Context<'_> {
        super::context(self.request, self.permit(), self.snapshot, self.now_ms)
    }

    async fn answer(&self, answer: &[u8]) {
        let version =
            self.request.session.as_ref().map_or(Version::NEWEST_LEGACY, |(session, _)| session.version);
        let leg = Leg::Legacy { version, session: self.request.upstream_session() };
        let own = Own { gateway: self.gateway, server: self.permit().server() };
        if let Err(fault) = own.tell(leg, answer).await {
            tracing::debug!(server.name = &*own.server.name, ?fault, "a ping could not be answered");
        }
    }

    async fn finish(&self, client: &mut Client, exchange: &mut Exchange, end: End, progress: &Progress) {
        let server = self.permit().server();
        let is_answered = progress.has_response || !wants_answer(self.request);
        let rejection = match end {
            End::Gone => {
                if !is_answered {
                    exchange.ended(Status::Cancelled, "client_closed", "the client went away");
                }
                return;
            }
            _ if is_answered => None,
            End::Withdrawn(rejection) => Some(rejection),
            // The client resumes by itself from the last event id it saw (2025-11-25, server may close early).
            End::Closed if self.request.era == Era::Legacy && progress.reader.has_ids() => None,
            End::Closed | End::Draining => Some(server.failed(true, "the stream ended without an answer")),
            End::Broken(reason) => Some(server.failed(true, reason)),
            End::TimedOut => {
                exchange.charged = self.request.method().is_charged();
                Some(server.timed_out(false))
            }
        };
        if let Some(rejection) = rejection {
            exchange.rejected(rejection.code, &rejection.message);
            let id = self.request.message().and_then(|message| message.id).map(|id| id.get());
            let is_tool_call = self.request.method() == Method::ToolsCall;
            let answer = rejection.to_mcp(id, is_tool_call, &exchange.request_id);
            let event = format!("event: message\ndata: {}\n\n", answer.body);
            exchange.response_bytes += event.len() as u64;
            if client.write(event.into()).await.is_err() {
                return;
            }
        }
        // A client that leaves right now has its answer already.
        let _ = client.end().await;
    }
}
