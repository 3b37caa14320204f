//! What servers say by themselves reaches whoever listens at the endpoint of all: changed lists, changed resources, a
//! server that is back (R4.13, R5.12).

use anyhow::{Context, Result, ensure};
use gatewayops_tests::stack::{Stack, modern_meta};
use serde_json::{Value, json};

use crate::{
    legacy::{Caller, Events},
    replicas::{FIRST, Replicas},
    servers::Server,
};

/// The next message of that method; others may come in between.
async fn heard(stream: &mut Events, method: &str) -> Result<Value> {
    loop {
        let message = stream.message().await?.message;
        if message["method"] == method {
            return Ok(message);
        }
    }
}

#[tokio::test]
async fn a_session_hears_its_servers_on_whatever_replica_it_listens() -> Result<()> {
    let (one, two) = (Server::asking("one").await?, Server::asking("two").await?);
    let replicas = Replicas::start(&[("one", one.url()), ("two", two.url())]).await?;
    let stack = &replicas.stack;
    let caller = Caller::new(stack, FIRST, "")?;
    stack
        .until("both servers are there", async |_| {
            let said = caller.initialize().await?.body;
            Ok(said["result"]["capabilities"]["resources"].is_object() && said["result"]["_meta"].is_null())
        })
        .await?;
    let opened = caller.initialize().await?;
    let session = opened.headers.get("mcp-session-id").context("no session")?.to_str()?;
    let caller = caller.with_session(session);
    let listed = caller.list().await?;
    ensure!(listed.body["result"]["tools"].as_array().is_some_and(|tools| tools.len() > 8), "{listed:?}");
    let mut stream = Events::of(caller.through(stack, &replicas.second)?.listening(None)).await?;
    let subscribe = json!({ "jsonrpc": "2.0", "id": 7, "method": "resources/subscribe",
        "params": { "uri": "two+note://one" } });
    assert!(caller.post(subscribe).await?.body["result"].is_object());

    // Until the second replica has opened the streams of both servers, nobody hears what they say.
    let touched = async {
        loop {
            caller.call("one__touch_tools", json!({})).await?.message().await?;
            caller.call("two__change_note", json!({})).await?.message().await?;
            tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        }
    };
    tokio::select! {
        ended = touched => { let _: Result<()> = ended; anyhow::bail!("the calls failed") }
        said = async {
            heard(&mut stream, "notifications/tools/list_changed").await?;
            heard(&mut stream, "notifications/resources/updated").await
        } => assert_eq!(said?["params"]["uri"], "two+note://one"),
    }
    Ok(())
}

fn listen(stack: &Stack) -> reqwest::RequestBuilder {
    let body = json!({ "jsonrpc": "2.0", "id": "mine", "method": "subscriptions/listen", "params": {
        "notifications": { "toolsListChanged": true, "resourceSubscriptions": ["fixture+test://watched-resource", "nobody+x://y"] },
        "_meta": modern_meta(),
    } });
    stack.modern("", "subscriptions/listen", None).body(body.to_string())
}

const SUBSCRIPTION: &str = "io.modelcontextprotocol/subscriptionId";

#[tokio::test]
async fn a_subscription_hears_of_changes_and_of_a_server_that_is_back() -> Result<()> {
    let fixture = Server::conformance("modern").await?;
    let mut stack = Stack::start(&[("fixture", fixture.url())]).await?;
    stack
        .rest_patch("/v1/mcp-servers/demo", json!({ "breaker": { "open_seconds": 1, "probes": 1 } }))
        .await?;
    stack
        .until("the fixture is called at the endpoint of all", async |stack| {
            let called = stack.call("", "fixture__test_simple_text", json!({})).await?;
            Ok(called.is_success())
        })
        .await?;
    let mut stream = Events::of(listen(&stack)).await?;
    let first = stream.message().await?.message;
    assert_eq!(first["method"], "notifications/subscriptions/acknowledged", "{first}");
    assert_eq!(first["params"]["_meta"][SUBSCRIPTION], "mine");
    assert_eq!(
        first["params"]["notifications"],
        json!({ "toolsListChanged": true, "resourceSubscriptions": ["fixture+test://watched-resource"] }),
        "what is honoured"
    );

    let changed = heard(&mut stream, "notifications/tools/list_changed");
    let touched = async {
        loop {
            stack.call("", "fixture__test_trigger_tool_change", json!({})).await?;
            tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        }
    };
    let changed = tokio::select! {
        changed = changed => changed?,
        ended = touched => { let _: Result<()> = ended; anyhow::bail!("the calls failed") }
    };
    assert_eq!(changed["params"]["_meta"][SUBSCRIPTION], "mine", "{changed}");

    stack.kill("demo")?;
    stack
        .until("the server is missed", async |stack| {
            let called = stack.call("", "demo__echo", json!({ "text": "?" })).await?;
            Ok(called.body["result"]["isError"] == true)
        })
        .await?;
    let mut stream = Events::of(listen(&stack)).await?;
    stream.message().await?;
    stack.start_demo()?;
    heard(&mut stream, "notifications/tools/list_changed").await?;
    Ok(())
}
