//! Who asked to be told of what happens is told, and can prove that it was us with the library that others publish.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use anyhow::{Context, Result, ensure};
use axum::{Router, body::Bytes, extract::State, http::HeaderMap, http::StatusCode, routing::post};
use gatewayops_tests::stack::Stack;
use serde_json::{Map, Value, json};
use tokio::{net::TcpListener, sync::mpsc};

use crate::scripts::{said, script};

struct Receiver {
    url: String,
    messages: mpsc::UnboundedReceiver<Value>,
    is_ill: Arc<AtomicBool>,
}

impl Receiver {
    async fn start() -> Result<Self> {
        let (sender, messages) = mpsc::unbounded_channel();
        let is_ill = Arc::new(AtomicBool::new(false));
        let router = Router::new().route("/", post(receive)).with_state((sender, Arc::clone(&is_ill)));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/", listener.local_addr()?);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { url, messages, is_ill })
    }

    /// Headers and body as they came.
    async fn next(&mut self) -> Result<Value> {
        let patience = std::time::Duration::from_secs(60);
        let message = tokio::time::timeout(patience, self.messages.recv()).await;
        message.context("no message arrives")?.context("the receiver is gone")
    }
}

type Shared = (mpsc::UnboundedSender<Value>, Arc<AtomicBool>);

async fn receive(State((sender, is_ill)): State<Shared>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let headers: Map<String, Value> = headers
        .iter()
        .map(|(name, value)| (name.to_string(), json!(value.to_str().unwrap_or_default())))
        .collect();
    let body = String::from_utf8_lossy(&body).into_owned();
    // Nobody may wait for it any more.
    let _ = sender.send(json!({ "headers": headers, "body": body }));
    if is_ill.load(Ordering::SeqCst) { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::NO_CONTENT }
}

/// What the library says of a message by this secret.
async fn verified(message: &Value, secret: &Value) -> Result<Value> {
    let mut given = message.clone();
    given["secret"] = secret.clone();
    let mut command = script("clients/verify");
    command.env("MESSAGE", given.to_string());
    said(command).await
}

async fn ask_for_approval(stack: &Stack, reason: &str) -> Result<()> {
    // Another call each time: who asks the same twice is told of the first.
    let arguments = json!({ "text": reason });
    let form = json!({ "mcp_server": "demo", "tool_name": "echo", "arguments": arguments, "reason": reason });
    let asked = stack.rest_post("/v1/approvals", form).await?;
    ensure!(asked.status == 201, "{asked:?}");
    Ok(())
}

#[tokio::test]
async fn the_published_library_verifies_what_is_sent_across_a_rotation_and_a_crash() -> Result<()> {
    let mut receiver = Receiver::start().await?;
    let mut stack = Stack::start_with(&[], |stack| {
        stack.set("EGRESS_ALLOW_PRIVATE", "true");
        Ok(())
    })
    .await?;
    let form = json!({ "url": receiver.url, "events": ["approval.requested"] });
    let made = stack.rest_post("/v1/webhooks", form).await?;
    ensure!(made.status == 201, "{made:?}");
    let (id, secret) = (made.body["id"].as_str().unwrap_or_default().to_owned(), made.body["secret"].clone());

    ask_for_approval(&stack, "first").await?;
    let message = receiver.next().await?;
    let told = verified(&message, &secret).await?;
    ensure!(told["verified"] == true, "{told}");
    assert_eq!(told["said"]["type"], "approval.requested");
    assert_eq!(told["said"]["data"]["reason"], "first");
    assert_eq!(told["said"]["id"], message["headers"]["webhook-id"]);
    assert!(told["said"]["timestamp"].is_string());

    let mut changed = message.clone();
    changed["body"] = json!(message["body"].as_str().unwrap_or_default().replace("first", "other"));
    assert_eq!(verified(&changed, &secret).await?["verified"], false, "a changed message is not ours");

    let rotated = stack.rest_post(&format!("/v1/webhooks/{id}/rotate-secret"), json!({})).await?;
    ask_for_approval(&stack, "second").await?;
    let message = receiver.next().await?;
    for secret in [&secret, &rotated.body["secret"]] {
        assert_eq!(verified(&message, secret).await?["verified"], true, "both secrets sign");
    }

    receiver.is_ill.store(true, Ordering::SeqCst);
    ask_for_approval(&stack, "third").await?;
    let failed = receiver.next().await?;
    let path = format!("/v1/webhooks/{id}/deliveries?status=pending");
    stack
        .until("the failure is on record", async |stack| {
            Ok(stack.rest(&path).await?.body["deliveries"][0]["response_status"] == 500)
        })
        .await?;
    stack.kill("control-plane")?;
    receiver.is_ill.store(false, Ordering::SeqCst);
    stack.start_control_plane().await?;
    let again = receiver.next().await?;
    assert_eq!(again["headers"]["webhook-id"], failed["headers"]["webhook-id"], "the same event");
    assert_eq!(again["body"], failed["body"]);
    let told = verified(&again, &rotated.body["secret"]).await?;
    ensure!(told["verified"] == true, "signed anew: {told}");
    stack
        .until("it is delivered", async |stack| {
            let found = stack.rest(&format!("/v1/webhooks/{id}/deliveries?status=delivered")).await?;
            Ok(found.body["deliveries"].as_array().is_some_and(|found| found.len() == 3))
        })
        .await
}
