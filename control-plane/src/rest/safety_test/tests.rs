use serde_json::{Value, json};

use crate::testing::TestApp;

const TEST: &str = "/v1/safety/test";

/// Types and actions of an answer.
fn types(answer: &Value) -> Vec<&str> {
    answer["detections"].as_array().unwrap().iter().map(|one| one["type"].as_str().unwrap()).collect()
}

/// A policy that looks for one code name.
fn custom(mode: &str) -> Value {
    json!({"mode": mode, "detectors": ["custom"], "patterns": {"block": ["project falcon"], "allow": ["old project falcon"]}})
}

#[tokio::test]
async fn a_policy_that_there_is_not_yet_can_be_tried() {
    let test = TestApp::start().await;
    let input = "tell me of project falcon now";
    for mode in ["block", "warn", "log"] {
        let answer = test.post(TEST, json!({"input": input, "policy": custom(mode)})).await.expect(200);
        assert_eq!((&answer["action"], &answer["redacted"]), (&json!(mode), &Value::Null));
        let found = &answer["detections"][0];
        let (start, end) = (found["start"].as_u64().unwrap(), found["end"].as_u64().unwrap());
        assert_eq!(&input[start as usize..end as usize], "project falcon");
        assert_eq!((types(&answer), &found["policy_id"]), (vec!["custom"], &Value::Null));
        assert!(!found["snippet"].as_str().unwrap().contains("falcon"), "{found}");
        assert!(answer["duration_ms"].is_u64());
    }
    let redacted = test.post(TEST, json!({"input": input, "policy": custom("redact")})).await.expect(200);
    let text = redacted["redacted"].as_str().unwrap();
    assert!(!text.contains("falcon") && text.starts_with("tell me of "), "{text}");
    for harmless in ["tell me of the old project falcon", "nothing", ""] {
        let answer = test.post(TEST, json!({"input": harmless, "policy": custom("block")})).await.expect(200);
        assert_eq!((&answer["action"], types(&answer).len()), (&json!("allow"), 0), "{harmless}");
    }
}

#[tokio::test]
async fn json_stays_json_when_it_is_redacted() {
    let test = TestApp::start().await;
    let input = json!({"rows": [{"title": "project falcon", "n": 1, "of": null}, "else"], "ok": true});
    let answer = test.post(TEST, json!({"input": input, "policy": custom("redact")})).await.expect(200);
    assert_eq!(answer["action"], "redact");
    let redacted = &answer["redacted"];
    assert_eq!(
        (&redacted["rows"][0]["n"], &redacted["rows"][1], &redacted["ok"]),
        (&json!(1), &json!("else"), &json!(true))
    );
    assert!(redacted["rows"][0].as_object().unwrap().contains_key("of"), "null is a value like any other");
    assert!(!redacted.to_string().contains("falcon"));
}

#[tokio::test]
async fn without_a_policy_those_in_force_judge_and_with_one_only_that() {
    let test = TestApp::start().await;
    let mut policy = custom("warn");
    policy["name"] = json!("falcon");
    policy["mcp_servers"] = json!(["files"]);
    policy["tools"] = json!(["read_*"]);
    let policy = test.post("/v1/safety-policies", policy).await.expect(201);
    let id = policy["id"].clone();
    let at_files = json!({"input": "project falcon", "mcp_server": "files", "tool_name": "read_file"});
    let answer = test.post(TEST, at_files.clone()).await.expect(200);
    assert_eq!((&answer["action"], &answer["detections"][0]["policy_id"]), (&json!("warn"), &id));
    let elsewhere = json!({"input": "project falcon", "mcp_server": "github", "tool_name": "read_file"});
    assert_eq!(test.post(TEST, elsewhere.clone()).await.expect(200)["action"], "allow");
    let nowhere = json!({"input": "project falcon", "policy_id": id});
    assert_eq!(test.post(TEST, nowhere.clone()).await.expect(200)["action"], "warn", "wherever it is for");
    let mut named_elsewhere = elsewhere;
    named_elsewhere["policy_id"] = id.clone();
    assert_eq!(test.post(TEST, named_elsewhere).await.expect(200)["action"], "allow");

    test.patch(&format!("/v1/safety-policies/{}", id.as_str().unwrap()), json!({"enabled": false}))
        .await
        .expect(200);
    assert_eq!(test.post(TEST, at_files).await.expect(200)["action"], "allow", "switched off");
    assert_eq!(test.post(TEST, nowhere).await.expect(200)["action"], "warn", "but to be tried");
}

#[tokio::test]
async fn a_policy_looks_in_its_directions_only() {
    let test = TestApp::start().await;
    let mut policy = custom("block");
    policy["directions"] = json!(["response"]);
    for (direction, action) in [("request", "allow"), ("response", "block"), ("definition", "block")] {
        let body = json!({"input": "project falcon", "direction": direction, "policy": policy});
        assert_eq!(test.post(TEST, body).await.expect(200)["action"], action, "{direction}");
    }
}

#[tokio::test]
async fn the_default_policy_finds_a_secret_and_nothing_of_it_is_shown_or_recorded() {
    let test = TestApp::start().await;
    // No key of anybody: made of the alphabet, in the form that the vendor gives its own.
    let secret = ["ghp", "_", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcd", "0NCLRh"].concat();
    let body = json!({"input": {"text": format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----", "QUJD".repeat(40)), "token": secret},
        "direction": "response"});
    let answer = test.post(TEST, body).await;
    let text = answer.text.clone();
    let answer = answer.expect(200);
    assert_eq!(answer["action"], "block");
    assert!(types(&answer).contains(&"secret"), "{text}");
    assert!(!text.contains("QUJDQUJDQUJD"), "{text}");
    let detections = test.get("/v1/safety/detections?include_total=true").await.expect(200);
    assert_eq!(detections["total"], 0);
}

#[tokio::test]
async fn what_cannot_be_tried_is_refused_with_its_place() {
    let test = TestApp::start().await;
    let mut broken = custom("block");
    broken["patterns"]["block"] = json!(["ok", "("]);
    let unknown = "0198c0de-7a11-7c3e-9b2a-5d0f6e1a2b3c";
    for (body, field, code) in [
        (json!({}), "input", "required"),
        (json!({"input": "x".repeat(65_537)}), "input", "length"),
        (json!({"input": "x", "policy": broken}), "policy.patterns.block.1", "format"),
        (json!({"input": "x", "policy": {"mode": "shout"}}), "policy.mode", "enum"),
        (json!({"input": "x", "policy_id": unknown, "policy": custom("log")}), "policy", "unknown"),
        (json!({"input": "x", "policy_id": unknown}), "policy_id", "unknown"),
        (json!({"input": "x", "direction": "up"}), "direction", "enum"),
    ] {
        let refused = test.post(TEST, body).await.expect(400);
        let fault = &refused["error"]["details"]["fields"][0];
        assert_eq!((&fault["field"], &fault["code"]), (&json!(field), &json!(code)));
    }
    test.post(TEST, json!({"input": "x".repeat(65_536)})).await.expect(200);
}

#[tokio::test]
async fn another_organizations_policy_cannot_be_tried_and_readers_may_try() {
    let test = TestApp::start().await;
    let mut policy = custom("block");
    policy["name"] = json!("ours");
    let policy = test.post("/v1/safety-policies", policy).await.expect(201);
    let (_, stranger) = test.other_organization().await;
    let body = json!({"input": "project falcon", "policy_id": policy["id"]});
    let refused = test.post_as(&stranger, TEST, body.clone()).await.expect(400);
    assert_eq!(refused["error"]["details"]["fields"][0]["field"], "policy_id");
    let all = json!({"input": "project falcon"});
    assert_eq!(test.post_as(&stranger, TEST, all).await.expect(200)["action"], "allow");
    let reader = test.key_with(&["policies:read"]).await;
    assert_eq!(test.post_as(&reader, TEST, body.clone()).await.expect(200)["action"], "block");
    let nobody = test.key_with(&["mcp:call"]).await;
    assert_eq!(test.post_as(&nobody, TEST, body).await.refused(403), "permission_denied");
}
