//! A session that nobody uses is ended at its server as well; one that is used for anything is not (R3.14).

use anyhow::{Result, ensure};
use gatewayops_tests::stack::{Stack, answer};
use serde_json::json;

use crate::{
    legacy::{Caller, Events},
    replicas::FIRST,
    servers::Server,
};

/// Longer than a busy machine keeps a request waiting.
const IDLE: &str = "3s";

async fn with_idle_time(server: &Server) -> Result<Stack> {
    Stack::start_with(&[("a", server.url())], |stack| {
        stack.set("MCP_SESSION_IDLE", IDLE);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_idle_session_is_ended_at_its_server_and_unknown_to_every_replica() -> Result<()> {
    let server = Server::asking("a").await?;
    let mut stack = with_idle_time(&server).await?;
    let second = stack.start_replica().await?;
    let here = Caller::new(&stack, FIRST, "a")?.open(&stack).await?;
    let there = here.through(&stack, &second)?;
    assert_eq!((here.list().await?.status, there.list().await?.status), (200, 200));
    stack.until("no session is open at the server", async |_| Ok(server.open_sessions().await? == 0)).await?;
    for caller in [here, there] {
        let (pinged, listed) = (caller.ping().await?, caller.list().await?);
        assert_eq!((pinged.status, listed.status), (404, 404), "{pinged:?} {listed:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_session_in_use_stays_though_another_replica_never_sees_it_used() -> Result<()> {
    let server = Server::asking("a").await?;
    let mut stack = with_idle_time(&server).await?;
    let second = stack.start_replica().await?;
    let session = Caller::new(&stack, FIRST, "a")?.open(&stack).await?;
    for replica in [&*second, FIRST] {
        let used = session.through(&stack, replica)?;
        // What was opened later and not used is ended while this one goes on.
        used.open(&stack).await?;
        stack
            .until("only the session in use is open", async |_| {
                let listed = used.list().await?;
                ensure!(listed.status == 200, "{listed:?}");
                Ok(server.open_sessions().await? == 1)
            })
            .await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_call_that_waits_for_its_user_keeps_its_session() -> Result<()> {
    let server = Server::asking("a").await?;
    let stack = with_idle_time(&server).await?;
    let busy = Caller::new(&stack, FIRST, "a")?.open(&stack).await?;
    let mut call = busy.call("ask_name", json!({})).await?;
    let question = call.message().await?.message;
    let idle = busy.open(&stack).await?;
    stack.until("an idle session has been ended", async |_| Ok(server.open_sessions().await? < 2)).await?;
    let answered = answer(busy.answering(&question["id"], json!({ "name": "who thought long" }))).await?;
    assert_eq!(answered.status, 202, "{answered:?}");
    assert_eq!(call.message().await?.message["result"]["content"][0]["text"], "hello who thought long");
    assert_eq!(idle.ping().await?.status, 404);
    Ok(())
}

#[tokio::test]
async fn a_client_that_listens_keeps_its_session() -> Result<()> {
    let server = Server::asking("a").await?;
    let stack = with_idle_time(&server).await?;
    let listening = Caller::new(&stack, FIRST, "a")?.open(&stack).await?;
    let _stream = Events::of(listening.listening(None)).await?;
    let idle = listening.open(&stack).await?;
    stack.until("an idle session has been ended", async |_| Ok(server.open_sessions().await? < 2)).await?;
    let listed = listening.list().await?;
    assert_eq!(listed.status, 200, "{listed:?}");
    assert_eq!(idle.ping().await?.status, 404);
    Ok(())
}
