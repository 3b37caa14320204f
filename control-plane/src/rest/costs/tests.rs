//! Costs add up, however they are cut.

use chrono::{Duration, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::testing::{TestApp, calls::Call};

fn call(mcp_server: &'static str, tool_name: &'static str, cost: &'static str) -> Call {
    Call { mcp_server, tool_name, cost_usd: Some(cost), ..Call::default() }
}

#[tokio::test]
async fn rows_sums_and_groups_say_the_same() {
    let app = TestApp::start().await;
    let team = Uuid::now_v7();
    app.record(&[
        call("files", "read", "0.100001"),
        call("files", "write", "0.2"),
        Call { team_id: Some(team), ..call("github", "get", "0.7") },
        Call { cost_usd: None, status: "blocked", ..Call::default() },
        Call { started_at: Utc::now() - Duration::days(40), ..call("files", "read", "0.5") },
    ])
    .await;
    let list = app.get("/v1/costs?period=month&include_total=true").await.expect(200);
    assert_eq!((list["total"].clone(), list["costs"].as_array().unwrap().len()), (json!(3), 3));
    let row = &list["costs"][0];
    assert_eq!((row["price_id"].clone(), row["trace_id"].clone()), (Value::Null, row["id"].clone()));

    let summary = app.get("/v1/costs/summary").await.expect(200);
    assert_eq!(
        (summary["total_cost"].clone(), summary["total_requests"].clone()),
        (json!("1.000001"), json!(3))
    );
    assert_eq!(summary["avg_cost_per_request"], json!("0.333334"));
    assert_eq!(summary["comparison"], json!({"previous_total_cost": "0.500000", "change_ratio": 1.000_002}));
    assert_eq!(summary["period"], json!("month"));

    let servers = app.get("/v1/costs/by-server").await.expect(200);
    assert_eq!((servers["total_cost"].clone(), servers["total"].clone()), (json!("1.000001"), json!(2)));
    let github = &servers["servers"][0];
    assert_eq!(
        (github["mcp_server"].clone(), github["total_cost"].clone()),
        (json!("github"), json!("0.700000"))
    );
    for (path, list) in
        [("server", "servers"), ("team", "teams"), ("user", "users"), ("tool", "tools"), ("key", "keys")]
    {
        let body = app.get(&format!("/v1/costs/by-{path}")).await.expect(200);
        let shares: f64 =
            body[list].as_array().unwrap().iter().map(|row| row["share"].as_f64().unwrap()).sum();
        assert!((shares - 1.0).abs() < 0.000_01, "{path}: {shares}");
        assert_eq!(body["total_cost"], json!("1.000001"), "{path}");
    }
    let teams = app.get("/v1/costs/by-team").await.expect(200);
    let ids: Vec<_> = teams["teams"].as_array().unwrap().iter().map(|row| row["team_id"].clone()).collect();
    assert_eq!(ids, [json!(team), Value::Null], "what belongs to no team is a row too");
}

#[tokio::test]
async fn groups_are_paged_like_every_list() {
    let app = TestApp::start().await;
    let tools = ["a", "b", "c", "d", "e"];
    app.record(&tools.map(|tool| call("files", tool, "0.1"))).await;
    let first = app.get("/v1/costs/by-tool?limit=3").await.expect(200);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = app.get(&format!("/v1/costs/by-tool?limit=3&cursor={cursor}")).await.expect(200);
    let names = |body: &Value| -> Vec<String> {
        body["tools"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["tool_name"].as_str().unwrap().to_owned())
            .collect()
    };
    let mut seen = [names(&first), names(&second)].concat();
    seen.sort();
    assert_eq!(
        (seen.as_slice(), second["has_more"].clone()),
        (tools.map(str::to_owned).as_slice(), json!(false))
    );
}

#[tokio::test]
async fn no_day_is_missing() {
    let app = TestApp::start().await;
    let start = "2026-01-01T12:00:00Z".parse().unwrap();
    let now = Utc::now();
    app.record(&[Call { started_at: now - Duration::days(2), ..call("files", "read", "0.3") }]).await;
    let body = app.get("/v1/costs/daily?period=week").await.expect(200);
    let days = body["daily"].as_array().unwrap();
    assert_eq!(days.len(), 8, "seven times 24 hours touch eight days: {body}");
    let spent: Vec<_> = days.iter().filter(|day| day["total_cost"] != json!("0.000000")).collect();
    assert_eq!(spent.len(), 1);
    assert_eq!(spent[0]["date"], json!((now - Duration::days(2)).date_naive()));

    let whole = |start: chrono::DateTime<Utc>, end: &str| {
        format!("/v1/costs/daily?start_time={}&end_time={end}", start.format("%Y-%m-%dT%H:%M:%SZ"))
    };
    let body = app.get(&whole(start, "2026-01-03T00:00:00Z")).await.expect(200);
    let dates: Vec<_> = body["daily"].as_array().unwrap().iter().map(|day| day["date"].clone()).collect();
    assert_eq!(dates, [json!("2026-01-01"), json!("2026-01-02")], "the end is exclusive");
}

#[tokio::test]
async fn exports_are_csv_or_json_lines() {
    let app = TestApp::start().await;
    app.record(&[call("files", "read", "0.1"), call("files", "read", "0.2")]).await;
    let csv = app.get("/v1/costs/export").await;
    let mut lines = csv.text.lines();
    assert!(lines.next().unwrap().starts_with("id,org_id,trace_id,mcp_server,tool_name"));
    assert_eq!(lines.count(), 2);
    let jsonl = app.get("/v1/costs/export?format=jsonl&tool_name=read").await;
    assert_eq!(jsonl.text.lines().count(), 2);
    assert_eq!(app.get("/v1/costs/export?format=otlp").await.refused(400), "invalid_request");
}

#[tokio::test]
async fn costs_are_for_those_who_may_see_them() {
    let app = TestApp::start().await;
    app.record(&[call("files", "read", "0.1")]).await;
    let reader = app.key_with(&["traces:read"]).await;
    for path in
        ["", "/export", "/summary", "/by-server", "/by-team", "/by-user", "/by-tool", "/by-key", "/daily"]
    {
        assert_eq!(
            app.get_as(&reader, &format!("/v1/costs{path}")).await.refused(403),
            "permission_denied",
            "{path}"
        );
    }
    let (_, stranger) = app.other_organization().await;
    let summary = app.get_as(&stranger, "/v1/costs/summary").await.expect(200);
    assert_eq!(summary["total_cost"], json!("0.000000"));
    let own = app.key_with(&["costs:read:own"]).await;
    let summary = app.get_as(&own, "/v1/costs/summary").await.expect(200);
    assert_eq!(summary["total_requests"], json!(0));
}
