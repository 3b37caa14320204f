//! What counts, what it was used for, and what is told of it.

use super::*;

#[tokio::test]
async fn a_budget_counts_what_its_period_has_cost_before_it_was_made() {
    let test = TestApp::start().await;
    let long_ago = Utc::now() - Duration::days(70);
    test.record(&[spent("0.6"), spent("0.000001"), Call { started_at: long_ago, ..spent("9") }]).await;
    let budget = make(&test, organization("a", "1")).await;
    assert_eq!(
        (&budget["used"], &budget["remaining"], &budget["status"]),
        (&json!("0.600001"), &json!("0.399999"), &json!("warning"))
    );
    assert_eq!(told(&test).await, events(&[("threshold_reached", 50)]), "its people hear of it at once");
    test.record(&[spent("0.4"), Call { started_at: long_ago, ..spent("9") }]).await;
    let budget = test.get(&path(&budget)).await.expect(200);
    assert_eq!(
        (&budget["used"], &budget["remaining"], &budget["status"]),
        (&json!("1.000001"), &json!("0.000000"), &json!("exceeded"))
    );
}

#[tokio::test]
async fn only_what_a_budget_is_about_counts() {
    let test = TestApp::start().await;
    let user = test.user("ann", None).await;
    let team = test.add_team("a", &[user.0]).await;
    let (key, _) = test.personal_key(user.0).await;
    let server = json!({"name": "files", "url": "http://127.0.0.1:1/mcp"});
    let server = test.post("/v1/mcp-servers", server).await.expect(201);
    let mut budgets = Vec::new();
    for (scope_type, scope) in [
        ("team", team.to_string()),
        ("user", user.to_string()),
        ("api_key", key.to_string()),
        ("server", id(&server).to_owned()),
    ] {
        let body = json!({"name": scope_type, "scope_type": scope_type, "scope_id": scope, "amount": "9"});
        budgets.push(make(&test, body).await);
    }
    budgets.push(make(&test, organization("all", "9")).await);
    let other = |cost: &'static str| Call { mcp_server: "github", ..spent(cost) };
    test.record(&[
        Call { team_id: Some(team), ..other("0.1") },
        Call { user_id: Some(user.0), ..other("0.02") },
        Call { api_key_id: Some(key), ..other("0.003") },
        spent("0.0004"),
        other("0.00005"),
    ])
    .await;
    let mut used = Vec::new();
    for budget in &budgets {
        used.push(test.get(&path(budget)).await.expect(200)["used"].clone());
    }
    assert_eq!(used, ["0.100000", "0.020000", "0.003000", "0.000400", "0.123450"]);

    // What the server cost still counts when it is gone.
    test.delete("/v1/mcp-servers/files").await.expect(204);
    test.record(&[spent("1")]).await;
    assert_eq!(test.get(&path(&budgets[3])).await.expect(200)["used"], "1.000400");
}

#[tokio::test]
async fn a_budget_about_something_else_counts_anew() {
    let test = TestApp::start().await;
    let team = test.add_team("a", &[]).await;
    let budget = make(&test, organization("a", "10")).await;
    test.record(&[spent("4"), Call { team_id: Some(team), ..spent("6") }]).await;
    assert_eq!(test.get(&path(&budget)).await.expect(200)["used"], "10.000000");
    let body = json!({"scope_type": "team", "scope_id": team});
    let moved = test.patch(&path(&budget), body).await.expect(200);
    assert_eq!((&moved["used"], &moved["status"]), (&json!("6.000000"), &json!("warning")));
    test.record(&[spent("4"), Call { team_id: Some(team), ..spent("1") }]).await;
    let daily = test.patch(&path(&budget), json!({"period": "daily"})).await.expect(200);
    assert_eq!(daily["used"], "7.000000");
    assert_eq!((time(&daily["period_end"]) - time(&daily["period_start"])).num_hours(), 24);
}

#[tokio::test]
async fn another_amount_takes_back_what_was_passed_and_tells_it_anew() {
    let test = TestApp::start().await;
    let mut body = organization("a", "1");
    body["enforce"] = json!(true);
    let budget = make(&test, body).await;
    test.record(&[spent("1")]).await;
    assert_eq!(test.get(&path(&budget)).await.expect(200)["status"], "blocked");
    let all = [("threshold_reached", 50), ("threshold_reached", 80), ("exceeded", 100)];
    assert_eq!(told(&test).await, events(&all));

    let raised = test.patch(&path(&budget), json!({"amount": "1.5"})).await.expect(200);
    assert_eq!(raised["status"], "warning");
    assert_eq!(told(&test).await.len(), 3, "what stays passed is not told again");
    test.record(&[spent("0.5")]).await;
    let twice = [&all[..], &all[1..]].concat();
    assert_eq!(told(&test).await, events(&twice));

    test.patch(&path(&budget), json!({"enabled": false, "amount": "100"})).await.expect(200);
    test.record(&[spent("99")]).await;
    assert_eq!(told(&test).await.len(), 5, "a disabled budget tells nothing");
    let enabled = test.patch(&path(&budget), json!({"enabled": true})).await.expect(200);
    assert_eq!((&enabled["used"], &enabled["status"]), (&json!("100.500000"), &json!("blocked")));
}

#[tokio::test]
async fn what_is_told_names_the_budget_and_where_it_stands() {
    let test = TestApp::start().await;
    let mut body = organization("a", "2");
    body["alert_thresholds"] = json!([120]);
    let budget = make(&test, body).await;
    test.record(&[spent("2.5")]).await;
    assert_eq!(told(&test).await, events(&[("exceeded", 100), ("threshold_reached", 120)]));
    let mut tx = test.app.database.worker().await.unwrap();
    let payload: Value = sqlx::query_scalar("select payload from outbox where event = 'budget.exceeded'")
        .fetch_one(&mut *tx)
        .await
        .unwrap();
    for field in
        ["id", "name", "scope_type", "scope_id", "amount", "currency", "period", "enforce", "channel_ids"]
    {
        assert_eq!(payload[field], budget[field], "{field}");
    }
    assert_eq!((&payload["used"], &payload["used_ratio"]), (&json!("2.500000"), &json!(1.25)));
    assert_eq!(time(&payload["period_end"]), time(&budget["period_end"]));
}

#[tokio::test]
async fn usage_shows_what_the_period_was_used_for() {
    let test = TestApp::start().await;
    let user = test.user("ann", None).await;
    let (key, _) = test.personal_key(user.0).await;
    let budget = make(&test, organization("a", "10")).await;
    test.record(&[
        Call { api_key_id: Some(key), ..spent("3") },
        Call { mcp_server: "github", ..spent("1") },
        Call { mcp_server: "github", started_at: Utc::now() - Duration::days(70), ..spent("100") },
    ])
    .await;
    let usage = test.get(&format!("{}/usage?periods=36", path(&budget))).await.expect(200);
    assert_eq!(
        (&usage["current"]["used"], &usage["current"]["used_ratio"], &usage["current"]["remaining"]),
        (&json!("4.000000"), &json!(0.4), &json!("6.000000"))
    );
    assert_eq!(usage["history"], json!([]), "it has counted no other period");
    let today = usage["daily"].as_array().unwrap().last().unwrap();
    assert_eq!(today, &json!({"date": Utc::now().date_naive(), "used": "4.000000"}));
    assert_eq!(
        usage["top_servers"],
        json!([
            {"mcp_server": "files", "used": "3.000000", "share": 0.75},
            {"mcp_server": "github", "used": "1.000000", "share": 0.25},
        ])
    );
    assert_eq!(
        usage["top_keys"],
        json!([
            {"api_key_id": key, "api_key_name": "personal", "used": "3.000000", "share": 0.75},
            {"api_key_id": null, "api_key_name": null, "used": "1.000000", "share": 0.25},
        ])
    );
    for periods in ["0", "37", "x"] {
        let answer = test.get(&format!("{}/usage?periods={periods}", path(&budget))).await;
        assert_eq!(answer.refused(400), "invalid_request", "{periods}");
    }
}
