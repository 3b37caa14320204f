//! Legacy sessions (MCP 2025-11-25) as a client goes through them: opened, called in, ended or simply left.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;

use super::{
    call::{Fault, Message, Target, check, next_event},
    wire::{ResponseHead, Wire},
};

pub const PROTOCOL_VERSION: &str = "2025-11-25";

/// A client with one connection, which it keeps as long as the server does.
pub struct Client {
    target: Target,
    patience: Duration,
    wire: Option<Wire>,
    answer: Vec<u8>,
}

impl Client {
    /// It gives up on an answer after `patience`.
    #[must_use]
    pub fn new(target: Target, patience: Duration) -> Self {
        Self { target, patience, wire: None, answer: Vec::new() }
    }

    /// Opens a session and says so; its id.
    ///
    /// # Errors
    /// The server does not open one.
    pub async fn open(&mut self) -> Result<String, Fault> {
        let initialize = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": PROTOCOL_VERSION, "capabilities": {},
            "clientInfo": { "name": "sessions", "version": "1.0.0" } } });
        let head = self.ask("POST", None, &initialize).await?;
        self.expect_result(&head, 0)?;
        let session = head.session.ok_or(Fault::NoSession)?;
        let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        let head = self.ask("POST", Some(&session), &initialized).await?;
        expect_success(&head)?;
        Ok(session)
    }

    /// One `tools/call` with that request id.
    ///
    /// # Errors
    /// The answer is none to this call.
    pub async fn call(&mut self, session: &str, id: u64) -> Result<(), Fault> {
        let call = json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {
            "name": "echo", "arguments": { "text": "hello" } } });
        let head = self.ask("POST", Some(session), &call).await?;
        self.expect_result(&head, id)
    }

    /// # Errors
    /// The server knows no such session, or ends none.
    pub async fn end(&mut self, session: &str) -> Result<(), Fault> {
        expect_success(&self.ask("DELETE", Some(session), &Value::Null).await?)
    }

    async fn ask(
        &mut self,
        method: &str,
        session: Option<&str>,
        body: &Value,
    ) -> Result<ResponseHead, Fault> {
        let request = self.request(method, session, body);
        // Of a connection that is let down in the middle nothing can be expected any more.
        let wire = self.wire.take();
        let (wire, head) = timeout(self.patience, self.exchange(wire, request.as_bytes()))
            .await
            .map_err(|_| Fault::Timeout)??;
        self.wire = (!head.closes).then_some(wire);
        Ok(head)
    }

    async fn exchange(&mut self, wire: Option<Wire>, request: &[u8]) -> Result<(Wire, ResponseHead), Fault> {
        let mut wire = match wire {
            Some(wire) => wire,
            None => Wire::connect(&self.target.authority).await.map_err(|_| Fault::Connect)?,
        };
        wire.write(request).await.map_err(|_| Fault::Closed)?;
        let head = wire.read_response_head().await.map_err(|_| Fault::Closed)?;
        wire.read_whole_body(head.framing, &mut self.answer).await.map_err(|_| Fault::Closed)?;
        Ok((wire, head))
    }

    fn request(&self, method: &str, session: Option<&str>, body: &Value) -> String {
        let Target { authority, path, key } = &self.target;
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let key = key.as_ref().map(|key| format!("Authorization: Bearer {key}\r\n")).unwrap_or_default();
        let session = session
            .map(|id| format!("Mcp-Session-Id: {id}\r\nMCP-Protocol-Version: {PROTOCOL_VERSION}\r\n"))
            .unwrap_or_default();
        format!(
            "{method} {path} HTTP/1.1\r\nHost: {authority}\r\n{key}{session}Content-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\nContent-Length: {}\r\n\r\n{body}",
            body.len(),
        )
    }

    /// The result may be the body, or one of its events.
    fn expect_result(&mut self, head: &ResponseHead, id: u64) -> Result<(), Fault> {
        expect_success(head)?;
        if !head.is_event_stream {
            return check(&self.answer, id).map(|_| ());
        }
        while let Some(event) = next_event(&mut self.answer) {
            if !event.is_empty() && check(&event, id)? == Message::Result {
                return Ok(());
            }
        }
        Err(Fault::Events)
    }
}

fn expect_success(head: &ResponseHead) -> Result<(), Fault> {
    if (200..300).contains(&head.status) { Ok(()) } else { Err(Fault::Status(head.status)) }
}
