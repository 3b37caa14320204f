//! Tokens of our own open MCP endpoints for a while, and no further than whom they stand for (contract 3.1, 6.1); an
//! organization's allow-list of addresses holds for every credential.

use anyhow::{Context, Result};
use gatewayops_tests::stack::{Answer, Stack, answer};
use reqwest::Method;
use serde_json::{Value, json};

/// A token of whoever has this key.
async fn token(stack: &Stack, key: &str, form: Value) -> Result<String> {
    let made = answer(stack.rest_as(key, Method::POST, "/v1/auth/token").json(&form)).await?;
    let token = made.body["access_token"].as_str();
    Ok(token.with_context(|| format!("{made:?}"))?.to_owned())
}

async fn call(stack: &Stack, token: &str, tool: &str) -> Result<Answer> {
    stack.call_as(token, "demo", tool, json!({ "text": "hello" })).await
}

/// A new key's id and secret, once the proxy takes it.
async fn key(stack: &Stack, form: Value) -> Result<(String, String)> {
    let made = stack.rest_post("/v1/api-keys", form).await?;
    let member = |name: &str| Ok::<_, anyhow::Error>(made.body[name].as_str().context("no key")?.to_owned());
    let (id, key) = (member("id")?, member("key")?);
    stack
        .until("the proxy knows the key", async |stack| Ok(call(stack, &key, "echo").await?.is_success()))
        .await?;
    Ok((id, key))
}

#[tokio::test]
async fn a_token_calls_what_it_is_for_until_its_key_is_revoked() -> Result<()> {
    let stack = Stack::start(&[]).await?;
    let (id, key) = key(&stack, json!({ "name": "agent", "permissions": ["mcp:*"] })).await?;
    let wide = token(&stack, &key, json!({})).await?;
    let narrow = token(&stack, &key, json!({ "tools": ["demo__echo"] })).await?;
    let elsewhere = token(&stack, &key, json!({ "servers": ["github"] })).await?;

    for (token, tool) in [(&wide, "echo"), (&wide, "now"), (&narrow, "echo")] {
        let called = call(&stack, token, tool).await?;
        assert!(called.is_success(), "{tool}: {called:?}");
    }
    let refused = call(&stack, &narrow, "now").await?;
    assert_eq!(refused.body["error"]["code"], -32602, "as if there were no such tool: {refused:?}");
    let refused = call(&stack, &elsewhere, "echo").await?;
    let code = &refused.body["error"]["data"]["code"];
    assert_eq!((refused.status, code), (404, &json!("server_not_found")), "{refused:?}");
    let (rest, _) = wide.rsplit_once('.').context("no signature")?;
    let forged = call(&stack, &format!("{rest}.{}", "A".repeat(86)), "echo").await?;
    let challenge = forged.headers["www-authenticate"].to_str()?;
    assert!(forged.status == 401 && challenge.contains("error=\"invalid_token\""), "{forged:?}");
    let rest = answer(stack.rest_as(&wide, Method::GET, "/v1/api-keys")).await?;
    assert_eq!(rest.status, 401, "it is for MCP endpoints, not for REST");

    assert_eq!(stack.rest_post(&format!("/v1/api-keys/{id}/revoke"), json!({})).await?.status, 200);
    stack
        .until("the token's key is revoked at the proxy", async |stack| {
            Ok(call(stack, &wide, "echo").await?.status == 401)
        })
        .await
}

#[tokio::test]
async fn a_token_dies_with_the_secret_that_it_was_asked_with() -> Result<()> {
    let stack = Stack::start(&[]).await?;
    let (id, old) = key(&stack, json!({ "name": "agent", "permissions": ["mcp:*"] })).await?;
    let token = token(&stack, &old, json!({})).await?;
    assert!(call(&stack, &token, "echo").await?.is_success());
    let rotated =
        stack.rest_post(&format!("/v1/api-keys/{id}/rotate"), json!({ "grace_seconds": 0 })).await?;
    let new = rotated.body["key"].as_str().with_context(|| format!("{rotated:?}"))?;
    stack
        .until("the new secret is good", async |stack| Ok(call(stack, new, "echo").await?.is_success()))
        .await?;
    for credential in [&*old, &token] {
        assert_eq!(call(&stack, credential, "echo").await?.status, 401);
    }
    Ok(())
}

#[tokio::test]
async fn an_organization_takes_no_calls_from_elsewhere() -> Result<()> {
    let stack = Stack::start_with(&[], |stack| {
        stack.set("TRUSTED_PROXIES", "127.0.0.1/32");
        Ok(())
    })
    .await?;
    let call_from = async |lines: &[&str]| {
        let call = stack.tool_call("demo", "echo", json!({ "text": "hello" }));
        let call = lines.iter().fold(call, |call, line| call.header("x-forwarded-for", *line));
        answer(call).await
    };
    assert!(call_from(&["198.51.100.7"]).await?.is_success());
    // The caller's own address must stay on it.
    let shut_out = json!({ "security": { "ip_allowlist": ["192.0.2.0/24"] } });
    assert_eq!(stack.rest_patch("/v1/settings", shut_out).await?.status, 400);
    let inside = json!({ "security": { "ip_allowlist": ["127.0.0.1"] } });
    let set = stack.rest_patch("/v1/settings", inside).await?;
    assert_eq!(set.status, 200, "{set:?}");
    let is_refused = |called: &Answer| {
        (called.status, &called.body["error"]["data"]["code"]) == (403, &json!("ip_not_allowed"))
    };
    stack
        .until("other addresses are refused", async |_| Ok(is_refused(&call_from(&["198.51.100.7"]).await?)))
        .await?;
    // What a caller says of itself comes before what our own proxy has seen, and what cannot be read is nobody's.
    for lines in [&["127.0.0.1", "198.51.100.7"][..], &["127.0.0.1, 198.51.100.7"], &["unknown"]] {
        let called = call_from(lines).await?;
        assert!(is_refused(&called), "{lines:?}: {called:?}");
    }
    assert!(stack.call("demo", "echo", json!({ "text": "hello" })).await?.is_success());
    Ok(())
}
