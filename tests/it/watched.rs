//! Whoever watches sees a call through the proxy as soon as it is on record.

use anyhow::{Context, Result, ensure};
use gatewayops_tests::stack::Stack;
use reqwest::{Method, Response};
use serde_json::{Value, json};

/// The data of the next event of this kind.
async fn next(answer: &mut Response, text: &mut String, kind: &str) -> Result<Value> {
    loop {
        while let Some((event, rest)) = text.split_once("\n\n") {
            let found = event.lines().any(|line| line == format!("event: {kind}"));
            let data = event.lines().find_map(|line| line.strip_prefix("data: ")).map(str::to_owned);
            *text = rest.to_owned();
            if found {
                return Ok(serde_json::from_str(&data.context("an event without data")?)?);
            }
        }
        let chunk = answer.chunk().await?.context("the stream ended")?;
        text.push_str(std::str::from_utf8(&chunk)?);
    }
}

#[tokio::test]
async fn a_call_comes_over_the_live_stream_as_the_list_shows_it() -> Result<()> {
    let stack = Stack::start(&[]).await?;
    let path = "/v1/traces/stream?mcp_server=demo&tool_name=echo&status=success";
    let request = stack.rest_as(&stack.key, Method::GET, path).header("accept", "text/event-stream");
    let mut answer = request.send().await?.error_for_status()?;
    let mut text = String::new();
    let hello = next(&mut answer, &mut text, "hello").await?;
    assert_eq!(hello["filters"]["tool_name"], json!(["echo"]));
    let call = stack.call("demo", "echo", json!({ "text": "watched" })).await?;
    ensure!(call.is_success(), "{call:?}");
    let trace = next(&mut answer, &mut text, "trace").await?["trace"].take();
    assert_eq!((&trace["mcp_server"], &trace["tool_name"]), (&json!("demo"), &json!("echo")));
    let listed = stack.traces("tool_name=echo", 1).await?;
    ensure!(listed.contains(&trace), "what is streamed is what is listed: {trace}");
    Ok(())
}
