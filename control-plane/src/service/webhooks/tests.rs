//! Events on their way to a real receiver on the loopback.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
    routing::post,
};
use chrono::Utc;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::mpsc, task::JoinSet, time::timeout};
use uuid::Uuid;

use super::{dispatching, sending};
use crate::{
    id::WebhookId,
    service::retention,
    standard_webhooks::{key_of, sign},
    store::{
        outbox,
        webhook_deliveries::{self, DeliveryRow, Turns},
    },
    testing::TestApp,
};

const PATIENCE: Duration = Duration::from_secs(30);
const TURNS: Turns = Turns { each: 4, all: 64 };

/// A message as it arrived.
struct Message {
    headers: HeaderMap,
    body: Bytes,
}

impl Message {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// How many of its signatures are by this secret.
    fn signatures_by(&self, secret: &str) -> usize {
        let timestamp = self.header("webhook-timestamp").parse().unwrap();
        let expected = sign(&key_of(secret).unwrap(), self.header("webhook-id"), timestamp, &self.body);
        self.header("webhook-signature").split(' ').filter(|one| *one == expected).count()
    }
}

/// Answers what the path says: `/204`, `/503`, `/410`, `/never`.
struct Receiver {
    url: String,
    messages: mpsc::UnboundedReceiver<Message>,
}

impl Receiver {
    async fn start() -> Self {
        let (sender, messages) = mpsc::unbounded_channel();
        let router = Router::new().route("/{answer}", post(receive)).with_state(sender);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, messages }
    }

    async fn next(&mut self) -> Message {
        timeout(PATIENCE, self.messages.recv()).await.expect("a message arrives").unwrap()
    }

    fn has_more(&mut self) -> bool {
        self.messages.try_recv().is_ok()
    }
}

async fn receive(
    State(sender): State<mpsc::UnboundedSender<Message>>,
    axum::extract::Path(answer): axum::extract::Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> axum::response::Response {
    sender.send(Message { headers, body }).unwrap();
    match answer.as_str() {
        "never" => std::future::pending().await,
        "moved" => (StatusCode::TEMPORARY_REDIRECT, [("location", "/204")]).into_response(),
        "later" => (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "3600")]).into_response(),
        "long" => "x".repeat(8 << 20).into_response(),
        status => StatusCode::from_u16(status.parse().unwrap()).unwrap().into_response(),
    }
}

async fn start() -> TestApp {
    TestApp::start_with(|config| config.egress_allow_private = true).await
}

/// A webhook for everything; its id and its secret.
async fn webhook(app: &TestApp, url: &str) -> (WebhookId, String) {
    let made = app.post("/v1/webhooks", json!({ "url": url, "events": ["tool.*"] })).await.expect(201);
    (made["id"].as_str().unwrap().parse().unwrap(), made["secret"].as_str().unwrap().to_owned())
}

async fn shown(app: &TestApp, id: WebhookId) -> Value {
    app.get(&format!("/v1/webhooks/{id}")).await.expect(200)
}

async fn happen(app: &TestApp, event: &str, payload: Value) {
    let mut tx = app.app.database.worker().await.unwrap();
    outbox::insert(&mut tx, app.org, event, &payload).await.unwrap();
    tx.commit().await.unwrap();
}

async fn due(app: &TestApp) -> Vec<DeliveryRow> {
    let mut tx = app.app.database.worker().await.unwrap();
    let due = webhook_deliveries::take(&mut tx, TURNS, &[], sending::LEASE_SECONDS).await.unwrap();
    tx.commit().await.unwrap();
    due
}

/// Dispatches what waits and tries what is due, once; what became of it.
async fn deliver(app: &TestApp) -> Vec<DeliveryRow> {
    dispatching::dispatch(&app.app).await.unwrap();
    let mut done = Vec::new();
    for delivery in due(app).await {
        done.push(sending::attempt(&app.app, &delivery).await.unwrap());
    }
    done
}

/// Lets what waits for its time be due.
async fn hurry(app: &TestApp) {
    app.sql("update webhook_deliveries set next_attempt_at = now() where status = 'pending'").await;
}

#[tokio::test]
async fn an_event_arrives_signed_and_as_the_standard_has_it() {
    let app = start().await;
    let mut receiver = Receiver::start().await;
    let headers = json!({ "X-Tenant": "blue" });
    let form = json!({ "url": format!("{}/204", receiver.url), "events": ["budget.*"], "headers": headers });
    let made = app.post("/v1/webhooks", form).await.expect(201);
    happen(&app, "budget.exceeded", json!({ "name": "Payments" })).await;
    happen(&app, "tool.new", json!({})).await;

    let done = deliver(&app).await;
    assert_eq!(done.len(), 1, "nobody asked for the other one");
    assert_eq!(
        (done[0].status.as_str(), done[0].attempts, done[0].response_status),
        ("delivered", 1, Some(204))
    );
    let message = receiver.next().await;
    let body = message.json();
    assert_eq!((&body["type"], &body["data"]), (&json!("budget.exceeded"), &json!({ "name": "Payments" })));
    assert_eq!((&body["org_id"], &body["timestamp"]), (&json!(app.org), &body["created_at"]));
    assert_eq!(message.header("webhook-id"), body["id"].as_str().unwrap());
    assert_eq!(body["id"], format!("evt_{}", done[0].event_id));
    assert_eq!(message.header("content-type"), "application/json");
    assert_eq!(message.header("x-tenant"), "blue");
    assert_eq!(message.signatures_by(made["secret"].as_str().unwrap()), 1);
    assert!(due(&app).await.is_empty(), "that was all");
}

#[tokio::test]
async fn two_dispatchers_and_two_senders_at_once_tell_each_event_once() {
    let app = start().await;
    let mut receiver = Receiver::start().await;
    webhook(&app, &format!("{}/204", receiver.url)).await;
    webhook(&app, &format!("{}/200", receiver.url)).await;
    for number in 0..30 {
        happen(&app, "tool.new", json!({ "number": number })).await;
    }
    let work = JoinSet::from_iter((0..4).map(|_| {
        let app = Arc::clone(&app.app);
        async move {
            let mut events = 0;
            loop {
                let done = dispatching::dispatch(&app).await.unwrap();
                events += done.events;
                let mut tx = app.database.worker().await.unwrap();
                let due = webhook_deliveries::take(&mut tx, TURNS, &[], 60.0).await.unwrap();
                tx.commit().await.unwrap();
                if done.events == 0 && due.is_empty() {
                    let left: i64 = sqlx::query_scalar(
                        "select (select count(*) from outbox where dispatched_at is null)
                            + (select count(*) from webhook_deliveries where attempts = 0)",
                    )
                    .fetch_one(app.database.pool())
                    .await
                    .unwrap();
                    if left == 0 {
                        return events;
                    }
                }
                for delivery in due {
                    assert_eq!(sending::attempt(&app, &delivery).await.unwrap().status, "delivered");
                }
            }
        }
    }));
    let handed_on: usize = timeout(PATIENCE, work.join_all()).await.unwrap().into_iter().sum();
    assert_eq!(handed_on, 30, "each event was read by one of them");
    let mut arrived = Vec::new();
    for _ in 0..60 {
        arrived.push(receiver.next().await.header("webhook-id").to_owned());
    }
    assert!(!receiver.has_more(), "and nothing twice");
    arrived.sort_unstable();
    arrived.dedup();
    assert_eq!(arrived.len(), 30);
}

#[tokio::test]
async fn a_failure_is_tried_again_under_the_same_id_until_it_is_taken() {
    let app = start().await;
    let mut receiver = Receiver::start().await;
    let (id, secret) = webhook(&app, &format!("{}/503", receiver.url)).await;
    happen(&app, "tool.new", json!({})).await;
    let failed = deliver(&app).await.remove(0);
    assert_eq!((failed.status.as_str(), failed.response_status), ("pending", Some(503)));
    let wait = (failed.next_attempt_at.unwrap() - chrono::Utc::now()).num_milliseconds();
    assert!((3000..6000).contains(&wait), "about five seconds: {wait}");
    assert!(due(&app).await.is_empty(), "not yet");
    let webhook = shown(&app, id).await;
    assert_eq!((&webhook["status"], &webhook["failure_count"]), (&json!("failing"), &json!(1)));

    app.patch(&format!("/v1/webhooks/{id}"), json!({ "url": format!("{}/200", receiver.url) }))
        .await
        .expect(200);
    hurry(&app).await;
    let taken = deliver(&app).await.remove(0);
    assert_eq!((taken.status.as_str(), taken.attempts, &taken.error), ("delivered", 2, &None));
    let (first, second) = (receiver.next().await, receiver.next().await);
    assert_eq!(first.header("webhook-id"), second.header("webhook-id"));
    assert_eq!(first.body, second.body);
    assert_eq!((first.signatures_by(&secret), second.signatures_by(&secret)), (1, 1));
    assert_eq!(shown(&app, id).await["status"], "active");
}

#[tokio::test]
async fn it_is_given_up_after_the_last_attempt_and_can_be_sent_again() {
    let app = start().await;
    let mut receiver = Receiver::start().await;
    let (id, _) = webhook(&app, &format!("{}/500", receiver.url)).await;
    happen(&app, "tool.new", json!({})).await;
    let mut last = deliver(&app).await.remove(0);
    for _ in 2..=9 {
        assert_eq!(last.status, "pending");
        hurry(&app).await;
        last = deliver(&app).await.remove(0);
    }
    assert_eq!((last.status.as_str(), last.attempts, last.next_attempt_at), ("failed", 9, None));
    assert!(last.error.unwrap().contains("500"));

    app.patch(&format!("/v1/webhooks/{id}"), json!({ "url": format!("{}/200", receiver.url) }))
        .await
        .expect(200);
    let again = format!("/v1/webhooks/{id}/deliveries/{}/redeliver", last.id);
    assert_eq!(app.post(&again, json!({})).await.expect(200)["status"], "pending");
    let taken = deliver(&app).await.remove(0);
    assert_eq!((taken.status.as_str(), taken.attempts), ("delivered", 1));
    let ids: Vec<_> = {
        let mut ids = Vec::new();
        for _ in 0..10 {
            ids.push(receiver.next().await.header("webhook-id").to_owned());
        }
        ids
    };
    assert!(ids.iter().all(|id| *id == ids[0]), "always the same event");
}

#[tokio::test]
async fn a_receiver_may_ask_for_more_time() {
    let app = start().await;
    let receiver = Receiver::start().await;
    webhook(&app, &format!("{}/later", receiver.url)).await;
    happen(&app, "tool.new", json!({})).await;
    let failed = deliver(&app).await.remove(0);
    let wait = (failed.next_attempt_at.unwrap() - chrono::Utc::now()).num_seconds();
    assert!((3500..=3600).contains(&wait), "{wait}");
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_a_long_answer_is_none() {
    let app = start().await;
    let mut receiver = Receiver::start().await;
    let (id, _) = webhook(&app, &format!("{}/moved", receiver.url)).await;
    happen(&app, "tool.new", json!({})).await;
    let failed = deliver(&app).await.remove(0);
    assert_eq!((failed.status.as_str(), failed.response_status), ("pending", Some(307)));
    receiver.next().await;
    assert!(!receiver.has_more(), "nobody went there");
    app.patch(&format!("/v1/webhooks/{id}"), json!({ "url": format!("{}/long", receiver.url) }))
        .await
        .expect(200);
    hurry(&app).await;
    assert_eq!(deliver(&app).await.remove(0).status, "delivered");
}

#[tokio::test]
async fn one_that_answers_gone_is_switched_off_and_nothing_more_is_sent() {
    let app = start().await;
    let mut receiver = Receiver::start().await;
    let (id, _) = webhook(&app, &format!("{}/410", receiver.url)).await;
    happen(&app, "tool.new", json!({ "number": 1 })).await;
    happen(&app, "tool.new", json!({ "number": 2 })).await;
    let done = deliver(&app).await;
    assert_eq!(done.iter().map(|one| one.status.as_str()).collect::<Vec<_>>(), ["failed", "failed"]);
    receiver.next().await;
    assert!(!receiver.has_more(), "the second was not sent any more");
    let webhook = shown(&app, id).await;
    assert_eq!(
        (&webhook["enabled"], &webhook["status"], &webhook["disabled_reason"]),
        (&json!(false), &json!("disabled"), &json!("gone"))
    );
    assert_eq!(app.audited(&id.to_string()).await, ["webhook.create", "webhook.update"]);
    happen(&app, "tool.new", json!({ "number": 3 })).await;
    assert!(deliver(&app).await.is_empty(), "one that is off is told nothing");
    let again = format!("/v1/webhooks/{id}/deliveries/{}/redeliver", done[0].id);
    assert_eq!(app.post(&again, json!({})).await.refused(409), "invalid_state");

    let on = app.patch(&format!("/v1/webhooks/{id}"), json!({ "enabled": true })).await.expect(200);
    assert_eq!((&on["status"], &on["failure_count"]), (&json!("active"), &json!(0)));
    assert_eq!(on["disabled_reason"], Value::Null);
}

#[tokio::test]
async fn one_that_took_nothing_for_five_days_is_switched_off() {
    let app = start().await;
    let receiver = Receiver::start().await;
    let (id, _) = webhook(&app, &format!("{}/500", receiver.url)).await;
    happen(&app, "tool.new", json!({})).await;
    deliver(&app).await;
    app.sql("update webhooks set failing_since = now() - interval '4 days 23 hours'").await;
    hurry(&app).await;
    deliver(&app).await;
    assert_eq!(shown(&app, id).await["enabled"], true, "not yet");
    app.sql("update webhooks set failing_since = now() - interval '5 days'").await;
    hurry(&app).await;
    deliver(&app).await;
    let webhook = shown(&app, id).await;
    assert_eq!((&webhook["enabled"], &webhook["disabled_reason"]), (&json!(false), &json!("failing")));
}

#[tokio::test]
async fn both_secrets_sign_during_the_grace_and_one_after_it() {
    let app = start().await;
    let mut receiver = Receiver::start().await;
    let (id, old) = webhook(&app, &format!("{}/204", receiver.url)).await;
    let rotate = format!("/v1/webhooks/{id}/rotate-secret");
    let rotated = app.post(&rotate, json!({ "grace_seconds": 3600 })).await.expect(200);
    let new = rotated["secret"].as_str().unwrap();
    assert!(rotated["previous_secret_valid_until"].is_string());
    happen(&app, "tool.new", json!({})).await;
    deliver(&app).await;
    let message = receiver.next().await;
    assert_eq!((message.signatures_by(new), message.signatures_by(&old)), (1, 1));

    app.sql("update webhooks set previous_secret_expires_at = now()").await;
    happen(&app, "tool.new", json!({})).await;
    deliver(&app).await;
    let message = receiver.next().await;
    assert_eq!((message.signatures_by(new), message.signatures_by(&old)), (1, 0));

    let newest = app.post(&rotate, json!({ "grace_seconds": 0 })).await.expect(200);
    assert_eq!(newest["previous_secret_valid_until"], Value::Null);
    happen(&app, "tool.new", json!({})).await;
    deliver(&app).await;
    let message = receiver.next().await;
    let newest = newest["secret"].as_str().unwrap();
    assert_eq!((message.signatures_by(newest), message.signatures_by(new)), (1, 0));
}

#[tokio::test]
async fn a_delivery_left_by_a_dead_replica_is_taken_once_its_lease_is_over() {
    let app = start().await;
    let receiver = Receiver::start().await;
    webhook(&app, &format!("{}/204", receiver.url)).await;
    happen(&app, "tool.new", json!({})).await;
    dispatching::dispatch(&app.app).await.unwrap();
    let left = due(&app).await.remove(0);
    assert!(due(&app).await.is_empty(), "it is somebody's");
    hurry(&app).await;
    let taken = due(&app).await.remove(0);
    assert_eq!((taken.id, taken.attempts), (left.id, 2));
    assert_eq!(sending::attempt(&app.app, &taken).await.unwrap().status, "delivered");
    let late = sending::attempt(&app.app, &left).await.unwrap();
    assert_eq!(late.attempts, 1, "what the dead one would say counts no more");
}

#[tokio::test]
async fn each_webhook_has_its_turns_and_a_failing_one_a_single_one() {
    let app = start().await;
    let (busy, _) = webhook(&app, "http://127.0.0.1:1/busy").await;
    let (well, _) = webhook(&app, "http://127.0.0.1:1/well").await;
    for _ in 0..10 {
        happen(&app, "tool.new", json!({})).await;
    }
    dispatching::dispatch(&app.app).await.unwrap();
    let mut tx = app.app.database.worker().await.unwrap();
    let count = |taken: &[DeliveryRow], id| taken.iter().filter(|one| one.webhook_id == id).count();
    let turns = Turns { each: 3, all: 64 };
    let taken = webhook_deliveries::take(&mut tx, turns, &[(busy, 2)], 60.0).await.unwrap();
    assert_eq!((count(&taken, busy), count(&taken, well)), (1, 3));
    sqlx::query("update webhooks set failing_since = now() where id = $1")
        .bind(busy)
        .execute(&mut *tx)
        .await
        .unwrap();
    let taken = webhook_deliveries::take(&mut tx, turns, &[(well, 3)], 60.0).await.unwrap();
    assert_eq!((count(&taken, busy), count(&taken, well)), (1, 0));
    let taken = webhook_deliveries::take(&mut tx, Turns { each: 3, all: 2 }, &[], 60.0).await.unwrap();
    assert_eq!(taken.len(), 2, "and there are so many turns in all");
}

#[tokio::test]
async fn beyond_so_many_that_wait_an_event_is_on_record_as_failed() {
    let app = start().await;
    let (id, _) = webhook(&app, "http://127.0.0.1:1/").await;
    let new = |number: u128| webhook_deliveries::NewDelivery {
        org: app.org,
        webhook: id,
        event_id: Uuid::from_u128(number),
        event: "tool.new".into(),
        payload: json!({}),
    };
    let mut tx = app.app.database.worker().await.unwrap();
    webhook_deliveries::insert_all(&mut tx, &[new(1), new(2)], 2).await.unwrap();
    webhook_deliveries::insert_all(&mut tx, &[new(3)], 2).await.unwrap();
    tx.commit().await.unwrap();
    let list = app.get(&format!("/v1/webhooks/{id}/deliveries?status=failed")).await.expect(200);
    assert_eq!(list["deliveries"].as_array().unwrap().len(), 1);
    assert!(list["deliveries"][0]["error"].as_str().unwrap().contains("no more are taken"));
}

#[tokio::test]
async fn what_becomes_of_keys_people_and_servers_is_told_without_secrets() {
    let app = start().await;
    let key = app.post("/v1/api-keys", json!({ "name": "ci" })).await.expect(201);
    let path = format!("/v1/api-keys/{}", key["id"].as_str().unwrap());
    app.post(&format!("{path}/rotate"), json!({})).await.expect(200);
    app.post(&format!("{path}/revoke"), json!({})).await.expect(200);
    app.post("/v1/users/invite", json!({ "email": "new@example.com" })).await.expect(201);
    let ann = app.user("ann", None).await;
    app.patch(&format!("/v1/users/{ann}"), json!({ "status": "suspended" })).await.expect(200);
    let form = json!({ "name": "gone", "url": "http://127.0.0.1:1/mcp" });
    app.post("/v1/mcp-servers", form).await.expect(201);
    app.post("/v1/mcp-servers/gone/refresh", json!({})).await.refused(502);
    app.post("/v1/mcp-servers/gone/refresh", json!({})).await.refused(502);

    let pool = app.app.database.pool();
    let query = "select event::text, payload from outbox order by id";
    let told: Vec<(String, Value)> = sqlx::query_as(query).fetch_all(pool).await.unwrap();
    let events: Vec<_> = told.iter().map(|(event, _)| event.as_str()).collect();
    assert_eq!(
        events,
        [
            "api_key.created",
            "api_key.rotated",
            "api_key.revoked",
            "user.invited",
            "user.suspended",
            "server.unhealthy"
        ]
    );
    assert!(events.iter().all(|event| super::events::is_known(event)));
    assert_eq!((&told[0].1["name"], &told[5].1["name"]), (&json!("ci"), &json!("gone")));
    assert!(!format!("{told:?}").contains(key["key"].as_str().unwrap()));
}

#[tokio::test]
async fn events_that_were_handed_on_and_old_deliveries_leave() {
    let app = start().await;
    webhook(&app, "http://127.0.0.1:1/").await;
    for _ in 0..4 {
        happen(&app, "tool.new", json!({})).await;
    }
    dispatching::dispatch(&app.app).await.unwrap();
    happen(&app, "tool.new", json!({})).await;
    app.sql(
        "update outbox set dispatched_at = now() - interval '2 days', created_at = now() - interval '2 days'
         where id in (select id from outbox order by id limit 3)",
    )
    .await;
    app.sql(
        "with old as (
            select id, row_number() over (order by id) as place from webhook_deliveries limit 3)
         update webhook_deliveries d set created_at = now() - interval '31 days',
            status = (array['delivered', 'failed', 'pending'])[old.place]
         from old where d.id = old.id",
    )
    .await;
    let mut tx = app.app.database.worker().await.unwrap();
    assert_eq!(outbox::delete_dispatched(&mut tx, 24).await.unwrap(), 3, "one is fresh, one nobody read");
    tx.commit().await.unwrap();
    let report = retention::purge(&app.app, Utc::now()).await.unwrap();
    assert_eq!(report.rows[&app.org]["webhook_deliveries"], 2, "one is still on its way");
}
