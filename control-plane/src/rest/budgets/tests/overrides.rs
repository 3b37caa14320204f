//! Enforcement that is lifted for a while, and what the clock alone brings. Time is passed in, nobody waits.

use rust_decimal::Decimal;

use super::*;
use crate::{
    auth::Reach,
    id::BudgetId,
    service::budgets::{
        figures::{self, Status},
        settle_due,
    },
    store::{
        budgets::{self, BudgetRow, periods},
        changes,
    },
};

async fn enforced(test: &TestApp, period: &str) -> Value {
    let mut body = organization("a", "1");
    body["enforce"] = json!(true);
    body["period"] = json!(period);
    make(test, body).await
}

fn key(budget: &Value) -> BudgetId {
    id(budget).parse().unwrap()
}

/// As it stands at that time.
async fn at(test: &TestApp, budget: &Value, now: DateTime<Utc>) -> BudgetRow {
    let mut tx = test.app.database.tenant(test.org).await.unwrap();
    budgets::get(&mut tx, test.org, &Reach::everything(), key(budget), now).await.unwrap().unwrap()
}

/// The revision that proxies are told up to.
async fn revision(test: &TestApp) -> i64 {
    let mut tx = test.app.database.worker().await.unwrap();
    changes::newest(&mut tx).await.unwrap()
}

#[tokio::test]
async fn an_override_lifts_enforcement_until_it_ends() {
    let test = TestApp::start().await;
    let budget = enforced(&test, "monthly").await;
    test.record(&[spent("1")]).await;
    assert_eq!(test.get(&path(&budget)).await.expect(200)["status"], "blocked");
    let before = revision(&test).await;
    let until = (Utc::now() + Duration::milliseconds(1_500)).min(time(&budget["period_end"]));
    let body = json!({"until": until, "reason": "release week"});
    let lifted = test.post(&format!("{}/override", path(&budget)), body).await.expect(200);
    assert_eq!(
        (&lifted["status"], &lifted["override_reason"]),
        (&json!("overridden"), &json!("release week"))
    );
    let told = revision(&test).await;
    assert!(told > before, "proxies are told");

    let until = time(&lifted["overridden_until"]);
    assert_eq!(figures::status(&at(&test, &budget, until).await, until), Status::Blocked);
    settle_due(&test.app, until - Duration::milliseconds(1)).await.unwrap();
    assert_eq!(revision(&test).await, told);
    settle_due(&test.app, until).await.unwrap();
    assert_eq!(revision(&test).await, told + 1, "and told of its end");
    assert_eq!(at(&test, &budget, until).await.overridden_until, None);
    settle_due(&test.app, until).await.unwrap();
    assert_eq!(revision(&test).await, told + 1, "once");

    let rows = test.audit_rows().await;
    let row = rows.iter().find(|row| row.action == "budget.override").unwrap();
    assert_eq!(row.resource_id.as_deref(), Some(id(&budget)));
    assert_eq!(row.details["reason"], "release week");
}

#[tokio::test]
async fn an_override_lies_ahead_and_within_the_period_and_says_why() {
    let test = TestApp::start().await;
    let budget = enforced(&test, "monthly").await;
    let lift = async |body: Value| test.post(&format!("{}/override", path(&budget)), body).await;
    let end = time(&budget["period_end"]);
    for (body, field) in [
        (json!({"until": Utc::now() - Duration::seconds(1), "reason": "r"}), "until"),
        (json!({"until": end + Duration::milliseconds(1), "reason": "r"}), "until"),
        (json!({"reason": "r"}), "until"),
        (json!({"until": end, "reason": " "}), "reason"),
        (json!({"until": end}), "reason"),
    ] {
        let refused = lift(body).await.expect(400);
        assert_eq!(refused["error"]["details"]["fields"][0]["field"], field);
    }
    lift(json!({"until": end, "reason": "r"})).await.expect(200);
    test.patch(&path(&budget), json!({"enforce": false})).await.expect(200);
    let refused = lift(json!({"until": end, "reason": "r"})).await.expect(409);
    assert_eq!(
        (&refused["error"]["code"], &refused["error"]["details"]["status"]),
        (&json!("invalid_state"), &json!("ok"))
    );
}

#[tokio::test]
async fn an_exhausted_budget_is_free_again_in_its_next_period() {
    for period in ["daily", "weekly", "monthly"] {
        let test = TestApp::start().await;
        let budget = enforced(&test, period).await;
        test.record(&[spent("1.2")]).await;
        let end = time(&budget["period_end"]);
        let last = end - Duration::milliseconds(1);
        assert_eq!(figures::status(&at(&test, &budget, last).await, last), Status::Blocked, "{period}");
        let next = at(&test, &budget, end).await;
        assert_eq!((next.period_start, next.used), (end, Decimal::ZERO), "{period}");
        assert_eq!(figures::status(&next, end), Status::Ok, "{period}");

        let before = revision(&test).await;
        settle_due(&test.app, last).await.unwrap();
        assert_eq!(revision(&test).await, before, "{period}: nothing is new before its end");
        settle_due(&test.app, end).await.unwrap();
        settle_due(&test.app, end + Duration::seconds(2)).await.unwrap();
        assert_eq!(revision(&test).await, before + 1, "{period}: its beginning is told once");

        let mut tx = test.app.database.tenant(test.org).await.unwrap();
        let now = next.period_end + Duration::seconds(1);
        let history = periods::history(&mut tx, test.org, key(&budget), 36, now).await.unwrap();
        let used: Vec<_> = history.iter().map(|past| past.used.normalize().to_string()).collect();
        assert_eq!(used, ["1.2", "0"], "{period}");
        assert_eq!((history[0].period_end, history[1].period_start), (end, end), "{period}");
        let last_one = periods::history(&mut tx, test.org, key(&budget), 1, now).await.unwrap();
        assert_eq!(last_one[0].period_start, end);
    }
}

#[tokio::test]
async fn what_was_spent_by_a_clock_ahead_counts_in_its_own_period_and_is_told_when_that_begins() {
    let test = TestApp::start().await;
    let budget = enforced(&test, "daily").await;
    let end = time(&budget["period_end"]);
    test.record(&[Call { started_at: end + Duration::minutes(1), ..spent("2") }]).await;
    assert_eq!(at(&test, &budget, end - Duration::seconds(1)).await.used, Decimal::ZERO);
    assert_eq!(told(&test).await, []);
    let before = revision(&test).await;
    settle_due(&test.app, end).await.unwrap();
    let all = [("threshold_reached", 50), ("threshold_reached", 80), ("exceeded", 100)];
    assert_eq!(told(&test).await, events(&all));
    assert_eq!(revision(&test).await, before + 1);
    assert_eq!(figures::status(&at(&test, &budget, end).await, end), Status::Blocked);
    settle_due(&test.app, end).await.unwrap();
    assert_eq!(told(&test).await.len(), 3);
}
