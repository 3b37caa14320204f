use http::Method;
use serde_json::{Value, json};

use crate::testing::{ADMIN_KEY, TestApp};

const POLICIES: &str = "/v1/safety-policies";

async fn make(test: &TestApp, body: Value) -> Value {
    test.post(POLICIES, body).await.expect(201)
}

fn path(policy: &Value) -> String {
    format!("{POLICIES}/{}", policy["id"].as_str().unwrap())
}

fn names(list: &Value) -> Vec<&str> {
    list["safety_policies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|policy| policy["name"].as_str().unwrap())
        .collect()
}

/// Field and code of every fault.
fn faults(refused: &Value) -> Vec<(&str, &str)> {
    let fields = refused["error"]["details"]["fields"].as_array().unwrap();
    let mut faults: Vec<_> = fields
        .iter()
        .map(|fault| (fault["field"].as_str().unwrap(), fault["code"].as_str().unwrap()))
        .collect();
    faults.sort_unstable();
    faults
}

#[tokio::test]
async fn a_policy_is_made_read_changed_and_removed() {
    let test = TestApp::start().await;
    let answer = test.post(POLICIES, json!({"name": "strict"})).await;
    assert_eq!(answer.header("etag"), "\"1\"");
    let location = answer.header("location").to_owned();
    let policy = answer.expect(201);
    assert_eq!(location, path(&policy));
    assert_eq!(
        (&policy["mode"], &policy["sensitivity"], &policy["min_severity"], &policy["enabled"]),
        (&json!("block"), &json!("moderate"), &json!("low"), &json!(true))
    );
    assert_eq!((policy["detectors"].as_array().unwrap().len(), &policy["is_default"]), (11, &json!(false)));
    assert_eq!(
        (&policy["directions"], &policy["mcp_servers"], &policy["tools"], &policy["patterns"]),
        (&json!(["request", "response"]), &json!(["*"]), &json!(["*"]), &json!({"block": [], "allow": []}))
    );
    let body = json!({"mode": "redact", "detectors": ["secret", "custom"], "mcp_servers": ["git*"],
        "patterns": {"block": ["(?i)project x"]}, "min_severity": "high", "enabled": false});
    let changed = test.patch(&path(&policy), body).await;
    assert_eq!(changed.header("etag"), "\"2\"");
    let changed = changed.expect(200);
    assert_eq!(
        (&changed["mode"], &changed["detectors"], &changed["patterns"], &changed["enabled"]),
        (
            &json!("redact"),
            &json!(["secret", "custom"]),
            &json!({"block": ["(?i)project x"], "allow": []}),
            &json!(false)
        )
    );
    assert_eq!(test.get(&path(&policy)).await.expect(200), changed);
    let cleared = test.patch(&path(&policy), json!({"detectors": null, "patterns": {"block": null}})).await;
    let cleared = cleared.expect(200);
    assert_eq!((&cleared["detectors"], &cleared["patterns"]["block"]), (&policy["detectors"], &json!([])));
    test.delete(&path(&policy)).await.expect(204);
    assert_eq!(test.get(&path(&policy)).await.refused(404), "not_found");
    let actions = ["create", "update", "update", "delete"].map(|verb| format!("safety_policy.{verb}"));
    assert_eq!(test.audited(policy["id"].as_str().unwrap()).await, actions);
}

#[tokio::test]
async fn the_default_policy_is_there_can_be_changed_and_not_deleted() {
    let test = TestApp::start().await;
    let list = test.get(POLICIES).await.expect(200);
    let default = list["safety_policies"][0].clone();
    assert_eq!(
        (&list["total"], &default["is_default"], &default["mode"], &default["sensitivity"]),
        (&json!(1), &json!(true), &json!("block"), &json!("moderate"))
    );
    let refused = test.delete(&path(&default)).await.expect(409);
    assert_eq!(refused["error"]["code"], "immutable");
    let changed = test.patch(&path(&default), json!({"mode": "warn", "enabled": false})).await.expect(200);
    assert_eq!((&changed["is_default"], &changed["managed_by"]), (&json!(true), &json!("system")));
    let refused = test.patch(&path(&default), json!({"is_default": false})).await.expect(400);
    assert_eq!(faults(&refused), [("is_default", "read_only")]);
    assert_eq!(test.delete(&path(&default)).await.refused(409), "immutable");
}

#[tokio::test]
async fn every_fault_of_a_policy_is_told_at_once_with_its_place() {
    let test = TestApp::start().await;
    let body = json!({
        "mode": "shout", "detectors": [], "directions": [], "mcp_servers": [""], "tools": [], "colour": "red",
        "description": "d".repeat(1001),
        "patterns": {"block": ["ok", "(a", "b", "(?=c)"], "allow": [format!("a{}", "b".repeat(512))]},
    });
    let refused = test.post(POLICIES, body).await.expect(400);
    let expected = [
        ("colour", "unknown"),
        ("description", "length"),
        ("detectors", "length"),
        ("directions", "length"),
        ("mcp_servers.0", "length"),
        ("mode", "enum"),
        ("name", "required"),
        ("patterns.allow.0", "format"),
        ("patterns.block.1", "format"),
        ("patterns.block.3", "format"),
        ("tools", "length"),
    ];
    assert_eq!(faults(&refused), expected);
    let many = json!({"name": "many", "patterns": {"block": vec!["a"; 101]}, "detectors": ["spam"]});
    let refused = test.post(POLICIES, many).await.expect(400);
    assert_eq!(faults(&refused), [("detectors.0", "enum"), ("patterns.block", "length")]);
    make(&test, json!({"name": "taken"})).await;
    let refused = test.post(POLICIES, json!({"name": "taken"})).await.expect(409);
    assert_eq!(refused["error"]["details"]["field"], "name");
}

#[tokio::test]
async fn a_stale_version_is_refused() {
    let test = TestApp::start().await;
    let policy = make(&test, json!({"name": "a"})).await;
    test.patch(&path(&policy), json!({"name": "b"})).await.expect(200);
    for method in [Method::PATCH, Method::DELETE] {
        let body = (method == Method::PATCH).then(|| json!({"name": "c"}));
        let stale =
            test.request(ADMIN_KEY, method, &path(&policy), &[("if-match", "\"1\"")], body).await.expect(412);
        assert_eq!(stale["error"]["details"]["current_version"], 2);
    }
    let known =
        test.request(ADMIN_KEY, Method::GET, &path(&policy), &[("if-none-match", "\"2\"")], None).await;
    assert_eq!(known.status.as_u16(), 304);
}

#[tokio::test]
async fn policies_are_filtered_sorted_and_found_by_their_words() {
    let test = TestApp::start().await;
    make(&test, json!({"name": "alpha", "mode": "warn", "description": "for partners"})).await;
    make(&test, json!({"name": "beta", "mode": "redact", "enabled": false})).await;
    for (query, expected) in [
        ("sort=name", vec!["alpha", "beta", "default"]),
        ("mode=warn,redact&sort=name", vec!["alpha", "beta"]),
        ("enabled=false", vec!["beta"]),
        ("enabled=true&mode=block", vec!["default"]),
        ("name=beta", vec!["beta"]),
        ("q=PARTNER", vec!["alpha"]),
    ] {
        let list = test.get(&format!("{POLICIES}?{query}")).await.expect(200);
        assert_eq!((names(&list), &list["total"]), (expected.clone(), &json!(expected.len())), "{query}");
    }
    for query in ["mode=shout", "enabled=perhaps", "colour=red", "sort=mode"] {
        assert_eq!(test.get(&format!("{POLICIES}?{query}")).await.refused(400), "invalid_request", "{query}");
    }
}

#[tokio::test]
async fn the_alias_does_all_that_the_path_does() {
    let test = TestApp::start().await;
    let made = test.post("/v1/safety/policies", json!({"name": "alias"})).await;
    let location = made.header("location").to_owned();
    let made = made.expect(201);
    assert_eq!(location, path(&made));
    let alias = format!("/v1/safety/policies/{}", made["id"].as_str().unwrap());
    assert_eq!(test.get(&alias).await.expect(200), made);
    let list = test.get("/v1/safety/policies?sort=name").await.expect(200);
    assert_eq!(list, test.get(&format!("{POLICIES}?sort=name")).await.expect(200));
    test.patch(&alias, json!({"mode": "log"})).await.expect(200);
    assert_eq!(test.get(&path(&made)).await.expect(200)["mode"], "log");
    test.delete(&alias).await.expect(204);
    assert_eq!(test.get(&path(&made)).await.refused(404), "not_found");
}

#[tokio::test]
async fn readers_change_nothing_and_strangers_see_nothing() {
    let test = TestApp::start().await;
    let policy = make(&test, json!({"name": "ours"})).await;
    let reader = test.key_with(&["policies:read"]).await;
    assert_eq!(test.get_as(&reader, &path(&policy)).await.expect(200), policy);
    assert_eq!(test.post_as(&reader, POLICIES, json!({"name": "x"})).await.refused(403), "permission_denied");
    let (_, stranger) = test.other_organization().await;
    for (key, status, code) in [(&reader, 403, "permission_denied"), (&stranger, 404, "not_found")] {
        let patch = test.request(key, Method::PATCH, &path(&policy), &[], Some(json!({"mode": "log"}))).await;
        assert_eq!(patch.refused(status), code);
        let delete = test.request(key, Method::DELETE, &path(&policy), &[], None).await;
        assert_eq!(delete.refused(status), code);
    }
    assert_eq!(test.get_as(&stranger, &path(&policy)).await.refused(404), "not_found");
    assert_eq!(names(&test.get_as(&stranger, POLICIES).await.expect(200)), ["default"], "their own");
    // A name is taken in one organization only.
    test.post_as(&stranger, POLICIES, json!({"name": "ours"})).await.expect(201);
    let nobody = test.key_with(&["traces:read"]).await;
    assert_eq!(test.get_as(&nobody, POLICIES).await.refused(403), "permission_denied");
    assert_eq!(test.get(&path(&policy)).await.expect(200), policy);
}
