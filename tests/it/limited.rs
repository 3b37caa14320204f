//! Limits and budgets hold over all proxies together, and no call fails because the store behind them does
//! (contract 3.9).

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use gatewayops_tests::stack::{Answer, Stack};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::replicas::Replicas;

fn code(answer: &Answer) -> &str {
    answer.body["result"]["_meta"]["io.gatewayops/error"]["code"].as_str().unwrap_or_default()
}

async fn key(stack: &Stack) -> Result<String> {
    let form = json!({ "name": "agent", "permissions": ["mcp:*"], "rate_limit_rpm": 1_000_000 });
    let made = stack.rest_post("/v1/api-keys", form).await?;
    Ok(made.body["key"].as_str().with_context(|| format!("{made:?}"))?.to_owned())
}

/// Calls at an even pace; how many were let through, and how many were refused by a limit.
async fn offer(stack: &Stack, key: &str, per_second: u32, lasts: Duration) -> Result<(u32, u32)> {
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / per_second);
    let (mut calls, until) = (JoinSet::new(), Instant::now() + lasts);
    while Instant::now() < until {
        ticks.tick().await;
        let call = stack.tool_call_as(key, "demo", "echo", json!({ "text": "x" }));
        calls.spawn(gatewayops_tests::stack::answer(call));
    }
    let (mut passed, mut limited) = (0, 0);
    while let Some(answered) = calls.join_next().await {
        let answered = answered??;
        match code(&answered) {
            "" => {
                ensure!(answered.is_success(), "{answered:?}");
                passed += 1;
            }
            "rate_limited" => limited += 1,
            other => anyhow::bail!("{other}: {answered:?}"),
        }
    }
    Ok((passed, limited))
}

#[tokio::test]
async fn two_proxies_let_through_what_one_limit_allows_also_while_redis_is_away() -> Result<()> {
    const LIMIT: u32 = 100;
    const WINDOW: Duration = Duration::from_secs(10);
    let replicas = Replicas::start(&[]).await?;
    let stack = &replicas.stack;
    let key = key(stack).await?;
    let limit = json!({ "name": "calls", "scope_type": "api_key", "limit": LIMIT, "window_seconds": 10 });
    let made = stack.rest_post("/v1/rate-limits", limit).await?;
    ensure!(made.status == 201, "{made:?}");
    stack
        .until("both proxies limit", async |stack| {
            let mut is_limited = 0;
            for _ in 0..10 {
                let answered = stack.call_as(&key, "demo", "echo", json!({ "text": "x" })).await?;
                is_limited += usize::from(answered.headers.contains_key("ratelimit"));
            }
            Ok(is_limited == 10)
        })
        .await?;

    let (passed, limited) = offer(stack, &key, 50, WINDOW * 3).await?;
    println!(
        "{passed} of {} calls passed a limit of {LIMIT} in {WINDOW:?} over three of them",
        passed + limited
    );
    // What was called before counts too; a window that slides never lets more through than the limit and a twentieth.
    ensure!(
        (LIMIT * 2..=LIMIT * 3 * 105 / 100 + LIMIT / 2).contains(&passed),
        "{passed} passed, {limited} did not"
    );
    Ok(())
}

#[tokio::test]
async fn a_budget_that_is_spent_stops_calls_within_two_seconds() -> Result<()> {
    let stack = Stack::start(&[]).await?;
    let priced = json!({ "pricing": { "per_call": "0.001000" } });
    ensure!(stack.rest_patch("/v1/mcp-servers/demo", priced).await?.status == 200);
    let budget =
        json!({ "name": "small", "scope_type": "organization", "amount": "1.000000", "enforce": true });
    let made = stack.rest_post("/v1/budgets", budget).await?;
    ensure!(made.status == 201, "{made:?}");
    let key = key(&stack).await?;
    stack
        .until("the proxy knows the key and the price", async |stack| {
            let answered = stack.call_as(&key, "demo", "echo", json!({ "text": "x" })).await?;
            Ok(answered.headers.get("x-mcp-cost").is_some_and(|cost| cost == "0.001000"))
        })
        .await?;

    let mut clients = JoinSet::new();
    for _ in 0..10 {
        let call = stack.tool_call_as(&key, "demo", "echo", json!({ "text": "x" }));
        clients.spawn(async move {
            let mut last = Instant::now();
            loop {
                let call = call.try_clone().context("a call that can be made again")?;
                let answered = gatewayops_tests::stack::answer(call).await?;
                match code(&answered) {
                    "" => last = Instant::now(),
                    "budget_exceeded" => return Ok::<_, anyhow::Error>((last, answered.body)),
                    other => anyhow::bail!("{other}: {answered:?}"),
                }
            }
        });
    }
    let mut refused = Value::Null;
    while let Some(stopped) = clients.join_next().await {
        refused = stopped??.1;
    }
    let details = &refused["result"]["_meta"]["io.gatewayops/error"]["details"];
    assert_eq!((&details["amount"], &details["currency"]), (&json!("1.000000"), &json!("USD")), "{refused}");
    let id = made.body["id"].as_str().context("no id")?;
    stack
        .until("every call is paid for", async |stack| {
            let summary = stack.rest("/v1/costs/summary").await?;
            let budget = stack.rest(&format!("/v1/budgets/{id}")).await?;
            Ok(summary.body["total_cost"] == budget.body["used"] && budget.body["status"] == "blocked")
        })
        .await?;
    let used: f64 =
        stack.rest(&format!("/v1/budgets/{id}")).await?.body["used"].as_str().context("no sum")?.parse()?;
    println!("a budget of 1 USD was overrun by {:.6} USD before calls stopped", used - 1.0);
    assert!(used >= 1.0);

    let override_ = json!({ "until": (chrono::Utc::now() + chrono::Duration::hours(1)).to_rfc3339(), "reason": "a test" });
    let lifted = stack.rest_post(&format!("/v1/budgets/{id}/override"), override_).await?;
    ensure!(lifted.status == 200, "{lifted:?}");
    stack
        .until("an override lets calls through again", async |stack| {
            Ok(stack.call_as(&key, "demo", "echo", json!({ "text": "x" })).await?.is_success())
        })
        .await
}
