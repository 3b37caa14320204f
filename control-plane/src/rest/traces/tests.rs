//! What callers get of traces, and what they do not.

use chrono::{Duration, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::testing::{TestApp, calls::Call};

fn names<'a>(body: &'a Value, list: &str, field: &str) -> Vec<&'a str> {
    body[list].as_array().unwrap().iter().map(|row| row[field].as_str().unwrap()).collect()
}

fn at(minutes_ago: i64) -> chrono::DateTime<Utc> {
    Utc::now() - Duration::minutes(minutes_ago)
}

#[tokio::test]
async fn a_trace_is_listed_with_every_field_of_its_row() {
    let app = TestApp::start().await;
    app.record(&[Call { cost_usd: Some("0.0014"), ..Call::default() }]).await;
    let body = app.get("/v1/traces").await.expect(200);
    let trace = &body["traces"][0];
    assert_eq!((body["has_more"].clone(), body["total"].clone()), (json!(false), Value::Null));
    assert_eq!((trace["cost_usd"].clone(), trace["session_id"].clone()), (json!("0.001400"), Value::Null));
    assert_eq!(
        (trace["has_payload"].clone(), trace["metadata"]["request_id"].clone()),
        (json!(false), json!("r1"))
    );
    let fields: Vec<_> = trace.as_object().unwrap().keys().map(String::as_str).collect();
    let mut exported = <super::SpanView as crate::rest::export::Exported>::FIELDS.to_vec();
    exported.sort_unstable();
    assert_eq!(fields, exported, "an export has the fields of the list");
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    let app = TestApp::start().await;
    let started_at = at(5);
    let calls: Vec<_> = (0..7)
        .map(|n| Call {
            duration_ms: n % 2,
            started_at: started_at + Duration::seconds(n / 3),
            ..Call::default()
        })
        .collect();
    let mut expected: Vec<_> = app.record(&calls).await.into_iter().map(|id| id.to_string()).collect();
    expected.sort();
    for sort in ["", "&sort=duration_ms", "&sort=-cost_usd"] {
        let mut seen = Vec::new();
        let mut path = format!("/v1/traces?limit=3{sort}");
        loop {
            let body = app.get(&path).await.expect(200);
            seen.extend(names(&body, "traces", "id").into_iter().map(str::to_owned));
            let Some(cursor) = body["next_cursor"].as_str() else { break };
            path = format!("/v1/traces?limit=3{sort}&cursor={cursor}");
        }
        seen.sort();
        assert_eq!(seen, expected, "{sort}");
    }
}

#[tokio::test]
async fn filters_narrow_the_list() {
    let app = TestApp::start().await;
    app.record(&[
        Call { tool_name: "slow", duration_ms: 900, ..Call::default() },
        Call {
            tool_name: "broken",
            status: "error",
            error_message: Some("disk 50% full"),
            ..Call::default()
        },
        Call {
            tool_name: "stuck",
            status: "timeout",
            cost_usd: Some("2"),
            mcp_server: "github",
            ..Call::default()
        },
        Call { tool_name: "old", started_at: Utc::now() - Duration::days(3), ..Call::default() },
        Call { tool_name: "inner", is_root: false, ..Call::default() },
    ])
    .await;
    for (query, expected) in [
        ("status=error,timeout", vec!["broken", "stuck"]),
        ("mcp_server=github&status=error,timeout", vec!["stuck"]),
        ("server=github", vec!["stuck"]),
        ("min_duration_ms=100", vec!["slow"]),
        ("min_cost_usd=1.5", vec!["stuck"]),
        ("q=0%25%20FULL", vec!["broken"]),
        ("q=%25", vec!["broken"]),
        ("q=tuc", vec!["stuck"]),
        ("period=day&max_duration_ms=100", vec!["broken", "stuck"]),
        ("tool_name=inner", vec![]),
    ] {
        let body = app.get(&format!("/v1/traces?{query}")).await.expect(200);
        let mut found = names(&body, "traces", "tool_name");
        found.sort_unstable();
        assert_eq!(found, expected, "{query}");
    }
    assert_eq!(app.get("/v1/traces?status=broken").await.refused(400), "invalid_request");
    assert_eq!(app.get("/v1/traces?color=red").await.refused(400), "invalid_request");
}

#[tokio::test]
async fn what_is_searched_is_paged_whether_it_is_common_or_rare() {
    let app = TestApp::start().await;
    let calls: Vec<_> = (0..12)
        .map(|n| Call {
            tool_name: if n % 3 == 0 { "write_file" } else { "read_file" },
            started_at: Utc::now() - Duration::minutes(n),
            duration_ms: n,
            ..Call::default()
        })
        .collect();
    app.record(&calls).await;
    for (searched, expected) in
        [("READ", vec![1, 2, 4, 5, 7, 8, 10, 11]), ("write_", vec![0, 3, 6, 9]), ("file", (0..12).collect())]
    {
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("/v1/traces?q={searched}&limit=3&include_total=true{cursor}");
            let body = app.get(&path).await.expect(200);
            assert_eq!(body["total"], expected.len(), "{path}");
            let durations =
                body["traces"].as_array().unwrap().iter().map(|trace| trace["duration_ms"].as_i64());
            found.extend(durations.map(Option::unwrap));
            let Some(next) = body["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(found, expected, "{searched}");
    }
}

#[tokio::test]
async fn a_search_lists_counts_and_pages() {
    let app = TestApp::start().await;
    let mut calls = vec![Call { mcp_server: "github", ..Call::default() }; 3];
    calls.push(Call { status: "error", ..Call::default() });
    for call in &mut calls {
        call.trace_id = Uuid::new_v4().simple().to_string();
    }
    app.record(&calls).await;
    let search = json!({"filters": {"mcp_server": ["github", "files"]}, "facets": ["status", "mcp_server"], "limit": 2});
    let body = app.post("/v1/traces/search", search.clone()).await.expect(200);
    assert_eq!(
        body["facets"]["mcp_server"],
        json!([{"value": "github", "count": 3}, {"value": "files", "count": 1}])
    );
    assert_eq!(body["facets"]["status"][0], json!({"value": "success", "count": 3}));
    assert_eq!((body["traces"].as_array().unwrap().len(), body["has_more"].clone()), (2, json!(true)));

    let mut next = search;
    next["cursor"] = body["next_cursor"].clone();
    let body = app.post("/v1/traces/search", next.clone()).await.expect(200);
    assert_eq!((body["traces"].as_array().unwrap().len(), body["has_more"].clone()), (2, json!(false)));
    next["filters"] = json!({});
    assert_eq!(app.post("/v1/traces/search", next).await.refused(400), "invalid_cursor");
    assert_eq!(
        app.post("/v1/traces/search", json!({"facets": ["color"]})).await.refused(400),
        "validation_error"
    );
}

#[tokio::test]
async fn a_trace_is_found_by_its_id_and_by_its_rows() {
    let app = TestApp::start().await;
    let root =
        Call { trace_id: "4bf92f3577b34da6a3ce929d0e0e4736".into(), duration_ms: 50, ..Call::default() };
    let child =
        Call { is_root: false, status: "error", cost_usd: None, mcp_server: "github", ..root.clone() };
    let ids = app.record(&[root, child]).await;
    for name in ["4bf92f3577b34da6a3ce929d0e0e4736".to_owned(), ids[1].to_string()] {
        let body = app.get(&format!("/v1/traces/{name}")).await.expect(200);
        assert_eq!((body["status"].clone(), body["span_count"].clone()), (json!("error"), json!(2)));
        assert_eq!((body["total_cost"].clone(), body["currency"].clone()), (json!("0.001000"), json!("USD")));
        assert_eq!(
            (body["mcp_servers"].clone(), body["duration_ms"].clone()),
            (json!(["files", "github"]), json!(50))
        );
        assert_eq!((body["detections"].clone(), body["spans_truncated"].clone()), (json!([]), json!(false)));
    }
    let spans = app.get(&format!("/v1/traces/{}/spans?status=error", ids[0])).await.expect(200);
    assert_eq!(names(&spans, "spans", "mcp_server"), ["github"]);
    for unknown in ["/v1/traces/0198c0de-7a11-7c3e-9b2a-5d0f6e1a2b3c", "/v1/traces/nothing/spans"] {
        assert_eq!(app.get(unknown).await.refused(404), "not_found");
    }
}

#[tokio::test]
async fn stats_count_by_outcome_and_rank_durations() {
    let app = TestApp::start().await;
    let mut calls: Vec<_> = (1..=100).map(|n| Call { duration_ms: n, ..Call::default() }).collect();
    calls[0].status = "error";
    calls[1].status = "timeout";
    calls[2].status = "blocked";
    app.record(&calls).await;
    let body = app.get("/v1/traces/stats").await.expect(200);
    assert_eq!((body["total_requests"].clone(), body["success_count"].clone()), (json!(100), json!(97)));
    assert_eq!((body["p50_duration_ms"].clone(), body["p99_duration_ms"].clone()), (json!(50), json!(99)));
    assert_eq!((body["error_rate"].clone(), body["total_cost"].clone()), (json!(0.02), json!("0.100000")));
    let none = app.get("/v1/traces/stats?mcp_server=nowhere").await.expect(200);
    assert_eq!((none["p50_duration_ms"].clone(), none["error_rate"].clone()), (Value::Null, json!(0.0)));
}

#[tokio::test]
async fn exports_hold_what_the_list_holds() {
    let app = TestApp::start().await;
    let calls: Vec<_> = (0..5).map(|_| Call { tool_name: "=cmd", ..Call::default() }).collect();
    app.record(&calls).await;

    let csv = app.get("/v1/traces/export?format=csv&status=success").await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8; header=present");
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"traces.csv\"");
    let lines: Vec<_> = csv.text.lines().collect();
    assert_eq!(lines.len(), 6);
    assert!(lines[0].starts_with("id,org_id,trace_id") && lines[1].contains(",'=cmd,"), "{}", lines[1]);

    let jsonl = app.get("/v1/traces/export?format=jsonl").await;
    let rows: Vec<Value> = jsonl.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((rows.len(), rows[0]["tool_name"].clone()), (5, json!("=cmd")));

    let otlp = app.get("/v1/traces/export?format=otlp").await.expect(200);
    let spans = &otlp["resourceSpans"][0]["scopeSpans"][0]["spans"];
    assert_eq!((spans.as_array().unwrap().len(), spans[0]["name"].clone()), (5, json!("tools/call =cmd")));

    assert_eq!(app.get("/v1/traces/export?limit=5").await.refused(400), "invalid_request");
    let reader = app.key_with(&["traces:read"]).await;
    assert_eq!(app.get_as(&reader, "/v1/traces/export").await.refused(403), "permission_denied");
}

#[tokio::test]
async fn another_organizations_traces_do_not_exist() {
    let app = TestApp::start().await;
    let ids =
        app.record(&[Call { trace_id: "4bf92f3577b34da6a3ce929d0e0e4736".into(), ..Call::default() }]).await;
    let (_, stranger) = app.other_organization().await;
    let body = app.get_as(&stranger, "/v1/traces").await.expect(200);
    assert_eq!(body["traces"], json!([]));
    for path in [format!("/v1/traces/{}", ids[0]), "/v1/traces/4bf92f3577b34da6a3ce929d0e0e4736".into()] {
        assert_eq!(app.get_as(&stranger, &path).await.refused(404), "not_found");
    }
    let stats = app.get_as(&stranger, "/v1/traces/stats").await.expect(200);
    assert_eq!(stats["total_requests"], json!(0));
}

#[tokio::test]
async fn own_means_the_callers_rows_only() {
    let app = TestApp::start().await;
    let own = app.key_with(&["traces:read:own"]).await;
    let id = app.get("/v1/api-keys?q=limited").await.expect(200)["api_keys"][0]["id"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let shared = "4bf92f3577b34da6a3ce929d0e0e4736";
    let mine = Call { api_key_id: Some(id), tool_name: "mine", trace_id: shared.into(), ..Call::default() };
    app.record(&[mine, Call { tool_name: "theirs", trace_id: shared.into(), ..Call::default() }]).await;
    let body = app.get_as(&own, "/v1/traces").await.expect(200);
    assert_eq!(names(&body, "traces", "tool_name"), ["mine"]);
    assert_eq!(body["traces"][0]["cost_usd"], Value::Null, "money needs costs:read");
    let trace = app.get_as(&own, &format!("/v1/traces/{shared}")).await.expect(200);
    assert_eq!((trace["span_count"].clone(), trace["total_cost"].clone()), (json!(1), Value::Null));
    assert_eq!(app.get_as(&own, "/v1/traces?sort=-cost_usd").await.refused(403), "permission_denied");
    let nobody = app.key_with(&["servers:read"]).await;
    assert_eq!(app.get_as(&nobody, "/v1/traces").await.refused(403), "permission_denied");
}
