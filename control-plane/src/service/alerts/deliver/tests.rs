//! Messages leave, are tried again, are given up, and none is lost or sent as another when a sender dies.

use chrono::Duration;
use serde_json::{Value, json};

use super::*;
use crate::testing::{TestApp, mail_server::MailServer, receiver::Receiver};

async fn start() -> (TestApp, Receiver) {
    let receiver = Receiver::start().await;
    let (pagerduty, opsgenie) = (receiver.url.clone(), receiver.url.clone());
    let test = TestApp::start_with(|config| {
        config.egress_allow_private = true;
        config.alerts.pagerduty_url = pagerduty;
        config.alerts.opsgenie_url = Some(opsgenie);
        config.public_url = "https://gw.example.com".into();
    })
    .await;
    (test, receiver)
}

/// A test alert of a rule that tells this channel.
async fn fire(test: &TestApp, channel: &str) -> Value {
    let rule = test.alert_rule(json!({"channel_ids": [channel]})).await;
    test.post("/v1/alerts/test", json!({"rule_id": rule["id"]})).await.expect(201)
}

async fn is_due(test: &TestApp) {
    test.sql("update alert_notifications set next_attempt_at = now() where status = 'pending'").await;
}

async fn one(test: &TestApp) -> Value {
    test.get("/v1/alerts/notifications").await.expect(200)["notifications"][0].clone()
}

#[tokio::test]
async fn a_message_is_tried_again_with_the_same_id_until_it_is_taken() {
    let (test, mut receiver) = start().await;
    let channel = test.alert_channel("hook", &receiver, json!({})).await;
    fire(&test, &channel).await;
    receiver.answers(503);
    test.deliver().await;
    let waiting = one(&test).await;
    assert_eq!((&waiting["status"], &waiting["response_status"]), (&json!("pending"), &json!(503)));
    assert_eq!(test.deliver().await, 0, "not at once");
    receiver.answers(204);
    is_due(&test).await;
    test.deliver().await;
    let sent = one(&test).await;
    assert_eq!(
        (&sent["status"], &sent["attempts"], &sent["error"]),
        (&json!("sent"), &json!(2), &Value::Null)
    );
    assert!(sent["sent_at"].is_string());
    let (first, second) = (receiver.next().unwrap(), receiver.next().unwrap());
    assert_eq!(first.headers["webhook-id"], second.headers["webhook-id"]);
    assert_eq!(first.bytes, second.bytes);
    let shown = test.get(&format!("/v1/alerts/channels/{channel}")).await.expect(200);
    assert_eq!(shown["last_delivery"]["status"], "sent");
}

#[tokio::test]
async fn a_message_is_given_up_after_five_attempts_or_when_it_is_refused() {
    let (test, mut receiver) = start().await;
    let channel = test.alert_channel("hook", &receiver, json!({})).await;
    fire(&test, &channel).await;
    receiver.answers(500);
    for _ in 0..7 {
        is_due(&test).await;
        test.deliver().await;
    }
    let failed = one(&test).await;
    assert_eq!((&failed["status"], &failed["attempts"]), (&json!("failed"), &json!(5)));
    assert_eq!(std::iter::from_fn(|| receiver.next()).count(), 5);
    receiver.answers(410);
    test.sql("delete from alert_notifications").await;
    test.sql("delete from alert_rules").await;
    fire(&test, &channel).await;
    test.deliver().await;
    let refused = one(&test).await;
    assert_eq!((&refused["status"], &refused["attempts"]), (&json!("failed"), &json!(1)));
    assert_eq!(refused["error"], "it answered with 410 Gone");
    let shown = test.get(&format!("/v1/alerts/channels/{channel}")).await.expect(200);
    assert_eq!(shown["last_delivery"]["error"], "it answered with 410 Gone");
}

#[tokio::test]
async fn what_a_dead_sender_had_claimed_is_sent_by_another_under_the_same_id() {
    let (test, mut receiver) = start().await;
    let channel = test.alert_channel("hook", &receiver, json!({})).await;
    fire(&test, &channel).await;
    let taken = claim(&test.app, 10).await.unwrap();
    assert_eq!(taken.len(), 1);
    assert!(claim(&test.app, 10).await.unwrap().is_empty(), "nobody else gets it meanwhile");
    is_due(&test).await;
    let again = claim(&test.app, 10).await.unwrap();
    assert_eq!((again[0].id, again[0].attempts), (taken[0].id, 2));
    deliver(&test.app, &again[0]).await.unwrap();
    // The first was only slow: it sends, and does not overwrite what came of the second.
    receiver.answers(500);
    deliver(&test.app, &taken[0]).await.unwrap();
    assert_eq!(test.notifications().await, [("firing".to_owned(), "sent".to_owned(), 2)]);
    let (first, second) = (receiver.next().unwrap(), receiver.next().unwrap());
    assert_eq!(first.headers["webhook-id"], second.headers["webhook-id"], "a receiver can tell");
}

#[tokio::test]
async fn many_senders_at_once_send_each_message_once() {
    let (test, mut receiver) = start().await;
    let channel = test.alert_channel("hook", &receiver, json!({})).await;
    let rule = test.alert_rule(json!({"channel_ids": [channel]})).await;
    for _ in 0..20 {
        test.post("/v1/alerts/test", json!({"rule_id": rule["id"]})).await.expect(201);
    }
    let sent = futures::future::join_all((0..4).map(|_| test.deliver())).await;
    assert_eq!(sent.iter().sum::<usize>(), 20);
    let mut ids: Vec<_> =
        std::iter::from_fn(|| receiver.next()).map(|taken| taken.body["id"].to_string()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 20);
}

#[tokio::test]
async fn a_channel_hears_of_an_alert_in_order() {
    let (test, mut receiver) = start().await;
    let channel = test.alert_channel("hook", &receiver, json!({})).await;
    let alert = fire(&test, &channel).await;
    receiver.answers(500);
    test.deliver().await;
    let path = format!("/v1/alerts/{}", alert["id"].as_str().unwrap());
    test.post(&format!("{path}/acknowledge"), json!({})).await.expect(200);
    test.post(&format!("{path}/resolve"), json!({})).await.expect(200);
    assert_eq!(test.deliver().await, 0, "that it is over waits behind that it fires");
    receiver.answers(200);
    is_due(&test).await;
    assert_eq!(test.deliver().await, 3);
    let told: Vec<_> =
        std::iter::from_fn(|| receiver.next()).map(|taken| taken.body["type"].clone()).collect();
    assert_eq!(told, ["alert.firing", "alert.firing", "alert.acknowledged", "alert.resolved"]);
}

#[tokio::test]
async fn what_a_channel_was_to_say_is_dropped_when_it_is_gone_or_off() {
    let (test, receiver) = start().await;
    let off = test.alert_channel("off", &receiver, json!({})).await;
    let gone = test.alert_channel("gone", &receiver, json!({})).await;
    let rule = test.alert_rule(json!({"channel_ids": [off, gone]})).await;
    test.post("/v1/alerts/test", json!({"rule_id": rule["id"]})).await.expect(201);
    test.patch(&format!("/v1/alerts/channels/{off}"), json!({"enabled": false})).await.expect(200);
    test.delete(&format!("/v1/alerts/channels/{gone}")).await.expect(204);
    test.deliver().await;
    let statuses: Vec<_> = test.notifications().await.into_iter().map(|(_, status, _)| status).collect();
    assert_eq!(statuses, ["dropped", "dropped"]);
    let left = test.get(&format!("/v1/alerts/rules/{}", rule["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(left["channel_ids"], json!([off]));
}

#[tokio::test]
async fn every_kind_of_channel_reaches_its_receiver() {
    let (test, mut receiver) = start().await;
    let url = receiver.url.clone();
    for (kind, config, path) in [
        ("slack", json!({"webhook_url": format!("{url}/slack")}), "/slack".to_owned()),
        ("teams", json!({"webhook_url": format!("{url}/teams")}), "/teams".to_owned()),
        ("pagerduty", json!({"routing_key": "k"}), "/v2/enqueue".to_owned()),
        ("opsgenie", json!({"api_key": "k", "region": "eu"}), "/v2/alerts".to_owned()),
        (
            "webhook",
            json!({"url": format!("{url}/hook"), "secret": "s", "headers": {"x-a": "b"}}),
            "/hook".to_owned(),
        ),
    ] {
        let form = json!({"name": kind, "type": kind, "config": config});
        let channel = test.post("/v1/alerts/channels", form).await.expect(201);
        let rule = json!({"name": kind, "channel_ids": [channel["id"]]});
        let rule = test.alert_rule(rule).await;
        test.post("/v1/alerts/test", json!({"rule_id": rule["id"], "value": 0.5})).await.expect(201);
        assert_eq!(test.deliver().await, 1);
        let taken = receiver.next().unwrap();
        assert_eq!(taken.path, path, "{kind}");
        if kind == "webhook" {
            assert_eq!(taken.headers["x-a"], "b");
            assert!(taken.headers.contains_key("webhook-signature"));
            assert_eq!(taken.body["data"]["is_test"], true);
        }
    }
}

#[tokio::test]
async fn a_letter_goes_to_all_addresses_of_a_channel() {
    let mut mail = MailServer::start().await;
    let settings = mail.settings.clone();
    let test = TestApp::start_with(|config| config.mail = Some(settings)).await;
    let config = json!({"to": ["ann@example.com", "bob@example.com"]});
    let form = json!({"name": "mail", "type": "email", "config": config});
    let channel = test.post("/v1/alerts/channels", form).await.expect(201);
    let alert = fire(&test, channel["id"].as_str().unwrap()).await;
    test.deliver().await;
    let letter = mail.letter().await;
    assert_eq!(letter.recipients, ["ann@example.com", "bob@example.com"]);
    assert!(letter.text.contains(alert["id"].as_str().unwrap()), "{}", letter.text);
    let id = one(&test).await["id"].as_str().unwrap().to_owned();
    assert!(letter.text.contains(&format!("Message-ID: <{id}@")), "{}", letter.text);
}

#[tokio::test]
async fn without_a_mail_server_a_letter_fails_and_says_why() {
    let test = TestApp::start().await;
    let form = json!({"name": "mail", "type": "email", "config": {"to": "ann@example.com"}});
    let channel = test.post("/v1/alerts/channels", form).await.expect(201);
    assert_eq!(channel["config"], json!({"to": ["ann@example.com"]}));
    fire(&test, channel["id"].as_str().unwrap()).await;
    test.deliver().await;
    let failed = one(&test).await;
    assert_eq!(failed["status"], "failed");
    assert!(failed["error"].as_str().unwrap().contains("SMTP_URL"), "{failed}");
}

#[test]
fn pauses_grow_and_end_after_a_quarter_of_an_hour() {
    let pauses: Vec<_> = (1..ATTEMPTS).map(pause).collect();
    assert_eq!(pauses, [5.0, 25.0, 125.0, 625.0]);
    let all = Duration::seconds(pauses.iter().sum::<f64>() as i64);
    assert!(all < Duration::minutes(15));
}
