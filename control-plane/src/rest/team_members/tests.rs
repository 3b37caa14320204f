use http::Method;
use serde_json::{Value, json};

use crate::{
    id::UserId,
    testing::{ADMIN_KEY, TestApp},
};

/// The path of the members of a new team.
async fn members(test: &TestApp, team: &str) -> String {
    let team = test.post("/v1/teams", json!({"name": team})).await.expect(201);
    format!("/v1/teams/{}/members", team["id"].as_str().unwrap())
}

async fn add(test: &TestApp, members: &str, user: UserId, role: &str) -> Value {
    test.post(members, json!({"user_id": user, "role": role})).await.expect(201)
}

#[tokio::test]
async fn a_member_joins_rises_and_leaves() {
    let test = TestApp::start().await;
    let members = members(&test, "a").await;
    let user = test.user("dev", None).await;
    let answer = test.post(&members, json!({"user_id": user})).await;
    let location = answer.header("location").to_owned();
    let member = answer.expect(201);
    assert_eq!(location, format!("{members}/{user}"));
    assert_eq!(
        (&member["user_id"], &member["email"], &member["name"], &member["role"]),
        (&json!(user), &json!("dev@example.com"), &json!("dev"), &json!("member"))
    );
    let list = test.get(&members).await.expect(200);
    assert_eq!((&list["members"], &list["total"]), (&json!([member]), &json!(1)));
    let raised = test.patch(&location, json!({"role": "lead"})).await.expect(200);
    assert_eq!((&raised["role"], &raised["created_at"]), (&json!("lead"), &member["created_at"]));
    let cleared = test.patch(&location, json!({"role": null})).await.expect(200);
    assert_eq!(cleared["role"], "member");
    test.delete(&location).await.expect(204);
    assert_eq!(test.delete(&location).await.refused(404), "not_found");
    assert_eq!(test.patch(&location, json!({"role": "lead"})).await.refused(404), "not_found");
    let expected = ["team_member.create", "team_member.update", "team_member.update", "team_member.delete"];
    assert_eq!(test.audited(&user.to_string()).await, expected);
}

#[tokio::test]
async fn a_member_is_a_user_of_the_organization_and_joins_once() {
    let test = TestApp::start().await;
    let members = members(&test, "a").await;
    let user = test.user("dev", None).await;
    add(&test, &members, user, "member").await;
    let twice = test.post(&members, json!({"user_id": user, "role": "lead"})).await.expect(409);
    assert_eq!(
        (&twice["error"]["code"], &twice["error"]["details"]["field"]),
        (&json!("conflict"), &json!("user_id"))
    );
    for (body, field, code) in [
        (json!({}), "user_id", "required"),
        (json!({"user_id": UserId::new()}), "user_id", "unknown"),
        (json!({"user_id": user, "role": "boss"}), "role", "enum"),
    ] {
        let answer = test.post(&members, body).await.expect(400);
        let fault = &answer["error"]["details"]["fields"][0];
        assert_eq!((&fault["field"], &fault["code"]), (&json!(field), &json!(code)));
    }
    let body = json!({"user_id": user, "email": "x", "created_at": "x"});
    let answer = test.patch(&format!("{members}/{user}"), body).await.expect(400);
    let fields = answer["error"]["details"]["fields"].as_array().unwrap().clone();
    assert!(fields.len() == 3 && fields.iter().all(|fault| fault["code"] == "read_only"));
    for nothing in ["/v1/teams/x/members", "/v1/teams/x/members/y"] {
        let method = if nothing.ends_with('y') { Method::DELETE } else { Method::GET };
        assert_eq!(test.request(ADMIN_KEY, method, nothing, &[], None).await.refused(404), "not_found");
    }
}

#[tokio::test]
async fn a_lead_manages_the_members_of_their_team_only() {
    let test = TestApp::start().await;
    let (ours, theirs) = (members(&test, "ours").await, members(&test, "theirs").await);
    let (lead, user) = (test.user("lead", Some("developer")).await, test.user("dev", None).await);
    add(&test, &ours, lead, "lead").await;
    add(&test, &theirs, lead, "member").await;
    let key = test.key_of(lead).await;

    test.post_as(&key, &ours, json!({"user_id": user})).await.expect(201);
    let member = format!("{ours}/{user}");
    test.request(&key, Method::PATCH, &member, &[], Some(json!({"role": "lead"}))).await.expect(200);
    test.request(&key, Method::DELETE, &member, &[], None).await.expect(204);

    // A developer sees every team.
    test.get_as(&key, &theirs).await.expect(200);
    let refused = test.post_as(&key, &theirs, json!({"user_id": user})).await;
    assert_eq!(refused.refused(404), "not_found");
    let own = format!("{theirs}/{lead}");
    let raise = test.request(&key, Method::PATCH, &own, &[], Some(json!({"role": "lead"}))).await;
    assert_eq!(raise.refused(404), "not_found", "nobody makes themselves a lead");
    assert_eq!(test.request(&key, Method::DELETE, &own, &[], None).await.refused(404), "not_found");
}

#[tokio::test]
async fn nobody_makes_a_member_of_a_team_who_may_more_there_than_themselves() {
    let test = TestApp::start().await;
    let members = members(&test, "a").await;
    let user = test.user("dev", None).await;
    let body = |role: &str| Some(json!({"user_id": user, "role": role}));
    let key = test.key_with(&["teams:admin"]).await;
    let refused = test.request(&key, Method::POST, &members, &[], body("lead")).await;
    assert_eq!(refused.refused(403), "permission_denied");

    // Enough for a member, not for a lead.
    let held = ["teams:admin", "mcp:*", "traces:read", "costs:read", "budgets:read", "approvals:*"];
    let key = test.key_with(&held).await;
    test.request(&key, Method::POST, &members, &[], body("member")).await.expect(201);
    let path = format!("{members}/{user}");
    let raise = test.request(&key, Method::PATCH, &path, &[], Some(json!({"role": "lead"}))).await;
    assert_eq!(raise.expect(403)["error"]["details"]["permission"], "budgets:admin");
}

#[tokio::test]
async fn a_membership_counts_at_once_and_ends_at_once() {
    let test = TestApp::start().await;
    let members = members(&test, "ours").await;
    let user = test.user("dev", None).await;
    let key = test.key_of(user).await;
    assert_eq!(test.get_as(&key, &members).await.refused(403), "permission_denied");
    let body = Some(json!({"role": "member"}));
    for (role, status) in [("member", 403), ("lead", 200)] {
        let member = format!("{members}/{user}");
        add(&test, &members, user, role).await;
        let answer = test.request(&key, Method::PATCH, &member, &[], body.clone()).await;
        assert_eq!(answer.status.as_u16(), status, "{role}: {}", answer.text);
        test.delete(&member).await.expect(204);
    }
    assert_eq!(test.get_as(&key, &members).await.refused(403), "permission_denied");
}

#[tokio::test]
async fn members_are_paged_filtered_sorted_and_counted() {
    let test = TestApp::start().await;
    let members = members(&test, "a").await;
    for (name, role) in [("carol", "member"), ("alice", "lead"), ("bob", "member")] {
        let user = test.user(name, None).await;
        add(&test, &members, user, role).await;
    }
    let names = |list: &Value| -> Vec<String> {
        let rows = list["members"].as_array().unwrap().iter();
        rows.map(|row| row["name"].as_str().unwrap().to_owned()).collect()
    };
    let first = test.get(&format!("{members}?sort=name&limit=2")).await.expect(200);
    assert_eq!((names(&first), &first["total"]), (vec!["alice".into(), "bob".into()], &json!(3)));
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = test.get(&format!("{members}?sort=name&limit=2&cursor={cursor}")).await.expect(200);
    assert_eq!((names(&rest), &rest["has_more"]), (vec!["carol".into()], &json!(false)));
    assert_eq!(names(&test.get(&members).await.expect(200)), ["bob", "alice", "carol"]);
    assert_eq!(names(&test.get(&format!("{members}?role=lead")).await.expect(200)), ["alice"]);
    assert_eq!(names(&test.get(&format!("{members}?q=BOB@")).await.expect(200)), ["bob"]);
    assert_eq!(names(&test.get(&format!("{members}?sort=-email&limit=1")).await.expect(200)), ["carol"]);
    assert_eq!(test.get(&format!("{members}?role=boss")).await.refused(400), "invalid_request");
}

#[tokio::test]
async fn another_organization_sees_no_member_of_this_one() {
    let test = TestApp::start().await;
    let members = members(&test, "a").await;
    let user = test.user("dev", None).await;
    add(&test, &members, user, "member").await;
    let (_, other) = test.other_organization().await;
    assert_eq!(test.get_as(&other, &members).await.refused(404), "not_found");
    assert_eq!(test.post_as(&other, &members, json!({"user_id": user})).await.refused(404), "not_found");
    let member = format!("{members}/{user}");
    for method in [Method::PATCH, Method::DELETE] {
        let body = (method == Method::PATCH).then(|| json!({"role": "lead"}));
        assert_eq!(test.request(&other, method, &member, &[], body).await.refused(404), "not_found");
    }
    // Nor can it take this one's people into a team of its own.
    let team = test.post_as(&other, "/v1/teams", json!({"name": "b"})).await.expect(201);
    let theirs = format!("/v1/teams/{}/members", team["id"].as_str().unwrap());
    assert_eq!(
        test.post_as(&other, &theirs, json!({"user_id": user})).await.refused(400),
        "validation_error"
    );
}
