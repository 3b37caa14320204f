//! When a replica is gone, the others do what it did.

use anyhow::Result;
use gatewayops_tests::stack::Stack;
use serde_json::json;

#[tokio::test]
async fn a_proxy_follows_another_control_plane_when_its_own_is_killed() -> Result<()> {
    let mut stack = Stack::start(&[]).await?;
    let second = stack.start_second_control_plane().await?;
    let urls = format!("{},{}", stack.setting("CONTROL_PLANE_GRPC_URL"), second.grpc_url());
    stack.set("CONTROL_PLANE_GRPC_URL", urls);
    stack.terminate("proxy").await?;
    stack.start_proxy().await?;

    stack.kill("control-plane")?;
    stack.ask(&second);
    let made = stack.rest_post("/v1/api-keys", json!({ "name": "later", "permissions": ["mcp:*"] })).await?;
    let key = made.body["key"].as_str().unwrap_or_default();
    stack
        .until("the proxy knows a key of the other one", async |stack| {
            Ok(stack.call_as(key, "demo", "echo", json!({ "text": "hello" })).await?.is_success())
        })
        .await?;
    // It answers what is asked now and then, too: each call is refused because somebody has to approve it.
    let dangerous = json!({ "mcp_server": "demo", "tool_name": "now", "classification": "dangerous" });
    let classified = stack.rest_post("/v1/tool-classifications", dangerous).await?;
    assert_eq!(classified.status, 201, "{classified:?}");
    stack
        .until("a call asks for an approval", async |stack| {
            stack.call_as(key, "demo", "now", json!({})).await?;
            let asked = stack.rest("/v1/approvals?status=pending").await?;
            Ok(asked.body["approvals"].as_array().is_some_and(|asked| !asked.is_empty()))
        })
        .await?;
    for _ in 0..10 {
        let refused = stack.call_as(key, "demo", "now", json!({})).await?.body.to_string();
        assert!(refused.contains("needs approval"), "{refused}");
    }
    Ok(())
}
