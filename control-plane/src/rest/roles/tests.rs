use http::Method;
use serde_json::{Value, json};

use crate::testing::{ADMIN_KEY, TestApp};

async fn make(test: &TestApp, body: Value) -> Value {
    test.post("/v1/roles", body).await.expect(201)
}

fn path(role: &Value) -> String {
    format!("/v1/roles/{}", role["id"].as_str().unwrap())
}

fn names(list: &Value) -> Vec<&str> {
    list["roles"].as_array().unwrap().iter().map(|role| role["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_role_is_made_read_changed_and_removed() {
    let test = TestApp::start().await;
    let body = json!({"name": "auditor", "permissions": ["audit:read", "traces:*"]});
    let answer = test.post("/v1/roles", body).await;
    assert_eq!(answer.header("etag"), "\"1\"");
    let location = answer.header("location").to_owned();
    let role = answer.expect(201);
    assert_eq!(location, path(&role));
    assert_eq!(
        (&role["description"], &role["is_builtin"], &role["user_count"], &role["managed_by"]),
        (&json!(""), &json!(false), &json!(0), &json!("api"))
    );
    let changed = test.patch(&path(&role), json!({"permissions": ["audit:*"], "description": "x"})).await;
    assert_eq!(changed.header("etag"), "\"2\"");
    let changed = changed.expect(200);
    assert_eq!((&changed["name"], &changed["permissions"]), (&json!("auditor"), &json!(["audit:*"])));
    assert_eq!(test.get(&path(&role)).await.expect(200), changed);
    test.delete(&path(&role)).await.expect(204);
    assert_eq!(test.get(&path(&role)).await.refused(404), "not_found");
    let id = role["id"].as_str().unwrap();
    assert_eq!(test.audited(id).await, ["role.create", "role.update", "role.delete"]);
}

#[tokio::test]
async fn every_fault_of_a_role_is_told_at_once() {
    let test = TestApp::start().await;
    let faults = |body: Value| async {
        let answer = test.post("/v1/roles", body).await.expect(400);
        let fields = answer["error"]["details"]["fields"].as_array().unwrap().clone();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        fields.iter().map(|fault| (text(&fault["field"]), text(&fault["code"]))).collect::<Vec<_>>()
    };
    let expected = |all: &[(&str, &str)]| -> Vec<(String, String)> {
        all.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect()
    };
    assert_eq!(faults(json!({})).await, expected(&[("name", "required"), ("permissions", "required")]));
    let body = json!({"name": "x".repeat(51), "permissions": ["mcp:*", "mcp:fly"], "is_builtin": true});
    assert_eq!(
        faults(body).await,
        expected(&[("is_builtin", "unknown"), ("name", "length"), ("permissions.1", "unknown")])
    );
    for many in [0, 101] {
        let body = json!({"name": "x", "permissions": vec!["mcp:read"; many]});
        assert_eq!(faults(body).await, expected(&[("permissions", "length")]));
    }
}

#[tokio::test]
async fn a_name_is_given_once() {
    let test = TestApp::start().await;
    make(&test, json!({"name": "auditor", "permissions": ["audit:read"]})).await;
    for name in ["auditor", "admin"] {
        let body = json!({"name": name, "permissions": ["audit:read"]});
        let refused = test.post("/v1/roles", body).await.expect(409);
        assert_eq!(
            (&refused["error"]["code"], &refused["error"]["details"]["field"]),
            (&json!("conflict"), &json!("name"))
        );
    }
}

#[tokio::test]
async fn builtin_roles_do_not_change() {
    let test = TestApp::start().await;
    let list = test.get("/v1/roles?is_builtin=true&sort=name").await.expect(200);
    let all = ["admin", "billing", "developer", "security", "team_lead", "team_member", "viewer"];
    assert_eq!(names(&list), all);
    let viewer = format!("/v1/roles/{}", test.role("viewer").await);
    assert_eq!(test.patch(&viewer, json!({"description": "x"})).await.refused(409), "immutable");
    assert_eq!(test.delete(&viewer).await.refused(409), "immutable");
    assert_eq!(test.get(&viewer).await.expect(200)["version"], 1);
}

#[tokio::test]
async fn a_role_somebody_holds_stays_and_counts_them_once() {
    let test = TestApp::start().await;
    let role = make(&test, json!({"name": "auditor", "permissions": ["audit:read"]})).await;
    let user = test.user("dev", None).await;
    let team = test.post("/v1/teams", json!({"name": "a"})).await.expect(201);
    let everywhere = json!({"user_id": user, "role_id": role["id"]});
    let everywhere = test.post("/v1/role-assignments", everywhere).await.expect(201);
    let on_team =
        json!({"user_id": user, "role_id": role["id"], "scope_type": "team", "scope_id": team["id"]});
    let on_team = test.post("/v1/role-assignments", on_team).await.expect(201);
    assert_eq!(test.get(&path(&role)).await.expect(200)["user_count"], 1);
    let refused = test.delete(&path(&role)).await.expect(409);
    assert_eq!(
        (&refused["error"]["code"], &refused["error"]["details"]["by"]),
        (&json!("in_use"), &json!("role_assignments"))
    );
    for one in [everywhere, on_team] {
        let one = format!("/v1/role-assignments/{}", one["id"].as_str().unwrap());
        test.delete(&one).await.expect(204);
    }
    test.delete(&path(&role)).await.expect(204);
    let members = format!("/v1/teams/{}/members", team["id"].as_str().unwrap());
    test.post(&members, json!({"user_id": user})).await.expect(201);
    let by_membership = test.get("/v1/roles?name=team_member").await.expect(200);
    assert_eq!(by_membership["roles"][0]["user_count"], 1);
}

#[tokio::test]
async fn nobody_puts_into_a_role_what_they_do_not_hold() {
    let test = TestApp::start().await;
    let limited = test.key_with(&["rbac:admin", "traces:read"]).await;
    let create = |permissions: Value| {
        test.post_as(&limited, "/v1/roles", json!({"name": "mine", "permissions": permissions}))
    };
    for beyond in ["*", "traces:*", "costs:read", "platform:admin"] {
        let refused = create(json!(["traces:read", beyond])).await.expect(403);
        assert_eq!(
            (&refused["error"]["code"], &refused["error"]["details"]["permission"]),
            (&json!("permission_denied"), &json!(beyond))
        );
    }
    let mine = create(json!(["traces:read:own", "rbac:*"])).await.expect(201);
    let body = Some(json!({"permissions": ["traces:read", "costs:read"]}));
    let raised = test.request(&limited, Method::PATCH, &path(&mine), &[], body).await;
    assert_eq!(raised.refused(403), "permission_denied");
    // What others put in may stay, or become less.
    test.patch(&path(&mine), json!({"permissions": ["traces:read", "costs:*"]})).await.expect(200);
    let body = Some(json!({"description": "d", "permissions": ["costs:read"]}));
    test.request(&limited, Method::PATCH, &path(&mine), &[], body).await.expect(200);
}

#[tokio::test]
async fn reading_and_changing_roles_need_their_permissions() {
    let test = TestApp::start().await;
    let reader = test.key_with(&["rbac:read", "mcp:*"]).await;
    test.get_as(&reader, "/v1/roles").await.expect(200);
    let body = json!({"name": "a", "permissions": ["mcp:read"]});
    let refused = test.post_as(&reader, "/v1/roles", body).await.expect(403);
    assert_eq!(refused["error"]["details"]["permission"], "rbac:admin");
    let nobody = test.key_with(&["mcp:*"]).await;
    assert_eq!(test.get_as(&nobody, "/v1/roles").await.refused(403), "permission_denied");
}

#[tokio::test]
async fn a_stale_version_is_refused_and_fixed_fields_too() {
    let test = TestApp::start().await;
    let role = make(&test, json!({"name": "a", "permissions": ["mcp:read"]})).await;
    test.patch(&path(&role), json!({"name": "b"})).await.expect(200);
    for method in [Method::PATCH, Method::DELETE] {
        let body = (method == Method::PATCH).then(|| json!({"name": "c"}));
        let stale =
            test.request(ADMIN_KEY, method, &path(&role), &[("if-match", "\"1\"")], body).await.expect(412);
        assert_eq!(stale["error"]["details"]["current_version"], 2);
    }
    let body = json!({"is_builtin": true, "user_count": 1, "version": 1});
    let fields = test.patch(&path(&role), body).await.expect(400)["error"]["details"]["fields"].clone();
    assert!(fields.as_array().unwrap().iter().all(|fault| fault["code"] == "read_only"), "{fields}");
    assert_eq!(fields.as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn roles_are_paged_filtered_sorted_and_counted() {
    let test = TestApp::start().await;
    for number in 0..3 {
        let body = json!({"name": format!("own {number}"), "description": "Mine", "permissions": ["mcp:*"]});
        make(&test, body).await;
    }
    let first = test.get("/v1/roles?is_builtin=false&sort=-name&limit=2").await.expect(200);
    assert_eq!((names(&first), &first["total"]), (vec!["own 2", "own 1"], &json!(3)));
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest =
        test.get(&format!("/v1/roles?is_builtin=false&sort=-name&limit=2&cursor={cursor}")).await.expect(200);
    assert_eq!((names(&rest), &rest["has_more"]), (vec!["own 0"], &json!(false)));
    assert_eq!(test.get("/v1/roles?q=MINE").await.expect(200)["total"], 3);
    assert_eq!(test.get("/v1/roles?name=admin,viewer,nobody").await.expect(200)["total"], 2);
    assert_eq!(test.get("/v1/roles?color=red").await.refused(400), "invalid_request");
}

#[tokio::test]
async fn another_organization_sees_no_role_of_this_one() {
    let test = TestApp::start().await;
    let role = make(&test, json!({"name": "marked", "permissions": ["mcp:*"]})).await;
    let (_, other) = test.other_organization().await;
    assert_eq!(test.get_as(&other, "/v1/roles?name=marked").await.expect(200)["total"], 0);
    for method in [Method::GET, Method::PATCH, Method::DELETE] {
        let body = (method == Method::PATCH).then(|| json!({"name": "b"}));
        assert_eq!(test.request(&other, method, &path(&role), &[], body).await.refused(404), "not_found");
    }
}
