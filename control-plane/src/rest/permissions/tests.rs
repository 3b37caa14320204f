use http::Method;
use serde_json::{Value, json};

use crate::{
    auth::permission::PERMISSIONS,
    id::UserId,
    testing::{ADMIN_KEY, TestApp},
};

async fn check(test: &TestApp, key: &str, body: Value) -> Value {
    test.post_as(key, "/v1/permissions/check", body).await.expect(200)
}

/// Makes the user a lead of a new team; answers the team's id.
async fn lead_of(test: &TestApp, user: UserId, team: &str) -> String {
    let team = test.post("/v1/teams", json!({"name": team})).await.expect(201);
    let id = team["id"].as_str().unwrap().to_owned();
    let body = json!({"user_id": user, "role": "lead"});
    test.post(&format!("/v1/teams/{id}/members"), body).await.expect(201);
    id
}

#[tokio::test]
async fn any_credential_sees_every_permission_with_its_text() {
    let test = TestApp::start().await;
    let nobody = test.key_with(&["mcp:call"]).await;
    let list = test.get_as(&nobody, "/v1/permissions").await.expect(200);
    let rows = list["permissions"].as_array().unwrap();
    assert_eq!((rows.len(), &list["total"]), (PERMISSIONS.len(), &json!(PERMISSIONS.len())));
    assert_eq!((&list["has_more"], &list["next_cursor"]), (&json!(false), &Value::Null));
    assert!(rows.iter().all(|row| !row["description"].as_str().unwrap().is_empty()));
    let keys_read = rows.iter().find(|row| row["permission"] == "keys:read").unwrap();
    assert_eq!((&keys_read["category"], &keys_read["supports_own"]), (&json!("keys"), &json!(true)));
    assert_eq!(test.get_as("", "/v1/permissions").await.refused(401), "missing_credentials");
}

#[tokio::test]
async fn the_permissions_are_paged_and_filtered_like_any_list() {
    let test = TestApp::start().await;
    let names = |list: &Value| -> Vec<String> {
        let rows = list["permissions"].as_array().unwrap().iter();
        rows.map(|row| row["permission"].as_str().unwrap().to_owned()).collect()
    };
    let few = test.get("/v1/permissions?category=mcp,sso&sort=permission").await.expect(200);
    assert_eq!(names(&few), ["mcp:call", "mcp:read", "sso:admin", "sso:read"]);
    let mut path = "/v1/permissions?limit=20".to_owned();
    let mut seen = Vec::new();
    loop {
        let page = test.get(&path).await.expect(200);
        seen.extend(names(&page));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/v1/permissions?limit=20&cursor={cursor}");
    }
    assert_eq!(seen, PERMISSIONS.iter().map(|one| one.0).collect::<Vec<_>>());
    let last = test.get("/v1/permissions?offset=35").await.expect(200);
    assert_eq!(names(&last), ["platform:admin"]);
    assert_eq!(test.get("/v1/permissions?color=red").await.refused(400), "invalid_request");
}

#[tokio::test]
async fn a_check_names_the_role_and_where_it_was_given() {
    let test = TestApp::start().await;
    let user = test.user("dev", Some("developer")).await;
    let team = lead_of(&test, user, "Platform").await;
    let check = |body: Value| check(&test, ADMIN_KEY, body);

    let by_role = check(json!({"permission": "users:read", "user_id": user})).await;
    assert_eq!(
        (&by_role["allowed"], &by_role["reason"]),
        (&json!(true), &json!("granted by the role developer globally"))
    );
    let list = test.get(&format!("/v1/role-assignments?user_id={user}")).await.expect(200);
    assert_eq!(by_role["assignment_id"], list["role_assignments"][0]["id"]);

    let on_team = check(json!({"permission": "teams:admin", "user_id": user, "team_id": team})).await;
    let expected = json!({"allowed": true, "reason": "granted by the role team_lead on the team Platform", "assignment_id": null});
    assert_eq!(on_team, expected);
    for (body, reason) in [
        (json!({"permission": "teams:admin"}), "the role team_lead grants it on the team Platform only"),
        (json!({"permission": "sso:admin"}), "no role grants it"),
        (
            json!({"permission": "keys:revoke", "mcp_server": "files"}),
            "the role team_lead grants it on the team Platform only",
        ),
    ] {
        let mut body = body;
        body["user_id"] = json!(user);
        let answer = check(body).await;
        assert_eq!((&answer["allowed"], &answer["reason"]), (&json!(false), &json!(reason)));
    }
}

#[tokio::test]
async fn a_grant_on_a_server_counts_for_its_name_and_its_id() {
    let test = TestApp::start().await;
    let user = test.user("dev", None).await;
    let server = json!({"name": "files", "url": "http://127.0.0.1:1/mcp"});
    let server = test.post("/v1/mcp-servers", server).await.expect(201)["id"].clone();
    let role = test.role("viewer").await;
    let body = json!({"user_id": user, "role_id": role, "scope_type": "server", "scope_id": server});
    let assignment = test.post("/v1/role-assignments", body).await.expect(201);
    for name in [json!("files"), server] {
        let body = json!({"permission": "traces:read", "user_id": user, "mcp_server": name});
        let answer = check(&test, ADMIN_KEY, body).await;
        assert_eq!(answer["reason"], "granted by the role viewer on the server files");
        assert_eq!(answer["assignment_id"], assignment["id"]);
    }
    let other = json!({"permission": "traces:read", "user_id": user, "mcp_server": "github"});
    assert_eq!(check(&test, ADMIN_KEY, other).await["allowed"], false);
}

#[tokio::test]
async fn one_may_ask_about_oneself_and_needs_a_permission_to_ask_about_others() {
    let test = TestApp::start().await;
    let (user, other) = (test.user("dev", Some("developer")).await, test.user("other", None).await);
    let key = test.key_of(user).await;
    let own = check(&test, &key, json!({"permission": "traces:read"})).await;
    assert_eq!(own["reason"], "the role developer grants it for the user's own rows only (traces:read:own)");
    assert_eq!(check(&test, &key, json!({"permission": "traces:read:own"})).await["allowed"], true);
    assert_eq!(check(&test, &key, json!({"permission": "mcp:call", "user_id": user})).await["allowed"], true);
    let body = json!({"permission": "mcp:call", "user_id": other});
    let refused = test.post_as(&key, "/v1/permissions/check", body.clone()).await.expect(403);
    assert_eq!(refused["error"]["details"]["permission"], "rbac:read");
    let auditor = test.key_with(&["rbac:read"]).await;
    assert_eq!(check(&test, &auditor, body).await["reason"], "no role grants it");
}

#[tokio::test]
async fn what_a_key_does_not_hold_its_owners_roles_do_not_give_it() {
    let test = TestApp::start().await;
    let user = test.user("dev", Some("developer")).await;
    let body = json!({"name": "narrow", "user_id": user, "permissions": ["mcp:*"]});
    let key = test.post("/v1/api-keys", body).await.expect(201)["key"].as_str().unwrap().to_owned();
    let asked = json!({"permission": "users:read"});
    let answer = check(&test, &key, asked.clone()).await;
    assert_eq!(
        (&answer["allowed"], &answer["reason"]),
        (&json!(false), &json!("the key's own permissions do not include it"))
    );
    assert_eq!(test.get_as(&key, "/v1/teams").await.refused(403), "permission_denied");
    let service = test.key_with(&["users:read"]).await;
    let answer = check(&test, &service, asked).await;
    assert_eq!(answer["reason"], "the key's own permissions include it");
    assert_eq!(check(&test, &service, json!({"permission": "users:admin"})).await["allowed"], false);
}

#[tokio::test]
async fn the_suspended_hold_nothing_and_platform_administrators_what_no_role_gives() {
    let test = TestApp::start().await;
    let user = test.user("dev", Some("developer")).await;
    let mut tx = test.app.database.tenant(test.org).await.unwrap();
    sqlx::query("update users set status = 'suspended' where id = $1")
        .bind(user)
        .execute(&mut *tx)
        .await
        .unwrap();
    let admin: UserId =
        sqlx::query_scalar("select id from users where is_platform_admin").fetch_one(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    let answer = check(&test, ADMIN_KEY, json!({"permission": "mcp:call", "user_id": user})).await;
    assert_eq!(answer["reason"], "the account is suspended");
    let body = json!({"permission": "platform:admin", "user_id": admin});
    assert_eq!(check(&test, ADMIN_KEY, body).await["reason"], "the user is a platform administrator");
}

#[tokio::test]
async fn a_check_of_nothing_known_is_refused() {
    let test = TestApp::start().await;
    for (body, field, code) in [
        (json!({}), "permission", "required"),
        (json!({"permission": "mcp:*"}), "permission", "unknown"),
        (json!({"permission": "mcp:fly"}), "permission", "unknown"),
        (json!({"permission": "mcp:call", "user_id": UserId::new()}), "user_id", "unknown"),
        (json!({"permission": "mcp:call", "color": 1}), "color", "unknown"),
    ] {
        let answer =
            test.request(ADMIN_KEY, Method::POST, "/v1/permissions/check", &[], Some(body)).await.expect(400);
        let fault = &answer["error"]["details"]["fields"][0];
        assert_eq!((&fault["field"], &fault["code"]), (&json!(field), &json!(code)));
    }
    let (_, other) = test.other_organization().await;
    let user = test.user("dev", None).await;
    let body = json!({"permission": "mcp:call", "user_id": user});
    assert_eq!(
        test.post_as(&other, "/v1/permissions/check", body).await.refused(400),
        "validation_error",
        "another organization's user does not exist"
    );
}
