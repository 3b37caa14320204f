//! The log of an organization is verified batch by batch, with the same verdict as over REST.

use super::*;
use crate::{
    id::{AuditId, OrgId},
    service::audit::{self, sign::sign_moved},
    store::audit::{AuditRow, append, lock_head},
};

/// More than a few batches.
const ROWS: i64 = 1_700;

async fn write(app: &TestApp, org: OrgId, rows: i64) {
    let mut tx = app.app.database.tenant(org).await.unwrap();
    let head = lock_head(&mut tx, org).await.unwrap();
    let mut prev_hash = head.hash;
    let now = Utc::now();
    // Postgres keeps microseconds.
    let now = now - Duration::nanoseconds(i64::from(now.timestamp_subsec_nanos() % 1000));
    for seq in head.seq + 1..=head.seq + rows {
        let mut row = AuditRow {
            id: AuditId::new().0,
            org_id: org,
            seq,
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
            prev_hash,
            hash: Vec::new(),
            created_at: now,
        };
        row.hash = audit::hash(&row).unwrap();
        append(&mut tx, org, &row).await.unwrap();
        prev_hash = row.hash;
    }
    tx.commit().await.unwrap();
}

/// What only somebody can do who owns the database.
async fn as_superuser(app: &TestApp, statement: String) {
    let mut tx = app.app.database.pool().begin().await.unwrap();
    sqlx::raw_sql("set local session_replication_role = replica").execute(&mut *tx).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_long_log_is_verified_to_its_end_and_what_was_changed_is_named() {
    let app = TestApp::start().await;
    write(&app, app.org, ROWS).await;
    sign_moved(&app.app).await.unwrap();
    let good = done(&app, json!({"type": "audit_verify"})).await;
    assert_eq!((&good["status"], &good["progress"]), (&json!("succeeded"), &json!(1.0)), "{good}");
    let result = &good["result"];
    assert_eq!(
        (&result["valid"], &result["broken_at_seq"], &result["findings"]),
        (&json!(true), &Value::Null, &json!([]))
    );
    let checked = result["checked"].as_i64().unwrap();
    assert!(checked > ROWS && result["last_seq"] == json!(checked), "{result}");

    let org = app.org;
    for row in [ROWS - 10, 600] {
        as_superuser(
            &app,
            format!("update audit_logs set outcome = 'denied' where org_id = '{org}' and seq = {row}"),
        )
        .await;
    }
    let bad = done(&app, json!({"type": "audit_verify"})).await;
    assert_eq!(bad["status"], json!("succeeded"), "that it is broken is what was asked: {bad}");
    let asked = app.get("/v1/audit-logs/verify").await.expect(200);
    for field in ["valid", "broken_at_seq", "findings", "findings_total", "first_seq", "last_seq", "checked"]
    {
        assert_eq!(bad["result"][field], asked[field], "{field}");
    }
    assert_eq!((&asked["valid"], &asked["broken_at_seq"]), (&json!(false), &json!(600)));
    assert_eq!(bad["result"]["findings"][0]["reason"], json!("hash_differs"));
}

#[tokio::test]
async fn what_was_cut_off_the_end_is_missed() {
    let app = TestApp::start().await;
    write(&app, app.org, ROWS).await;
    sign_moved(&app.app).await.unwrap();
    let org = app.org;
    as_superuser(&app, format!("delete from audit_logs where org_id = '{org}' and seq > {}", ROWS - 100))
        .await;
    let bad = done(&app, json!({"type": "audit_verify"})).await;
    let result = &bad["result"];
    assert_eq!((&result["valid"], &result["broken_at_seq"]), (&json!(false), &json!(ROWS - 99)), "{result}");
}
