//! A server that is down, slow or lying never becomes a hung connection or a 500.

use anyhow::Result;
use gatewayops_tests::{
    faulty,
    stack::{Stack, free_port},
};
use serde_json::{Value, json};

#[tokio::test]
async fn every_fault_of_a_server_is_a_tool_error_that_says_whether_to_retry() -> Result<()> {
    let faulty = faulty::start()?;
    let down = format!("http://127.0.0.1:{}/", free_port()?);
    let faults = [
        ("html", false),
        ("lying", false),
        ("no-answer", false),
        ("closes", false),
        ("breaks-json", false),
        ("breaks-stream", false),
        ("unauthorized", false),
        ("fails", false),
    ];
    let mut servers: Vec<_> = faults.iter().map(|(name, _)| (*name, format!("{faulty}/{name}"))).collect();
    servers.push(("down", down));
    let stack = Stack::start(&servers).await?;
    for (name, is_retryable) in faults.into_iter().chain([("down", true)]) {
        let answered = stack.call(name, "anything", json!({})).await?;
        let error = &answered.body["result"]["_meta"]["io.gatewayops/error"];
        assert_eq!(answered.status, 200, "{name}: {answered:?}");
        assert_eq!(answered.body["result"]["isError"], true, "{name}: {answered:?}");
        assert_eq!(error["code"], "upstream_error", "{name}: {answered:?}");
        assert_eq!(error["details"]["retryable"], is_retryable, "{name}: {answered:?}");
        assert!(
            !answered.headers.contains_key("www-authenticate"),
            "a server's challenge is not the client's"
        );
        let traces = stack.traces(&format!("mcp_server={name}"), 1).await?;
        assert_eq!(traces[0]["status"], "error", "{name}");
        assert_eq!(traces[0]["cost_usd"], json!(null), "{name}: what was not answered costs nothing");
        attempts_are_below(&stack, &traces[0]).await?;
    }
    Ok(())
}

/// Each time the server was asked is a span below the call's; the last one failed as the call did.
async fn attempts_are_below(stack: &Stack, root: &Value) -> Result<()> {
    let path = format!("/v1/traces/{}", root["trace_id"].as_str().unwrap_or_default());
    let retries = root["metadata"]["retries"].as_u64().unwrap_or_default();
    stack
        .until(&format!("each of {retries} retries of {root} is told of"), async |stack| {
            let trace = stack.rest(&path).await?;
            let spans = trace.body["spans"].as_array().into_iter().flatten();
            let attempts: Vec<_> = spans.filter(|span| span["kind"] == "client").collect();
            let is_below = |span: &&Value| {
                span["parent_span_id"] == root["span_id"] && span["operation_name"] == "tools/call"
            };
            Ok(attempts.len() as u64 == retries + 1
                && attempts.iter().all(is_below)
                && attempts.last().is_some_and(|last| last["error_type"] == "upstream_error"))
        })
        .await
}

#[tokio::test]
async fn a_slow_server_times_out_and_the_call_is_charged() -> Result<()> {
    let faulty = faulty::start()?;
    let stack = Stack::start(&[]).await?;
    let server = json!({ "name": "slow", "url": format!("{faulty}/slow"), "timeout_ms": 300 });
    assert_eq!(stack.rest_post("/v1/mcp-servers", server).await?.status, 201);
    stack
        .until("the proxy knows the server", async |stack| {
            let answered = stack.call("slow", "anything", json!({})).await?;
            Ok(answered.body["result"]["_meta"]["io.gatewayops/error"]["code"] == "upstream_timeout")
        })
        .await?;
    let traces = stack.traces("mcp_server=slow&status=timeout", 1).await?;
    assert_eq!(traces[0]["cost_usd"], "0.001000");
    Ok(())
}

#[tokio::test]
async fn a_server_that_keeps_failing_is_left_alone_for_a_while() -> Result<()> {
    let stack = Stack::start(&[("down", format!("http://127.0.0.1:{}/", free_port()?))]).await?;
    stack
        .until("the circuit opens", async |stack| {
            let answered = stack.call("down", "anything", json!({})).await?;
            Ok(answered.body["result"]["_meta"]["io.gatewayops/error"]["code"] == "circuit_open")
        })
        .await?;
    let metrics = stack.http.get(stack.metrics_url()).send().await?.text().await?;
    assert!(metrics.contains("gatewayops_circuit_state{mcp_server=\"down\"} 2"), "{metrics}");
    Ok(())
}
