//! Who looks after one team sees and changes its budgets only.

use super::*;
use crate::id::UserId;

/// A team with a budget, and the key of its lead.
async fn team_with_lead(test: &TestApp, name: &str) -> (Value, Value, String) {
    let team = test.post("/v1/teams", json!({"name": name})).await.expect(201);
    let lead: UserId = test.user(&format!("lead-of-{name}"), None).await;
    let body = json!({"user_id": lead, "role": "lead"});
    test.post(&format!("/v1/teams/{}/members", id(&team)), body).await.expect(201);
    let budget = json!({"name": name, "scope_type": "team", "scope_id": id(&team), "amount": "1"});
    (make(test, budget).await, team, test.key_of(lead).await)
}

#[tokio::test]
async fn a_lead_sees_and_changes_budgets_of_their_team_only() {
    let test = TestApp::start().await;
    let (ours, our_team, lead) = team_with_lead(&test, "ours").await;
    let (theirs, their_team, _) = team_with_lead(&test, "theirs").await;
    let whole = make(&test, organization("whole", "5")).await;
    let list = test.get_as(&lead, "/v1/budgets").await.expect(200);
    assert_eq!((&list["total"], &list["budgets"][0]["id"]), (&json!(1), &ours["id"]));

    let patch = async |budget: &Value, body: Value| {
        test.request(&lead, Method::PATCH, &path(budget), &[], Some(body)).await
    };
    patch(&ours, json!({"amount": "2", "enforce": true})).await.expect(200);
    for budget in [&theirs, &whole] {
        assert_eq!(test.get_as(&lead, &path(budget)).await.refused(404), "not_found");
        assert_eq!(test.get_as(&lead, &format!("{}/usage", path(budget))).await.refused(404), "not_found");
        assert_eq!(patch(budget, json!({"amount": "2"})).await.refused(404), "not_found");
        let answer = test.request(&lead, Method::DELETE, &path(budget), &[], None).await;
        assert_eq!(answer.refused(404), "not_found");
    }
    let another =
        |team: &Value| json!({"name": "new", "scope_type": "team", "scope_id": id(team), "amount": "1"});
    for body in [another(&their_team), organization("new", "1")] {
        let refused = test.post_as(&lead, "/v1/budgets", body).await.expect(403);
        assert_eq!(refused["error"]["details"]["permission"], "budgets:admin");
    }
    let moved = patch(&ours, json!({"scope_id": id(&their_team)})).await;
    assert_eq!(moved.refused(403), "permission_denied", "a budget cannot be moved out of reach");
    let moved = patch(&ours, json!({"scope_type": "organization", "scope_id": null})).await;
    assert_eq!(moved.refused(403), "permission_denied");

    let made = test.post_as(&lead, "/v1/budgets", another(&our_team)).await.expect(201);
    let until = made["period_end"].clone();
    let lift = json!({"until": until, "reason": "release week"});
    test.post_as(&lead, &format!("{}/override", path(&ours)), lift).await.expect(200);
    test.request(&lead, Method::DELETE, &path(&made), &[], None).await.expect(204);
}

#[tokio::test]
async fn a_member_of_a_team_reads_its_budgets_and_changes_none() {
    let test = TestApp::start().await;
    let (budget, team, _) = team_with_lead(&test, "ours").await;
    let member = test.user("member", None).await;
    test.post(&format!("/v1/teams/{}/members", id(&team)), json!({"user_id": member})).await.expect(201);
    let member = test.key_of(member).await;
    test.get_as(&member, &format!("{}/usage", path(&budget))).await.expect(200);
    let answer =
        test.request(&member, Method::PATCH, &path(&budget), &[], Some(json!({"amount": "9"}))).await;
    assert_eq!(answer.expect(403)["error"]["details"]["permission"], "budgets:admin");
    let outsider = test.key_with(&["mcp:*"]).await;
    assert_eq!(test.get_as(&outsider, "/v1/budgets").await.refused(403), "permission_denied");
}
