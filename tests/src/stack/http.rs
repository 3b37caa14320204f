//! Requests to a stack: MCP as a modern client sends it, and the REST API.

use anyhow::Result;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::Stack;

pub const MODERN: &str = "2026-07-28";

/// What came back of a request.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl Answer {
    /// Whether a tool answered: neither the gateway nor the tool itself said that something is wrong.
    pub fn is_success(&self) -> bool {
        let result = &self.body["result"];
        result["content"].is_array() && result["isError"] != true
    }
}

impl Stack {
    /// A modern `tools/call`, with the headers that go with it.
    pub fn tool_call(&self, server: &str, tool: &str, arguments: Value) -> RequestBuilder {
        self.tool_call_as(&self.key, server, tool, arguments)
    }

    /// The same, with another key or token.
    pub fn tool_call_as(
        &self,
        credential: &str,
        server: &str,
        tool: &str,
        arguments: Value,
    ) -> RequestBuilder {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
            "name": tool, "arguments": arguments, "_meta": modern_meta() } });
        self.modern_as(credential, server, "tools/call", Some(tool)).body(body.to_string())
    }

    /// A modern POST without its body.
    pub fn modern(&self, server: &str, method: &str, name: Option<&str>) -> RequestBuilder {
        self.modern_as(&self.key, server, method, name)
    }

    /// The same, with another key or token.
    pub fn modern_as(
        &self,
        credential: &str,
        server: &str,
        method: &str,
        name: Option<&str>,
    ) -> RequestBuilder {
        let request = self
            .http
            .post(self.proxy_url(&format!("/mcp/{server}")))
            .bearer_auth(credential)
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", MODERN)
            .header("mcp-method", method);
        match name {
            Some(name) => request.header("mcp-name", name),
            None => request,
        }
    }

    pub async fn call(&self, server: &str, tool: &str, arguments: Value) -> Result<Answer> {
        answer(self.tool_call(server, tool, arguments)).await
    }

    /// The same, with another key or token.
    pub async fn call_as(
        &self,
        credential: &str,
        server: &str,
        tool: &str,
        arguments: Value,
    ) -> Result<Answer> {
        answer(self.tool_call_as(credential, server, tool, arguments)).await
    }

    /// A GET of the REST API with the bootstrap key.
    pub async fn rest(&self, path: &str) -> Result<Answer> {
        answer(self.rest_request(Method::GET, path)).await
    }

    pub async fn rest_post(&self, path: &str, body: Value) -> Result<Answer> {
        answer(self.rest_request(Method::POST, path).json(&body)).await
    }

    /// A request of the REST API with another key or token.
    pub fn rest_as(&self, credential: &str, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.control_url(path)).bearer_auth(credential)
    }

    pub async fn rest_patch(&self, path: &str, body: Value) -> Result<Answer> {
        answer(self.rest_request(Method::PATCH, path).json(&body)).await
    }

    pub async fn rest_delete(&self, path: &str) -> Result<Answer> {
        answer(self.rest_request(Method::DELETE, path)).await
    }

    pub fn control_url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.ports.control)
    }

    fn rest_request(&self, method: Method, path: &str) -> RequestBuilder {
        self.rest_as(&self.key, method, path)
    }

    pub(super) async fn status(&self, url: &str) -> Option<u16> {
        Some(self.http.get(url).send().await.ok()?.status().as_u16())
    }
}

pub fn modern_meta() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientInfo": { "name": "gatewayops-tests", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    })
}

/// Sends, and reads JSON or the last event of a stream.
pub async fn answer(request: RequestBuilder) -> Result<Answer> {
    let response = request.send().await?;
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let is_stream =
        headers.get("content-type").is_some_and(|value| value.as_bytes().starts_with(b"text/event-stream"));
    let text = response.text().await?;
    let json = if is_stream {
        text.lines().filter_map(|line| line.strip_prefix("data:")).next_back().unwrap_or_default()
    } else {
        &text
    };
    Ok(Answer { status, headers, body: serde_json::from_str(json).unwrap_or(Value::Null) })
}
