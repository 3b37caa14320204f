use chrono::{Duration, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::testing::{TestApp, detections::detection};

const DETECTIONS: &str = "/v1/safety/detections";

fn ids(list: &Value) -> Vec<&str> {
    list["detections"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_detection_is_shown_with_all_its_fields() {
    let test = TestApp::start().await;
    let (policy, key, user) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
    let created_at = Utc::now() - Duration::hours(1);
    let stored = detection(json!({
        "created_at": created_at, "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "span_id": "00f067aa0ba902b7",
        "policy_id": policy, "api_key_id": key, "user_id": user, "pattern": "AKIA.*",
    }));
    let id = test.detect(vec![stored]).await.remove(0);
    let list = test.get(DETECTIONS).await.expect(200);
    assert_eq!((ids(&list), &list["total"]), (vec![id.as_str()], &Value::Null));
    let one = test.get(&format!("{DETECTIONS}/{id}")).await.expect(200);
    assert_eq!(one, list["detections"][0]);
    let at = created_at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let expected = json!({
        "id": id, "org_id": test.org, "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "span_id": "00f067aa0ba902b7",
        "policy_id": policy, "type": "secret", "severity": "high", "confidence": 0.95, "rule": "aws_access_key",
        "pattern": "AKIA.*", "direction": "response", "action": "redacted", "snippet": "AKIA… (20 characters)",
        "mcp_server": "files", "tool_name": "read_file", "api_key_id": key, "user_id": user, "ip_address": "10.0.0.1",
        "disposition": "unreviewed", "note": null, "reviewed_by": null, "reviewed_at": null, "created_at": at,
    });
    assert_eq!(with_rounded_confidence(one), expected);
}

/// A single-precision number has no exact decimal.
fn with_rounded_confidence(mut detection: Value) -> Value {
    let confidence = detection["confidence"].as_f64().unwrap();
    detection["confidence"] = json!((confidence * 1000.0).round() / 1000.0);
    detection
}

#[tokio::test]
async fn every_filter_finds_what_it_names_and_nothing_else() {
    let test = TestApp::start().await;
    let (policy, key, user) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
    let mut all = vec![detection(json!({}))];
    let cases = [
        ("type", json!({"type": "pii"}), "pii".to_owned()),
        ("severity", json!({"severity": "critical"}), "critical".to_owned()),
        ("action", json!({"action_taken": "blocked"}), "blocked".to_owned()),
        ("direction", json!({"direction": "request"}), "request".to_owned()),
        ("mcp_server", json!({"mcp_server": "github"}), "github".to_owned()),
        ("server", json!({"mcp_server": "jira"}), "jira".to_owned()),
        ("tool_name", json!({"tool_name": "get_issue"}), "get_issue".to_owned()),
        ("policy_id", json!({"policy_id": policy}), policy.to_string()),
        ("api_key_id", json!({"api_key_id": key}), key.to_string()),
        ("user_id", json!({"user_id": user}), user.to_string()),
        (
            "trace_id",
            json!({"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736"}),
            "4bf92f3577b34da6a3ce929d0e0e4736".to_owned(),
        ),
    ];
    all.extend(cases.iter().map(|(_, differs, _)| detection(differs.clone())));
    let stored = test.detect(all).await;
    for (index, (name, _, value)) in cases.iter().enumerate() {
        let list = test.get(&format!("{DETECTIONS}?{name}={value}")).await.expect(200);
        assert_eq!(ids(&list), [stored[index + 1].as_str()], "{name}");
    }
    let path = format!("{DETECTIONS}/{}", stored[0]);
    test.patch(&path, json!({"disposition": "false_positive"})).await.expect(200);
    let judged =
        test.get(&format!("{DETECTIONS}?disposition=false_positive,true_positive")).await.expect(200);
    assert_eq!(ids(&judged), [stored[0].as_str()]);
    let either =
        test.get(&format!("{DETECTIONS}?mcp_server=github,jira&include_total=true")).await.expect(200);
    assert_eq!(either["total"], 2);
    for query in ["type=spam", "action=block", "colour=red", "policy_id=x", "severity="] {
        let code = test.get(&format!("{DETECTIONS}?{query}")).await.refused(400);
        assert_eq!(code, "invalid_request", "{query}");
    }
}

#[tokio::test]
async fn detections_are_paged_from_the_newest_and_limited_in_time() {
    let test = TestApp::start().await;
    let at = |minutes| detection(json!({"created_at": Utc::now() - Duration::minutes(minutes)}));
    let stored = test.detect((1..=5).map(at).collect()).await;
    let first = test.get(&format!("{DETECTIONS}?limit=3")).await.expect(200);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = test.get(&format!("{DETECTIONS}?limit=3&cursor={cursor}")).await.expect(200);
    assert_eq!([ids(&first), ids(&second)].concat(), stored);
    let start = (Utc::now() - Duration::seconds(150)).to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let recent = test.get(&format!("{DETECTIONS}?start_time={start}")).await.expect(200);
    assert_eq!(ids(&recent), stored[..2]);
}

#[tokio::test]
async fn a_person_judges_a_detection_and_takes_it_back() {
    let test = TestApp::start().await;
    let id = test.detect(vec![detection(json!({}))]).await.remove(0);
    let path = format!("{DETECTIONS}/{id}");
    let reviewer = test.user("reviewer", Some("security")).await;
    let key = test.key_of(reviewer).await;
    let body = json!({"disposition": "true_positive", "note": "rotated"});
    let judged = test.request(&key, http::Method::PATCH, &path, &[], Some(body)).await.expect(200);
    assert_eq!(
        (&judged["disposition"], &judged["note"], &judged["reviewed_by"]),
        (&json!("true_positive"), &json!("rotated"), &json!(reviewer))
    );
    assert!(judged["reviewed_at"].is_string());
    let shown = test.get(&path).await.expect(200);
    assert_eq!(
        (&shown["disposition"], &shown["note"], &shown["reviewed_by"]),
        (&judged["disposition"], &judged["note"], &judged["reviewed_by"])
    );

    let back = test.patch(&path, json!({"disposition": "unreviewed"})).await.expect(200);
    assert_eq!(
        (&back["note"], &back["reviewed_by"], &back["reviewed_at"]),
        (&json!("rotated"), &Value::Null, &Value::Null)
    );
    assert_eq!(test.audited(&id).await, ["detection.update", "detection.update"]);
    let rows = test.audit_rows().await;
    let changes = &rows.iter().find(|row| row.action == "detection.update").unwrap().changes;
    assert_eq!(changes["disposition"], json!({"before": "unreviewed", "after": "true_positive"}));
}

#[tokio::test]
async fn only_the_judgement_can_be_changed_and_only_by_who_administers_policies() {
    let test = TestApp::start().await;
    let id = test.detect(vec![detection(json!({}))]).await.remove(0);
    let path = format!("{DETECTIONS}/{id}");
    for (body, field, code) in [
        (json!({"severity": "low"}), "severity", "read_only"),
        (json!({"snippet": "x"}), "snippet", "read_only"),
        (json!({"disposition": "maybe"}), "disposition", "enum"),
        (json!({"note": "x".repeat(1001)}), "note", "length"),
        (json!({"colour": "red"}), "colour", "unknown"),
    ] {
        let refused = test.patch(&path, body).await.expect(400);
        let fault = &refused["error"]["details"]["fields"][0];
        assert_eq!((&fault["field"], &fault["code"]), (&json!(field), &json!(code)));
    }
    let reader = test.key_with(&["policies:read"]).await;
    test.get_as(&reader, &path).await.expect(200);
    let body = Some(json!({"disposition": "false_positive"}));
    let refused = test.request(&reader, http::Method::PATCH, &path, &[], body).await;
    assert_eq!(refused.refused(403), "permission_denied");
    let nobody = test.key_with(&["traces:read"]).await;
    for path in [DETECTIONS.to_owned(), path, format!("{DETECTIONS}/export"), "/v1/safety/summary".to_owned()]
    {
        assert_eq!(test.get_as(&nobody, &path).await.refused(403), "permission_denied", "{path}");
    }
    assert_eq!(test.get(&format!("{DETECTIONS}/{}", Uuid::now_v7())).await.refused(404), "not_found");
}

#[tokio::test]
async fn another_organization_sees_and_judges_nothing_of_it() {
    let test = TestApp::start().await;
    let id = test.detect(vec![detection(json!({}))]).await.remove(0);
    let (_, stranger) = test.other_organization().await;
    let path = format!("{DETECTIONS}/{id}");
    assert_eq!(test.get_as(&stranger, &path).await.refused(404), "not_found");
    let body = Some(json!({"disposition": "false_positive"}));
    assert_eq!(
        test.request(&stranger, http::Method::PATCH, &path, &[], body).await.refused(404),
        "not_found"
    );
    assert!(ids(&test.get_as(&stranger, DETECTIONS).await.expect(200)).is_empty());
    let summary = test.get_as(&stranger, "/v1/safety/summary").await.expect(200);
    assert_eq!((&summary["total_detections"], &summary["by_type"]), (&json!(0), &json!({})));
    let export = test.get_as(&stranger, &format!("{DETECTIONS}/export?format=jsonl")).await;
    assert_eq!((export.status.as_u16(), export.text.as_str()), (200, ""));
    assert_eq!(test.get(&path).await.expect(200)["disposition"], "unreviewed");
}

#[tokio::test]
async fn an_export_has_every_row_and_no_formula() {
    let test = TestApp::start().await;
    let odd = detection(json!({"tool_name": "=cmd()", "created_at": Utc::now() - Duration::minutes(2)}));
    let stored = test.detect(vec![detection(json!({})), odd, detection(json!({"type": "pii"}))]).await;
    let csv = test.get(&format!("{DETECTIONS}/export?type=secret")).await;
    assert!(csv.header("content-type").starts_with("text/csv"));
    let lines: Vec<_> = csv.text.lines().collect();
    assert!(lines[0].starts_with("id,org_id,trace_id,") && lines[0].ends_with(",reviewed_at,created_at"));
    assert_eq!(lines.len(), 3);
    assert!(lines[1].starts_with(&stored[0]) && lines[2].contains("'=cmd()"), "{}", csv.text);
    let jsonl = test.get(&format!("{DETECTIONS}/export?format=jsonl")).await;
    let rows: Vec<Value> = jsonl.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().any(|row| row["tool_name"] == "=cmd()"));
    assert_eq!(test.get(&format!("{DETECTIONS}/export?format=otlp")).await.refused(400), "invalid_request");
    let exports = test.audit_rows().await;
    let exports = exports.iter().filter(|row| row.action == "export.run");
    assert_eq!(exports.map(|row| &row.details["resource"]).collect::<Vec<_>>(), ["detections", "detections"]);
}

#[tokio::test]
async fn the_summary_counts_what_the_list_shows() {
    let test = TestApp::start().await;
    let (now, yesterday) = (Utc::now(), Utc::now() - Duration::days(1));
    test.detect(vec![
        detection(json!({"created_at": now})),
        detection(json!({"created_at": now, "action_taken": "blocked", "rule": "visa", "type": "pii",
            "mcp_server": "github"})),
        detection(json!({"action_taken": "blocked", "severity": "low", "created_at": yesterday})),
        detection(json!({"created_at": Utc::now() - Duration::days(40)})),
    ])
    .await;
    let summary = test.get("/v1/safety/summary").await.expect(200);
    assert_eq!((&summary["total_detections"], &summary["blocked_count"]), (&json!(3), &json!(2)));
    assert_eq!(summary["by_type"], json!({"secret": 2, "pii": 1}));
    assert_eq!(summary["by_severity"], json!({"high": 2, "low": 1}));
    assert_eq!(summary["by_action"], json!({"redacted": 1, "blocked": 2}));
    assert_eq!(summary["by_server"], json!({"files": 2, "github": 1}));
    assert_eq!(
        summary["top_rules"],
        json!([{"rule": "aws_access_key", "count": 2}, {"rule": "visa", "count": 1}])
    );
    let timeline = summary["timeline"].as_array().unwrap();
    assert_eq!(timeline.len(), 31, "every day of the last 30 times 24 hours, the first and the last in part");
    let on = |day: chrono::DateTime<Utc>| {
        timeline.iter().find(|entry| entry["date"] == json!(day.date_naive())).unwrap().clone()
    };
    assert_eq!((&on(yesterday)["count"], &on(yesterday)["blocked"]), (&json!(1), &json!(1)));
    let counted: i64 = timeline.iter().map(|entry| entry["count"].as_i64().unwrap()).sum();
    assert_eq!(counted, 3);

    let github = test.get("/v1/safety/summary?mcp_server=github&period=day").await.expect(200);
    assert_eq!(github["total_detections"], 1);
    let long = "/v1/safety/summary?start_time=0001-01-01T00:00:00Z";
    assert_eq!(test.get(long).await.refused(400), "invalid_request");
}
