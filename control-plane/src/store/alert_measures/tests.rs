//! Every metric, of rows whose figures are known.

use chrono::Duration;
use serde_json::json;

use super::*;
use crate::testing::{TestApp, calls::Call, detections::detection};

async fn value(test: &TestApp, metric: Metric, scope: Scope, window_minutes: i32) -> Option<String> {
    let mut tx = test.app.database.tenant(test.org).await.unwrap();
    let measure = Measure { metric, scope, window_minutes };
    let values = super::measure(&mut tx, test.org, &measure, &[Utc::now()]).await.unwrap();
    values[0].map(|value| value.normalize().to_string())
}

async fn all(test: &TestApp, metric: Metric) -> Option<String> {
    value(test, metric, Scope::default(), 5).await
}

fn of_server(name: &str) -> Scope {
    Scope { mcp_servers: Some(vec![name.to_owned()]), ..Scope::default() }
}

fn call(status: &'static str, duration_ms: i64) -> Call {
    Call { status, duration_ms, ..Call::default() }
}

#[tokio::test]
async fn nothing_was_called_so_rates_are_unknown_and_counts_are_zero() {
    let test = TestApp::start().await;
    for metric in [Metric::ErrorRate, Metric::LatencyP50, Metric::LatencyP95, Metric::LatencyP99] {
        assert_eq!(all(&test, metric).await, None, "{metric:?}");
    }
    for metric in [
        Metric::RequestRate,
        Metric::CostPerHour,
        Metric::CostPerDay,
        Metric::RateLimitHit,
        Metric::BlockedCount,
        Metric::InjectionDetected,
        Metric::ToolDrift,
        Metric::ApprovalPending,
        Metric::ServerUnhealthy,
    ] {
        assert_eq!(all(&test, metric).await.as_deref(), Some("0"), "{metric:?}");
    }
}

#[tokio::test]
async fn calls_give_rates_percentiles_and_counts_of_their_window() {
    let test = TestApp::start().await;
    let mut calls: Vec<_> = (1..=16).map(|number| call("success", number * 10)).collect();
    calls.extend([call("error", 500), call("timeout", 900), call("blocked", 1), call("blocked", 1)]);
    let earlier = Utc::now() - Duration::minutes(20);
    calls.push(Call { started_at: earlier, ..call("error", 5000) });
    calls.push(Call { is_root: false, ..call("error", 5000) });
    test.record(&calls).await;
    test.sql("update traces set error_type = 'rate_limited' where id = (select id from traces where status = 'blocked' limit 1)")
        .await;
    for (metric, expected) in [
        (Metric::ErrorRate, "0.1"),
        (Metric::LatencyP50, "80"),
        (Metric::LatencyP95, "500"),
        (Metric::LatencyP99, "900"),
        (Metric::RequestRate, "4"),
        (Metric::BlockedCount, "2"),
        (Metric::RateLimitHit, "1"),
    ] {
        assert_eq!(all(&test, metric).await.as_deref(), Some(expected), "{metric:?}");
    }
    assert_eq!(value(&test, Metric::LatencyP99, Scope::default(), 30).await.as_deref(), Some("5000"));
}

#[tokio::test]
async fn costs_are_told_at_the_pace_of_their_window() {
    let test = TestApp::start().await;
    let calls = [(); 3].map(|()| Call { cost_usd: Some("0.5"), ..Call::default() });
    test.record(&calls).await;
    assert_eq!(all(&test, Metric::CostPerHour).await.as_deref(), Some("18"));
    assert_eq!(all(&test, Metric::CostPerDay).await.as_deref(), Some("432"));
    assert_eq!(
        value(&test, Metric::CostPerHour, of_server("github"), 5).await.as_deref(),
        Some("0"),
        "of another server"
    );
}

#[tokio::test]
async fn only_what_the_filters_name_is_measured() {
    let test = TestApp::start().await;
    let key = uuid::Uuid::now_v7();
    let team = uuid::Uuid::now_v7();
    test.record(&[
        Call { mcp_server: "github", ..call("error", 1) },
        Call { tool_name: "write_file", ..call("error", 1) },
        Call { api_key_id: Some(key), ..call("error", 1) },
        Call { team_id: Some(team), ..call("error", 1) },
        call("success", 1),
    ])
    .await;
    let none = Scope::default;
    for (scope, a_minute) in [
        (of_server("github"), "0.1"),
        (of_server("files"), "0.4"),
        (Scope { tool_names: Some(vec!["write_file".into()]), ..none() }, "0.1"),
        (Scope { api_key_ids: Some(vec![ApiKeyId(key)]), ..none() }, "0.1"),
        (Scope { team_ids: Some(vec![TeamId(team)]), ..none() }, "0.1"),
        (Scope { environments: Some(vec!["dev".into()]), ..none() }, "0.5"),
        (Scope { environments: Some(vec!["prd".into()]), ..none() }, "0"),
    ] {
        let found = value(&test, Metric::RequestRate, scope.clone(), 10).await;
        assert_eq!(found.as_deref(), Some(a_minute), "{scope:?}");
    }
}

#[tokio::test]
async fn detections_approvals_and_servers_are_counted() {
    let test = TestApp::start().await;
    let key = test.post("/v1/api-keys", json!({"name": "k", "environment": "prd"})).await.expect(201);
    let of_key = json!({"api_key_id": key["id"]});
    let drift = json!({"type": "tool_drift", "mcp_server": "github", "direction": "definition"});
    let before = json!({"created_at": Utc::now() - Duration::hours(1)});
    test.detect(vec![detection(of_key), detection(drift), detection(before)]).await;
    assert_eq!(all(&test, Metric::InjectionDetected).await.as_deref(), Some("2"));
    assert_eq!(all(&test, Metric::ToolDrift).await.as_deref(), Some("1"));
    let of_production = Scope { environments: Some(vec!["prd".into()]), ..Scope::default() };
    assert_eq!(
        value(&test, Metric::InjectionDetected, of_production, 5).await.as_deref(),
        Some("1"),
        "a detection is of its key's environment"
    );

    for name in ["files", "github"] {
        let form = json!({"name": name, "url": "http://127.0.0.1:1/mcp"});
        test.post("/v1/mcp-servers", form).await.expect(201);
        let form = json!({"mcp_server": name, "tool_name": "delete_file", "arguments": {}});
        test.post("/v1/approvals", form).await.expect(201);
    }
    assert_eq!(all(&test, Metric::ApprovalPending).await.as_deref(), Some("2"));
    assert_eq!(value(&test, Metric::ApprovalPending, of_server("files"), 5).await.as_deref(), Some("1"));
    test.sql("update tool_approvals set status = 'cancelled' where mcp_server = 'files'").await;
    assert_eq!(all(&test, Metric::ApprovalPending).await.as_deref(), Some("1"));

    assert_eq!(all(&test, Metric::ServerUnhealthy).await.as_deref(), Some("0"));
    test.sql("update mcp_servers set health = 'unhealthy' where name = 'files'").await;
    assert_eq!(all(&test, Metric::ServerUnhealthy).await.as_deref(), Some("1"));
    assert_eq!(value(&test, Metric::ServerUnhealthy, of_server("github"), 5).await.as_deref(), Some("0"));
}

#[tokio::test]
async fn each_moment_has_the_figure_of_its_own_window() {
    let test = TestApp::start().await;
    let now = Utc::now();
    let ago = |minutes| now - Duration::minutes(minutes);
    let calls = [30, 29, 10].map(|minutes| Call { started_at: ago(minutes), ..Call::default() });
    test.record(&calls).await;
    let measure = Measure { metric: Metric::RequestRate, scope: Scope::default(), window_minutes: 5 };
    let mut tx = test.app.database.tenant(test.org).await.unwrap();
    let moments = [ago(31), ago(27), ago(20), ago(6), now];
    let values = super::measure(&mut tx, test.org, &measure, &moments).await.unwrap();
    let values: Vec<_> = values.iter().map(|value| value.unwrap().normalize().to_string()).collect();
    assert_eq!(values, ["0", "0.4", "0", "0.2", "0"]);
}
