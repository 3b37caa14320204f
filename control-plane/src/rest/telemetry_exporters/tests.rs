use serde_json::{Value, json};

use crate::testing::{TestApp, otlp_receiver::OtlpReceiver};

const PATH: &str = "/v1/telemetry/exporters";

async fn start() -> TestApp {
    TestApp::start_with(|config| config.egress_allow_private = true).await
}

fn form() -> Value {
    json!({"name": "collector", "endpoint": "https://otel.example.com:4317", "headers": {"X-Key": "hush"}})
}

fn with(change: Value) -> Value {
    let mut form = form();
    for (name, value) in change.as_object().unwrap() {
        form[name] = value.clone();
    }
    form
}

#[tokio::test]
async fn an_exporter_is_read_with_all_its_fields_and_without_its_headers() {
    let test = start().await;
    let answer = test.post(PATH, form()).await;
    assert_eq!(answer.header("etag"), "\"1\"");
    assert!(!answer.text.contains("hush"));
    let location = answer.header("location").to_owned();
    let made = answer.expect(201);
    for (field, expected) in [
        ("protocol", json!("grpc")),
        ("headers_set", json!(true)),
        ("signals", json!(["traces"])),
        ("sample_ratio", json!(1.0)),
        ("batch_size", json!(512)),
        ("batch_timeout_ms", json!(5000)),
        ("enabled", json!(true)),
        (
            "stats",
            json!({"exported": 0, "failed": 0, "dropped": 0, "last_export_at": null, "last_error": null}),
        ),
    ] {
        assert_eq!(made[field], expected, "{field}");
    }
    assert_eq!(test.get(&location).await.expect(200), made);
    assert_eq!(test.get(PATH).await.expect(200)["exporters"], json!([made]));
    for (filter, total) in [("protocol=http_json", 0), ("q=OTEL", 1), ("enabled=true", 1), ("name=other", 0)]
    {
        assert_eq!(test.get(&format!("{PATH}?{filter}")).await.expect(200)["total"], total, "{filter}");
    }
    assert_eq!(test.audited(made["id"].as_str().unwrap()).await, ["telemetry_exporter.create"]);
    assert_eq!(test.post(PATH, form()).await.refused(409), "conflict");
    assert_eq!(test.delete(&location).await.status, 204);
    assert_eq!(test.get(&location).await.refused(404), "not_found");
}

#[tokio::test]
async fn headers_are_sealed_kept_by_other_changes_and_not_sent_elsewhere() {
    let test = start().await;
    let made = test.post(PATH, form()).await.expect(201);
    let path = format!("{PATH}/{}", made["id"].as_str().unwrap());
    let sealed = async || -> Option<Vec<u8>> {
        let mut tx = test.app.database.tenant(test.org).await.unwrap();
        let query = "select headers_encrypted from telemetry_configs";
        sqlx::query_scalar(query).fetch_one(&mut *tx).await.unwrap()
    };
    let first = sealed().await.unwrap();
    assert!(!first.windows(4).any(|window| window == b"hush"));
    let changed = test.patch(&path, json!({"batch_size": 10})).await.expect(200);
    assert_eq!((&changed["version"], &changed["headers_set"]), (&json!(2), &json!(true)));
    assert_eq!(sealed().await, Some(first.clone()));
    let elsewhere = json!({"endpoint": "https://mine.example.com"});
    let refused = test.patch(&path, elsewhere).await.expect(400);
    assert_eq!(refused["error"]["details"]["fields"][0]["field"], "headers", "{refused}");
    let anew = json!({"endpoint": "https://mine.example.com", "headers": {"x-key": "other"}});
    test.patch(&path, anew).await.expect(200);
    assert_ne!(sealed().await, Some(first));
    let cleared = test.patch(&path, json!({"headers": null})).await.expect(200);
    assert_eq!((&cleared["headers_set"], sealed().await), (&json!(false), None));
    let mut tx = test.app.database.worker().await.unwrap();
    let told: bool =
        sqlx::query_scalar("select exists (select from audit_logs a where position('hush' in a::text) > 0)")
            .fetch_one(&mut *tx)
            .await
            .unwrap();
    assert!(!told, "the audit log knows that there are some, not which");
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_its_field() {
    let test = TestApp::start().await;
    for (change, field) in [
        (json!({"name": " "}), "name"),
        (json!({"endpoint": "http://otel.example.com"}), "endpoint"),
        (json!({"endpoint": "https://10.0.0.1"}), "endpoint"),
        (json!({"endpoint": "https://169.254.169.254"}), "endpoint"),
        (json!({"endpoint": "https://otel.example.com/v1/traces"}), "endpoint"),
        (json!({"protocol": "udp"}), "protocol"),
        (json!({"signals": []}), "signals"),
        (json!({"signals": ["logs"]}), "signals.0"),
        (json!({"sample_ratio": 1.1}), "sample_ratio"),
        (json!({"batch_size": 0}), "batch_size"),
        (json!({"batch_timeout_ms": 99}), "batch_timeout_ms"),
        (json!({"headers": {"content-type": "text/plain"}}), "headers.content-type"),
        (json!({"headers": {"grpc-timeout": "1"}}), "headers.grpc-timeout"),
        (json!({"headers": {"a b": "1"}}), "headers.a b"),
        (json!({"headers": {"x": "a\nb"}}), "headers.x"),
        (json!({"stats": {}}), "stats"),
    ] {
        let refused = test.post(PATH, with(change.clone())).await.expect(400);
        assert_eq!(refused["error"]["details"]["fields"][0]["field"], field, "{change}: {refused}");
    }
    let both = test.post(PATH, json!({"batch_size": 0, "sample_ratio": -1})).await.expect(400);
    let fields = both["error"]["details"]["fields"].as_array().unwrap();
    assert_eq!(fields.len(), 4, "all faults at once: {both}");
}

#[tokio::test]
async fn trying_one_sends_nothing_but_the_question() {
    let test = start().await;
    let receiver = OtlpReceiver::start().await;
    let form = json!({"name": "x", "protocol": "http_protobuf", "endpoint": receiver.url});
    let made = test.post(PATH, form).await.expect(201);
    let path = format!("{PATH}/{}", made["id"].as_str().unwrap());
    let tried = test.post(&format!("{path}/test"), json!({})).await.expect(200);
    assert_eq!((&tried["ok"], &tried["error"]), (&json!(true), &Value::Null), "{tried}");
    assert!(receiver.traces().is_empty() && receiver.requests() == 1);
    receiver.refuse(Some((http::StatusCode::UNAUTHORIZED, None)));
    let tried = test.post(&format!("{path}/test"), json!({})).await.expect(200);
    assert_eq!(tried["error"], "the receiver answered 401", "{tried}");
    for protocol in ["grpc", "http_json"] {
        let form = json!({"name": protocol, "protocol": protocol, "endpoint": "http://127.0.0.1:1"});
        let made = test.post(PATH, form).await.expect(201);
        let path = format!("{PATH}/{}/test", made["id"].as_str().unwrap());
        let tried = test.post(&path, json!({})).await.expect(200);
        assert_eq!(tried["ok"], false);
        assert!(tried["error"].as_str().unwrap().contains("cannot be reached"), "{tried}");
    }
}
