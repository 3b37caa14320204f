//! What messages look like, to the letter where a receiver reads them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::{
    id::{AlertId, AlertRuleId},
    rest::value::Time,
    service::alerts::Status,
};

const ID: &str = "0198c0de-7a11-7c3e-9b2a-5d0f6e1a2b3c";

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn notice(event: Event, severity: Severity) -> Notice {
    let started = time("2026-01-15T10:00:00Z");
    let alert = Alert {
        id: AlertId(ID.parse().unwrap()),
        org_id: OrgId(ID.parse().unwrap()),
        rule_id: Some(AlertRuleId(ID.parse().unwrap())),
        rule_name: "High <error> rate".into(),
        metric: "error_rate".into(),
        severity,
        status: Status::Firing,
        message: "error_rate 0.12 > 0.05".into(),
        value: 0.12,
        threshold: 0.05,
        labels: BTreeMap::from([("mcp_server".to_owned(), "files".to_owned())]),
        is_test: false,
        started_at: Time(started),
        acknowledged_at: None,
        acknowledged_by: None,
        resolved_at: None,
        resolved_by: None,
        note: None,
        created_at: Time(started),
    };
    Notice {
        id: AlertNotificationId(ID.parse().unwrap()),
        event,
        at: time("2026-01-15T10:05:00Z"),
        org: OrgId(ID.parse().unwrap()),
        told: Told { organization: "acme".into(), window_minutes: 5, alert },
        url: format!("https://gw.example.com/alerts?id={ID}"),
    }
}

fn body(request: &Request<Vec<u8>>) -> Value {
    serde_json::from_slice(request.body()).unwrap()
}

#[test]
fn slack_gets_a_text_and_blocks_in_which_nothing_is_markup() {
    let message = slack::message(Some("#ops"), &notice(Event::Firing, Severity::Critical));
    assert_eq!(message["text"], "[FIRING] High &lt;error&gt; rate: error_rate 0.12 &gt; 0.05");
    assert_eq!(message["channel"], "#ops");
    let attachment = &message["attachments"][0];
    assert_eq!(attachment["color"], "#d92d20");
    let fields: Vec<_> = attachment["blocks"][1]["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| field["text"].clone())
        .collect();
    assert_eq!(fields, ["*Value*\n0.12", "*Threshold*\n0.05", "*Severity*\ncritical", "*Status*\nfiring"]);
    let button = &attachment["blocks"][3]["elements"][0];
    assert_eq!(button["url"], format!("https://gw.example.com/alerts?id={ID}"));
}

#[test]
fn a_color_tells_how_bad_it_is_and_that_it_is_over() {
    for (event, severity, color) in [
        (Event::Renotified, Severity::Critical, "#d92d20"),
        (Event::Firing, Severity::Warning, "#f79009"),
        (Event::Acknowledged, Severity::Info, "#2e90fa"),
        (Event::Resolved, Severity::Critical, "#12b76a"),
    ] {
        assert_eq!(slack::message(None, &notice(event, severity))["attachments"][0]["color"], color);
    }
}

#[test]
fn pagerduty_opens_acknowledges_and_resolves_one_incident() {
    let key = SecretString::from("routing");
    let firing = pagerduty::event(&key, &notice(Event::Firing, Severity::Warning));
    assert_eq!(
        firing,
        json!({
            "routing_key": "routing",
            "event_action": "trigger",
            "dedup_key": format!("gatewayops-{ID}"),
            "client": "GatewayOps",
            "client_url": format!("https://gw.example.com/alerts?id={ID}"),
            "payload": {
                "summary": "High <error> rate: error_rate 0.12 > 0.05",
                "source": "gatewayops/acme",
                "severity": "warning",
                "timestamp": "2026-01-15T10:00:00.000Z",
                "component": "files",
                "class": "error_rate",
                "custom_details": {
                    "value": 0.12, "threshold": 0.05, "window_minutes": 5, "labels": {"mcp_server": "files"},
                    "rule_id": ID,
                },
            },
        })
    );
    for (event, action) in
        [(Event::Renotified, "trigger"), (Event::Acknowledged, "acknowledge"), (Event::Resolved, "resolve")]
    {
        let sent = pagerduty::event(&key, &notice(event, Severity::Warning));
        assert_eq!((&sent["event_action"], &sent["dedup_key"]), (&json!(action), &firing["dedup_key"]));
        assert_eq!(sent.get("payload").is_some(), action == "trigger");
    }
    let request =
        pagerduty::request("http://127.0.0.1:1", &key, &notice(Event::Firing, Severity::Info)).unwrap();
    assert_eq!(request.uri(), "http://127.0.0.1:1/v2/enqueue");
}

#[test]
fn a_summary_is_no_longer_than_pagerduty_takes() {
    let mut long = notice(Event::Firing, Severity::Info);
    long.told.alert.message = "é".repeat(5_000);
    let event = pagerduty::event(&SecretString::from("k"), &long);
    assert_eq!(event["payload"]["summary"].as_str().unwrap().chars().count(), 1024);
}

#[test]
fn a_webhook_gets_the_envelope_of_events_and_one_id_at_every_attempt() {
    let notice = notice(Event::Renotified, Severity::Warning);
    let headers = BTreeMap::from([
        ("x-token".to_owned(), SecretString::from("hush")),
        ("webhook-id".to_owned(), SecretString::from("forged")),
    ]);
    let secret = SecretString::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    let at = |now| webhook::request("https://example.com/x", &headers, Some(&secret), &notice, now).unwrap();
    let (first, second) = (at(1_768_471_500), at(1_768_471_505));
    assert_eq!(
        body(&first),
        json!({
            "id": format!("evt_{ID}"), "type": "alert.firing", "created_at": "2026-01-15T10:05:00.000Z",
            "org_id": ID, "data": notice.told.alert,
        })
    );
    assert_eq!(first.body(), second.body());
    assert_eq!(first.headers()["webhook-id"], format!("evt_{ID}").as_str());
    assert_eq!(first.headers()["webhook-id"], second.headers()["webhook-id"]);
    assert_eq!(first.headers()["webhook-timestamp"], "1768471500");
    assert_ne!(first.headers()["webhook-signature"], second.headers()["webhook-signature"]);
    assert_eq!(first.headers()["x-token"], "hush");
    assert!(!format!("{:?}", first.headers()).contains("hush"), "it is no header to be written to a log");
    let unsigned = webhook::request("https://example.com/x", &BTreeMap::new(), None, &notice, 1).unwrap();
    assert!(!unsigned.headers().contains_key("webhook-signature"));
}

#[test]
fn every_event_has_its_type() {
    for (event, kind) in [
        (Event::Firing, "alert.firing"),
        (Event::Renotified, "alert.firing"),
        (Event::Acknowledged, "alert.acknowledged"),
        (Event::Resolved, "alert.resolved"),
    ] {
        assert_eq!(webhook::envelope(&notice(event, Severity::Info))["type"], kind);
    }
}

#[test]
fn a_letter_says_what_where_and_since_when() {
    let mut notice = notice(Event::Resolved, Severity::Warning);
    notice.told.alert.note = Some("restarted\nthe server".into());
    let (subject, text) = email::letter(&notice);
    assert_eq!(subject, "[RESOLVED] High <error> rate: error_rate 0.12 > 0.05");
    for line in [
        "An alert is over.",
        "Measured: error_rate 0.12 > 0.05 (over 5 minutes)",
        "Severity: warning",
        "Since: 2026-01-15 10:00 UTC",
        "mcp_server: files",
        "> the server",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}: {text}");
    }
    notice.told.alert.rule_name = "x\r\nBcc: everybody@example.com".into();
    assert!(!email::letter(&notice).0.contains(['\r', '\n']), "a name ends no header");
}

#[test]
fn teams_gets_an_adaptive_card() {
    let message = teams::message(&notice(Event::Firing, Severity::Critical));
    let attachment = &message["attachments"][0];
    assert_eq!(attachment["contentType"], "application/vnd.microsoft.card.adaptive");
    let card = &attachment["content"];
    assert_eq!((&card["type"], &card["version"]), (&json!("AdaptiveCard"), &json!("1.4")));
    assert_eq!(card["body"][0]["color"], "Attention");
    assert_eq!(card["body"][0]["text"], "\\[FIRING\\] High <error> rate: error_rate 0.12 > 0.05");
    assert_eq!(card["body"][1]["facts"][0], json!({"title": "Value", "value": "0.12"}));
    assert_eq!(card["actions"][0]["url"], format!("https://gw.example.com/alerts?id={ID}"));
}

#[test]
fn opsgenie_knows_an_alert_by_its_alias() {
    let (path, opened) = opsgenie::call(&notice(Event::Firing, Severity::Critical));
    assert_eq!(path, "/v2/alerts");
    assert_eq!((&opened["alias"], &opened["priority"]), (&json!(format!("gatewayops-{ID}")), &json!("P1")));
    assert_eq!(opened["details"]["window_minutes"], "5");
    for (event, action) in [(Event::Acknowledged, "acknowledge"), (Event::Resolved, "close")] {
        let (path, _) = opsgenie::call(&notice(event, Severity::Info));
        assert_eq!(path, format!("/v2/alerts/gatewayops-{ID}/{action}?identifierType=alias"));
    }
    let key = SecretString::from("hush");
    let firing = notice(Event::Firing, Severity::Info);
    for (base, region, host) in [
        (None, Region::Us, "https://api.opsgenie.com/v2/alerts"),
        (None, Region::Eu, "https://api.eu.opsgenie.com/v2/alerts"),
        (Some("http://127.0.0.1:1"), Region::Eu, "http://127.0.0.1:1/v2/alerts"),
    ] {
        let request = opsgenie::request(base, &key, region, &firing).unwrap();
        assert_eq!(request.uri(), host);
        assert_eq!(request.headers()["authorization"], "GenieKey hush");
    }
}

#[test]
fn a_test_says_that_it_is_one() {
    let mut test = notice(Event::Firing, Severity::Info);
    test.told.alert.is_test = true;
    assert!(test.headline().starts_with("[TEST] [FIRING] "));
}
