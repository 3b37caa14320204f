//! Nothing that was recorded is lost when everything is killed at once.

use std::collections::HashSet;

use anyhow::{Context, Result, ensure};
use gatewayops_tests::stack::{Answer, Stack, answer};
use redis::{
    AsyncCommands,
    streams::{StreamId, StreamRangeReply},
};
use serde_json::{Value, json};

use crate::{own_redis::OwnRedis, servers::Server};

#[tokio::test]
async fn keys_servers_traces_and_costs_survive_and_add_up() -> Result<()> {
    const CALLS: usize = 25;
    let mut stack = Stack::start(&[]).await?;
    let made = stack.rest_post("/v1/api-keys", json!({ "name": "survivor" })).await?;
    let pricing = json!({ "name": "priced", "url": format!("{}/mcp", stack.setting("MCP_SERVER_DEMO_URL").trim_end_matches("/mcp")),
        "pricing": { "per_call": "0.000001", "per_input_token": "0.000000000001", "per_output_token": "0.1" } });
    let priced = stack.rest_post("/v1/mcp-servers", pricing).await?;
    assert_eq!(priced.status, 201, "{priced:?}");
    stack
        .until("the proxy knows the server", async |stack| {
            Ok(stack.call("priced", "now", json!({})).await?.is_success())
        })
        .await?;
    for n in 0..CALLS {
        let called = stack.call("priced", "echo", json!({ "text": n.to_string() })).await?;
        assert!(called.is_success(), "{called:?}");
    }
    // A crash may take what has not left the process yet; what Redis has, nobody can lose.
    let redis = redis::Client::open(stack.setting("REDIS_URL"))?;
    stack
        .until("every span is out", async |stack| {
            let mut connection = redis.get_multiplexed_async_connection().await?;
            let events: StreamRangeReply = connection.xrange_all("gwo:events").await?;
            let mut out: HashSet<Value> = events.ids.iter().filter_map(echo).collect();
            // What is stored is no longer there.
            let traces = stack.rest("/v1/traces?mcp_server=priced&tool_name=echo&limit=200").await?;
            out.extend(
                traces.body["traces"].as_array().into_iter().flatten().map(|trace| trace["id"].clone()),
            );
            Ok(out.len() == CALLS)
        })
        .await?;
    stack.kill("control-plane")?;
    stack.kill("proxy")?;

    stack.start_control_plane().await?;
    stack.start_proxy().await?;
    let traces = stack.traces("mcp_server=priced&tool_name=echo", CALLS).await?;
    let costs = stack.rest("/v1/costs?mcp_server=priced&tool_name=echo&limit=200").await?;
    let rows = costs.body["costs"].as_array().cloned().unwrap_or_default();
    assert_eq!((traces.len(), rows.len()), (CALLS, CALLS), "{costs:?}");
    let micros = |row: &Value| -> i64 {
        row["cost_usd"].as_str().unwrap_or_default().replace('.', "").parse().unwrap_or_default()
    };
    let sum: i64 = rows.iter().map(micros).sum();
    assert_eq!(sum, traces.iter().map(micros).sum::<i64>());
    let summary = stack.rest("/v1/costs/by-tool?mcp_server=priced&tool_name=echo").await?;
    assert_eq!(micros(&json!({ "cost_usd": summary.body["total_cost"] })), sum, "{summary:?}");
    let key = stack.rest(&format!("/v1/api-keys/{}", made.body["id"].as_str().unwrap_or_default())).await?;
    assert_eq!(key.body["name"], "survivor");
    Ok(())
}

/// The id of its span, if it is one of ours.
fn echo(event: &StreamId) -> Option<Value> {
    let data: String = event.get("d")?;
    let span: Value = serde_json::from_str(&data).ok()?;
    (span["mcp_server"] == "priced" && span["tool_name"] == "echo").then(|| span["id"].clone())
}

/// Everybody's rules, and what has been decided by them, as REST shows it.
async fn view(stack: &Stack) -> Result<Vec<(&'static str, Value)>> {
    const LISTS: [&str; 8] = [
        "rate-limits",
        "budgets",
        "tool-classifications",
        "tool-permissions",
        "safety-policies",
        "approvals",
        "tools",
        "safety/detections",
    ];
    let mut view = Vec::new();
    for list in LISTS {
        let mut shown = stack.rest(&format!("/v1/{list}?limit=200")).await?;
        ensure!(shown.status == 200 && shown.body["total"] != 0, "{list}: {shown:?}");
        // Who starts looks at the servers again.
        for tool in shown.body["tools"].as_array_mut().into_iter().flatten() {
            tool["last_seen_at"].take();
        }
        // Where a budget leads changes with every moment, most of all when its period has just begun.
        for budget in shown.body["budgets"].as_array_mut().into_iter().flatten() {
            budget["projected"].take();
        }
        view.push((list, shown.body));
    }
    Ok(view)
}

/// A key of somebody, and its id.
async fn key(stack: &Stack, mut form: Value) -> Result<(String, Value)> {
    form["name"] = json!("key");
    let made = stack.rest_post("/v1/api-keys", form).await?;
    let key = made.body["key"].as_str().with_context(|| format!("{made:?}"))?;
    Ok((key.to_owned(), made.body["id"].clone()))
}

/// What became of a call: the code of its refusal, or nothing.
fn code(answer: &Answer) -> &str {
    answer.body["result"]["_meta"]["io.gatewayops/error"]["code"].as_str().unwrap_or_default()
}

async fn add(stack: &Stack, path: &str, form: Value) -> Result<Value> {
    let made = stack.rest_post(path, form).await?;
    ensure!(matches!(made.status, 200 | 201), "{path}: {made:?}");
    Ok(made.body)
}

#[tokio::test]
async fn rules_decisions_grants_counters_and_quarantine_are_as_they_were() -> Result<()> {
    let (server, mut redis) = (Server::poisoned().await?, OwnRedis::start().await?);
    let mut stack = Stack::start_with(&[("poisoned", server.url())], |stack| {
        stack.set("REDIS_URL", redis.url());
        Ok(())
    })
    .await?;
    let (agent, _) = key(&stack, json!({ "permissions": ["mcp:*", "approvals:*"] })).await?;
    let (counted, counted_id) = key(&stack, json!({ "permissions": ["mcp:*"] })).await?;
    let (granted, granted_id) = key(&stack, json!({ "permissions": ["mcp:*"] })).await?;
    let people = stack.rest("/v1/users").await?;
    let admin = &people.body["users"][0]["id"];
    let (reviewer, _) = key(&stack, json!({ "permissions": ["approvals:*"], "user_id": admin })).await?;
    let of_note = json!({ "mcp_server": "poisoned", "tool_name": "note", "classification": "safe" });
    add(&stack, "/v1/tool-classifications", of_note).await?;
    let uses = json!({ "subject_type": "api_key", "subject_id": granted_id, "mcp_server": "poisoned",
        "tool_name": "note", "max_uses_per_day": 3 });
    add(&stack, "/v1/tool-permissions", uses).await?;
    let quota = json!({ "name": "a day's", "kind": "quota", "scope_type": "api_key", "scope_value": counted_id,
        "limit": 5, "period": "day" });
    add(&stack, "/v1/rate-limits", quota).await?;
    add(&stack, "/v1/budgets", json!({ "name": "month", "scope_type": "organization", "amount": "5" }))
        .await?;

    let call = async |stack: &Stack, key: &str, tool: &str, arguments: Value| {
        stack.call_as(key, "poisoned", tool, arguments).await
    };
    let note = async |stack: &Stack, key: &str| call(stack, key, "note", json!({ "text": "x" })).await;
    let delete = async |stack: &Stack, path: &str| {
        call(stack, &agent, "delete_everything", json!({ "path": path })).await
    };
    stack.caught_up().await?;
    for _ in 0..3 {
        ensure!(note(&stack, &counted).await?.is_success());
    }
    for _ in 0..2 {
        ensure!(note(&stack, &granted).await?.is_success());
    }
    for (path, verdict, form) in
        [("/tmp", "approve", json!({ "max_uses": 2 })), ("/etc", "deny", json!({ "note": "never" }))]
    {
        let asked = delete(&stack, path).await?;
        let error = &asked.body["result"]["_meta"]["io.gatewayops/error"];
        let approval = error["details"]["approval_id"].as_str().with_context(|| format!("{asked:?}"))?;
        let decided = format!("/v1/approvals/{approval}/{verdict}");
        let decided = answer(stack.rest_as(&reviewer, reqwest::Method::POST, &decided).json(&form)).await?;
        ensure!(decided.status == 200, "{decided:?}");
    }
    ensure!(delete(&stack, "/tmp").await?.is_success(), "the first of two uses");
    let injected = json!({ "text": "ghp_1B2m3K4n5P6q7R8s9T0uVwXyZaBcDe0bNzBY" });
    ensure!(code(&call(&stack, &agent, "note", injected).await?) == "safety_blocked");
    server.says(&json!({ "describes": { "read_page": "Reads a page, and then another" } })).await?;
    add(&stack, "/v1/mcp-servers/poisoned/refresh", json!({})).await?;
    stack.caught_up().await?;
    let last = call(&stack, &agent, "read_page", json!({})).await?;
    ensure!(code(&last) == "tool_quarantined", "{last:?}");
    let trace = format!("/v1/traces/{}", last.headers["x-trace-id"].to_str()?);
    // Calls are recorded in their order.
    stack
        .until("the last call is on record", async |stack| Ok(stack.rest(&trace).await?.status == 200))
        .await?;
    let before = view(&stack).await?;

    stack.kill("proxy")?;
    stack.kill("control-plane")?;
    redis.kill()?;
    redis.start_again().await?;
    stack.start_control_plane().await?;
    stack.start_proxy().await?;

    for (was, is) in before.into_iter().zip(view(&stack).await?) {
        assert_eq!(was, is);
    }
    let verified = stack.rest("/v1/audit-logs/verify").await?;
    assert_eq!(verified.body["valid"], true, "{verified:?}");
    assert_eq!(code(&call(&stack, &agent, "read_page", json!({})).await?), "tool_quarantined");
    assert_eq!(code(&delete(&stack, "/etc").await?), "approval_denied");
    assert!(delete(&stack, "/tmp").await?.is_success(), "the second of two uses");
    assert_eq!(code(&delete(&stack, "/tmp").await?), "approval_required", "there is no third");
    for _ in 0..2 {
        assert!(note(&stack, &counted).await?.is_success(), "five a day, of which three were used");
    }
    assert_eq!(code(&note(&stack, &counted).await?), "quota_exceeded");
    assert!(note(&stack, &granted).await?.is_success(), "three a day, of which two were used");
    assert_eq!(code(&note(&stack, &granted).await?), "tool_denied");
    Ok(())
}
