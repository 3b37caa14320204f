//! Relays an event stream, whole events only, as they come (R1.15, R1.16).

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use gatewayops_proto::event::Status;
use pingora::time::sleep;

use super::{head, learn, wants_answer};
use crate::{
    exchange::Exchange,
    gateway::Client,
    mcp::{list, method::Method, sse, version::Era},
    pipeline::{
        authorize::Permit,
        call,
        decode::{Kind, Request},
    },
    rejection::Rejection,
    server::Gateway,
    snapshot::Snapshot,
    upstream::connection::Connection,
};

/// A comment is sent at least this often, so that nobody on the way takes the stream for dead (R1.15).
const KEEP_ALIVE: Duration = Duration::from_secs(15);

pub(super) struct Stream<'a> {
    pub(super) gateway: &'a Gateway,
    pub(super) permit: &'a Permit,
    pub(super) request: &'a Request<'a>,
    pub(super) snapshot: &'a Snapshot,
    pub(super) asked: Instant,
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
}

/// The progress of one stream.
#[derive(Default)]
struct Progress {
    reader: sse::Reader,
    /// The beginning of an event that is not yet whole.
    pending: BytesMut,
    has_response: bool,
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
        let limits = &self.permit.server().limits;
        let mut silent = Duration::ZERO;
        loop {
            let wait = KEEP_ALIVE.min(limits.stream_idle_timeout.saturating_sub(silent));
            tokio::select! {
                biased;
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
        let complete = progress.reader.feed(&chunk, |answer| {
            response = answer.filter(crate::mcp::answer::Answer::is_response).or(response);
        });
        if let Some(answer) = response
            && wants_answer(self.request)
        {
            progress.has_response = true;
            learn(exchange, self.request, self.permit.server(), answer);
        }
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
        let events = self.without_hidden_tools(events);
        exchange.response_bytes += events.len() as u64;
        client.write(events).await
    }

    /// A list of tools is cut down to what the caller may use, in a stream as elsewhere (R5.4).
    fn without_hidden_tools(&self, events: Bytes) -> Bytes {
        if self.request.method() != Method::ToolsList {
            return events;
        }
        let (Some(admits), Ok(text)) = (self.permit.hidden_tools(), std::str::from_utf8(&events)) else {
            return events;
        };
        let mut kept = String::new();
        for data in sse::data_of_events(text) {
            let data = list::keep_tools(&data, &admits).unwrap_or(data);
            kept.push_str("event: message\n");
            for line in data.split('\n') {
                kept.push_str("data: ");
                kept.push_str(line);
                kept.push('\n');
            }
            kept.push('\n');
        }
        kept.into()
    }

    async fn finish(&self, client: &mut Client, exchange: &mut Exchange, end: End, progress: &Progress) {
        let server = self.permit.server();
        let is_answered = progress.has_response || !wants_answer(self.request);
        let rejection = match end {
            End::Gone => {
                if !is_answered {
                    exchange.ended(Status::Cancelled, "client_closed", "the client went away");
                }
                return;
            }
            _ if is_answered => None,
            // The client resumes by itself from the last event id it saw (2025-11-25, server may close early).
            End::Closed if self.request.era == Era::Legacy && progress.reader.has_ids() => None,
            End::Closed | End::Draining => {
                Some(call::failed(server, true, "the stream ended without an answer"))
            }
            End::Broken(reason) => Some(call::failed(server, true, reason)),
            End::TimedOut => {
                exchange.charged = self.request.method().is_charged();
                Some(call::timed_out(server, false))
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
