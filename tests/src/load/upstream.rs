//! The cheapest possible MCP server: it knows its answers by heart and sends each in one write.
//!
//! Tools: `echo` (about 300 bytes of JSON), `slow` (the same after `ms`), `stream` (`events` progress events,
//! `interval_ms` apart, then the result) and `drip` (a stream of ten seconds). With `?sse` every call is answered as a
//! stream of three events. `GET /count` tells how many calls it saw, `GET /cancelled` how many callers left a stream
//! early.

use std::{
    cell::Cell,
    io::{self, Write},
    rc::Rc,
    time::Duration,
};

use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::{
    net::TcpListener,
    select,
    task::{LocalSet, spawn_local},
    time::sleep,
};

use super::{
    call::PROTOCOL_VERSION,
    listing,
    wire::{RequestHead, Wire},
};

const SERVER_INFO: &str = r#"{"name":"upstream","version":"1.0.0"}"#;
/// What it says of itself never changes and is the same for everybody.
const CACHED: &str = r#""ttlMs":600000,"cacheScope":"public""#;
const TEXT: &str =
    "The quick brown fox jumps over the lazy dog, then turns around and does it all over again.";

/// What the server saw.
#[derive(Default)]
pub struct Counts {
    pub calls: Cell<u64>,
    /// Streams whose caller left before the result.
    pub cancelled: Cell<u64>,
}

#[derive(Deserialize)]
struct Request<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    method: String,
    #[serde(borrow, default)]
    params: Parameters<'a>,
}

#[derive(Default, Deserialize)]
struct Parameters<'a> {
    #[serde(default)]
    name: String,
    #[serde(default)]
    arguments: CallArguments,
    #[serde(borrow, default, rename = "_meta")]
    meta: Meta<'a>,
    #[serde(default, rename = "protocolVersion")]
    protocol_version: String,
}

#[derive(Clone, Copy, Default, Deserialize)]
struct CallArguments {
    events: Option<u64>,
    interval_ms: Option<u64>,
    ms: Option<u64>,
}

#[derive(Default, Deserialize)]
struct Meta<'a> {
    #[serde(borrow, rename = "progressToken")]
    progress_token: Option<&'a RawValue>,
}

/// Serves each connection of `listener`, on this thread, with its own tools in its list.
///
/// # Errors
/// The listener fails.
pub async fn run(listener: TcpListener, counts: Rc<Counts>) -> io::Result<()> {
    run_with(listener, counts, listing::tools(None)).await
}

/// The same with these `tools` in its list.
///
/// # Errors
/// The listener fails.
pub async fn run_with(listener: TcpListener, counts: Rc<Counts>, tools: Rc<str>) -> io::Result<()> {
    let serve_all = async {
        loop {
            let wire = Wire::new(listener.accept().await?.0)?;
            let (counts, tools) = (Rc::clone(&counts), Rc::clone(&tools));
            // A client that breaks off is its own affair.
            spawn_local(async move { serve(wire, &counts, &tools).await.ok() });
        }
    };
    LocalSet::new().run_until(serve_all).await
}

async fn serve(wire: Wire, counts: &Counts, tools: &str) -> io::Result<()> {
    let mut connection = Connection { wire, counts, tools, result: Vec::new(), answer: Vec::new() };
    let mut body = Vec::new();
    while let Some(head) = connection.wire.read_request_head().await? {
        connection.wire.read_whole_body(head.framing, &mut body).await?;
        connection.answer(&head, &body).await?;
    }
    Ok(())
}

/// A connection with the buffers of its answers, which are kept from one to the next.
struct Connection<'a> {
    wire: Wire,
    counts: &'a Counts,
    tools: &'a str,
    result: Vec<u8>,
    answer: Vec<u8>,
}

impl Connection<'_> {
    async fn answer(&mut self, head: &RequestHead, body: &[u8]) -> io::Result<()> {
        if !head.is_post {
            let count = match head.path.as_str() {
                "/count" => self.counts.calls.get(),
                "/cancelled" => self.counts.cancelled.get(),
                _ => return self.refuse("405 Method Not Allowed").await,
            };
            write!(self.result, "{count}")?;
            return self.send("text/plain").await;
        }
        let Ok(request) = serde_json::from_slice::<Request<'_>>(body) else {
            return self.refuse("400 Bad Request").await;
        };
        match request.id {
            None => self.refuse("202 Accepted").await,
            Some(id) if request.method == "tools/call" => self.call(id, &request.params, &head.path).await,
            Some(id) => {
                write_answer(&mut self.result, id, &request, self.tools)?;
                self.send("application/json").await
            }
        }
    }

    async fn call(&mut self, id: &RawValue, parameters: &Parameters<'_>, path: &str) -> io::Result<()> {
        self.counts.calls.set(self.counts.calls.get() + 1);
        let CallArguments { events, interval_ms, ms } = parameters.arguments;
        let (events, interval_ms) = match parameters.name.as_str() {
            "stream" => (events.unwrap_or(3), interval_ms.unwrap_or(0)),
            "drip" => (10, 1000),
            _ if path.ends_with("?sse") => (3, 0),
            _ => {
                if let Some(ms) = ms {
                    sleep(Duration::from_millis(ms)).await;
                }
                write_result(&mut self.result, id)?;
                return self.send("application/json").await;
            }
        };
        let interval = Duration::from_millis(interval_ms);
        let streamed =
            stream_events(&mut self.wire, id, parameters.meta.progress_token, events, interval).await;
        if streamed.is_err() {
            self.counts.cancelled.set(self.counts.cancelled.get() + 1);
        }
        streamed
    }

    async fn refuse(&mut self, status: &str) -> io::Result<()> {
        self.wire.write(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").as_bytes()).await
    }

    /// Head and body in one write.
    async fn send(&mut self, kind: &str) -> io::Result<()> {
        let length = self.result.len();
        write!(self.answer, "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n")?;
        self.answer.append(&mut self.result);
        self.wire.write(&self.answer).await?;
        self.answer.clear();
        Ok(())
    }
}

fn write_answer(into: &mut Vec<u8>, id: &RawValue, request: &Request<'_>, tools: &str) -> io::Result<()> {
    let result = match request.method.as_str() {
        "tools/list" => format!(r#"{{"tools":[{tools}],{CACHED}"#),
        "server/discover" => {
            format!(
                r#"{{"supportedVersions":["{PROTOCOL_VERSION}"],"capabilities":{{"tools":{{}}}},{CACHED}"#
            )
        }
        "initialize" => {
            let version = serde_json::Value::from(request.params.protocol_version.as_str());
            format!(
                r#"{{"protocolVersion":{version},"capabilities":{{"tools":{{}}}},"serverInfo":{SERVER_INFO}"#
            )
        }
        "ping" => return write!(into, r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#),
        _ => {
            let error = r#"{"code":-32601,"message":"method not found"}"#;
            return write!(into, r#"{{"jsonrpc":"2.0","id":{id},"error":{error}}}"#);
        }
    };
    write!(
        into,
        r#"{{"jsonrpc":"2.0","id":{id},"result":{result},"resultType":"complete","_meta":{{"io.modelcontextprotocol/serverInfo":{SERVER_INFO}}}}}}}"#
    )
}

fn write_result(into: &mut Vec<u8>, id: &RawValue) -> io::Result<()> {
    write!(
        into,
        r#"{{"jsonrpc":"2.0","id":{id},"result":{{"content":[{{"type":"text","text":"{TEXT}"}}],"resultType":"complete","_meta":{{"io.modelcontextprotocol/serverInfo":{SERVER_INFO}}}}}}}"#
    )
}

/// # Errors
/// The caller left before the result.
async fn stream_events(
    wire: &mut Wire,
    id: &RawValue,
    token: Option<&RawValue>,
    events: u64,
    interval: Duration,
) -> io::Result<()> {
    let mut message = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n\
        Transfer-Encoding: chunked\r\n\r\n"
        .to_vec();
    for progress in 1..=events {
        if !interval.is_zero() {
            wire.write(&message).await?;
            message.clear();
            select! {
                () = sleep(interval) => (),
                () = wire.closed() => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
        if let Some(token) = token {
            let data = format!(
                r#"{{"jsonrpc":"2.0","method":"notifications/progress","params":{{"progressToken":{token},"progress":{progress},"total":{events}}}}}"#
            );
            write_event(&mut message, data.as_bytes())?;
        }
    }
    let mut data = Vec::new();
    write_result(&mut data, id)?;
    write_event(&mut message, &data)?;
    message.extend_from_slice(b"0\r\n\r\n");
    wire.write(&message).await
}

/// One event is one chunk.
fn write_event(into: &mut Vec<u8>, data: &[u8]) -> io::Result<()> {
    const FRAME: usize = "data: \n\n".len();
    write!(into, "{:x}\r\ndata: ", data.len() + FRAME)?;
    into.extend_from_slice(data);
    into.extend_from_slice(b"\n\n\r\n");
    Ok(())
}
