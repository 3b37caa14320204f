//! Asks a server on our own behalf and reads the whole answer: what the facade for scripts needs.

use std::time::Instant;

use bytes::{Bytes, BytesMut};
use pingora::time::timeout;

use super::{
    authorize::Permit,
    call,
    decode::Request,
    relay::{self, Body},
};
use crate::{
    exchange::Exchange,
    gateway::Client,
    mcp::{answer, sse},
    rejection::Rejection,
    server::Gateway,
    upstream::{Server, connection::Connection},
};

/// The JSON-RPC answer to a permitted request; None if the client went away.
pub(super) async fn whole(
    gateway: &Gateway,
    client: &mut Client,
    permit: &Permit,
    request: &Request<'_>,
    exchange: &mut Exchange,
) -> Result<Option<String>, Rejection> {
    let server = permit.server();
    let asked = Instant::now();
    let sent = call::send(gateway, client, server, request, exchange).await;
    exchange.upstream.waited = Some(asked.elapsed());
    let Some(mut connection) = sent? else { return Ok(None) };
    let read = read(&mut connection, server, request).await;
    exchange.upstream.waited = Some(asked.elapsed());
    gateway.connections.release(connection).await;
    let text = read?;
    match answer::scan(text.as_bytes()) {
        Some(answer) if answer.is_response() => relay::learn(exchange, request, server, answer),
        _ => return Err(server.unusable("no JSON-RPC answer")),
    }
    Ok(Some(text))
}

async fn read(
    connection: &mut Connection,
    server: &Server,
    request: &Request<'_>,
) -> Result<String, Rejection> {
    let limit = usize::try_from(server.limits.max_response_bytes).unwrap_or(usize::MAX);
    let bytes = match relay::classify(connection) {
        (401 | 403, _) => return Err(server.refused(401)),
        (_, Body::Json) => relay::collect(connection, server, limit, request).await?,
        (200..=299, Body::EventStream) => {
            timeout(server.limits.stream_idle_timeout, final_event(connection, server, limit))
                .await
                .unwrap_or_else(|_| Err(server.timed_out(false)))?
        }
        (status, _) => {
            return Err(server.unusable(&format!("status {status} without a JSON-RPC answer")));
        }
    };
    String::from_utf8(bytes.into()).map_err(|_| server.unusable("text that is not UTF-8"))
}

/// The data of the event that answers.
async fn final_event(connection: &mut Connection, server: &Server, limit: usize) -> Result<Bytes, Rejection> {
    let mut received = BytesMut::new();
    let mut reader = sse::Reader::default();
    let mut is_answered = false;
    while !is_answered {
        let chunk = connection.chunk().await.map_err(|_| server.failed(true, "the server broke off"))?;
        let Some(chunk) = chunk else { break };
        reader.feed(&chunk, |answer| is_answered |= answer.is_some_and(|answer| answer.is_response()));
        received.extend_from_slice(&chunk);
        if received.len() > limit {
            return Err(server.unusable("an answer larger than max_response_bytes"));
        }
    }
    let text = String::from_utf8_lossy(&received);
    sse::data_of_events(&text)
        .into_iter()
        .find(|data| answer::scan(data.as_bytes()).is_some_and(|answer| answer.is_response()))
        .map(Bytes::from)
        .ok_or_else(|| server.failed(true, "the stream ended without an answer"))
}
