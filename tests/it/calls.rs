//! A call through both planes is answered, recorded and priced.

use anyhow::Result;
use gatewayops_tests::stack::{Stack, answer};
use serde_json::json;

#[tokio::test]
async fn a_call_becomes_a_trace_with_a_cost() -> Result<()> {
    let stack = Stack::start(&[]).await?;
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let call = stack.tool_call("demo", "add", json!({ "a": 40, "b": 2 })).header("traceparent", parent);
    let called = answer(call).await?;
    assert_eq!(called.status, 200, "{called:?}");
    assert_eq!(called.body["result"]["structuredContent"]["sum"], 42);
    assert_eq!(called.headers["x-mcp-server"], "demo");
    assert_eq!(called.headers["x-trace-id"], "4bf92f3577b34da6a3ce929d0e0e4736");

    let traces = stack.traces("tool_name=add", 1).await?;
    let trace = &traces[0];
    assert_eq!(trace["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(trace["parent_span_id"], "00f067aa0ba902b7");
    assert_eq!((&trace["status"], &trace["cost_usd"]), (&json!("success"), &json!("0.001000")));
    assert_eq!(trace["client_name"], "gatewayops-tests");

    let costs = stack.rest("/v1/costs?tool_name=add").await?;
    assert_eq!(costs.body["costs"][0]["id"], trace["id"], "{costs:?}");
    assert_eq!(costs.body["costs"][0]["cost_usd"], "0.001000");
    Ok(())
}

#[tokio::test]
async fn a_key_made_over_rest_works_and_stops_working_when_revoked() -> Result<()> {
    let mut stack = Stack::start(&[]).await?;
    let made = stack.rest_post("/v1/api-keys", json!({ "name": "agent", "tools": ["demo__echo"] })).await?;
    assert_eq!(made.status, 201, "{made:?}");
    let bootstrap =
        std::mem::replace(&mut stack.key, made.body["key"].as_str().unwrap_or_default().to_owned());
    stack
        .until("the proxy knows the key", async |stack| {
            Ok(stack.call("demo", "echo", json!({ "text": "x" })).await?.status == 200)
        })
        .await?;

    let hidden = stack.call("demo", "add", json!({ "a": 1, "b": 1 })).await?;
    assert_eq!((hidden.status, &hidden.body["error"]["code"]), (200, &json!(-32602)), "{hidden:?}");
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list",
        "params": { "_meta": gatewayops_tests::stack::modern_meta() } });
    let listed = answer(stack.modern("demo", "tools/list", None).body(body.to_string())).await?;
    let names: Vec<_> =
        listed.body["result"]["tools"].as_array().into_iter().flatten().map(|tool| &tool["name"]).collect();
    assert_eq!(names, [&json!("echo")], "what may not be called is not listed");

    let revoked = std::mem::replace(&mut stack.key, bootstrap);
    let id = made.body["id"].as_str().unwrap_or_default();
    let answered = stack.rest_post(&format!("/v1/api-keys/{id}/revoke"), json!({})).await?;
    assert_eq!(answered.status, 200, "{answered:?}");
    let bootstrap = std::mem::replace(&mut stack.key, revoked);
    stack
        .until("the key is refused", async |stack| {
            Ok(stack.call("demo", "echo", json!({ "text": "x" })).await?.status == 401)
        })
        .await?;
    stack.key = bootstrap;
    stack.traces("status=blocked&error_type=revoked_credentials", 1).await?;
    Ok(())
}
