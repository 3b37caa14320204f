//! An open conversation with a server, in the words of its era.

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value, json};

use super::{
    Fault, MODERN_VERSION,
    event_stream::EventStream,
    message::{self, Answer},
    wire::{SESSION, VERSION, Wire},
};

const METHOD: HeaderName = HeaderName::from_static("mcp-method");

pub(super) struct Client {
    pub(super) wire: Wire,
    pub(super) leg: Leg,
    last_id: u64,
}

pub(super) enum Leg {
    /// 2026-07-28: every request says all there is to know.
    Modern,
    /// 2025-11-25 and earlier: the headers that name the session and its version.
    Legacy(HeaderMap),
    /// 2024-11-05: answers come on a stream that stays open.
    EventStream(Box<EventStream>),
}

impl Client {
    pub(super) fn new(wire: Wire, leg: Leg) -> Self {
        Self { wire, leg, last_id: 0 }
    }

    /// # Errors
    /// The server did not answer, or answered with an error.
    pub(super) async fn call(
        &mut self,
        method: &'static str,
        mut params: Value,
    ) -> Result<Map<String, Value>, Fault> {
        self.last_id += 1;
        let id = self.last_id;
        if let Leg::EventStream(stream) = &mut self.leg {
            let answer = stream.exchange(&self.wire, &message::request(id, method, params), id).await?;
            return result(method, answer);
        }
        let headers = match &self.leg {
            Leg::Legacy(headers) => headers.clone(),
            _ => {
                params["_meta"] = modern_meta();
                modern_headers(method)
            }
        };
        let reply = self.wire.exchange(headers, &message::request(id, method, params), id).await?;
        let fault = reply.unanswered();
        let result = result(method, reply.answer.ok_or(fault)?)?;
        match result.get("resultType").and_then(Value::as_str) {
            None | Some("complete") => Ok(result),
            Some(_) => Err(Fault::NotMcp(format!("{method} does not complete"))),
        }
    }

    /// Leaves no session behind.
    pub(super) async fn close(self) {
        if let Leg::Legacy(headers) = self.leg
            && headers.contains_key(SESSION)
        {
            self.wire.delete(headers).await;
        }
    }
}

pub(super) fn result(method: &'static str, answer: Answer) -> Result<Map<String, Value>, Fault> {
    match answer {
        Answer::Result(result) => Ok(result),
        Answer::Error { code, message, .. } => Err(Fault::Refused { method, code, message }),
    }
}

/// What stands in each modern request instead of a handshake.
pub(super) fn modern_meta() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": MODERN_VERSION,
        "io.modelcontextprotocol/clientInfo": client_info(),
        "io.modelcontextprotocol/clientCapabilities": {},
    })
}

pub(super) fn modern_headers(method: &'static str) -> HeaderMap {
    HeaderMap::from_iter([
        (VERSION, HeaderValue::from_static(MODERN_VERSION)),
        (METHOD, HeaderValue::from_static(method)),
    ])
}

pub(super) fn client_info() -> Value {
    json!({"name": "gatewayops", "version": env!("CARGO_PKG_VERSION")})
}
