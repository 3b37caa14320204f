use chrono::{Duration, Utc};
use http::Method;
use serde_json::{Value, json};

use crate::testing::{ADMIN_KEY, TestApp};

mod lists;
mod usage;

/// Makes a key; answers its object, with the secret in `key`.
async fn make(test: &TestApp, body: Value) -> Value {
    test.post("/v1/api-keys", body).await.expect(201)
}

fn secret(key: &Value) -> &str {
    key["key"].as_str().unwrap()
}

fn path(key: &Value, rest: &str) -> String {
    format!("/v1/api-keys/{}{rest}", key["id"].as_str().unwrap())
}

/// A user of the organization with a role, and a personal key of theirs.
async fn user_with_key(test: &TestApp, role: &str, permissions: &[&str]) -> (String, String) {
    let id = test.user(role, Some(role)).await;
    let key = make(test, json!({"name": role, "user_id": id, "permissions": permissions})).await;
    (id.to_string(), secret(&key).to_owned())
}

#[tokio::test]
async fn a_key_is_shown_once_and_works() {
    let test = TestApp::start().await;
    let answer = test.post("/v1/api-keys", json!({"name": "ci", "environment": "production"})).await;
    assert!(answer.header("location").starts_with("/v1/api-keys/"));
    let key = answer.expect(201);
    assert!(secret(&key).starts_with("gwo_prd_") && secret(&key).len() == 57);
    assert_eq!(key["key_prefix"], secret(&key)[..16]);
    assert_eq!(
        (&key["permissions"], &key["servers"], &key["tools"], &key["status"], &key["environment"]),
        (&json!(["mcp:*"]), &json!(["*"]), &json!(["*"]), &json!("active"), &json!("prd"))
    );
    assert_eq!(test.get_as(secret(&key), "/v1/auth/me").await.expect(200)["api_key"]["id"], key["id"]);
    let shown = test.get(&path(&key, "")).await;
    assert_eq!(shown.header("etag"), "\"1\"");
    let shown = shown.expect(200);
    assert!(shown.get("key").is_none() && shown.get("key_hash").is_none());
    assert!(shown["last_used_at"].is_string());
}

#[tokio::test]
async fn every_fault_of_a_new_key_is_told_at_once() {
    let test = TestApp::start().await;
    let body = json!({
        "environment": "moon", "permissions": ["mcp:*", "mcp:fly"], "rate_limit_rpm": 0, "ip_allowlist": ["here"],
        "metadata": {"a": 1}, "expires_at": "tomorrow", "key": "x", "team_id": "x",
    });
    let answer = test.post("/v1/api-keys", body).await.expect(400);
    let mut found: Vec<_> = answer["error"]["details"]["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| (fault["field"].as_str().unwrap(), fault["code"].as_str().unwrap()))
        .collect();
    found.sort_unstable();
    let expected = [
        ("environment", "enum"),
        ("expires_at", "format"),
        ("ip_allowlist.0", "format"),
        ("key", "unknown"),
        ("metadata.a", "type"),
        ("name", "required"),
        ("permissions.1", "unknown"),
        ("rate_limit_rpm", "range"),
        ("team_id", "format"),
    ];
    assert_eq!(found, expected);
    let past = json!({"name": "a", "expires_at": "2020-01-01T00:00:00Z"});
    assert_eq!(test.post("/v1/api-keys", past).await.refused(400), "validation_error");
    let stranger = json!({"name": "a", "team_id": uuid::Uuid::now_v7()});
    let fault =
        test.post("/v1/api-keys", stranger).await.expect(400)["error"]["details"]["fields"][0].clone();
    assert_eq!((&fault["field"], &fault["code"]), (&json!("team_id"), &json!("unknown")));
}

#[tokio::test]
async fn what_is_counted_in_a_key_has_its_bounds() {
    let test = TestApp::start().await;
    let metadata = |count: usize| -> Value { (0..count).map(|n| (n.to_string(), json!("x"))).collect() };
    let good = json!({
        "name": "n".repeat(100), "rate_limit_rpm": 1_000_000, "metadata": metadata(16),
        "ip_allowlist": vec!["10.0.0.0/8"; 100], "tools": ["*", "!files__delete_*"],
    });
    let key = make(&test, good).await;
    assert_eq!((&key["rate_limit_rpm"], &key["tools"][1]), (&json!(1_000_000), &json!("!files__delete_*")));
    for (field, value) in [
        ("name", json!("n".repeat(101))),
        ("rate_limit_rpm", json!(1_000_001)),
        ("metadata", metadata(17)),
        ("ip_allowlist", json!(vec!["10.0.0.0/8"; 101])),
        ("permissions", json!(vec!["mcp:*"; 101])),
        ("servers", json!(vec!["*"; 101])),
        ("tools", json!(vec!["*"; 101])),
    ] {
        let mut body = json!({"name": "a"});
        body[field] = value;
        let answer = test.post("/v1/api-keys", body).await.expect(400);
        assert_eq!(answer["error"]["details"]["fields"][0]["field"], field, "{answer}");
    }
}

#[tokio::test]
async fn a_mistyped_or_unknown_key_is_no_credential() {
    let test = TestApp::start().await;
    assert_eq!(test.get_as("", "/v1/api-keys").await.refused(401), "missing_credentials");
    let mut mistyped = ADMIN_KEY.to_owned();
    mistyped.replace_range(20..21, "x");
    let stranger = gatewayops_proto::api_key::generate(
        gatewayops_proto::api_key::Environment::Dev,
        &ring::rand::SystemRandom::new(),
    );
    for key in [mistyped, stranger.unwrap(), "nonsense".to_owned()] {
        assert_eq!(test.get_as(&key, "/v1/api-keys").await.refused(401), "invalid_credentials", "{key}");
    }
    let basic = test.request("", Method::GET, "/v1/api-keys", &[("authorization", "Basic eDp5")], None).await;
    assert_eq!(basic.refused(401), "invalid_credentials");
}

#[tokio::test]
async fn a_revoked_key_is_refused_and_stays_revoked() {
    let test = TestApp::start().await;
    let key = make(&test, json!({"name": "a"})).await;
    let revoked = test.post(&path(&key, "/revoke"), json!({"reason": "lost"})).await.expect(200);
    assert_eq!(revoked["status"], "revoked");
    assert!(revoked["revoked_at"].is_string());
    assert_eq!(test.get_as(secret(&key), "/v1/auth/me").await.refused(401), "revoked_credentials");
    assert_eq!(test.post(&path(&key, "/revoke"), json!({})).await.expect(200), revoked);
    test.delete(&path(&key, "")).await.expect(204);
    let rotate = test.post(&path(&key, "/rotate"), json!({})).await;
    assert_eq!(rotate.refused(409), "invalid_state");
    assert_eq!(test.patch(&path(&key, ""), json!({"name": "b"})).await.refused(409), "invalid_state");
    let by_delete = make(&test, json!({"name": "b"})).await;
    test.delete(&path(&by_delete, "")).await.expect(204);
    assert_eq!(test.get(&path(&by_delete, "")).await.expect(200)["status"], "revoked");
}

#[tokio::test]
async fn an_expired_key_is_refused() {
    let test = TestApp::start().await;
    let key = make(&test, json!({"name": "a", "expires_at": Utc::now() + Duration::hours(1)})).await;
    test.get_as(secret(&key), "/v1/auth/me").await.expect(200);
    let mut tx = test.app.database.tenant(test.org).await.unwrap();
    sqlx::query("update api_keys set expires_at = now() where name = 'a'").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(test.get_as(secret(&key), "/v1/auth/me").await.refused(401), "expired_credentials");
    assert_eq!(test.get("/v1/api-keys?status=expired").await.expect(200)["total"], 1);
    assert_eq!(test.post(&path(&key, "/rotate"), json!({})).await.refused(409), "invalid_state");
    let body = json!({"expires_at": Utc::now() + Duration::hours(1)});
    let renewed = test.post(&path(&key, "/rotate"), body).await.expect(200);
    test.get_as(secret(&renewed), "/v1/auth/me").await.expect(200);
}

#[tokio::test]
async fn after_a_rotation_both_secrets_work_until_the_grace_is_over() {
    let test = TestApp::start().await;
    let first = make(&test, json!({"name": "a"})).await;
    let second = test.post(&path(&first, "/rotate"), json!({"grace_seconds": 600})).await.expect(200);
    assert_eq!((&second["id"], &second["status"]), (&first["id"], &json!("rotating")));
    assert!(second["previous_key_valid_until"].is_string());
    for key in [&first, &second] {
        test.get_as(secret(key), "/v1/auth/me").await.expect(200);
    }
    // The secret before the previous one dies at once.
    let third = test.post(&path(&first, "/rotate"), json!({"grace_seconds": 600})).await.expect(200);
    assert_eq!(test.get_as(secret(&first), "/v1/auth/me").await.refused(401), "invalid_credentials");
    test.get_as(secret(&second), "/v1/auth/me").await.expect(200);

    let mut tx = test.app.database.tenant(test.org).await.unwrap();
    sqlx::query("update api_keys set previous_key_expires_at = now() where name = 'a'")
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(test.get_as(secret(&second), "/v1/auth/me").await.refused(401), "expired_credentials");
    test.get_as(secret(&third), "/v1/auth/me").await.expect(200);

    let fourth = test.post(&path(&first, "/rotate"), json!({"grace_seconds": 0})).await.expect(200);
    assert_eq!((&fourth["status"], &fourth["previous_key_valid_until"]), (&json!("active"), &Value::Null));
    assert_eq!(test.get_as(secret(&third), "/v1/auth/me").await.refused(401), "invalid_credentials");
    let body = json!({"grace_seconds": 604_801});
    assert_eq!(test.post(&path(&first, "/rotate"), body).await.refused(400), "validation_error");
}

#[tokio::test]
async fn a_patch_changes_what_may_change() {
    let test = TestApp::start().await;
    let key = make(&test, json!({"name": "a", "rate_limit_rpm": 5, "metadata": {"x": "1", "y": "2"}})).await;
    let body =
        json!({"name": "b", "rate_limit_rpm": null, "metadata": {"x": null}, "ip_allowlist": ["10.1.1.1"]});
    let changed = test.patch(&path(&key, ""), body).await.expect(200);
    assert_eq!(
        (&changed["name"], &changed["rate_limit_rpm"], &changed["metadata"], &changed["ip_allowlist"]),
        (&json!("b"), &Value::Null, &json!({"y": "2"}), &json!(["10.1.1.1/32"]))
    );
    assert_eq!((&changed["version"], &changed["tools"]), (&json!(2), &json!(["*"])));
    let refused =
        test.patch(&path(&key, ""), json!({"environment": "prd", "user_id": null, "status": "x"})).await;
    let fields = refused.expect(400)["error"]["details"]["fields"].clone();
    assert!(fields.as_array().unwrap().iter().all(|fault| fault["code"] == "read_only"), "{fields}");
    assert_eq!(fields.as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_key_is_refused_from_a_wrong_address() {
    let test = TestApp::start().await;
    let here = make(&test, json!({"name": "a", "ip_allowlist": ["127.0.0.0/8"]})).await;
    test.get_as(secret(&here), "/v1/auth/me").await.expect(200);
    let elsewhere = make(&test, json!({"name": "b", "ip_allowlist": ["192.0.2.0/24"]})).await;
    assert_eq!(test.get_as(secret(&elsewhere), "/v1/auth/me").await.refused(403), "ip_not_allowed");
}

#[tokio::test]
async fn nobody_makes_a_key_that_may_more_than_they() {
    let test = TestApp::start().await;
    let limited = test.key_with(&["keys:*", "traces:read"]).await;
    let create = |permissions: Value| {
        test.post_as(&limited, "/v1/api-keys", json!({"name": "n", "permissions": permissions}))
    };
    create(json!(["traces:read", "keys:read:own"])).await.expect(201);
    for beyond in ["*", "mcp:*", "traces:*", "settings:admin", "platform:admin"] {
        let refused = create(json!([beyond])).await.expect(403);
        assert_eq!(refused["error"]["details"]["permission"], beyond);
    }
    let own = create(json!(["traces:read"])).await.expect(201);
    let body = Some(json!({"permissions": ["traces:read", "*"]}));
    let raised = test.request(&limited, Method::PATCH, &path(&own, ""), &[], body).await;
    assert_eq!(raised.refused(403), "permission_denied");
}

#[tokio::test]
async fn a_developer_sees_and_makes_their_own_keys_only() {
    let test = TestApp::start().await;
    let (user, developer) = user_with_key(&test, "developer", &["*"]).await;
    let foreign = make(&test, json!({"name": "service"})).await;
    let list = test.get_as(&developer, "/v1/api-keys").await.expect(200);
    assert_eq!((&list["total"], &list["api_keys"][0]["user_id"]), (&json!(1), &json!(user)));
    assert_eq!(test.get_as(&developer, &path(&foreign, "")).await.refused(404), "not_found");
    let revoke = test.post_as(&developer, &path(&foreign, "/revoke"), json!({})).await;
    assert_eq!(revoke.refused(404), "not_found");

    let own = test.post_as(&developer, "/v1/api-keys", json!({"name": "mine"})).await.expect(201);
    assert_eq!(own["user_id"], json!(user));
    test.post_as(&developer, &path(&own, "/rotate"), json!({})).await.expect(200);
    let beyond = json!({"name": "more", "permissions": ["keys:read"]});
    assert_eq!(test.post_as(&developer, "/v1/api-keys", beyond).await.refused(403), "permission_denied");
}

#[tokio::test]
async fn a_personal_key_is_refused_when_its_owner_is_suspended() {
    let test = TestApp::start().await;
    let (user, key) = user_with_key(&test, "viewer", &["*"]).await;
    let me = test.get_as(&key, "/v1/auth/me").await.expect(200);
    assert_eq!(me["user"]["id"], json!(user));
    assert!(
        !me["permissions"].as_array().unwrap().contains(&json!("*")),
        "a key holds no more than its owner"
    );
    let mut tx = test.app.database.tenant(test.org).await.unwrap();
    sqlx::query("update users set status = 'suspended' where id = $1::uuid")
        .bind(&user)
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let code = test.get_as(&key, "/v1/auth/me").await;
    assert!(
        ["user_suspended", "revoked_credentials"].contains(&code.body["error"]["code"].as_str().unwrap())
    );
}

#[tokio::test]
async fn every_write_leaves_an_audit_row_without_the_secret() {
    let test = TestApp::start().await;
    let key = make(&test, json!({"name": "a"})).await;
    test.patch(&path(&key, ""), json!({"name": "b"})).await.expect(200);
    let rotated = test.post(&path(&key, "/rotate"), json!({})).await.expect(200);
    test.post(&path(&key, "/revoke"), json!({"reason": "lost"})).await.expect(200);
    let mut tx = test.app.database.tenant(test.org).await.unwrap();
    let rows = crate::store::audit::list_from(&mut tx, test.org, 1, 100).await.unwrap();
    let of_key: Vec<_> = rows.iter().filter(|row| row.resource_id.as_deref() == key["id"].as_str()).collect();
    let actions: Vec<_> = of_key.iter().map(|row| row.action.as_str()).collect();
    assert_eq!(actions, ["api_key.create", "api_key.update", "api_key.rotate", "api_key.revoke"]);
    assert_eq!(of_key[1].changes, json!({"name": {"before": "a", "after": "b"}}));
    assert_eq!(
        (of_key[0].actor_type.as_str(), of_key[0].ip_address.as_deref()),
        ("api_key", Some("127.0.0.1"))
    );
    let all = format!("{rows:?}");
    assert!(!all.contains(secret(&key)) && !all.contains(secret(&rotated)));
}

#[tokio::test]
async fn refusals_of_every_kind_share_one_form() {
    let test = TestApp::start().await;
    let send =
        |method: Method, path: &str, headers: Vec<(&'static str, &'static str)>, body: &'static str| {
            let mut request = http::Request::builder()
                .method(method)
                .uri(path)
                .header("authorization", format!("Bearer {ADMIN_KEY}"));
            for (name, value) in headers {
                request = request.header(name, value);
            }
            let request = request.body(axum::body::Body::from(body)).unwrap();
            test.send(request)
        };
    let json = vec![("content-type", "application/json")];
    assert_eq!(send(Method::POST, "/v1/api-keys", json.clone(), "{").await.refused(400), "invalid_json");
    assert_eq!(send(Method::POST, "/v1/api-keys", json.clone(), "[]").await.refused(400), "validation_error");
    let xml = vec![("content-type", "text/xml")];
    assert_eq!(send(Method::POST, "/v1/api-keys", xml, "{}").await.refused(415), "unsupported_media_type");
    assert_eq!(
        send(Method::PUT, "/v1/api-keys", json.clone(), "{}").await.refused(405),
        "method_not_allowed"
    );
    let html = vec![("accept", "text/html")];
    assert_eq!(send(Method::GET, "/v1/api-keys", html, "").await.refused(406), "not_acceptable");
    let long: &'static str = Box::leak(format!("{{\"name\": \"{}\"}}", "x".repeat(1 << 20)).into_boxed_str());
    let too_long = send(Method::POST, "/v1/api-keys", json, long).await;
    assert_eq!(too_long.body["error"]["details"]["limit_bytes"], 1 << 20);
    assert_eq!(too_long.refused(413), "payload_too_large");
    let answer =
        test.request(ADMIN_KEY, Method::GET, "/v1/nowhere", &[("x-request-id", "mine-1")], None).await;
    assert_eq!((answer.header("x-request-id"), answer.header("cache-control")), ("mine-1", "no-store"));
    assert_eq!(answer.body["error"]["request_id"], "mine-1");
    assert_eq!(test.get("/v1/api-keys/not-an-id").await.refused(404), "not_found");
}
