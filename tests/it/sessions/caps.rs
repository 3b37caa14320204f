//! Nobody has more sessions and streams open than a key may have (R3.14).

use anyhow::{Context, Result};
use gatewayops_tests::stack::{Answer, Stack, answer};
use serde_json::json;

use crate::{
    legacy::{Caller, Events},
    replicas::FIRST,
    servers::Server,
};

/// A server, a stack with this limit, and one who has nothing open yet.
async fn with_limit(name: &str, limit: u32) -> Result<(Server, Stack, Caller)> {
    let server = Server::asking("a").await?;
    let stack = Stack::start_with(&[("a", server.url())], |stack| {
        stack.set(name, limit.to_string());
        Ok(())
    })
    .await?;
    let caller = Caller::new(&stack, FIRST, "a")?;
    Ok((server, stack, caller))
}

fn assert_too_many(refused: &Answer) -> Result<()> {
    assert_eq!(refused.status, 429, "{refused:?}");
    let seconds = refused.headers.get("retry-after").context("no Retry-After")?.to_str()?;
    assert!(seconds.parse::<u32>()? > 0, "{seconds}");
    let error = &refused.body["error"];
    assert_eq!(refused.body["jsonrpc"], "2.0", "{refused:?}");
    assert!(error["code"].is_i64() && error["message"].is_string(), "{refused:?}");
    Ok(())
}

#[tokio::test]
async fn a_key_opens_as_many_sessions_as_it_may_and_is_told_to_wait_for_one_more() -> Result<()> {
    let (_server, stack, caller) = with_limit("MCP_SESSIONS_PER_KEY", 3).await?;
    caller.open(&stack).await?;
    caller.open(&stack).await?;
    let third = caller.open(&stack).await?;
    let refused = caller.initialize().await?;
    assert_too_many(&refused)?;
    assert_eq!(refused.body["id"], "first");
    assert_eq!(third.list().await?.status, 200, "what is open stays open");

    let other = stack.rest_post("/v1/api-keys", json!({ "name": "other" })).await?;
    caller.with_key(other.body["key"].as_str().context("no key")?).open(&stack).await?;
    Ok(())
}

#[tokio::test]
async fn a_session_that_has_ended_makes_room_for_another() -> Result<()> {
    let (_server, stack, caller) = with_limit("MCP_SESSIONS_PER_KEY", 1).await?;
    let only = caller.open(&stack).await?;
    assert_too_many(&caller.initialize().await?)?;
    let ended = answer(only.ending()).await?;
    assert!(matches!(ended.status, 200..=299), "{ended:?}");
    let opened = caller.initialize().await?;
    assert_eq!(opened.status, 200, "{opened:?}");
    Ok(())
}

#[tokio::test]
async fn a_stream_that_was_closed_makes_room_for_another() -> Result<()> {
    let (_server, stack, caller) = with_limit("MCP_STREAMS_PER_KEY", 1).await?;
    let (one, other) = (caller.open(&stack).await?, caller.open(&stack).await?);
    let stream = Events::of(one.listening(None)).await?;
    assert_too_many(&answer(other.listening(None)).await?)?;
    drop(stream);
    stack.until("there is room again", async |_| Ok(Events::of(other.listening(None)).await.is_ok())).await
}
