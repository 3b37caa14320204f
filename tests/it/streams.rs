//! An event stream reaches the client event by event, and ends on both sides when either ends it.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use gatewayops_tests::stack::{Stack, modern_meta};
use serde_json::{Value, json};

fn countdown(stack: &Stack, seconds: f64, interval_ms: u64) -> reqwest::RequestBuilder {
    let mut meta = modern_meta();
    meta["progressToken"] = "p".into();
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "countdown",
        "arguments": { "seconds": seconds, "interval_ms": interval_ms }, "_meta": meta } });
    stack.modern("demo", "tools/call", Some("countdown")).body(body.to_string())
}

#[tokio::test]
async fn events_arrive_while_the_call_goes_on() -> Result<()> {
    let stack = Stack::start(&[]).await?;
    let started = Instant::now();
    let mut response = countdown(&stack, 10.0, 500).send().await?;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert_eq!(response.headers()["x-accel-buffering"], "no");
    let (mut arrivals, mut text) = (Vec::new(), String::new());
    while let Some(chunk) = response.chunk().await? {
        arrivals.push(started.elapsed());
        text.push_str(std::str::from_utf8(&chunk)?);
    }
    assert!(arrivals.len() >= 19, "twenty steps came in {} pieces", arrivals.len());
    let first = arrivals.first().context("nothing came")?;
    assert!(
        *first + Duration::from_secs(8) < started.elapsed(),
        "the first event waited for the last: {arrivals:?}"
    );
    assert!(text.contains("lift-off after 20 steps"), "{text}");
    stack.traces("tool_name=countdown&status=success", 1).await?;
    Ok(())
}

#[tokio::test]
async fn closing_the_client_closes_the_call_at_the_server() -> Result<()> {
    let stack = Stack::start(&[]).await?;
    let mut response = countdown(&stack, 60.0, 50).send().await?;
    response.chunk().await?.context("no first event")?;
    drop(response);
    stack
        .until("the server has noticed", async |stack| {
            let counted: Value = stack.call("demo", "cancellations", json!({})).await?.body;
            Ok(counted["result"]["structuredContent"]["cancelled"] == 1)
        })
        .await?;
    stack.traces("tool_name=countdown&status=cancelled", 1).await?;
    Ok(())
}
