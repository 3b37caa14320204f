//! Whoever is suspended is out within two seconds, on every proxy and with every credential; what they had open ends.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use gatewayops_tests::stack::{Stack, answer};
use reqwest::Method;
use serde_json::json;

use crate::{
    legacy::{Caller, Events},
    provider::Provider,
    replicas::FIRST,
};

/// What the contract allows a change to take (contract 1.3).
const SOON: Duration = Duration::from_secs(2);

/// A session of all servers, as soon as the proxy knows who asks for it.
async fn opened(stack: &Stack, caller: &Caller) -> Result<Caller> {
    stack
        .until("the proxy knows the caller", async |_| {
            let said = caller.initialize().await?;
            ensure!(said.status == 200, "{said:?}");
            Ok(true)
        })
        .await?;
    caller.begin().await
}

/// Waits for the end of a stream.
async fn ended(mut events: Events) -> Result<()> {
    let reading = async { while events.next().await.is_ok() {} };
    tokio::time::timeout(Duration::from_secs(20), reading).await.context("the stream goes on")
}

#[tokio::test]
async fn a_suspended_users_key_tokens_and_streams_end_at_every_proxy() -> Result<()> {
    let (mut stack, provider) = Provider::trusted().await?;
    let second = stack.start_replica().await?;
    let ben = provider.enter(&stack, "ben").await?;
    let made = stack.rest_post("/v1/api-keys", json!({ "name": "laptop", "user_id": ben })).await?;
    let key = made.body["key"].as_str().with_context(|| format!("{made:?}"))?;
    let own = answer(stack.rest_as(key, Method::POST, "/v1/auth/token").json(&json!({}))).await?;
    let own = own.body["access_token"].as_str().with_context(|| format!("{own:?}"))?;
    let foreign = provider.token("ben", &stack.proxy_url("/mcp"), "mcp:read mcp:call").await?;

    let (mut callers, mut streams) = (Vec::new(), Vec::new());
    for proxy in [FIRST, &second] {
        let caller = Caller::new(&stack, proxy, "")?;
        for credential in [key, own] {
            let opened = opened(&stack, &caller.with_key(credential)).await?;
            streams.push(Events::of(opened.listening(None)).await?);
            callers.push(opened);
        }
        if proxy == FIRST {
            let opened = opened(&stack, &caller.with_key(&foreign)).await?;
            streams.push(Events::of(opened.listening(None)).await?);
            callers.push(opened);
        }
    }

    let suspended = stack.rest_patch(&format!("/v1/users/{ben}"), json!({ "status": "suspended" })).await?;
    ensure!(suspended.status == 200, "{suspended:?}");
    let since = Instant::now();
    for caller in &callers {
        stack
            .until("a suspended user is refused", async |_: &Stack| {
                let listed = caller.list().await?;
                ensure!(listed.status == 403, "{listed:?}");
                Ok(true)
            })
            .await?;
    }
    for stream in streams {
        ended(stream).await?;
    }
    ensure!(since.elapsed() < SOON, "it took {:?}", since.elapsed());
    Ok(())
}
