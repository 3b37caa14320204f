//! Promises about approvals over REST; what proxies are answered is in `grpc/tests/approvals.rs`.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    mcp::fixture::{Fixture, Kind},
    service::approvals::{arguments, ending},
    testing::{TestApp, browser::Browser},
};

const APPROVALS: &str = "/v1/approvals";

/// An organization with a server, somebody who asks and somebody who may decide.
struct House {
    test: TestApp,
    caller: Uuid,
    key_id: Uuid,
    key: String,
    reviewer: String,
}

impl House {
    async fn open() -> Self {
        let test = TestApp::start().await;
        test.post("/v1/mcp-servers", json!({"name": "fs", "url": "http://127.0.0.1:1/mcp"}))
            .await
            .expect(201);
        let caller = test.add_user("dev@example.com", "developer").await;
        let (key_id, key) = test.personal_key(caller).await;
        let reviewer = test.user("rita", Some("security")).await;
        let reviewer = test.key_of(reviewer).await;
        Self { test, caller, key_id, key, reviewer }
    }

    async fn ask(&self, path: &str) -> Value {
        self.test.post_as(&self.key, APPROVALS, form(path)).await.expect(201)
    }

    async fn act(&self, key: &str, approval: &Value, verb: &str, body: Value) -> crate::testing::Answer {
        let path = format!("{APPROVALS}/{}/{verb}", approval["id"].as_str().unwrap());
        self.test.post_as(key, &path, body).await
    }

    async fn events(&self) -> Vec<String> {
        let mut tx = self.test.app.database.worker().await.unwrap();
        let query = "select event from outbox where event like 'approval.%' order by created_at, id";
        sqlx::query_scalar(query).fetch_all(&mut *tx).await.unwrap()
    }
}

fn form(path: &str) -> Value {
    json!({"mcp_server": "fs", "tool_name": "delete_file", "arguments": {"path": path}, "reason": "old"})
}

fn own(approval: &Value) -> String {
    approval["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_request_keeps_the_hash_of_what_was_asked_and_shows_no_secret() {
    let house = House::open().await;
    let given = json!({"path": "/tmp/a\u{0}", "password": "hush", "nothing": null, "amount": 1.0});
    let body = json!({"mcp_server": "fs", "tool_name": "delete_file", "arguments": given, "reason": "old"});
    let answer = house.test.post_as(&house.key, APPROVALS, body.clone()).await;
    let location = answer.header("location").to_owned();
    let made = answer.expect(201);
    assert_eq!(location, format!("{APPROVALS}/{}", own(&made)));
    assert_eq!(made["arguments_hash"], arguments::hash(&given).unwrap());
    assert_eq!(
        made["arguments"],
        json!({"path": "/tmp/a\u{fffd}", "password": "[redacted]", "nothing": null, "amount": 1.0})
    );
    assert_eq!((&made["requested_by"], &made["api_key_id"]), (&json!(house.caller), &json!(house.key_id)));
    assert_eq!((&made["requester"], &made["status"]), (&json!("dev@example.com"), &json!("pending")));
    let again = house.test.post_as(&house.key, APPROVALS, body).await.expect(200);
    assert_eq!(again, made, "the same call asks only once");
    assert_eq!(house.test.audited(&own(&made)).await, ["approval.request"]);
    assert_eq!(house.events().await, ["approval.requested"]);
}

#[tokio::test]
async fn a_request_names_a_server_and_a_key_that_there_are_and_arguments_in_full() {
    let house = House::open().await;
    let other = house.test.user("other", Some("developer")).await;
    let (foreign, _) = house.test.personal_key(other.0).await;
    for (change, field, code) in [
        (json!({"mcp_server": "nowhere"}), "mcp_server", "unknown"),
        (json!({"api_key_id": Uuid::now_v7()}), "api_key_id", "unknown"),
        (json!({"api_key_id": foreign}), "api_key_id", "unknown"),
        (json!({"arguments": null}), "arguments", "required"),
        (json!({"arguments": ["/tmp/a"]}), "arguments", "type"),
        (json!({"arguments": {"a": "x".repeat(70_000)}}), "arguments", "length"),
        (json!({"tool_name": ""}), "tool_name", "length"),
        (json!({"tool_name": "a\u{0}"}), "tool_name", "format"),
        (json!({"reason": "r".repeat(1001)}), "reason", "length"),
        (json!({"status": "approved"}), "status", "unknown"),
    ] {
        let mut body = form("/tmp/a");
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        let refused = house.test.post_as(&house.key, APPROVALS, body).await.expect(400);
        let fault = &refused["error"]["details"]["fields"][0];
        assert_eq!((&fault["field"], &fault["code"]), (&json!(field), &json!(code)), "{refused}");
    }
    // A reviewer sees the key, and may ask for who uses it.
    let mut body = form("/tmp/a");
    body["api_key_id"] = json!(foreign);
    let made = house.test.post_as(&house.reviewer, APPROVALS, body).await.expect(201);
    assert_eq!((&made["api_key_id"], &made["requester"]), (&json!(foreign), &json!("rita@example.com")));
}

#[tokio::test]
async fn a_decision_is_taken_once_with_its_note_and_told() {
    let house = House::open().await;
    let approved = house.ask("/tmp/a").await;
    let body = json!({"note": "fine", "valid_seconds": 600, "max_uses": 3});
    let row = house.act(&house.reviewer, &approved, "approve", body).await.expect(200);
    assert_eq!(
        (&row["status"], &row["max_uses"], &row["review_note"]),
        (&json!("approved"), &json!(3), &json!("fine"))
    );
    assert_eq!(row["reviewer"], "rita@example.com");
    let time = |field: &str| row[field].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    assert_eq!((time("valid_until") - time("reviewed_at")).num_seconds(), 600);

    let denied = house.ask("/tmp/b").await;
    house.act(&house.reviewer, &denied, "deny", json!({"note": "no"})).await.expect(200);
    let cancelled = house.ask("/tmp/c").await;
    house.act(&house.key, &cancelled, "cancel", json!({})).await.expect(200);
    for (approval, status) in [(&approved, "approved"), (&denied, "denied"), (&cancelled, "cancelled")] {
        for (key, verb) in [(&house.reviewer, "approve"), (&house.reviewer, "deny"), (&house.key, "cancel")] {
            let refused = house.act(key, approval, verb, json!({})).await.expect(409);
            let error = &refused["error"];
            assert_eq!(
                (&error["code"], &error["details"]["status"]),
                (&json!("invalid_state"), &json!(status))
            );
        }
    }
    assert_eq!(house.test.audited(&own(&approved)).await, ["approval.request", "approval.approve"]);
    assert_eq!(house.test.audited(&own(&denied)).await, ["approval.request", "approval.deny"]);
    assert_eq!(house.test.audited(&own(&cancelled)).await, ["approval.request", "approval.cancel"]);
    assert_eq!(
        house.events().await,
        [
            "approval.requested",
            "approval.approved",
            "approval.requested",
            "approval.denied",
            "approval.requested"
        ]
    );
    for body in [
        json!({"max_uses": 0}),
        json!({"max_uses": 1001}),
        json!({"valid_seconds": 59}),
        json!({"valid_seconds": 604_801}),
        json!({"note": "n".repeat(1001)}),
    ] {
        let open = house.test.post_as(&house.key, APPROVALS, form("/tmp/d")).await.body;
        assert_eq!(house.act(&house.reviewer, &open, "approve", body).await.refused(400), "validation_error");
    }
}

#[tokio::test]
async fn a_denied_call_may_be_asked_for_again_by_a_person() {
    let house = House::open().await;
    let first = house.ask("/tmp/a").await;
    house.act(&house.reviewer, &first, "deny", json!({})).await.expect(200);
    assert_ne!(own(&house.ask("/tmp/a").await), own(&first));
}

#[tokio::test]
async fn nobody_decides_about_their_own_call() {
    let house = House::open().await;
    let test = &house.test;
    // Who asks, who owns the key that asks, who made it: all may review in general.
    let owner = test.user("owner", Some("security")).await;
    let (owners_key, owner_secret) = test.personal_key(owner.0).await;
    let asked = test.post_as(&owner_secret, APPROVALS, form("/tmp/own")).await.expect(201);
    assert_eq!(house.act(&owner_secret, &asked, "approve", json!({})).await.refused(403), "self_review");
    let another = test.key_of(owner).await;
    assert_eq!(house.act(&another, &asked, "deny", json!({})).await.refused(403), "self_review");

    let mut body = form("/tmp/for-another");
    body["api_key_id"] = json!(owners_key);
    let asked = test.post_as(&house.reviewer, APPROVALS, body).await.expect(201);
    assert_eq!(house.act(&owner_secret, &asked, "approve", json!({})).await.refused(403), "self_review");
    assert_eq!(house.act(&house.reviewer, &asked, "approve", json!({})).await.refused(403), "self_review");

    let browser = Browser::log_in(test).await;
    let service =
        browser.post("/v1/api-keys", json!({"name": "bot", "permissions": ["*"]})).await.expect(201);
    let service = service["key"].as_str().unwrap();
    let asked = test.post_as(service, APPROVALS, form("/tmp/bot")).await.expect(201);
    assert_eq!(asked["requested_by"], Value::Null);
    let approve = format!("{APPROVALS}/{}/approve", own(&asked));
    assert_eq!(browser.post(&approve, json!({})).await.refused(403), "self_review");
    // Nor by a key that they made, nor by one behind which nobody is.
    assert_eq!(house.act(service, &asked, "approve", json!({})).await.refused(403), "self_review");
    let nobodys = test.key_with(&["approvals:*"]).await;
    assert_eq!(house.act(&nobodys, &asked, "approve", json!({})).await.refused(403), "self_review");
    house.act(&house.reviewer, &asked, "approve", json!({})).await.expect(200);

    test.patch("/v1/settings", json!({"approvals": {"allow_self_review": true}})).await.expect(200);
    let asked = test.post_as(&owner_secret, APPROVALS, form("/tmp/allowed")).await.expect(201);
    house.act(&owner_secret, &asked, "approve", json!({})).await.expect(200);
}

#[tokio::test]
async fn a_team_lead_decides_for_the_own_team_only() {
    let house = House::open().await;
    let test = &house.test;
    let lead = test.user("lead", None).await;
    let lead_key = test.key_of(lead).await;
    let mut asked = Vec::new();
    for name in ["Payments", "Search"] {
        let team = test.post("/v1/teams", json!({ "name": name })).await.expect(201);
        let team = team["id"].as_str().unwrap();
        if name == "Payments" {
            let member = json!({"user_id": lead, "role": "lead"});
            test.post(&format!("/v1/teams/{team}/members"), member).await.expect(201);
        }
        let key = json!({"name": name, "permissions": ["*"], "team_id": team});
        let key = test.post("/v1/api-keys", key).await.expect(201);
        asked.push(test.post_as(key["key"].as_str().unwrap(), APPROVALS, form(name)).await.expect(201));
    }
    let seen = test.get_as(&lead_key, APPROVALS).await.expect(200);
    assert_eq!(seen["approvals"].as_array().unwrap().len(), 1);
    house.act(&lead_key, &asked[0], "approve", json!({})).await.expect(200);
    assert_eq!(house.act(&lead_key, &asked[1], "approve", json!({})).await.refused(404), "not_found");
    let summary = test.get_as(&lead_key, &format!("{APPROVALS}/summary")).await.expect(200);
    assert_eq!((&summary["pending"], &summary["approved"]), (&json!(0), &json!(1)));
}

#[tokio::test]
async fn who_sees_only_the_own_sees_and_cancels_no_other() {
    let house = House::open().await;
    let asked = house.ask("/tmp/a").await;
    let path = format!("{APPROVALS}/{}", own(&asked));
    let other = house.test.user("other", Some("developer")).await;
    let other = house.test.key_of(other).await;
    assert_eq!(house.test.get_as(&house.key, &path).await.expect(200)["id"], asked["id"]);
    assert_eq!(house.test.get_as(&other, &path).await.refused(404), "not_found");
    assert_eq!(house.test.get_as(&other, APPROVALS).await.expect(200)["approvals"], json!([]));
    assert_eq!(house.act(&other, &asked, "cancel", json!({})).await.refused(404), "not_found");
    assert_eq!(
        house.act(&house.reviewer, &asked, "cancel", json!({})).await.refused(403),
        "permission_denied"
    );
    assert_eq!(house.act(&house.key, &asked, "approve", json!({})).await.refused(403), "permission_denied");

    let (_, stranger) = house.test.other_organization().await;
    assert_eq!(house.test.get_as(&stranger, &path).await.refused(404), "not_found");
    for verb in ["approve", "deny", "cancel"] {
        assert_eq!(house.act(&stranger, &asked, verb, json!({})).await.refused(404), "not_found", "{verb}");
    }
    assert_eq!(house.test.get_as(&stranger, APPROVALS).await.expect(200)["approvals"], json!([]));
}

#[tokio::test]
async fn a_list_is_filtered_and_counted() {
    let house = House::open().await;
    let first = house.ask("/tmp/a").await;
    house.ask("/tmp/b").await;
    house.act(&house.reviewer, &first, "deny", json!({})).await.expect(200);
    for (query, count) in [
        ("", 2),
        ("?status=denied", 1),
        ("?status=pending,denied", 2),
        ("?status=consumed", 0),
        ("?mcp_server=fs&tool_name=delete_file", 2),
        ("?tool_name=read_file", 0),
        (format!("?requested_by={}", house.caller).as_str(), 2),
        (format!("?requested_by={}", Uuid::now_v7()).as_str(), 0),
        (format!("?team_id={}", Uuid::now_v7()).as_str(), 0),
        ("?period=hour", 2),
        ("?end_time=2020-01-01T00:00:00Z", 0),
    ] {
        let list = house.test.get(&format!("{APPROVALS}{query}")).await.expect(200);
        assert_eq!(list["approvals"].as_array().unwrap().len(), count, "{query}");
    }
    assert_eq!(house.test.get(&format!("{APPROVALS}?status=lost")).await.refused(400), "invalid_request");
    let summary = house.test.get(&format!("{APPROVALS}/summary")).await.expect(200);
    let second = house.test.get(&format!("{APPROVALS}?status=pending")).await.expect(200);
    assert_eq!(
        summary,
        json!({"pending": 1, "approved": 0, "denied": 1, "expired": 0, "cancelled": 0, "consumed": 0,
            "oldest_pending_at": second["approvals"][0]["created_at"]})
    );
    let old = house.test.get(&format!("{APPROVALS}/summary?end_time=2020-01-01T00:00:00Z")).await.expect(200);
    assert_eq!((&old["pending"], &old["oldest_pending_at"]), (&json!(0), &Value::Null));
    assert_eq!(
        house.test.get(&format!("{APPROVALS}/summary?status=x")).await.refused(400),
        "invalid_request"
    );
}

#[tokio::test]
async fn what_is_over_is_ended_by_the_job_and_told_once() {
    let house = House::open().await;
    let (pending, approved, fresh) = (house.ask("/a").await, house.ask("/b").await, house.ask("/c").await);
    house.act(&house.reviewer, &approved, "approve", json!({})).await.expect(200);
    house
        .test
        .sql(
            "update tool_approvals set expires_at = now() - interval '1 second',
                valid_until = valid_until - interval '1 day' where arguments ->> 'path' in ('/a', '/b')",
        )
        .await;
    ending::end_due(&house.test.app).await.unwrap();
    ending::end_due(&house.test.app).await.unwrap();
    for (approval, status, reason) in [
        (&pending, "expired", json!("time")),
        (&approved, "expired", json!("time")),
        (&fresh, "pending", Value::Null),
    ] {
        let row = house.test.get(&format!("{APPROVALS}/{}", own(approval))).await.expect(200);
        assert_eq!((&row["status"], &row["expiry_reason"]), (&json!(status), &reason));
    }
    let expired = house.events().await.into_iter().filter(|event| event == "approval.expired").count();
    assert_eq!(expired, 2);
}

#[tokio::test]
async fn a_changed_definition_voids_what_the_catalogue_knew_otherwise() {
    let house = House::open().await;
    let fixture = Fixture::start(Kind::Dual).await;
    house.test.post("/v1/mcp-servers", json!({"name": "files", "url": fixture.url})).await.expect(201);
    let refresh = "/v1/mcp-servers/files/refresh";
    house.test.post(refresh, json!({})).await.expect(200);
    let mut asked = Vec::new();
    for (server, text) in [("files", "approved"), ("files", "pending"), ("fs", "of another server")] {
        let body = json!({"mcp_server": server, "tool_name": "echo", "arguments": {"text": text}});
        asked.push(house.test.post_as(&house.key, APPROVALS, body).await.expect(201));
    }
    house.act(&house.reviewer, &asked[0], "approve", json!({})).await.expect(200);
    house.test.post(refresh, json!({})).await.expect(200);
    let status = async |approval: &Value| {
        let row = house.test.get(&format!("{APPROVALS}/{}", own(approval))).await.expect(200);
        (row["status"].clone(), row["expiry_reason"].clone())
    };
    assert_eq!(status(&asked[0]).await.0, "approved", "the same definition changes nothing");

    let other = json!({"name": "echo", "description": "does evil", "inputSchema": {"type": "object"}});
    fixture.set_tools(vec![other]);
    house.test.post(refresh, json!({})).await.expect(200);
    for void in &asked[..2] {
        assert_eq!(status(void).await, (json!("expired"), json!("definition_changed")));
    }
    assert_eq!(status(&asked[2]).await.0, "pending");
    assert_eq!(house.events().await.iter().filter(|event| *event == "approval.expired").count(), 2);
}

#[tokio::test]
async fn no_statement_makes_a_move_that_there_is_not() {
    let house = House::open().await;
    let denied = house.ask("/a").await;
    house.act(&house.reviewer, &denied, "deny", json!({})).await.expect(200);
    house.ask("/b").await;
    for statement in [
        "update tool_approvals set status = 'pending' where status = 'denied'",
        "update tool_approvals set status = 'approved', valid_until = now() where status = 'denied'",
        "update tool_approvals set status = 'consumed' where status = 'pending'",
        "update tool_approvals set status = 'approved' where status = 'pending'",
    ] {
        let mut tx = house.test.app.database.worker().await.unwrap();
        assert!(sqlx::query(statement).execute(&mut *tx).await.is_err(), "{statement}");
    }
}
