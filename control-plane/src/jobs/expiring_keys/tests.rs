use serde_json::{Value, json};

use super::*;
use crate::testing::{TestApp, mail_server::MailServer};

/// A key that was made a month ago and ends in so many hours.
async fn key(test: &TestApp, name: &str, hours: i64) -> String {
    let body = json!({"name": name, "expires_at": chrono::Utc::now() + chrono::Duration::hours(hours)});
    let made = test.post("/v1/api-keys", body).await.expect(201);
    test.sql("update api_keys set created_at = now() - interval '30 days'").await;
    made["id"].as_str().unwrap().to_owned()
}

/// The names of the keys that were warned of, in order.
async fn warned(test: &TestApp) -> Vec<Value> {
    let mut tx = test.app.database.worker().await.unwrap();
    let query = "select payload -> 'name' from outbox where event = 'api_key.expiring' order by id";
    sqlx::query_scalar(query).fetch_all(&mut *tx).await.unwrap()
}

#[tokio::test]
async fn an_end_within_a_week_is_told_once_and_another_end_again() {
    let test = TestApp::start().await;
    key(&test, "next month", 24 * 30).await;
    key(&test, "in a week", 24 * 8).await;
    let revoked = key(&test, "revoked", 24).await;
    test.post(&format!("/v1/api-keys/{revoked}/revoke"), json!({})).await.expect(200);
    let soon = key(&test, "tomorrow", 24).await;
    run(&test.app).await.unwrap();
    run(&test.app).await.unwrap();
    assert_eq!(warned(&test).await, [json!("tomorrow")]);

    let later = json!({"expires_at": chrono::Utc::now() + chrono::Duration::hours(30)});
    test.patch(&format!("/v1/api-keys/{soon}"), later).await.expect(200);
    run(&test.app).await.unwrap();
    assert_eq!(warned(&test).await, [json!("tomorrow"), json!("tomorrow")]);
}

#[tokio::test]
async fn who_made_a_key_for_a_day_is_not_told_that_it_ends() {
    let test = TestApp::start().await;
    key(&test, "tomorrow", 24).await;
    test.sql("update api_keys set created_at = now()").await;
    run(&test.app).await.unwrap();
    assert_eq!(warned(&test).await, [Value::Null; 0]);
}

/// A month-old key of somebody with this address, that ends tomorrow.
async fn key_of(test: &TestApp, email: &str) {
    let user = test.add_user(email, "developer").await;
    let expires_at = chrono::Utc::now() + chrono::Duration::hours(24);
    let body = json!({"name": format!("of {email}"), "user_id": user, "expires_at": expires_at});
    test.post("/v1/api-keys", body).await.expect(201);
    test.sql("update api_keys set created_at = now() - interval '30 days'").await;
}

#[tokio::test]
async fn who_keeps_a_key_gets_a_letter_however_often_it_takes() {
    let mut mail = MailServer::start().await;
    let settings = mail.settings.clone();
    let test = TestApp::start_with(|config| {
        config.public_url = "https://gateway.example.com".to_owned();
        config.mail = Some(settings);
    })
    .await;
    key_of(&test, "later@example.com").await;
    run(&test.app).await.unwrap_err();
    assert_eq!(warned(&test).await, [Value::Null; 0]);

    test.sql("update users set email = 'ann@example.com' where email = 'later@example.com'").await;
    run(&test.app).await.unwrap();
    let letter = mail.letter().await;
    assert_eq!(letter.recipients, ["ann@example.com"]);
    for part in ["of later@example.com", "gwo_dev_", "https://gateway.example.com/api-keys"] {
        assert!(letter.text.contains(part), "no {part} in {}", letter.text);
    }
    assert_eq!(warned(&test).await, [json!("of later@example.com")]);
}

#[tokio::test]
async fn a_mailbox_that_does_not_exist_holds_nothing_up() {
    let mail = MailServer::start().await;
    let test = TestApp::start_with(|config| config.mail = Some(mail.settings.clone())).await;
    key_of(&test, "nobody@example.com").await;
    run(&test.app).await.unwrap();
    assert_eq!(warned(&test).await, [json!("of nobody@example.com")]);
}
