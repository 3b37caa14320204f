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
    mcp::{answer, header, sse},
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
        _ => return Err(relay::unusable(server, "no JSON-RPC answer")),
    }
    Ok(Some(text))
}

/// One step of opening or ending a session: its answer, and the session id that came with it.
pub(super) async fn handshake(
    gateway: &Gateway,
    client: &mut Client,
    server: &Server,
    request: &Request<'_>,
    exchange: &mut Exchange,
) -> Result<(String, Option<String>), Rejection> {
    let sent = call::send(gateway, client, server, request, exchange).await?;
    let mut connection = sent.ok_or_else(|| call::failed(server, false, "the client went away"))?;
    let session = connection
        .head()
        .and_then(|head| head.headers.get(header::SESSION_ID)?.to_str().ok())
        .map(str::to_owned);
    let wants_answer = request.message().is_some_and(|message| message.is_request());
    let text = if wants_answer { read(&mut connection, server, request).await? } else { String::new() };
    while !connection.is_done() && connection.chunk().await.is_ok_and(|chunk| chunk.is_some()) {}
    gateway.connections.release(connection).await;
    Ok((text, session))
}

async fn read(
    connection: &mut Connection,
    server: &Server,
    request: &Request<'_>,
) -> Result<String, Rejection> {
    let limit = usize::try_from(server.limits.max_response_bytes).unwrap_or(usize::MAX);
    let bytes = match relay::classify(connection) {
        (401 | 403, _) => return Err(relay::refused(server, 401)),
        (_, Body::Json) => relay::collect(connection, server, limit, request).await?,
        (200..=299, Body::EventStream) => {
            timeout(server.limits.stream_idle_timeout, final_event(connection, server, limit))
                .await
                .unwrap_or_else(|_| Err(call::timed_out(server, false)))?
        }
        (status, _) => {
            return Err(relay::unusable(server, &format!("status {status} without a JSON-RPC answer")));
        }
    };
    String::from_utf8(bytes.into()).map_err(|_| relay::unusable(server, "text that is not UTF-8"))
}

/// The data of the event that answers.
async fn final_event(connection: &mut Connection, server: &Server, limit: usize) -> Result<Bytes, Rejection> {
    let mut received = BytesMut::new();
    let mut reader = sse::Reader::default();
    let mut is_answered = false;
    while !is_answered {
        let chunk =
            connection.chunk().await.map_err(|_| call::failed(server, true, "the server broke off"))?;
        let Some(chunk) = chunk else { break };
        reader.feed(&chunk, |answer| is_answered |= answer.is_some_and(|answer| answer.is_response()));
        received.extend_from_slice(&chunk);
        if received.len() > limit {
            return Err(relay::unusable(server, "an answer larger than max_response_bytes"));
        }
    }
    let text = String::from_utf8_lossy(&received);
    sse::data_of_events(&text)
        .into_iter()
        .find(|data| answer::scan(data.as_bytes()).is_some_and(|answer| answer.is_response()))
        .map(Bytes::from)
        .ok_or_else(|| call::failed(server, true, "the stream ended without an answer"))
}
