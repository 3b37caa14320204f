//! MCP for scripts: plain JSON over the same pipeline.

use anyhow::Result;
use gatewayops_tests::stack::{Stack, answer};
use serde_json::json;

#[tokio::test]
async fn a_script_lists_servers_and_tools_and_calls_one() -> Result<()> {
    let stack = Stack::start(&[]).await?;
    let get = |path: &str| stack.http.get(stack.proxy_url(path)).bearer_auth(&stack.key);
    let post = |path: &str| stack.http.post(stack.proxy_url(path)).bearer_auth(&stack.key);
    let servers = answer(get("/v1/mcp/servers")).await?;
    assert_eq!(servers.body["servers"][0]["name"], "demo", "{servers:?}");
    let tools = answer(get("/v1/mcp/demo/tools/list")).await?;
    assert!(
        tools.body["tools"].as_array().is_some_and(|tools| tools.iter().any(|tool| tool["name"] == "add")),
        "{tools:?}"
    );

    let call = json!({ "name": "add", "arguments": { "a": 1, "b": 2 } });
    let called = answer(post("/v1/mcp/demo/tools/call").json(&call)).await?;
    assert_eq!((called.status, &called.body["structuredContent"]["sum"]), (200, &json!(3)), "{called:?}");
    let failed = answer(
        post("/v1/mcp/demo/tools/call").json(&json!({ "name": "fail", "arguments": { "message": "no" } })),
    )
    .await?;
    assert_eq!((failed.status, &failed.body["isError"]), (200, &json!(true)), "{failed:?}");
    stack.traces("tool_name=add", 1).await?;

    for (what, request, status, code) in [
        ("no name", post("/v1/mcp/demo/tools/call").json(&json!({})), 400, "validation_error"),
        (
            "no JSON",
            post("/v1/mcp/demo/tools/call").header("content-type", "application/json").body("{"),
            400,
            "invalid_json",
        ),
        (
            "an unknown field",
            post("/v1/mcp/demo/tools/call").json(&json!({ "nam": "x" })),
            400,
            "validation_error",
        ),
        ("an unknown server", get("/v1/mcp/nobody/tools/list"), 404, "server_not_found"),
        ("no key", stack.http.get(stack.proxy_url("/v1/mcp/servers")), 401, "missing_credentials"),
    ] {
        let answered = answer(request).await?;
        assert_eq!(
            (answered.status, &answered.body["error"]["code"]),
            (status, &json!(code)),
            "{what}: {answered:?}"
        );
    }
    Ok(())
}
