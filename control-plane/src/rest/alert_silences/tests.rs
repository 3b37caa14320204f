use chrono::{Duration, Utc};
use serde_json::{Value, json};

use crate::{
    rest::alert_rules::tests::{fault, faults},
    testing::TestApp,
};

fn path(silence: &Value) -> String {
    format!("/v1/alerts/silences/{}", silence["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_silence_is_made_read_changed_and_removed() {
    let test = TestApp::start().await;
    let rule = test.alert_rule(json!({})).await;
    let ends = Utc::now() + Duration::hours(1);
    let body = json!({"rule_ids": [rule["id"]], "ends_at": ends, "reason": "deploy"});
    let acker = test.key_with(&["alerts:read", "alerts:ack"]).await;
    let silence = test.post_as(&acker, "/v1/alerts/silences", body).await.expect(201);
    assert_eq!((&silence["severities"], &silence["mcp_servers"]), (&json!([]), &json!([])));
    for (query, total) in [
        ("active=true".to_owned(), 1),
        ("active=false".to_owned(), 0),
        (format!("rule_id={}", rule["id"].as_str().unwrap()), 1),
        ("q=DEPL".to_owned(), 1),
    ] {
        let list = test.get(&format!("/v1/alerts/silences?{query}")).await.expect(200);
        assert_eq!(list["total"], total, "{query}");
    }
    let body = json!({"severities": ["info"], "reason": "longer"});
    let changed = test.patch(&path(&silence), body).await.expect(200);
    assert_eq!((&changed["severities"], &changed["ends_at"]), (&json!(["info"]), &silence["ends_at"]));
    test.delete(&path(&silence)).await.expect(204);
    assert_eq!(test.get(&path(&silence)).await.refused(404), "not_found");
    let audited = test.audited(silence["id"].as_str().unwrap()).await;
    assert_eq!(audited, ["alert_silence.create", "alert_silence.update", "alert_silence.delete"]);
}

#[tokio::test]
async fn a_silence_must_end_after_it_begins_and_name_rules_that_exist() {
    let test = TestApp::start().await;
    let now = Utc::now();
    let refused = test.post("/v1/alerts/silences", json!({"severities": ["bad"]})).await.expect(400);
    let expected = [fault("ends_at", "required"), fault("reason", "required"), fault("severities.0", "enum")];
    assert_eq!(faults(&refused), expected);
    for ends in [now - Duration::hours(1), now + Duration::days(400)] {
        let body = json!({"starts_at": now, "ends_at": ends, "reason": "x"});
        let refused = test.post("/v1/alerts/silences", body).await.expect(400);
        assert_eq!(faults(&refused), [fault("ends_at", "range")]);
    }
    let nobody = "0198c0de-7a11-7c3e-9b2a-5d0f6e1a2b3c";
    let body = json!({"rule_ids": [nobody], "ends_at": now + Duration::hours(1), "reason": "x"});
    let refused = test.post("/v1/alerts/silences", body).await.expect(400);
    assert_eq!(faults(&refused), [fault("rule_ids.0", "unknown")]);
}
