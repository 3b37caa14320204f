//! Jobs are asked for, done in their order, and tell how far they are.

use chrono::{Duration, Utc};
use serde_json::{Value, json};

use crate::{
    service::{jobs, rollups},
    store::rollups::TABLES,
    testing::{TestApp, calls::Call},
};

mod audit_verify;
mod backup;
mod retention;
mod tool_discovery;

/// Asks for a job that nothing else waits before, has it done, and answers it.
async fn done(app: &TestApp, form: Value) -> Value {
    let asked = app.post("/v1/jobs", form).await.expect(202);
    assert!(jobs::run_next(&app.app).await.unwrap());
    app.get(&path(&asked)).await.expect(200)
}

fn path(job: &Value) -> String {
    format!("/v1/jobs/{}", job["id"].as_str().unwrap())
}

async fn ask(app: &TestApp) -> Value {
    let params = json!({"start_time": Utc::now() - Duration::days(1)});
    app.post("/v1/jobs", json!({"type": "rollup_backfill", "params": params})).await.expect(202)
}

#[tokio::test]
async fn a_backfill_sums_anew_and_tells_what_it_did() {
    let app = TestApp::start().await;
    app.record(&[Call::default(), Call::default()]).await;
    rollups::fold(&app.app).await.unwrap();
    let mut tx = app.app.database.worker().await.unwrap();
    for table in TABLES {
        let spoil = format!("update {table} set requests = 99, cost_usd = 99, duration_hist[1] = 99");
        sqlx::query(sqlx::AssertSqlSafe(spoil)).execute(&mut *tx).await.unwrap();
    }
    tx.commit().await.unwrap();

    let job = ask(&app).await;
    assert_eq!(
        (&job["status"], &job["progress"], &job["result"]),
        (&json!("queued"), &json!(0.0), &Value::Null)
    );
    assert!(jobs::run_next(&app.app).await.unwrap());
    assert!(!jobs::run_next(&app.app).await.unwrap(), "nothing else waits");

    let job = app.get(&path(&job)).await.expect(200);
    assert_eq!((&job["status"], &job["progress"]), (&json!("succeeded"), &json!(1.0)));
    assert_eq!(job["result"]["spans"], json!(2));
    let listed = app.get("/v1/jobs?type=rollup_backfill&status=succeeded").await.expect(200);
    assert_eq!(listed["jobs"], json!([job]));
    assert_eq!(app.get("/v1/jobs?status=queued").await.expect(200)["jobs"], json!([]));
    let stats = app.get("/v1/traces/stats").await.expect(200);
    assert_eq!((&stats["total_requests"], &stats["total_cost"]), (&json!(2), &json!("0.002000")));
}

#[tokio::test]
async fn what_a_leader_left_unfinished_is_done_by_the_next() {
    let app = TestApp::start().await;
    let job = ask(&app).await;
    let mut tx = app.app.database.worker().await.unwrap();
    crate::store::jobs::begin_next(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!jobs::run_next(&app.app).await.unwrap());
    jobs::take_over(&app.app).await.unwrap();
    assert!(jobs::run_next(&app.app).await.unwrap());
    let job = app.get(&path(&job)).await.expect(200);
    assert_eq!(job["status"], json!("succeeded"));
}

#[tokio::test]
async fn a_job_that_cannot_be_done_says_why() {
    let app = TestApp::start().await;
    let mut tx = app.app.database.worker().await.unwrap();
    sqlx::query("insert into jobs (org_id, type, params) values ($1, 'retention', '{\"newer\": 1}')")
        .bind(app.org)
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert!(jobs::run_next(&app.app).await.unwrap());
    let job = app.get("/v1/jobs?include_total=true").await.expect(200)["jobs"][0].clone();
    assert_eq!((&job["status"], &job["result"]), (&json!("failed"), &Value::Null));
    assert_eq!(job["error"], json!("this version knows no jobs of this type"));
}

#[tokio::test]
async fn faults_of_a_job_are_told_at_once() {
    let app = TestApp::start().await;
    for (body, faults) in [
        (
            json!({"params": {"dry": 1}}),
            vec!["params.dry unknown", "params.start_time required", "type required"],
        ),
        (json!({"type": "tidy_up"}), vec!["params.start_time required", "type enum"]),
        (
            json!({"type": "rollup_backfill", "params": {"dry_run": true, "start_time": "2026-01-01T00:00:00Z"}}),
            vec!["params.dry_run unknown"],
        ),
        (
            json!({"type": "retention", "params": {"start_time": "2026-01-01T00:00:00Z", "end_time": "2026-01-02T00:00:00Z"}}),
            vec!["params.end_time unknown", "params.start_time unknown"],
        ),
        (json!({"type": "tool_discovery", "params": {"dry_run": false}}), vec!["params.dry_run unknown"]),
        (json!({"type": "audit_verify", "params": {"dry_run": false}}), vec!["params.dry_run unknown"]),
        (json!({"type": "backup", "params": {"dry_run": false}}), vec!["params.dry_run unknown"]),
        (json!({"type": "rollup_backfill"}), vec!["params.start_time required"]),
        (
            json!({"type": "rollup_backfill", "params": {"start_time": "2026-01-02T00:00:00Z", "end_time": "2026-01-01T00:00:00Z"}}),
            vec!["params.start_time range"],
        ),
        (
            json!({"type": "rollup_backfill", "params": {"start_time": "1999-01-02T00:00:00Z"}}),
            vec!["params.start_time range"],
        ),
    ] {
        let answer = app.post("/v1/jobs", body).await.expect(400);
        let fields = answer["error"]["details"]["fields"].as_array().unwrap();
        let mut found: Vec<_> = fields
            .iter()
            .map(|fault| format!("{} {}", fault["field"].as_str().unwrap(), fault["code"].as_str().unwrap()))
            .collect();
        found.sort();
        assert_eq!(found, faults);
    }
    let answer = app.post("/v1/jobs", json!({"type": "retention", "params": {"end_time": Utc::now()}})).await;
    let message = answer.expect(400)["error"]["message"].clone();
    assert_eq!(message, "params.end_time means nothing to a job of type retention; leave it out");
}

#[tokio::test]
async fn only_so_many_wait() {
    let app = TestApp::start().await;
    for _ in 0..10 {
        ask(&app).await;
    }
    let params = json!({"start_time": Utc::now() - Duration::days(1)});
    let answer = app.post("/v1/jobs", json!({"type": "rollup_backfill", "params": params})).await;
    assert_eq!(answer.refused(409), "invalid_state");
}

#[tokio::test]
async fn jobs_are_for_administrators() {
    let app = TestApp::start().await;
    let job = ask(&app).await;
    let reader = app.key_with(&["settings:read"]).await;
    app.get_as(&reader, "/v1/jobs").await.expect(200);
    let refused = app.post_as(
        &reader,
        "/v1/jobs",
        json!({"type": "rollup_backfill", "params": {"start_time": "2026-01-01T00:00:00Z"}}),
    );
    assert_eq!(refused.await.refused(403), "permission_denied");
    let nobody = app.key_with(&["traces:read"]).await;
    assert_eq!(app.get_as(&nobody, "/v1/jobs").await.refused(403), "permission_denied");
    let (_, stranger) = app.other_organization().await;
    assert_eq!(app.get_as(&stranger, &path(&job)).await.refused(404), "not_found");
}
