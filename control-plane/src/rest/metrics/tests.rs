//! The overview tells what the traces tell.

use chrono::{Duration, Utc};
use gatewayops_proto::control::ProxyStatus;
use serde_json::{Value, json};

use crate::{
    proxies,
    testing::{TestApp, calls::Call},
};

#[tokio::test]
async fn the_overview_compares_with_the_time_before() {
    let app = TestApp::start().await;
    let before = Utc::now() - Duration::hours(30);
    app.record(&[
        Call { duration_ms: 30, ..Call::default() },
        Call { duration_ms: 10, status: "error", ..Call::default() },
        Call { status: "blocked", cost_usd: None, duration_ms: 20, ..Call::default() },
        Call { started_at: before, ..Call::default() },
        Call { started_at: before, ..Call::default() },
    ])
    .await;
    let body = app.get("/v1/metrics/overview?period=day").await.expect(200);
    assert_eq!(body["total_requests"], json!({"value": 3, "previous": 2, "change_ratio": 0.5}));
    assert_eq!(body["total_cost"], json!({"value": "0.002000", "previous": "0.002000", "change_ratio": 0.0}));
    assert_eq!(body["avg_latency_ms"]["value"], json!(20));
    assert_eq!(body["blocked_requests"], json!({"value": 1, "previous": 0, "change_ratio": null}));
    assert_eq!((body["active_keys"].clone(), body["pending_approvals"].clone()), (json!(1), json!(0)));

    let reader = app.key_with(&["traces:read"]).await;
    let body = app.get_as(&reader, "/v1/metrics/overview").await.expect(200);
    assert_eq!(body["total_cost"], json!({"value": null, "previous": null, "change_ratio": null}));
}

#[tokio::test]
async fn who_may_see_no_approvals_and_no_alerts_is_told_of_none() {
    let app = TestApp::start().await;
    let key = app.key_with(&["traces:read"]).await;
    let body = app.get_as(&key, "/v1/metrics/overview").await.expect(200);
    assert_eq!((&body["pending_approvals"], &body["firing_alerts"]), (&Value::Null, &Value::Null));
    assert_eq!(body["total_cost"]["value"], Value::Null);
}

#[tokio::test]
async fn the_present_is_the_last_minute_and_every_proxy_that_was_heard_of() {
    let app = TestApp::start().await;
    let ago = |seconds| Utc::now() - Duration::seconds(seconds);
    app.record(&[
        Call { started_at: ago(5), mcp_server: "a", ..Call::default() },
        Call { started_at: ago(5), mcp_server: "b", status: "timeout", ..Call::default() },
        Call { started_at: ago(90), ..Call::default() },
    ])
    .await;
    let status = |proxy_id: &str, sessions| ProxyStatus {
        proxy_id: format!("{proxy_id}.{}", app.org.0),
        version: "1.2.3".into(),
        revision: 7,
        connections: 2,
        sessions,
        ..ProxyStatus::default()
    };
    for (proxy_id, sessions) in [("p1", 3), ("p2", 1), ("p1", 4)] {
        proxies::note(&app.app, status(proxy_id, sessions)).await;
    }
    let body = app.get("/v1/metrics/realtime").await.expect(200);
    assert_eq!((&body["requests_per_second"], &body["error_rate"]), (&json!(2.0 / 60.0), &json!(0.5)));
    let servers = body["by_server"].as_array().unwrap();
    let rates: Vec<_> = servers.iter().map(|server| (&server["mcp_server"], &server["error_rate"])).collect();
    assert!(
        rates.contains(&(&json!("a"), &json!(0.0))) && rates.contains(&(&json!("b"), &json!(1.0))),
        "{body}"
    );
    let proxies = body["proxies"].as_array().unwrap();
    let ours =
        proxies.iter().filter(|proxy| proxy["proxy_id"].as_str().unwrap().ends_with(&app.org.0.to_string()));
    let ours: Vec<_> = ours.map(|proxy| (&proxy["revision"], &proxy["status"])).collect();
    assert_eq!(ours, [(&json!(7), &json!("connected")); 2]);
    assert!(body["active_sessions"].as_u64() >= Some(5), "{body}");
}

#[tokio::test]
async fn a_chart_has_no_gaps() {
    let app = TestApp::start().await;
    let started_at = Utc::now() - Duration::hours(3);
    app.record(&[
        Call { started_at, duration_ms: 7, ..Call::default() },
        Call { status: "timeout", ..Call::default() },
    ])
    .await;
    let body = app.get("/v1/metrics/requests-chart?period=day").await.expect(200);
    let data = body["data"].as_array().unwrap();
    assert_eq!(
        (body["interval"].clone(), data.len()),
        (json!("hour"), 24),
        "the current hour and the 23 before"
    );
    let requests: i64 = data.iter().map(|point| point["requests"].as_i64().unwrap()).sum();
    let errors: i64 = data.iter().map(|point| point["errors"].as_i64().unwrap()).sum();
    assert_eq!((requests, errors), (2, 1));
    let busy = data.iter().find(|point| point["p50_ms"] == json!(7)).unwrap();
    assert_eq!(busy["cost"], json!("0.001000"));
    let quiet = data.iter().find(|point| point["requests"] == json!(0)).unwrap();
    assert_eq!((quiet["p95_ms"].clone(), quiet["cost"].clone()), (Value::Null, json!("0.000000")));
    let refused = app.get("/v1/metrics/requests-chart?period=quarter&interval=minute").await;
    assert_eq!(refused.refused(400), "invalid_request");
}

#[tokio::test]
async fn servers_are_ranked_by_what_is_asked_for() {
    let app = TestApp::start().await;
    let call = |mcp_server, status, duration_ms, cost| Call {
        mcp_server,
        status,
        duration_ms,
        cost_usd: Some(cost),
        ..Call::default()
    };
    app.record(&[
        call("files", "success", 5, "0.1"),
        call("files", "success", 5, "0.1"),
        call("files", "success", 5, "0.1"),
        call("github", "error", 90, "9"),
    ])
    .await;
    for (sort, first) in
        [("", "files"), ("&sort=-cost", "github"), ("&sort=-errors", "github"), ("&sort=p95_ms", "files")]
    {
        let body = app.get(&format!("/v1/metrics/top-servers?limit=1{sort}")).await.expect(200);
        let servers = body["servers"].as_array().unwrap();
        assert_eq!((servers.len(), servers[0]["mcp_server"].clone()), (1, json!(first)), "{sort}");
    }
    let body = app.get("/v1/metrics/top-servers").await.expect(200);
    assert_eq!(
        (body["servers"][0]["share"].clone(), body["servers"][1]["error_rate"].clone()),
        (json!(0.75), json!(1.0))
    );
    for query in ["limit=0", "limit=51", "sort=name"] {
        assert_eq!(
            app.get(&format!("/v1/metrics/top-servers?{query}")).await.refused(400),
            "invalid_request"
        );
    }
}

#[tokio::test]
async fn recent_traces_are_the_newest() {
    let app = TestApp::start().await;
    let calls = ["third", "second", "first"];
    let started_at = |n: usize| Utc::now() - Duration::seconds(10 - n as i64);
    let calls: Vec<_> = calls
        .iter()
        .enumerate()
        .map(|(n, tool_name)| Call { tool_name, started_at: started_at(n), ..Call::default() })
        .collect();
    app.record(&calls).await;
    let body = app.get("/v1/metrics/recent-traces?limit=2").await.expect(200);
    let names: Vec<_> =
        body["traces"].as_array().unwrap().iter().map(|trace| trace["tool_name"].clone()).collect();
    assert_eq!(names, [json!("first"), json!("second")]);
}
