//! Whatever a client sends, it gets a clear answer, and a span is left when we know whose it is.

use anyhow::Result;
use gatewayops_tests::stack::{Stack, answer, modern_meta};
use serde_json::json;

#[tokio::test]
async fn bad_messages_get_the_codes_of_the_protocol_and_leave_spans() -> Result<()> {
    let stack = Stack::start(&[]).await?;
    let call = json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call",
        "params": { "name": "echo", "arguments": { "text": "x" }, "_meta": modern_meta() } });
    let ping = json!({ "jsonrpc": "2.0", "id": 7, "method": "ping" });
    let mut other_version = call.clone();
    other_version["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = "2031-01-01".into();
    let cases = [
        ("not JSON", "{".to_owned(), "tools/call", Some("echo"), 400, -32700),
        ("a batch", json!([ping]).to_string(), "ping", None, 400, -32600),
        ("no message", "{}".to_owned(), "ping", None, 400, -32600),
        (
            "a null id",
            json!({ "jsonrpc": "2.0", "id": null, "method": "ping" }).to_string(),
            "ping",
            None,
            400,
            -32600,
        ),
        ("a name that contradicts", call.to_string(), "tools/call", Some("add"), 400, -32020),
        ("a method that contradicts", call.to_string(), "tools/list", Some("echo"), 400, -32020),
        ("no name", call.to_string(), "tools/call", None, 400, -32020),
        ("no version in the body", ping.to_string(), "ping", None, 400, -32602),
        ("too large", format!("{}{}", " ".repeat(2 << 20), call), "tools/call", Some("echo"), 413, -31413),
    ];
    let count = cases.len();
    for (what, body, method, name, status, code) in cases {
        let answered = answer(stack.modern("demo", method, name).body(body)).await?;
        assert_eq!(
            (answered.status, &answered.body["error"]["code"]),
            (status, &json!(code)),
            "{what}: {answered:?}"
        );
    }
    let request = stack
        .http
        .post(stack.proxy_url("/mcp/demo"))
        .bearer_auth(&stack.key)
        .header("content-type", "application/json")
        .header("mcp-protocol-version", "2031-01-01")
        .header("mcp-method", "tools/call")
        .header("mcp-name", "echo");
    let unsupported = answer(request.body(other_version.to_string())).await?;
    let error = &unsupported.body["error"];
    assert_eq!((unsupported.status, &error["code"]), (400, &json!(-32022)), "{unsupported:?}");
    assert_eq!(error["data"]["supported"], json!(["2026-07-28"]));
    assert_eq!(error["data"]["requested"], "2031-01-01");
    stack.traces("status=error,blocked", count).await?;
    Ok(())
}

#[tokio::test]
async fn requests_that_are_not_allowed_are_refused_as_http_says() -> Result<()> {
    let stack = Stack::start(&[]).await?;
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" }).to_string();
    let url = stack.proxy_url("/mcp/demo");
    let post = || stack.http.post(&url).header("content-type", "application/json").body(body.clone());
    let typo = format!("{}x", &stack.key[..stack.key.len() - 1]);
    let cases = [
        ("no key", post(), 401, "missing_credentials"),
        ("a mistyped key", post().bearer_auth(&typo), 401, "invalid_credentials"),
        ("two keys", post().bearer_auth(&stack.key).bearer_auth(&stack.key), 401, "invalid_credentials"),
        ("a basic credential", post().basic_auth("user", Some("password")), 401, "invalid_credentials"),
        (
            "a foreign page",
            post().bearer_auth(&stack.key).header("origin", "https://evil.example"),
            403,
            "origin_not_allowed",
        ),
        (
            "a foreign host",
            post().bearer_auth(&stack.key).header("host", "evil.example"),
            403,
            "origin_not_allowed",
        ),
        (
            "a piece of our name",
            post().bearer_auth(&stack.key).header("host", "127.0"),
            403,
            "origin_not_allowed",
        ),
        ("text", stack.http.post(&url).bearer_auth(&stack.key).body("x"), 415, "unsupported_media_type"),
        ("only images", post().bearer_auth(&stack.key).header("accept", "image/png"), 406, "not_acceptable"),
        ("PUT", stack.http.put(&url).bearer_auth(&stack.key), 405, "method_not_allowed"),
        ("a stream without session", stack.http.get(&url).bearer_auth(&stack.key), 405, "method_not_allowed"),
        (
            "an unknown server",
            stack.http.post(stack.proxy_url("/mcp/nobody")).bearer_auth(&stack.key),
            404,
            "server_not_found",
        ),
        (
            "an unknown session",
            post().bearer_auth(&stack.key).header("mcp-session-id", "AAAA"),
            404,
            "session_not_found",
        ),
    ];
    for (what, request, status, code) in cases {
        let answered = answer(request).await?;
        assert_eq!(
            (answered.status, &answered.body["error"]["data"]["code"]),
            (status, &json!(code)),
            "{what}: {answered:?}"
        );
        assert!(answered.headers.contains_key("x-request-id"), "{what}");
        assert_eq!(answered.headers.contains_key("www-authenticate"), status == 401, "{what}");
    }
    assert_eq!(answer(stack.http.get(stack.proxy_url("/nowhere"))).await?.body["error"]["code"], "not_found");
    Ok(())
}
