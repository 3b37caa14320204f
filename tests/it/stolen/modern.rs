//! Cursors and the states of calls that wait for an answer: both travel through modern clients.

use anyhow::{Context, Result, ensure};
use gatewayops_tests::stack::{Stack, answer, modern_meta};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::{Attempt, forgeries, key, refused};
use crate::{replicas::FIRST, servers::Server};

/// More than one page of the endpoint of all servers.
const TOOLS: usize = 300;

/// Who asks through which replica at which endpoint; an empty server means all of them.
#[derive(Clone)]
struct Caller<'a> {
    stack: &'a Stack,
    replica: &'a str,
    key: &'a str,
    server: &'a str,
}

impl<'a> Caller<'a> {
    fn at(&self, server: &'a str) -> Self {
        Self { server, ..self.clone() }
    }

    fn with_key(&self, key: &'a str) -> Self {
        Self { key, ..self.clone() }
    }

    fn send(&self, method: &str, name: Option<&str>, mut params: Value) -> Result<RequestBuilder> {
        params["_meta"] = modern_meta();
        params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json!({ "elicitation": {} });
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let url = self.stack.proxy_url_of(self.replica, &format!("/mcp/{}", self.server))?;
        let request = self.stack.modern("", method, name).body(body.to_string()).build()?;
        let mut sent = self.stack.http.post(url).body(body.to_string()).bearer_auth(self.key);
        for (name, value) in request.headers().iter().filter(|(name, _)| *name != "authorization") {
            sent = sent.header(name, value);
        }
        Ok(sent)
    }

    fn list(&self, method: &str, cursor: Option<&str>) -> Result<RequestBuilder> {
        self.send(method, None, cursor.map_or(json!({}), |cursor| json!({ "cursor": cursor })))
    }

    /// Calls the tool that asks, with what the user says to it if there is a state.
    fn call(&self, tool: &Tool, state: Option<&str>) -> Result<RequestBuilder> {
        let name = tool.at(self.server);
        let mut params = json!({ "name": name, "arguments": tool.arguments });
        if let Some(state) = state {
            let answer = json!({ "action": "accept", "content": { "ok": true } });
            params["inputResponses"] = json!({ "confirm": answer });
            params["requestState"] = state.into();
        }
        self.send("tools/call", Some(&name), params)
    }
}

#[derive(Clone)]
struct Tool {
    server: &'static str,
    name: &'static str,
    arguments: Value,
}

impl Tool {
    /// Its name at an endpoint.
    fn at(&self, endpoint: &str) -> String {
        if endpoint.is_empty() { format!("{}__{}", self.server, self.name) } else { self.name.to_owned() }
    }
}

fn asking() -> Tool {
    Tool { server: "a", name: "test_input_required_result_request_state", arguments: json!({}) }
}

async fn state_of(owner: &Caller<'_>) -> Result<String> {
    let asked = answer(owner.call(&asking(), None)?).await?;
    let state = asked.body["result"]["requestState"].as_str();
    Ok(state.with_context(|| format!("no state: {asked:?}"))?.to_owned())
}

/// Everything that is tried with a state through one replica at the endpoint where it was given out.
fn with_state(
    owner: &Caller<'_>,
    others: &[(&str, &str)],
    state: &str,
    cursor: &str,
) -> Result<Vec<Attempt>> {
    let mut all = Vec::new();
    let mut add = |what: &str, request: RequestBuilder| {
        let endpoint = if owner.server.is_empty() { "all servers" } else { owner.server };
        all.push(Attempt { name: format!("a state at {endpoint}: {what}"), request, expected: 200 });
    };
    for (who, key) in others {
        add(who, owner.with_key(key).call(&asking(), Some(state))?);
    }
    let elsewhere = if owner.server.is_empty() { owner.clone() } else { owner.at("b") };
    add("at another server", elsewhere.call(&Tool { server: "b", ..asking() }, Some(state))?);
    let other_tool = Tool { name: "test_input_required_result_tampered_state", ..asking() };
    add("for another tool", owner.call(&other_tool, Some(state))?);
    let other_arguments = Tool { arguments: json!({ "amount": 1 }), ..asking() };
    add("with other arguments", owner.call(&other_arguments, Some(state))?);
    for (what, forged) in forgeries(state, &[("cursor", cursor)]) {
        add(&what, owner.call(&asking(), Some(&forged))?);
    }
    Ok(all)
}

/// And with a cursor, which only the endpoint of all servers gives out.
fn with_cursor(
    owner: &Caller<'_>,
    others: &[(&str, &str)],
    cursor: &str,
    state: &str,
) -> Result<Vec<Attempt>> {
    let mut all = Vec::new();
    let mut add = |what: &str, request: RequestBuilder| {
        all.push(Attempt { name: format!("a cursor: {what}"), request, expected: 200 });
    };
    for (who, key) in others {
        add(who, owner.with_key(key).list("tools/list", Some(cursor))?);
    }
    for method in ["prompts/list", "resources/list", "resources/templates/list"] {
        add(method, owner.list(method, Some(cursor))?);
    }
    for (what, forged) in forgeries(cursor, &[("call that waits", state)]) {
        add(&what, owner.list("tools/list", Some(&forged))?);
    }
    Ok(all)
}

/// The first page once all servers are known, and where it goes on.
async fn first_page(stack: &Stack, owner: &Caller<'_>) -> Result<(usize, String)> {
    stack
        .until("there is more than one page", async |_| {
            let page = answer(owner.list("tools/list", None)?).await?;
            ensure!(page.body["result"]["_meta"]["io.gatewayops/unavailable"].is_null(), "{page:?}");
            Ok(page.body["result"]["nextCursor"].is_string())
        })
        .await?;
    let page = answer(owner.list("tools/list", None)?).await?.body;
    let tools = page["result"]["tools"].as_array().context("no tools")?.len();
    Ok((tools, page["result"]["nextCursor"].as_str().context("no cursor")?.to_owned()))
}

#[tokio::test]
async fn cursors_and_states_are_refused_to_all_but_their_owner() -> Result<()> {
    let (a, b) = (Server::conformance("modern").await?, Server::conformance("modern").await?);
    let many = Server::with_tools(TOOLS).await?;
    let servers = [("a", a.url()), ("b", b.url()), ("many", many.url())];
    let mut stack = Stack::start(&servers).await?;
    let second = stack.start_replica().await?;
    let other = key(&stack, json!({ "name": "other" })).await?;
    let elsewhere = key(&stack, json!({ "name": "elsewhere", "servers": ["a", "b"] })).await?;
    let others = [("another key", &*other), ("a key of other servers", &*elsewhere)];
    let owner = Caller { stack: &stack, replica: FIRST, key: &stack.key, server: "" };
    let there = Caller { replica: &second, ..owner.clone() };

    let (listed, cursor) = first_page(&stack, &owner).await?;
    for caller in [&owner, &there] {
        for (who, key) in others {
            let known = caller.with_key(key);
            stack
                .until(&format!("the proxy knows {who}"), async |_| {
                    let answered = answer(known.at("a").list("tools/list", None)?).await?;
                    Ok(answered.body["result"]["tools"].is_array())
                })
                .await?;
        }
    }
    for endpoint in ["", "a"] {
        let (owner, there) = (owner.at(endpoint), there.at(endpoint));
        let state = state_of(&owner).await?;
        for caller in [&owner, &there] {
            refused(with_state(caller, &others, &state, &cursor)?).await?;
            refused(with_cursor(&caller.at(""), &others, &cursor, &state)?).await?;
        }
        // From here to there it is as good as the owner.
        let done = answer(there.call(&asking(), Some(&state))?).await?;
        assert_eq!(done.body["result"]["content"][0]["text"], "state-ok", "{endpoint}: {done:?}");
    }
    let rest = answer(there.list("tools/list", Some(&cursor))?).await?;
    let rest = rest.body["result"]["tools"].as_array().with_context(|| format!("{rest:?}"))?.len();
    assert!(listed < TOOLS && listed + rest > TOOLS, "{listed} and {rest} of more than {TOOLS} tools");
    Ok(())
}
