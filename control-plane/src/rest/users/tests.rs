use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::testing::{ADMIN_EMAIL, ADMIN_KEY, ADMIN_PASSWORD, TestApp};

fn path(user: Uuid) -> String {
    format!("/v1/users/{user}")
}

/// The bootstrapped administrator.
async fn admin(test: &TestApp) -> Uuid {
    let list = test.get("/v1/users?role=admin&sort=created_at").await.expect(200);
    list["users"][0]["id"].as_str().unwrap().parse().unwrap()
}

fn emails(list: &Value) -> Vec<&str> {
    list["users"].as_array().unwrap().iter().map(|user| user["email"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_user_is_shown_with_the_highest_role_all_roles_and_the_teams() {
    let test = TestApp::start().await;
    let ann = test.add_user("ann@example.com", "viewer").await;
    let red = test.add_team("red", &[ann]).await;
    test.assign_in_team(ann, "admin", red).await;
    let mut tx = test.app.database.tenant(test.org).await.unwrap();
    crate::store::roles::assign_globally(&mut tx, test.org, crate::id::UserId(ann), "developer")
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let answer = test.get(&path(ann)).await;
    assert_eq!(answer.header("etag"), "\"1\"");
    let user = answer.expect(200);
    assert_eq!((&user["role"], &user["status"]), (&json!("developer"), &json!("active")));
    let roles: Vec<_> = user["roles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|role| {
            (role["name"].as_str().unwrap(), role["scope_type"].as_str().unwrap(), role["scope_id"].clone())
        })
        .collect();
    let expected = [
        ("admin", "team", json!(red)),
        ("developer", "global", json!(null)),
        ("viewer", "global", json!(null)),
    ];
    assert_eq!(roles, expected);
    assert!(user["roles"][0]["assignment_id"].is_string() && user["roles"][0]["role_id"].is_string());
    assert_eq!(user["teams"], json!([{"id": red, "name": "red", "role": "member"}]));
    assert_eq!((&user["auth_method"], &user["last_login_at"]), (&json!("sso"), &json!(null)));
    assert!(user.get("password_hash").is_none());
    let list = test.get("/v1/users?q=ann").await.expect(200);
    assert_eq!(list["users"], json!([user]), "a list shows the same");
}

#[tokio::test]
async fn lists_are_filtered_sorted_paged_and_counted() {
    let test = TestApp::start().await;
    let ann = test.add_user("ann@example.com", "developer").await;
    let bob = test.add_user("bob@example.com", "viewer").await;
    test.add_user("Cyd@elsewhere.example", "viewer").await;
    let team = test.add_team("red", &[ann, bob]).await;
    test.patch(&path(bob), json!({"status": "suspended"})).await.expect(200);
    for (query, expected) in [
        (
            "sort=name",
            vec!["admin@example.com", "Cyd@elsewhere.example", "ann@example.com", "bob@example.com"],
        ),
        ("role=viewer&sort=name", vec!["Cyd@elsewhere.example", "bob@example.com"]),
        ("role=developer,admin&sort=-created_at", vec!["ann@example.com", "admin@example.com"]),
        ("role=nobody", vec![]),
        ("status=suspended", vec!["bob@example.com"]),
        ("status=active,suspended&role=viewer&sort=-name", vec!["bob@example.com", "Cyd@elsewhere.example"]),
        ("q=CYD", vec!["Cyd@elsewhere.example"]),
        ("q=%25", vec![]),
    ] {
        let list = test.get(&format!("/v1/users?{query}")).await.expect(200);
        let (mut found, mut expected) = (emails(&list), expected);
        if query == "sort=name" {
            // Which letters come first is the database's own business.
            found.sort_unstable();
            expected.sort_unstable();
        }
        assert_eq!((found, &list["total"]), (expected.clone(), &json!(expected.len())), "{query}");
    }
    let of_team = test.get(&format!("/v1/users?team_id={team}&sort=created_at&limit=1")).await.expect(200);
    assert_eq!((emails(&of_team), &of_team["total"]), (vec!["ann@example.com"], &json!(2)));
    let cursor = of_team["next_cursor"].as_str().unwrap();
    let rest =
        test.get(&format!("/v1/users?team_id={team}&sort=created_at&cursor={cursor}")).await.expect(200);
    assert_eq!((emails(&rest), &rest["has_more"]), (vec!["bob@example.com"], &json!(false)));
    for query in ["status=asleep", "color=red", "sort=email", "team_id=x"] {
        assert_eq!(test.get(&format!("/v1/users?{query}")).await.refused(400), "invalid_request", "{query}");
    }
}

#[tokio::test]
async fn reading_and_changing_need_their_permissions() {
    let test = TestApp::start().await;
    let ann = test.add_user("ann@example.com", "viewer").await;
    let nobody = test.key_with(&["mcp:*"]).await;
    assert_eq!(test.get_as(&nobody, "/v1/users").await.refused(403), "permission_denied");
    assert_eq!(test.get_as(&nobody, &path(ann)).await.refused(403), "permission_denied");
    let reader = test.key_with(&["users:read"]).await;
    test.get_as(&reader, &path(ann)).await.expect(200);
    let patch = test.request(&reader, Method::PATCH, &path(ann), &[], Some(json!({"name": "x"}))).await;
    assert_eq!(patch.refused(403), "permission_denied");
    let delete = test.request(&reader, Method::DELETE, &path(ann), &[], None).await;
    assert_eq!(delete.refused(403), "permission_denied");
}

#[tokio::test]
async fn a_grant_on_a_team_reaches_its_members_and_changes_none() {
    let test = TestApp::start().await;
    let lead = test.add_user("lead@example.com", "team_member").await;
    let member = test.add_user("member@example.com", "team_member").await;
    let stranger = test.add_user("stranger@example.com", "team_member").await;
    let team = test.add_team("red", &[member]).await;
    test.assign_in_team(lead, "admin", team).await;
    let (_, key) = test.personal_key(lead).await;
    let list = test.get_as(&key, "/v1/users").await.expect(200);
    assert_eq!((emails(&list), &list["total"]), (vec!["member@example.com"], &json!(1)));
    test.get_as(&key, &path(member)).await.expect(200);
    assert_eq!(test.get_as(&key, &path(stranger)).await.refused(404), "not_found");
    let suspend = Some(json!({"status": "suspended"}));
    let refused = test.request(&key, Method::PATCH, &path(member), &[], suspend).await;
    assert_eq!(refused.refused(403), "permission_denied");
}

#[tokio::test]
async fn another_organization_finds_no_such_user() {
    let test = TestApp::start().await;
    let ann = test.add_user("ann@example.com", "viewer").await;
    let (_, other) = test.other_organization().await;
    assert_eq!(test.get_as(&other, "/v1/users").await.expect(200)["total"], 0);
    assert_eq!(test.get_as(&other, &path(ann)).await.refused(404), "not_found");
    let patch = test.request(&other, Method::PATCH, &path(ann), &[], Some(json!({"name": "x"}))).await;
    assert_eq!(patch.refused(404), "not_found");
    let delete = test.request(&other, Method::DELETE, &path(ann), &[], None).await;
    assert_eq!(delete.refused(404), "not_found");
}

#[tokio::test]
async fn a_patch_changes_name_and_status_only_and_knows_its_version() {
    let test = TestApp::start().await;
    let ann = test.add_user("ann@example.com", "viewer").await;
    let renamed = test.patch(&path(ann), json!({"name": "Ann"})).await;
    assert_eq!(renamed.header("etag"), "\"2\"");
    assert_eq!(renamed.expect(200)["name"], "Ann");
    let body =
        json!({"email": "x@y", "role": "admin", "roles": [], "name": "", "status": "asleep", "color": 1});
    let fields = test.patch(&path(ann), body).await.expect(400)["error"]["details"]["fields"].clone();
    let mut codes: Vec<_> = fields
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| (fault["field"].as_str().unwrap(), fault["code"].as_str().unwrap()))
        .collect();
    codes.sort_unstable();
    let expected = [
        ("color", "unknown"),
        ("email", "read_only"),
        ("name", "length"),
        ("role", "read_only"),
        ("roles", "read_only"),
        ("status", "enum"),
    ];
    assert_eq!(codes, expected);
    let stale = [("if-match", "\"1\"")];
    let refused =
        test.request(ADMIN_KEY, Method::PATCH, &path(ann), &stale, Some(json!({"name": "B"}))).await;
    assert_eq!(refused.expect(412)["error"]["details"]["current_version"], 2);
    let refused = test.request(ADMIN_KEY, Method::DELETE, &path(ann), &stale, None).await;
    assert_eq!(refused.refused(412), "precondition_failed");
}

#[tokio::test]
async fn a_suspended_user_is_out_at_once_and_back_with_the_same_keys() {
    // Failures to log in are counted in the test's own memory.
    let test = TestApp::start_with(|config| config.redis_url = "redis://127.0.0.1:1".to_owned().into()).await;
    let second = test.add_user("second@example.com", "admin").await;
    let first = admin(&test).await;
    let (_, key) = test.personal_key(first).await;
    let credentials = json!({"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD});
    let login = test.post_as("", "/v1/auth/login", credentials.clone()).await;
    let cookie = login.header("set-cookie").split(';').next().unwrap().to_owned();
    let by_cookie = [("cookie", cookie.as_str())];
    test.request("", Method::GET, "/v1/auth/me", &by_cookie, None).await.expect(200);

    let suspended = test.patch(&path(first), json!({"status": "suspended"})).await.expect(200);
    assert_eq!(suspended["status"], "suspended");
    let me = test.request("", Method::GET, "/v1/auth/me", &by_cookie, None).await;
    assert_eq!(me.refused(401), "revoked_credentials");
    assert_eq!(test.get_as(&key, "/v1/auth/me").await.refused(403), "user_suspended");
    assert_eq!(test.post_as("", "/v1/auth/login", credentials.clone()).await.refused(403), "user_suspended");

    test.patch(&path(first), json!({"status": "active"})).await.expect(200);
    test.get_as(&key, "/v1/auth/me").await.expect(200);
    let me = test.request("", Method::GET, "/v1/auth/me", &by_cookie, None).await;
    assert_eq!(me.refused(401), "revoked_credentials", "the session stays ended");
    test.post_as("", "/v1/auth/login", credentials).await.expect(200);
    assert_ne!(first, second);
    assert_eq!(test.audit_log().await.iter().filter(|action| *action == "user.update").count(), 2);
}

#[tokio::test]
async fn suspending_whoever_is_just_being_seen_waits_and_does_not_fail() {
    let test = TestApp::start().await;
    let ann = test.add_user("ann@example.com", "viewer").await;
    let mut tx = test.app.database.worker().await.unwrap();
    sqlx::query(
        "insert into user_sessions (org_id, user_id, token_hash, auth_method, expires_at)
         select org_id, id, sha256('x'), 'sso', now() + interval '1 day' from users where id = $1",
    )
    .bind(ann)
    .execute(&mut *tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();

    // A request of theirs, between its two notes of when they were last active.
    let mut request = test.app.database.tenant(test.org).await.unwrap();
    sqlx::query("update user_sessions set last_active_at = now()").execute(&mut *request).await.unwrap();
    let user = path(ann);
    let suspension = test.patch(&user, json!({"status": "suspended"}));
    let rest = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        sqlx::query("update users set last_active_at = now() where id = $1")
            .bind(ann)
            .execute(&mut *request)
            .await
            .unwrap();
        request.commit().await.unwrap();
    };
    let (suspended, ()) = tokio::join!(suspension, rest);
    suspended.expect(200);
}

#[tokio::test]
async fn a_deleted_user_leaves_revoked_keys_and_their_history() {
    let test = TestApp::start().await;
    let ann = test.add_user("ann@example.com", "developer").await;
    let (id, key) = test.personal_key(ann).await;
    let mut tx = test.app.database.worker().await.unwrap();
    for statement in [
        "insert into user_sessions (org_id, user_id, token_hash, auth_method, expires_at)
         select org_id, id, sha256('x'), 'sso', now() + interval '1 day' from users where id = $1",
        "insert into traces (id, org_id, trace_id, span_id, operation_name, mcp_server, status, duration_ms, user_id,
            is_root, kind, proxy_id, started_at, ended_at)
         select uuid_v7(), org_id, 't', 's', 'tools/call', 'files', 'success', 1, id, true, 'server', 'p', now(), now()
         from users where id = $1",
    ] {
        sqlx::query(statement).bind(ann).execute(&mut *tx).await.unwrap();
    }
    tx.commit().await.unwrap();

    test.delete(&path(ann)).await.expect(204);
    assert_eq!(test.get(&path(ann)).await.refused(404), "not_found");
    assert_eq!(test.get_as(&key, "/v1/auth/me").await.refused(401), "revoked_credentials");
    let kept = test.get(&format!("/v1/api-keys/{id}")).await.expect(200);
    assert_eq!((&kept["status"], &kept["user_id"]), (&json!("revoked"), &json!(null)));
    let mut tx = test.app.database.worker().await.unwrap();
    let counts: (i64, i64) = sqlx::query_as(
        "select (select count(*) from user_sessions), (select count(*) from traces where user_id = $1)",
    )
    .bind(ann)
    .fetch_one(&mut *tx)
    .await
    .unwrap();
    assert_eq!(counts, (0, 1), "no session, but the call");
    assert_eq!(
        test.audit_log().await[2..],
        ["api_key.create", "api_key.create", "api_key.revoke", "user.delete"]
    );
    test.delete(&path(ann)).await.expect(404);
}

#[tokio::test]
async fn the_last_active_administrator_can_be_neither_suspended_nor_deleted() {
    let test = TestApp::start().await;
    let first = admin(&test).await;
    let refused = test.patch(&path(first), json!({"status": "suspended"})).await;
    assert_eq!(refused.refused(409), "in_use");
    assert_eq!(test.delete(&path(first)).await.refused(409), "in_use");
    test.patch(&path(first), json!({"name": "Still Here"})).await.expect(200);

    let second = test.add_user("second@example.com", "admin").await;
    let scoped = test.add_user("scoped@example.com", "viewer").await;
    let team = test.add_team("red", &[]).await;
    test.assign_in_team(scoped, "admin", team).await;
    test.patch(&path(second), json!({"status": "suspended"})).await.expect(200);
    assert_eq!(test.delete(&path(first)).await.refused(409), "in_use", "the other one is suspended");
    test.delete(&path(second)).await.expect(204);
    test.delete(&path(scoped)).await.expect(204);
}

#[tokio::test]
async fn of_two_who_each_remove_one_of_the_last_two_administrators_one_is_refused() {
    let test = TestApp::start().await;
    let first = admin(&test).await;
    for round in 0..5 {
        let second = test.add_user(&format!("second-{round}@example.com"), "admin").await;
        let suspend = json!({"status": "suspended"});
        let (one, two) = (path(first), path(second));
        let (one, two) = tokio::join!(test.patch(&one, suspend), test.delete(&two));
        let statuses = [one.status.as_u16(), two.status.as_u16()];
        assert!(statuses == [200, 409] || statuses == [409, 204], "round {round}: {statuses:?}");
        let active = test.get("/v1/users?role=admin&status=active").await.expect(200);
        assert_eq!(active["total"], 1, "round {round}");
        if statuses[0] == 200 {
            test.patch(&path(first), json!({"status": "active"})).await.expect(200);
            test.delete(&path(second)).await.expect(204);
        }
    }
}
