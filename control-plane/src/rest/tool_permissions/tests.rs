use http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::testing::{ADMIN_KEY, TestApp};

const PATH: &str = "/v1/tool-permissions";
const CHECK: &str = "/v1/tool-permissions/check";

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

/// A service key of these properties beside the usual ones; its id and its secret.
async fn key(test: &TestApp, more: Value) -> (String, String) {
    let mut body = json!({"name": "k", "permissions": ["mcp:*"]});
    for (field, value) in more.as_object().unwrap() {
        body[field] = value.clone();
    }
    let key = test.post("/v1/api-keys", body).await.expect(201);
    let text = |field: &str| key[field].as_str().unwrap().to_owned();
    (text("id"), text("key"))
}

/// For a key, on every tool.
fn about(key: &str, more: Value) -> Value {
    let mut body = json!({"subject_type": "api_key", "subject_id": key, "mcp_server": "*", "tool_name": "*"});
    for (field, value) in more.as_object().unwrap() {
        body[field] = value.clone();
    }
    body
}

async fn add_server(test: &TestApp, name: &str) {
    test.post("/v1/mcp-servers", json!({"name": name, "url": "http://127.0.0.1:1/mcp"})).await.expect(201);
}

#[tokio::test]
async fn a_permission_is_made_read_changed_and_removed() {
    let test = TestApp::start().await;
    let (id, _) = key(&test, json!({})).await;
    let rules = json!([{"pointer": "/path", "op": "prefix", "values": ["/work/"]}]);
    let answer = test.post(PATH, about(&id, json!({"argument_rules": rules, "max_uses_per_day": 5}))).await;
    assert_eq!(answer.header("etag"), "\"1\"");
    let row = answer.expect(201);
    assert_eq!(
        (&row["effect"], &row["argument_rules"], &row["expires_at"]),
        (&json!("allow"), &rules, &Value::Null)
    );
    let patch = json!({"effect": "deny", "max_uses_per_day": null, "expires_at": "2999-01-01T00:00:00Z"});
    let changed = test.patch(&path(&row), patch).await.expect(200);
    assert_eq!(
        (&changed["effect"], &changed["argument_rules"], &changed["expires_at"], &changed["version"]),
        (&json!("deny"), &rules, &json!("2999-01-01T00:00:00.000Z"), &json!(2))
    );
    assert_eq!(test.get(&path(&row)).await.expect(200), changed);
    let list = test.get(&format!("{PATH}?subject_id={id}&effect=deny")).await.expect(200);
    assert_eq!(list["tool_permissions"], json!([changed]));
    assert_eq!(test.get(&format!("{PATH}?subject_type=user")).await.expect(200)["total"], 0);
    let stale = [("if-match", "\"1\"")];
    let refused = test.request(ADMIN_KEY, Method::DELETE, &path(&row), &stale, None).await;
    assert_eq!(refused.refused(412), "precondition_failed");
    test.delete(&path(&row)).await.expect(204);
    let actions = ["tool_permission.create", "tool_permission.update", "tool_permission.delete"];
    assert_eq!(test.audited(row["id"].as_str().unwrap()).await, actions);
}

#[tokio::test]
async fn every_fault_of_a_permission_is_told_at_once() {
    let test = TestApp::start().await;
    let (id, _) = key(&test, json!({})).await;
    let body = about(
        &id,
        json!({
            "mcp_server": "!x", "tool_name": "", "effect": "deny", "max_uses_per_day": 5,
            "argument_rules": [
                {"pointer": "path", "op": "eq", "values": [1, 2]},
                {"pointer": "/a", "op": "in", "values": []},
                {"pointer": "/a", "op": "prefix", "values": ["x", 1]},
                {"pointer": "/a~2", "op": "not_in", "values": [[1]]},
            ],
        }),
    );
    let found = faults(&test.post(PATH, body).await.expect(400));
    let expected = [
        ("argument_rules.0.pointer", "format"),
        ("argument_rules.0.values", "length"),
        ("argument_rules.1.values", "length"),
        ("argument_rules.2.values.1", "type"),
        ("argument_rules.3.pointer", "format"),
        ("argument_rules.3.values.0", "type"),
        ("max_uses_per_day", "range"),
        ("mcp_server", "format"),
        ("tool_name", "length"),
    ];
    assert_eq!(found, expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
    for (more, field, code) in [
        (json!({"expires_at": "2020-01-01T00:00:00Z"}), "expires_at", "range"),
        (
            json!({"argument_rules": [{"pointer": "/a", "op": "like", "values": [1]}]}),
            "argument_rules.0.op",
            "enum",
        ),
        (json!({"subject_type": "role"}), "subject_type", "enum"),
    ] {
        let found = faults(&test.post(PATH, about(&id, more)).await.expect(400));
        assert_eq!(found, [(field.to_owned(), code.to_owned())]);
    }
}

#[tokio::test]
async fn a_permission_is_for_somebody_of_this_organization() {
    let test = TestApp::start().await;
    let (_, stranger) = test.other_organization().await;
    let foreign = test.get_as(&stranger, "/v1/api-keys").await.expect(200)["api_keys"][0]["id"].clone();
    let (own, _) = key(&test, json!({})).await;
    for (kind, id) in [("api_key", foreign), ("user", json!(own)), ("team", json!(Uuid::now_v7()))] {
        let body = about("", json!({"subject_type": kind, "subject_id": id}));
        let found = faults(&test.post(PATH, body).await.expect(400));
        assert_eq!(found, [("subject_id".to_owned(), "unknown".to_owned())], "{kind}");
    }
    let row = test.post(PATH, about(&own, json!({}))).await.expect(201);
    test.delete(&format!("/v1/api-keys/{own}")).await.expect(204);
    test.get(&path(&row)).await.expect(200);
    assert_eq!(test.get_as(&stranger, &path(&row)).await.refused(404), "not_found");
}

#[tokio::test]
async fn a_check_explains_what_a_proxy_would_do() {
    let test = TestApp::start().await;
    add_server(&test, "files").await;
    let (id, secret) = key(&test, json!({})).await;
    let ask = |tool: &str, arguments: Value| json!({"mcp_server": "files", "tool_name": tool, "arguments": arguments});
    let check = |tool: &'static str, arguments: Value| {
        let (test, secret) = (&test, &secret);
        async move { test.post_as(secret, CHECK, ask(tool, arguments)).await.expect(200) }
    };
    let found = check("read_file", json!({})).await;
    assert_eq!(
        found,
        json!({"decision": "allow", "code": null, "classification": "safe", "classification_source": "default",
            "matched": [], "reason": "the tool's name makes it safe, and such tools may be called"})
    );
    let found = check("delete_file", json!({})).await;
    assert_eq!(
        (&found["decision"], &found["code"]),
        (&json!("approval_required"), &json!("approval_required"))
    );

    let nothing = json!([{"pointer": "/into", "op": "eq", "values": [null]}]);
    let deny = json!({"tool_name": "move_file", "effect": "deny", "argument_rules": nothing});
    test.post(PATH, about(&id, deny)).await.expect(201);
    let found = check("move_file", json!({"into": null})).await;
    assert_eq!(found["decision"], "deny", "null is a value like any other: {found}");
    let found = check("move_file", json!({"into": "/tmp"})).await;
    assert_ne!(found["decision"], "deny", "{found}");

    let rules = json!([{"pointer": "/path", "op": "prefix", "values": ["/tmp/"]}]);
    let allow = about(&id, json!({"tool_name": "delete_*", "argument_rules": rules}));
    let allow = test.post(PATH, allow).await.expect(201);
    let found = check("delete_file", json!({"path": "/tmp/x"})).await;
    assert_eq!(
        (&found["decision"], &found["matched"]),
        (&json!("allow"), &json!([{"type": "tool_permission", "id": allow["id"], "applies": true}]))
    );
    let found = check("delete_file", json!({"path": "/etc/x"})).await;
    assert_eq!(
        (&found["decision"], &found["matched"][0]["applies"]),
        (&json!("approval_required"), &json!(false))
    );

    let row = json!({"mcp_server": "files", "tool_name": "delete_file", "classification": "safe"});
    let row = test.post("/v1/tool-classifications", row).await.expect(201);
    let found = check("delete_file", json!({"path": "/etc/x"})).await;
    assert_eq!(
        (&found["decision"], &found["classification_source"], &found["matched"][1]["id"]),
        (&json!("allow"), &json!("tool_classification"), &row["id"])
    );
    test.post(PATH, about(&id, json!({"effect": "deny", "tool_name": "*_file"}))).await.expect(201);
    let found = check("delete_file", json!({"path": "/tmp/x"})).await;
    assert_eq!((&found["decision"], &found["code"]), (&json!("deny"), &json!("tool_denied")));
}

#[tokio::test]
async fn a_check_knows_what_stands_before_the_rules() {
    let test = TestApp::start().await;
    add_server(&test, "files").await;
    add_server(&test, "mail").await;
    let check = |key: Value, server: &'static str, tool: &'static str| {
        let test = &test;
        async move {
            let body = json!({"mcp_server": server, "tool_name": tool, "arguments": {}, "api_key_id": key});
            let found = test.post(CHECK, body).await.expect(200);
            assert_eq!(found["decision"], if found["code"].is_null() { "allow" } else { "deny" });
            found["code"].as_str().unwrap_or("allow").to_owned()
        }
    };
    let (narrow, _) = key(&test, json!({"servers": ["files"], "tools": ["*", "!files__write_*"]})).await;
    let (reader, _) = key(&test, json!({"permissions": ["mcp:read"]})).await;
    let (revoked, _) = key(&test, json!({})).await;
    test.post(&format!("/v1/api-keys/{revoked}/revoke"), json!({})).await.expect(200);
    let viewer = test.user("viewer", Some("viewer")).await;
    let (personal, _) = test.personal_key(viewer.0).await;
    for (key, server, tool, code) in [
        (json!(narrow), "files", "read_file", "allow"),
        (json!(narrow), "mail", "read_file", "scope_denied"),
        (json!(narrow), "files", "write_file", "scope_denied"),
        (json!(narrow), "moon", "read_file", "server_not_found"),
        (json!(reader), "files", "read_file", "permission_denied"),
        (json!(revoked), "files", "read_file", "revoked_credentials"),
        (json!(personal), "files", "read_file", "permission_denied"),
    ] {
        assert_eq!(check(key, server, tool).await, code, "{server} {tool}");
    }
}

#[tokio::test]
async fn teams_and_users_are_checked_by_what_holds_for_them() {
    let test = TestApp::start().await;
    add_server(&test, "files").await;
    let ann = test.user("ann", Some("developer")).await;
    let team = test.add_team("payments", &[ann.0]).await;
    let row = json!({"subject_type": "team", "subject_id": team, "mcp_server": "files", "tool_name": "*",
        "effect": "deny"});
    test.post(PATH, row).await.expect(201);
    let (id, _) = test.personal_key(ann.0).await;
    let bob = test.user("bob", Some("developer")).await;
    let ask = |more: Value| {
        let mut body = json!({"mcp_server": "files", "tool_name": "read_file", "arguments": {}});
        for (field, value) in more.as_object().unwrap() {
            body[field] = value.clone();
        }
        body
    };
    for (who, decision) in [
        (json!({"user_id": ann}), "deny"),
        (json!({"team_id": team}), "deny"),
        (json!({"api_key_id": id}), "deny"),
        (json!({"user_id": bob}), "allow"),
        (json!({}), "allow"),
    ] {
        let found = test.post(CHECK, ask(who.clone())).await.expect(200);
        assert_eq!(found["decision"], decision, "{who}");
    }
    let both = ask(json!({"user_id": ann, "team_id": team}));
    assert_eq!(faults(&test.post(CHECK, both).await.expect(400)), [("user_id".into(), "range".into())]);
    let nobody = ask(json!({"user_id": Uuid::now_v7()}));
    assert_eq!(faults(&test.post(CHECK, nobody).await.expect(400)), [("user_id".into(), "unknown".into())]);
}

#[tokio::test]
async fn everybody_may_check_themselves_and_others_who_may_read_rules() {
    let test = TestApp::start().await;
    add_server(&test, "files").await;
    let (own, secret) = key(&test, json!({})).await;
    let (other, _) = key(&test, json!({})).await;
    let ask = |key: &str| json!({"mcp_server": "files", "tool_name": "x", "api_key_id": key});
    test.post_as(&secret, CHECK, ask(&own)).await.expect(200);
    assert_eq!(test.post_as(&secret, CHECK, ask(&other)).await.refused(403), "permission_denied");
    let reader = test.key_with(&["policies:read"]).await;
    test.post_as(&reader, CHECK, ask(&other)).await.expect(200);

    let ann = test.user("ann", None).await;
    let team = test.add_team("payments", &[ann.0]).await;
    let (_, of_ann) = test.personal_key(ann.0).await;
    let ask = |more: Value| json!({"mcp_server": "files", "tool_name": "x", "team_id": more});
    test.post_as(&of_ann, CHECK, ask(json!(team))).await.expect(200);
    let elsewhere = test.add_team("platform", &[]).await;
    assert_eq!(test.post_as(&of_ann, CHECK, ask(json!(elsewhere))).await.refused(403), "permission_denied");
}
