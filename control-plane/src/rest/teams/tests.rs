use http::Method;
use serde_json::{Value, json};

use crate::testing::{ADMIN_KEY, TestApp};

async fn make(test: &TestApp, body: Value) -> Value {
    test.post("/v1/teams", body).await.expect(201)
}

fn path(team: &Value) -> String {
    format!("/v1/teams/{}", team["id"].as_str().unwrap())
}

fn names(list: &Value) -> Vec<&str> {
    list["teams"].as_array().unwrap().iter().map(|team| team["name"].as_str().unwrap()).collect()
}

/// A key of a new user who leads the team.
async fn lead_of(test: &TestApp, team: &Value, role: Option<&str>) -> String {
    let user = test.user("lead", role).await;
    let body = json!({"user_id": user, "role": "lead"});
    test.post(&format!("{}/members", path(team)), body).await.expect(201);
    test.key_of(user).await
}

#[tokio::test]
async fn a_team_is_made_read_changed_and_removed() {
    let test = TestApp::start().await;
    let body = json!({"name": "Platform & Tools", "settings": {"color": "red", "size": 3}});
    let answer = test.post("/v1/teams", body).await;
    assert_eq!(answer.header("etag"), "\"1\"");
    let location = answer.header("location").to_owned();
    let team = answer.expect(201);
    assert_eq!(location, path(&team));
    assert_eq!(
        (&team["slug"], &team["description"], &team["member_count"], &team["managed_by"]),
        (&json!("platform-tools"), &json!(""), &json!(0), &json!("api"))
    );
    let body = json!({"name": "Platform", "description": "d", "settings": {"color": null}});
    let changed = test.patch(&path(&team), body).await;
    assert_eq!(changed.header("etag"), "\"2\"");
    let changed = changed.expect(200);
    assert_eq!(
        (&changed["name"], &changed["slug"], &changed["settings"]),
        (&json!("Platform"), &json!("platform-tools"), &json!({"size": 3})),
        "a slug in use stays until it is changed itself"
    );
    let anew = test.patch(&path(&team), json!({"slug": null})).await.expect(200);
    assert_eq!(anew["slug"], "platform");
    assert_eq!(test.get(&path(&team)).await.expect(200), anew);
    test.delete(&path(&team)).await.expect(204);
    assert_eq!(test.get(&path(&team)).await.refused(404), "not_found");
    let id = team["id"].as_str().unwrap();
    assert_eq!(test.audited(id).await, ["team.create", "team.update", "team.update", "team.delete"]);
}

#[tokio::test]
async fn names_and_slugs_are_given_once_and_a_slug_from_a_name_is_free() {
    let test = TestApp::start().await;
    make(&test, json!({"name": "R&D"})).await;
    assert_eq!(make(&test, json!({"name": "R/D"})).await["slug"], "r-d-2");
    assert_eq!(make(&test, json!({"name": "R.D"})).await["slug"], "r-d-3");
    assert_eq!(make(&test, json!({"name": "研究"})).await["slug"], "team");
    let long = make(&test, json!({"name": format!("{}-b", "a".repeat(98))})).await;
    assert_eq!(long["slug"], "a".repeat(90));
    test.patch(&path(&long), json!({"description": "d"})).await.expect(200);
    for (body, field) in [(json!({"name": "R&D"}), "name"), (json!({"name": "x", "slug": "r-d"}), "slug")] {
        let refused = test.post("/v1/teams", body).await.expect(409);
        assert_eq!(
            (&refused["error"]["code"], &refused["error"]["details"]["field"]),
            (&json!("conflict"), &json!(field))
        );
    }
}

#[tokio::test]
async fn every_fault_of_a_team_is_told_at_once() {
    let test = TestApp::start().await;
    let body = json!({"slug": "No Slug", "settings": [], "member_count": 1});
    let answer = test.post("/v1/teams", body).await.expect(400);
    let mut found: Vec<_> = answer["error"]["details"]["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| (fault["field"].as_str().unwrap(), fault["code"].as_str().unwrap()))
        .collect();
    found.sort_unstable();
    let expected =
        [("member_count", "unknown"), ("name", "required"), ("settings", "type"), ("slug", "format")];
    assert_eq!(found, expected);
    let team = make(&test, json!({"name": "a"})).await;
    let refused = test.patch(&path(&team), json!({"member_count": 1, "id": "x"})).await.expect(400);
    let fields = refused["error"]["details"]["fields"].as_array().unwrap().clone();
    assert!(fields.len() == 2 && fields.iter().all(|fault| fault["code"] == "read_only"));
}

#[tokio::test]
async fn a_stale_version_is_refused() {
    let test = TestApp::start().await;
    let team = make(&test, json!({"name": "a"})).await;
    test.patch(&path(&team), json!({"name": "b"})).await.expect(200);
    for method in [Method::PATCH, Method::DELETE] {
        let body = (method == Method::PATCH).then(|| json!({"name": "c"}));
        let stale =
            test.request(ADMIN_KEY, method, &path(&team), &[("if-match", "\"1\"")], body).await.expect(412);
        assert_eq!(stale["error"]["details"]["current_version"], 2);
    }
    let known = test.request(ADMIN_KEY, Method::GET, &path(&team), &[("if-none-match", "\"2\"")], None).await;
    assert_eq!(known.status.as_u16(), 304);
}

#[tokio::test]
async fn a_lead_sees_and_changes_their_team_only() {
    let test = TestApp::start().await;
    let (ours, theirs) =
        (make(&test, json!({"name": "ours"})).await, make(&test, json!({"name": "theirs"})).await);
    let lead = lead_of(&test, &ours, None).await;
    let list = test.get_as(&lead, "/v1/teams").await.expect(200);
    assert_eq!((names(&list), &list["total"]), (vec!["ours"], &json!(1)));
    assert_eq!(list["teams"][0]["member_count"], 1);
    let rename = |team: &Value, name: &str| (path(team), Some(json!({"description": format!("of {name}")})));
    let (target, body) = rename(&ours, "ours");
    test.request(&lead, Method::PATCH, &target, &[], body).await.expect(200);
    let (target, body) = rename(&theirs, "theirs");
    assert_eq!(test.request(&lead, Method::PATCH, &target, &[], body).await.refused(404), "not_found");
    for method in [Method::GET, Method::DELETE] {
        let answer = test.request(&lead, method, &path(&theirs), &[], None).await;
        assert_eq!(answer.refused(404), "not_found");
    }
    let made = test.post_as(&lead, "/v1/teams", json!({"name": "new"})).await.expect(403);
    assert_eq!(made["error"]["details"]["permission"], "teams:admin");
}

#[tokio::test]
async fn a_lead_who_may_read_all_teams_changes_theirs_only() {
    let test = TestApp::start().await;
    let (ours, theirs) =
        (make(&test, json!({"name": "ours"})).await, make(&test, json!({"name": "theirs"})).await);
    let lead = lead_of(&test, &ours, Some("developer")).await;
    assert_eq!(test.get_as(&lead, "/v1/teams?sort=name").await.expect(200)["total"], 2);
    test.get_as(&lead, &path(&theirs)).await.expect(200);
    let body = Some(json!({"name": "mine"}));
    let refused = test.request(&lead, Method::PATCH, &path(&theirs), &[], body).await;
    assert_eq!(refused.refused(404), "not_found");
}

#[tokio::test]
async fn reading_and_changing_teams_need_their_permissions() {
    let test = TestApp::start().await;
    let reader = test.key_with(&["teams:read"]).await;
    let team = make(&test, json!({"name": "a"})).await;
    test.get_as(&reader, &path(&team)).await.expect(200);
    let answer = test.request(&reader, Method::DELETE, &path(&team), &[], None).await.expect(403);
    assert_eq!(answer["error"]["details"]["permission"], "teams:admin");
    let nobody = test.key_with(&["mcp:*"]).await;
    assert_eq!(test.get_as(&nobody, "/v1/teams").await.refused(403), "permission_denied");
}

#[tokio::test]
async fn with_a_team_goes_what_was_granted_on_it_and_its_keys_stay() {
    let test = TestApp::start().await;
    let team = make(&test, json!({"name": "a"})).await;
    let lead = lead_of(&test, &team, None).await;
    let user = test.user("dev", None).await;
    let role = test.role("viewer").await;
    let body = json!({"user_id": user, "role_id": role, "scope_type": "team", "scope_id": team["id"]});
    test.post("/v1/role-assignments", body).await.expect(201);
    let key = test.post("/v1/api-keys", json!({"name": "k", "team_id": team["id"]})).await.expect(201);
    test.delete(&path(&team)).await.expect(204);
    assert_eq!(test.get_as(&lead, "/v1/teams").await.refused(403), "permission_denied");
    let given = test.get(&format!("/v1/role-assignments?user_id={user}")).await.expect(200);
    assert_eq!(given["total"], 0);
    let key = test.get(&format!("/v1/api-keys/{}", key["id"].as_str().unwrap())).await.expect(200);
    assert_eq!((&key["team_id"], &key["status"]), (&Value::Null, &json!("active")));
}

#[tokio::test]
async fn teams_are_paged_filtered_sorted_and_counted() {
    let test = TestApp::start().await;
    for name in ["Alpha", "Beta", "Gamma"] {
        make(&test, json!({"name": name, "description": "Of the test"})).await;
    }
    let first = test.get("/v1/teams?sort=name&limit=2").await.expect(200);
    assert_eq!((names(&first), &first["total"]), (vec!["Alpha", "Beta"], &json!(3)));
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = test.get(&format!("/v1/teams?sort=name&limit=2&cursor={cursor}")).await.expect(200);
    assert_eq!((names(&rest), &rest["has_more"]), (vec!["Gamma"], &json!(false)));
    let newest = test.get("/v1/teams?offset=0&limit=1").await.expect(200);
    assert_eq!((names(&newest), &newest["offset"]), (vec!["Gamma"], &json!(0)));
    for (query, total) in [("q=TEST", 3), ("slug=alpha,beta", 2), ("name=Gamma", 1), ("q=alp%25", 0)] {
        assert_eq!(test.get(&format!("/v1/teams?{query}")).await.expect(200)["total"], total, "{query}");
    }
    assert_eq!(test.get("/v1/teams?color=red").await.refused(400), "invalid_request");
}

#[tokio::test]
async fn another_organization_sees_no_team_of_this_one() {
    let test = TestApp::start().await;
    let team = make(&test, json!({"name": "marked"})).await;
    let (_, other) = test.other_organization().await;
    assert_eq!(test.get_as(&other, "/v1/teams").await.expect(200)["total"], 0);
    for method in [Method::GET, Method::PATCH, Method::DELETE] {
        let body = (method == Method::PATCH).then(|| json!({"name": "b"}));
        assert_eq!(test.request(&other, method, &path(&team), &[], body).await.refused(404), "not_found");
    }
    // The same name is free there.
    test.post_as(&other, "/v1/teams", json!({"name": "marked"})).await.expect(201);
}
