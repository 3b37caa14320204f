//! Servers ask the client while they work for it (R3.8): whichever replica the answer comes to, it gets where it belongs.

use anyhow::{Context, Result, ensure};
use gatewayops_tests::stack::answer;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    legacy::Caller,
    replicas::{FIRST, Replicas},
    scripts::{said, script},
    servers::Server,
};

/// Both servers count what they ask from 0 in each session, so that all of these are asked under the same ids.
const CLIENTS: [&str; 3] = ["ts-v1", "ts-v2-legacy", "python-1"];
const SERVERS: [&str; 2] = ["a", "b"];

/// One client that has three tools of a server ask at once, and leaves all questions open for a while.
async fn ask_all(client: &'static str, server: &'static str, url: String, key: String) -> Result<()> {
    let own = format!("{client} of {server}");
    let plan = json!({
        "calls": [["ask_name", {}], ["ask_model", {}], ["ask_roots", {}]],
        "together": true,
        "answers": { "elicitation": { "action": "accept", "content": { "name": own } }, "afterMs": 1000 },
    });
    let mut command = script("clients/run");
    command.args([client, &url]).env("GATEWAYOPS_API_KEY", key).env("PLAN", plan.to_string());
    let told = said(command).await?;
    let called = json!({
        "ask_name": format!("hello {own}"),
        "ask_model": format!("sampled by {client}"),
        "ask_roots": "file:///work",
    });
    ensure!(told["called"] == called, "{own}: {told}");
    let heard = [&told["elicited"], &told["sampled"], &told["rootsAsked"]];
    let asked = [
        json!([format!("{server} asks for your name")]),
        json!([format!("{server} asks for a line")]),
        json!(1),
    ];
    ensure!(heard.into_iter().eq(&asked), "{own}: {told}");
    Ok(())
}

#[tokio::test]
async fn official_clients_answer_two_servers_that_ask_under_equal_ids_through_any_replica() -> Result<()> {
    let (a, b) = (Server::asking("a").await?, Server::asking("b").await?);
    let replicas = Replicas::start(&[("a", a.url()), ("b", b.url())]).await?;
    let stack = &replicas.stack;
    let mut asked = JoinSet::new();
    for client in CLIENTS {
        for server in SERVERS {
            asked.spawn(ask_all(
                client,
                server,
                stack.proxy_url(&format!("/mcp/{server}")),
                stack.key.clone(),
            ));
        }
    }
    while let Some(one) = asked.join_next().await {
        one??;
    }
    Ok(())
}

#[tokio::test]
async fn official_clients_answer_both_servers_behind_one_endpoint_through_any_replica() -> Result<()> {
    let (a, b) = (Server::asking("a").await?, Server::asking("b").await?);
    let replicas = Replicas::start(&[("a", a.url()), ("b", b.url())]).await?;
    let stack = &replicas.stack;
    let mut asked = JoinSet::new();
    for client in CLIENTS {
        let (url, key) = (stack.proxy_url("/mcp"), stack.key.clone());
        asked.spawn(async move {
            let plan = json!({
                "calls": [["a__ask_name", {}], ["b__ask_name", {}], ["a__ask_model", {}], ["b__ask_roots", {}]],
                "together": true,
                "answers": { "elicitation": { "action": "accept", "content": { "name": client } }, "afterMs": 1000 },
            });
            let mut command = script("clients/run");
            command.args([client, &url]).env("GATEWAYOPS_API_KEY", key).env("PLAN", plan.to_string());
            let told = said(command).await?;
            let called = json!({
                "a__ask_name": format!("hello {client}"),
                "b__ask_name": format!("hello {client}"),
                "a__ask_model": format!("sampled by {client}"),
                "b__ask_roots": "file:///work",
            });
            ensure!(told["called"] == called, "{client}: {told}");
            Ok(())
        });
    }
    while let Some(one) = asked.join_next().await {
        one??;
    }
    Ok(())
}

/// The id of what the server asks on the stream of a call.
fn id_of(question: &Value) -> Result<&str> {
    ensure!(question["method"] == "elicitation/create", "{question}");
    question["id"].as_str().with_context(|| format!("the id is no string: {question}"))
}

/// Both servers ask on the first replica before either is answered, which happens on the other one. At the endpoint of
/// all servers that is one session, which has one at each.
async fn answer_elsewhere(is_federated: bool) -> Result<()> {
    let (a, b) = (Server::asking("a").await?, Server::asking("b").await?);
    let Replicas { stack, second, .. } = &Replicas::start(&[("a", a.url()), ("b", b.url())]).await?;
    let (mut callers, mut open) = (Vec::new(), Vec::new());
    for server in SERVERS {
        callers.push(Caller::new(stack, FIRST, server)?.open(stack).await?);
    }
    let all = callers[0].at("").begin().await?;
    for (server, caller) in SERVERS.into_iter().zip(callers) {
        let (caller, tool, asks) = match is_federated {
            true => (all.clone(), format!("{server}__ask_name"), format!("{server}: {server} asks")),
            false => (caller, "ask_name".to_owned(), format!("{server} asks")),
        };
        let mut call = caller.call(&tool, json!({})).await?;
        let question = call.message().await?.message;
        assert_eq!(question["params"]["message"], format!("{asks} for your name"));
        open.push((caller, call, question, tool));
    }
    // Both have asked under the id 0.
    let ids = [id_of(&open[0].2)?, id_of(&open[1].2)?];
    assert!(ids[0] != ids[1] && ids.iter().all(|id| id.len() > 40), "{ids:?} are not sealed");

    for (caller, mut call, question, tool) in open.into_iter().rev() {
        let name = format!("who {}", question["params"]["message"]);
        let elsewhere = caller.through(stack, second)?;
        let answered = answer(elsewhere.answering(&question["id"], json!({ "name": name }))).await?;
        assert_eq!((answered.status, &answered.body), (202, &Value::Null), "{answered:?}");
        let result = call.message().await?.message;
        assert_eq!(result["id"], tool, "{result}");
        assert_eq!(result["result"]["content"][0]["text"], format!("hello {name}"));
    }
    Ok(())
}

#[tokio::test]
async fn an_answer_that_comes_to_another_replica_reaches_the_call_that_waits_for_it() -> Result<()> {
    answer_elsewhere(false).await
}

#[tokio::test]
async fn so_does_one_at_the_endpoint_of_all_servers() -> Result<()> {
    answer_elsewhere(true).await
}
