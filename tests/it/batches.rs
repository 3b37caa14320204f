//! 2025-03-26 alone has batches: each message in one is an exchange of its own (R1.6).

use anyhow::{Context, Result};
use gatewayops_tests::stack::Stack;
use serde_json::{Value, json};

use crate::servers::Server;

async fn post(
    stack: &Stack,
    path: &str,
    session: Option<&str>,
    accept: &str,
    body: Value,
) -> Result<(u16, String, Option<String>)> {
    let mut request = stack
        .http
        .post(stack.proxy_url(path))
        .bearer_auth(&stack.key)
        .header("content-type", "application/json")
        .header("accept", accept)
        .body(body.to_string());
    if let Some(session) = session {
        request = request.header("mcp-session-id", session);
    }
    let response = request.send().await?;
    let session =
        response.headers().get("mcp-session-id").map(|id| id.to_str().map(str::to_owned)).transpose()?;
    Ok((response.status().as_u16(), response.text().await?, session))
}

const BOTH: &str = "application/json, text/event-stream";

async fn session(stack: &Stack, path: &str, version: &str) -> Result<String> {
    let initialize = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": version, "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } } });
    let (_, said, session) = post(stack, path, None, BOTH, initialize).await?;
    session.with_context(|| format!("no session: {said}"))
}

/// Every message of an answer, however it came.
fn messages(text: &str) -> Vec<Value> {
    let parsed = |text: &str| serde_json::from_str::<Value>(text).ok();
    let whole = parsed(text).into_iter();
    whole
        .chain(text.lines().filter_map(|line| parsed(line.strip_prefix("data:")?)))
        .flat_map(|value| match value {
            Value::Array(messages) => messages,
            message => vec![message],
        })
        .collect()
}

#[tokio::test]
async fn a_batch_is_answered_message_by_message_and_one_that_is_refused_leaves_the_others() -> Result<()> {
    let server = Server::everything().await?;
    let stack = Stack::start(&[("everything", server.url())]).await?;
    let key = stack
        .rest_post("/v1/api-keys", json!({ "name": "no sum", "tools": ["*", "!everything__get-sum"] }))
        .await?;
    let mut stack = stack;
    let own = std::mem::replace(&mut stack.key, key.body["key"].as_str().context("key")?.to_owned());
    stack
        .until("the key and the server are known", async |stack| {
            Ok(session(stack, "/mcp/everything", "2025-03-26").await.is_ok())
        })
        .await?;
    for (path, prefix) in [("/mcp/everything", ""), ("/mcp", "everything__")] {
        let id = session(&stack, path, "2025-03-26").await?;
        let call = |id: u64, tool: &str, arguments: Value| {
            json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call",
                "params": { "name": format!("{prefix}{tool}"), "arguments": arguments } })
        };
        let batch = json!([
            { "jsonrpc": "2.0", "method": "notifications/initialized" },
            call(1, "echo", json!({ "message": "one" })),
            call(2, "get-sum", json!({ "a": 1, "b": 2 })),
            { "jsonrpc": "2.0", "id": 3, "method": "ping" },
            { "jsonrpc": "2.0", "id": 4 },
            call(5, "echo", json!({ "message": "five" })),
        ]);
        let (status, text, _) = post(&stack, path, Some(&id), BOTH, batch).await?;
        let answers = messages(&text);
        let of = |id: u64| answers.iter().find(|answer| answer["id"] == id).cloned().unwrap_or_default();
        assert_eq!(status, 200, "{path}: {text}");
        assert_eq!(of(1)["result"]["content"][0]["text"], "Echo: one", "{path}: {text}");
        assert_eq!(of(2)["error"]["code"], -32602, "{path}: {text}");
        assert_eq!(of(3)["result"], json!({}), "{path}: {text}");
        assert_eq!(of(5)["result"]["content"][0]["text"], "Echo: five", "{path}: {text}");
        assert!(answers.iter().any(|answer| answer["error"]["code"] == -32600), "{path}: {text}");

        let notifications = json!([{ "jsonrpc": "2.0", "method": "notifications/roots/list_changed" }]);
        assert_eq!(post(&stack, path, Some(&id), BOTH, notifications.clone()).await?.0, 202, "{path}");
        let newer = session(&stack, path, "2025-06-18").await?;
        assert_eq!(
            post(&stack, path, Some(&newer), BOTH, notifications).await?.0,
            400,
            "{path}: no batches any more"
        );
    }
    stack.key = own;
    let traces = stack.traces("operation_name=tools/call&tool_name=echo", 4).await?;
    assert!(
        traces.iter().all(|trace| trace["cost_usd"].is_string()),
        "each call has its own cost: {traces:?}"
    );
    let sum = stack.traces("tool_name=get-sum", 1).await?;
    assert!(sum.iter().all(|trace| trace["status"] == "blocked"), "{sum:?}");
    Ok(())
}
