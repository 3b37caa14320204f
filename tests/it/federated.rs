//! One endpoint for many servers: every official client lists, calls, reads and is asked there as at one (section 5).

use std::{collections::BTreeSet, process::Command};

use anyhow::{Context, Result, ensure};
use gatewayops_tests::stack::{Stack, answer, free_port, modern_meta, root};
use serde_json::{Value, json};

use crate::servers::Server;

const KINDS: [&str; 5] = ["asking", "everything", "fastmcp", "fixture", "rmcp"];

struct House {
    stack: Stack,
    servers: Vec<(&'static str, Server)>,
}

impl House {
    async fn open() -> Result<Self> {
        let mut servers = Vec::new();
        for kind in KINDS {
            servers.push((kind, Server::named(kind, free_port()?).await?));
        }
        let urls: Vec<_> = servers.iter().map(|(kind, server)| (*kind, server.url())).collect();
        let stack = Stack::start(&urls).await?;
        for kind in KINDS {
            // One that is back is believed at once.
            let breaker = json!({ "breaker": { "open_seconds": 1, "probes": 1 } });
            let changed = stack.rest_patch(&format!("/v1/mcp-servers/{kind}"), breaker).await?;
            ensure!(changed.status == 200, "{changed:?}");
        }
        let house = Self { stack, servers };
        house.until_lists(&KINDS).await?;
        Ok(house)
    }

    /// Names of the servers whose tools a modern and a legacy client see together.
    async fn until_lists(&self, expected: &[&str]) -> Result<()> {
        let expected: BTreeSet<_> = expected.iter().map(|name| (*name).to_owned()).collect();
        self.stack
            .until(&format!("the tools of {expected:?} are listed"), async |stack| {
                let mut seen = servers_of(&listed(stack).await?);
                seen.extend(servers_of(&run(stack, "ts-v1", json!({}))?["tools"]));
                seen.remove("demo");
                ensure!(seen == expected, "{seen:?}");
                Ok(true)
            })
            .await
    }
}

/// What a modern client without an SDK gets.
async fn listed(stack: &Stack) -> Result<Value> {
    let mut tools = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let mut params = json!({ "_meta": modern_meta() });
        if cursor.is_string() {
            params["cursor"] = cursor;
        }
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": params });
        let request = stack.modern("", "tools/list", None).body(body.to_string());
        let page = answer(request).await?;
        let result = &page.body["result"];
        tools.extend(result["tools"].as_array().with_context(|| format!("{page:?}"))?.iter().cloned());
        cursor = result["nextCursor"].clone();
        if !cursor.is_string() {
            return Ok(tools.iter().map(|tool| tool["name"].clone()).collect());
        }
    }
}

fn servers_of(names: &Value) -> BTreeSet<String> {
    let names = names.as_array().into_iter().flatten().filter_map(Value::as_str);
    names.filter_map(|name| Some(name.split_once("__")?.0.to_owned())).collect()
}

/// An official client with a plan, at the endpoint of all servers.
fn run(stack: &Stack, client: &str, plan: Value) -> Result<Value> {
    let output = Command::new(root().join("tests/clients/run"))
        .args([client, &stack.proxy_url("/mcp")])
        .env("GATEWAYOPS_API_KEY", &stack.key)
        .env("PLAN", plan.to_string())
        .output()
        .context("tests/clients/run")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{client}: {}{said}", String::from_utf8_lossy(&output.stdout));
    Ok(serde_json::from_slice(&output.stdout)?)
}

const LEGACY: [&str; 5] = ["ts-v1", "ts-v2-legacy", "python-1", "python-2-legacy", "inspector-legacy"];
const MODERN: [&str; 5] =
    ["ts-v2-auto", "ts-v2-modern", "python-2-auto", "inspector-auto", "inspector-modern"];

fn has(list: &Value, name: &str) -> bool {
    list.as_array().is_some_and(|names| names.iter().any(|one| one == name))
}

#[tokio::test]
async fn every_official_client_uses_all_servers_of_its_era_as_one() -> Result<()> {
    let house = House::open().await?;
    let plan = json!({
        "calls": [["fastmcp__add", { "a": 2, "b": 3 }], ["fastmcp__cite", {}], ["rmcp__sum", { "a": 4, "b": 5 }],
            ["fixture__test_simple_text", {}], ["demo__echo", { "text": "hi" }]],
        "prompts": [["fastmcp__greet", { "name": "Ada" }]],
        "reads": ["fastmcp+memo://today", "fastmcp+memo://monday/note"],
    });
    for client in MODERN {
        let said = run(&house.stack, client, plan.clone()).with_context(|| client)?;
        check_common(client, &said);
        assert_eq!(said["version"], "2026-07-28", "{client}");
        assert!(!has(&said["tools"], "everything__echo"), "{client}: that server does not speak its era");
    }
    let mut legacy_plan = plan;
    let legacy_calls = [json!(["everything__echo", { "message": "hello" }]), json!(["asking__whoami", {}])];
    legacy_plan["calls"].as_array_mut().context("calls")?.extend(legacy_calls);
    for client in LEGACY {
        let said = run(&house.stack, client, legacy_plan.clone()).with_context(|| client)?;
        check_common(client, &said);
        assert_eq!(said["version"], "2025-11-25", "{client}");
        assert_eq!(said["called"]["everything__echo"], "Echo: hello", "{client}");
        assert_eq!(said["called"]["asking__whoami"], "asking", "{client}");
        assert!(has(&said["resources"], "asking+note://one"), "{client}: {}", said["resources"]);
    }
    Ok(())
}

fn check_common(client: &str, said: &Value) {
    for tool in ["fastmcp__add", "fixture__test_simple_text", "rmcp__sum", "demo__echo"] {
        assert!(has(&said["tools"], tool), "{client}: {tool} of {}", said["tools"]);
    }
    for (tool, text) in [("fastmcp__add", "5"), ("rmcp__sum", "9"), ("fastmcp__cite", "as today's memo says")]
    {
        assert_eq!(said["called"][tool], text, "{client}: {said}");
    }
    // The inspector does not say what it was given besides text.
    if !client.starts_with("inspector") {
        assert_eq!(
            said["links"]["fastmcp__cite"],
            json!(["fastmcp+memo://today", "fastmcp+memo://today"]),
            "{client}: {said}"
        );
    }
    assert!(has(&said["templates"], "fastmcp+memo://{day}/note"), "{client}: {}", said["templates"]);
    assert!(
        has(&said["prompts"], "fastmcp__greet") && has(&said["prompts"], "rmcp__explain"),
        "{client}: {said}"
    );
    assert_eq!(said["got"]["fastmcp__greet"], "Greet Ada in one short line.", "{client}");
    for (uri, text) in
        [("fastmcp+memo://today", "water the plants"), ("fastmcp+memo://monday/note", "a note for monday")]
    {
        assert_eq!(said["read"][uri], json!({ "uri": uri, "text": text }), "{client}");
    }
}

#[tokio::test]
async fn a_server_that_dies_leaves_the_others_working_and_comes_back() -> Result<()> {
    let mut house = House::open().await?;
    for kind in KINDS {
        let rest: Vec<_> = KINDS.into_iter().filter(|other| *other != kind).collect();
        let at = house.servers.iter().position(|(name, _)| *name == kind).context("it is there")?;
        let (_, server) = house.servers.remove(at);
        let port = server.port();
        drop(server);
        house.until_lists(&rest).await.with_context(|| format!("without {kind}"))?;
        let plan = json!({ "calls": [["demo__echo", { "text": "still here" }]] });
        for client in ["ts-v1", "ts-v2-auto"] {
            let said = run(&house.stack, client, plan.clone())?;
            assert!(
                said["called"]["demo__echo"].as_str().is_some_and(|text| text.contains("still here")),
                "{said}"
            );
        }
        house.servers.push((kind, Server::named(kind, port).await?));
        house.until_lists(&KINDS).await.with_context(|| format!("{kind} is back"))?;
    }
    Ok(())
}

#[tokio::test]
async fn servers_ask_the_client_through_the_endpoint_of_all() -> Result<()> {
    let servers = [Server::asking("one").await?, Server::asking("two").await?];
    let stack = Stack::start(&[("one", servers[0].url()), ("two", servers[1].url())]).await?;
    stack
        .until("both are listed", async |stack| {
            let tools = &run(stack, "ts-v1", json!({}))?["tools"];
            Ok(has(tools, "one__ask_name") && has(tools, "two__ask_name"))
        })
        .await?;
    let plan = json!({
        "calls": [["one__ask_name", {}], ["two__ask_name", {}], ["one__ask_model", {}], ["two__ask_roots", {}]],
        "together": true,
        "answers": { "elicitation": { "action": "accept", "content": { "name": "Ada" } }, "afterMs": 100 },
    });
    for client in ["ts-v1", "ts-v2-legacy", "python-1", "python-2-legacy"] {
        let said = run(&stack, client, plan.clone()).with_context(|| client)?;
        let called = &said["called"];
        assert_eq!(called["one__ask_name"], "hello Ada", "{client}: {said}");
        assert_eq!(called["two__ask_name"], "hello Ada", "{client}: {said}");
        assert_eq!(called["one__ask_model"], format!("sampled by {client}"), "{said}");
        assert_eq!(called["two__ask_roots"], "file:///work", "{client}: {said}");
        let elicited = said["elicited"].as_array().context("elicited")?;
        assert!(
            elicited.iter().all(|message| {
                let text = message.as_str().unwrap_or_default();
                text.starts_with("one: ") || text.starts_with("two: ")
            }),
            "people see who asks: {said}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn tools_go_under_the_names_that_the_setting_gives_them() -> Result<()> {
    let servers = [Server::asking("one").await?, Server::asking("two").await?];
    for (prefix, listed, unlisted) in [
        ("on_collision", ["add", "one__ask_name", "two__ask_name"], ["demo__add", "ask_name"]),
        ("never", ["add", "ask_name", "whoami"], ["one__ask_name", "two__ask_name"]),
    ] {
        let urls = [("one", servers[0].url()), ("two", servers[1].url())];
        let stack = Stack::start_with(&urls, |stack| {
            stack.set("MCP_NAME_PREFIX", prefix);
            Ok(())
        })
        .await?;
        stack
            .until(&format!("the catalogue gives the names of {prefix}"), async |stack| {
                let tools = &run(stack, "ts-v1", json!({}))?["tools"];
                ensure!(!unlisted.iter().any(|name| has(tools, name)), "{tools}");
                Ok(listed.iter().all(|name| has(tools, name)))
            })
            .await?;
        // A tool that is not listed can be called by its whole name all the same.
        let plan = json!({
            "calls": [["add", { "a": 1, "b": 2 }], [listed[1], {}], ["two__whoami", {}]],
            "answers": { "elicitation": { "action": "accept", "content": { "name": "Ada" } } },
        });
        let said = run(&stack, "ts-v1", plan)?;
        assert_eq!(said["called"][listed[1]], "hello Ada", "{prefix}: {said}");
        assert_eq!(said["called"]["two__whoami"], "two", "{prefix}: {said}");

        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": { "_meta": modern_meta() } });
        let page = answer(stack.modern("", "tools/list", None).body(body.to_string())).await?;
        let hidden = &page.body["result"]["_meta"]["io.gatewayops/hidden"];
        assert_eq!(has(hidden, "two__ask_name"), prefix == "never", "{page:?}");
    }
    Ok(())
}
