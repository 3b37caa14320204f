use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    id::UserId,
    store::role_assignments::lock_admins,
    testing::{ADMIN_EMAIL, TestApp},
};

const PATH: &str = "/v1/role-assignments";

async fn assign(test: &TestApp, body: Value) -> Value {
    test.post(PATH, body).await.expect(201)
}

fn path(assignment: &Value) -> String {
    format!("{PATH}/{}", assignment["id"].as_str().unwrap())
}

async fn team(test: &TestApp, name: &str) -> Value {
    test.post("/v1/teams", json!({"name": name})).await.expect(201)["id"].clone()
}

async fn bootstrapped_admin(test: &TestApp) -> UserId {
    let mut tx = test.app.database.tenant(test.org).await.unwrap();
    sqlx::query_scalar("select id from users where email = $1::text::citext")
        .bind(ADMIN_EMAIL)
        .fetch_one(&mut *tx)
        .await
        .unwrap()
}

/// The path of the user's global assignment of `admin`.
async fn adminship(test: &TestApp, user: UserId) -> String {
    let admin = test.role("admin").await;
    let list = test.get(&format!("{PATH}?user_id={user}&role_id={admin}&scope_type=global")).await;
    path(&list.expect(200)["role_assignments"][0])
}

#[tokio::test]
async fn a_role_is_given_counts_and_is_taken() {
    let test = TestApp::start().await;
    let user = test.user("dev", None).await;
    let key = test.key_of(user).await;
    assert_eq!(test.get_as(&key, "/v1/traces").await.refused(403), "permission_denied");
    let role = test.role("viewer").await;
    let answer = test.post(PATH, json!({"user_id": user, "role_id": role})).await;
    let location = answer.header("location").to_owned();
    let given = answer.expect(201);
    assert_eq!(location, path(&given));
    assert_eq!(
        (&given["user_id"], &given["role_id"], &given["scope_type"], &given["scope_id"]),
        (&json!(user), &json!(role), &json!("global"), &Value::Null)
    );
    test.get_as(&key, "/v1/traces").await.expect(200);
    test.delete(&path(&given)).await.expect(204);
    assert_eq!(test.get_as(&key, "/v1/traces").await.refused(403), "permission_denied");
    assert_eq!(test.delete(&path(&given)).await.refused(404), "not_found");
    let id = given["id"].as_str().unwrap();
    assert_eq!(test.audited(id).await, ["role_assignment.create", "role_assignment.delete"]);
}

#[tokio::test]
async fn a_role_is_given_once_in_each_scope() {
    let test = TestApp::start().await;
    let user = test.user("dev", None).await;
    let (role, team) = (test.role("viewer").await, team(&test, "a").await);
    let everywhere = json!({"user_id": user, "role_id": role});
    let on_team = json!({"user_id": user, "role_id": role, "scope_type": "team", "scope_id": team});
    for body in [everywhere, on_team] {
        assign(&test, body.clone()).await;
        let refused = test.post(PATH, body).await.expect(409);
        assert_eq!(refused["error"]["code"], "conflict");
    }
}

#[tokio::test]
async fn what_an_assignment_names_must_exist_in_the_organization() {
    let test = TestApp::start().await;
    let (user, role) = (test.user("dev", None).await, test.role("viewer").await);
    let team = team(&test, "a").await;
    let stranger = Uuid::now_v7();
    for (body, field, code) in [
        (json!({"role_id": role}), "user_id", "required"),
        (json!({"user_id": user}), "role_id", "required"),
        (json!({"user_id": stranger, "role_id": role}), "user_id", "unknown"),
        (json!({"user_id": user, "role_id": stranger}), "role_id", "unknown"),
        (json!({"user_id": user, "role_id": role, "scope_type": "moon"}), "scope_type", "enum"),
        (json!({"user_id": user, "role_id": role, "scope_type": "team"}), "scope_id", "required"),
        (json!({"user_id": user, "role_id": role, "scope_id": team}), "scope_id", "unknown"),
        (
            json!({"user_id": user, "role_id": role, "scope_type": "team", "scope_id": stranger}),
            "scope_id",
            "unknown",
        ),
        (
            json!({"user_id": user, "role_id": role, "scope_type": "server", "scope_id": team}),
            "scope_id",
            "unknown",
        ),
    ] {
        let answer = test.post(PATH, body.clone()).await.expect(400);
        let fault = &answer["error"]["details"]["fields"][0];
        assert_eq!((&fault["field"], &fault["code"]), (&json!(field), &json!(code)), "{body}");
    }
    // Nor do this organization's for another.
    let (_, other) = test.other_organization().await;
    let roles = test.get_as(&other, "/v1/roles?name=viewer").await.expect(200);
    let body = json!({"user_id": user, "role_id": roles["roles"][0]["id"]});
    let answer = test.post_as(&other, PATH, body).await.expect(400);
    assert_eq!(answer["error"]["details"]["fields"][0]["field"], "user_id");
}

#[tokio::test]
async fn nobody_grants_more_than_they_hold() {
    let test = TestApp::start().await;
    let user = test.user("dev", None).await;
    let limited = test.key_with(&["rbac:admin", "costs:*", "budgets:*", "servers:read", "teams:read"]).await;
    let give = |role: String| test.post_as(&limited, PATH, json!({"user_id": user, "role_id": role}));
    let refused = give(test.role("billing").await).await.expect(403);
    assert_eq!(refused["error"]["details"]["permission"], "users:read");
    let refused = give(test.role("admin").await).await.expect(403);
    assert_eq!(
        (&refused["error"]["code"], &refused["error"]["details"]["permission"]),
        (&json!("permission_denied"), &json!("*"))
    );
    let body = json!({"name": "costs", "permissions": ["costs:read"]});
    let costs = test.post("/v1/roles", body).await.expect(201);
    give(costs["id"].as_str().unwrap().to_owned()).await.expect(201);
    let reader = test.key_with(&["rbac:read", "costs:*"]).await;
    let refused = test.post_as(&reader, PATH, json!({"user_id": user, "role_id": costs["id"]})).await;
    assert_eq!(refused.expect(403)["error"]["details"]["permission"], "rbac:admin");
}

#[tokio::test]
async fn who_may_assign_on_a_team_assigns_there_only_and_sees_that_only() {
    let test = TestApp::start().await;
    let (boss, user) = (test.user("boss", None).await, test.user("dev", None).await);
    let (ours, theirs) = (team(&test, "ours").await, team(&test, "theirs").await);
    let body = json!({"name": "assigner", "permissions": ["rbac:admin", "traces:read"]});
    let assigner = test.post("/v1/roles", body).await.expect(201)["id"].clone();
    let on = |user: UserId, role: &Value, team: &Value| json!({"user_id": user, "role_id": role, "scope_type": "team", "scope_id": team});
    assign(&test, on(boss, &assigner, &ours)).await;
    let foreign = assign(&test, on(user, &assigner, &theirs)).await;
    let key = test.key_of(boss).await;

    let given = test.post_as(&key, PATH, on(user, &assigner, &ours)).await.expect(201);
    assert_eq!(given["granted_by"], json!(boss));
    for body in [on(user, &assigner, &theirs), json!({"user_id": boss, "role_id": assigner})] {
        let refused = test.post_as(&key, PATH, body).await.expect(403);
        assert_eq!(refused["error"]["details"]["permission"], "rbac:admin");
    }
    let beyond = json!(test.role("viewer").await);
    let refused = test.post_as(&key, PATH, on(user, &beyond, &ours)).await.expect(403);
    assert_eq!(refused["error"]["details"]["permission"], "servers:read");

    assert_eq!(test.get_as(&key, PATH).await.expect(200)["total"], 2);
    let taken = test.request(&key, Method::DELETE, &path(&foreign), &[], None).await;
    assert_eq!(taken.refused(404), "not_found");
    test.request(&key, Method::DELETE, &path(&given), &[], None).await.expect(204);
    assert_eq!(test.get_as(&key, "/v1/roles").await.refused(403), "permission_denied");
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let test = TestApp::start().await;
    let first = bootstrapped_admin(&test).await;
    let refused = test.delete(&adminship(&test, first).await).await.expect(409);
    assert_eq!(refused["error"]["code"], "in_use");
    // Neither the suspended nor those of a team are administrators.
    let suspended = test.user("suspended", Some("admin")).await;
    let mut tx = test.app.database.tenant(test.org).await.unwrap();
    sqlx::query("update users set status = 'suspended' where id = $1")
        .bind(suspended)
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let (user, team) = (test.user("dev", None).await, team(&test, "a").await);
    let admin = test.role("admin").await;
    let on_team = json!({"user_id": user, "role_id": admin, "scope_type": "team", "scope_id": team});
    let on_team = assign(&test, on_team).await;
    assert_eq!(test.delete(&adminship(&test, first).await).await.refused(409), "in_use");
    test.delete(&adminship(&test, suspended).await).await.expect(204);
    test.delete(&path(&on_team)).await.expect(204);

    let second = test.user("second", Some("admin")).await;
    test.delete(&adminship(&test, first).await).await.expect(204);
    assert_eq!(test.delete(&adminship(&test, second).await).await.refused(409), "in_use");
}

#[tokio::test]
async fn of_two_that_each_remove_one_of_the_last_two_administrators_one_is_refused() {
    let test = TestApp::start().await;
    let first = bootstrapped_admin(&test).await;
    let second = test.user("second", Some("admin")).await;
    let (first, second) = (adminship(&test, first).await, adminship(&test, second).await);
    // Both are held where they would count, so that neither has removed anything before the other counts.
    let mut tx = test.app.database.tenant(test.org).await.unwrap();
    lock_admins(&mut tx, test.org).await.unwrap();
    let both_wait = async {
        let waiting = "select count(*) from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'";
        let mut rounds = 0;
        while sqlx::query_scalar::<_, i64>(waiting).fetch_one(test.app.database.pool()).await.unwrap() < 2 {
            rounds += 1;
            assert!(rounds < 600, "they do not wait for each other");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        tx.commit().await.unwrap();
    };
    let (one, other, ()) = tokio::join!(test.delete(&first), test.delete(&second), both_wait);
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 409], "{} {}", one.text, other.text);
}

#[tokio::test]
async fn assignments_are_paged_filtered_and_counted() {
    let test = TestApp::start().await;
    let user = test.user("dev", Some("developer")).await;
    let (role, team) = (test.role("viewer").await, team(&test, "a").await);
    assign(&test, json!({"user_id": user, "role_id": role})).await;
    let body = json!({"user_id": user, "role_id": role, "scope_type": "team", "scope_id": team});
    let on_team = assign(&test, body).await;
    let team = team.as_str().unwrap();
    for (query, total) in [
        (String::new(), 4),
        (format!("user_id={user}"), 3),
        (format!("user_id={user}&role_id={role}"), 2),
        (format!("user_id={user}&scope_type=team,server"), 1),
        (format!("scope_id={team}"), 1),
        (format!("scope_id={}", Uuid::now_v7()), 0),
    ] {
        let list = test.get(&format!("{PATH}?{query}")).await.expect(200);
        assert_eq!(list["total"], total, "{query}");
    }
    let first = test.get(&format!("{PATH}?user_id={user}&limit=1")).await.expect(200);
    assert_eq!(first["role_assignments"][0], on_team);
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = test.get(&format!("{PATH}?user_id={user}&cursor={cursor}")).await.expect(200);
    assert_eq!(rest["role_assignments"].as_array().unwrap().len(), 2);
    for query in ["color=red", "scope_type=moon", "user_id=me", "sort=name"] {
        assert_eq!(test.get(&format!("{PATH}?{query}")).await.refused(400), "invalid_request", "{query}");
    }
}

#[tokio::test]
async fn another_organization_sees_no_assignment_of_this_one() {
    let test = TestApp::start().await;
    let user = test.user("dev", None).await;
    let given = assign(&test, json!({"user_id": user, "role_id": test.role("viewer").await})).await;
    let (_, other) = test.other_organization().await;
    assert_eq!(test.get_as(&other, PATH).await.expect(200)["total"], 0);
    let taken = test.request(&other, Method::DELETE, &path(&given), &[], None).await;
    assert_eq!(taken.refused(404), "not_found");
    test.delete(&path(&given)).await.expect(204);
}
