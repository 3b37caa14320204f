use chrono::{DateTime, Duration, Utc};
use http::Method;
use serde_json::{Value, json};

use crate::testing::{ADMIN_KEY, TestApp, calls::Call};

mod counting;
mod overrides;
mod teams;

async fn make(test: &TestApp, body: Value) -> Value {
    test.post("/v1/budgets", body).await.expect(201)
}

fn id(thing: &Value) -> &str {
    thing["id"].as_str().unwrap()
}

fn path(budget: &Value) -> String {
    format!("/v1/budgets/{}", id(budget))
}

fn time(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

/// A call of now that cost so much.
fn spent(cost_usd: &'static str) -> Call {
    Call { cost_usd: Some(cost_usd), started_at: Utc::now(), ..Call::default() }
}

fn organization(name: &str, amount: &str) -> Value {
    json!({"name": name, "scope_type": "organization", "amount": amount})
}

/// What was told, oldest first: the event and the percentage.
async fn told(test: &TestApp) -> Vec<(String, i64)> {
    let mut tx = test.app.database.worker().await.unwrap();
    sqlx::query_as(
        "select event::text, (payload ->> 'threshold')::bigint from outbox where event like 'budget.%' order by id",
    )
    .fetch_all(&mut *tx)
    .await
    .unwrap()
}

fn events(expected: &[(&str, i64)]) -> Vec<(String, i64)> {
    expected.iter().map(|(event, percentage)| (format!("budget.{event}"), *percentage)).collect()
}

#[tokio::test]
async fn a_budget_is_made_read_changed_and_removed() {
    let test = TestApp::start().await;
    let answer = test.post("/v1/budgets", organization("All", "25.5")).await;
    assert_eq!(answer.header("etag"), "\"1\"");
    let location = answer.header("location").to_owned();
    let budget = answer.expect(201);
    assert_eq!(location, path(&budget));
    let expected = json!({
        "scope_id": null, "amount": "25.500000", "currency": "USD", "period": "monthly",
        "alert_thresholds": [50, 80, 100], "enforce": false, "channel_ids": [], "enabled": true,
        "used": "0.000000", "remaining": "25.500000", "used_ratio": 0.0, "projected": "0.000000", "status": "ok",
        "overridden_until": null, "override_reason": null, "managed_by": "api", "version": 1,
    });
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&budget[field], value, "{field}");
    }
    let (start, end) = (time(&budget["period_start"]), time(&budget["period_end"]));
    assert!(start <= Utc::now() && Utc::now() < end && (28..=31).contains(&(end - start).num_days()));

    let body = json!({"amount": "10", "alert_thresholds": [90], "enforce": true, "name": "Most"});
    let changed = test.patch(&path(&budget), body).await;
    assert_eq!(changed.header("etag"), "\"2\"");
    let changed = changed.expect(200);
    assert_eq!((&changed["amount"], &changed["name"]), (&json!("10.000000"), &json!("Most")));
    assert_eq!(test.get(&path(&budget)).await.expect(200)["alert_thresholds"], json!([90]));
    test.delete(&path(&budget)).await.expect(204);
    assert_eq!(test.get(&path(&budget)).await.refused(404), "not_found");
    assert_eq!(test.audited(id(&budget)).await, ["budget.create", "budget.update", "budget.delete"]);
}

#[tokio::test]
async fn every_fault_of_a_budget_is_told_at_once() {
    let test = TestApp::start().await;
    let faults = async |body: Value| {
        let answer = test.post("/v1/budgets", body).await.expect(400);
        let mut found: Vec<_> = answer["error"]["details"]["fields"]
            .as_array()
            .unwrap_or_else(|| panic!("{answer}"))
            .iter()
            .map(|fault| format!("{} {}", fault["field"].as_str().unwrap(), fault["code"].as_str().unwrap()))
            .collect();
        found.sort();
        found
    };
    let body = json!({
        "scope_type": "team", "amount": "0", "currency": "EUR", "period": "yearly", "used": "1",
        "alert_thresholds": [0, 50, 50, 201],
    });
    assert_eq!(
        faults(body).await,
        [
            "alert_thresholds.0 range",
            "alert_thresholds.2 unique",
            "alert_thresholds.3 range",
            "amount range",
            "currency enum",
            "name required",
            "period enum",
            "scope_id required",
            "used unknown",
        ]
    );
    for amount in [json!("-1"), json!("1e3"), json!("0.0000001"), json!(5), json!("100000000000000")] {
        let mut body = organization("a", "1");
        body["amount"] = amount.clone();
        let found = faults(body).await;
        assert!(found.len() == 1 && found[0].starts_with("amount "), "{amount}: {found:?}");
    }
    let nobody = "0198c0de-7a11-7c3e-9b2a-5d0f6e1a2b3c";
    let mut body = organization("a", "1");
    body["scope_id"] = json!(nobody);
    assert_eq!(faults(body).await, ["scope_id unknown"]);
    for scope_type in ["team", "user", "api_key", "server"] {
        let body = json!({"name": "a", "scope_type": scope_type, "scope_id": nobody, "amount": "1"});
        assert_eq!(faults(body).await, ["scope_id unknown"], "{scope_type}");
    }
    let mut body = organization("a", "1");
    body["channel_ids"] = json!([nobody]);
    assert_eq!(faults(body).await, ["channel_ids.0 unknown"]);
}

#[tokio::test]
async fn a_stale_version_is_refused_and_a_name_is_given_once() {
    let test = TestApp::start().await;
    let budget = make(&test, organization("a", "1")).await;
    test.patch(&path(&budget), json!({"amount": "2"})).await.expect(200);
    for method in [Method::PATCH, Method::DELETE] {
        let body = (method == Method::PATCH).then(|| json!({"amount": "3"}));
        let stale =
            test.request(ADMIN_KEY, method, &path(&budget), &[("if-match", "\"1\"")], body).await.expect(412);
        assert_eq!(stale["error"]["details"]["current_version"], 2);
    }
    let taken = test.post("/v1/budgets", organization("a", "1")).await.expect(409);
    assert_eq!(taken["error"]["details"]["field"], "name");
}

#[tokio::test]
async fn budgets_are_filtered_sorted_and_counted() {
    let test = TestApp::start().await;
    let team = test.post("/v1/teams", json!({"name": "a"})).await.expect(201);
    make(&test, organization("Alpha", "3")).await;
    make(&test, json!({"name": "Beta", "scope_type": "team", "scope_id": id(&team), "amount": "2"})).await;
    let mut enforced = organization("Gamma", "1");
    enforced["enforce"] = json!(true);
    enforced["enabled"] = json!(false);
    make(&test, enforced).await;
    for (query, total) in [
        ("scope_type=team", 1),
        (&format!("scope_id={}", id(&team)), 1),
        ("enforce=true", 1),
        ("enabled=true", 2),
        ("q=ALPH", 1),
        ("name=Alpha,Beta", 2),
    ] {
        assert_eq!(test.get(&format!("/v1/budgets?{query}")).await.expect(200)["total"], total, "{query}");
    }
    test.record(&[Call { team_id: Some(id(&team).parse().unwrap()), ..spent("1") }]).await;
    let names = async |query: &str| {
        let list = test.get(&format!("/v1/budgets?{query}")).await.expect(200);
        let budgets = list["budgets"].as_array().unwrap().iter();
        budgets.map(|budget| budget["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("sort=amount").await, ["Gamma", "Beta", "Alpha"]);
    assert_eq!(names("sort=used&limit=1&enabled=true&scope_type=team").await, ["Beta"]);
    let first = test.get("/v1/budgets?sort=-used&limit=2").await.expect(200);
    let cursor = first["next_cursor"].as_str().unwrap();
    assert_eq!(names(&format!("sort=-used&limit=2&cursor={cursor}")).await.len(), 1);
}

#[tokio::test]
async fn another_organization_sees_no_budget_of_this_one() {
    let test = TestApp::start().await;
    let budget = make(&test, organization("marked", "1")).await;
    test.record(&[spent("1")]).await;
    let (_, other) = test.other_organization().await;
    assert_eq!(test.get_as(&other, "/v1/budgets").await.expect(200)["total"], 0);
    let target = path(&budget);
    for (method, target, body) in [
        (Method::GET, target.clone(), None),
        (Method::GET, format!("{target}/usage"), None),
        (Method::PATCH, target.clone(), Some(json!({"amount": "2"}))),
        (Method::DELETE, target.clone(), None),
        (Method::POST, format!("{target}/override"), Some(json!({"until": Utc::now(), "reason": "r"}))),
    ] {
        assert_eq!(test.request(&other, method, &target, &[], body).await.refused(404), "not_found");
    }
    // The same name is free there, and nothing of here is counted.
    let theirs = test.post_as(&other, "/v1/budgets", organization("marked", "1")).await.expect(201);
    assert_eq!(theirs["used"], "0.000000");
}
