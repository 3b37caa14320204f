//! What calls were given and gave back is kept where somebody wants that, without what is nobody's business.

use anyhow::{Context, Result};
use gatewayops_tests::stack::{Answer, Stack};
use serde_json::json;

/// Shaped like a key of a vendor; opens nothing.
const SECRET: &str = "ghp_1B2m3K4n5P6q7R8s9T0uVwXyZaBcDe0bNzBY";

/// What was kept of the only call of a tool.
async fn kept(stack: &Stack, filter: &str) -> Result<Answer> {
    let trace = stack.traces(filter, 1).await?.remove(0);
    let (trace, span) = (trace["trace_id"].as_str(), trace["span_id"].as_str());
    let path = format!("/v1/traces/{}/spans/{}/payload", trace.context("no id")?, span.context("no id")?);
    stack.until("something was kept", async |stack| Ok(stack.rest(&path).await?.status == 200)).await?;
    stack.rest(&path).await
}

async fn keep(stack: &Stack, what: &str) -> Result<()> {
    let set = stack.rest_patch("/v1/settings", json!({ "traces": { "payload_capture": what } })).await?;
    assert_eq!(set.status, 200, "{set:?}");
    stack.caught_up().await
}

#[tokio::test]
async fn arguments_and_results_are_kept_as_the_organization_says() -> Result<()> {
    let stack = Stack::start(&[]).await?;
    // Nothing is blocked or redacted on its way here: this is about what is kept.
    let policies = stack.rest("/v1/safety-policies?limit=200").await?;
    let default = policies.body["safety_policies"][0]["id"].as_str().context("no policy")?;
    let off =
        stack.rest_patch(&format!("/v1/safety-policies/{default}"), json!({ "enabled": false })).await?;
    assert_eq!(off.status, 200, "{off:?}");
    let echo = async |word: &str| stack.call("demo", "echo", json!({ "text": word })).await;

    assert!(echo("unseen").await?.is_success());
    keep(&stack, "redacted").await?;
    let answered = echo(&format!("the token {SECRET} of ann@mail.example")).await?;
    assert!(answered.is_success() && answered.body.to_string().contains(SECRET), "{answered:?}");
    keep(&stack, "full").await?;
    let now = stack.call("demo", "now", json!({})).await?;
    assert!(now.is_success(), "{now:?}");

    let full = kept(&stack, "tool_name=now").await?;
    assert_eq!((&full.body["request"], &full.body["response"]), (&json!({}), &now.body["result"]));
    assert_eq!((&full.body["redacted"], &full.body["truncated"]), (&json!(false), &json!(false)));
    let traces = stack.traces("tool_name=echo", 2).await?;
    let (newest, before) = traces.split_first().context("no trace")?;
    assert_eq!(newest["has_payload"], true);
    assert!(before.iter().all(|trace| trace["has_payload"] == false), "nothing was kept of what was before");
    let path = format!(
        "/v1/traces/{}/spans/{}/payload",
        newest["trace_id"].as_str().unwrap_or_default(),
        newest["span_id"].as_str().unwrap_or_default()
    );
    let redacted = stack.rest(&path).await?;
    let said = redacted.body["request"]["text"].as_str().context("nothing was kept")?;
    assert!(said.starts_with("the token [REDACTED"), "{said}");
    let all = redacted.body.to_string();
    assert!(!all.contains(SECRET) && !all.contains("ann@"), "neither in the result: {all}");
    let read = stack.rest("/v1/audit-logs?action=payload.read").await?;
    assert!(read.body["audit_logs"].as_array().is_some_and(|rows| rows.len() >= 2), "{read:?}");
    Ok(())
}
