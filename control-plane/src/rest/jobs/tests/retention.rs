//! A retention run that was asked for is one job, about whoever asked.

use uuid::Uuid;

use super::*;
use crate::{id::OrgId, store::ingest};

/// Calls that nobody keeps so long, of so many days ago.
async fn old_calls(app: &TestApp, org: OrgId, days_ago: &[i64]) {
    let mut tx = app.app.database.worker().await.unwrap();
    for days in days_ago {
        let at = Utc::now() - Duration::days(*days);
        ingest::ensure_day(&mut tx, "traces", at.date_naive()).await.unwrap();
        sqlx::query(
            "insert into traces (id, org_id, trace_id, span_id, operation_name, mcp_server, status, duration_ms, is_root,
                kind, proxy_id, started_at, ended_at)
             values ($1, $2, $1::text, 's', 'tools/call', 'files', 'success', 1, false, 'client', 'p', $3, $3)",
        )
        .bind(Uuid::now_v7())
        .bind(org)
        .bind(at)
        .execute(&mut *tx)
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
}

async fn keep_ten_days(app: &TestApp, org: OrgId) {
    let mut tx = app.app.database.worker().await.unwrap();
    sqlx::query("update organizations set settings = $2 where id = $1")
        .bind(org)
        .bind(json!({"retention": {"traces_days": 10, "payloads_days": 10}}))
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

async fn traces(app: &TestApp) -> i64 {
    let mut tx = app.app.database.worker().await.unwrap();
    sqlx::query_scalar("select count(*) from traces").fetch_one(&mut *tx).await.unwrap()
}

#[tokio::test]
async fn a_run_is_one_job_and_tells_each_organization_of_its_own() {
    let app = TestApp::start_with(|config| config.retention_min_days = 1).await;
    let (other, other_key) = app.other_organization().await;
    keep_ten_days(&app, app.org).await;
    // 200 days are too long for both and go with their partitions; 20 only for the first.
    old_calls(&app, app.org, &[5, 20, 20, 200]).await;
    old_calls(&app, other, &[20, 200, 200]).await;

    let dry = done(&app, json!({"type": "retention", "params": {"dry_run": true}})).await;
    assert_eq!((&dry["status"], &dry["progress"]), (&json!("succeeded"), &json!(1.0)), "{dry}");
    assert_eq!(traces(&app).await, 7, "counting takes nothing away");
    let mut result = dry["result"].clone();
    assert_eq!((&result["dry_run"], &result["deleted"]["traces"]), (&json!(true), &json!(2)), "{result}");
    assert_eq!(result["dropped"].as_array().unwrap().len(), 1, "{result}");

    let real = done(&app, json!({"type": "retention"})).await;
    result["dry_run"] = json!(false);
    assert_eq!(real["result"], result, "what was counted is what went");
    assert_eq!(traces(&app).await, 2);
    let listed = app.get("/v1/jobs?type=retention").await.expect(200)["jobs"].clone();
    assert_eq!(listed, json!([real, dry]), "the job that was asked for is the record of the run");
    let told = app.get("/v1/audit-logs?action=job.run").await.expect(200)["audit_logs"].clone();
    assert_eq!((&told[0]["resource_id"], told.as_array().unwrap().len()), (&real["id"], 1), "{told}");

    // Whoever did not ask is told as by the clock.
    let theirs = app.get_as(&other_key, "/v1/jobs").await.expect(200)["jobs"].clone();
    assert_eq!(theirs.as_array().unwrap().len(), 1);
    assert_eq!((&theirs[0]["type"], &theirs[0]["result"]["deleted"]), (&json!("retention"), &json!({})));
    assert_eq!(theirs[0]["result"]["dropped"], result["dropped"]);
}
