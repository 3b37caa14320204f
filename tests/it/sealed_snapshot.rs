//! A proxy that starts while the control plane is away serves from its sealed snapshot, if that is truly its own.

use anyhow::Result;
use gatewayops_tests::stack::Stack;
use serde_json::json;

async fn with_snapshot() -> Result<Stack> {
    let mut stack = Stack::start(&[]).await?;
    let path = stack.setting("CONFIG_CACHE_PATH").to_owned();
    stack.until("the snapshot is on disk", async |_| Ok(std::fs::metadata(&path).is_ok())).await?;
    stack.kill("control-plane")?;
    stack.kill("proxy")?;
    Ok(stack)
}

#[tokio::test]
async fn a_proxy_starts_and_serves_while_the_control_plane_is_down() -> Result<()> {
    let mut stack = with_snapshot().await?;
    stack.start_proxy().await?;
    let called = stack.call("demo", "echo", json!({ "text": "alone" })).await?;
    assert_eq!(called.body["result"]["content"][0]["text"], "alone", "{called:?}");
    stack.start_control_plane().await?;
    let traces = stack.traces("tool_name=echo", 2).await?;
    assert!(traces.len() >= 2, "what was called meanwhile is recorded");
    Ok(())
}

#[tokio::test]
async fn a_changed_or_stolen_snapshot_is_refused() -> Result<()> {
    let mut stack = with_snapshot().await?;
    let path = stack.setting("CONFIG_CACHE_PATH").to_owned();
    let whole = std::fs::read(&path)?;
    let mut changed = whole.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    for (what, bytes, token) in [("changed", changed, "p".repeat(32)), ("stolen", whole, "another".repeat(5))]
    {
        std::fs::write(&path, bytes)?;
        stack.set("PROXY_TOKEN", token);
        stack.launch_proxy()?;
        let url = stack.proxy_url("/mcp/demo");
        stack
            .until(&format!("the {what} snapshot is refused"), async |stack| {
                let answered = stack.http.post(&url).bearer_auth(&stack.key).body("{}").send().await?;
                Ok(answered.status() == 503 && stack.log("proxy").contains("it is refused"))
            })
            .await?;
        stack.kill("proxy")?;
    }
    Ok(())
}
