//! Calls, made by hand and by clients: seen as they end, stopped, let through by a person.

use anyhow::{Context, Result};
use gatewayops_tests::stack::Stack;
use serde_json::{Value, json};

use super::console::{Console, DANGEROUS};
use crate::scripts::{said, script};

fn holds(value: &Value, text: &str) -> bool {
    value.as_str().is_some_and(|value| value.contains(text))
}

#[tokio::test]
async fn a_server_is_registered_and_its_first_call_is_seen_live_with_its_spans() -> Result<()> {
    let console = Console::start().await?;
    let url = console.stack.setting("MCP_SERVER_DEMO_URL");
    let plan = json!({ "server": { "name": "second", "url": url }, "tool": "echo", "text": "seen by hand" });
    let seen = console.see("registered", &plan).await?;
    for said in ["gatewayops-demo", "2026-07-28"] {
        assert!(holds(&seen["trial"], said), "the test tells {said}: {}", seen["trial"]);
    }
    assert_eq!(seen["tools"].as_array().map(Vec::len), Some(3), "new, changed and gone: {seen}");
    assert!(holds(&seen["answer"], "seen by hand"), "{}", seen["answer"]);
    assert!(holds(&seen["live"]["row"], "second"), "{}", seen["live"]);
    assert_eq!(seen["live"]["wasNotLoadedAgain"], true);
    assert_eq!(seen["trace"]["id"], true, "the row leads to the trace of the call: {}", seen["trace"]);
    assert!(holds(&seen["trace"]["chosen"], "echo, Success"), "{}", seen["trace"]);
    assert!(holds(&seen["trace"]["attributes"], "ada@example.com"), "{}", seen["trace"]);
    let server = console.stack.rest("/v1/mcp-servers/second").await?;
    assert_eq!(server.body["tool_count"], 8, "{server:?}");
    Ok(())
}

#[tokio::test]
async fn a_policy_that_is_made_stops_the_next_call_that_it_is_about() -> Result<()> {
    let console = Console::start().await?;
    let plan = json!({ "policy": "no projects", "pattern": "blue-[0-9]+",
        "harmful": "the plan of blue-42", "harmless": "the plan of the day" });
    let seen = console.see("guarded", &plan).await?;
    assert!(holds(&seen["tried"], "refused"), "{}", seen["tried"]);
    assert!(holds(&seen["refused"], "safety_blocked"), "{}", seen["refused"]);
    assert!(!holds(&seen["refused"], "blue-42"), "what is blocked is not echoed: {}", seen["refused"]);
    assert_eq!((&seen["harmless"], &seen["status"]), (&json!("Success"), &json!("blocked")), "{seen}");
    assert!(holds(&seen["detection"], "no projects"), "{}", seen["detection"]);
    Ok(())
}

/// What the official client makes of a call that waits.
async fn official(stack: &Stack, key: &str) -> Result<Value> {
    let plan = json!({ "calls": [[DANGEROUS, { "path": "/srv/old" }]] });
    let mut client = script("clients/run");
    client.args(["ts-v2-modern", &stack.proxy_url("/mcp/poisoned")]);
    client.env("GATEWAYOPS_API_KEY", key).env("PLAN", plan.to_string());
    said(client).await
}

#[tokio::test]
async fn a_call_that_waits_is_approved_in_the_inbox_and_its_client_gets_its_answer() -> Result<()> {
    let console = Console::start().await?;
    let agent = console.agent().await?;
    console.hold(240).await?;
    let stack = &console.stack;
    let calling = async {
        // A client waits for a minute: it begins when somebody is there who can answer.
        stack
            .until("somebody has signed in", async |stack| {
                let found = stack.rest("/v1/users?q=ada@example.com").await?;
                Ok(!found.body["users"][0]["last_login_at"].is_null())
            })
            .await?;
        official(stack, &agent).await
    };
    let plan = json!({ "note": "it is old" });
    let (seen, called) = tokio::try_join!(console.see("approved", &plan), calling)?;
    assert_eq!(called["called"][DANGEROUS], format!("{DANGEROUS} is done"), "{called}");
    assert_eq!(console.poisoned.runs(DANGEROUS).await?, [json!({ "path": "/srv/old" })]);
    assert!(holds(&seen["shown"], DANGEROUS) && holds(&seen["shown"], "/srv/old"), "{}", seen["shown"]);
    assert!(holds(&seen["history"], "ada@example.com"), "{}", seen["history"]);
    assert!(holds(&seen["outcome"], "it is old"), "{}", seen["outcome"]);
    Ok(())
}

#[tokio::test]
async fn what_is_downloaded_is_what_the_api_answers() -> Result<()> {
    let console = Console::start().await?;
    console.call_for_money(12).await?;
    console.fail(3).await?;
    console.stack.traces("mcp_server=demo", 15).await?;
    let seen = console.see("exported", &json!({})).await?;
    for (what, file) in [("traces", "traces"), ("costs", "costs"), ("audit", "audit-logs")] {
        let seen = &seen[what];
        assert_eq!(seen["name"], format!("{file}.csv"), "{seen}");
        assert_eq!((&seen["missing"], &seen["unknown"]), (&json!([]), &json!([])), "{what}: {seen}");
    }
    for what in ["traces", "costs"] {
        let seen = &seen[what];
        assert_eq!(seen["rows"], seen["total_requests"], "{what}: {seen}");
        assert_eq!(seen["cost"], seen["total_cost"], "{what}: {seen}");
    }
    let requests = seen["traces"]["rows"].as_u64().context("no rows")?;
    assert!(requests >= 15 && holds(&seen["traces"]["shown"], &format!("{requests} requests")), "{seen}");
    let dollars =
        seen["costs"]["cost"].as_str().and_then(|cost| cost.split('.').next()).context("no cost")?;
    assert!(
        holds(&seen["costs"]["shown"], &format!("${dollars}.")),
        "${dollars}: {}",
        seen["costs"]["shown"]
    );
    assert!(seen["audit"]["rows"].as_u64() >= seen["audit"]["answered"].as_u64(), "{}", seen["audit"]);
    Ok(())
}
