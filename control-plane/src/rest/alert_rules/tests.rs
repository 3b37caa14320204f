use chrono::{Duration, Utc};
use http::Method;
use serde_json::{Value, json};

use crate::testing::{ADMIN_KEY, TestApp, calls::Call, receiver::Receiver};

fn path(rule: &Value) -> String {
    format!("/v1/alerts/rules/{}", rule["id"].as_str().unwrap())
}

/// The faults of a refused body, each as field and code.
pub(in crate::rest) fn faults(answer: &Value) -> Vec<(String, String)> {
    let fields = answer["error"]["details"]["fields"].as_array().unwrap_or_else(|| panic!("{answer}"));
    let text = |fault: &Value, name: &str| fault[name].as_str().unwrap().to_owned();
    let mut found: Vec<_> = fields.iter().map(|fault| (text(fault, "field"), text(fault, "code"))).collect();
    found.sort();
    found
}

pub(in crate::rest) fn fault(field: &str, code: &str) -> (String, String) {
    (field.to_owned(), code.to_owned())
}

#[tokio::test]
async fn a_rule_is_made_read_changed_and_removed() {
    let test = TestApp::start().await;
    let body = json!({"name": "Errors", "metric": "error_rate", "condition": "gt", "threshold": 0.05});
    let answer = test.post("/v1/alerts/rules", body).await;
    assert_eq!(answer.header("etag"), "\"1\"");
    let location = answer.header("location").to_owned();
    let rule = answer.expect(201);
    assert_eq!(location, path(&rule));
    let defaults = json!({
        "description": "", "window_minutes": 5, "for_minutes": 0, "severity": "warning", "channel_ids": [],
        "enabled": true, "renotify_minutes": null, "state": "ok", "last_value": null, "last_evaluated_at": null,
        "threshold": 0.05, "managed_by": "api", "filters": {
            "mcp_servers": [], "tool_names": [], "team_ids": [], "api_key_ids": [], "environments": [],
        },
    });
    for (field, value) in defaults.as_object().unwrap() {
        assert_eq!(&rule[field], value, "{field}");
    }
    let body = json!({
        "metric": "latency_p95", "threshold": 2000, "filters": {"environments": ["production"]},
        "renotify_minutes": 60, "severity": "critical",
    });
    let changed = test.patch(&path(&rule), body).await;
    assert_eq!(changed.header("etag"), "\"2\"");
    let changed = changed.expect(200);
    assert_eq!(
        (&changed["threshold"], &changed["filters"]["environments"]),
        (&json!(2000.0), &json!(["prd"]))
    );
    assert_eq!(test.get(&path(&rule)).await.expect(200), changed);
    test.delete(&path(&rule)).await.expect(204);
    assert_eq!(test.get(&path(&rule)).await.refused(404), "not_found");
    let audited = test.audited(rule["id"].as_str().unwrap()).await;
    assert_eq!(audited, ["alert_rule.create", "alert_rule.update", "alert_rule.delete"]);
}

#[tokio::test]
async fn every_fault_of_a_rule_is_told_at_once() {
    let test = TestApp::start().await;
    let body = json!({
        "metric": "happiness", "condition": "about", "threshold": "much", "window_minutes": 0, "for_minutes": 1441,
        "severity": "bad", "filters": {"mcp_servers": [""], "colors": []}, "renotify_minutes": 0, "color": "red",
    });
    let answer = test.post("/v1/alerts/rules", body).await.expect(400);
    let expected = [
        fault("color", "unknown"),
        fault("condition", "enum"),
        fault("filters.colors", "unknown"),
        fault("filters.mcp_servers.0", "length"),
        fault("for_minutes", "range"),
        fault("metric", "enum"),
        fault("name", "required"),
        fault("renotify_minutes", "range"),
        fault("severity", "enum"),
        fault("threshold", "type"),
        fault("window_minutes", "range"),
    ];
    assert_eq!(faults(&answer), expected);
    let nobody = "0198c0de-7a11-7c3e-9b2a-5d0f6e1a2b3c";
    let body = json!({
        "name": "a", "metric": "error_rate", "condition": "gt", "threshold": 1, "channel_ids": [nobody],
    });
    let answer = test.post("/v1/alerts/rules", body).await.expect(400);
    assert_eq!(faults(&answer), [fault("channel_ids.0", "unknown")]);
}

#[tokio::test]
async fn what_the_evaluator_writes_nobody_else_does() {
    let test = TestApp::start().await;
    let rule = test.alert_rule(json!({})).await;
    let refused = test.patch(&path(&rule), json!({"state": "ok", "last_value": 1})).await.expect(400);
    assert_eq!(faults(&refused), [fault("last_value", "read_only"), fault("state", "read_only")]);
    let body = json!({"threshold": 1});
    let stale =
        test.request(ADMIN_KEY, Method::PATCH, &path(&rule), &[("if-match", "\"7\"")], Some(body)).await;
    assert_eq!(stale.refused(412), "precondition_failed");
}

#[tokio::test]
async fn rules_are_filtered_and_need_their_permissions() {
    let test = TestApp::start_with(|config| config.egress_allow_private = true).await;
    let receiver = Receiver::start().await;
    let channel = test.alert_channel("hook", &receiver, json!({})).await;
    test.alert_rule(json!({"name": "a", "severity": "info", "channel_ids": [channel]})).await;
    test.alert_rule(json!({"name": "b", "metric": "cost_per_day", "description": "spending"})).await;
    test.alert_rule(json!({"name": "c", "enabled": false})).await;
    for (query, total) in [
        ("metric=error_rate", 2),
        ("severity=info,critical", 1),
        ("state=disabled", 1),
        ("enabled=true", 2),
        ("q=SPEND", 1),
        ("name=a,b", 2),
        (&*format!("channel_id={channel}"), 1),
    ] {
        let list = test.get(&format!("/v1/alerts/rules?{query}")).await.expect(200);
        assert_eq!(list["total"], total, "{query}");
    }
    assert_eq!(test.get("/v1/alerts/rules?metric=happiness").await.refused(400), "invalid_request");
    let reader = test.key_with(&["alerts:read"]).await;
    test.get_as(&reader, "/v1/alerts/rules").await.expect(200);
    let body = json!({"name": "d", "metric": "error_rate", "condition": "gt", "threshold": 1});
    let refused = test.post_as(&reader, "/v1/alerts/rules", body).await.expect(403);
    assert_eq!(refused["error"]["details"]["permission"], "alerts:admin");
}

#[tokio::test]
async fn a_preview_shows_when_a_rule_would_have_fired() {
    let test = TestApp::start().await;
    let now = Utc::now();
    let calls = (0..4).map(|number| Call {
        status: if number < 3 { "error" } else { "success" },
        started_at: now - Duration::minutes(300),
        ..Call::default()
    });
    test.record(&calls.collect::<Vec<_>>()).await;
    test.record(&[Call { started_at: now - Duration::minutes(100), ..Call::default() }]).await;
    let body = json!({
        "metric": "error_rate", "condition": "gte", "threshold": 0.75, "window_minutes": 30, "period": "day",
    });
    let reader = test.key_with(&["alerts:read"]).await;
    let preview = test.post_as(&reader, "/v1/alerts/rules/preview", body.clone()).await.expect(200);
    let series = preview["series"].as_array().unwrap();
    assert_eq!(series.len(), 180);
    let values: Vec<_> = series.iter().filter_map(|point| point["value"].as_f64()).collect();
    assert!(values.contains(&0.75) && values.contains(&0.0), "{values:?}");
    let fired = preview["would_fire"].as_array().unwrap();
    assert_eq!(fired.len(), 1, "{fired:?}");
    assert!(fired[0]["from"].as_str() < fired[0]["to"].as_str(), "{fired:?}");
    let mut higher = body.clone();
    higher["threshold"] = json!(0.8);
    let preview = test.post("/v1/alerts/rules/preview", higher).await.expect(200);
    assert_eq!(preview["would_fire"], json!([]));
    let mut wrong = body;
    wrong["period"] = json!("year");
    let refused = test.post("/v1/alerts/rules/preview", wrong).await.expect(400);
    assert_eq!(faults(&refused), [fault("period", "enum")]);
}

#[tokio::test]
async fn a_preview_answers_for_every_metric() {
    let test = TestApp::start().await;
    test.record(&[Call::default()]).await;
    for metric in [
        "error_rate",
        "latency_p50",
        "latency_p95",
        "latency_p99",
        "request_rate",
        "cost_per_hour",
        "cost_per_day",
        "rate_limit_hit",
        "blocked_count",
        "injection_detected",
        "tool_drift",
        "approval_pending",
        "server_unhealthy",
    ] {
        let id = "0198c0de-7a11-7c3e-9b2a-5d0f6e1a2b3c";
        let body = json!({
            "name": "x", "metric": metric, "condition": "neq", "threshold": -1, "period": "hour", "filters": {
                "mcp_servers": ["files"], "tool_names": ["read_file"], "team_ids": [id], "api_key_ids": [id],
                "environments": ["dev"],
            },
        });
        let preview = test.post("/v1/alerts/rules/preview", body).await.expect(200);
        assert_eq!(preview["series"].as_array().unwrap().len(), 60, "{metric}");
    }
}
