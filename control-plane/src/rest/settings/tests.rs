use axum::http::Method;
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

use crate::testing::{
    ADMIN_EMAIL, ADMIN_KEY, ADMIN_PASSWORD, TestApp,
    browser::{Browser, login},
};

const PATH: &str = "/v1/settings";

/// Log-ins are counted in the test's own memory: those of other tests are none of its business.
async fn start() -> TestApp {
    TestApp::start_with(|config| config.redis_url = "redis://127.0.0.1:1".to_owned().into()).await
}

async fn set(test: &TestApp, body: Value) -> Value {
    test.patch(PATH, body).await.expect(200)
}

/// An enabled identity provider.
async fn add_provider(test: &TestApp) {
    let mut tx = test.app.database.tenant(test.org).await.unwrap();
    sqlx::query(
        "insert into sso_providers (org_id, type, name, issuer_url, client_id, client_secret_encrypted)
         values ($1, 'oidc', 'idp', 'https://idp.example.com', 'id', '')",
    )
    .bind(test.org)
    .execute(&mut *tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

/// As if the administrator had signed in.
async fn come_in_by_it(test: &TestApp) {
    let mut tx = test.app.database.tenant(test.org).await.unwrap();
    sqlx::query("update users set sso_provider_id = p.id, sso_subject = 'admin' from sso_providers p")
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

fn faults(answer: &Value) -> Vec<(&str, &str)> {
    let fields = answer["error"]["details"]["fields"].as_array().unwrap();
    let mut found: Vec<_> = fields
        .iter()
        .map(|fault| (fault["field"].as_str().unwrap(), fault["code"].as_str().unwrap()))
        .collect();
    found.sort_unstable();
    found
}

#[tokio::test]
async fn all_settings_are_shown_and_a_patch_changes_what_it_names() {
    let test = TestApp::start().await;
    let before = test.get(PATH).await;
    assert_eq!(before.header("etag"), "\"1\"");
    let before = before.expect(200);
    assert_eq!(
        before["rate_limits"],
        json!({"prd_rpm": 1000, "stg_rpm": 300, "dev_rpm": 100, "user_rpm": 600, "org_rpm": 10000, "ip_rpm": 100})
    );
    assert_eq!(
        before["tool_policy"],
        json!({"safe": "allow", "sensitive": "allow", "dangerous": "approve", "unknown_tool": "sensitive",
            "new_tool": "allow", "changed_tool": "quarantine"})
    );
    assert_eq!(
        before["approvals"],
        json!({"pending_ttl_seconds": 86400, "valid_seconds": 3600, "hold_seconds": 0,
            "allow_self_review": false, "channel_ids": []})
    );
    assert_eq!(
        before["security"],
        json!({"require_sso": false, "local_login": true, "ip_allowlist": [], "session_seconds": 86400,
            "key_max_ttl_days": null})
    );
    assert_eq!(before["traces"], json!({"payload_capture": "none"}));
    assert_eq!(
        before["retention"],
        json!({"traces_days": 90, "payloads_days": 30, "costs_days": 400, "detections_days": 365,
            "audit_days": 365, "alerts_days": 365, "deliveries_days": 30, "legal_hold": false})
    );

    let body = json!({"traces": {"payload_capture": "redacted"}, "rate_limits": {"prd_rpm": 5000}});
    let after = test.patch(PATH, body).await;
    assert_eq!(after.header("etag"), "\"2\"");
    let after = after.expect(200);
    let mut expected = before.clone();
    expected["traces"]["payload_capture"] = json!("redacted");
    expected["rate_limits"]["prd_rpm"] = json!(5000);
    expected["version"] = json!(2);
    expected["updated_at"] = after["updated_at"].clone();
    assert_eq!(after, expected);
    assert_eq!(test.get(PATH).await.expect(200), expected);

    let cleared = set(&test, json!({"rate_limits": {"prd_rpm": null}, "traces": null})).await;
    assert_eq!(
        (&cleared["rate_limits"], &cleared["traces"]),
        (&before["rate_limits"], &before["traces"]),
        "null is the default again"
    );
    let mut tx = test.app.database.tenant(test.org).await.unwrap();
    let stored: Value =
        sqlx::query_scalar("select settings from organizations").fetch_one(&mut *tx).await.unwrap();
    assert_eq!(stored, json!({}), "what is as it was is not stored");
}

#[tokio::test]
async fn every_fault_is_told_with_its_path() {
    let test = TestApp::start().await;
    let body = json!({
        "rate_limits": {"prd_rpm": 0, "moon_rpm": 1},
        "tool_policy": {"safe": "perhaps"},
        "approvals": {"hold_seconds": 301, "channel_ids": ["x"]},
        "security": {"ip_allowlist": ["127.0.0.0/8", "here"], "session_seconds": 59, "key_max_ttl_days": 0},
        "traces": {"payload_capture": true},
        "retention": {"alerts_days": 3651},
        "tides": {}, "version": 7,
    });
    let answer = test.patch(PATH, body).await.expect(400);
    let expected = [
        ("approvals.channel_ids.0", "format"),
        ("approvals.hold_seconds", "range"),
        ("rate_limits.moon_rpm", "unknown"),
        ("rate_limits.prd_rpm", "range"),
        ("retention.alerts_days", "range"),
        ("security.ip_allowlist.1", "format"),
        ("security.key_max_ttl_days", "range"),
        ("security.session_seconds", "range"),
        ("tides", "unknown"),
        ("tool_policy.safe", "enum"),
        ("traces.payload_capture", "type"),
        ("version", "read_only"),
    ];
    assert_eq!(faults(&answer), expected);
    let answer = test.patch(PATH, json!({"approvals": {"channel_ids": [uuid::Uuid::now_v7()]}})).await;
    assert_eq!(faults(&answer.expect(400)), [("approvals.channel_ids.0", "unknown")]);
}

#[tokio::test]
async fn nothing_is_kept_too_short_and_payloads_no_longer_than_their_traces() {
    let test = TestApp::start_with(|config| config.retention_min_days = 100).await;
    let retention = |body: Value| json!({"retention": body});
    assert_eq!(
        test.get(PATH).await.expect(200)["retention"]["traces_days"],
        100,
        "what holds is shown, not a default below the floor"
    );
    let short = retention(json!({"traces_days": 99, "costs_days": 99, "audit_days": 99, "alerts_days": 1}));
    assert_eq!(
        faults(&test.patch(PATH, short).await.expect(400)),
        [
            ("retention.audit_days", "range"),
            ("retention.costs_days", "range"),
            ("retention.traces_days", "range")
        ]
    );
    let long = retention(json!({"payloads_days": 101}));
    assert_eq!(faults(&test.patch(PATH, long).await.expect(400)), [("retention.payloads_days", "range")]);
    set(&test, retention(json!({"traces_days": 200, "payloads_days": 200, "detections_days": 1}))).await;
    let shorter = retention(json!({"traces_days": 150}));
    assert_eq!(faults(&test.patch(PATH, shorter).await.expect(400)), [("retention.payloads_days", "range")]);
}

#[tokio::test]
async fn what_was_decided_is_stored_although_the_process_demands_the_same() {
    let test = TestApp::start_with(|config| config.retention_min_days = 365).await;
    let stored = async || -> Value {
        let mut tx = test.app.database.tenant(test.org).await.unwrap();
        sqlx::query_scalar("select settings from organizations").fetch_one(&mut *tx).await.unwrap()
    };
    set(&test, json!({"retention": {"alerts_days": 1}})).await;
    assert_eq!(stored().await, json!({"retention": {"alerts_days": 1}}), "what nobody decided is not stored");
    set(&test, json!({"retention": {"traces_days": 365}})).await;
    let decided = json!({"retention": {"alerts_days": 1, "traces_days": 365}});
    assert_eq!(stored().await, decided, "the floor may be lowered one day");
    set(&test, json!({"traces": {"payload_capture": "none"}})).await;
    assert_eq!(stored().await, decided);
}

#[tokio::test]
async fn others_write_while_settings_change() {
    let test = TestApp::start().await;
    let mut tx = test.app.database.tenant(test.org).await.unwrap();
    crate::store::organizations::lock(&mut tx, test.org).await.unwrap();
    let team = test.post("/v1/teams", json!({"name": "Payments"}));
    let made = tokio::time::timeout(std::time::Duration::from_secs(5), team).await;
    made.expect("what points at the organization does not wait for it").expect(201);
}

#[tokio::test]
async fn a_stale_tag_is_refused_and_each_change_is_on_record() {
    let test = TestApp::start().await;
    let patch = |tag: &'static str| {
        let body = Some(json!({"security": {"key_max_ttl_days": 30}}));
        let test = &test;
        async move { test.request(ADMIN_KEY, Method::PATCH, PATH, &[("if-match", tag)], body).await }
    };
    patch("\"1\"").await.expect(200);
    assert_eq!(patch("\"1\"").await.expect(412)["error"]["details"]["current_version"], 2);

    let mut tx = test.app.database.tenant(test.org).await.unwrap();
    let changes: Vec<Value> =
        sqlx::query_scalar("select changes from audit_logs where action = 'settings.update'")
            .fetch_all(&mut *tx)
            .await
            .unwrap();
    assert_eq!(changes, [json!({"security.key_max_ttl_days": {"before": null, "after": 30}})]);
}

#[tokio::test]
async fn reading_and_changing_need_their_permissions() {
    let test = TestApp::start().await;
    let reader = test.key_with(&["settings:read"]).await;
    test.get_as(&reader, PATH).await.expect(200);
    let refused = test.request(&reader, Method::PATCH, PATH, &[], Some(json!({}))).await;
    assert_eq!(refused.refused(403), "permission_denied");
    let nobody = test.key_with(&["mcp:*"]).await;
    assert_eq!(test.get_as(&nobody, PATH).await.refused(403), "permission_denied");
}

#[tokio::test]
async fn a_new_session_lives_as_long_as_it_is_set_and_no_longer_than_the_process_allows() {
    let test = start().await;
    let max_age = |answer: crate::testing::Answer| {
        let cookie = answer.header("set-cookie").to_owned();
        cookie.split_once("Max-Age=").unwrap().1.split(';').next().unwrap().parse::<u64>().unwrap()
    };
    for (seconds, lives) in [(600, 600), (2_592_000, 86_400)] {
        set(&test, json!({"security": {"session_seconds": seconds}})).await;
        assert_eq!(max_age(login(&test, ADMIN_EMAIL, ADMIN_PASSWORD).await), lives);
    }
}

#[tokio::test]
async fn passwords_are_given_up_only_for_another_way_in() {
    for end in [json!({"local_login": false}), json!({"require_sso": true})] {
        let test = start().await;
        let body = json!({"security": end});
        let refused = test.patch(PATH, body.clone()).await.expect(409);
        assert_eq!(refused["error"]["code"], "invalid_state");
        assert!(refused["error"]["message"].as_str().unwrap().contains("identity provider"), "{refused}");
        login(&test, ADMIN_EMAIL, ADMIN_PASSWORD).await.expect(200);

        add_provider(&test).await;
        assert_eq!(test.patch(PATH, body.clone()).await.refused(409), "invalid_state", "it was never used");
        come_in_by_it(&test).await;
        let (thief, own) = (Browser::log_in(&test).await, Browser::log_in(&test).await);
        let headers = [("x-csrf-token", own.csrf.as_str())];
        own.send(Method::PATCH, PATH, &headers, Some(body)).await.expect(200);
        own.get("/v1/auth/me").await.expect(200);
        assert_eq!(thief.get("/v1/auth/me").await.refused(401), "revoked_credentials");
        assert_eq!(login(&test, ADMIN_EMAIL, ADMIN_PASSWORD).await.refused(403), "sso_required");
        let rows = test.audit_rows().await;
        let row = rows.last().unwrap();
        assert_eq!((row.action.as_str(), row.outcome.as_str()), ("session.login_failed", "denied"));
        assert_eq!(row.details["reason"], "sso_required");
        assert_eq!(
            login(&test, ADMIN_EMAIL, "not the password").await.refused(401),
            "invalid_credentials",
            "who does not know the password learns nothing"
        );
        let methods = test.get_as("", "/v1/auth/config?organization=test-org").await.expect(200);
        assert_eq!(methods["local_login"], false);
        set(&test, json!({"security": null})).await;
        login(&test, ADMIN_EMAIL, ADMIN_PASSWORD).await.expect(200);
    }
}

#[tokio::test]
async fn from_elsewhere_nothing_of_the_organization_is_good() {
    let mut test = start().await;
    let session = {
        let browser = Browser::log_in(&test).await;
        browser.cookie
    };
    let (_, stranger) = test.other_organization().await;
    let shown = set(&test, json!({"security": {"ip_allowlist": ["127.0.0.1", "10.1.2.3/8"]}})).await;
    assert_eq!(shown["security"]["ip_allowlist"], json!(["127.0.0.1/32", "10.0.0.0/8"]));
    let cookie = [("cookie", session.as_str())];
    test.request("", Method::GET, "/v1/auth/me", &cookie, None).await.expect(200);

    test.client = ([192, 0, 2, 1], 50_000).into();
    assert_eq!(test.get("/v1/auth/me").await.refused(403), "ip_not_allowed");
    let by_session = test.request("", Method::GET, "/v1/auth/me", &cookie, None).await;
    assert_eq!(by_session.refused(403), "ip_not_allowed");
    assert_eq!(login(&test, ADMIN_EMAIL, ADMIN_PASSWORD).await.refused(403), "ip_not_allowed");
    assert_eq!(login(&test, ADMIN_EMAIL, "not the password").await.refused(401), "invalid_credentials");
    test.get_as(&stranger, "/v1/auth/me").await.expect(200);

    test.client = ([10, 9, 9, 9], 50_000).into();
    test.get("/v1/auth/me").await.expect(200);
    login(&test, ADMIN_EMAIL, ADMIN_PASSWORD).await.expect(200);
}

#[tokio::test]
async fn nobody_shuts_themselves_out() {
    let test = TestApp::start().await;
    let refused = test.patch(PATH, json!({"security": {"ip_allowlist": ["192.0.2.0/24"]}})).await.expect(400);
    assert_eq!(faults(&refused), [("security.ip_allowlist", "range")]);
    assert!(refused["error"]["message"].as_str().unwrap().contains("127.0.0.1"), "{refused}");
    test.get(PATH).await.expect(200);
}

#[tokio::test]
async fn keys_live_no_longer_than_is_allowed() {
    let test = TestApp::start().await;
    let old = test.post("/v1/api-keys", json!({"name": "old"})).await.expect(201);
    assert_eq!(old["expires_at"], Value::Null);
    set(&test, json!({"security": {"key_max_ttl_days": 30}})).await;
    let days = |key: &Value| {
        let end: DateTime<Utc> = key["expires_at"].as_str().unwrap().parse().unwrap();
        (end - Utc::now() + Duration::minutes(5)).num_days()
    };
    let in_days = |days: i64| Utc::now() + Duration::days(days);
    let key = test.post("/v1/api-keys", json!({"name": "new"})).await.expect(201);
    assert_eq!(days(&key), 30, "left out, it is as late as allowed");
    let body = json!({"name": "later", "expires_at": in_days(31)});
    assert_eq!(faults(&test.post("/v1/api-keys", body).await.expect(400)), [("expires_at", "range")]);

    let path = |key: &Value, rest: &str| format!("/v1/api-keys/{}{rest}", key["id"].as_str().unwrap());
    let sooner = test.patch(&path(&key, ""), json!({"expires_at": in_days(3)})).await.expect(200);
    assert_eq!(days(&sooner), 3);
    let cleared = test.patch(&path(&key, ""), json!({"expires_at": null})).await.expect(200);
    assert_eq!(days(&cleared), 30);
    let later = test.patch(&path(&key, ""), json!({"expires_at": in_days(31)})).await.expect(400);
    assert_eq!(faults(&later), [("expires_at", "range")]);

    let renamed = test.patch(&path(&old, ""), json!({"name": "older"})).await.expect(200);
    assert_eq!(renamed["expires_at"], Value::Null, "an old key goes on until it is given another secret");
    let later = test.post(&path(&old, "/rotate"), json!({"expires_at": in_days(31)})).await.expect(400);
    assert_eq!(faults(&later), [("expires_at", "range")]);
    assert_eq!(days(&test.post(&path(&old, "/rotate"), json!({})).await.expect(200)), 30);
}
