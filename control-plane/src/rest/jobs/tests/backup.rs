//! A backup that was asked for is where `BACKUP_URL` says. Needs `pg_dump` on the PATH, as `./dev test` has it.

use super::*;
use crate::config::Config;

/// A control plane whose backups go to this directory.
async fn start(directory: &std::path::Path) -> TestApp {
    let url = format!("file://{}", directory.display()).parse().unwrap();
    TestApp::start_with(|config: &mut Config| {
        let server = std::env::var("DATABASE_URL").unwrap();
        let (server, _) = server.rsplit_once('/').unwrap();
        config.database_url = format!("{server}/{}", config.database.get_database().unwrap()).into();
        config.backups.url = Some(url);
    })
    .await
}

fn directory() -> std::path::PathBuf {
    std::env::temp_dir().join(format!("gatewayops-backups-{}", uuid::Uuid::new_v4()))
}

#[tokio::test]
async fn a_backup_is_written_under_its_date_and_nobody_else_reads_it() {
    use std::os::unix::fs::PermissionsExt;
    let directory = directory();
    std::fs::create_dir(&directory).unwrap();
    let app = start(&directory).await;
    let before = Utc::now().format("gatewayops-%Y%m%dT%H%M%SZ.dump").to_string();
    let job = done(&app, json!({"type": "backup"})).await;
    let after = Utc::now().format("gatewayops-%Y%m%dT%H%M%SZ.dump").to_string();
    assert_eq!((&job["status"], &job["progress"]), (&json!("succeeded"), &json!(1.0)), "{job}");
    let name = job["result"]["name"].as_str().unwrap();
    assert!((before.as_str()..=after.as_str()).contains(&name), "{before} {name} {after}");
    let files: Vec<_> =
        std::fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(files, [name], "and nothing half written");
    let metadata = std::fs::metadata(directory.join(name)).unwrap();
    assert_eq!(job["result"]["bytes"], json!(metadata.len()));
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    std::fs::remove_dir_all(&directory).unwrap();
}

#[tokio::test]
async fn a_backup_that_cannot_be_written_fails_without_telling_about_the_machine() {
    let missing = directory();
    let app = start(&missing).await;
    let job = done(&app, json!({"type": "backup"})).await;
    assert_eq!((&job["status"], &job["result"]), (&json!("failed"), &Value::Null), "{job}");
    assert_eq!(job["error"], json!("the backup could not be written; the control plane's log says why"));
}

#[tokio::test]
async fn without_a_place_to_go_there_is_no_backup() {
    let app = TestApp::start().await;
    let answer = app.post("/v1/jobs", json!({"type": "backup"})).await.expect(503);
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(message.contains("set BACKUP_URL to file:///directory or s3://bucket/prefix"), "{message}");
    assert_eq!(answer["error"]["code"], json!("unavailable"));
    assert_eq!(app.get("/v1/jobs").await.expect(200)["jobs"], json!([]), "nothing waits");
    let reader = app.key_with(&["settings:read"]).await;
    let refused = app.post_as(&reader, "/v1/jobs", json!({"type": "backup"})).await;
    assert_eq!(refused.refused(403), "permission_denied", "who may not ask learns nothing else");
}
