//! With `TOKEN_COUNTER=o200k` tokens are counted and not estimated, and a call costs what was counted.

use anyhow::{Context, Result};
use gatewayops_tests::stack::Stack;
use serde::Deserialize;
use serde_json::{json, value::RawValue};

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    result: &'a RawValue,
}

/// The result as the server wrote it, in a message or in an event.
fn result(text: &str) -> Result<&str> {
    let mut messages = text.lines().map(|line| line.strip_prefix("data:").unwrap_or(line).trim());
    let message = messages.rfind(|line| line.starts_with('{')).context("no message")?;
    Ok(serde_json::from_str::<Answer<'_>>(message)?.result.get())
}

fn tokens(text: &str) -> u64 {
    bpe_openai::o200k_base().count(text) as u64
}

#[tokio::test]
async fn a_call_shows_and_costs_the_tokens_that_were_counted() -> Result<()> {
    let stack = Stack::start_with(&[], |stack| {
        stack.set("TOKEN_COUNTER", "o200k");
        Ok(())
    })
    .await?;
    let price = json!({ "per_call": "0.5", "per_input_token": "0.001", "per_output_token": "0.01" });
    let priced = stack.rest_patch("/v1/mcp-servers/demo", json!({ "pricing": price })).await?;
    assert_eq!(priced.status, 200, "{priced:?}");
    stack.caught_up().await?;

    let arguments = json!({ "text": "the same words again and again, ".repeat(40) });
    let answered = stack.tool_call("demo", "echo", arguments.clone()).send().await?;
    assert!(answered.status().is_success());
    let text = answered.text().await?;
    let result = result(&text)?;
    let (asked, told) = (tokens(&arguments.to_string()), tokens(result));
    let estimated = result.len().div_ceil(4) as u64;
    assert!(told.abs_diff(estimated) > 20, "what is counted is told from what is estimated: {told}");

    let trace = &stack.traces("tool_name=echo&min_cost_usd=0.5", 1).await?[0];
    assert_eq!((&trace["input_tokens"], &trace["output_tokens"]), (&json!(asked), &json!(told)), "{trace}");
    let millis = 500 + asked + 10 * told;
    let cost = format!("{}.{:03}000", millis / 1000, millis % 1000);
    assert_eq!(trace["cost_usd"], json!(cost), "{trace}");
    let costs = stack.rest("/v1/costs?tool_name=echo").await?;
    let rows = costs.body["costs"].as_array().context("no costs")?;
    let row = rows.iter().find(|row| row["id"] == trace["id"]).context("no row of the call")?;
    assert_eq!((&row["cost_usd"], &row["output_tokens"]), (&json!(cost), &json!(told)), "{row}");
    Ok(())
}
