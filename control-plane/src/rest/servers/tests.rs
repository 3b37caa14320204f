//! Servers over REST, against a real Postgres and MCP servers on the wire.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    mcp::fixture::{Fixture, Kind},
    testing::{ADMIN_KEY, TestApp},
};

mod catalogue;
mod secrets;

const SERVERS: &str = "/v1/mcp-servers";

async fn create(app: &TestApp, body: Value) -> Value {
    app.post(SERVERS, body).await.expect(201)
}

fn faults(body: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let fields = body["error"]["details"]["fields"].as_array().unwrap();
    let mut found: Vec<_> =
        fields.iter().map(|fault| (text(&fault["field"]), text(&fault["code"]))).collect();
    found.sort();
    found
}

async fn scalar(app: &TestApp, query: &'static str) -> i64 {
    let mut tx = app.app.database.worker().await.unwrap();
    sqlx::query_scalar(query).fetch_one(&mut *tx).await.unwrap()
}

#[tokio::test]
async fn a_server_needs_but_a_name_and_a_url() {
    let app = TestApp::start().await;
    let answer = app.post(SERVERS, json!({"name": "files", "url": "http://10.0.0.1/mcp"})).await;
    assert_eq!(answer.header("etag"), "\"1\"");
    let location = answer.header("location").to_owned();
    let server = answer.expect(201);
    assert_eq!(location, format!("{SERVERS}/{}", server["id"].as_str().unwrap()));
    for (field, value) in [
        ("display_name", json!(null)),
        ("description", json!("")),
        ("transport", json!("streamable_http")),
        ("enabled", json!(true)),
        ("tags", json!([])),
        ("connect_timeout_ms", json!(2000)),
        ("timeout_ms", json!(30000)),
        ("stream_idle_timeout_ms", json!(300_000)),
        ("max_concurrency", json!(256)),
        ("max_request_bytes", json!(1_048_576)),
        ("max_response_bytes", json!(10_485_760)),
        ("retry", json!({"max_retries": 2, "backoff_ms": 100})),
        ("breaker", json!({"failures": 5, "window_seconds": 30, "open_seconds": 30, "probes": 3})),
        ("payload_capture", json!(null)),
        ("discovery_interval_seconds", json!(300)),
        ("health", json!({"status": "unknown", "checked_at": null, "latency_ms": null, "error": null})),
        ("protocol_version", json!(null)),
        ("tool_count", json!(0)),
        ("pending_review_count", json!(0)),
        ("managed_by", json!("api")),
        ("version", json!(1)),
    ] {
        assert_eq!(server[field], value, "{field}");
    }
    let pricing = json!({"per_call": "0.001000", "per_input_token": "0.000000", "per_output_token": "0.000000",
        "currency": "USD", "tools": []});
    assert_eq!(server["pricing"], pricing);
    assert_eq!(server["auth"]["type"], "none");
    assert_eq!(app.get(&format!("{SERVERS}/files")).await.expect(200), server);
    assert_eq!(app.get(&location).await.expect(200), server);
}

#[tokio::test]
async fn every_fault_of_a_server_is_told_at_once() {
    let app = TestApp::start().await;
    let body = json!({
        "name": "Servers!", "url": "ftp://x", "timeout_ms": 99, "retry": {"max_retries": 6}, "colour": "red",
        "auth": {"type": "basic", "token": "x"}, "tls": {"ca_pem": "nonsense"}, "transport": "stdio",
        "pricing": {"per_call": "1.0000000000001", "per_input_token": -1, "tools": [{"per_call": "0"}]},
        "health": {},
    });
    let answer = app.post(SERVERS, body).await.expect(400);
    let fields: Vec<_> = faults(&answer).into_iter().map(|(field, _)| field).collect();
    for field in [
        "auth.password",
        "auth.token",
        "auth.username",
        "colour",
        "health",
        "name",
        "pricing.per_call",
        "pricing.per_input_token",
        "pricing.tools.0.tool_name",
        "retry.max_retries",
        "timeout_ms",
        "tls.ca_pem",
        "transport",
        "url",
    ] {
        assert!(fields.iter().any(|found| found == field), "{field} is not in {fields:?}");
    }
    let missing = app.post(SERVERS, json!({})).await.expect(400);
    assert_eq!(faults(&missing), [("name".into(), "required".into()), ("url".into(), "required".into())]);
}

#[tokio::test]
async fn a_name_is_taken_once_and_kept_for_ever() {
    let app = TestApp::start().await;
    let body = json!({"name": "files", "url": "http://x/mcp"});
    create(&app, body.clone()).await;
    let taken = app.post(SERVERS, body.clone()).await;
    assert_eq!(taken.body["error"]["details"]["field"], "name");
    assert_eq!(taken.refused(409), "conflict");
    let renamed =
        app.patch(&format!("{SERVERS}/files"), json!({"name": "other", "tool_count": 3})).await.expect(400);
    assert_eq!(
        faults(&renamed),
        [("name".into(), "read_only".into()), ("tool_count".into(), "read_only".into())]
    );
    let (_, other) = app.other_organization().await;
    app.post_as(&other, SERVERS, body).await.expect(201);
}

#[tokio::test]
async fn a_price_counts_from_its_change_and_the_past_stays() {
    let app = TestApp::start().await;
    let path = format!("{SERVERS}/files");
    create(&app, json!({"name": "files", "url": "http://x/mcp", "pricing": {"per_call": "0.5",
        "tools": [{"tool_name": "read_*", "per_call": "0.000000000001"}, {"tool_name": "echo", "per_call": "2"}]}})).await;
    let patched = app
        .patch(
            &path,
            json!({"pricing": {"per_call": "0.25",
        "tools": [{"tool_name": "read_*", "per_call": "0.000000000001"}]}}),
        )
        .await
        .expect(200);
    assert_eq!(patched["pricing"]["per_call"], "0.250000");
    let tools = json!([{"tool_name": "read_*", "per_call": "0.000000000001", "per_input_token": "0.000000",
        "per_output_token": "0.000000"}]);
    assert_eq!(patched["pricing"]["tools"], tools);
    assert_eq!(patched["version"], 2);
    assert_eq!(
        scalar(&app, "select count(*) from mcp_server_prices where tool_name is null and per_call = 0.5")
            .await,
        1
    );
    assert_eq!(
        scalar(&app, "select count(*) from mcp_server_prices where tool_name = 'echo' and per_call is null")
            .await,
        1
    );
    assert_eq!(
        scalar(&app, "select count(*) from mcp_server_prices").await,
        5,
        "what is unchanged is not written again"
    );
    app.delete(&path).await.expect(204);
    assert_eq!(
        scalar(&app, "select count(*) from mcp_server_prices").await,
        5,
        "prices outlive their server"
    );
}

#[tokio::test]
async fn a_stale_version_changes_nothing() {
    let app = TestApp::start().await;
    let path = format!("{SERVERS}/files");
    create(&app, json!({"name": "files", "url": "http://x/mcp"})).await;
    let patch = |version: &'static str, description: &'static str| {
        let (app, path) = (&app, &path);
        async move {
            let body = Some(json!({"description": description}));
            app.request(ADMIN_KEY, Method::PATCH, path, &[("if-match", version)], body).await
        }
    };
    assert_eq!(patch("\"1\"", "a").await.expect(200)["version"], 2);
    assert_eq!(patch("\"1\"", "b").await.refused(412), "precondition_failed");
    assert_eq!(patch("\"2\"", "a").await.expect(200)["version"], 2, "the same again is no change");
    let gone = app.request(ADMIN_KEY, Method::DELETE, &path, &[("if-match", "\"1\"")], None).await;
    assert_eq!(gone.refused(412), "precondition_failed");
}

#[tokio::test]
async fn every_write_leaves_an_audit_row() {
    let app = TestApp::start().await;
    create(&app, json!({"name": "files", "url": "http://x/mcp"})).await;
    app.patch(&format!("{SERVERS}/files"), json!({"tags": ["a"]})).await.expect(200);
    app.delete(&format!("{SERVERS}/files")).await.expect(204);
    app.get(&format!("{SERVERS}/files")).await.refused(404);
    let written = "select count(*) from audit_logs where action in \
        ('mcp_server.create', 'mcp_server.update', 'mcp_server.delete') and resource_name = 'files'";
    assert_eq!(scalar(&app, written).await, 3);
}

#[tokio::test]
async fn another_organizations_server_does_not_exist() {
    let app = TestApp::start().await;
    let server = create(&app, json!({"name": "files", "url": "http://x/mcp"})).await;
    let (_, other) = app.other_organization().await;
    for server in ["files", server["id"].as_str().unwrap()] {
        let path = format!("{SERVERS}/{server}");
        assert_eq!(app.get_as(&other, &path).await.refused(404), "not_found");
        assert_eq!(app.get_as(&other, &format!("{path}/tools")).await.refused(404), "not_found");
        for action in ["test", "refresh"] {
            assert_eq!(
                app.post_as(&other, &format!("{path}/{action}"), json!({})).await.refused(404),
                "not_found"
            );
        }
        let patch = app.request(&other, Method::PATCH, &path, &[], Some(json!({"tags": []}))).await;
        assert_eq!(patch.refused(404), "not_found");
        assert_eq!(app.request(&other, Method::DELETE, &path, &[], None).await.refused(404), "not_found");
    }
    assert_eq!(app.get_as(&other, SERVERS).await.expect(200)["total"], 0);
}

#[tokio::test]
async fn reading_is_not_writing() {
    let app = TestApp::start().await;
    create(&app, json!({"name": "files", "url": "http://x/mcp"})).await;
    let reader = app.key_with(&["servers:read"]).await;
    app.get_as(&reader, &format!("{SERVERS}/files")).await.expect(200);
    let body = json!({"name": "more", "url": "http://x/mcp"});
    for path in [SERVERS.to_owned(), format!("{SERVERS}/test"), format!("{SERVERS}/files/refresh")] {
        assert_eq!(
            app.post_as(&reader, &path, body.clone()).await.refused(403),
            "permission_denied",
            "{path}"
        );
    }
    let nobody = app.key_with(&["traces:read"]).await;
    assert_eq!(app.get_as(&nobody, SERVERS).await.refused(403), "permission_denied");
}

#[tokio::test]
async fn lists_are_filtered_and_paged() {
    let app = TestApp::start().await;
    for (name, tags, enabled) in
        [("alpha", json!(["a"]), true), ("beta", json!(["a", "b"]), false), ("gamma", json!([]), true)]
    {
        create(&app, json!({"name": name, "url": "http://x/mcp", "tags": tags, "enabled": enabled, "description": "of 100%"})).await;
    }
    let names = |body: &Value| -> Vec<String> {
        let servers = body["mcp_servers"].as_array().unwrap();
        servers.iter().map(|server| server["name"].as_str().unwrap().to_owned()).collect()
    };
    for (query, expected) in [
        ("sort=name", vec!["alpha", "beta", "gamma"]),
        ("sort=-name&tag=a", vec!["beta", "alpha"]),
        ("sort=name&tag=b,c", vec!["beta"]),
        ("enabled=false", vec!["beta"]),
        ("q=AMM", vec!["gamma"]),
        ("sort=name&q=100%25&health=unknown,healthy", vec!["alpha", "beta", "gamma"]),
        ("health=healthy", vec![]),
    ] {
        let body = app.get(&format!("{SERVERS}?{query}")).await.expect(200);
        assert_eq!(names(&body), expected, "{query}");
        assert_eq!(body["total"], expected.len(), "{query}");
    }
    let first = app.get(&format!("{SERVERS}?sort=name&limit=2")).await.expect(200);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = app.get(&format!("{SERVERS}?sort=name&limit=2&cursor={cursor}")).await.expect(200);
    assert_eq!((names(&second), &second["has_more"]), (vec!["gamma".to_owned()], &json!(false)));
    assert_eq!(app.get(&format!("{SERVERS}?colour=red")).await.refused(400), "invalid_request");
}

#[tokio::test]
async fn a_server_called_test_is_a_server_like_any_other() {
    let app = TestApp::start().await;
    create(&app, json!({"name": "test", "url": "http://x/mcp"})).await;
    let path = format!("{SERVERS}/test");
    assert_eq!(app.get(&path).await.expect(200)["name"], "test");
    assert_eq!(app.patch(&path, json!({"enabled": false})).await.expect(200)["enabled"], false);
    app.delete(&path).await.expect(204);
}

#[tokio::test]
async fn a_server_can_be_tried_before_it_is_saved() {
    let app = TestApp::start().await;
    let fixture = Fixture::start(Kind::Stateful).await;
    fixture.demand("x-api-key", "k");
    let auth = json!({"type": "header", "header_name": "X-Api-Key", "header_value": "k"});
    let trial =
        app.post(&format!("{SERVERS}/test"), json!({"url": fixture.url, "auth": auth})).await.expect(200);
    assert_eq!(
        (&trial["ok"], &trial["tools_count"], &trial["error"]),
        (&json!(true), &json!(3), &json!(null))
    );
    assert_eq!(trial["protocol_version"], "2025-11-25");
    assert_eq!(trial["server_info"]["name"], "fixture");
    assert!(trial["latency_ms"].is_u64() && trial["capabilities"]["tools"].is_object());
    let refused = app.post(&format!("{SERVERS}/test"), json!({"url": fixture.url})).await.expect(200);
    assert_eq!(refused["ok"], false);
    assert!(refused["error"].as_str().unwrap().contains("401"), "{refused}");
    assert_eq!(app.get(SERVERS).await.expect(200)["total"], 0);
}
