//! Invites on their way by mail.

use std::time::{Duration, Instant};

use tokio::net::TcpListener;

use super::*;
use crate::{
    config::Mail,
    testing::mail_server::{self, MailServer},
};

async fn start_with(mail: Mail) -> TestApp {
    TestApp::start_with(|config| {
        config.public_url = "https://gateway.example.com".to_owned();
        config.mail = Some(mail);
    })
    .await
}

#[tokio::test]
async fn an_invite_is_mailed_to_the_invited_with_its_link() {
    let mut server = MailServer::start().await;
    let test = start_with(server.settings.clone()).await;
    let sent = invite(&test, json!({"email": "ann@example.com", "role": "viewer"})).await;
    assert_eq!(sent["mailed"], true);
    let letter = server.letter().await;
    assert_eq!(
        (letter.sender.as_str(), letter.recipients),
        ("gateway@example.com", vec!["ann@example.com".into()])
    );
    assert!(
        letter.text.contains(&format!("\r\n{}\r\n", sent["accept_url"].as_str().unwrap())),
        "{}",
        letter.text
    );
    assert!(
        letter.text.contains("Subject: You are invited to Test Org on GatewayOps\r\n"),
        "{}",
        letter.text
    );

    let again = test.post(&path(&sent, "/resend"), json!({})).await.expect(200);
    let letter = server.letter().await;
    assert!(letter.text.contains(again["accept_url"].as_str().unwrap()), "{}", letter.text);
}

#[tokio::test]
async fn an_invite_stands_when_the_mail_server_is_away() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = mail_server::settings(&listener);
    drop(listener);
    let test = start_with(settings).await;
    let sent = invite(&test, json!({"email": "ann@example.com"})).await;
    assert_eq!(sent["mailed"], false);
    look_up(&test, token(&sent)).await.expect(200);
}

#[tokio::test]
async fn a_mail_server_that_says_nothing_does_not_hold_the_answer_back() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let test = start_with(mail_server::settings(&listener)).await;
    let began = Instant::now();
    let sent = invite(&test, json!({"email": "ann@example.com"})).await;
    assert_eq!(sent["mailed"], false);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    drop(listener);
}
