//! A client of the revisions with sessions, request by request: official clients would not do all that is asked here.

use anyhow::{Context, Result, ensure};
use gatewayops_tests::stack::{Answer, Stack, answer};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

const VERSION: &str = "2025-11-25";

/// Whose requests they are, where they go, and what they say of a session.
#[derive(Clone)]
pub(crate) struct Caller {
    http: reqwest::Client,
    /// The proxy's, and the path of a server.
    base: String,
    server: String,
    key: String,
    pub(crate) session: Option<String>,
}

impl Caller {
    /// The bootstrap key at a server, through the proxy of that name, without a session yet.
    pub(crate) fn new(stack: &Stack, proxy: &str, server: &str) -> Result<Self> {
        let base = stack.proxy_url_of(proxy, "/mcp/")?;
        Ok(Self {
            http: stack.http.clone(),
            base,
            server: server.to_owned(),
            key: stack.key.clone(),
            session: None,
        })
    }

    /// The same, through another proxy.
    pub(crate) fn through(&self, stack: &Stack, proxy: &str) -> Result<Self> {
        Ok(Self { base: stack.proxy_url_of(proxy, "/mcp/")?, ..self.clone() })
    }

    pub(crate) fn at(&self, server: &str) -> Self {
        Self { server: server.to_owned(), ..self.clone() }
    }

    pub(crate) fn with_key(&self, key: &str) -> Self {
        Self { key: key.to_owned(), ..self.clone() }
    }

    pub(crate) fn with_session(&self, session: &str) -> Self {
        Self { session: Some(session.to_owned()), ..self.clone() }
    }

    pub(crate) fn without_session(&self) -> Self {
        Self { session: None, ..self.clone() }
    }

    /// A session of its own, as soon as the proxy knows the key and the server.
    pub(crate) async fn open(&self, stack: &Stack) -> Result<Self> {
        let new = self.without_session();
        stack
            .until("the proxy knows the key and the server", async |_| Ok(new.ping().await?.status == 200))
            .await?;
        new.begin().await
    }

    /// A session of its own at a proxy that knows all that it needs.
    pub(crate) async fn begin(&self) -> Result<Self> {
        let new = self.without_session();
        let opened = new.initialize().await?;
        let session =
            opened.headers.get("mcp-session-id").with_context(|| format!("no session: {opened:?}"))?;
        let opened = new.with_session(session.to_str()?);
        let told = opened.post(json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await?;
        ensure!(told.status == 202, "{told:?}");
        Ok(opened)
    }

    /// The first request of a session, and no more than that.
    pub(crate) async fn initialize(&self) -> Result<Answer> {
        self.post(json!({ "jsonrpc": "2.0", "id": "first", "method": "initialize", "params": {
            "protocolVersion": VERSION, "clientInfo": { "name": "raw", "version": "1" },
            "capabilities": { "elicitation": {}, "sampling": {}, "roots": {} } } }))
            .await
    }

    pub(crate) async fn ping(&self) -> Result<Answer> {
        self.post(json!({ "jsonrpc": "2.0", "id": "are you there", "method": "ping" })).await
    }

    pub(crate) async fn list(&self) -> Result<Answer> {
        answer(self.listing()).await
    }

    pub(crate) fn listing(&self) -> RequestBuilder {
        self.posting(&json!({ "jsonrpc": "2.0", "id": "list", "method": "tools/list" }))
    }

    /// A call's answer, event by event.
    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> Result<Events> {
        Events::of(self.calling(tool, arguments)).await
    }

    pub(crate) fn calling(&self, tool: &str, arguments: Value) -> RequestBuilder {
        self.posting(&json!({ "jsonrpc": "2.0", "id": tool, "method": "tools/call",
            "params": { "name": tool, "arguments": arguments } }))
    }

    /// What the user is said to have written into a form of the server.
    pub(crate) fn answering(&self, id: &Value, content: Value) -> RequestBuilder {
        self.posting(
            &json!({ "jsonrpc": "2.0", "id": id, "result": { "action": "accept", "content": content } }),
        )
    }

    /// The stream of the session, or of whatever comes after an event.
    pub(crate) fn listening(&self, last_event: Option<&str>) -> RequestBuilder {
        let request = self.request(Method::GET).header("accept", "text/event-stream");
        match last_event {
            Some(event) => request.header("last-event-id", event),
            None => request,
        }
    }

    pub(crate) fn ending(&self) -> RequestBuilder {
        self.request(Method::DELETE)
    }

    pub(crate) async fn post(&self, message: Value) -> Result<Answer> {
        answer(self.posting(&message)).await
    }

    fn posting(&self, message: &Value) -> RequestBuilder {
        self.request(Method::POST).header("accept", "application/json, text/event-stream").json(message)
    }

    fn request(&self, method: Method) -> RequestBuilder {
        let request =
            self.http.request(method, format!("{}{}", self.base, self.server)).bearer_auth(&self.key);
        match &self.session {
            Some(session) => {
                request.header("mcp-session-id", session).header("mcp-protocol-version", VERSION)
            }
            None => request,
        }
    }
}

/// A stream that is being read.
pub(crate) struct Events {
    response: reqwest::Response,
    read: String,
}

#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) id: Option<String>,
    /// Null, where the event only says where the stream begins.
    pub(crate) message: Value,
}

impl Events {
    pub(crate) async fn of(request: RequestBuilder) -> Result<Self> {
        let response = request.send().await?;
        let status = response.status().as_u16();
        let is_stream = response
            .headers()
            .get("content-type")
            .is_some_and(|value| value.as_bytes().starts_with(b"text/event-stream"));
        if !is_stream {
            anyhow::bail!("no stream: {status} {}", response.text().await?);
        }
        Ok(Self { response, read: String::new() })
    }

    pub(crate) async fn next(&mut self) -> Result<Event> {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let field =
                    |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
                let message = serde_json::from_str(field("data:").unwrap_or_default()).unwrap_or(Value::Null);
                let event = Event { id: field("id:").map(str::to_owned), message };
                self.read = rest.to_owned();
                // What is neither was a comment that kept the connection open.
                if event.id.is_some() || !event.message.is_null() {
                    return Ok(event);
                }
                continue;
            }
            let chunk = self.response.chunk().await?.context("the stream ended")?;
            self.read.push_str(&String::from_utf8(chunk.to_vec())?);
        }
    }

    /// The next event that says anything.
    pub(crate) async fn message(&mut self) -> Result<Event> {
        loop {
            let event = self.next().await?;
            if !event.message.is_null() {
                return Ok(event);
            }
        }
    }
}
