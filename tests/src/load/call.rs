//! One modern `tools/call` (MCP 2026-07-28), rendered once and only renumbered after that; and what is a right answer.

use std::{borrow::Cow, fmt};

use serde::Deserialize;
use serde_json::value::RawValue;

pub const PROTOCOL_VERSION: &str = "2026-07-28";
/// Ids have ten digits from the first on, so that renumbering moves nothing.
pub const FIRST_ID: u64 = 1_000_000_000;

/// Who is called, and as whom.
#[derive(Clone, Debug)]
pub struct Target {
    pub authority: String,
    pub path: String,
    pub key: Option<String>,
}

/// A request as bytes, and where its id stands in them.
#[derive(Clone)]
pub struct Call {
    request: Vec<u8>,
    ids: [usize; 2],
}

impl Call {
    /// The id is the progress token as well, so that the events of a stream name their call.
    #[must_use]
    pub fn new(target: &Target, tool: &str, arguments: &serde_json::Value) -> Self {
        let body = format!(
            r#"{{"jsonrpc":"2.0","id":{FIRST_ID},"method":"tools/call","params":{{"name":"{tool}","arguments":{arguments},"_meta":{{"progressToken":{FIRST_ID},"io.modelcontextprotocol/protocolVersion":"{PROTOCOL_VERSION}","io.modelcontextprotocol/clientInfo":{{"name":"load","version":"1.0.0"}},"io.modelcontextprotocol/clientCapabilities":{{}}}}}}}}"#
        );
        let authorization = match &target.key {
            Some(key) => format!("Authorization: Bearer {key}\r\n"),
            None => String::new(),
        };
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: {}\r\n{authorization}Content-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: {PROTOCOL_VERSION}\r\n\
             Mcp-Method: tools/call\r\nMcp-Name: {tool}\r\nContent-Length: {}\r\n\r\n",
            target.path,
            target.authority,
            body.len(),
        );
        let place = |name: &str| body.find(name).expect("the body was just written with it") + name.len();
        let ids = [place(r#""id":"#), place(r#""progressToken":"#)].map(|at| head.len() + at);
        Self { request: [head, body].concat().into_bytes(), ids }
    }

    pub fn numbered(&mut self, id: u64) -> &[u8] {
        let digits = id.to_string();
        for at in self.ids {
            self.request[at..at + digits.len()].copy_from_slice(digits.as_bytes());
        }
        &self.request
    }
}

/// Why an answer is not the one that was asked for.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Fault {
    Connect,
    Closed,
    Timeout,
    Status(u16),
    Malformed,
    WrongId,
    RpcError,
    ToolError,
    /// Events are missing, foreign, or came all at once.
    Events,
    /// A session was opened and got no id.
    NoSession,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Status(status) => return write!(f, "status_{status}"),
            Self::Connect => "connect",
            Self::Closed => "closed",
            Self::Timeout => "timeout",
            Self::Malformed => "malformed",
            Self::WrongId => "wrong_id",
            Self::RpcError => "rpc_error",
            Self::ToolError => "tool_error",
            Self::Events => "events",
            Self::NoSession => "no_session",
        })
    }
}

/// What one message of the server is to the call `id`.
#[derive(Debug, Eq, PartialEq)]
pub enum Message {
    Result,
    Progress,
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    result: Option<CallResult>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
    #[serde(borrow)]
    method: Option<Cow<'a, str>>,
    params: Option<Progress>,
}

#[derive(Deserialize)]
struct CallResult {
    #[serde(default, rename = "isError")]
    is_error: bool,
}

#[derive(Deserialize)]
struct Progress {
    #[serde(rename = "progressToken")]
    token: Option<u64>,
}

/// # Errors
/// It is neither the result of the call `id` nor progress on it.
pub fn check(message: &[u8], id: u64) -> Result<Message, Fault> {
    let answer: Answer<'_> = serde_json::from_slice(message).map_err(|_| Fault::Malformed)?;
    if answer.method.as_deref() == Some("notifications/progress") {
        let own = answer.params.and_then(|progress| progress.token) == Some(id);
        return if own { Ok(Message::Progress) } else { Err(Fault::Events) };
    }
    if answer.error.is_some() {
        return Err(Fault::RpcError);
    }
    if answer.id.is_none_or(|own| own.get() != id.to_string()) {
        return Err(Fault::WrongId);
    }
    match answer.result {
        None => Err(Fault::Malformed),
        Some(result) if result.is_error => Err(Fault::ToolError),
        Some(_) => Ok(Message::Result),
    }
}

/// Takes the next whole event off the front of `stream` and returns its data; comments have none.
pub fn next_event(stream: &mut Vec<u8>) -> Option<Vec<u8>> {
    let mut data = Vec::new();
    let mut start = 0;
    while let Some(length) = memchr::memchr(b'\n', &stream[start..]) {
        let line = stream[start..start + length].trim_ascii_end();
        start += length + 1;
        if line.is_empty() {
            stream.drain(..start);
            return Some(data);
        }
        if let Some(value) = line.strip_prefix(b"data:") {
            data.extend_from_slice(value.trim_ascii_start());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_renumbered_in_place() {
        let target = Target { authority: "h:1".into(), path: "/mcp/x".into(), key: Some("k".into()) };
        let mut call = Call::new(&target, "echo", &serde_json::json!({"text": "hi"}));
        let text = String::from_utf8(call.numbered(FIRST_ID + 77).to_vec()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("Authorization: Bearer k\r\n") && head.contains("Mcp-Name: echo"), "{head}");
        assert!(head.ends_with(&format!("Content-Length: {}", body.len())), "{head}");
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["id"], 1_000_000_077);
        assert_eq!(body["params"]["_meta"]["progressToken"], 1_000_000_077);
        assert_eq!(body["params"]["arguments"]["text"], "hi");
    }

    #[test]
    fn only_a_result_with_our_id_is_right() {
        let answers = [
            (r#"{"jsonrpc":"2.0","id":7,"result":{"content":[]}}"#, Ok(Message::Result)),
            (r#"{"method":"notifications/progress","params":{"progressToken":7}}"#, Ok(Message::Progress)),
            (r#"{"method":"notifications/progress","params":{"progressToken":8}}"#, Err(Fault::Events)),
            (r#"{"jsonrpc":"2.0","id":"7","result":{}}"#, Err(Fault::WrongId)),
            (r#"{"jsonrpc":"2.0","id":7,"result":{"isError":true}}"#, Err(Fault::ToolError)),
            (r#"{"jsonrpc":"2.0","id":7,"error":{"code":-32603}}"#, Err(Fault::RpcError)),
            (r#"{"jsonrpc":"2.0","id":7}"#, Err(Fault::Malformed)),
            ("<html>", Err(Fault::Malformed)),
        ];
        for (answer, expected) in answers {
            assert_eq!(check(answer.as_bytes(), 7), expected, "{answer}");
        }
    }

    #[test]
    fn events_are_taken_whole_and_in_order() {
        let mut stream = b": hi\n\nevent: message\r\ndata: {\"a\":\r\ndata: 1}\r\n\r\ndata: cut".to_vec();
        assert_eq!(next_event(&mut stream).unwrap(), b"");
        assert_eq!(next_event(&mut stream).unwrap(), b"{\"a\":1}");
        assert_eq!(next_event(&mut stream), None);
        assert_eq!(stream, b"data: cut");
    }
}
