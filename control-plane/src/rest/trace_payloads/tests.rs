//! Who reads what calls were given, and that it is seen.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    store::trace_payloads::{self, REQUEST, RESPONSE, Row},
    testing::{TestApp, calls::Call},
};

const SPAN: &str = "00f067aa0ba902b7";

async fn kept(test: &TestApp, call: Call, request: &str, response: Option<&str>) -> String {
    let (started_at, trace_id) = (call.started_at, call.trace_id.clone());
    let id = test.record(&[call]).await[0];
    let sealed = |column, text: &str| {
        test.app.sealer.seal(&trace_payloads::place(test.org, id, column), text.as_bytes())
    };
    let row = Row {
        id,
        org_id: test.org.0,
        started_at,
        request: Some(sealed(REQUEST, request)),
        response: response.map(|text| sealed(RESPONSE, text)),
        redacted: true,
        truncated: false,
    };
    let mut tx = test.app.database.worker().await.unwrap();
    trace_payloads::insert(&mut tx, &[row]).await.unwrap();
    tx.commit().await.unwrap();
    format!("/v1/traces/{trace_id}/spans/{SPAN}/payload")
}

#[tokio::test]
async fn what_was_kept_is_read_by_few_and_every_reading_is_on_record() {
    let test = TestApp::start().await;
    let path = kept(&test, Call::default(), r#"{"path":"a.txt"}"#, Some(r#"{"content":[]}"#)).await;
    assert_eq!(
        test.get(&path).await.expect(200),
        json!({"request": {"path": "a.txt"}, "response": {"content": []}, "redacted": true, "truncated": false})
    );
    let listed = test.get("/v1/traces").await.expect(200)["traces"][0].clone();
    assert_eq!(listed["has_payload"], true);
    let id = listed["id"].as_str().unwrap();
    assert_eq!(test.audited(id).await, ["payload.read"]);

    let without = test.key_with(&["traces:read"]).await;
    assert_eq!(test.get_as(&without, &path).await.refused(403), "permission_denied");
    let (_, stranger) = test.other_organization().await;
    assert_eq!(test.get_as(&stranger, &path).await.refused(404), "not_found");
    assert_eq!(test.audited(id).await.len(), 1, "who saw nothing has read nothing");
}

#[tokio::test]
async fn a_call_of_which_nothing_was_kept_has_no_payload() {
    let test = TestApp::start().await;
    let call = Call::default();
    let path = format!("/v1/traces/{}/spans/{SPAN}/payload", call.trace_id);
    test.record(&[call]).await;
    assert_eq!(test.get(&path).await.refused(404), "not_found");
    let nowhere = format!("/v1/traces/{}/spans/{SPAN}/payload", Uuid::new_v4().simple());
    assert_eq!(test.get(&nowhere).await.refused(404), "not_found");
}

#[tokio::test]
async fn what_was_cut_is_shown_as_the_text_that_is_left() {
    let test = TestApp::start().await;
    let path = kept(&test, Call::default(), r#"{"text":"aaaa"#, None).await;
    let payload = test.get(&path).await.expect(200);
    assert_eq!((&payload["request"], &payload["response"]), (&json!(r#"{"text":"aaaa"#), &Value::Null));
}
