//! What REST promises of webhooks; how events travel is tested beside `service/webhooks.rs`.

use axum::{Router, http::StatusCode, routing::post};
use http::Method;
use serde_json::{Value, json};

use crate::{
    rest::form::BODY_LIMIT,
    standard_webhooks,
    testing::{ADMIN_KEY, TestApp},
};

async fn start() -> TestApp {
    TestApp::start_with(|config| config.egress_allow_private = true).await
}

async fn make(app: &TestApp, form: Value) -> Value {
    app.post("/v1/webhooks", form).await.expect(201)
}

fn form() -> Value {
    json!({ "url": "https://hooks.example.com/in", "events": ["alert.*", "tool.new"] })
}

fn path(webhook: &Value) -> String {
    format!("/v1/webhooks/{}", webhook["id"].as_str().unwrap())
}

fn faults(answer: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let fields = answer["error"]["details"]["fields"].as_array().unwrap();
    fields.iter().map(|fault| (text(&fault["field"]), text(&fault["code"]))).collect()
}

#[tokio::test]
async fn a_webhook_is_made_read_changed_and_deleted() {
    let app = TestApp::start().await;
    let made = make(&app, form()).await;
    assert!(standard_webhooks::key_of(made["secret"].as_str().unwrap()).is_ok_and(|key| key.len() == 32));
    for (field, value) in [
        ("enabled", json!(true)),
        ("status", json!("active")),
        ("failure_count", json!(0)),
        ("headers_set", json!(false)),
        ("description", json!("")),
        ("events", json!(["alert.*", "tool.new"])),
        ("disabled_reason", Value::Null),
        ("failing_since", Value::Null),
        ("previous_secret_valid_until", Value::Null),
        ("version", json!(1)),
        ("managed_by", json!("api")),
    ] {
        assert_eq!(made[field], value, "{field}");
    }
    let read = app.get(&path(&made)).await.expect(200);
    assert!(read.get("secret").is_none(), "it is shown once");
    let changed =
        app.patch(&path(&made), json!({ "description": "on call", "enabled": false })).await.expect(200);
    assert_eq!((&changed["status"], &changed["version"]), (&json!("disabled"), &json!(2)));
    app.delete(&path(&made)).await.expect(204);
    assert_eq!(app.get(&path(&made)).await.refused(404), "not_found");
    let id = made["id"].as_str().unwrap();
    assert_eq!(app.audited(id).await, ["webhook.create", "webhook.update", "webhook.delete"]);
}

#[tokio::test]
async fn headers_are_told_to_nobody() {
    let app = TestApp::start().await;
    let mut with_headers = form();
    with_headers["headers"] = json!({ "Authorization": "Bearer hush-hush" });
    let made = app.post("/v1/webhooks", with_headers).await;
    assert!(!made.text.contains("hush"));
    let made = made.expect(201);
    assert_eq!(made["headers_set"], true);
    let rows = app.audit_rows().await;
    assert!(!format!("{rows:?}").contains("hush"), "nor to the audit log");
    let tx = &mut *app.app.database.worker().await.unwrap();
    let stored: String = sqlx::query_scalar("select w::text from webhooks w").fetch_one(tx).await.unwrap();
    assert!(
        !stored.contains("hush") && !stored.contains("whsec_"),
        "nor are they to be read in the database"
    );

    let kept = app.patch(&path(&made), json!({ "url": "https://hooks.example.com/other" })).await.expect(200);
    assert_eq!(kept["headers_set"], true, "the same host keeps them");
    let elsewhere = json!({ "url": "https://elsewhere.example/in" });
    let refused = app.patch(&path(&made), elsewhere.clone()).await.expect(400);
    assert_eq!(faults(&refused), [("headers".to_owned(), "required".to_owned())]);
    let mut cleared = elsewhere;
    cleared["headers"] = Value::Null;
    assert_eq!(app.patch(&path(&made), cleared).await.expect(200)["headers_set"], false);
}

#[tokio::test]
async fn every_fault_of_a_webhook_is_told_at_once() {
    let app = TestApp::start().await;
    let bad = json!({
        "url": "nonsense", "description": "x".repeat(501), "events": ["alert.*", "alarm.*", "tool"],
        "headers": { "webhook-id": "1", "Host": "a", "x y": "1", "x-empty": "", "x-ok": "fine" }, "color": "red",
    });
    let mut found = faults(&app.post("/v1/webhooks", bad).await.expect(400));
    found.sort();
    let expected = [
        ("color", "unknown"),
        ("description", "length"),
        ("events.1", "unknown"),
        ("events.2", "unknown"),
        ("headers.host", "enum"),
        ("headers.webhook-id", "enum"),
        ("headers.x y", "format"),
        ("headers.x-empty", "format"),
        ("url", "format"),
    ];
    assert_eq!(found, expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
    let missing = faults(&app.post("/v1/webhooks", json!({})).await.expect(400));
    assert!(missing.contains(&("url".into(), "required".into())));
    assert!(missing.contains(&("events".into(), "required".into())));
    for headers in [json!("(kept)"), json!(["a"]), json!({ "a": 1 })] {
        let mut body = form();
        body["headers"] = headers;
        let found = faults(&app.post("/v1/webhooks", body).await.expect(400));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, "headers");
    }
    let made = make(&app, form()).await;
    let refused =
        app.patch(&path(&made), json!({ "secret": "whsec_x", "failure_count": 1 })).await.expect(400);
    assert!(faults(&refused).iter().all(|(_, code)| code == "read_only"));
}

#[tokio::test]
async fn only_public_addresses_by_https_unless_the_installation_allows_others() {
    let app = TestApp::start().await;
    let open = start().await;
    for (url, where_private_is_allowed) in [
        ("http://hooks.example.com/", 201),
        ("http://127.0.0.1:8080/", 201),
        ("https://10.1.2.3/", 201),
        ("https://[::1]/", 201),
        ("https://me:pw@hooks.example.com/", 400),
        ("http://169.254.169.254/latest", 400),
        ("ftp://hooks.example.com/", 400),
    ] {
        let mut body = form();
        body["url"] = json!(url);
        let refused = app.post("/v1/webhooks", body.clone()).await.expect(400);
        assert_eq!(faults(&refused), [("url".to_owned(), "format".to_owned())], "{url}");
        let status = open.post("/v1/webhooks", body).await.status.as_u16();
        // Where a name leads is asked when it is called.
        assert_eq!(status, where_private_is_allowed, "{url}");
    }
}

#[tokio::test]
async fn a_stale_version_is_refused_and_a_secret_is_not_given_twice() {
    let app = TestApp::start().await;
    let made = make(&app, form()).await;
    app.patch(&path(&made), json!({ "description": "a" })).await.expect(200);
    let stale = [("if-match", "\"1\"")];
    let refused = app.request(ADMIN_KEY, Method::DELETE, &path(&made), &stale, None).await;
    assert_eq!(refused.refused(412), "precondition_failed");
    let key = [("idempotency-key", "once")];
    for (target, body, status) in
        [("/v1/webhooks".to_owned(), form(), 201), (format!("{}/rotate-secret", path(&made)), json!({}), 200)]
    {
        let send = async || app.request(ADMIN_KEY, Method::POST, &target, &key, Some(body.clone())).await;
        assert!(send().await.expect(status)["secret"].is_string());
        assert_eq!(send().await.expect(status)["secret"], Value::Null, "{target}");
    }
    assert_eq!(app.get("/v1/webhooks").await.expect(200)["total"], 2);
    for grace in [-1, 604_801] {
        let body = json!({ "grace_seconds": grace });
        let refused = app.post(&format!("{}/rotate-secret", path(&made)), body).await.expect(400);
        assert_eq!(faults(&refused), [("grace_seconds".to_owned(), "range".to_owned())]);
    }
}

#[tokio::test]
async fn there_are_a_hundred_of_an_organization_at_most() {
    let app = TestApp::start().await;
    app.sql(
        "insert into webhooks (org_id, url, events, secret_encrypted)
         select o.id, 'https://hooks.example.com/' || n, '{*}', '' from organizations o, generate_series(1, 100) n",
    )
    .await;
    assert_eq!(app.post("/v1/webhooks", form()).await.refused(409), "conflict");
}

#[tokio::test]
async fn webhooks_are_filtered_sorted_and_counted() {
    let app = TestApp::start().await;
    for (host, enabled) in [("a", true), ("b", false), ("c", true)] {
        let body =
            json!({ "url": format!("https://{host}.example.com/"), "events": ["*"], "enabled": enabled });
        make(&app, body).await;
    }
    for (query, total) in [("enabled=true", 2), ("enabled=false", 1), ("q=B.EXAMPLE", 1), ("", 3)] {
        assert_eq!(app.get(&format!("/v1/webhooks?{query}")).await.expect(200)["total"], total, "{query}");
    }
    let list = app.get("/v1/webhooks?sort=url&limit=1").await.expect(200);
    assert_eq!(
        (&list["webhooks"][0]["url"], &list["has_more"]),
        (&json!("https://a.example.com/"), &json!(true))
    );
    assert_eq!(app.get("/v1/webhooks?color=red").await.refused(400), "invalid_request");
}

#[tokio::test]
async fn a_test_tells_at_once_what_the_receiver_answers_and_is_not_tried_again() {
    let app = start().await;
    let router = Router::new()
        .route("/well", post(async || StatusCode::NO_CONTENT))
        .route("/ill", post(async || (StatusCode::INTERNAL_SERVER_ERROR, vec![b'x'; BODY_LIMIT])));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let body = json!({ "url": format!("{url}/well"), "events": ["alert.*"], "enabled": false });
    let made = make(&app, body).await;
    let tested = app.post(&format!("{}/test", path(&made)), json!({})).await.expect(200);
    assert_eq!(
        (&tested["event"], &tested["status"], &tested["response_status"], &tested["attempts"]),
        (&json!("webhook.test"), &json!("delivered"), &json!(204), &json!(1))
    );
    assert!(tested["event_id"].as_str().unwrap().starts_with("evt_") && tested["latency_ms"].is_i64());
    app.patch(&path(&made), json!({ "url": format!("{url}/ill") })).await.expect(200);
    let tested = app.post(&format!("{}/test", path(&made)), json!({})).await.expect(200);
    assert_eq!(
        (&tested["status"], &tested["response_status"], &tested["next_attempt_at"]),
        (&json!("failed"), &json!(500), &Value::Null)
    );
    assert_eq!(
        app.get(&path(&made)).await.expect(200)["failure_count"],
        0,
        "a test says nothing of how it fares"
    );
    let deliveries = format!("{}/deliveries", path(&made));
    for (query, count) in [("", 2), ("?status=failed", 1), ("?event=webhook.test", 2), ("?event=tool.new", 0)]
    {
        let list = app.get(&format!("{deliveries}{query}")).await.expect(200);
        assert_eq!(list["deliveries"].as_array().unwrap().len(), count, "{query}");
    }
    assert_eq!(app.get(&format!("{deliveries}?status=lost")).await.refused(400), "invalid_request");
}

#[tokio::test]
async fn reading_and_changing_need_their_permissions() {
    let app = TestApp::start().await;
    let made = make(&app, form()).await;
    let reader = app.key_with(&["settings:read"]).await;
    app.get_as(&reader, &path(&made)).await.expect(200);
    app.get_as(&reader, &format!("{}/deliveries", path(&made))).await.expect(200);
    for target in ["", "/test", "/rotate-secret"].map(|verb| format!("{}{verb}", path(&made))) {
        let method = if target == path(&made) { Method::PATCH } else { Method::POST };
        let answer = app.request(&reader, method, &target, &[], Some(json!({}))).await;
        assert_eq!(answer.refused(403), "permission_denied", "{target}");
    }
    let nobody = app.key_with(&["traces:read"]).await;
    assert_eq!(app.get_as(&nobody, "/v1/webhooks").await.refused(403), "permission_denied");
}
