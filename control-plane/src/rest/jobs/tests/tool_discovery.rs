//! Every enabled server is looked at, and how far that is can be seen.

use std::sync::Arc;

use axum::http::StatusCode;

use super::*;
use crate::mcp::fixture::{Fixture, Kind};

#[tokio::test]
async fn every_enabled_server_is_looked_at_and_the_unwell_are_named() {
    let app = TestApp::start().await;
    let (well, silent) = (Fixture::start(Kind::Stateful).await, Fixture::start(Kind::Silent).await);
    let ill = Fixture::start(Kind::Plain(StatusCode::INTERNAL_SERVER_ERROR, "no")).await;
    for (name, url, enabled) in [
        ("well", &well.url, true),
        ("ill", &ill.url, true),
        ("silent", &silent.url, true),
        ("off", &ill.url, false),
    ] {
        let form = json!({"name": name, "url": url, "enabled": enabled, "timeout_ms": 300_000});
        app.post("/v1/mcp-servers", form).await.expect(201);
    }
    let job = app.post("/v1/jobs", json!({"type": "tool_discovery"})).await.expect(202);
    let work = Arc::clone(&app.app);
    let working = tokio::spawn(async move { jobs::run_next(&work).await.unwrap() });
    // Two have answered; the third says nothing until it is gone.
    let seen = async || loop {
        let seen = app.get(&path(&job)).await.expect(200);
        if seen["progress"] != 0.0 && seen["progress"] != 0.333 {
            break seen;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    let half = tokio::time::timeout(std::time::Duration::from_secs(60), seen()).await.expect("it tells");
    assert_eq!((&half["status"], &half["progress"]), (&json!("running"), &json!(0.667)), "{half}");
    assert_eq!(half["result"], Value::Null);
    drop(silent);
    assert!(working.await.unwrap());

    let over = app.get(&path(&job)).await.expect(200);
    assert_eq!((&over["status"], &over["progress"]), (&json!("succeeded"), &json!(1.0)));
    assert_eq!(over["result"], json!({"servers": 3, "unwell": ["ill", "silent"]}));
    for (name, status, tools) in
        [("well", "healthy", 3), ("ill", "unhealthy", 0), ("silent", "unhealthy", 0), ("off", "unknown", 0)]
    {
        let server = app.get(&format!("/v1/mcp-servers/{name}")).await.expect(200);
        assert_eq!(
            (&server["health"]["status"], &server["tool_count"]),
            (&json!(status), &json!(tools)),
            "{name}"
        );
    }
}
