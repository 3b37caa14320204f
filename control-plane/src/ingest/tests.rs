//! The ingester's promises, kept against a real Redis and a real Postgres. Every test has streams of its own.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use redis::AsyncCommands;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Figures, Ingester, Options};
use crate::testing::TestApp;

mod budgets;
mod failures;

const PATIENCE: Duration = Duration::from_secs(30);

struct Bench {
    pool: PgPool,
    org: Uuid,
    ingester: Arc<Ingester>,
    redis: redis::aio::MultiplexedConnection,
    stop: CancellationToken,
    stream: String,
    dead: String,
}

impl Bench {
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(adjust: impl FnOnce(&mut Options)) -> Self {
        let url = std::env::var("REDIS_URL").expect("REDIS_URL names the Redis for tests");
        let name = format!("test:{}", Uuid::now_v7());
        let mut options = Options {
            stream: name.clone(),
            dead_stream: format!("{name}:dead"),
            pause: Duration::from_millis(20),
            ..Options::default()
        };
        adjust(&mut options);
        let client = redis::Client::open(url.as_str()).unwrap();
        let redis_pool =
            deadpool_redis::Config::from_url(url).create_pool(Some(deadpool_redis::Runtime::Tokio1)).unwrap();
        let app = TestApp::start().await;
        let (pool, org) = (app.app.database.pool().clone(), app.org.0);
        let redis = client.get_multiplexed_async_connection().await.unwrap();
        let (stream, dead) = (options.stream.clone(), options.dead_stream.clone());
        let figures = Figures::of(&app.app.metrics);
        let ingester = Ingester::new(
            app.app.database.clone(),
            client,
            redis_pool,
            app.app.config.sealer(),
            figures,
            options,
        );
        Self { pool, org, ingester: Arc::new(ingester), redis, stop: CancellationToken::new(), stream, dead }
    }

    fn start(&self) {
        tokio::spawn(Arc::clone(&self.ingester).run(self.stop.clone()));
    }

    async fn send(&self, kind: &str, d: &str) {
        self.send_as(&self.org.to_string(), kind, d).await;
    }

    async fn send_as(&self, org: &str, kind: &str, d: &str) {
        let fields = [("v", "1"), ("kind", kind), ("org", org), ("d", d)];
        let _: String = self.redis.clone().xadd(&self.stream, "*", &fields).await.unwrap();
    }

    /// Until everything sent is stored or put aside.
    async fn settle(&self) {
        let start = tokio::time::Instant::now();
        loop {
            match self.ingester.progress().await {
                Ok(progress) if progress.waiting == 0 => return,
                progress => assert!(start.elapsed() < PATIENCE, "still waiting: {progress:?}"),
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn run(&self) {
        // The group must be there before its progress means anything.
        let _: Result<(), _> = self.redis.clone().xgroup_create_mkstream(&self.stream, "ingest", "0").await;
        self.start();
        self.settle().await;
    }

    async fn count(&self, table: &'static str) -> i64 {
        let query = format!("select count(*) from {table}");
        sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_one(&self.pool).await.unwrap()
    }

    async fn reasons(&self) -> Vec<String> {
        let dead: redis::streams::StreamRangeReply = self.redis.clone().xrange_all(&self.dead).await.unwrap();
        dead.ids.iter().map(|entry| entry.get("reason").unwrap()).collect()
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn span(org: Uuid, started_at: DateTime<Utc>) -> Value {
    json!({
        "id": Uuid::now_v7(), "org_id": org, "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        "span_id": "00f067aa0ba902b7", "parent_span_id": null, "is_root": true, "kind": "server",
        "operation_name": "tools/call", "mcp_server": "files", "tool_name": "read_file", "status": "success",
        "status_code": 200, "error_type": null, "error_message": null, "duration_ms": 48, "upstream_ms": 46,
        "overhead_us": 910, "input_tokens": 12, "output_tokens": 340, "charged": true, "cost_usd": "0.001000",
        "price_id": null, "user_id": null, "team_id": null, "api_key_id": null, "environment": "prd",
        "session_id": null, "client_name": "claude-code", "client_version": "2.1.0",
        "protocol_version": "2026-07-28", "request_bytes": 214, "response_bytes": 1880, "proxy_id": "proxy-1",
        "metadata": {"request_id": "r1"}, "started_at": started_at, "ended_at": started_at,
    })
}

fn with(mut span: Value, field: &str, value: impl Into<Value>) -> Value {
    span[field] = value.into();
    span
}

#[tokio::test]
async fn a_span_delivered_twice_is_one_trace_and_one_cost() {
    let bench = Bench::new().await;
    let span = span(bench.org, Utc::now()).to_string();
    bench.send("span", &span).await;
    bench.send("span", &span).await;
    bench.run().await;
    bench.send("span", &span).await;
    bench.settle().await;
    assert_eq!((bench.count("traces").await, bench.count("costs").await), (1, 1));
}

#[tokio::test]
async fn a_span_below_a_call_is_stored_and_counts_for_nothing() {
    let bench = Bench::new().await;
    let root = span(bench.org, Utc::now());
    let below = json!({ "id": Uuid::now_v7(), "span_id": "00f067aa0ba902b8", "parent_span_id": root["span_id"],
        "is_root": false, "kind": "internal", "operation_name": "gatewayops.approval.wait", "tool_name": null });
    let mut child = root.clone();
    child.as_object_mut().unwrap().extend(below.as_object().unwrap().clone());
    bench.send("span", &root.to_string()).await;
    bench.send("span", &child.to_string()).await;
    bench.run().await;
    let stored: Vec<(String, bool, Option<rust_decimal::Decimal>)> =
        sqlx::query_as("select kind, is_root, cost_usd from traces order by is_root desc")
            .fetch_all(&bench.pool)
            .await
            .unwrap();
    let [server, internal] = &stored[..] else { panic!("{stored:?}") };
    assert_eq!((server.0.as_str(), server.1, server.2.is_some()), ("server", true, true));
    assert_eq!((internal.0.as_str(), internal.1, internal.2), ("internal", false, None));
    assert_eq!((bench.count("costs").await, bench.count("rollup_pending").await), (1, 1));
}

#[tokio::test]
async fn what_is_stored_is_gone_from_the_stream() {
    let bench = Bench::new().await;
    for _ in 0..5 {
        bench.send("span", &span(bench.org, Utc::now()).to_string()).await;
    }
    bench.send("no such kind", "{}").await;
    bench.run().await;
    let left = async || bench.redis.clone().xlen::<_, usize>(&bench.stream).await.unwrap();
    assert_eq!((bench.count("traces").await, left().await, bench.reasons().await.len()), (5, 0, 1));
    bench.send("span", &span(bench.org, Utc::now()).to_string()).await;
    bench.settle().await;
    assert_eq!((bench.count("traces").await, left().await), (6, 0));
}

#[tokio::test]
async fn a_payload_is_sealed_and_kept_once() {
    let bench = Bench::new().await;
    let span = span(bench.org, Utc::now());
    let payload = json!({
        "id": span["id"], "org_id": bench.org, "started_at": span["started_at"], "request": "{\"a\":\"hush\"}",
        "response": null, "redacted": true, "truncated": false,
    });
    bench.send("span", &span.to_string()).await;
    bench.send("payload", &payload.to_string()).await;
    bench.send("payload", &payload.to_string()).await;
    bench.run().await;
    let rows: Vec<(Vec<u8>, Option<Vec<u8>>, bool)> =
        sqlx::query_as("select request_encrypted, response_encrypted, redacted from trace_payloads")
            .fetch_all(&bench.pool)
            .await
            .unwrap();
    let [(request, None, true)] = &rows[..] else { panic!("{rows:?}") };
    assert!(!request.windows(4).any(|four| four == b"hush"));
}

#[tokio::test]
async fn poison_is_put_aside_with_its_reason_and_the_rest_flows_on() {
    let bench = Bench::new().await;
    let now = Utc::now();
    let good = || span(bench.org, now).to_string();
    bench.send("span", &good()).await;
    bench.send("span", "not JSON").await;
    bench.send("riddle", "{}").await;
    bench.send("span", &with(span(bench.org, now), "duration_ms", 4_000_000_000_u32).to_string()).await;
    bench.send("span", &good()).await;
    bench.send("span", &with(span(bench.org, now), "kind", "elephant").to_string()).await;
    let stranger = Uuid::now_v7();
    bench.send_as(&stranger.to_string(), "span", &span(stranger, now).to_string()).await;
    bench.send("span", &good()).await;
    bench.run().await;

    assert_eq!(bench.count("traces").await, 3);
    let mut reasons = bench.reasons().await;
    reasons.sort();
    assert_eq!(reasons.len(), 5, "{reasons:#?}");
    for part in [
        "d cannot be read: expected ident",
        "integer out of range",
        "kind riddle is not known",
        "traces_kind_check",
        "the organization does not exist",
    ] {
        assert!(reasons.iter().any(|reason| reason.contains(part)), "{part}: {reasons:#?}");
    }
    let dead: redis::streams::StreamRangeReply = bench.redis.clone().xrange_all(&bench.dead).await.unwrap();
    let fields =
        |entry: &redis::streams::StreamId| entry.get::<String>("d").zip(entry.get::<u64>("deliveries"));
    assert!(
        dead.ids.iter().any(|entry| fields(entry) == Some(("not JSON".into(), 1))),
        "a dead letter is whole"
    );
}

#[tokio::test]
async fn a_call_by_a_users_token_is_recorded_without_a_key_or_an_environment() {
    let bench = Bench::new().await;
    let call = with(span(bench.org, Utc::now()), "environment", Value::Null);
    bench.send("span", &call.to_string()).await;
    bench.run().await;
    assert_eq!(bench.reasons().await, Vec::<String>::new());
    let recorded = "select count(*) from traces join costs on costs.trace_id = traces.id
        where traces.environment is null and costs.environment is null and traces.api_key_id is null";
    let recorded: i64 = sqlx::query_scalar(recorded).fetch_one(&bench.pool).await.unwrap();
    assert_eq!(recorded, 1);
}

#[tokio::test]
async fn what_a_client_named_cannot_keep_its_call_off_the_record() {
    let bench = Bench::new().await;
    let call = with(span(bench.org, Utc::now()), "tool_name", format!("a\0b{}", "x".repeat(300)));
    let call = with(call, "error_message", "ä".repeat(2000));
    bench.send("span", &with(call, "metadata", json!({"note": "\0"})).to_string()).await;
    bench.run().await;
    let (tool, message): (String, String) =
        sqlx::query_as("select tool_name, error_message from traces").fetch_one(&bench.pool).await.unwrap();
    assert!(tool.starts_with("a\u{fffd}bxx") && tool.chars().count() == 255);
    assert_eq!(message.chars().count(), 1000);
}

#[tokio::test]
async fn a_call_costs_what_was_valid_when_it_started_to_the_last_digit() {
    let bench = Bench::new().await;
    let now = Utc::now();
    let [before, between, after] = [3, 2, 1].map(|hours| now - chrono::Duration::hours(hours));
    let server: Uuid = sqlx::query_scalar(
        "insert into mcp_servers (org_id, name, url) values ($1, 'files', 'http://files') returning id",
    )
    .bind(bench.org)
    .fetch_one(&bench.pool)
    .await
    .unwrap();
    let price = async |tool: Option<&str>, per_call: &str, per_token: &str, valid_from: DateTime<Utc>| {
        sqlx::query(
            "insert into mcp_server_prices (org_id, server_id, tool_name, per_call, per_input_token, per_output_token, valid_from)
            values ($1, $2, $3, $4::numeric, $5::numeric, $5::numeric, $6)",
        )
        .bind(bench.org)
        .bind(server)
        .bind(tool)
        .bind(per_call)
        .bind(per_token)
        .bind(valid_from)
        .execute(&bench.pool)
        .await
        .unwrap();
    };
    price(None, "0.1", "0", before - chrono::Duration::days(1)).await;
    price(None, "0.000001", "0.000000000003", between).await;
    price(Some("write_*"), "7", "0", between).await;

    bench.send("span", &span(bench.org, before).to_string()).await;
    for _ in 0..1000 {
        bench.send("span", &span(bench.org, after).to_string()).await;
    }
    bench.send("span", &with(span(bench.org, after), "tool_name", "write_file").to_string()).await;
    bench.send("span", &with(span(bench.org, after), "charged", false).to_string()).await;
    bench.run().await;

    // 0.000001 + 352 × 0.000000000003 = 0.000001001056 → 0.000001 a call.
    let sum = "select sum(cost_usd) from costs";
    let sum: Decimal = sqlx::query_scalar(sum).fetch_one(&bench.pool).await.unwrap();
    assert_eq!(sum, "7.101000".parse().unwrap());
    let on_spans = "select sum(cost_usd) from traces";
    assert_eq!(sum, sqlx::query_scalar::<_, Decimal>(on_spans).fetch_one(&bench.pool).await.unwrap());
    assert_eq!((bench.count("traces").await, bench.count("costs").await), (1003, 1002));
    let unpriced = "select count(*) from costs where price_id is null";
    assert_eq!(sqlx::query_scalar::<_, i64>(unpriced).fetch_one(&bench.pool).await.unwrap(), 0);
}

#[tokio::test]
async fn a_deleted_servers_calls_keep_the_proxys_sum() {
    let bench = Bench::new().await;
    bench.send("span", &span(bench.org, Utc::now()).to_string()).await;
    bench.run().await;
    let cost: Decimal =
        sqlx::query_scalar("select cost_usd from costs").fetch_one(&bench.pool).await.unwrap();
    assert_eq!(cost.to_string(), "0.001000");
}

#[tokio::test]
async fn the_last_use_of_a_key_only_moves_forward() {
    let bench = Bench::new().await;
    let key: Uuid = sqlx::query_scalar(
        "insert into api_keys (org_id, name, key_prefix, key_hash, pepper_id)
        values ($1, 'ci', 'gwo_dev_xxxxxxxx', decode(repeat('00', 32), 'hex'), 1) returning id",
    )
    .bind(bench.org)
    .fetch_one(&bench.pool)
    .await
    .unwrap();
    for at in ["2026-01-15T10:00:00Z", "2026-01-15T12:00:00Z", "2026-01-15T11:00:00Z"] {
        bench.send("key_used", &json!({"api_key_id": key, "at": at, "ip_address": null}).to_string()).await;
    }
    bench.run().await;
    let used: DateTime<Utc> = sqlx::query_scalar("select last_used_at from api_keys where id = $1")
        .bind(key)
        .fetch_one(&bench.pool)
        .await
        .unwrap();
    assert_eq!(used.to_rfc3339(), "2026-01-15T12:00:00+00:00");
}

#[tokio::test]
async fn detections_are_stored_as_they_came() {
    let bench = Bench::new().await;
    let detection = json!({
        "id": Uuid::now_v7(), "org_id": bench.org, "created_at": Utc::now(), "trace_id": "4bf9", "span_id": "00f0",
        "policy_id": null, "type": "secret", "severity": "high", "confidence": 0.95, "rule": "aws_key",
        "pattern": null, "direction": "response", "action_taken": "redacted", "snippet": "AKIA…", "mcp_server": "files",
        "tool_name": "read_file", "api_key_id": null, "user_id": null, "ip_address": "10.0.0.1",
    });
    bench.send("detection", &detection.to_string()).await;
    bench.send("detection", &detection.to_string()).await;
    bench.run().await;
    let (rule, ip): (String, String) =
        sqlx::query_as("select rule, host(ip_address) from injection_detections")
            .fetch_one(&bench.pool)
            .await
            .unwrap();
    assert_eq!(
        (rule.as_str(), ip.as_str(), bench.count("injection_detections").await),
        ("aws_key", "10.0.0.1", 1)
    );
}

/// A detection as a proxy sends it.
fn detection(org: Uuid, action_taken: &str, severity: &str) -> Value {
    json!({
        "id": Uuid::now_v7(), "org_id": org, "created_at": Utc::now(), "type": "secret", "severity": severity,
        "confidence": 0.95, "rule": "aws_key", "direction": "response", "action_taken": action_taken,
        "snippet": "AKIA…", "mcp_server": "files", "tool_name": "read_file", "ip_address": "10.0.0.1",
    })
}

#[tokio::test]
async fn what_was_blocked_or_redacted_is_told_once_however_often_it_is_delivered() {
    let bench = Bench::new().await;
    let detections =
        ["blocked", "redacted", "warned", "logged"].map(|done| detection(bench.org, done, "high"));
    for detection in detections.iter().chain(&detections) {
        bench.send("detection", &detection.to_string()).await;
    }
    bench.run().await;
    assert_eq!(bench.count("injection_detections").await, 4);
    let told: Vec<(String, Value)> =
        sqlx::query_as("select event, payload from outbox order by payload ->> 'action'")
            .fetch_all(&bench.pool)
            .await
            .unwrap();
    assert_eq!(told.len(), 2, "{told:?}");
    for ((event, payload), detection) in told.iter().zip(&detections) {
        assert_eq!(event, "safety.detected");
        assert_eq!((&payload["id"], &payload["action"]), (&detection["id"], &detection["action_taken"]));
        assert_eq!((&payload["trace_id"], &payload["disposition"]), (&Value::Null, &json!("unreviewed")));
        let at = payload["created_at"].as_str().unwrap();
        assert!(at.len() == 24 && at.ends_with('Z'), "milliseconds, UTC: {at}");
    }
    // Delivered once more, long after.
    bench.send("detection", &detections[0].to_string()).await;
    bench.settle().await;
    assert_eq!((bench.count("injection_detections").await, bench.count("outbox").await), (4, 2));
}

#[tokio::test]
async fn a_flood_of_detections_is_stored_whole_and_told_in_part_the_severest_first() {
    let bench = Bench::new().await;
    for number in 0..400 {
        let severity = if number % 10 == 0 { "critical" } else { "medium" };
        bench.send("detection", &detection(bench.org, "blocked", severity).to_string()).await;
    }
    bench.run().await;
    assert_eq!(bench.count("injection_detections").await, 400);
    let (told, critical): (i64, i64) = sqlx::query_as(
        "select count(*), count(*) filter (where payload ->> 'severity' = 'critical') from outbox",
    )
    .fetch_one(&bench.pool)
    .await
    .unwrap();
    assert_eq!((told, critical), (100, 40), "all in one batch");

    // The minute is over.
    sqlx::query("update outbox set created_at = created_at - interval '1 minute'")
        .execute(&bench.pool)
        .await
        .unwrap();
    bench.send("detection", &detection(bench.org, "blocked", "low").to_string()).await;
    bench.settle().await;
    assert_eq!(bench.count("outbox").await, 101);
}

#[tokio::test]
async fn a_long_name_does_not_keep_a_detection_off_the_record() {
    let bench = Bench::new().await;
    let mut long = detection(bench.org, "blocked", "high");
    long["tool_name"] = json!("ä".repeat(300));
    long["snippet"] = json!("x".repeat(300));
    long["mcp_server"] = json!("s".repeat(300));
    bench.send("detection", &long.to_string()).await;
    let mut odd = detection(bench.org, "blocked", "high");
    odd["type"] = json!("riddle");
    bench.send("detection", &odd.to_string()).await;
    bench.run().await;
    let (tool, snippet): (String, String) =
        sqlx::query_as("select tool_name, snippet from injection_detections")
            .fetch_one(&bench.pool)
            .await
            .unwrap();
    assert_eq!((tool, snippet), ("ä".repeat(255), "x".repeat(200)));
    assert_eq!(bench.reasons().await.len(), 1, "what has no known type is a dead letter");
}

#[tokio::test]
async fn a_refusal_by_a_proxy_is_audited() {
    let bench = Bench::new().await;
    let refusal = json!({
        "action": "mcp.blocked", "outcome": "denied", "actor_type": "api_key", "actor_id": Uuid::now_v7(),
        "actor_name": "ci", "resource_type": "mcp", "resource_id": null, "resource_name": "files",
        "details": {"code": "tool_denied"}, "ip_address": "10.0.0.1", "request_id": "r1", "trace_id": null,
        "occurred_at": Utc::now(),
    });
    bench.send("audit", &refusal.to_string()).await;
    bench.run().await;
    let query =
        "select actor_name, details ->> 'code' from audit_logs where org_id = $1 and action = 'mcp.blocked'";
    let rows: Vec<(String, String)> =
        sqlx::query_as(query).bind(bench.org).fetch_all(&bench.pool).await.unwrap();
    assert_eq!(rows, [("ci".to_owned(), "tool_denied".to_owned())]);
}

#[tokio::test]
async fn new_root_spans_are_announced_to_whoever_listens() {
    let bench = Bench::new().await;
    let url = std::env::var("REDIS_URL").unwrap();
    let mut listener = redis::Client::open(url).unwrap().get_async_pubsub().await.unwrap();
    listener.subscribe(format!("traces:{}", bench.org)).await.unwrap();
    let child = with(span(bench.org, Utc::now()), "is_root", false).to_string();
    let root = span(bench.org, Utc::now()).to_string();
    bench.send("span", &child).await;
    bench.send("span", &root).await;
    bench.run().await;
    // All tests have one organization, and so one channel: what others announce is none of ours.
    let first_of_ours = async {
        let mut messages = listener.on_message();
        loop {
            let message = futures::StreamExt::next(&mut messages).await.unwrap();
            let payload: String = message.get_payload().unwrap();
            if payload == child || payload == root {
                return payload;
            }
        }
    };
    assert_eq!(tokio::time::timeout(PATIENCE, first_of_ours).await.unwrap(), root);
}
