//! MCP for scripts: plain JSON over the same pipeline.

use anyhow::{Context, Result};
use gatewayops_tests::stack::{Stack, answer};
use serde_json::{Value, json};

use crate::servers::Server;

#[tokio::test]
async fn a_script_lists_servers_and_tools_and_calls_one() -> Result<()> {
    let stack = Stack::start(&[]).await?;
    let get = |path: &str| stack.http.get(stack.proxy_url(path)).bearer_auth(&stack.key);
    let post = |path: &str| stack.http.post(stack.proxy_url(path)).bearer_auth(&stack.key);
    let servers = answer(get("/v1/mcp/servers")).await?;
    assert_eq!(servers.body["servers"][0]["name"], "demo", "{servers:?}");
    let tools = answer(get("/v1/mcp/demo/tools/list")).await?;
    assert!(
        tools.body["tools"].as_array().is_some_and(|tools| tools.iter().any(|tool| tool["name"] == "add")),
        "{tools:?}"
    );

    let call = json!({ "name": "add", "arguments": { "a": 1, "b": 2 } });
    let called = answer(post("/v1/mcp/demo/tools/call").json(&call)).await?;
    assert_eq!((called.status, &called.body["structuredContent"]["sum"]), (200, &json!(3)), "{called:?}");
    let failed = answer(
        post("/v1/mcp/demo/tools/call").json(&json!({ "name": "fail", "arguments": { "message": "no" } })),
    )
    .await?;
    assert_eq!((failed.status, &failed.body["isError"]), (200, &json!(true)), "{failed:?}");
    stack.traces("tool_name=add", 1).await?;

    for (what, request, status, code) in [
        ("no name", post("/v1/mcp/demo/tools/call").json(&json!({})), 400, "validation_error"),
        (
            "no JSON",
            post("/v1/mcp/demo/tools/call").header("content-type", "application/json").body("{"),
            400,
            "invalid_json",
        ),
        (
            "an unknown field",
            post("/v1/mcp/demo/tools/call").json(&json!({ "nam": "x" })),
            400,
            "validation_error",
        ),
        ("an unknown server", get("/v1/mcp/nobody/tools/list"), 404, "server_not_found"),
        ("no key", stack.http.get(stack.proxy_url("/v1/mcp/servers")), 401, "missing_credentials"),
    ] {
        let answered = answer(request).await?;
        assert_eq!(
            (answered.status, &answered.body["error"]["code"]),
            (status, &json!(code)),
            "{what}: {answered:?}"
        );
    }
    Ok(())
}

/// Names and data of a stream's events.
fn events(text: &str) -> Vec<(&str, Value)> {
    text.split("\n\n")
        .filter_map(|event| {
            let (name, data) = event.strip_prefix("event: ")?.split_once("\ndata: ")?;
            Some((name, serde_json::from_str(data).ok()?))
        })
        .collect()
}

#[tokio::test]
async fn a_script_sees_the_progress_of_a_call_to_a_server_of_either_era() -> Result<()> {
    let everything = Server::everything().await?;
    let stack = Stack::start(&[("everything", everything.url())]).await?;
    let post = |server: &str| {
        let request = stack.http.post(stack.proxy_url(&format!("/v1/mcp/{server}/tools/call")));
        request.bearer_auth(&stack.key).header("accept", "text/event-stream")
    };
    let countdown = json!({ "name": "countdown", "arguments": { "seconds": 1, "interval_ms": 100 } });
    let long =
        json!({ "name": "trigger-long-running-operation", "arguments": { "duration": 1, "steps": 4 } });
    for (server, call, steps, said) in
        [("demo", countdown, 10, "lift-off"), ("everything", long, 4, "completed")]
    {
        stack
            .until("the proxy knows the server", async |stack| {
                let listed = stack.http.get(stack.proxy_url(&format!("/v1/mcp/{server}/tools/list")));
                Ok(answer(listed.bearer_auth(&stack.key)).await?.status == 200)
            })
            .await?;
        let response = post(server).json(&call).send().await?;
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let text = response.text().await?;
        let mut events = events(&text);
        let (name, result) = events.pop().context("no events")?;
        assert_eq!(name, "result", "{text}");
        assert!(result["content"][0]["text"].as_str().is_some_and(|text| text.contains(said)), "{text}");
        assert!(events.len() >= steps - 1, "{text}");
        assert!(
            events.iter().all(|(name, step)| *name == "progress" && step["progress"].is_number()),
            "{text}"
        );
        stack.traces(&format!("mcp_server={server}&status=success"), 1).await?;
    }
    let refused = answer(post("demo").json(&json!({}))).await?;
    assert_eq!((refused.status, &refused.body["error"]["code"]), (400, &json!("validation_error")));
    Ok(())
}
