use std::time::Instant;

use serde_json::Value;
use uuid::Uuid;

use super::*;
use crate::{
    id::AuditId,
    store::{
        audit::{AuditRow, append, lock_head},
        ingest,
    },
    testing::TestApp,
};

async fn start() -> TestApp {
    TestApp::start_with(|config| config.retention_min_days = 1).await
}

async fn keep(test: &TestApp, org: OrgId, retention: Value) {
    let mut tx = test.app.database.worker().await.unwrap();
    sqlx::query("update organizations set settings = $2 where id = $1")
        .bind(org)
        .bind(json!({ "retention": retention }))
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// A call of so many days ago and its cost.
async fn call(test: &TestApp, org: OrgId, days_ago: i64) {
    let at = Utc::now() - chrono::Duration::days(days_ago);
    let mut tx = test.app.database.worker().await.unwrap();
    for table in ["traces", "costs"] {
        ingest::ensure_day(&mut tx, table, at.date_naive()).await.unwrap();
    }
    sqlx::query(
        "with span as (
            insert into traces (id, org_id, trace_id, span_id, operation_name, mcp_server, status, duration_ms, is_root,
                kind, proxy_id, started_at, ended_at)
            values ($1, $2, $1::text, 's', 'tools/call', 'files', 'success', 1, false, 'client', 'p', $3, $3)
         )
         insert into costs (id, org_id, mcp_server, cost_usd, created_at) values ($1, $2, 'files', 1, $3)",
    )
    .bind(Uuid::now_v7())
    .bind(org)
    .bind(at)
    .execute(&mut *tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

/// Of how many days ago an organization has rows in a table, the newest first.
async fn ages(test: &TestApp, org: OrgId, table: Table) -> Vec<i64> {
    let time = if table == TRACES { "started_at" } else { "created_at" };
    let mut tx = test.app.database.worker().await.unwrap();
    sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
        "select round(extract(epoch from now() - {time}) / 86400)::bigint from {} where org_id = $1 order by 1",
        table.name
    )))
    .bind(org)
    .fetch_all(&mut *tx)
    .await
    .unwrap()
}

async fn partition_exists(test: &TestApp, table: &str, days_ago: i64) -> bool {
    let at = Utc::now() - chrono::Duration::days(days_ago);
    let name = format!("{table}_{}", at.format("%Y%m%d"));
    let mut tx = test.app.database.worker().await.unwrap();
    let query = "select to_regclass($1) is not null";
    sqlx::query_scalar(query).bind(name).fetch_one(&mut *tx).await.unwrap()
}

#[tokio::test]
async fn each_organization_keeps_its_calls_as_long_as_it_says_and_costs_longer() {
    let test = start().await;
    let (other, _) = test.other_organization().await;
    keep(&test, other, json!({"traces_days": 10, "payloads_days": 10})).await;
    for days in [5, 20, 200, 500] {
        call(&test, test.org, days).await;
        call(&test, other, days).await;
    }
    let before = preview(&test.app, Utc::now(), &Progress::default()).await.unwrap();
    assert_eq!(ages(&test, test.org, TRACES).await, [5, 20, 200, 500], "counting takes nothing away");

    let report = purge(&test.app, Utc::now()).await.unwrap();
    assert_eq!(before, report, "what was counted is what went");
    assert_eq!(ages(&test, test.org, TRACES).await, [5, 20]);
    assert_eq!(ages(&test, other, TRACES).await, [5]);
    assert_eq!(ages(&test, test.org, COSTS).await, [5, 20, 200], "400 days by default");
    assert!(partition_exists(&test, "traces", 20).await, "one of the two keeps it");
    assert!(!partition_exists(&test, "traces", 200).await, "nobody keeps it");
    assert_eq!(report.rows[&other]["traces"], 1, "the rest went with its partitions");
    assert!(report.held.is_empty() && !report.more);

    let again = purge(&test.app, Utc::now()).await.unwrap();
    assert_eq!(again, Report::default(), "nothing is left to do");
}

#[tokio::test]
async fn every_organization_that_loses_something_is_told_and_no_other() {
    let test = start().await;
    let (other, key) = test.other_organization().await;
    call(&test, test.org, 5).await;
    call(&test, other, 200).await;
    purge(&test.app, Utc::now()).await.unwrap();
    let told = async |key: &str| {
        test.get_as(key, "/v1/audit-logs?action=job.run").await.expect(200)["audit_logs"].clone()
    };
    let rows = told(&key).await;
    assert_eq!((rows.as_array().unwrap().len(), &rows[0]["actor_type"]), (1, &json!("system")));
    let dropped = rows[0]["details"]["dropped"][0].as_str().unwrap();
    assert!(dropped.starts_with("traces_"), "{rows}");
    assert_eq!(told(crate::testing::ADMIN_KEY).await, json!([]));
    let mut tx = test.app.database.worker().await.unwrap();
    let job: (OrgId, String, String) =
        sqlx::query_as("select org_id, type, status from jobs").fetch_one(&mut *tx).await.unwrap();
    assert_eq!(job, (other, "retention".to_owned(), "succeeded".to_owned()));
}

#[tokio::test]
async fn nothing_goes_of_an_organization_under_legal_hold_and_its_partitions_stay() {
    let test = start().await;
    let (held, _) = test.other_organization().await;
    keep(&test, held, json!({"traces_days": 1, "payloads_days": 1, "costs_days": 1, "legal_hold": true}))
        .await;
    for days in [200, 1000] {
        call(&test, held, days).await;
        call(&test, test.org, days).await;
    }
    call(&test, test.org, 300).await;
    let report = purge(&test.app, Utc::now()).await.unwrap();
    assert_eq!(ages(&test, held, TRACES).await, [200, 1000]);
    assert_eq!(ages(&test, held, COSTS).await, [200, 1000]);
    assert_eq!(ages(&test, test.org, TRACES).await, [0i64; 0], "what others have in the same partition goes");
    assert_eq!(ages(&test, test.org, COSTS).await, [200, 300]);
    assert!(partition_exists(&test, "traces", 200).await && partition_exists(&test, "traces", 1000).await);
    assert!(!partition_exists(&test, "traces", 300).await, "the held organization has nothing in it");
    assert!(report.held.len() >= 3, "{report:?}");

    keep(&test, held, json!({})).await;
    purge(&test.app, Utc::now()).await.unwrap();
    assert_eq!(ages(&test, held, TRACES).await, [0i64; 0], "the hold is over");
}

#[tokio::test]
async fn a_hold_that_came_meanwhile_stops_the_very_next_batch() {
    let test = start().await;
    call(&test, test.org, 200).await;
    let whole = Span { begins: None, ends: None };
    let partition = format!("traces_{}", (Utc::now() - chrono::Duration::days(200)).format("%Y%m%d"));
    keep(&test, test.org, json!({"legal_hold": true})).await;
    let mut tx = test.app.database.worker().await.unwrap();
    let deleted = retention::delete(&mut tx, test.org, COSTS, whole, Utc::now(), 10).await.unwrap();
    assert_eq!(deleted, 0);
    let dropped = partitions::drop(&mut tx, "traces", &partition, Utc::now()).await.unwrap();
    assert_eq!(dropped, Drop::Held);
}

#[tokio::test]
async fn settings_that_cannot_be_read_are_a_reason_to_keep_everything() {
    let test = start().await;
    let (other, _) = test.other_organization().await;
    keep(&test, test.org, json!({"traces_days": "many"})).await;
    call(&test, test.org, 200).await;
    call(&test, other, 200).await;
    purge(&test.app, Utc::now()).await.unwrap();
    assert_eq!(ages(&test, test.org, TRACES).await, [200]);
    assert_eq!(ages(&test, other, TRACES).await, [0i64; 0], "those of others can be");
}

#[tokio::test]
async fn the_process_decides_how_short_anything_may_be_kept() {
    let test = TestApp::start_with(|config| config.retention_min_days = 30).await;
    keep(&test, test.org, json!({"traces_days": 1, "payloads_days": 1})).await;
    for days in [20, 40] {
        call(&test, test.org, days).await;
    }
    purge(&test.app, Utc::now()).await.unwrap();
    assert_eq!(ages(&test, test.org, TRACES).await, [20]);
}

#[tokio::test]
async fn who_reads_a_table_is_not_held_up_and_its_partition_goes_afterwards() {
    let test = start().await;
    call(&test, test.org, 200).await;
    let partition = format!("traces_{}", (Utc::now() - chrono::Duration::days(200)).format("%Y%m%d"));
    let mut reader = test.app.database.worker().await.unwrap();
    sqlx::query("select count(*) from traces").execute(&mut *reader).await.unwrap();
    let drop = async || {
        let mut tx = test.app.database.worker().await.unwrap();
        let outcome = partitions::drop(&mut tx, "traces", &partition, Utc::now()).await.unwrap();
        if outcome == Drop::Busy {
            tx.rollback().await.unwrap()
        } else {
            tx.commit().await.unwrap()
        }
        outcome
    };
    assert_eq!(drop().await, Drop::Busy);
    // The reader goes on, and so does a writer.
    sqlx::query("select count(*) from traces").execute(&mut *reader).await.unwrap();
    call(&test, test.org, 5).await;
    reader.commit().await.unwrap();
    let began = Instant::now();
    assert_eq!(drop().await, Drop::Dropped);
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    assert_eq!(drop().await, Drop::Kept, "it is gone");
}

#[tokio::test]
async fn what_was_told_and_is_over_goes_and_what_is_pending_stays() {
    let test = start().await;
    let mut tx = test.app.database.worker().await.unwrap();
    for (status, resolved) in [("firing", "null"), ("resolved", "now()")] {
        for age in ["1 day", "500 days"] {
            sqlx::query(sqlx::AssertSqlSafe(format!(
                "insert into alerts (org_id, rule_name, metric, severity, status, message, value, threshold, fingerprint,
                    is_test, started_at, resolved_at, created_at)
                 values ($1, 'r', 'error_rate', 'critical', $2, 'm', 1, 1, 'f', true, now(), {resolved}, now() - $3::interval)"
            )))
            .bind(test.org)
            .bind(status)
            .bind(age)
            .execute(&mut *tx)
            .await
            .unwrap();
        }
    }
    sqlx::query(
        "insert into outbox (org_id, event, payload, created_at)
         select $1, 'tool.new', '{}', now() - age from unnest('{1 day,31 days}'::interval[]) as age",
    )
    .bind(test.org)
    .execute(&mut *tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
    purge(&test.app, Utc::now()).await.unwrap();
    let mut tx = test.app.database.worker().await.unwrap();
    let left: Vec<(String, bool)> = sqlx::query_as(
        "select status, created_at < now() - interval '2 days' from alerts
         union all select event, created_at < now() - interval '2 days' from outbox order by 1, 2",
    )
    .fetch_all(&mut *tx)
    .await
    .unwrap();
    let left: Vec<_> = left.iter().map(|(name, old)| (name.as_str(), *old)).collect();
    let kept = [("firing", false), ("firing", true), ("resolved", false), ("tool.new", false)];
    assert_eq!(left, kept);
}

/// An audit row of that time, at the end of the chain.
async fn audit_at(test: &TestApp, org: OrgId, at: DateTime<Utc>) {
    let mut tx = test.app.database.worker().await.unwrap();
    ingest::ensure_day(&mut tx, "audit_logs", at.date_naive()).await.unwrap();
    let head = lock_head(&mut tx, org).await.unwrap();
    let mut row = AuditRow {
        id: AuditId::new().0,
        org_id: org,
        seq: head.seq + 1,
        action: "team.create".into(),
        outcome: "success".into(),
        actor_type: "system".into(),
        actor_id: None,
        actor_name: None,
        resource_type: Some("team".into()),
        resource_id: None,
        resource_name: None,
        changes: json!({}),
        details: json!({}),
        ip_address: None,
        user_agent: None,
        request_id: None,
        trace_id: None,
        prev_hash: head.hash,
        hash: Vec::new(),
        created_at: at,
    };
    row.hash = audit::hash(&row).unwrap();
    append(&mut tx, org, &row).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn the_audit_chain_verifies_after_its_oldest_partition_went() {
    let test = start().await;
    let (org, key) = test.other_organization().await;
    let months_ago = |months: u32| Utc::now() - chrono::Months::new(months);
    for months in [30, 30, 29, 2, 0] {
        let at = months_ago(months);
        // Postgres keeps microseconds.
        let at = at - chrono::Duration::nanoseconds(i64::from(at.timestamp_subsec_nanos() % 1000));
        audit_at(&test, org, at).await;
    }
    audit::sign::sign_moved(&test.app).await.unwrap();
    let verify = async || test.get_as(&key, "/v1/audit-logs/verify").await.expect(200);
    assert_eq!(verify().await["checked"], 5);

    let report = purge(&test.app, Utc::now()).await.unwrap();
    let gone = report.partitions[&org].iter().filter(|name| name.starts_with("audit_logs_")).count();
    assert_eq!(gone, 2, "{report:?}");
    let verified = verify().await;
    assert_eq!(verified["valid"], true, "{verified}");
    // Two that are left and the one that tells of it.
    assert_eq!((&verified["first_seq"], &verified["last_seq"]), (&json!(4), &json!(6)), "{verified}");
}

#[test]
fn time_is_told_in_whole_days() {
    let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    let now = at("2026-03-01T13:00:00Z");
    assert_eq!(cutoff(now, 1), at("2026-02-28T00:00:00Z"));
    assert_eq!(cutoff(now, 90), at("2025-12-01T00:00:00Z"));
}

#[test]
fn sums_are_kept_as_long_as_the_longest_of_what_they_are_of() {
    let retention = Retention { traces_days: 500, costs_days: 400, ..Retention::default() };
    assert_eq!((days_kept(&retention, ROLLUP_DAY), days_kept(&retention, ROLLUP_MINUTE)), (500, 8));
    assert_eq!((days_kept(&retention, TRACES), days_kept(&retention, COSTS)), (500, 400));
}
