//! Counters are written by the script that proxies decide with.

use chrono::Utc;
use gatewayops_proto::limit::{self, Metric, Window};

use super::*;

/// As if calls had passed that so much was asked for.
async fn call(test: &TestApp, limit: &Value, window: Window, member: &str, ago_ms: u64, asked: u64) {
    let now_ms = u64::try_from(Utc::now().timestamp_millis()).unwrap() - ago_ms;
    let rate_limit = id(limit).to_owned();
    let name = limit::counter(test.org.0, &rate_limit, Metric::Requests, window, &member);
    let mut redis = test.app.redis.get().await.unwrap();
    let passed: Vec<i64> = redis::cmd("EVAL")
        .arg(limit::SCRIPT)
        .arg(1)
        .arg(name)
        .arg(window.slot(now_ms))
        .arg(window.oldest(now_ms))
        .arg(window.keep_ms(now_ms) + ago_ms)
        .arg(limit["limit"].as_u64().unwrap())
        .arg(asked)
        .arg(0)
        .arg(0)
        .query_async(&mut *redis)
        .await
        .unwrap();
    assert_eq!(passed[0], 1, "the call passed");
}

/// Member, used, remaining.
fn figures(usage: &Value) -> Vec<(String, u64, u64)> {
    let number = |row: &Value, field: &str| row[field].as_u64().unwrap();
    let rows = usage.as_array().unwrap().iter();
    rows.map(|row| {
        (row["scope_value"].as_str().unwrap().to_owned(), number(row, "used"), number(row, "remaining"))
    })
    .collect()
}

#[tokio::test]
async fn usage_is_what_proxies_have_counted_in_the_window() {
    let test = TestApp::start().await;
    test.post("/v1/mcp-servers", json!({"name": "files", "url": "http://127.0.0.1:1/mcp"})).await.expect(201);
    let body = json!({"name": "a", "scope_type": "server", "scope_value": "files", "limit": 10});
    let limit = make(&test, body).await;
    let window = Window::Seconds(60);
    let before = test.get("/v1/rate-limits/usage").await.expect(200);
    assert_eq!(figures(&before), [("files".to_owned(), 0, 10)], "a limit nobody has used is shown");
    call(&test, &limit, window, "files", 90_000, 5).await;
    call(&test, &limit, window, "files", 0, 3).await;
    call(&test, &limit, window, "files", 0, 1).await;

    let usage = test.get("/v1/rate-limits/usage").await.expect(200);
    assert_eq!(figures(&usage), [("files".to_owned(), 4, 6)], "what is older than the window counts no more");
    assert_eq!((&usage[0]["rate_limit_id"], &usage[0]["limit"]), (&limit["id"], &json!(10)));
    let resets_at: chrono::DateTime<Utc> = usage[0]["resets_at"].as_str().unwrap().parse().unwrap();
    let left = (resets_at - Utc::now()).num_seconds();
    assert!((30..=62).contains(&left), "{left}");

    test.patch(&path(&limit), json!({"enabled": false})).await.expect(200);
    assert_eq!(figures(&test.get("/v1/rate-limits/usage").await.expect(200)), []);
}

#[tokio::test]
async fn members_of_a_limit_are_shown_each_on_its_own() {
    let test = TestApp::start().await;
    let each = json!({"name": "a", "scope_type": "ip", "kind": "quota", "period": "month", "limit": 10});
    let each = make(&test, each).await;
    let all = make(&test, json!({"name": "b", "scope_type": "organization", "limit": 100})).await;
    call(&test, &each, Window::Month, "10.0.0.1", 0, 3).await;
    call(&test, &each, Window::Month, "2001:db8::", 0, 7).await;
    let org = test.org.to_string();
    call(&test, &all, Window::Seconds(60), &org, 0, 10).await;

    let usage = test.get("/v1/rate-limits/usage").await.expect(200);
    let mut found = figures(&usage);
    found.sort();
    let mut expected =
        vec![("10.0.0.1".to_owned(), 3, 7), ("2001:db8::".to_owned(), 7, 3), (org.clone(), 10, 90)];
    expected.sort();
    assert_eq!(found, expected);
    for (query, expected) in [
        ("scope_type=organization", vec![(org, 10, 90)]),
        ("scope_value=10.0.0.1", vec![("10.0.0.1".to_owned(), 3, 7)]),
        ("scope_type=ip&scope_value=2001:db8::5", vec![("2001:db8::".to_owned(), 7, 3)]),
        ("scope_value=10.0.0.9", vec![("10.0.0.9".to_owned(), 0, 10)]),
    ] {
        let usage = test.get(&format!("/v1/rate-limits/usage?{query}")).await.expect(200);
        assert_eq!(figures(&usage), expected, "{query}");
    }
    let (_, other) = test.other_organization().await;
    assert_eq!(test.get_as(&other, "/v1/rate-limits/usage").await.expect(200), json!([]));
}

#[tokio::test]
async fn without_redis_usage_says_what_is_away() {
    let test = TestApp::start_with(|config| config.redis_url = "redis://127.0.0.1:1".to_owned().into()).await;
    make(&test, json!({"name": "a", "scope_type": "organization", "limit": 1})).await;
    let answer = test.get("/v1/rate-limits/usage").await.expect(503);
    assert_eq!(
        (&answer["error"]["code"], &answer["error"]["details"]["dependency"]),
        (&json!("unavailable"), &json!("redis"))
    );
}
