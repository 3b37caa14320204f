//! A cheap MCP server of the legacy era that keeps sessions and insists on them, as the SDKs' servers do: no
//! request without the id of a session that was opened and not ended. `GET /sessions` tells what it keeps and saw.

use std::{
    cell::{Cell, RefCell},
    collections::HashSet,
    io,
    rc::Rc,
};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    task::{LocalSet, spawn_local},
};
use uuid::Uuid;

use super::wire::{RequestHead, Wire};

const NO_SESSION: (&str, i32, &str) = ("400 Bad Request", -32000, "Bad Request: Mcp-Session-Id is required");
const UNKNOWN: (&str, i32, &str) = ("404 Not Found", -32001, "Session not found");

/// What the server keeps, and what it counted.
#[derive(Default)]
struct Books {
    sessions: RefCell<HashSet<Uuid>>,
    opened: Cell<u64>,
    calls: Cell<u64>,
    unknown: Cell<u64>,
}

/// The same as `GET /sessions` tells it.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Seen {
    /// Sessions that are open now.
    pub open: u64,
    /// Sessions ever opened.
    pub opened: u64,
    /// `tools/call` in a session.
    pub calls: u64,
    /// Requests that named no open session.
    pub unknown: u64,
}

struct Answer {
    status: &'static str,
    session: Option<Uuid>,
    body: Option<Value>,
}

/// Serves each connection of `listener`, on this thread.
///
/// # Errors
/// The listener fails.
pub async fn run(listener: TcpListener) -> io::Result<()> {
    let books = Rc::new(Books::default());
    let serve_all = async {
        loop {
            let wire = Wire::new(listener.accept().await?.0)?;
            let books = Rc::clone(&books);
            // A client that breaks off is its own affair.
            spawn_local(async move { serve(wire, &books).await.ok() });
        }
    };
    LocalSet::new().run_until(serve_all).await
}

/// Asks such a server at the other end of `wire`.
///
/// # Errors
/// It does not tell.
pub async fn seen(wire: &mut Wire, authority: &str) -> io::Result<Seen> {
    wire.write(format!("GET /sessions HTTP/1.1\r\nHost: {authority}\r\n\r\n").as_bytes()).await?;
    let head = wire.read_response_head().await?;
    let mut body = Vec::new();
    wire.read_whole_body(head.framing, &mut body).await?;
    Ok(serde_json::from_slice(&body)?)
}

async fn serve(mut wire: Wire, books: &Books) -> io::Result<()> {
    let mut body = Vec::new();
    while let Some(head) = wire.read_request_head().await? {
        wire.read_whole_body(head.framing, &mut body).await?;
        wire.write(&books.answer(&head, &body).into_bytes()).await?;
    }
    Ok(())
}

impl Books {
    fn answer(&self, head: &RequestHead, body: &[u8]) -> Answer {
        if head.is_delete {
            return self.within(head, |id| {
                self.sessions.borrow_mut().remove(&id);
                Answer { status: "204 No Content", session: None, body: None }
            });
        }
        if !head.is_post {
            return match head.path.as_str() {
                "/sessions" => Answer::json(json!(self.seen())),
                _ => Answer { status: "405 Method Not Allowed", session: None, body: None },
            };
        }
        let Ok(message) = serde_json::from_slice::<Value>(body) else {
            return Answer::refusal(("400 Bad Request", -32700, "Parse error"));
        };
        if message["method"] == "initialize" {
            return self.open(&message);
        }
        self.within(head, |_| self.reply(&message))
    }

    fn open(&self, message: &Value) -> Answer {
        let id = Uuid::new_v4();
        self.sessions.borrow_mut().insert(id);
        self.opened.set(self.opened.get() + 1);
        let result = json!({
            "protocolVersion": message["params"]["protocolVersion"],
            "capabilities": { "tools": {} },
            "serverInfo": { "name": "stateful", "version": "1.0.0" },
        });
        Answer { session: Some(id), ..Answer::result(message, result) }
    }

    /// What is answered in a session that is open.
    fn reply(&self, message: &Value) -> Answer {
        let (Some(method), true) = (message["method"].as_str(), message["id"] != Value::Null) else {
            return Answer { status: "202 Accepted", session: None, body: None };
        };
        match method {
            "tools/call" => {
                self.calls.set(self.calls.get() + 1);
                Answer::result(message, json!({ "content": [{ "type": "text", "text": "hello" }] }))
            }
            "tools/list" => {
                let tool = json!({ "name": "echo", "inputSchema": { "type": "object" } });
                Answer::result(message, json!({ "tools": [tool] }))
            }
            "ping" => Answer::result(message, json!({})),
            _ => {
                let error = json!({ "code": -32601, "message": "Method not found" });
                Answer::json(json!({ "jsonrpc": "2.0", "id": message["id"], "error": error }))
            }
        }
    }

    fn within(&self, head: &RequestHead, answer: impl FnOnce(Uuid) -> Answer) -> Answer {
        let id = head.session.as_deref().map(Uuid::parse_str);
        match id {
            Some(Ok(id)) if self.sessions.borrow().contains(&id) => return answer(id),
            _ => self.unknown.set(self.unknown.get() + 1),
        }
        Answer::refusal(if id.is_some() { UNKNOWN } else { NO_SESSION })
    }

    fn seen(&self) -> Seen {
        Seen {
            open: self.sessions.borrow().len() as u64,
            opened: self.opened.get(),
            calls: self.calls.get(),
            unknown: self.unknown.get(),
        }
    }
}

impl Answer {
    fn json(body: Value) -> Self {
        Self { status: "200 OK", session: None, body: Some(body) }
    }

    fn result(message: &Value, result: Value) -> Self {
        Self::json(json!({ "jsonrpc": "2.0", "id": message["id"], "result": result }))
    }

    fn refusal((status, code, message): (&'static str, i32, &str)) -> Self {
        let error = json!({ "code": code, "message": message });
        Self { status, ..Self::json(json!({ "jsonrpc": "2.0", "id": null, "error": error })) }
    }

    /// In one write.
    fn into_bytes(self) -> Vec<u8> {
        let session = self.session.map(|id| format!("Mcp-Session-Id: {id}\r\n")).unwrap_or_default();
        let (kind, body) = match self.body {
            Some(body) => ("Content-Type: application/json\r\n", body.to_string()),
            None => ("", String::new()),
        };
        let length = match self.status {
            "204 No Content" => String::new(),
            _ => format!("Content-Length: {}\r\n", body.len()),
        };
        format!("HTTP/1.1 {}\r\n{session}{kind}{length}\r\n{body}", self.status).into_bytes()
    }
}
