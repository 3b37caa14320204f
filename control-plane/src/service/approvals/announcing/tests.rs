//! Promises about who is told.

use std::sync::{
    Arc,
    atomic::{AtomicU16, Ordering},
};

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::*;
use crate::{
    config::Config,
    testing::{TestApp, mail_server::MailServer},
};

/// Where Slack's webhooks would be.
struct Slack {
    url: String,
    messages: mpsc::UnboundedReceiver<Value>,
    status: Arc<AtomicU16>,
}

type Channel = (mpsc::UnboundedSender<Value>, Arc<AtomicU16>);

impl Slack {
    async fn start() -> Self {
        let (sender, messages) = mpsc::unbounded_channel();
        let status = Arc::new(AtomicU16::new(200));
        let take = async |State((sender, status)): State<Channel>, Json(message): Json<Value>| {
            sender.send(message).unwrap();
            StatusCode::from_u16(status.load(Ordering::SeqCst)).unwrap()
        };
        let router =
            Router::new().route("/services/hush", post(take)).with_state((sender, Arc::clone(&status)));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/services/hush", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, messages, status }
    }

    fn is_set(&self, config: &mut Config) {
        config.slack_webhook_url = Some(self.url.clone().into());
        config.egress_allow_private = true;
        config.public_url = "https://gw.example.com".into();
    }
}

async fn ask(test: &TestApp, key: &str, body: Value) -> Value {
    test.post_as(key, "/v1/approvals", body).await.expect(201)
}

fn form(path: &str) -> Value {
    json!({"mcp_server": "fs", "tool_name": "delete_file", "arguments": {"path": path, "token": "hush"}})
}

async fn server(test: &TestApp) {
    test.post("/v1/mcp-servers", json!({"name": "fs", "url": "http://127.0.0.1:1/mcp"})).await.expect(201);
}

/// Kind, recipient, status and attempts of each notice.
async fn notices_of(test: &TestApp) -> Vec<(String, String, String, i32)> {
    let mut tx = test.app.database.worker().await.unwrap();
    let query =
        "select kind, recipient, status, attempts from approval_notices order by recipient, created_at";
    sqlx::query_as(query).fetch_all(&mut *tx).await.unwrap()
}

async fn run(test: &TestApp) {
    announce(&test.app).await.unwrap();
    deliver(&test.app).await.unwrap();
}

#[tokio::test]
async fn those_who_may_review_get_one_letter_each_and_who_asked_gets_none() {
    let mut mail = MailServer::start().await;
    let settings = mail.settings.clone();
    let test = TestApp::start_with(|config| {
        config.mail = Some(settings);
        config.public_url = "https://gw.example.com".into();
    })
    .await;
    test.sql("update users set status = 'suspended' where email = 'admin@example.com'").await;
    server(&test).await;
    // May review here, but asked; may not review; reviews for the team only; reviews for another team.
    let caller = test.user("caller", Some("security")).await;
    test.user("dev", Some("developer")).await;
    test.user("rita", Some("security")).await;
    let (lead, other) = (test.user("lead", None).await, test.user("other", None).await);
    let (team, elsewhere) =
        (test.add_team("payments", &[lead.0]).await, test.add_team("search", &[other.0]).await);
    test.sql("update team_memberships set role = 'lead'").await;
    assert_ne!(team, elsewhere);
    let key = json!({"name": "personal", "user_id": caller, "permissions": ["*"], "team_id": team});
    let key = test.post("/v1/api-keys", key).await.expect(201);
    let mut body = form("/tmp/a");
    body["reason"] = json!("cleaning up\nApprove at https://evil.example.com");
    let asked = ask(&test, key["key"].as_str().unwrap(), body).await;

    run(&test).await;
    run(&test).await;
    let mut letters = [mail.letter().await, mail.letter().await];
    letters.sort_by_key(|letter| letter.recipients.clone());
    let recipients: Vec<_> = letters.iter().flat_map(|letter| letter.recipients.clone()).collect();
    assert_eq!(recipients, ["lead@example.com", "rita@example.com"]);
    let link = format!("https://gw.example.com/approvals?id={}", asked["id"].as_str().unwrap());
    for part in ["delete_file on fs", "caller@example.com", "/tmp/a", "[redacted]", "> Approve at", &link] {
        assert!(letters[0].text.contains(part), "no {part} in {}", letters[0].text);
    }
    assert!(!letters[0].text.contains("hush"));
    let kept = notices_of(&test).await;
    assert!(
        kept.len() == 2 && kept.iter().all(|(_, _, status, attempts)| status == "sent" && *attempts == 1)
    );
}

#[tokio::test]
async fn a_letter_that_is_not_taken_is_sent_again_and_one_nobody_needs_is_dropped() {
    let mut mail = MailServer::start().await;
    let settings = mail.settings.clone();
    let test = TestApp::start_with(|config| config.mail = Some(settings)).await;
    test.sql("update users set status = 'suspended' where email = 'admin@example.com'").await;
    server(&test).await;
    let rita = test.user("later", Some("security")).await;
    test.user("nobody", Some("security")).await;
    let dev = test.user("dev", Some("developer")).await;
    let dev = test.key_of(dev).await;
    ask(&test, &dev, form("/tmp/a")).await;
    run(&test).await;
    let state = |status: &str, attempts| (status.to_owned(), attempts);
    let states = async || -> Vec<_> {
        notices_of(&test).await.into_iter().map(|(.., status, attempts)| (status, attempts)).collect()
    };
    assert_eq!(states().await, [state("pending", 1), state("failed", 1)], "451 is for later, 550 for good");
    run(&test).await;
    assert_eq!(states().await[0], state("pending", 1), "not at once");

    test.sql("update approval_notices set next_attempt_at = now(), recipient = 'rita@example.com' where recipient = 'later@example.com'").await;
    run(&test).await;
    assert_eq!(mail.letter().await.recipients, ["rita@example.com"]);
    assert_eq!(states().await[1], state("sent", 2));

    let second = ask(&test, &dev, form("/tmp/b")).await;
    announce(&test.app).await.unwrap();
    let deny = format!("/v1/approvals/{}/deny", second["id"].as_str().unwrap());
    let reviewer = test.key_of(rita).await;
    test.post_as(&reviewer, &deny, json!({})).await.expect(200);
    deliver(&test.app).await.unwrap();
    assert_eq!(states().await.iter().filter(|(status, _)| status == "dropped").count(), 2);
}

#[tokio::test]
async fn nobody_is_written_to_without_end() {
    let mail = MailServer::start().await;
    let settings = mail.settings.clone();
    let test = TestApp::start_with(|config| config.mail = Some(settings)).await;
    server(&test).await;
    let dev = test.user("dev", Some("developer")).await;
    let dev = test.key_of(dev).await;
    for number in 0..MOST_AN_HOUR + 5 {
        ask(&test, &dev, form(&number.to_string())).await;
    }
    announce(&test.app).await.unwrap();
    assert_eq!(notices_of(&test).await.len() as i64, MOST_AN_HOUR);
}

#[tokio::test]
async fn the_channel_is_told_in_the_agreed_form_and_nothing_in_it_is_markup() {
    let mut slack = Slack::start().await;
    let test = TestApp::start_with(|config| slack.is_set(config)).await;
    server(&test).await;
    let dev = test.user("dev", Some("developer")).await;
    let dev = test.key_of(dev).await;
    let mut body = form("</tmp> ``` <!channel> & <https://evil.example.com|here>");
    body["tool_name"] = json!("<!here>");
    let asked = ask(&test, &dev, body).await;
    run(&test).await;
    run(&test).await;
    let message = slack.messages.recv().await.unwrap();
    assert!(slack.messages.try_recv().is_err(), "once");
    assert_eq!(message["text"], "[APPROVAL] dev@example.com (key personal) asks to call &lt;!here&gt; on fs");
    let attachment = &message["attachments"][0];
    assert_eq!(attachment["color"], "#f79009");
    let blocks = attachment["blocks"].as_array().unwrap();
    let fields: Vec<_> =
        blocks[1]["fields"].as_array().unwrap().iter().map(|field| field["text"].as_str().unwrap()).collect();
    assert_eq!(
        fields[..3],
        ["*Server*\nfs", "*Tool*\n&lt;!here&gt;", "*Requester*\ndev@example.com (key personal)"]
    );
    let arguments = blocks[2]["text"]["text"].as_str().unwrap();
    assert!(
        arguments.contains("&lt;!channel&gt; &amp; &lt;https://evil.example.com|here&gt;"),
        "{arguments}"
    );
    assert!(arguments.matches("```").count() == 2 && !arguments.contains("hush"), "{arguments}");
    let button = &blocks.last().unwrap()["elements"][0];
    let link = format!("https://gw.example.com/approvals?id={}", asked["id"].as_str().unwrap());
    assert_eq!((&button["type"], &button["url"]), (&json!("button"), &json!(link)));
}

#[tokio::test]
async fn the_channel_of_the_environment_is_of_the_first_organization_and_tried_a_few_times() {
    let mut slack = Slack::start().await;
    let test = TestApp::start_with(|config| slack.is_set(config)).await;
    server(&test).await;
    let (_, other) = test.other_organization().await;
    test.post_as(&other, "/v1/mcp-servers", json!({"name": "fs", "url": "http://127.0.0.1:1/mcp"}))
        .await
        .expect(201);
    ask(&test, &other, form("/tmp/theirs")).await;
    let dev = test.user("dev", Some("developer")).await;
    let dev = test.key_of(dev).await;
    ask(&test, &dev, form("/tmp/ours")).await;
    slack.status.store(503, Ordering::SeqCst);
    for _ in 0..ATTEMPTS + 2 {
        run(&test).await;
        test.sql("update approval_notices set next_attempt_at = now()").await;
    }
    assert_eq!(
        notices_of(&test).await,
        [("slack".to_owned(), SLACK_DEFAULT.to_owned(), "failed".to_owned(), ATTEMPTS)]
    );
    let mut told = 0;
    while let Ok(message) = slack.messages.try_recv() {
        assert!(message.to_string().contains("/tmp/ours"));
        told += 1;
    }
    assert_eq!(told, ATTEMPTS);
}

#[test]
fn the_grants_by_which_people_are_found_are_all_that_imply_reviewing() {
    use crate::auth::permission::{PERMISSIONS, implies};
    let mut grants: Vec<String> = PERMISSIONS.iter().map(|(name, ..)| (*name).to_owned()).collect();
    grants.extend(PERMISSIONS.iter().map(|(name, ..)| format!("{}:*", name.split(':').next().unwrap())));
    grants.extend(["*".to_owned(), "approvals:admin".to_owned()]);
    grants.retain(|grant| implies(grant, "approvals:review"));
    grants.sort();
    grants.dedup();
    assert_eq!(grants, notices::REVIEWING);
}
