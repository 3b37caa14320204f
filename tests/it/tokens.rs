//! Tokens of our own open MCP endpoints for a while, and no further than whom they stand for (contract 3.1, 6.1).

use anyhow::{Context, Result};
use gatewayops_tests::stack::{Answer, Stack, answer};
use serde_json::{Value, json};

async fn token(stack: &Stack, form: Value) -> Result<String> {
    let made = stack.rest_post("/v1/auth/token", form).await?;
    let token = made.body["access_token"].as_str();
    Ok(token.with_context(|| format!("{made:?}"))?.to_owned())
}

/// A call with another credential than the stack's own.
async fn call_with(stack: &mut Stack, credential: &str, server: &str) -> Result<Answer> {
    let key = std::mem::replace(&mut stack.key, credential.to_owned());
    let called = stack.call(server, "echo", json!({ "text": "hello" })).await;
    stack.key = key;
    called
}

#[tokio::test]
async fn a_token_calls_what_it_is_for_until_its_key_is_revoked() -> Result<()> {
    let mut stack = Stack::start(&[]).await?;
    let made = stack.rest_post("/v1/api-keys", json!({ "name": "agent", "permissions": ["mcp:*"] })).await?;
    let (id, key) = (made.body["id"].clone(), made.body["key"].as_str().context("no key")?.to_owned());
    let admin = std::mem::replace(&mut stack.key, key);
    let wide = token(&stack, json!({})).await?;
    let narrow = token(&stack, json!({ "servers": ["github"] })).await?;
    stack.key = admin;

    let called = call_with(&mut stack, &wide, "demo").await?;
    assert!(called.is_success(), "{called:?}");
    let refused = call_with(&mut stack, &narrow, "demo").await?;
    assert!(!refused.is_success(), "{refused:?}");
    let (rest, _) = wide.rsplit_once('.').context("no signature")?;
    let forged = call_with(&mut stack, &format!("{rest}.{}", "A".repeat(86)), "demo").await?;
    assert_eq!(forged.status, 401, "{forged:?}");
    let challenge = forged.headers["www-authenticate"].to_str()?;
    assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
    // It is for MCP endpoints, not for REST.
    let key = std::mem::replace(&mut stack.key, wide.clone());
    assert_eq!(stack.rest("/v1/api-keys").await?.status, 401);
    stack.key = key;

    let id = id.as_str().context("no id")?;
    assert_eq!(stack.rest_post(&format!("/v1/api-keys/{id}/revoke"), json!({})).await?.status, 200);
    let own = stack.key.clone();
    stack.key = wide;
    let revoked = stack
        .until("the token's key is revoked at the proxy", async |stack| {
            Ok(stack.call("demo", "echo", json!({ "text": "hello" })).await?.status == 401)
        })
        .await;
    stack.key = own;
    revoked
}

#[tokio::test]
async fn an_organization_takes_no_calls_from_elsewhere() -> Result<()> {
    let stack = Stack::start_with(&[], |stack| {
        stack.set("TRUSTED_PROXIES", "127.0.0.1/32");
        Ok(())
    })
    .await?;
    let call_from = async |address: &str| {
        let call = stack.tool_call("demo", "echo", json!({ "text": "hello" }));
        answer(call.header("x-forwarded-for", address)).await
    };
    assert!(call_from("198.51.100.7").await?.is_success());
    // The caller's own address must stay on it.
    let shut_out = json!({ "security": { "ip_allowlist": ["192.0.2.0/24"] } });
    assert_eq!(stack.rest_patch("/v1/settings", shut_out).await?.status, 400);
    let inside = json!({ "security": { "ip_allowlist": ["127.0.0.1"] } });
    let set = stack.rest_patch("/v1/settings", inside).await?;
    assert_eq!(set.status, 200, "{set:?}");
    stack
        .until("other addresses are refused", async |_| {
            let called = call_from("198.51.100.7").await?;
            Ok((called.status, &called.body["error"]["code"]) == (403, &json!("ip_not_allowed")))
        })
        .await?;
    assert!(stack.call("demo", "echo", json!({ "text": "hello" })).await?.is_success());
    Ok(())
}
