//! Asks a server on our own behalf and reads the whole answer: what the facade for scripts needs.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use gatewayops_proto::event::Status;
use pingora::time::timeout;

use super::{
    authenticate::standing::withdrawn,
    call,
    clear::Cleared,
    decode::Request,
    facade::stream::Stream,
    relay::{self, Body},
};
use crate::{
    exchange::Exchange,
    gateway::{Client, Gone},
    mcp::{answer, sse},
    rejection::Rejection,
    upstream::{Server, connection::Connection},
};

/// So long nothing is said to a script that listens.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Why there is no answer.
enum Missing {
    Refused(Rejection),
    /// The client went away.
    Unheard,
}

impl From<Rejection> for Missing {
    fn from(rejection: Rejection) -> Self {
        Self::Refused(rejection)
    }
}

impl From<Gone> for Missing {
    fn from(_: Gone) -> Self {
        Self::Unheard
    }
}

/// The JSON-RPC answer to a permitted request, and to the stream what comes before it. None if the client went away.
pub(super) async fn whole(
    stream: &Stream<'_>,
    client: &mut Client,
    cleared: &Cleared,
    request: &Request<'_>,
    exchange: &mut Exchange,
) -> Result<Option<String>, Rejection> {
    let server = cleared.permit().server();
    let asked = Instant::now();
    let sent = call::send(stream.gateway, client, server, request, exchange).await;
    exchange.upstream.waited = Some(asked.elapsed());
    let Some(mut connection) = sent? else { return Ok(None) };
    let read = read(stream, client, exchange, &mut connection, server, request).await;
    exchange.upstream.waited = Some(asked.elapsed());
    let text = match read {
        Ok(text) => text,
        Err(Missing::Refused(rejection)) => {
            stream.gateway.connections.release(connection).await;
            return Err(rejection);
        }
        // Closing the connection is how the server learns of it (R1.17).
        Err(Missing::Unheard) => {
            exchange.ended(Status::Cancelled, "client_closed", "the client went away");
            return Ok(None);
        }
    };
    stream.gateway.connections.release(connection).await;
    match answer::scan(text.as_bytes()) {
        Some(answer) if answer.is_response() => {
            if exchange.texts.is_some() {
                relay::said(&Bytes::copy_from_slice(text.as_bytes()), exchange);
            }
            relay::learn(exchange, request, server, answer);
        }
        _ => return Err(server.unusable("no JSON-RPC answer")),
    }
    let judged = relay::judged(stream.gateway, cleared, request, &text, exchange)?;
    Ok(Some(judged.unwrap_or(text)))
}

async fn read(
    stream: &Stream<'_>,
    client: &mut Client,
    exchange: &mut Exchange,
    connection: &mut Connection,
    server: &Server,
    request: &Request<'_>,
) -> Result<String, Missing> {
    let limit = usize::try_from(server.limits.max_response_bytes).unwrap_or(usize::MAX);
    let bytes = match relay::classify(connection) {
        (401 | 403, _) => return Err(server.refused(401).into()),
        (_, Body::Json) => relay::collect(connection, server, limit, request).await?,
        (200..=299, Body::EventStream) => {
            final_event(stream, client, exchange, connection, server, limit).await?
        }
        (status, _) => {
            return Err(server.unusable(&format!("status {status} without a JSON-RPC answer")).into());
        }
    };
    Ok(String::from_utf8(bytes.into()).map_err(|_| server.unusable("text that is not UTF-8"))?)
}

/// The data of the event that answers; those before it go to the stream.
async fn final_event(
    stream: &Stream<'_>,
    client: &mut Client,
    exchange: &mut Exchange,
    connection: &mut Connection,
    server: &Server,
    limit: usize,
) -> Result<Bytes, Missing> {
    let mut pending = BytesMut::new();
    let mut reader = sse::Reader::default();
    let standing = exchange.standing.clone();
    let withdrawn = withdrawn(&stream.gateway.current, standing.as_ref(), None);
    tokio::pin!(withdrawn);
    while let Some(chunk) = chunk(stream, client, exchange, connection, server, &mut withdrawn).await? {
        let before = pending.len();
        pending.extend_from_slice(&chunk);
        let complete = reader.feed(&chunk, |_| {});
        if complete > 0 {
            let events = pending.split_to(before + complete);
            for data in sse::data_of_events(&String::from_utf8_lossy(&events)) {
                if answer::scan(data.as_bytes()).is_some_and(|answer| answer.is_response()) {
                    return Ok(data.into());
                }
                stream.hear(client, exchange, &data).await?;
            }
        }
        if pending.len() > limit {
            return Err(server.unusable("an answer larger than max_response_bytes").into());
        }
    }
    Err(server.failed(true, "the stream ended without an answer").into())
}

/// What comes next, as long as the server does not stay silent for too long and the client may hear it.
async fn chunk(
    stream: &Stream<'_>,
    client: &mut Client,
    exchange: &mut Exchange,
    connection: &mut Connection,
    server: &Server,
    withdrawn: &mut (impl Future<Output = Rejection> + Unpin),
) -> Result<Option<Bytes>, Missing> {
    let mut left = server.limits.stream_idle_timeout;
    loop {
        let wait = KEEP_ALIVE.min(left);
        let heard = tokio::select! {
            biased;
            rejection = &mut *withdrawn => return Err(rejection.into()),
            heard = timeout(wait, connection.chunk()) => heard,
        };
        if let Ok(chunk) = heard {
            return Ok(chunk.map_err(|_| server.failed(true, "the server broke off"))?);
        }
        left -= wait;
        if left.is_zero() {
            return Err(server.timed_out(false).into());
        }
        stream.keep_alive(client, exchange).await?;
    }
}
