use serde_json::json;

use crate::testing::TestApp;

#[tokio::test]
async fn alerts_are_listed_filtered_and_summed_up() {
    let test = TestApp::start().await;
    let critical = test.alert_rule(json!({"name": "a", "severity": "critical"})).await;
    let info = test.alert_rule(json!({"name": "b", "severity": "info", "metric": "cost_per_day"})).await;
    for rule in [&critical, &critical, &info] {
        test.post("/v1/alerts/test", json!({"rule_id": rule["id"]})).await.expect(201);
    }
    // Tests are not counted, so two of them become real.
    test.sql("update alerts set is_test = false where severity = 'info'").await;
    test.sql(
        "update alerts set is_test = false, status = 'resolved', resolved_at = now()
              where id = (select id from alerts where severity = 'critical' limit 1)",
    )
    .await;
    for (query, count) in [
        ("", 3),
        ("status=firing,acknowledged", 2),
        ("status=resolved", 1),
        ("severity=critical", 2),
        ("metric=cost_per_day", 1),
        ("is_test=true", 1),
        ("is_test=false&severity=info", 1),
        (&*format!("rule_id={}", info["id"].as_str().unwrap()), 1),
    ] {
        assert_eq!(test.alerts(query).await.len(), count, "{query}");
    }
    let list = test.get("/v1/alerts?sort=-started_at&limit=1&include_total=true").await.expect(200);
    assert_eq!((&list["total"], &list["has_more"]), (&json!(3), &json!(true)));
    let summary = test.get("/v1/alerts/summary").await.expect(200);
    assert_eq!(
        summary,
        json!({
            "firing": 1, "acknowledged": 0, "by_severity": {"info": 1, "warning": 0, "critical": 0},
            "resolved_24h": 1,
        })
    );
    assert_eq!(test.get("/v1/alerts?status=burning").await.refused(400), "invalid_request");
}

#[tokio::test]
async fn a_test_alert_is_marked_and_can_be_acknowledged_and_resolved() {
    let test = TestApp::start().await;
    let rule = test.alert_rule(json!({})).await;
    let answer = test.post("/v1/alerts/test", json!({"rule_id": rule["id"], "value": 0.12})).await;
    let location = answer.header("location").to_owned();
    let alert = answer.expect(201);
    assert_eq!((&alert["is_test"], &alert["message"]), (&json!(true), &json!("error_rate 0.12 > 0.05")));
    assert_eq!(test.get(&location).await.expect(200), alert);
    let acker = test.key_with(&["alerts:ack"]).await;
    let acknowledged = test.post_as(&acker, &format!("{location}/acknowledge"), json!({})).await.expect(200);
    assert_eq!(acknowledged["status"], "acknowledged");
    let resolved = test.post(&format!("{location}/resolve"), json!({"note": "seen"})).await.expect(200);
    assert_eq!((&resolved["status"], &resolved["note"]), (&json!("resolved"), &json!("seen")));
    let audited = test.audited(alert["id"].as_str().unwrap()).await;
    assert_eq!(audited, ["alert.test", "alert.acknowledge", "alert.resolve"]);
    let refused = test.post_as(&acker, "/v1/alerts/test", json!({"rule_id": rule["id"]})).await;
    assert_eq!(refused.refused(403), "permission_denied");
    let nobody = json!({"rule_id": "0198c0de-7a11-7c3e-9b2a-5d0f6e1a2b3c"});
    assert_eq!(test.post("/v1/alerts/test", nobody).await.refused(400), "validation_error");
    let long = json!({"note": "x".repeat(1001)});
    assert_eq!(test.post(&format!("{location}/resolve"), long).await.refused(400), "validation_error");
    let reader = test.key_with(&["alerts:read"]).await;
    test.get_as(&reader, &location).await.expect(200);
    let refused = test.post_as(&reader, &format!("{location}/resolve"), json!({})).await;
    assert_eq!(refused.refused(403), "permission_denied");
}

#[tokio::test]
async fn another_organization_sees_and_moves_none_of_it() {
    let test = TestApp::start().await;
    let rule = test.alert_rule(json!({})).await;
    let alert = test.post("/v1/alerts/test", json!({"rule_id": rule["id"]})).await.expect(201);
    let (_, other) = test.other_organization().await;
    let path = format!("/v1/alerts/{}", alert["id"].as_str().unwrap());
    assert_eq!(test.get_as(&other, &path).await.refused(404), "not_found");
    for action in ["acknowledge", "ack", "resolve"] {
        assert_eq!(
            test.post_as(&other, &format!("{path}/{action}"), json!({})).await.refused(404),
            "not_found"
        );
    }
    let refused = test.post_as(&other, "/v1/alerts/test", json!({"rule_id": rule["id"]})).await;
    assert_eq!(refused.refused(400), "validation_error");
}
