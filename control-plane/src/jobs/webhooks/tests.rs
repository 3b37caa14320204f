//! The whole way, from what happened to who is told, with the task that does it running.

use axum::{Router, http::StatusCode, routing::post};
use serde_json::json;
use tokio::{net::TcpListener, sync::mpsc, time::timeout};

use super::*;
use crate::{store::outbox, testing::TestApp};

const PATIENCE: Duration = Duration::from_secs(30);

/// Tells of each message by the path it came to; `/never` is not answered.
async fn receiver() -> (String, mpsc::UnboundedReceiver<&'static str>) {
    let (sender, messages) = mpsc::unbounded_channel();
    let to_never = sender.clone();
    let router = Router::new()
        .route(
            "/never",
            post(async move || {
                to_never.send("never").unwrap();
                std::future::pending::<()>().await;
            }),
        )
        .route(
            "/well",
            post(async move || {
                sender.send("well").unwrap();
                StatusCode::NO_CONTENT
            }),
        );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (url, messages)
}

#[tokio::test]
async fn who_asks_for_the_audit_log_is_sent_its_rows_and_nobody_else_has_them_made() {
    let app = TestApp::start_with(|config| config.egress_allow_private = true).await;
    let rows = "select payload from outbox where event = 'audit.recorded' order by id";
    app.post("/v1/teams", json!({ "name": "before" })).await.expect(201);
    app.post("/v1/webhooks", json!({ "url": "http://127.0.0.1:9/", "events": ["tool.*"] })).await.expect(201);
    let none: Vec<serde_json::Value> =
        sqlx::query_scalar(rows).fetch_all(app.app.database.pool()).await.unwrap();
    assert!(none.is_empty(), "{none:?}");
    app.post("/v1/webhooks", json!({ "url": "http://127.0.0.1:9/", "events": ["audit.*"] }))
        .await
        .expect(201);
    app.post("/v1/teams", json!({ "name": "after" })).await.expect(201);
    let told: Vec<serde_json::Value> =
        sqlx::query_scalar(rows).fetch_all(app.app.database.pool()).await.unwrap();
    let named = |row: &serde_json::Value| (row["action"] == "team.create", row["resource_name"] == "after");
    assert_eq!(told.iter().filter(|row| named(row) == (true, true)).count(), 1, "{told:?}");
    let logged = app.get("/v1/audit-logs?action=team.create&limit=1").await.expect(200);
    assert!(told.contains(&logged["audit_logs"][0]), "{logged}");
}

#[tokio::test]
async fn a_receiver_that_never_answers_holds_up_no_other() {
    let app = TestApp::start_with(|config| config.egress_allow_private = true).await;
    let (url, mut messages) = receiver().await;
    for path in ["never", "well"] {
        let form = json!({ "url": format!("{url}/{path}"), "events": ["tool.*"] });
        app.post("/v1/webhooks", form).await.expect(201);
    }
    let mut tx = app.app.database.worker().await.unwrap();
    let payloads = vec![json!({}); 100];
    outbox::insert_all(&mut tx, app.org, "tool.new", &payloads).await.unwrap();
    tx.commit().await.unwrap();

    let stop = CancellationToken::new();
    let running = tokio::spawn(run(Arc::clone(&app.app), stop.clone()));
    let (mut well, mut never) = (0, 0);
    while well < 100 {
        match timeout(PATIENCE, messages.recv()).await.expect("they go on").unwrap() {
            "well" => well += 1,
            _ => never += 1,
        }
    }
    assert!(never <= 2 * AT_ONCE_EACH, "{never} messages went to the one that never answers");
    let delivered = async {
        let query = "select count(*) from webhook_deliveries where status = 'delivered'";
        while sqlx::query_scalar::<_, i64>(query).fetch_one(app.app.database.pool()).await.unwrap() < 100 {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, delivered).await.expect("what was taken is on record");
    stop.cancel();
    timeout(PATIENCE, running).await.expect("it ends with what is under way").unwrap().unwrap();
}
