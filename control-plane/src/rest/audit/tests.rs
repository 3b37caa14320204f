//! Who reads the audit log, what they find in it, and what they can take home.

use std::path::PathBuf;

use axum::http::{Method, Request};
use futures::StreamExt;
use serde_json::{Value, json};

use crate::{
    id::OrgId,
    service::audit::{
        self, Author, Entry,
        file::{self, Outcome},
        sign::sign_moved,
    },
    store::audit::{AuditRow, heads::Link},
    testing::{ADMIN_KEY, TestApp, browser},
};

mod exports;
mod tampering;

/// A file that was downloaded; it goes with the test.
struct Download {
    path: PathBuf,
}

impl Drop for Download {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Download {
    fn of(text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("audit-logs-{}.jsonl", uuid::Uuid::now_v7()));
        std::fs::write(&path, text).unwrap();
        Self { path }
    }

    fn check(&self) -> anyhow::Result<Outcome> {
        file::check(&self.path, &[], &[] as &[PathBuf])
    }
}

impl TestApp {
    async fn export(&self) -> Download {
        Download::of(&self.get("/v1/audit-logs/export?format=jsonl").await.text)
    }

    async fn verification(&self) -> Value {
        self.get("/v1/audit-logs/verify").await.expect(200)
    }

    /// Rows with something in every column.
    async fn write(&self, rows: usize) {
        let author = Author {
            actor_type: "user".into(),
            actor_id: Some("0198c0de-7a11-7c3e-9b2a-5d0f6e1a2b3c".into()),
            actor_name: Some("ann@example.com".into()),
            ip: Some("192.0.2.7".parse().unwrap()),
            user_agent: Some("curl/8".into()),
            request_id: Some("r-1".into()),
            trace_id: Some("4bf92f3577b34da6a3ce929d0e0e4736".into()),
        };
        for number in 0..rows {
            let entry = Entry::success("team.update")
                .on(number, "Payments")
                .changes(&json!({"name": "flip"}), &json!({"name": "flap"}))
                .details(json!({"word": "flip", "number": number, "share": 0.1}));
            let mut tx = self.app.database.tenant(self.org).await.unwrap();
            audit::record(&mut tx, self.org, &author, entry).await.unwrap();
            tx.commit().await.unwrap();
        }
    }

    /// What only the owner of the whole server can do: no trigger stops it, and no foreign key.
    async fn as_superuser(&self, statement: &str) {
        let mut tx = self.app.database.pool().begin().await.unwrap();
        for statement in ["set local session_replication_role = replica", statement] {
            sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut *tx).await.unwrap();
        }
        tx.commit().await.unwrap();
    }
}

fn actions(list: &Value) -> Vec<&str> {
    list["audit_logs"].as_array().unwrap().iter().map(|row| row["action"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn rows_are_found_by_everything_they_say() {
    // Wrong passwords are counted in the test's own memory.
    let app = TestApp::start_with(|config| config.redis_url = "redis://127.0.0.1:1".to_owned().into()).await;
    app.post("/v1/teams", json!({"name": "Payments"})).await.expect(201);
    browser::login(&app, "admin@example.com", "wrong").await.expect(401);
    app.write(1).await;
    for (query, expected) in [
        ("action=team.create", vec!["team.create"]),
        ("action=team.*,session.*", vec!["team.update", "session.login_failed", "team.create"]),
        (
            "action=*.create&sort=seq",
            vec!["organization.create", "user.create", "api_key.create", "team.create"],
        ),
        ("action=%25", vec![]),
        ("outcome=failure", vec!["session.login_failed"]),
        ("outcome=denied", vec![]),
        ("resource_type=team&actor_type=api_key", vec!["team.create"]),
        ("actor_type=system", vec!["api_key.create", "user.create", "organization.create"]),
        ("resource_type=team&resource_id=0", vec!["team.update"]),
        ("actor_id=0198c0de-7a11-7c3e-9b2a-5d0f6e1a2b3c", vec!["team.update"]),
        ("ip_address=192.0.2.7,2001:db8::1", vec!["team.update"]),
        ("request_id=r-1", vec!["team.update"]),
        ("q=PAYMENTS", vec!["team.update", "team.create"]),
        ("q=flip", vec!["team.update"]),
        ("q=192.0.2", vec!["team.update"]),
        ("q=fl_p", vec![]),
        ("end_time=2020-01-01T00:00:00Z", vec![]),
    ] {
        let list = app.get(&format!("/v1/audit-logs?{query}")).await.expect(200);
        assert_eq!(actions(&list), expected, "{query}");
    }
    for query in ["outcome=good", "actor_type=nobody", "ip_address=here", "color=red", "sort=action"] {
        assert_eq!(
            app.get(&format!("/v1/audit-logs?{query}")).await.refused(400),
            "invalid_request",
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_row_shows_all_its_columns_and_pages_like_every_list() {
    let app = TestApp::start().await;
    app.write(3).await;
    let first = app.get("/v1/audit-logs?limit=2&include_total=true").await.expect(200);
    assert_eq!((&first["total"], &first["has_more"]), (&json!(6), &json!(true)));
    let cursor = first["next_cursor"].as_str().unwrap();
    let second =
        app.get(&format!("/v1/audit-logs?limit=2&include_total=true&cursor={cursor}")).await.expect(200);
    let seqs = |list: &Value| {
        list["audit_logs"].as_array().unwrap().iter().map(|row| row["seq"].clone()).collect::<Vec<_>>()
    };
    assert_eq!((seqs(&first), seqs(&second)), (vec![json!(6), json!(5)], vec![json!(4), json!(3)]));

    let row = &first["audit_logs"][0];
    let one = app.get(&format!("/v1/audit-logs/{}", row["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(one, *row);
    assert_eq!(row["changes"], json!({"name": {"before": "flip", "after": "flap"}}));
    assert_eq!((&row["ip_address"], &row["outcome"]), (&json!("192.0.2.7"), &json!("success")));
    assert_eq!(row["prev_hash"], first["audit_logs"][1]["hash"]);
    assert!(row["created_at"].as_str().unwrap().len() == "2026-01-01T00:00:00.000000Z".len());
    assert_eq!(app.get(&format!("/v1/audit-logs/{}", uuid::Uuid::now_v7())).await.refused(404), "not_found");
}

#[tokio::test]
async fn figures_count_what_the_filters_let_through() {
    let app = TestApp::start().await;
    app.write(3).await;
    let stats = app.get("/v1/audit-logs/stats?period=week&action=team.*,user.*").await.expect(200);
    assert_eq!(stats["total"], json!(4));
    let expected = json!([{"value": "team.update", "count": 3}, {"value": "user.create", "count": 1}]);
    assert_eq!(stats["by_action"], expected);
    assert_eq!(stats["by_outcome"], json!([{"value": "success", "count": 4}]));
    assert_eq!(
        stats["by_actor_type"],
        json!([{"value": "user", "count": 3}, {"value": "system", "count": 1}])
    );
    let days = stats["daily"].as_array().unwrap();
    let total: i64 = days.iter().map(|day| day["total"].as_i64().unwrap()).sum();
    assert_eq!((days.len(), total), (8, 4), "every day is there");
}

#[tokio::test]
async fn the_log_is_for_those_who_may_see_it() {
    let app = TestApp::start().await;
    sign_moved(&app.app).await.unwrap();
    let reader = app.key_with(&["audit:read"]).await;
    let exporter = app.key_with(&["audit:export"]).await;
    let other = app.key_with(&["settings:*", "traces:*"]).await;
    for path in ["", "/stats", "/verify", "/keys", "/head"] {
        let path = format!("/v1/audit-logs{path}");
        app.get_as(&reader, &path).await.expect(200);
        assert_eq!(app.get_as(&other, &path).await.refused(403), "permission_denied", "{path}");
        assert_eq!(app.get_as(&exporter, &path).await.refused(403), "permission_denied", "{path}");
    }
    for key in [&reader, &exporter, &other] {
        assert_eq!(app.get_as(key, "/v1/audit-logs/export").await.refused(403), "permission_denied");
    }
}

#[tokio::test]
async fn another_organizations_rows_heads_and_findings_are_its_own() {
    let app = TestApp::start().await;
    app.write(2).await;
    let (org, stranger) = app.other_organization().await;
    let id = app.get("/v1/audit-logs").await.expect(200)["audit_logs"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(app.get_as(&stranger, &format!("/v1/audit-logs/{id}")).await.refused(404), "not_found");
    sign_moved(&app.app).await.unwrap();
    assert_eq!(app.get_as(&stranger, "/v1/audit-logs/head").await.refused(404), "not_found");
    let nothing = app.get_as(&stranger, "/v1/audit-logs/verify").await.expect(200);
    assert_eq!((&nothing["valid"], &nothing["checked"]), (&json!(true), &json!(0)));

    let export = app.get_as(&stranger, "/v1/audit-logs/export?format=jsonl").await;
    let lines: Vec<Value> = export.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let rows: Vec<_> = lines.iter().filter(|line| line["type"] == "row").collect();
    assert_eq!(rows.len(), 1, "the export itself");
    assert_eq!((&rows[0]["action"], &rows[0]["org_id"]), (&json!("export.run"), &json!(org)));
    assert!(!export.text.contains(&app.org.to_string()));

    app.as_superuser("update audit_logs set action = 'x' where seq = 4").await;
    assert_eq!(app.verification().await["broken_at_seq"], json!(4));
    assert_eq!(app.get_as(&stranger, "/v1/audit-logs/verify").await.expect(200)["valid"], json!(true));
}

#[tokio::test]
async fn what_many_write_at_once_while_heads_are_signed_is_one_chain() {
    let app = TestApp::start().await;
    let writers = futures::future::join_all((0..8).map(|_| app.write(5)));
    let signer = async {
        for _ in 0..5 {
            sign_moved(&app.app).await.unwrap();
        }
    };
    futures::join!(writers, signer);
    sign_moved(&app.app).await.unwrap();
    let verified = app.verification().await;
    assert_eq!(
        (&verified["valid"], &verified["checked"], &verified["last_seq"]),
        (&json!(true), &json!(43), &json!(43))
    );
    assert_eq!(
        (&verified["signed_head"]["seq"], &verified["signed_head"]["hash"]),
        (&json!(43), &verified["head_hash"])
    );
    assert_eq!(app.get("/v1/audit-logs/head").await.expect(200), verified["signed_head"]);
}

#[tokio::test]
async fn a_head_is_signed_once_until_it_moves() {
    let app = TestApp::start().await;
    assert_eq!(sign_moved(&app.app).await.unwrap(), 1);
    assert_eq!(sign_moved(&app.app).await.unwrap(), 0);
    app.write(1).await;
    assert_eq!(sign_moved(&app.app).await.unwrap(), 1);
}
