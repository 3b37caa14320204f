//! Asking for an approval.

use gatewayops_proto::control::{ApprovalRequest, ApprovalTicket, ProxyStatus};
use serde_json::{Value, json};
use tonic::Code;

use super::*;
use crate::proxies::{self, Presence};

fn call(house: &House, key: Uuid) -> ApprovalRequest {
    ApprovalRequest {
        org_id: Bytes::copy_from_slice(house.org.as_bytes()),
        api_key_id: Bytes::copy_from_slice(key.as_bytes()),
        mcp_server: "fs".into(),
        tool_name: "delete_file".into(),
        arguments_hash: vec![7; 32].into(),
        arguments_redacted: r#"{"path": "/tmp/\u0000x"}"#.into(),
        trace_id: "4bf92f3577b34da6a3ce929d0e0e4736".into(),
        ..ApprovalRequest::default()
    }
}

#[tokio::test]
async fn the_same_call_asks_only_once() {
    let house = House::open().await;
    let key = house.add_key("k").await;
    let mut client = house.client().await;
    let first = client.request_approval(call(&house, key)).await.unwrap().into_inner();
    assert_eq!(first.status, "pending");
    let again = client.request_approval(call(&house, key)).await.unwrap().into_inner();
    assert_eq!(first, again);
    let (mut other, another) =
        (house.client().await, ApprovalRequest { tool_name: "rm".into(), ..call(&house, key) });
    let (one, two) = tokio::join!(client.request_approval(another.clone()), other.request_approval(another));
    let (one, two) = (one.unwrap().into_inner(), two.unwrap().into_inner());
    assert_eq!(one, two);
    assert_ne!(one.approval_id, first.approval_id);
}

/// Somebody with a key of their own, and somebody who may decide.
struct Office {
    house: House,
    caller: UserId,
    key: Uuid,
    reviewer: String,
}

impl Office {
    async fn open() -> Self {
        let house = House::open_with(|config| config.public_url = "https://gw.example.com".into()).await;
        let caller = house.test.user("dev", Some("developer")).await;
        let (key, _) = house.test.personal_key(caller.0).await;
        let reviewer = house.test.user("rita", Some("security")).await;
        let reviewer = house.test.key_of(reviewer).await;
        Self { house, caller, key, reviewer }
    }

    fn call(&self) -> ApprovalRequest {
        call(&self.house, self.key)
    }

    async fn ask(&self, request: ApprovalRequest) -> ApprovalTicket {
        self.house.client().await.request_approval(request).await.unwrap().into_inner()
    }

    /// The status of what was decided.
    async fn decide(&self, ticket: &ApprovalTicket, verb: &str, body: Value) -> Value {
        let path = format!("/v1/approvals/{}/{verb}", id(ticket));
        self.house.test.post_as(&self.reviewer, &path, body).await.expect(200)
    }

    async fn get(&self, ticket: &ApprovalTicket) -> Value {
        self.house.test.get(&format!("/v1/approvals/{}", id(ticket))).await.expect(200)
    }

    async fn audited(&self, ticket: &ApprovalTicket) -> Vec<String> {
        self.house.test.audited(&id(ticket)).await
    }

    /// A call that is held for as long as a test may take.
    async fn hold(&self) -> tokio::task::JoinHandle<ApprovalTicket> {
        let mut client = self.house.client().await;
        let request = ApprovalRequest { wait_ms: 120_000, ..self.call() };
        let held = tokio::spawn(async move { client.request_approval(request).await.unwrap().into_inner() });
        let is_held = async {
            while self.house.app().metrics.held_calls.get() == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(SOON, is_held).await.expect("the call is held");
        held
    }
}

fn id(ticket: &ApprovalTicket) -> String {
    Uuid::from_slice(&ticket.approval_id).unwrap().to_string()
}

#[tokio::test]
async fn an_approval_lets_one_call_through_and_not_a_second() {
    let office = Office::open().await;
    let asked = office.ask(office.call()).await;
    assert_eq!(asked.status, "pending");
    assert_eq!(asked.approval_url, format!("https://gw.example.com/approvals?id={}", id(&asked)));
    let row = office.decide(&asked, "approve", json!({"note": "fine"})).await;
    assert_eq!(
        (&row["status"], &row["max_uses"], &row["use_count"]),
        (&json!("approved"), &json!(1), &json!(0))
    );

    let request =
        ApprovalRequest { request_id: "r-1".into(), ip_address: "10.1.2.3".into(), ..office.call() };
    let let_through = office.ask(request).await;
    assert_eq!((let_through.status.as_str(), &let_through.approval_id), ("approved", &asked.approval_id));
    let row = office.get(&asked).await;
    assert_eq!((&row["status"], &row["use_count"]), (&json!("consumed"), &json!(1)));

    // Also when the answer was lost: what it said is used up.
    let again = office.ask(office.call()).await;
    assert_eq!(again.status, "pending");
    assert_ne!(again.approval_id, asked.approval_id);
    assert_eq!(office.audited(&asked).await, ["approval.request", "approval.approve", "approval.use"]);
    let used =
        office.house.test.audit_rows().await.into_iter().find(|row| row.action == "approval.use").unwrap();
    assert_eq!((used.actor_id, used.request_id), (Some(office.key.to_string()), Some("r-1".into())));
    assert_eq!(used.ip_address.as_deref(), Some("10.1.2.3"));
}

#[tokio::test]
async fn an_approval_fits_its_call_and_no_other() {
    let office = Office::open().await;
    let asked = office.ask(office.call()).await;
    office.decide(&asked, "approve", json!({"max_uses": 5})).await;
    let stranger = office.house.add_key("service").await;
    for other in [
        ApprovalRequest { arguments_hash: vec![8; 32].into(), ..office.call() },
        ApprovalRequest { tool_name: "delete_dir".into(), ..office.call() },
        ApprovalRequest { mcp_server: "fs2".into(), ..office.call() },
        call(&office.house, stranger),
    ] {
        assert_eq!(office.ask(other.clone()).await.status, "pending", "{other:?}");
    }
    // The same user, by another key or a token.
    let (second, _) = office.house.test.personal_key(office.caller.0).await;
    let by_token = ApprovalRequest {
        api_key_id: Bytes::new(),
        user_id: Bytes::copy_from_slice(office.caller.0.as_bytes()),
        ..office.call()
    };
    for same in [call(&office.house, second), by_token] {
        assert_eq!(office.ask(same).await.status, "approved");
    }
    assert_eq!(office.get(&asked).await["use_count"], 2);
}

#[tokio::test]
async fn two_control_planes_give_a_single_use_to_one_call_only() {
    let office = Office::open().await;
    let mut config = office.house.app().config.clone();
    config.migrate_at_start = false;
    let other = crate::server::prepare(config).await.unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = office.house.stop.clone();
    tokio::spawn(async move { super::super::serve(other, listener, stop).await.unwrap() });

    for uses in [1, 3] {
        let asked = office.ask(ApprovalRequest { tool_name: format!("rm{uses}"), ..office.call() }).await;
        office.decide(&asked, "approve", json!({"max_uses": uses})).await;
        let mut racing = Vec::new();
        for number in 0..12 {
            let mut client = match number % 2 {
                0 => office.house.client().await,
                _ => office.house.client_at(address).await,
            };
            let request = ApprovalRequest { tool_name: format!("rm{uses}"), ..office.call() };
            racing.push(async move { client.request_approval(request).await.unwrap().into_inner() });
        }
        let answers = futures::future::join_all(racing).await;
        let won = answers.iter().filter(|ticket| ticket.status == "approved").count();
        assert_eq!(won, uses, "{answers:?}");
        let mut rest: Vec<_> = answers.iter().filter(|ticket| ticket.status != "approved").collect();
        rest.dedup_by_key(|ticket| ticket.approval_id.clone());
        assert_eq!(
            (rest.len(), rest[0].status.as_str()),
            (1, "pending"),
            "the others wait for the same decision"
        );
    }
}

#[tokio::test]
async fn another_definition_voids_what_was_asked_and_what_was_approved() {
    let office = Office::open().await;
    let under = |digit: &str| ApprovalRequest { definition_hash: digit.repeat(64), ..office.call() };
    let asked = office.ask(under("a")).await;
    let changed = office.ask(under("b")).await;
    assert_eq!(changed.status, "pending");
    assert_ne!(changed.approval_id, asked.approval_id);
    office.decide(&changed, "approve", json!({"max_uses": 9})).await;
    assert_eq!(office.ask(under("b")).await.status, "approved");
    let unknown = office.ask(office.call()).await;
    assert_eq!(unknown.status, "pending");
    for (ticket, uses) in [(asked, 0), (changed, 1)] {
        let row = office.get(&ticket).await;
        assert_eq!(
            (&row["status"], &row["expiry_reason"]),
            (&json!("expired"), &json!("definition_changed"))
        );
        assert_eq!(row["use_count"], uses);
    }
    let told: i64 = sqlx::query_scalar("select count(*) from outbox where event = 'approval.expired'")
        .fetch_one(office.house.app().database.pool())
        .await
        .unwrap();
    assert_eq!(told, 2);
}

#[tokio::test]
async fn a_denial_answers_the_same_call_for_as_long_as_the_request_would_have_waited() {
    let office = Office::open().await;
    let asked = office.ask(office.call()).await;
    office.decide(&asked, "deny", json!({"note": "not on a Friday"})).await;
    let denied = office.ask(office.call()).await;
    assert_eq!((denied.status.as_str(), denied.review_note.as_str()), ("denied", "not on a Friday"));
    assert_eq!((&denied.approval_id, denied.expires_at_ms), (&asked.approval_id, asked.expires_at_ms));
    let changed = ApprovalRequest { definition_hash: "c".repeat(64), ..office.call() };
    assert_eq!(office.ask(changed).await.status, "pending", "nobody has denied what it is now");

    let office = Office::open().await;
    let asked = office.ask(office.call()).await;
    office.decide(&asked, "deny", json!({})).await;
    office
        .house
        .sql("update tool_approvals set expires_at = now() where org_id = $1", office.house.org)
        .await;
    assert_eq!(office.ask(office.call()).await.status, "denied", "who comes back a little late learns of it");
    let statement = "update tool_approvals set reviewed_at = now() - interval '11 minutes' where org_id = $1";
    office.house.sql(statement, office.house.org).await;
    let anew = office.ask(office.call()).await;
    assert_eq!(anew.status, "pending");
    assert_ne!(anew.approval_id, asked.approval_id);
}

#[tokio::test]
async fn what_is_over_is_neither_approved_nor_used() {
    let office = Office::open().await;
    let asked = office.ask(office.call()).await;
    office
        .house
        .sql("update tool_approvals set expires_at = now() where org_id = $1", office.house.org)
        .await;
    let late = format!("/v1/approvals/{}/approve", id(&asked));
    let late = office.house.test.post_as(&office.reviewer, &late, json!({})).await.expect(409);
    assert_eq!(
        (&late["error"]["code"], &late["error"]["details"]["status"]),
        (&json!("invalid_state"), &json!("expired"))
    );
    let anew = office.ask(office.call()).await;
    assert_ne!(anew.approval_id, asked.approval_id);
    assert_eq!(office.get(&asked).await["expiry_reason"], "time");

    office.decide(&anew, "approve", json!({})).await;
    office
        .house
        .sql("update tool_approvals set valid_until = now() where id = $1", id(&anew).parse().unwrap())
        .await;
    assert_eq!(office.ask(office.call()).await.status, "pending");
    let row = office.get(&anew).await;
    assert_eq!((&row["status"], &row["use_count"]), (&json!("expired"), &json!(0)));
}

#[tokio::test]
async fn a_held_call_goes_on_as_soon_as_somebody_decides() {
    let office = Office::open().await;
    for (verb, status) in [("approve", "approved"), ("deny", "denied")] {
        let asked = office.ask(office.call()).await;
        let held = office.hold().await;
        let begun = std::time::Instant::now();
        office.decide(&asked, verb, json!({"note": "so be it"})).await;
        let ticket = tokio::time::timeout(SOON, held).await.unwrap().unwrap();
        assert_eq!((ticket.status.as_str(), &ticket.approval_id), (status, &asked.approval_id));
        assert!(begun.elapsed() < SOON);
    }
}

#[tokio::test]
async fn a_held_call_ends_with_its_request() {
    let office = Office::open().await;
    let asked = office.ask(office.call()).await;
    let held = office.hold().await;
    let statement = "update tool_approvals set status = 'cancelled' where org_id = $1";
    office.house.sql(statement, office.house.org).await;
    let ticket = tokio::time::timeout(SOON, held).await.unwrap().unwrap();
    assert_eq!((ticket.status.as_str(), &ticket.approval_id), ("expired", &asked.approval_id));
    let rows: i64 = sqlx::query_scalar("select count(*) from tool_approvals")
        .fetch_one(office.house.app().database.pool())
        .await
        .unwrap();
    assert_eq!(rows, 1, "nothing is asked for again");
}

#[tokio::test]
async fn a_decision_whose_announcement_was_lost_is_found_all_the_same() {
    let office = Office::open().await;
    let asked = office.ask(office.call()).await;
    sqlx::query("alter table tool_approvals disable trigger announce_decision")
        .execute(office.house.app().database.pool())
        .await
        .unwrap();
    let held = office.hold().await;
    office.decide(&asked, "approve", json!({})).await;
    assert_eq!(tokio::time::timeout(SOON, held).await.unwrap().unwrap().status, "approved");
}

#[tokio::test]
async fn a_call_is_held_no_longer_than_it_wishes_and_not_beyond_the_drain() {
    let office = Office::open().await;
    let briefly = ApprovalRequest { wait_ms: 50, ..office.call() };
    assert_eq!(office.ask(briefly).await.status, "pending");
    let held = office.hold().await;
    office.house.stop.cancel();
    assert_eq!(tokio::time::timeout(SOON, held).await.unwrap().unwrap().status, "pending");
}

#[tokio::test]
async fn a_caller_may_not_have_more_calls_wait_than_anybody_reviews() {
    let office = Office::open().await;
    office.ask(office.call()).await;
    let statement =
        "insert into tool_approvals (org_id, principal, mcp_server, tool_name, arguments_hash, expires_at)
        select org_id, principal, mcp_server, 'tool' || number, arguments_hash, expires_at
        from tool_approvals, generate_series(1, 99) as number where org_id = $1";
    office.house.sql(statement, office.house.org).await;
    let mut client = office.house.client().await;
    let other = ApprovalRequest { tool_name: "one_more".into(), ..office.call() };
    assert_eq!(client.request_approval(other).await.unwrap_err().code(), Code::ResourceExhausted);
    assert_eq!(office.ask(office.call()).await.status, "pending", "what waits already is answered as before");
}

#[tokio::test]
async fn a_request_that_is_too_long_or_names_nobody_is_refused() {
    let house = House::open().await;
    let key = house.add_key("k").await;
    let good = call(&house, key);
    let bad = [
        ApprovalRequest { org_id: Bytes::new(), ..good.clone() },
        ApprovalRequest { api_key_id: Bytes::from_static(b"short"), ..good.clone() },
        ApprovalRequest { api_key_id: Bytes::new(), ..good.clone() },
        ApprovalRequest { arguments_hash: Bytes::from_static(b"x"), ..good.clone() },
        ApprovalRequest { tool_name: "t".repeat(256), ..good.clone() },
        ApprovalRequest { tool_name: "a\0b".into(), ..good.clone() },
        ApprovalRequest { mcp_server: String::new(), ..good.clone() },
        ApprovalRequest { reason: "r".repeat(1001), ..good.clone() },
        ApprovalRequest { arguments_redacted: "{".into(), ..good.clone() },
        ApprovalRequest { arguments_redacted: format!("\"{}\"", "x".repeat(70_000)), ..good.clone() },
        ApprovalRequest { trace_id: "7".into(), ..good.clone() },
        ApprovalRequest { definition_hash: "7".into(), ..good.clone() },
        ApprovalRequest { definition_hash: "A".repeat(64), ..good.clone() },
        ApprovalRequest { wait_ms: 300_001, ..good.clone() },
        ApprovalRequest { request_id: "a b".into(), ..good.clone() },
        ApprovalRequest { ip_address: "localhost".into(), ..good.clone() },
    ];
    let mut client = house.client().await;
    for request in bad {
        let refused = client.request_approval(request.clone()).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{request:?}");
    }
    let foreign = ApprovalRequest { org_id: Bytes::copy_from_slice(Uuid::now_v7().as_bytes()), ..good };
    assert_eq!(client.request_approval(foreign).await.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn the_last_report_of_a_proxy_is_remembered() {
    let house = House::open().await;
    let reports =
        [1, 2, 3].map(|revision| ProxyStatus { proxy_id: "p1".into(), revision, ..ProxyStatus::default() });
    house.client().await.report(futures::stream::iter(reports)).await.unwrap();
    let of_p1 =
        |all: Vec<Presence>| all.into_iter().find(|seen| seen.proxy_id == "p1").map(|seen| seen.revision);
    assert_eq!(of_p1(proxies::list(house.app()).await), Some(3));
    let nameless = [ProxyStatus::default()];
    let refused = house.client().await.report(futures::stream::iter(nameless)).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
}
