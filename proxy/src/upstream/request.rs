//! The HTTP request to a server: head and body in one buffer, so that they leave in one packet.
//!
//! Only headers that MCP needs are passed on; the client's credential, cookies, origin and
//! forwarding headers never are (R7.6, R8.7).

use std::ops::Range;

use bytes::{BufMut, BytesMut};
use http::HeaderMap;

use super::Server;
use crate::mcp::{
    header,
    trace_context::{Splice, TraceContext},
};

/// Passed on as they came, once their values are checked.
const PASSED: [&str; 4] = ["accept", header::PROTOCOL_VERSION, header::METHOD, header::NAME];

pub(crate) struct Request<'a> {
    pub(crate) method: &'static str,
    /// The client's headers, of which what MCP needs is passed on.
    pub(crate) client: Option<&'a HeaderMap>,
    /// Header lines of our own, in place of the client's.
    pub(crate) own: &'a str,
    /// The upstream's own session id, if the exchange is part of a session.
    pub(crate) session: Option<&'a str>,
    /// The upstream's own id of the last event that the client has seen.
    pub(crate) last_event: Option<&'a str>,
    pub(crate) trace: &'a TraceContext,
    pub(crate) body: &'a [u8],
    pub(crate) splice: Option<&'a Splice>,
    /// The credential's header line.
    pub(crate) credential: &'a str,
}

/// The bytes that go over the wire.
pub(crate) struct Wire {
    bytes: BytesMut,
    credential: Range<usize>,
}

impl Wire {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The header line that shows who we are.
    pub(crate) fn credential(&self) -> &str {
        std::str::from_utf8(&self.bytes[self.credential.clone()]).unwrap_or_default()
    }

    pub(crate) fn replace_credential(&mut self, line: &str) {
        let rest = self.bytes.split_off(self.credential.end);
        self.bytes.truncate(self.credential.start);
        self.bytes.put_slice(line.as_bytes());
        self.credential.end = self.bytes.len();
        self.bytes.unsplit(rest);
    }
}

impl Request<'_> {
    pub(crate) fn to_wire(&self, server: &Server) -> Wire {
        let body_length = self.splice.map_or(self.body.len(), |splice| {
            self.body.len() - (splice.to - splice.from) + splice.insert.len()
        });
        let mut wire = BytesMut::with_capacity(512 + server.head.len() + self.credential.len() + body_length);
        wire.put_slice(self.method.as_bytes());
        wire.put_slice(server.head.as_bytes());
        wire.put_slice(self.own.as_bytes());
        if let Some(client) = self.client {
            put_client_headers(&mut wire, client);
        }
        if let Some(session) = self.session {
            put_header(&mut wire, header::SESSION_ID, session.as_bytes());
        }
        if let Some(last_event) = self.last_event {
            put_header(&mut wire, "last-event-id", last_event.as_bytes());
        }
        put_header(&mut wire, "traceparent", self.trace.traceparent().as_bytes());
        if let Some(state) = &self.trace.state {
            put_header(&mut wire, "tracestate", state.as_bytes());
        }
        let credential = wire.len()..wire.len() + self.credential.len();
        wire.put_slice(self.credential.as_bytes());
        if self.method == "POST" {
            wire.put_slice(b"content-type: application/json\r\n");
            put_header(&mut wire, "content-length", itoa::Buffer::new().format(body_length).as_bytes());
        }
        wire.put_slice(b"\r\n");
        self.put_body(&mut wire);
        Wire { bytes: wire, credential }
    }

    fn put_body(&self, wire: &mut BytesMut) {
        match self.splice {
            None => wire.put_slice(self.body),
            Some(splice) => {
                wire.put_slice(&self.body[..splice.from]);
                wire.put_slice(splice.insert.as_bytes());
                wire.put_slice(&self.body[splice.to..]);
            }
        }
    }
}

fn put_client_headers(wire: &mut BytesMut, client: &HeaderMap) {
    if !client.contains_key("accept") {
        wire.put_slice(b"accept: application/json, text/event-stream\r\n");
    }
    for (name, value) in client {
        let name = name.as_str();
        if PASSED.contains(&name) || name.starts_with(header::PARAMETER_PREFIX) {
            put_header(wire, name, value.as_bytes());
        }
    }
}

fn put_header(wire: &mut BytesMut, name: &str, value: &[u8]) {
    for part in [name.as_bytes(), b": ", value, b"\r\n"] {
        wire.put_slice(part);
    }
}
