use http::Method;
use serde_json::{Value, json};

use crate::testing::{ADMIN_KEY, TestApp};

const PATH: &str = "/v1/tool-classifications";

async fn make(test: &TestApp, body: Value) -> Value {
    test.post(PATH, body).await.expect(201)
}

fn path(row: &Value) -> String {
    format!("{PATH}/{}", row["id"].as_str().unwrap())
}

fn faults(answer: &Value) -> Vec<(String, String)> {
    let fields = answer["error"]["details"]["fields"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut found: Vec<_> =
        fields.iter().map(|fault| (text(&fault["field"]), text(&fault["code"]))).collect();
    found.sort();
    found
}

#[tokio::test]
async fn a_classification_is_made_read_changed_and_removed() {
    let test = TestApp::start().await;
    let body = json!({"mcp_server": "git*", "tool_name": "push_*", "classification": "dangerous"});
    let answer = test.post(PATH, body).await;
    assert_eq!(answer.header("etag"), "\"1\"");
    let location = answer.header("location").to_owned();
    let row = answer.expect(201);
    assert_eq!(location, path(&row));
    assert_eq!((&row["requires_approval"], &row["description"]), (&Value::Null, &json!("")));
    let changed = test.patch(&path(&row), json!({"classification": "safe", "requires_approval": true})).await;
    assert_eq!(changed.header("etag"), "\"2\"");
    let changed = changed.expect(200);
    assert_eq!(
        (&changed["mcp_server"], &changed["classification"], &changed["requires_approval"]),
        (&json!("git*"), &json!("safe"), &json!(true))
    );
    assert_eq!(test.get(&path(&row)).await.expect(200), changed);
    let stale = [("if-match", "\"1\"")];
    let refused = test.request(ADMIN_KEY, Method::DELETE, &path(&row), &stale, None).await;
    assert_eq!(refused.refused(412), "precondition_failed");
    test.delete(&path(&row)).await.expect(204);
    assert_eq!(test.get(&path(&row)).await.refused(404), "not_found");
    let actions = ["tool_classification.create", "tool_classification.update", "tool_classification.delete"];
    assert_eq!(test.audited(row["id"].as_str().unwrap()).await, actions);
}

#[tokio::test]
async fn every_fault_of_a_classification_is_told_at_once() {
    let test = TestApp::start().await;
    let body =
        json!({"mcp_server": "Git Hub", "tool_name": "a\nb", "classification": "harmless", "level": 1});
    let answer = test.post(PATH, body).await.expect(400);
    let expected =
        [("classification", "enum"), ("level", "unknown"), ("mcp_server", "format"), ("tool_name", "format")];
    assert_eq!(faults(&answer), expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
    let answer = test.post(PATH, json!({})).await.expect(400);
    assert_eq!(faults(&answer).len(), 3, "{answer}");
}

#[tokio::test]
async fn two_patterns_are_classified_once() {
    let test = TestApp::start().await;
    let body = json!({"mcp_server": "*", "tool_name": "x", "classification": "safe"});
    make(&test, body.clone()).await;
    let other = make(&test, json!({"mcp_server": "*", "tool_name": "y", "classification": "safe"})).await;
    assert_eq!(test.post(PATH, body).await.refused(409), "conflict");
    assert_eq!(test.patch(&path(&other), json!({"tool_name": "x"})).await.refused(409), "conflict");
}

#[tokio::test]
async fn classifications_are_found_by_what_they_say() {
    let test = TestApp::start().await;
    for (server, tool, level) in [("a", "x", "safe"), ("a", "y*", "dangerous"), ("b*", "x", "dangerous")] {
        make(&test, json!({"mcp_server": server, "tool_name": tool, "classification": level})).await;
    }
    for (query, expected) in [
        ("", 3),
        ("?mcp_server=a", 2),
        ("?tool_name=x", 2),
        ("?classification=dangerous", 2),
        ("?classification=dangerous&mcp_server=b*", 1),
        ("?q=Y", 1),
    ] {
        let list = test.get(&format!("{PATH}{query}")).await.expect(200);
        assert_eq!(list["total"], expected, "{query}");
    }
    let (_, other) = test.other_organization().await;
    assert_eq!(test.get_as(&other, PATH).await.expect(200)["total"], 0);
}

#[tokio::test]
async fn who_may_only_read_rules_changes_none() {
    let test = TestApp::start().await;
    let row = make(&test, json!({"mcp_server": "*", "tool_name": "x", "classification": "safe"})).await;
    let reader = test.key_with(&["policies:read"]).await;
    test.get_as(&reader, &path(&row)).await.expect(200);
    let body = json!({"mcp_server": "*", "tool_name": "y", "classification": "safe"});
    assert_eq!(test.post_as(&reader, PATH, body).await.refused(403), "permission_denied");
    let stranger = test.key_with(&["servers:read"]).await;
    assert_eq!(test.get_as(&stranger, PATH).await.refused(403), "permission_denied");
}
