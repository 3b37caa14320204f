//! Nothing that was recorded is lost when everything is killed at once.

use std::cell::Cell;

use anyhow::Result;
use gatewayops_tests::stack::Stack;
use serde_json::json;

#[tokio::test]
async fn keys_servers_traces_and_costs_survive_and_add_up() -> Result<()> {
    const CALLS: usize = 25;
    let mut stack = Stack::start(&[]).await?;
    let made = stack.rest_post("/v1/api-keys", json!({ "name": "survivor" })).await?;
    let pricing = json!({ "name": "priced", "url": format!("{}/mcp", stack.setting("MCP_SERVER_DEMO_URL").trim_end_matches("/mcp")),
        "pricing": { "per_call": "0.000001", "per_input_token": "0.000000000001", "per_output_token": "0.1" } });
    let priced = stack.rest_post("/v1/mcp-servers", pricing).await?;
    assert_eq!(priced.status, 201, "{priced:?}");
    let tries = Cell::new(0);
    stack
        .until("the proxy knows the server", async |stack| {
            tries.set(tries.get() + 1);
            Ok(stack.call("priced", "now", json!({})).await?.body["result"]["content"].is_array())
        })
        .await?;
    for n in 0..CALLS {
        let called = stack.call("priced", "echo", json!({ "text": n.to_string() })).await?;
        assert_eq!(called.status, 200, "{called:?}");
    }
    // A crash may take what has not left the process yet; what Redis has, nobody can lose. The tries left spans too.
    let spans = (CALLS + tries.get()) as f64;
    stack
        .until("every event is out", async |stack| {
            let metrics = stack.http.get(stack.metrics_url()).send().await?.text().await?;
            let published = metrics
                .lines()
                .find_map(|line| line.strip_prefix("gatewayops_events_published_total{kind=\"span\"} "));
            Ok(published.is_some_and(|count| count.parse::<f64>().is_ok_and(|count| count >= spans)))
        })
        .await?;
    stack.kill("control-plane")?;
    stack.kill("proxy")?;

    stack.start_control_plane().await?;
    stack.start_proxy().await?;
    let traces = stack.traces("mcp_server=priced&tool_name=echo", CALLS).await?;
    let costs = stack.rest("/v1/costs?mcp_server=priced&tool_name=echo&limit=200").await?;
    let rows = costs.body["costs"].as_array().cloned().unwrap_or_default();
    assert_eq!((traces.len(), rows.len()), (CALLS, CALLS));
    let micros = |row: &serde_json::Value| -> i64 {
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
