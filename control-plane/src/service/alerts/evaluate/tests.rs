//! Rules over real rows: they fire, hold, are silenced, acknowledged and over, and events tell of it.

use serde_json::{Value, json};

use super::*;
use crate::testing::{TestApp, calls::Call, receiver::Receiver};

async fn start() -> (TestApp, Receiver) {
    let test = TestApp::start_with(|config| config.egress_allow_private = true).await;
    (test, Receiver::start().await)
}

fn failed_at(at: DateTime<Utc>) -> Call {
    Call { status: "error", started_at: at, ..Call::default() }
}

fn good_at(at: DateTime<Utc>) -> Call {
    Call { started_at: at, ..Call::default() }
}

async fn rule(test: &TestApp, rule: &Value) -> Value {
    test.get(&format!("/v1/alerts/rules/{}", rule["id"].as_str().unwrap())).await.expect(200)
}

async fn events(test: &TestApp) -> Vec<(String, Value)> {
    let mut tx = test.app.database.worker().await.unwrap();
    sqlx::query_as("select event, payload from outbox where event like 'alert.%' order by id")
        .fetch_all(&mut *tx)
        .await
        .unwrap()
}

fn words(rows: &[(&str, &str, i64)]) -> Vec<(String, String, i64)> {
    rows.iter()
        .map(|(event, status, attempts)| ((*event).to_owned(), (*status).to_owned(), *attempts))
        .collect()
}

#[tokio::test]
async fn a_rule_fires_once_and_is_over_when_the_window_is_back_in_range() {
    let (test, mut receiver) = start().await;
    let channel = test.alert_channel("hook", &receiver, json!({})).await;
    let form = json!({"channel_ids": [channel], "filters": {"mcp_servers": ["files"]}});
    let made = test.alert_rule(form).await;
    let now = Utc::now();
    test.record(&[failed_at(now - Duration::minutes(1)), good_at(now - Duration::minutes(1))]).await;
    test.evaluate(now).await;
    test.evaluate(now + Duration::seconds(30)).await;
    let open = test.alerts("").await;
    assert_eq!(open.len(), 1, "{open:?}");
    let alert = &open[0];
    assert_eq!((&alert["status"], &alert["severity"]), (&json!("firing"), &json!("warning")));
    assert_eq!(alert["message"], "error_rate 0.5 > 0.05");
    assert_eq!(alert["labels"], json!({"mcp_server": "files"}));
    let shown = rule(&test, &made).await;
    assert_eq!(
        (&shown["state"], &shown["last_value"], &shown["version"]),
        (&json!("firing"), &json!(0.5), &json!(1))
    );

    let later = now + Duration::minutes(6);
    test.record(&[good_at(later - Duration::minutes(1))]).await;
    test.evaluate(later).await;
    let over = &test.alerts("status=resolved").await[0];
    assert_eq!((&over["id"], &over["resolved_by"]), (&alert["id"], &Value::Null));
    assert_eq!(rule(&test, &made).await["state"], "ok");
    assert_eq!(test.deliver().await, 2);
    let told: Vec<_> =
        std::iter::from_fn(|| receiver.next()).map(|taken| taken.body["type"].clone()).collect();
    assert_eq!(told, ["alert.firing", "alert.resolved"]);
    let events = events(&test).await;
    let names: Vec<_> = events.iter().map(|(event, _)| event.as_str()).collect();
    assert_eq!(names, ["alert.firing", "alert.resolved"]);
    assert_eq!(&events[1].1, over, "an event shows the alert as REST does");
}

#[tokio::test]
async fn a_rule_that_must_hold_is_pending_first_and_nothing_measured_is_no_data() {
    let test = TestApp::start().await;
    let made = test.alert_rule(json!({"for_minutes": 2, "window_minutes": 10})).await;
    let now = Utc::now();
    test.evaluate(now).await;
    assert_eq!(rule(&test, &made).await["state"], "no_data");
    test.record(&[failed_at(now)]).await;
    test.evaluate(now + Duration::minutes(1)).await;
    assert_eq!(rule(&test, &made).await["state"], "pending");
    assert!(test.alerts("").await.is_empty());
    test.evaluate(now + Duration::minutes(3)).await;
    assert_eq!(rule(&test, &made).await["state"], "firing");
    test.evaluate(now + Duration::minutes(30)).await;
    assert_eq!(rule(&test, &made).await["state"], "no_data");
    assert_eq!(test.alerts("status=firing").await.len(), 1, "nothing is known to be back in range");
}

#[tokio::test]
async fn who_acknowledges_is_named_and_nobody_is_told_again() {
    let (test, mut receiver) = start().await;
    let channel = test.alert_channel("hook", &receiver, json!({})).await;
    test.alert_rule(json!({"channel_ids": [channel], "renotify_minutes": 1, "window_minutes": 60})).await;
    let now = Utc::now();
    test.record(&[failed_at(now)]).await;
    test.evaluate(now).await;
    test.evaluate(now + Duration::minutes(1)).await;
    let alert = test.alerts("").await.remove(0);
    let path = format!("/v1/alerts/{}", alert["id"].as_str().unwrap());
    let user = test.user("ann", Some("security")).await;
    let key = test.key_of(user).await;
    let taken = test.post_as(&key, &format!("{path}/ack"), json!({"note": "looking"})).await.expect(200);
    assert_eq!((&taken["status"], &taken["note"]), (&json!("acknowledged"), &json!("looking")));
    assert_eq!(taken["acknowledged_by"], user.to_string());
    test.evaluate(now + Duration::minutes(10)).await;
    let again = test.post(&format!("{path}/acknowledge"), json!({})).await;
    assert_eq!(again.refused(409), "invalid_state");
    test.deliver().await;
    let told: Vec<_> = std::iter::from_fn(|| receiver.next()).collect();
    let kinds: Vec<_> = told.iter().map(|taken| taken.body["type"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kinds, ["alert.firing", "alert.firing", "alert.acknowledged"]);
    assert_ne!(told[0].body["id"], told[1].body["id"], "told again is another message");
    assert_eq!(told[2].body["data"]["acknowledged_by"], user.to_string());
}

#[tokio::test]
async fn a_silenced_alert_opens_and_is_told_when_the_silence_is_over() {
    let (test, mut receiver) = start().await;
    let channel = test.alert_channel("hook", &receiver, json!({})).await;
    let made = test.alert_rule(json!({"channel_ids": [channel], "window_minutes": 60})).await;
    let now = Utc::now();
    let silence = json!({
        "rule_ids": [made["id"]], "reason": "deploy", "ends_at": now + Duration::minutes(10),
        "starts_at": now - Duration::minutes(1),
    });
    test.post("/v1/alerts/silences", silence).await.expect(201);
    test.record(&[failed_at(now)]).await;
    test.evaluate(now).await;
    test.evaluate(now + Duration::minutes(5)).await;
    assert_eq!(test.alerts("status=firing").await.len(), 1);
    assert_eq!(test.deliver().await, 0);
    assert_eq!(test.notifications().await, words(&[("firing", "dropped", 0)]));
    test.evaluate(now + Duration::minutes(11)).await;
    assert_eq!(test.deliver().await, 1);
    assert_eq!(receiver.next().unwrap().body["type"], "alert.firing");
    assert_eq!(test.notifications().await, words(&[("firing", "dropped", 0), ("firing", "sent", 1)]));
}

#[tokio::test]
async fn a_silence_that_came_later_holds_back_that_it_is_over() {
    let (test, mut receiver) = start().await;
    let channel = test.alert_channel("hook", &receiver, json!({})).await;
    test.alert_rule(json!({"channel_ids": [channel], "window_minutes": 60})).await;
    let now = Utc::now();
    test.record(&[failed_at(now)]).await;
    test.evaluate(now).await;
    test.deliver().await;
    receiver.next().unwrap();
    let silence =
        json!({"severities": ["warning"], "reason": "quiet", "ends_at": now + Duration::minutes(10)});
    let silence = test.post("/v1/alerts/silences", silence).await.expect(201);
    let alert = test.alerts("").await.remove(0);
    test.post(&format!("/v1/alerts/{}/resolve", alert["id"].as_str().unwrap()), json!({})).await.expect(200);
    test.deliver().await;
    assert!(receiver.next().is_none(), "nothing is sent");
    assert_eq!(test.notifications().await[1], words(&[("resolved", "pending", 0)])[0]);
    test.delete(&format!("/v1/alerts/silences/{}", silence["id"].as_str().unwrap())).await.expect(204);
    test.sql("update alert_notifications set next_attempt_at = now() where status = 'pending'").await;
    test.deliver().await;
    assert_eq!(receiver.next().unwrap().body["type"], "alert.resolved");
}

#[tokio::test]
async fn after_a_resolve_by_hand_the_same_calls_fire_no_more() {
    let test = TestApp::start().await;
    let made = test.alert_rule(json!({"window_minutes": 10})).await;
    let now = Utc::now();
    test.record(&[failed_at(now)]).await;
    test.evaluate(now).await;
    let alert = test.alerts("").await.remove(0);
    let path = format!("/v1/alerts/{}/resolve", alert["id"].as_str().unwrap());
    let resolved = test.post(&path, json!({"note": "fixed"})).await.expect(200);
    assert_eq!((&resolved["status"], &resolved["note"]), (&json!("resolved"), &json!("fixed")));
    assert_eq!(test.post(&path, json!({})).await.refused(409), "invalid_state");
    test.evaluate(now + Duration::minutes(5)).await;
    assert_eq!(rule(&test, &made).await["state"], "pending");
    test.record(&[failed_at(now + Duration::minutes(10))]).await;
    test.evaluate(now + Duration::minutes(11)).await;
    assert_eq!(test.alerts("status=firing").await.len(), 1, "it goes on, so it fires again");
    assert_eq!(test.audited(alert["id"].as_str().unwrap()).await, ["alert.resolve"]);
}

#[tokio::test]
async fn a_rule_that_is_switched_off_or_removed_leaves_nothing_open() {
    let test = TestApp::start().await;
    let first = test.alert_rule(json!({"name": "first"})).await;
    let second = test.alert_rule(json!({"name": "second"})).await;
    let now = Utc::now();
    test.record(&[failed_at(now)]).await;
    test.evaluate(now).await;
    assert_eq!(test.alerts("status=firing").await.len(), 2);
    let path = |rule: &Value| format!("/v1/alerts/rules/{}", rule["id"].as_str().unwrap());
    let off = test.patch(&path(&first), json!({"enabled": false})).await.expect(200);
    assert_eq!(off["state"], "disabled");
    test.delete(&path(&second)).await.expect(204);
    let over = test.alerts("status=resolved&sort=started_at").await;
    let notes: Vec<_> = over.iter().map(|alert| alert["note"].as_str().unwrap()).collect();
    assert!(
        notes.contains(&"the rule was switched off") && notes.contains(&"the rule was removed"),
        "{notes:?}"
    );
    assert!(over.iter().any(|alert| alert["rule_id"].is_null() && alert["rule_name"] == "second"));
    test.evaluate(now + Duration::seconds(30)).await;
    assert!(test.alerts("status=firing").await.is_empty());
    let on = test.patch(&path(&first), json!({"enabled": true})).await.expect(200);
    assert_eq!(on["state"], "ok");
}

#[tokio::test]
async fn two_leaders_at_once_open_one_alert_and_tell_once() {
    let (test, receiver) = start().await;
    let channel = test.alert_channel("hook", &receiver, json!({})).await;
    test.alert_rule(json!({"channel_ids": [channel]})).await;
    let now = Utc::now();
    test.record(&[failed_at(now)]).await;
    let runs = futures::future::join_all((0..6).map(|_| evaluate_all(&test.app, now))).await;
    assert!(runs.into_iter().all(|run| run.unwrap().failed == 0));
    assert_eq!(test.alerts("").await.len(), 1);
    assert_eq!(test.notifications().await.len(), 1);
}

#[tokio::test]
async fn a_channel_hears_only_of_what_is_bad_enough_and_while_it_is_on() {
    let (test, receiver) = start().await;
    let calm = test.alert_channel("calm", &receiver, json!({"min_severity": "critical"})).await;
    let off = test.alert_channel("off", &receiver, json!({"enabled": false})).await;
    let on = test.alert_channel("on", &receiver, json!({"send_resolved": false})).await;
    test.alert_rule(json!({"channel_ids": [calm, off, on]})).await;
    let now = Utc::now();
    test.record(&[failed_at(now)]).await;
    test.evaluate(now).await;
    let list = test.get("/v1/alerts/notifications").await.expect(200);
    let told: Vec<_> =
        list["notifications"].as_array().unwrap().iter().map(|row| &row["channel_id"]).collect();
    assert_eq!(told, [&json!(on)]);
    let alert = test.alerts("").await.remove(0);
    let path = format!("/v1/alerts/{}/resolve", alert["id"].as_str().unwrap());
    test.post(&path, json!({})).await.expect(200);
    assert_eq!(test.notifications().await.len(), 1, "it is not told that alerts are over");
}

#[tokio::test]
async fn rules_of_one_organization_measure_and_tell_nothing_of_another() {
    let test = TestApp::start().await;
    let (_, other) = test.other_organization().await;
    let form = json!({"name": "Theirs", "metric": "error_rate", "condition": "gt", "threshold": 0.0});
    let theirs = test.post_as(&other, "/v1/alerts/rules", form).await.expect(201);
    let now = Utc::now();
    test.record(&[failed_at(now)]).await;
    test.evaluate(now).await;
    let path = format!("/v1/alerts/rules/{}", theirs["id"].as_str().unwrap());
    assert_eq!(test.get_as(&other, &path).await.expect(200)["state"], "no_data");
    assert_eq!(test.get_as(&other, "/v1/alerts").await.expect(200)["alerts"], json!([]));
}
