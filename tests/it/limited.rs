//! Limits and budgets hold over all proxies together, and no call fails because the store behind them does
//! (contract 3.9).

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use gatewayops_tests::stack::{Answer, Stack};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{own_redis::OwnRedis, replicas::Replicas};

fn code(answer: &Answer) -> &str {
    answer.body["result"]["_meta"]["io.gatewayops/error"]["code"].as_str().unwrap_or_default()
}

async fn key(stack: &Stack) -> Result<String> {
    let form = json!({ "name": "agent", "permissions": ["mcp:*"], "rate_limit_rpm": 1_000_000 });
    let made = stack.rest_post("/v1/api-keys", form).await?;
    Ok(made.body["key"].as_str().with_context(|| format!("{made:?}"))?.to_owned())
}

/// A limit, and five times as many calls as it allows, for three of its windows.
struct Offer {
    limit: u32,
    window: Duration,
}

const WINDOWS: u32 = 3;

impl Offer {
    /// `./dev soak limits` runs the long form.
    fn read() -> Self {
        match std::env::var("LIMITS").as_deref() {
            Ok("long") => Self { limit: 600, window: Duration::from_secs(60) },
            _ => Self { limit: 100, window: Duration::from_secs(10) },
        }
    }

    /// Ends before the fourth window begins.
    fn lasts(&self) -> Duration {
        self.window * WINDOWS - self.window / 20
    }

    /// How many calls of this key were let through; each of the others must have been refused by the limit.
    async fn make(&self, stack: &Stack, key: &str) -> Result<u32> {
        let mut ticks = tokio::time::interval(self.window / (self.limit * 5));
        let (mut calls, until) = (JoinSet::new(), Instant::now() + self.lasts());
        while Instant::now() < until {
            ticks.tick().await;
            let call = stack.tool_call_as(key, "demo", "echo", json!({ "text": "x" }));
            calls.spawn(gatewayops_tests::stack::answer(call));
        }
        let (mut passed, offered) = (0, calls.len());
        while let Some(answered) = calls.join_next().await {
            let answered = answered??;
            match code(&answered) {
                "" => {
                    ensure!(answered.is_success(), "{answered:?}");
                    passed += 1;
                }
                "rate_limited" => {}
                other => anyhow::bail!("{other}: {answered:?}"),
            }
        }
        println!(
            "{passed} of {offered} calls passed a limit of {} in {:?}, three times",
            self.limit, self.window
        );
        Ok(passed)
    }
}

/// Two proxies that have heard of the limit, and two keys, each of which has it to itself.
async fn limited(offer: &Offer, redis: &OwnRedis) -> Result<(Replicas, [String; 2])> {
    let replicas = Replicas::start_with(&[], |stack| stack.set("REDIS_URL", redis.url())).await?;
    let stack = &replicas.stack;
    let keys = [key(stack).await?, key(stack).await?];
    let limit = json!({ "name": "calls", "scope_type": "api_key", "limit": offer.limit,
        "window_seconds": offer.window.as_secs() });
    let made = stack.rest_post("/v1/rate-limits", limit).await?;
    ensure!(made.status == 201, "{made:?}");
    stack.caught_up().await?;
    Ok((replicas, keys))
}

#[tokio::test]
async fn two_proxies_let_through_what_one_limit_allows_and_stay_limited_when_redis_is_killed() -> Result<()> {
    let (offer, mut redis) = (Offer::read(), OwnRedis::start().await?);
    let (replicas, [first, second]) = limited(&offer, &redis).await?;
    let stack = &replicas.stack;

    let passed = offer.make(stack, &first).await?;
    let allowed = offer.limit * WINDOWS;
    ensure!((allowed * 95 / 100..=allowed * 105 / 100).contains(&passed), "{passed} of {allowed} passed");

    let killed = async {
        tokio::time::sleep(offer.lasts() / 2).await;
        redis.kill()
    };
    let (passed, killed) = tokio::join!(offer.make(stack, &second), killed);
    killed?;
    // What the proxies had told Redis is gone with it, so each may begin its share of the running window anew.
    let most = (allowed + offer.limit) * 105 / 100;
    let passed = passed?;
    ensure!(
        (allowed * 80 / 100..=most).contains(&passed),
        "{passed} passed with Redis killed, not over {most}"
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
    stack.caught_up().await?;

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
