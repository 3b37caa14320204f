use serde_json::{Value, json};

use crate::{
    rest::alert_rules::tests::{fault, faults},
    testing::{TestApp, receiver::Receiver},
};

async fn start() -> (TestApp, Receiver) {
    let receiver = Receiver::start().await;
    let url = receiver.url.clone();
    let test = TestApp::start_with(|config| {
        config.egress_allow_private = true;
        config.alerts.pagerduty_url = url;
    })
    .await;
    (test, receiver)
}

fn path(channel: &Value) -> String {
    format!("/v1/alerts/channels/{}", channel["id"].as_str().unwrap())
}

#[tokio::test]
async fn secrets_of_a_channel_are_written_and_never_read() {
    let (test, mut receiver) = start().await;
    let form = json!({
        "name": "hook", "type": "webhook",
        "config": {"url": receiver.url, "secret": "hush-1", "headers": {"x-token": "hush-2"}},
    });
    let made = test.post("/v1/alerts/channels", form).await;
    assert_eq!(made.header("etag"), "\"1\"");
    let channel = made.expect(201);
    assert_eq!(channel["config"], json!({"url": receiver.url, "headers_set": true, "secret_set": true}));
    assert_eq!((&channel["min_severity"], &channel["send_resolved"]), (&json!("info"), &json!(true)));
    assert_eq!(channel["last_delivery"], Value::Null);
    let changed =
        test.patch(&path(&channel), json!({"config": {"url": format!("{}/new", receiver.url)}})).await;
    assert_eq!(changed.expect(200)["config"]["secret_set"], true);
    assert_eq!(test.post(&format!("{}/test", path(&channel)), json!({})).await.expect(200)["ok"], true);
    let taken = receiver.next().unwrap();
    assert_eq!((taken.path.as_str(), &taken.headers["x-token"]), ("/new", &"hush-2".parse().unwrap()));
    assert!(taken.headers.contains_key("webhook-signature"));
    let cleared = json!({"config": {"secret": null, "headers": {"x-token": null}}});
    let cleared = test.patch(&path(&channel), cleared).await.expect(200);
    assert_eq!(
        (&cleared["config"]["secret_set"], &cleared["config"]["headers_set"]),
        (&json!(false), &json!(false))
    );
    let list = test.get("/v1/alerts/channels").await;
    assert!(!list.text.contains("hush"), "{}", list.text);
    let rows = test.audit_rows().await;
    assert!(rows.iter().all(|row| !format!("{row:?}").contains("hush")), "nor are they in the audit log");
    let mut tx = test.app.database.worker().await.unwrap();
    let stored: Vec<String> =
        sqlx::query_scalar("select c::text from alert_channels c").fetch_all(&mut *tx).await.unwrap();
    assert!(stored.iter().all(|row| !row.contains("hush")), "{stored:?}");
}

#[tokio::test]
async fn each_type_takes_its_own_configuration() {
    let (test, receiver) = start().await;
    for (kind, config, expected) in [
        ("slack", json!({}), vec![fault("config.webhook_url", "required")]),
        ("slack", json!({"webhook_url": "nowhere"}), vec![fault("config.webhook_url", "format")]),
        ("pagerduty", json!({"routing_key": ""}), vec![fault("config.routing_key", "length")]),
        (
            "pagerduty",
            json!({"routing_key": "k", "url": "http://127.0.0.1:1"}),
            vec![fault("config.url", "unknown")],
        ),
        ("webhook", json!({"url": "http://8.8.8.8/x"}), vec![fault("config.url", "format")]),
        (
            "webhook",
            json!({"url": receiver.url, "headers": {"host": "a", "b c": "d", "webhook-id": "e"}}),
            vec![
                fault("config.headers.b c", "format"),
                fault("config.headers.host", "unknown"),
                fault("config.headers.webhook-id", "unknown"),
            ],
        ),
        (
            "webhook",
            json!({"url": receiver.url, "secret": "whsec_%"}),
            vec![fault("config.secret", "format")],
        ),
        ("email", json!({"to": ["nobody"]}), vec![fault("config.to.0", "format")]),
        ("email", json!({"to": []}), vec![fault("config.to", "required")]),
        ("opsgenie", json!({"api_key": "k", "region": "moon"}), vec![fault("config.region", "enum")]),
    ] {
        let form = json!({"name": "x", "type": kind, "config": config});
        let refused = test.post("/v1/alerts/channels", form).await.expect(400);
        assert_eq!(faults(&refused), expected, "{kind} {config}");
    }
    let form = json!({"name": "x", "type": "pigeon", "color": 1});
    let refused = test.post("/v1/alerts/channels", form).await.expect(400);
    let expected = [fault("color", "unknown"), fault("config", "required"), fault("type", "enum")];
    assert_eq!(faults(&refused), expected);
}

#[tokio::test]
async fn a_private_address_is_refused_unless_it_is_allowed() {
    let test = TestApp::start().await;
    for url in ["http://127.0.0.1:1/x", "https://10.0.0.1/x", "https://user:pass@example.com/"] {
        let form = json!({"name": "x", "type": "webhook", "config": {"url": url}});
        let refused = test.post("/v1/alerts/channels", form).await.expect(400);
        assert_eq!(faults(&refused), [fault("config.url", "format")], "{url}");
    }
    let form = json!({"name": "x", "type": "webhook", "config": {"url": "https://example.com/hook"}});
    test.post("/v1/alerts/channels", form).await.expect(201);
}

#[tokio::test]
async fn a_type_stays_and_a_name_is_given_once() {
    let (test, receiver) = start().await;
    test.alert_channel("a", &receiver, json!({})).await;
    let second = json!({"name": "b", "type": "email", "config": {"to": ["ann@example.com"]}});
    let second = test.post("/v1/alerts/channels", second).await.expect(201);
    let refused = test.patch(&path(&second), json!({"type": "slack"})).await.expect(400);
    assert_eq!(faults(&refused), [fault("type", "read_only")]);
    let taken = test.patch(&path(&second), json!({"name": "a"})).await.expect(409);
    assert_eq!(taken["error"]["details"]["field"], "name");
    for (query, total) in [("type=email", 1), ("name=a", 1), ("enabled=false", 0), ("q=B", 1)] {
        let list = test.get(&format!("/v1/alerts/channels?{query}")).await.expect(200);
        assert_eq!(list["total"], total, "{query}");
    }
    test.delete(&path(&second)).await.expect(204);
    let audited = test.audited(second["id"].as_str().unwrap()).await;
    assert_eq!(audited, ["alert_channel.create", "alert_channel.delete"]);
}

#[tokio::test]
async fn a_trial_says_what_came_of_it_and_wakes_nobody_for_long() {
    let (test, mut receiver) = start().await;
    let form = json!({"name": "pager", "type": "pagerduty", "config": {"routing_key": "k"}});
    let pager = test.post("/v1/alerts/channels", form).await.expect(201);
    let trial = test.post(&format!("{}/test", path(&pager)), json!({})).await.expect(200);
    assert_eq!(
        (&trial["ok"], &trial["status_code"], &trial["error"]),
        (&json!(true), &json!(200), &Value::Null)
    );
    let (opened, ended) = (receiver.next().unwrap().body, receiver.next().unwrap().body);
    assert_eq!((&opened["event_action"], &ended["event_action"]), (&json!("trigger"), &json!("resolve")));
    assert_eq!(opened["dedup_key"], ended["dedup_key"]);
    receiver.answers(403);
    let trial = test.post(&format!("{}/test", path(&pager)), json!({})).await.expect(200);
    assert_eq!((&trial["ok"], &trial["status_code"]), (&json!(false), &json!(403)));
    assert!(test.notifications().await.is_empty(), "nothing is kept of it");
    let reader = test.key_with(&["alerts:read", "alerts:ack"]).await;
    let refused = test.post_as(&reader, &format!("{}/test", path(&pager)), json!({})).await;
    assert_eq!(refused.refused(403), "permission_denied");
}
