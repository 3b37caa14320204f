use std::{collections::BTreeSet, sync::Arc, time::Duration};

use ::http::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::run;
use crate::testing::{TestApp, calls::Call, otlp_receiver::OtlpReceiver};

const PATH: &str = "/v1/telemetry/exporters";

async fn start() -> (TestApp, OtlpReceiver) {
    let test = TestApp::start_with(|config| config.egress_allow_private = true).await;
    (test, OtlpReceiver::start().await)
}

/// An exporter that waits for nothing longer than it must.
async fn exporter(test: &TestApp, receiver: &OtlpReceiver, change: Value) -> String {
    let mut form =
        json!({"name": "x", "protocol": "http_json", "endpoint": receiver.url, "batch_timeout_ms": 100});
    for (name, value) in change.as_object().unwrap() {
        form[name] = value.clone();
    }
    let made = test.post(PATH, form).await.expect(201);
    format!("{PATH}/{}", made["id"].as_str().unwrap())
}

/// A replica that works for exporters until it is stopped.
struct Replica {
    stop: CancellationToken,
    task: JoinHandle<anyhow::Result<()>>,
}

impl Replica {
    fn start(test: &TestApp) -> Self {
        let stop = CancellationToken::new();
        let task = tokio::spawn(run(Arc::clone(&test.app), stop.clone()));
        Self { stop, task }
    }

    async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap().unwrap();
    }
}

async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let waiting = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(60), waiting).await;
    waited.unwrap_or_else(|_| panic!("waited in vain until {what}"));
}

/// Calls in traces of their own; the ids of those.
async fn call(test: &TestApp, count: usize) -> Vec<String> {
    let calls: Vec<_> = (0..count).map(|_| Call::default()).collect();
    test.record(&calls).await;
    calls.into_iter().map(|call| call.trace_id).collect()
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort_unstable();
    ids
}

async fn stats(test: &TestApp, path: &str) -> Value {
    test.get(path).await.expect(200)["stats"].clone()
}

#[tokio::test]
async fn spans_arrive_once_in_batches_with_the_headers_that_were_given() {
    for protocol in ["http_json", "http_protobuf"] {
        let (test, receiver) = start().await;
        let form = json!({"protocol": protocol, "batch_size": 4, "headers": {"x-api-key": "hush"}});
        call(&test, 3).await;
        let path = exporter(&test, &receiver, form).await;
        let made = call(&test, 10).await;
        let replica = Replica::start(&test);
        until("all arrived", async || receiver.traces().len() >= made.len()).await;
        let made_later = call(&test, 1).await;
        until("the last arrived", async || receiver.traces().len() > made.len()).await;
        replica.stop().await;
        assert_eq!(
            sorted(receiver.traces()),
            sorted([made, made_later].concat()),
            "{protocol}: none from before"
        );
        assert!(receiver.headers().iter().all(|headers| headers["x-api-key"] == "hush"));
        let stats = stats(&test, &path).await;
        assert_eq!(
            (&stats["exported"], &stats["failed"], &stats["dropped"]),
            (&json!(11), &json!(0), &json!(0))
        );
        assert!(stats["last_export_at"].is_string() && stats["last_error"].is_null(), "{stats}");
    }
}

#[tokio::test]
async fn nothing_is_lost_while_the_receiver_is_away_and_we_are_started_anew() {
    let (test, receiver) = start().await;
    let path = exporter(&test, &receiver, json!({})).await;
    receiver.refuse(Some((StatusCode::SERVICE_UNAVAILABLE, None)));
    let mut made = call(&test, 5).await;
    let replica = Replica::start(&test);
    until("it was refused twice", async || receiver.requests() >= 2).await;
    let failing = stats(&test, &path).await;
    assert_eq!(failing["last_error"], "the receiver answered 503");
    replica.stop().await;
    made.extend(call(&test, 5).await);
    receiver.refuse(None);
    let replica = Replica::start(&test);
    until("all arrived", async || receiver.traces().len() >= made.len()).await;
    replica.stop().await;
    assert_eq!(sorted(receiver.traces()), sorted(made));
    let stats = stats(&test, &path).await;
    assert_eq!((&stats["exported"], &stats["last_error"]), (&json!(10), &Value::Null));
}

#[tokio::test]
async fn a_receiver_is_left_alone_for_as_long_as_it_asks() {
    let (test, receiver) = start().await;
    let path = exporter(&test, &receiver, json!({})).await;
    receiver.refuse(Some((StatusCode::TOO_MANY_REQUESTS, Some("1000"))));
    call(&test, 1).await;
    let replica = Replica::start(&test);
    until("it was refused", async || stats(&test, &path).await["last_error"].is_string()).await;
    replica.stop().await;
    let mut tx = test.app.database.worker().await.unwrap();
    let waits: bool = sqlx::query_scalar(
        "select next_attempt_at between now() + interval '900 seconds' and now() + interval '1100 seconds'
         from telemetry_progress",
    )
    .fetch_one(&mut *tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
    assert!(waits);
    assert_eq!(receiver.requests(), 1);
    // A change by an administrator may have mended it.
    receiver.refuse(None);
    test.patch(&path, json!({"name": "mended"})).await.expect(200);
    let replica = Replica::start(&test);
    until("it arrived", async || receiver.traces().len() == 1).await;
    replica.stop().await;
}

#[tokio::test]
async fn what_a_receiver_never_takes_is_counted_and_does_not_stop_the_rest() {
    let (test, receiver) = start().await;
    let path = exporter(&test, &receiver, json!({})).await;
    receiver.refuse(Some((StatusCode::BAD_REQUEST, None)));
    call(&test, 3).await;
    let replica = Replica::start(&test);
    until("they failed", async || stats(&test, &path).await["failed"] == 3).await;
    receiver.refuse(None);
    let made = call(&test, 2).await;
    until("the rest arrived", async || receiver.traces().len() == 2).await;
    replica.stop().await;
    assert_eq!(sorted(receiver.traces()), sorted(made));
}

#[tokio::test]
async fn a_sample_holds_every_trace_in_which_something_went_wrong() {
    let (test, receiver) = start().await;
    exporter(&test, &receiver, json!({"sample_ratio": 0})).await;
    let failed = Call { status: "blocked", ..Call::default() };
    let child_of_failed = Call { is_root: false, trace_id: failed.trace_id.clone(), ..Call::default() };
    let fine: Vec<_> = (0..20).map(|_| Call::default()).collect();
    test.record(&[&fine[..], &[child_of_failed, failed.clone()]].concat()).await;
    let replica = Replica::start(&test);
    until("the failed call arrived", async || receiver.traces().len() >= 2).await;
    replica.stop().await;
    assert_eq!(receiver.traces(), [failed.trace_id.clone(), failed.trace_id]);
}

#[tokio::test]
async fn several_replicas_send_nothing_twice() {
    let (test, receiver) = start().await;
    let path = exporter(&test, &receiver, json!({"batch_size": 3})).await;
    let replicas: Vec<_> = (0..3).map(|_| Replica::start(&test)).collect();
    let mut made = Vec::new();
    for _ in 0..10 {
        made.extend(call(&test, 7).await);
    }
    until("all arrived", async || receiver.traces().iter().collect::<BTreeSet<_>>().len() == made.len())
        .await;
    for replica in replicas {
        replica.stop().await;
    }
    assert_eq!(sorted(receiver.traces()), sorted(made));
    assert_eq!(stats(&test, &path).await["exported"], 70);
}

#[tokio::test]
async fn a_span_that_a_slow_transaction_brings_is_not_passed_over() {
    let (test, receiver) = start().await;
    exporter(&test, &receiver, json!({})).await;
    let slow = Call::default();
    let mut tx = test.app.database.worker().await.unwrap();
    // It writes before the others and commits after them.
    sqlx::query(
        "insert into traces (id, org_id, trace_id, span_id, operation_name, mcp_server, status, duration_ms, is_root,
            kind, proxy_id, started_at, ended_at)
         values (gen_random_uuid(), $1, $2, '00f067aa0ba902b7', 'tools/call', 'files', 'success', 1, true, 'server', 'p',
            now(), now())",
    )
    .bind(test.org)
    .bind(&slow.trace_id)
    .execute(&mut *tx)
    .await
    .unwrap();
    let quick = call(&test, 2).await;
    let replica = Replica::start(&test);
    // The exporter looks, and must not go beyond what is still to come.
    until("it has looked", async || {
        let mut tx = test.app.database.worker().await.unwrap();
        let query = "select next_attempt_at > created_at from telemetry_progress p
            join telemetry_configs c on c.id = p.exporter_id";
        sqlx::query_scalar(query).fetch_one(&mut *tx).await.unwrap()
    })
    .await;
    assert!(receiver.traces().is_empty(), "what comes later is not sent before");
    tx.commit().await.unwrap();
    until("all arrived", async || receiver.traces().len() == 3).await;
    replica.stop().await;
    assert_eq!(receiver.traces()[0], slow.trace_id, "in the order of arrival");
    assert_eq!(sorted(receiver.traces()), sorted([vec![slow.trace_id], quick].concat()));
}

#[tokio::test]
async fn one_that_is_off_sends_nothing_and_begins_anew_when_it_is_on() {
    let (test, receiver) = start().await;
    let path = exporter(&test, &receiver, json!({"enabled": false})).await;
    call(&test, 3).await;
    let replica = Replica::start(&test);
    let other = OtlpReceiver::start().await;
    exporter(&test, &other, json!({"name": "other"})).await;
    call(&test, 1).await;
    until("another exporter had its turn", async || other.traces().len() == 1).await;
    assert!(receiver.traces().is_empty());
    test.patch(&path, json!({"enabled": true})).await.expect(200);
    let made = call(&test, 2).await;
    until("the new ones arrived", async || receiver.traces().len() == 2).await;
    replica.stop().await;
    assert_eq!(sorted(receiver.traces()), sorted(made));
}

#[tokio::test]
async fn an_organization_sends_its_own_spans_only() {
    let (test, receiver) = start().await;
    let (_, key) = test.other_organization().await;
    let form =
        json!({"name": "x", "protocol": "http_json", "endpoint": receiver.url, "batch_timeout_ms": 100});
    test.post_as(&key, PATH, form).await.expect(201);
    let own = OtlpReceiver::start().await;
    exporter(&test, &own, json!({})).await;
    let made = call(&test, 2).await;
    let replica = Replica::start(&test);
    until("they arrived", async || own.traces().len() == 2).await;
    replica.stop().await;
    assert_eq!(sorted(own.traces()), sorted(made));
    assert!(receiver.traces().is_empty());
}

#[tokio::test]
async fn spans_that_waited_for_more_than_a_day_are_given_up_and_counted() {
    let (test, receiver) = start().await;
    let path = exporter(&test, &receiver, json!({})).await;
    call(&test, 4).await;
    let mut tx = test.app.database.worker().await.unwrap();
    for statement in [
        "update traces set created_at = now() - interval '25 hours'",
        "update telemetry_progress set sent_at = now() - interval '30 hours', failures = 3",
    ] {
        sqlx::query(statement).execute(&mut *tx).await.unwrap();
    }
    tx.commit().await.unwrap();
    let made = call(&test, 1).await;
    let replica = Replica::start(&test);
    until("the new one arrived", async || receiver.traces().len() == 1).await;
    replica.stop().await;
    assert_eq!(receiver.traces(), made);
    let stats = stats(&test, &path).await;
    assert_eq!((&stats["dropped"], &stats["exported"]), (&json!(4), &json!(1)));
}
