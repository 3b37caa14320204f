//! MCP clients that are given nothing but a URL: they discover where to sign in, register, and call with a token that is
//! good for one endpoint alone (R7.1 to R7.5).

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use gatewayops_tests::stack::{Answer, Stack};
use serde_json::{Value, json};

use crate::{
    provider::Provider,
    scripts::{said, script},
};

const ALL: &str = "mcp:read mcp:call";

/// What an official client did at the demo server; `settings` are those of its head comment.
async fn client(stack: &Stack, name: &str, settings: &[(&str, &str)]) -> Result<Value> {
    let mut client = script("clients/run");
    client.arg(name).arg(stack.proxy_url("/mcp/demo")).envs(settings.iter().copied());
    client.env("CALLS", json!([["echo", { "text": "hello" }]]).to_string());
    said(client).await
}

/// A call of the demo's echo with a token; an empty server means all of them.
async fn call(stack: &Stack, token: &str, server: &str) -> Result<Answer> {
    let name = if server.is_empty() { "demo__echo" } else { "echo" };
    stack.call_as(token, server, name, json!({ "text": "x" })).await
}

/// Waits until the proxy knows who is meant.
async fn until_called(stack: &Stack, token: &str, server: &str) -> Result<()> {
    let wait = async |stack: &Stack| {
        let called = call(stack, token, server).await?;
        ensure!(called.is_success(), "{called:?}");
        Ok(true)
    };
    stack.until("the token is good", wait).await
}

/// 401, which says that the token is the problem and where to get another (RFC 6750 section 3, RFC 9728 section 5.1).
fn refused(answer: &Answer) -> Result<()> {
    let challenge =
        answer.headers.get("www-authenticate").with_context(|| format!("{answer:?}"))?.to_str()?;
    for part in ["Bearer ", r#"error="invalid_token""#, "resource_metadata="] {
        ensure!(challenge.contains(part), "no {part} in {challenge}");
    }
    ensure!(answer.status == 401, "{answer:?}");
    Ok(())
}

#[tokio::test]
async fn a_client_that_knows_only_the_url_signs_in_and_calls() -> Result<()> {
    let (stack, provider) = Provider::trusted().await?;
    let ada = provider.enter(&stack, "ada").await?;
    let resource = stack.proxy_url("/mcp/demo");
    until_called(&stack, &provider.token("ada", &resource, ALL).await?, "demo").await?;
    for (name, era) in [("oauth-ts-v2", "auto"), ("oauth-ts-v2", "legacy"), ("oauth-python-2", "auto")] {
        let said = client(&stack, name, &[("ACCOUNT", "ada"), ("ERA", era)]).await?;
        assert_eq!(
            (&said["issuer"], &said["resource"]),
            (&json!(provider.issuer()), &json!(resource)),
            "{said}"
        );
        assert_eq!((&said["registered"], &said["called"]), (&json!(true), &json!(["hello"])), "{said}");
        assert_eq!(said["granted"], json!([ALL]), "{said}");
        let tools = said["tools"].as_array().with_context(|| format!("{said}"))?;
        assert!(tools.contains(&json!("echo")), "{said}");
    }
    let traces = stack.traces(&format!("tool_name=echo&user_id={ada}"), 3).await?;
    assert!(traces.iter().all(|trace| trace["api_key_id"].is_null()), "{traces:?}");
    Ok(())
}

#[tokio::test]
async fn a_client_with_too_little_scope_asks_for_more_and_goes_on() -> Result<()> {
    let (stack, provider) = Provider::trusted().await?;
    provider.enter(&stack, "ada").await?;
    let resource = stack.proxy_url("/mcp/demo");
    until_called(&stack, &provider.token("ada", &resource, ALL).await?, "demo").await?;
    let read = provider.token("ada", &resource, "mcp:read").await?;
    let asked = call(&stack, &read, "demo").await?;
    let challenge = asked.headers.get("www-authenticate").with_context(|| format!("{asked:?}"))?.to_str()?;
    assert_eq!(asked.status, 403, "{asked:?}");
    assert!(
        challenge.contains(r#"error="insufficient_scope""#) && challenge.contains("mcp:call"),
        "{challenge}"
    );
    for era in ["auto", "legacy"] {
        let said =
            client(&stack, "oauth-ts-v2", &[("ACCOUNT", "ada"), ("SCOPE", "mcp:read"), ("ERA", era)]).await?;
        assert_eq!(said["granted"], json!(["mcp:read", ALL]), "{said}");
        assert_eq!(said["called"], json!(["hello"]), "{said}");
    }
    Ok(())
}

#[tokio::test]
async fn a_token_is_good_at_the_endpoint_it_was_issued_for_and_nowhere_else() -> Result<()> {
    let (stack, provider) = Provider::trusted().await?;
    let other = json!({ "name": "other", "url": stack.setting("MCP_SERVER_DEMO_URL") });
    ensure!(stack.rest_post("/v1/mcp-servers", other).await?.status == 201);
    provider.enter(&stack, "ada").await?;
    let endpoints = ["demo", "other", ""];
    let mut tokens = Vec::new();
    for server in endpoints {
        let path = if server.is_empty() { "/mcp".to_owned() } else { format!("/mcp/{server}") };
        tokens.push(provider.token("ada", &stack.proxy_url(&path), ALL).await?);
    }
    for (of, token) in endpoints.iter().zip(&tokens) {
        until_called(&stack, token, of).await?;
        for at in endpoints.iter().filter(|at| *at != of) {
            refused(&call(&stack, token, at).await?).with_context(|| format!("of {of:?} at {at:?}"))?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn strangers_are_refused_and_a_suspended_user_within_two_seconds() -> Result<()> {
    let (stack, provider) = Provider::trusted().await?;
    let foreign = Provider::start().await?;
    let ben = provider.enter(&stack, "ben").await?;
    let resource = stack.proxy_url("/mcp/demo");
    let token = provider.token("ben", &resource, ALL).await?;
    until_called(&stack, &token, "demo").await?;

    refused(&call(&stack, &provider.token("nils", &resource, ALL).await?, "demo").await?)
        .context("somebody who never entered the dashboard")?;
    refused(&call(&stack, &foreign.token("ben", &resource, ALL).await?, "demo").await?)
        .context("the same account of a provider that nobody trusts")?;

    let suspended = stack.rest_patch(&format!("/v1/users/{ben}"), json!({ "status": "suspended" })).await?;
    ensure!(suspended.status == 200, "{suspended:?}");
    let since = Instant::now();
    stack
        .until("the token of a suspended user is refused", async |stack| {
            let refused = call(stack, &token, "demo").await?;
            ensure!(refused.status == 403, "{refused:?}");
            ensure!(refused.body.to_string().contains("user_suspended"), "{refused:?}");
            Ok(true)
        })
        .await?;
    ensure!(since.elapsed() < Duration::from_secs(2), "it took {:?}", since.elapsed());
    Ok(())
}

#[tokio::test]
async fn new_keys_of_the_provider_are_learned_and_dropped_ones_forgotten() -> Result<()> {
    let (stack, provider) = Provider::trusted().await?;
    provider.enter(&stack, "ada").await?;
    let resource = stack.proxy_url("/mcp/demo");
    let old = provider.token("ada", &resource, ALL).await?;
    until_called(&stack, &old, "demo").await?;

    provider.administer(&stack, "rotate-keys", json!({ "keep": true })).await?;
    let new = provider.token("ada", &resource, ALL).await?;
    until_called(&stack, &new, "demo").await?;
    let called = call(&stack, &old, "demo").await?;
    ensure!(called.is_success(), "the old key is still published: {called:?}");

    provider.administer(&stack, "rotate-keys", json!({ "keep": false })).await?;
    let newest = provider.token("ada", &resource, ALL).await?;
    // Keys are asked for at most once in a while, so this may take that while.
    until_called(&stack, &newest, "demo").await?;
    for token in [&old, &new] {
        refused(&call(&stack, token, "demo").await?).context("a token whose key is gone")?;
    }
    Ok(())
}
