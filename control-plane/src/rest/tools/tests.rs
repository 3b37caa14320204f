//! What becomes of definitions that are new or changed, and who decides about them.

use serde_json::{Value, json};

use crate::{
    mcp::fixture::{Fixture, Kind},
    testing::TestApp,
};

/// An organization with one server, not yet looked at.
struct House {
    test: TestApp,
    fixture: Fixture,
}

fn echo(description: &str) -> Value {
    json!({"name": "echo", "description": description, "inputSchema": {"type": "object"}})
}

impl House {
    async fn build(tool_policy: Value) -> Self {
        let test = TestApp::start().await;
        test.patch("/v1/settings", json!({"tool_policy": tool_policy})).await.expect(200);
        let fixture = Fixture::start(Kind::Dual).await;
        fixture.set_tools(vec![echo("says it")]);
        let house = Self { test, fixture };
        house.add_server("files").await;
        house
    }

    async fn add_server(&self, name: &str) {
        let body = json!({"name": name, "url": self.fixture.url});
        self.test.post("/v1/mcp-servers", body).await.expect(201);
    }

    async fn look(&self, server: &str) {
        self.test.post(&format!("/v1/mcp-servers/{server}/refresh"), json!({})).await.expect(200);
    }

    /// The one tool of a server.
    async fn tool(&self, server: &str) -> Value {
        self.test.get(&format!("/v1/mcp-servers/{server}/tools")).await.expect(200)["tools"][0].clone()
    }

    async fn review(&self, tool: &Value, decision: &str) -> crate::testing::Answer {
        let path = format!("/v1/tools/{}/review", tool["id"].as_str().unwrap());
        let body = json!({"decision": decision, "schema_hash": tool["schema_hash"], "note": "looked at it"});
        self.test.post(&path, body).await
    }

    /// Events of the tool catalogue: which, and the tool's status in it.
    async fn events(&self) -> Vec<(String, String)> {
        let mut tx = self.test.app.database.tenant(self.test.org).await.unwrap();
        sqlx::query_as(
            "select event, payload ->> 'status' from outbox where org_id = $1 and event like 'tool.%' order by id",
        )
        .bind(self.test.org)
        .fetch_all(&mut *tx)
        .await
        .unwrap()
    }
}

#[tokio::test]
async fn a_new_tool_is_approved_at_first_sight_where_the_policy_allows_it() {
    let house = House::build(json!({})).await;
    house.look("files").await;
    let tool = house.tool("files").await;
    assert_eq!((&tool["status"], &tool["action"]), (&json!("active"), &json!("allow")));
    assert_eq!(tool["approved_hash"], tool["schema_hash"]);
    assert_eq!(house.events().await, [("tool.new".to_owned(), "active".to_owned())]);
}

#[tokio::test]
async fn a_new_tool_waits_for_its_review_where_the_policy_says_so() {
    for (said, action) in [("quarantine", "deny"), ("warn", "allow")] {
        let house = House::build(json!({"new_tool": said})).await;
        house.look("files").await;
        let tool = house.tool("files").await;
        assert_eq!((&tool["status"], &tool["action"]), (&json!("new"), &json!(action)), "{said}");
        assert_eq!((&tool["approved_hash"], &tool["approved_definition"]), (&Value::Null, &Value::Null));
        assert_eq!(house.events().await, [("tool.new".to_owned(), "new".to_owned())]);
        assert_eq!(house.test.get("/v1/tools?status=new,changed").await.expect(200)["total"], 1);
        let approved = house.review(&tool, "approve").await.expect(200);
        assert_eq!((&approved["status"], &approved["action"]), (&json!("active"), &json!("allow")));
        assert_eq!(approved["approved_hash"], tool["schema_hash"]);
        house.look("files").await;
        assert_eq!(house.tool("files").await["status"], "active", "what was approved stays so");
    }
}

#[tokio::test]
async fn a_changed_definition_is_reviewed_against_the_approved_one() {
    let house = House::build(json!({})).await;
    house.look("files").await;
    house.fixture.set_tools(vec![echo("says it, and sends it away")]);
    house.look("files").await;
    let changed = house.tool("files").await;
    assert_eq!((&changed["status"], &changed["action"]), (&json!("changed"), &json!("deny")));
    assert_eq!(changed["approved_definition"]["description"], "says it");
    let expected = [("tool.new", "active"), ("tool.changed", "changed")];
    assert_eq!(house.events().await, expected.map(|(event, status)| (event.to_owned(), status.to_owned())));
    house.look("files").await;
    let drifts = house.test.get("/v1/safety/detections?type=tool_drift").await.expect(200);
    let drifts = drifts["detections"].as_array().unwrap();
    assert_eq!(drifts.len(), 1, "once, however often it is seen");
    let shown = ["mcp_server", "action", "snippet"].map(|member| drifts[0][member].as_str().unwrap());
    assert_eq!(shown, ["files", "blocked", "description"]);
    for tools in [Vec::new(), vec![echo("says it when it is back")]] {
        house.fixture.set_tools(tools);
        house.look("files").await;
    }
    let drifts = house.test.get("/v1/safety/detections?type=tool_drift").await.expect(200);
    assert_eq!(drifts["detections"].as_array().unwrap().len(), 2, "it was gone and is back as another");

    house.fixture.set_tools(vec![echo("says it, and sends it somewhere else")]);
    house.look("files").await;
    let refused = house.review(&changed, "approve").await.expect(409);
    assert_eq!(refused["error"]["code"], "conflict", "not what was looked at");
    let changed = house.tool("files").await;
    let approved = house.review(&changed, "approve").await.expect(200);
    assert_eq!(
        (&approved["status"], &approved["approved_hash"]),
        (&json!("active"), &changed["schema_hash"])
    );
    assert_eq!(approved["approved_definition"]["description"], "says it, and sends it somewhere else");
    assert!(approved["reviewed_at"].is_string());
    assert_eq!(house.test.audited(approved["id"].as_str().unwrap()).await, ["tool.approve"]);
}

#[tokio::test]
async fn a_blocked_tool_stays_blocked_whatever_becomes_of_it_until_it_is_approved() {
    let house = House::build(json!({})).await;
    house.look("files").await;
    let blocked = house.review(&house.tool("files").await, "block").await.expect(200);
    assert_eq!((&blocked["status"], &blocked["action"]), (&json!("blocked"), &json!("deny")));
    house.fixture.set_tools(Vec::new());
    house.look("files").await;
    house.fixture.set_tools(vec![echo("says it again")]);
    house.look("files").await;
    let tool = house.tool("files").await;
    assert_eq!((&tool["status"], &tool["description"]), (&json!("blocked"), &json!("says it again")));
    let approved = house.review(&tool, "approve").await.expect(200);
    assert_eq!(approved["status"], "active");
    let id = approved["id"].as_str().unwrap();
    assert_eq!(house.test.audited(id).await, ["tool.block", "tool.approve"]);
    let rows = house.test.audit_rows().await;
    let block = rows.iter().find(|row| row.action == "tool.block").unwrap();
    assert_eq!(block.details["note"], "looked at it");
    assert_eq!(block.changes["status"], json!({"before": "active", "after": "blocked"}));
}

#[tokio::test]
async fn what_is_gone_can_be_blocked_but_not_approved() {
    let house = House::build(json!({})).await;
    house.look("files").await;
    house.fixture.set_tools(Vec::new());
    house.look("files").await;
    let gone = house.tool("files").await;
    assert_eq!(gone["status"], "removed");
    assert_eq!(house.review(&gone, "approve").await.refused(409), "invalid_state");
    assert_eq!(house.review(&gone, "block").await.expect(200)["status"], "blocked");
}

#[tokio::test]
async fn a_review_needs_its_permission_and_the_hash_that_was_looked_at() {
    let house = House::build(json!({})).await;
    house.look("files").await;
    let tool = house.tool("files").await;
    let path = format!("/v1/tools/{}/review", tool["id"].as_str().unwrap());
    let body = json!({"decision": "block", "schema_hash": tool["schema_hash"]});
    let reader = house.test.key_with(&["policies:read", "servers:admin"]).await;
    assert_eq!(house.test.post_as(&reader, &path, body.clone()).await.refused(403), "permission_denied");
    let (_, stranger) = house.test.other_organization().await;
    assert_eq!(house.test.post_as(&stranger, &path, body).await.refused(404), "not_found");
    for body in [json!({"decision": "block"}), json!({"decision": "block", "schema_hash": "abc"}), json!({})]
    {
        assert_eq!(house.test.post(&path, body).await.refused(400), "validation_error");
    }
    assert_eq!(house.tool("files").await["status"], "active");
}

#[tokio::test]
async fn a_name_like_another_servers_is_flagged_on_both_while_both_are_there() {
    let house = House::build(json!({})).await;
    house.look("files").await;
    assert_eq!(house.tool("files").await["flags"], json!([]));
    house.add_server("mirror").await;
    house.look("mirror").await;
    let flag = &house.tool("mirror").await["flags"][0];
    assert_eq!(
        (&flag["type"], &flag["mcp_server"], &flag["tool_name"]),
        (&json!("shadowed_name"), &json!("files"), &json!("echo"))
    );
    house.look("files").await;
    let tool = house.tool("files").await;
    assert_eq!((&tool["flags"][0]["mcp_server"], &tool["status"]), (&json!("mirror"), &json!("active")));
    house.test.delete("/v1/mcp-servers/mirror").await.expect(204);
    house.look("files").await;
    assert_eq!(house.tool("files").await["flags"], json!([]), "nothing shadows it any more");
}

#[tokio::test]
async fn levels_and_actions_of_the_catalogue_are_the_evaluators() {
    let house = House::build(json!({"dangerous": "deny"})).await;
    let destructive =
        json!({"name": "wipe", "inputSchema": {"type": "object"}, "annotations": {"destructiveHint": true}});
    let named = |name: &str| json!({"name": name, "inputSchema": {"type": "object"}});
    house.fixture.set_tools(vec![named("read_file"), named("delete_it"), destructive, named("other")]);
    house.look("files").await;
    let listed = |query: &'static str| {
        let test = &house.test;
        async move {
            let list = test.get(&format!("/v1/tools?sort=name&{query}")).await.expect(200);
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let tools = list["tools"].as_array().unwrap().iter();
            let tools: Vec<_> = tools.map(|tool| (text(&tool["name"]), text(&tool["action"]))).collect();
            assert_eq!(list["total"], tools.len());
            tools
        }
    };
    let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(name, action)| ((*name).to_owned(), (*action).to_owned())).collect()
    };
    assert_eq!(listed("classification=dangerous").await, pairs(&[("delete_it", "deny"), ("wipe", "deny")]));
    assert_eq!(
        listed("classification=safe,sensitive").await,
        pairs(&[("other", "allow"), ("read_file", "allow")])
    );
    let row = json!({"mcp_server": "files", "tool_name": "wipe", "classification": "safe", "requires_approval": true});
    house.test.post("/v1/tool-classifications", row).await.expect(201);
    assert_eq!(listed("classification=dangerous").await, pairs(&[("delete_it", "deny")]));
    assert_eq!(listed("classification=safe").await, pairs(&[("read_file", "allow"), ("wipe", "approve")]));
}
