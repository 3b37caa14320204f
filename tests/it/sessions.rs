//! Sessions: sealed for their principal, ended everywhere once they are ended anywhere (R3.1, R3.2, R3.5).

mod caps;
mod idle;

use anyhow::Result;
use gatewayops_tests::stack::{Stack, answer};
use serde_json::json;

use crate::{legacy::Caller, replicas::FIRST, servers::Server};

#[tokio::test]
async fn a_session_works_for_its_principal_alone_and_ends_when_deleted() -> Result<()> {
    let everything = Server::everything().await?;
    let stack = Stack::start(&[("everything", everything.url())]).await?;
    let owner = Caller::new(&stack, FIRST, "everything")?.open(&stack).await?;
    assert!(
        owner.session.as_ref().is_some_and(|id| id.len() > 100),
        "the id is sealed, not the server's own"
    );
    let listed = owner.list().await?;
    assert!(listed.body["result"]["tools"].as_array().is_some_and(|tools| tools.len() > 3), "{listed:?}");

    assert_eq!(owner.at("demo").list().await?.status, 404, "another endpoint");
    let other = stack.rest_post("/v1/api-keys", json!({ "name": "other" })).await?;
    let other = owner.with_key(other.body["key"].as_str().unwrap_or_default());
    stack.until("another principal is told nothing", async |_| Ok(other.list().await?.status == 404)).await?;

    assert!(matches!(answer(owner.ending()).await?.status, 200..=299));
    assert_eq!(owner.list().await?.status, 404);
    Ok(())
}

#[tokio::test]
async fn a_session_that_was_ended_on_one_replica_is_unknown_on_the_other() -> Result<()> {
    let server = Server::asking("a").await?;
    let mut stack = Stack::start(&[("a", server.url())]).await?;
    let second = stack.start_replica().await?;
    let here = Caller::new(&stack, FIRST, "a")?.open(&stack).await?;
    let there = here.through(&stack, &second)?;
    assert_eq!((here.ping().await?.status, there.ping().await?.status), (200, 200));

    let ended = answer(here.ending()).await?;
    assert!(matches!(ended.status, 200..=299), "{ended:?}");
    for caller in [there, here] {
        assert_eq!(caller.ping().await?.status, 404);
        assert_eq!(caller.list().await?.status, 404);
        assert_eq!(answer(caller.listening(None)).await?.status, 404);
        assert_eq!(answer(caller.ending()).await?.status, 404);
    }
    Ok(())
}
