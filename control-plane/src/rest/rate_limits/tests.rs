use http::Method;
use serde_json::{Value, json};

use crate::testing::{ADMIN_KEY, TestApp};

mod usage;

async fn make(test: &TestApp, body: Value) -> Value {
    test.post("/v1/rate-limits", body).await.expect(201)
}

fn id(thing: &Value) -> &str {
    thing["id"].as_str().unwrap()
}

fn path(limit: &Value) -> String {
    format!("/v1/rate-limits/{}", id(limit))
}

/// The faults of a refused body, each as field and code.
fn faults(answer: &Value) -> Vec<(String, String)> {
    let fields = answer["error"]["details"]["fields"].as_array().unwrap_or_else(|| panic!("{answer}"));
    let text = |fault: &Value, name: &str| fault[name].as_str().unwrap().to_owned();
    let mut found: Vec<_> = fields.iter().map(|fault| (text(fault, "field"), text(fault, "code"))).collect();
    found.sort();
    found
}

fn fault(field: &str, code: &str) -> (String, String) {
    (field.to_owned(), code.to_owned())
}

#[tokio::test]
async fn a_limit_is_made_read_changed_and_removed() {
    let test = TestApp::start().await;
    let answer =
        test.post("/v1/rate-limits", json!({"name": "All", "scope_type": "api_key", "limit": 100})).await;
    assert_eq!(answer.header("etag"), "\"1\"");
    let location = answer.header("location").to_owned();
    let limit = answer.expect(201);
    assert_eq!(location, path(&limit));
    let defaults = json!({
        "kind": "rate", "scope_value": null, "environment": null, "metric": "requests", "window_seconds": 60,
        "period": null, "enabled": true, "managed_by": "api",
    });
    for (field, value) in defaults.as_object().unwrap() {
        assert_eq!(&limit[field], value, "{field}");
    }
    let body = json!({"limit": 5, "environment": "production", "window_seconds": 10});
    let changed = test.patch(&path(&limit), body).await;
    assert_eq!(changed.header("etag"), "\"2\"");
    let changed = changed.expect(200);
    assert_eq!(
        (&changed["limit"], &changed["environment"], &changed["window_seconds"]),
        (&json!(5), &json!("prd"), &json!(10))
    );
    assert_eq!(test.get(&path(&limit)).await.expect(200), changed);
    test.delete(&path(&limit)).await.expect(204);
    assert_eq!(test.get(&path(&limit)).await.refused(404), "not_found");
    let rows = test.audit_rows().await;
    let audited: Vec<_> = rows.iter().filter(|row| row.resource_id.as_deref() == Some(id(&limit))).collect();
    let actions: Vec<_> = audited.iter().map(|row| row.action.as_str()).collect();
    assert_eq!(actions, ["rate_limit.create", "rate_limit.update", "rate_limit.delete"]);
    assert_eq!(audited[1].changes["limit"], json!({"before": 100, "after": 5}));
}

#[tokio::test]
async fn every_fault_of_a_limit_is_told_at_once() {
    let test = TestApp::start().await;
    let body = json!({
        "kind": "quota", "scope_type": "organization", "scope_value": "x", "limit": 0, "window_seconds": 5000,
        "metric": "calls", "environment": "moon", "color": "red",
    });
    let answer = test.post("/v1/rate-limits", body).await.expect(400);
    let expected = [
        fault("color", "unknown"),
        fault("environment", "enum"),
        fault("limit", "range"),
        fault("metric", "enum"),
        fault("name", "required"),
        fault("scope_value", "unknown"),
        fault("window_seconds", "unknown"),
    ];
    assert_eq!(faults(&answer), expected);
    for seconds in [0, 3601] {
        let body = json!({"name": "a", "scope_type": "user", "limit": 1, "window_seconds": seconds});
        let answer = test.post("/v1/rate-limits", body).await.expect(400);
        assert_eq!(faults(&answer), [fault("window_seconds", "range")]);
    }
}

#[tokio::test]
async fn what_a_limit_is_about_must_exist() {
    let test = TestApp::start().await;
    test.post("/v1/mcp-servers", json!({"name": "files", "url": "http://127.0.0.1:1/mcp"})).await.expect(201);
    let team = test.post("/v1/teams", json!({"name": "a"})).await.expect(201);
    let key = test.post("/v1/api-keys", json!({"name": "k"})).await.expect(201);
    let user = test.user("ann", None).await.to_string();
    let nobody = "0198c0de-7a11-7c3e-9b2a-5d0f6e1a2b3c";
    let cases = [
        ("team", id(&team), nobody),
        ("user", &user, id(&team)),
        ("api_key", id(&key), &user),
        ("server", "files", "other"),
        ("tool", "files__read_file", "other__read_file"),
    ];
    for (number, (scope_type, there, absent)) in cases.iter().enumerate() {
        let body = |value: &str| json!({"name": format!("l{number}"), "scope_type": scope_type, "scope_value": value, "limit": 1});
        let refused = test.post("/v1/rate-limits", body(absent)).await.expect(400);
        assert_eq!(faults(&refused), [fault("scope_value", "unknown")], "{scope_type}");
        let limit = make(&test, body(there)).await;
        assert_eq!(limit["scope_value"], *there);
        let refused = test.patch(&path(&limit), json!({"scope_value": absent})).await.expect(400);
        assert_eq!(faults(&refused), [fault("scope_value", "unknown")], "{scope_type}");
    }
    let body = json!({"name": "ip", "scope_type": "ip", "scope_value": "10.1.2.3/8", "limit": 1});
    assert_eq!(make(&test, body).await["scope_value"], "10.0.0.0/8");
}

#[tokio::test]
async fn a_limit_outlives_what_it_is_about_and_can_be_changed_then() {
    let test = TestApp::start().await;
    let team = test.post("/v1/teams", json!({"name": "a"})).await.expect(201);
    let body = json!({"name": "l", "scope_type": "team", "scope_value": id(&team), "limit": 1});
    let limit = make(&test, body).await;
    test.delete(&format!("/v1/teams/{}", id(&team))).await.expect(204);
    let changed = test.patch(&path(&limit), json!({"enabled": false})).await.expect(200);
    assert_eq!((&changed["enabled"], &changed["scope_value"]), (&json!(false), &team["id"]));
}

#[tokio::test]
async fn a_rate_has_a_window_and_a_quota_a_period() {
    let test = TestApp::start().await;
    let quota = make(&test, json!({"name": "q", "kind": "quota", "scope_type": "user", "limit": 9})).await;
    assert_eq!((&quota["period"], &quota["window_seconds"]), (&json!("day"), &Value::Null));
    let body = json!({"name": "r", "scope_type": "user", "limit": 1, "period": "month"});
    assert_eq!(faults(&test.post("/v1/rate-limits", body).await.expect(400)), [fault("period", "unknown")]);
    let refused = test.patch(&path(&quota), json!({"window_seconds": 5})).await.expect(400);
    assert_eq!(faults(&refused), [fault("window_seconds", "unknown")]);

    let rate = test.patch(&path(&quota), json!({"kind": "rate"})).await.expect(200);
    assert_eq!((&rate["period"], &rate["window_seconds"]), (&Value::Null, &json!(60)));
    let body = json!({"kind": "quota", "period": "month"});
    let quota = test.patch(&path(&quota), body).await.expect(200);
    assert_eq!((&quota["period"], &quota["window_seconds"]), (&json!("month"), &Value::Null));
}

#[tokio::test]
async fn a_stale_version_is_refused_and_a_name_is_given_once() {
    let test = TestApp::start().await;
    let limit = make(&test, json!({"name": "a", "scope_type": "user", "limit": 1})).await;
    test.patch(&path(&limit), json!({"limit": 2})).await.expect(200);
    for method in [Method::PATCH, Method::DELETE] {
        let body = (method == Method::PATCH).then(|| json!({"limit": 3}));
        let stale =
            test.request(ADMIN_KEY, method, &path(&limit), &[("if-match", "\"1\"")], body).await.expect(412);
        assert_eq!(stale["error"]["details"]["current_version"], 2);
    }
    let body = json!({"name": "a", "scope_type": "team", "limit": 1});
    let taken = test.post("/v1/rate-limits", body).await.expect(409);
    assert_eq!(taken["error"]["details"]["field"], "name");
}

#[tokio::test]
async fn reading_and_changing_limits_need_their_permissions_everywhere() {
    let test = TestApp::start().await;
    let limit = make(&test, json!({"name": "a", "scope_type": "user", "limit": 1})).await;
    let reader = test.key_with(&["policies:read"]).await;
    test.get_as(&reader, &path(&limit)).await.expect(200);
    let refused = test.request(&reader, Method::DELETE, &path(&limit), &[], None).await.expect(403);
    assert_eq!(refused["error"]["details"]["permission"], "policies:admin");
    let user = test.user("ann", None).await;
    let team = test.add_team("a", &[user.0]).await;
    test.assign_in_team(user.0, "admin", team).await;
    let key = test.key_of(user).await;
    assert_eq!(test.get_as(&key, "/v1/rate-limits").await.refused(403), "permission_denied");
    assert_eq!(test.get_as(&key, "/v1/rate-limits/usage").await.refused(403), "permission_denied");
}

#[tokio::test]
async fn limits_are_filtered_sorted_and_counted() {
    let test = TestApp::start().await;
    make(&test, json!({"name": "Alpha", "scope_type": "user", "limit": 1, "environment": "prd"})).await;
    make(&test, json!({"name": "Beta", "scope_type": "ip", "scope_value": "10.0.0.1", "limit": 1})).await;
    let quota = json!({"name": "Gamma", "kind": "quota", "scope_type": "user", "limit": 1, "enabled": false});
    make(&test, quota).await;
    for (query, total) in [
        ("scope_type=user,ip", 3),
        ("scope_value=10.0.0.1", 1),
        ("environment=production", 1),
        ("kind=quota", 1),
        ("enabled=true", 2),
        ("metric=input_tokens", 0),
        ("q=10.0.0", 1),
        ("q=ALPH", 1),
        ("name=Beta,Gamma", 2),
    ] {
        let list = test.get(&format!("/v1/rate-limits?{query}")).await.expect(200);
        assert_eq!(list["total"], total, "{query}");
    }
    let first = test.get("/v1/rate-limits?sort=name&limit=1").await.expect(200);
    assert_eq!((&first["rate_limits"][0]["name"], &first["has_more"]), (&json!("Alpha"), &json!(true)));
    for query in ["color=red", "scope_type=usr", "kind=quotas", "environment=moon", "metric=calls"] {
        let refused = test.get(&format!("/v1/rate-limits?{query}")).await.refused(400);
        assert_eq!(refused, "invalid_request", "{query}");
    }
}

#[tokio::test]
async fn another_organization_sees_no_limit_of_this_one() {
    let test = TestApp::start().await;
    let team = test.post("/v1/teams", json!({"name": "a"})).await.expect(201);
    let limit = make(&test, json!({"name": "marked", "scope_type": "user", "limit": 1})).await;
    let (_, other) = test.other_organization().await;
    assert_eq!(test.get_as(&other, "/v1/rate-limits").await.expect(200)["total"], 0);
    for method in [Method::GET, Method::PATCH, Method::DELETE] {
        let body = (method == Method::PATCH).then(|| json!({"limit": 2}));
        assert_eq!(test.request(&other, method, &path(&limit), &[], body).await.refused(404), "not_found");
    }
    let body = json!({"name": "marked", "scope_type": "team", "scope_value": id(&team), "limit": 1});
    let refused = test.post_as(&other, "/v1/rate-limits", body).await.expect(400);
    assert_eq!(faults(&refused), [fault("scope_value", "unknown")], "a team of somebody else is none");
}
