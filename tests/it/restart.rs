//! Nothing that was recorded is lost when everything is killed at once.

use anyhow::Result;
use gatewayops_tests::stack::Stack;
use redis::{
    AsyncCommands,
    streams::{StreamId, StreamRangeReply},
};
use serde_json::{Value, json};

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
        .until("every span is out", async |_| {
            let mut connection = redis.get_multiplexed_async_connection().await?;
            let events: StreamRangeReply = connection.xrange_all("gwo:events").await?;
            Ok(events.ids.iter().filter(|event| is_echo(event)).count() == CALLS)
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

fn is_echo(event: &StreamId) -> bool {
    let data: String = event.get("d").unwrap_or_default();
    let span: Value = serde_json::from_str(&data).unwrap_or_default();
    span["mcp_server"] == "priced" && span["tool_name"] == "echo"
}
