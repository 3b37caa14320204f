//! One modern request (MCP 2026-07-28), a `tools/call` or a `tools/list`, rendered once and only renumbered after that;
//! and what is a right answer to it.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, de::IgnoredAny};
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

/// What a client says of itself in every request.
fn client() -> String {
    format!(
        r#""io.modelcontextprotocol/protocolVersion":"{PROTOCOL_VERSION}","io.modelcontextprotocol/clientInfo":{{"name":"load","version":"1.0.0"}},"io.modelcontextprotocol/clientCapabilities":{{}}"#
    )
}

/// A request as bytes, and where its id stands in them.
#[derive(Clone)]
pub struct Call {
    request: Vec<u8>,
    ids: Vec<usize>,
    /// What is asked for is a list of at least so many tools.
    list_of: Option<usize>,
}

impl Call {
    /// The id is the progress token as well, so that the events of a stream name their call.
    #[must_use]
    pub fn new(target: &Target, tool: &str, arguments: &serde_json::Value) -> Self {
        let client = client();
        let body = format!(
            r#"{{"jsonrpc":"2.0","id":{FIRST_ID},"method":"tools/call","params":{{"name":"{tool}","arguments":{arguments},"_meta":{{"progressToken":{FIRST_ID},{client}}}}}}}"#
        );
        let names = format!("Mcp-Method: tools/call\r\nMcp-Name: {tool}\r\n");
        Self::rendered(target, &names, body, &[r#""id":"#, r#""progressToken":"#])
    }

    /// The first page of the list of tools, with at least so many of them.
    #[must_use]
    pub fn list(target: &Target, at_least: usize) -> Self {
        let client = client();
        let body = format!(
            r#"{{"jsonrpc":"2.0","id":{FIRST_ID},"method":"tools/list","params":{{"_meta":{{{client}}}}}}}"#
        );
        let rendered = Self::rendered(target, "Mcp-Method: tools/list\r\n", body, &[r#""id":"#]);
        Self { list_of: Some(at_least), ..rendered }
    }

    fn rendered(target: &Target, names: &str, body: String, ids: &[&str]) -> Self {
        let authorization = match &target.key {
            Some(key) => format!("Authorization: Bearer {key}\r\n"),
            None => String::new(),
        };
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: {}\r\n{authorization}Content-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: {PROTOCOL_VERSION}\r\n\
             {names}Content-Length: {}\r\n\r\n",
            target.path,
            target.authority,
            body.len(),
        );
        let place = |name: &&str| body.find(*name).expect("the body was just written with it") + name.len();
        let ids = ids.iter().map(|name| head.len() + place(name)).collect();
        Self { request: [head, body].concat().into_bytes(), ids, list_of: None }
    }

    pub fn numbered(&mut self, id: u64) -> &[u8] {
        let digits = id.to_string();
        for at in &self.ids {
            self.request[*at..at + digits.len()].copy_from_slice(digits.as_bytes());
        }
        &self.request
    }

    /// # Errors
    /// The message is neither the result of this request under that id nor progress on it.
    pub fn check(&self, message: &[u8], id: u64) -> Result<Message, Fault> {
        match self.list_of {
            Some(at_least) => check_list(message, id, at_least),
            None => check(message, id),
        }
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
    /// A list without its tools, or with too few.
    Tools,
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
            Self::Tools => "tools",
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

#[derive(Deserialize)]
struct ListAnswer<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    result: Option<List>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct List {
    /// Counted and not kept: a page is many times the size of what else is read here.
    tools: Option<Vec<IgnoredAny>>,
}

fn check_list(message: &[u8], id: u64, at_least: usize) -> Result<Message, Fault> {
    let answer: ListAnswer<'_> = serde_json::from_slice(message).map_err(|_| Fault::Malformed)?;
    if answer.error.is_some() {
        return Err(Fault::RpcError);
    }
    if answer.id.is_none_or(|own| own.get() != id.to_string()) {
        return Err(Fault::WrongId);
    }
    match answer.result.and_then(|list| list.tools) {
        Some(tools) if tools.len() >= at_least => Ok(Message::Result),
        _ => Err(Fault::Tools),
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
    fn a_list_is_right_with_our_id_and_enough_tools() {
        let target = Target { authority: "h:1".into(), path: "/mcp".into(), key: None };
        let mut list = Call::list(&target, 2);
        let text = String::from_utf8(list.numbered(FIRST_ID + 5).to_vec()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("Mcp-Method: tools/list\r\n") && !head.contains("Mcp-Name"), "{head}");
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!((&body["id"], &body["method"]), (&1_000_000_005.into(), &"tools/list".into()));
        let answers = [
            (r#"{"id":7,"result":{"tools":[{"name":"a"},{"name":"b"}],"ttlMs":1}}"#, Ok(Message::Result)),
            (r#"{"id":7,"result":{"tools":[{"name":"a"}]}}"#, Err(Fault::Tools)),
            (r#"{"id":7,"result":{}}"#, Err(Fault::Tools)),
            (r#"{"id":8,"result":{"tools":[{},{}]}}"#, Err(Fault::WrongId)),
            (r#"{"id":7,"error":{"code":-32603}}"#, Err(Fault::RpcError)),
            (r#"{"id":7,"result":{"tools":[{},{}]"#, Err(Fault::Malformed)),
        ];
        for (answer, expected) in answers {
            assert_eq!(list.check(answer.as_bytes(), 7), expected, "{answer}");
        }
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
