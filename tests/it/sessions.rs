//! Legacy sessions: a sealed id that only its own principal can use, and only at its own endpoint.

use anyhow::{Context, Result};
use gatewayops_tests::stack::{Answer, Stack, answer, free_port, root};
use serde_json::{Value, json};

struct Everything {
    child: std::process::Child,
    url: String,
}

impl Everything {
    /// The npm server, which keeps sessions.
    fn start() -> Result<Self> {
        let port = free_port()?;
        let child = std::process::Command::new("node")
            .arg("--import")
            .arg(root().join("demo/loopback.mjs"))
            .arg(root().join("demo/node_modules/@modelcontextprotocol/server-everything/dist/index.js"))
            .arg("streamableHttp")
            .env("PORT", port.to_string())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()?;
        Ok(Self { child, url: format!("http://127.0.0.1:{port}/mcp") })
    }
}

impl Drop for Everything {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn post(stack: &Stack, server: &str, session: Option<&str>, body: Value) -> Result<Answer> {
    let mut request = stack
        .http
        .post(stack.proxy_url(&format!("/mcp/{server}")))
        .bearer_auth(&stack.key)
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .body(body.to_string());
    if let Some(session) = session {
        request = request.header("mcp-session-id", session).header("mcp-protocol-version", "2025-11-25");
    }
    answer(request).await
}

#[tokio::test]
async fn a_session_works_for_its_principal_alone_and_ends_when_deleted() -> Result<()> {
    let everything = Everything::start()?;
    let mut stack = Stack::start(&[("everything", everything.url.clone())]).await?;
    let initialize = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } } });
    stack
        .until("the server answers", async |stack| {
            Ok(post(stack, "everything", None, initialize.clone()).await?.body["result"].is_object())
        })
        .await?;
    let opened = post(&stack, "everything", None, initialize).await?;
    let session = opened.headers.get("mcp-session-id").context("no session id")?.to_str()?.to_owned();
    assert!(session.len() > 100, "the id is sealed, not the server's own");
    let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    assert_eq!(post(&stack, "everything", Some(&session), initialized).await?.status, 202);
    let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    let listed = post(&stack, "everything", Some(&session), list.clone()).await?;
    assert!(listed.body["result"]["tools"].as_array().is_some_and(|tools| tools.len() > 3), "{listed:?}");

    assert_eq!(post(&stack, "demo", Some(&session), list.clone()).await?.status, 404, "another endpoint");
    let other = stack.rest_post("/v1/api-keys", json!({ "name": "other" })).await?;
    let own = std::mem::replace(&mut stack.key, other.body["key"].as_str().unwrap_or_default().to_owned());
    stack
        .until("another principal is told nothing", async |stack| {
            Ok(post(stack, "everything", Some(&session), list.clone()).await?.status == 404)
        })
        .await?;
    stack.key = own;

    let url = stack.proxy_url("/mcp/everything");
    let ended =
        stack.http.delete(url).bearer_auth(&stack.key).header("mcp-session-id", &session).send().await?;
    assert!(ended.status().is_success(), "{ended:?}");
    let after = post(&stack, "everything", Some(&session), list).await?;
    assert!(matches!(after.status, 400 | 404), "{after:?}");
    Ok(())
}
