//! A dangerous call is made once somebody else has approved it: exactly this one, exactly as often as was approved
//! (contract 3.7, requirements R10.6, R10.7).

use anyhow::{Context, Result, ensure};
use gatewayops_tests::stack::{Answer, Stack, answer};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    replicas::Replicas,
    scripts::{said, script},
    servers::Server,
};

const TOOL: &str = "delete_everything";

/// Agents that call, and people who answer.
struct House {
    stack: Stack,
    server: Server,
    agent: String,
    reviewer: String,
}

impl House {
    async fn start() -> Result<Self> {
        let server = Server::poisoned().await?;
        let stack = Stack::start(&[("poisoned", server.url())]).await?;
        Self::of(stack, server).await
    }

    async fn of(stack: Stack, server: Server) -> Result<Self> {
        let agent = key(&stack, json!({ "permissions": ["mcp:*", "approvals:*"] })).await?;
        let people = stack.rest("/v1/users").await?;
        let admin = &people.body["users"][0]["id"];
        let reviewer = key(&stack, json!({ "permissions": ["approvals:*"], "user_id": admin })).await?;
        let house = Self { stack, server, agent, reviewer };
        house
            .stack
            .until("the proxy knows the agent", async |_| {
                Ok(house.call_tool("note", json!({ "text": "hello" })).await?.is_success())
            })
            .await?;
        house.knows_the_tool().await?;
        Ok(house)
    }

    /// What was asked before the tool's definition was known would be void as soon as it is.
    async fn knows_the_tool(&self) -> Result<()> {
        self.stack
            .until("the catalogue has the tool", async |stack| {
                let tools = stack.rest("/v1/tools").await?;
                Ok(tools.body["tools"]
                    .as_array()
                    .is_some_and(|all| all.iter().any(|tool| tool["name"] == TOOL)))
            })
            .await?;
        self.stack.caught_up().await
    }

    async fn call_tool(&self, tool: &str, arguments: Value) -> Result<Answer> {
        self.stack.call_as(&self.agent, "poisoned", tool, arguments).await
    }

    async fn call(&self, path: &str) -> Result<Answer> {
        self.call_tool(TOOL, json!({ "path": path })).await
    }

    async fn decide(&self, by: &str, approval: &str, verdict: &str, form: Value) -> Result<Answer> {
        let path = format!("/v1/approvals/{approval}/{verdict}");
        answer(self.stack.rest_as(by, Method::POST, &path).json(&form)).await
    }

    /// Somebody else approves what waits.
    async fn approve(&self, approval: &str, form: Value) -> Result<()> {
        let approved = self.decide(&self.reviewer, approval, "approve", form).await?;
        ensure!(approved.status == 200 && approved.body["status"] == "approved", "{approved:?}");
        Ok(())
    }

    /// Whatever waits for an answer, once there is something.
    async fn pending(&self) -> Result<String> {
        let path = "/v1/approvals?status=pending";
        self.stack
            .until("an approval is asked for", async |stack| {
                Ok(stack.rest(path).await?.body["approvals"].as_array().is_some_and(|all| !all.is_empty()))
            })
            .await?;
        let found = self.stack.rest(path).await?;
        Ok(found.body["approvals"][0]["id"].as_str().context("no id")?.to_owned())
    }

    async fn runs(&self) -> Result<usize> {
        Ok(self.server.runs(TOOL).await?.len())
    }

    /// What an official client makes of one call of the tool.
    async fn official(&self, client: &str, answers: Value) -> Result<Value> {
        let plan = json!({ "calls": [[TOOL, { "path": client }]], "answers": answers });
        let mut command = script("clients/run");
        command
            .args([client, &self.stack.proxy_url("/mcp/poisoned")])
            .env("GATEWAYOPS_API_KEY", &self.agent)
            .env("PLAN", plan.to_string());
        said(command).await
    }
}

async fn key(stack: &Stack, mut form: Value) -> Result<String> {
    form["name"] = json!("key");
    let made = stack.rest_post("/v1/api-keys", form).await?;
    Ok(made.body["key"].as_str().with_context(|| format!("{made:?}"))?.to_owned())
}

/// The code of a refusal that a tool's error carries, and the approval that it names.
fn refused(answer: &Answer) -> (&str, &str) {
    let error = &answer.body["result"]["_meta"]["io.gatewayops/error"];
    (error["code"].as_str().unwrap_or_default(), error["details"]["approval_id"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn a_dangerous_call_is_made_once_after_somebody_else_approved_it() -> Result<()> {
    let house = House::start().await?;
    let asked = house.call("/tmp").await?;
    let (code, approval) = refused(&asked);
    assert_eq!((asked.status, code), (200, "approval_required"), "{asked:?}");
    let shown = asked.body["result"]["content"][0]["text"].as_str().context("no text")?;
    assert!(shown.contains("/approvals?id="), "{shown}");
    let again = house.call("/tmp").await?;
    assert_eq!(refused(&again), (code, approval), "one question for one call");

    let own = house.decide(&house.agent, approval, "approve", json!({})).await?;
    assert_eq!((own.status, &own.body["error"]["code"]), (403, &json!("self_review")), "{own:?}");
    house.approve(approval, json!({ "note": "go" })).await?;

    let other = house.call("/home").await?;
    assert_eq!(refused(&other).0, "approval_required", "other arguments are another call: {other:?}");
    assert_eq!(house.runs().await?, 0);
    let made = house.call("/tmp").await?;
    assert!(made.is_success(), "{made:?}");
    let second = house.call("/tmp").await?;
    assert_eq!(refused(&second).0, "approval_required", "it was approved once: {second:?}");
    assert_eq!(house.server.runs(TOOL).await?, [json!({ "path": "/tmp" })]);

    let kept = house.stack.rest(&format!("/v1/approvals/{approval}")).await?;
    assert_eq!((&kept.body["status"], &kept.body["use_count"]), (&json!("consumed"), &json!(1)), "{kept:?}");
    Ok(())
}

#[tokio::test]
async fn a_call_that_was_denied_says_why_and_a_changed_tool_needs_another_approval() -> Result<()> {
    let house = House::start().await?;
    let asked = house.call("/etc").await?;
    let denied =
        house.decide(&house.reviewer, refused(&asked).1, "deny", json!({ "note": "never /etc" })).await?;
    ensure!(denied.status == 200, "{denied:?}");
    let told = house.call("/etc").await?;
    assert_eq!(refused(&told).0, "approval_denied", "{told:?}");
    assert!(
        told.body["result"]["content"][0]["text"].as_str().is_some_and(|text| text.contains("never /etc"))
    );

    let asked = house.call("/srv").await?;
    house.approve(refused(&asked).1, json!({})).await?;
    house.server.says(&json!({ "describes": { TOOL: "Deletes everything, and what is above it" } })).await?;
    let refreshed = house.stack.rest_post("/v1/mcp-servers/poisoned/refresh", json!({})).await?;
    ensure!(refreshed.status == 200, "{refreshed:?}");
    house
        .stack
        .until("the changed tool is in quarantine", async |_| {
            Ok(refused(&house.call("/srv").await?).0 == "tool_quarantined")
        })
        .await?;
    let tools = house.stack.rest("/v1/tools?status=changed").await?;
    let (id, hash) = (&tools.body["tools"][0]["id"], &tools.body["tools"][0]["schema_hash"]);
    let review = json!({ "decision": "approve", "schema_hash": hash });
    let path = format!("/v1/tools/{}/review", id.as_str().context("no tool has changed")?);
    ensure!(house.stack.rest_post(&path, review).await?.status == 200);
    house
        .stack
        .until("what was approved of another definition is void", async |_| {
            Ok(refused(&house.call("/srv").await?).0 == "approval_required")
        })
        .await?;
    assert_eq!(house.runs().await?, 0);
    Ok(())
}

#[tokio::test]
async fn official_clients_of_both_eras_ask_and_call_once() -> Result<()> {
    let house = House::start().await?;
    for (at, client) in
        ["ts-v2-modern", "ts-v2-legacy", "ts-v1", "python-2-legacy", "python-1"].iter().enumerate()
    {
        let asked = house.official(client, json!({})).await?;
        assert_eq!(asked["isError"][TOOL], true, "{client}: {asked}");
        let text = asked["called"][TOOL].as_str().with_context(|| format!("{client}: {asked}"))?;
        assert!(text.contains("/approvals?id="), "{client}: {text}");
        house.approve(&house.pending().await?, json!({})).await?;
        let made = house.official(client, json!({})).await?;
        assert_eq!(made["called"][TOOL], format!("{TOOL} is done"), "{client}: {made}");
        assert_eq!(house.runs().await?, at + 1, "{client}");
    }
    Ok(())
}

#[tokio::test]
async fn a_client_that_can_send_its_user_to_the_page_waits_there_for_the_decision() -> Result<()> {
    let house = House::start().await?;
    for (at, client) in ["ts-v2-modern", "python-2-auto"].iter().enumerate() {
        let answers = json!({ "url": true, "elicitation": { "action": "accept" } });
        let (told, approved) = tokio::join!(house.official(client, answers), async {
            let approval = house.pending().await?;
            house.approve(&approval, json!({})).await
        });
        approved?;
        let told = told?;
        assert_eq!(told["called"][TOOL], format!("{TOOL} is done"), "{client}: {told}");
        assert_eq!(house.runs().await?, at + 1, "{client}");
    }
    let declined = house.official("python-2-auto", json!({ "elicitation": { "action": "decline" } })).await?;
    let text = declined["called"][TOOL].as_str().context("no text")?;
    assert!(text.contains("declined"), "{text}");
    Ok(())
}

#[tokio::test]
async fn of_two_proxies_that_race_for_one_use_one_wins() -> Result<()> {
    let server = Server::poisoned().await?;
    // Its balancer lives as long as the test.
    let replicas = Replicas::start(&[("poisoned", server.url())]).await?;
    let house = House::of(replicas.stack, server).await?;
    for round in 0..5 {
        let path = format!("/round/{round}");
        let asked = house.call(&path).await?;
        house.approve(refused(&asked).1, json!({})).await?;
        let calls = (0..6).map(|_| house.call(&path));
        let mut won = 0;
        for called in futures::future::join_all(calls).await {
            let called = called?;
            ensure!(called.is_success() || refused(&called).0 == "approval_required", "{called:?}");
            won += usize::from(called.is_success());
        }
        assert_eq!((won, house.runs().await?), (1, round + 1));
    }
    Ok(())
}

#[tokio::test]
async fn the_wait_for_a_person_is_a_span_below_the_calls_and_counts_for_nothing() -> Result<()> {
    let house = House::start().await?;
    let stack = &house.stack;
    let held = stack.rest_patch("/v1/settings", json!({ "approvals": { "hold_seconds": 60 } })).await?;
    ensure!(held.status == 200, "{held:?}");
    stack.caught_up().await?;
    let (called, approved) = tokio::join!(house.call("/tmp"), async {
        let approval = house.pending().await?;
        house.approve(&approval, json!({})).await
    });
    approved?;
    assert!(called?.is_success());

    let root = stack.traces(&format!("tool_name={TOOL}"), 1).await?.remove(0);
    let path = format!("/v1/traces/{}", root["trace_id"].as_str().context("no trace id")?);
    let named = |trace: &Answer, name: &str| {
        let spans = trace.body["spans"].as_array().into_iter().flatten();
        spans.filter(|span| span["operation_name"] == name).cloned().collect::<Vec<_>>()
    };
    stack
        .until("the wait is told of", async |stack| {
            Ok(!named(&stack.rest(&path).await?, "gatewayops.approval.wait").is_empty())
        })
        .await?;
    let trace = stack.rest(&path).await?;
    let waits = named(&trace, "gatewayops.approval.wait");
    let [wait] = &waits[..] else { anyhow::bail!("{trace:?}") };
    assert_eq!((&wait["kind"], &wait["is_root"]), (&json!("internal"), &json!(false)), "{wait}");
    assert_eq!(wait["parent_span_id"], root["span_id"], "{wait}");
    assert_eq!((&wait["status"], &wait["cost_usd"]), (&json!("success"), &json!(null)), "{wait}");
    let [whole, waited] = [&root, wait].map(|span| span["duration_ms"].as_u64().unwrap_or_default());
    assert!(0 < waited && waited <= whole, "{waited} of {whole} ms");
    assert_eq!(trace.body["total_cost"], root["cost_usd"], "{trace:?}");

    // Lists, figures and costs are of calls.
    let roots = stack.traces("mcp_server=poisoned", 1).await?;
    assert!(roots.iter().all(|trace| trace["is_root"] == true), "{roots:?}");
    let stats = stack.rest("/v1/traces/stats?mcp_server=poisoned").await?;
    assert_eq!(stats.body["total_requests"], roots.len(), "{stats:?}");
    let charged = roots.iter().filter(|trace| !trace["cost_usd"].is_null()).count();
    let costs = stack.rest("/v1/costs/summary?mcp_server=poisoned").await?;
    assert_eq!(costs.body["total_requests"], charged, "{costs:?}");
    Ok(())
}
