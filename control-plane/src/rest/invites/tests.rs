use axum::http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::testing::{ADMIN_EMAIL, ADMIN_KEY, ADMIN_PASSWORD, Answer, TestApp};

mod mail;

const PASSWORD: &str = "a long enough password";

/// Invites that are none are counted in the test's own memory: those of other tests are none of its business.
async fn start() -> TestApp {
    TestApp::start_with(|config| {
        config.redis_url = "redis://127.0.0.1:1".to_owned().into();
        config.public_url = "https://gateway.example.com".to_owned();
    })
    .await
}

async fn invite(test: &TestApp, body: Value) -> Value {
    test.post("/v1/users/invite", body).await.expect(201)
}

fn token(invite: &Value) -> &str {
    invite["accept_url"].as_str().unwrap().strip_prefix("https://gateway.example.com/invite#token=").unwrap()
}

fn path(invite: &Value, rest: &str) -> String {
    format!("/v1/users/invites/{}{rest}", invite["id"].as_str().unwrap())
}

async fn look_up(test: &TestApp, token: &str) -> Answer {
    test.post_as("", "/v1/users/invites/lookup", json!({"token": token})).await
}

async fn accept(test: &TestApp, token: &str) -> Answer {
    let body = json!({"token": token, "name": "Ann", "password": PASSWORD});
    test.post_as("", "/v1/users/invites/accept", body).await
}

#[tokio::test]
async fn who_is_invited_sees_to_what_and_joins_with_role_and_teams() {
    let test = start().await;
    let team = test.add_team("red", &[]).await;
    let answer = test
        .post(
            "/v1/users/invite",
            json!({"email": "Ann@example.com", "role": "viewer", "team_ids": [team, team]}),
        )
        .await;
    assert!(answer.header("location").starts_with("/v1/users/invites/"));
    let sent = answer.expect(201);
    assert!(token(&sent).starts_with("gwi_") && token(&sent).len() == 47);
    assert_eq!(
        (&sent["email"], &sent["role"], &sent["team_ids"], &sent["status"], &sent["mailed"]),
        (&json!("Ann@example.com"), &json!("viewer"), &json!([team]), &json!("pending"), &json!(false))
    );
    let shown = look_up(&test, token(&sent)).await.expect(200);
    let expected = json!({"organization_name": "Test Org", "email": "Ann@example.com", "role": "viewer",
        "expires_at": sent["expires_at"]});
    assert_eq!(shown, expected);

    let joined = accept(&test, token(&sent)).await;
    let cookie = joined.header("set-cookie").split(';').next().unwrap().to_owned();
    let me = joined.expect(201);
    assert_eq!((&me["user"]["email"], &me["user"]["name"]), (&json!("Ann@example.com"), &json!("Ann")));
    assert_eq!((&me["teams"][0]["id"], &me["teams"][0]["role"]), (&json!(team), &json!("member")));
    let again = test.request("", Method::GET, "/v1/auth/me", &[("cookie", &cookie)], None).await.expect(200);
    assert_eq!((&again["user"]["id"], &again["csrf_token"]), (&me["user"]["id"], &me["csrf_token"]));
    let login = json!({"email": "ann@example.com", "password": PASSWORD});
    test.post_as("", "/v1/auth/login", login).await.expect(200);
    let user = test.get(&format!("/v1/users/{}", me["user"]["id"].as_str().unwrap())).await.expect(200);
    assert_eq!((&user["role"], &user["auth_method"]), (&json!("viewer"), &json!("password")));
    assert!(user["last_login_at"].is_string());

    let list = test.get("/v1/users/invites").await.expect(200);
    assert_eq!((&list["invites"][0]["status"], &list["total"]), (&json!("accepted"), &json!(1)));
    assert!(list["invites"][0]["accepted_at"].is_string() && list["invites"][0].get("accept_url").is_none());
    assert_eq!(test.audit_log().await[3..], ["user.invite", "user.join", "session.login", "session.login"]);
}

#[tokio::test]
async fn the_other_path_is_the_same_and_a_developer_is_the_default() {
    let test = start().await;
    let sent = test.post("/v1/users/invites", json!({"email": "ann@example.com"})).await.expect(201);
    assert_eq!(sent["role"], "developer");
    let by_id = json!({"email": "bob@example.com", "role": sent["role_id"]});
    assert_eq!(invite(&test, by_id).await["role"], "developer");
    accept(&test, token(&sent)).await.expect(201);
}

#[tokio::test]
async fn of_the_token_only_a_hash_is_kept() {
    let test = start().await;
    let sent = invite(&test, json!({"email": "ann@example.com"})).await;
    let mut tx = test.app.database.worker().await.unwrap();
    let (row, hash): (String, Vec<u8>) =
        sqlx::query_as("select to_jsonb(i)::text, token_hash from invites i")
            .fetch_one(&mut *tx)
            .await
            .unwrap();
    assert_eq!(hash, ring::digest::digest(&ring::digest::SHA256, token(&sent).as_bytes()).as_ref());
    let audit: String = sqlx::query_scalar("select string_agg(to_jsonb(a)::text, '') from audit_logs a")
        .fetch_one(&mut *tx)
        .await
        .unwrap();
    assert!(!row.contains(token(&sent)) && !audit.contains(token(&sent)));
}

#[tokio::test]
async fn an_address_with_an_account_or_an_open_invite_is_not_invited_again() {
    let test = start().await;
    for (email, status) in
        [(ADMIN_EMAIL, 409), ("ADMIN@Example.com", 409), ("ann@example.com", 201), ("ANN@example.com", 409)]
    {
        let answer = test.post("/v1/users/invite", json!({"email": email})).await;
        let body = answer.expect(status);
        assert!(status == 201 || body["error"]["details"]["field"] == "email", "{body}");
    }
    test.sql("update invites set expires_at = now() where email = 'ann@example.com'").await;
    invite(&test, json!({"email": "ann@example.com"})).await;
    let both = (
        test.post("/v1/users/invite", json!({"email": "bob@example.com"})),
        test.post("/v1/users/invite", json!({"email": "bob@example.com"})),
    );
    let (one, two) = tokio::join!(both.0, both.1);
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
}

#[tokio::test]
async fn every_fault_of_an_invite_is_told() {
    let test = start().await;
    let body = json!({"email": "nobody", "role": "", "team_ids": ["x"], "name": "n"});
    let answer = test.post("/v1/users/invite", body).await.expect(400);
    assert_eq!(answer["error"]["details"]["fields"].as_array().unwrap().len(), 4, "{answer}");
    for (body, field, code) in [
        (json!({}), "email", "required"),
        (json!({"email": "a@b.example", "role": "emperor"}), "role", "unknown"),
        (json!({"email": "a@b.example", "role": Uuid::now_v7()}), "role", "unknown"),
        (json!({"email": "a@b.example", "team_ids": [Uuid::now_v7()]}), "team_ids.0", "unknown"),
    ] {
        let fault =
            test.post("/v1/users/invite", body).await.expect(400)["error"]["details"]["fields"][0].clone();
        assert_eq!((&fault["field"], &fault["code"]), (&json!(field), &json!(code)));
    }
}

#[tokio::test]
async fn nobody_invites_to_more_than_they_hold() {
    let test = start().await;
    let team = test.add_team("red", &[]).await;
    let reader = test.key_with(&["users:read"]).await;
    let body = json!({"email": "ann@example.com", "role": "billing"});
    assert_eq!(
        test.post_as(&reader, "/v1/users/invite", body.clone()).await.refused(403),
        "permission_denied"
    );
    let limited = test.key_with(&["users:*", "costs:*", "budgets:*", "servers:read", "teams:read"]).await;
    test.post_as(&limited, "/v1/users/invite", body).await.expect(201);
    for (body, beyond) in [
        (json!({"email": "b@example.com", "role": "admin"}), "*"),
        (json!({"email": "b@example.com", "role": "developer"}), "mcp:*"),
        (json!({"email": "b@example.com", "role": "billing", "team_ids": [team]}), "teams:admin"),
    ] {
        let refused = test.post_as(&limited, "/v1/users/invite", body).await.expect(403);
        assert_eq!(refused["error"]["details"]["permission"], beyond);
    }
    let admins = invite(&test, json!({"email": "c@example.com", "role": "admin"})).await;
    let resend = test.post_as(&limited, &path(&admins, "/resend"), json!({})).await;
    assert_eq!(resend.refused(403), "permission_denied", "the link would make them an administrator");
}

#[tokio::test]
async fn a_token_that_is_wrong_used_revoked_or_outdated_opens_nothing() {
    let test = start().await;
    let refused = |token: String| {
        let test = &test;
        async move {
            test.app.throttle.forget();
            assert_eq!(look_up(test, &token).await.refused(410), "expired");
            assert_eq!(accept(test, &token).await.refused(410), "expired");
        }
    };
    refused("gwi_".to_owned() + &"0".repeat(43)).await;
    refused("nonsense".to_owned()).await;
    let used = invite(&test, json!({"email": "ann@example.com"})).await;
    accept(&test, token(&used)).await.expect(201);
    refused(token(&used).to_owned()).await;
    let revoked = invite(&test, json!({"email": "bob@example.com"})).await;
    test.delete(&path(&revoked, "")).await.expect(204);
    refused(token(&revoked).to_owned()).await;
    let outdated = invite(&test, json!({"email": "cyd@example.com"})).await;
    test.sql("update invites set expires_at = now() where email = 'cyd@example.com'").await;
    refused(token(&outdated).to_owned()).await;
    for (status, email) in
        [("accepted", "ann@example.com"), ("revoked", "bob@example.com"), ("expired", "cyd@example.com")]
    {
        let list = test.get(&format!("/v1/users/invites?status={status}")).await.expect(200);
        assert_eq!((&list["total"], &list["invites"][0]["email"]), (&json!(1), &json!(email)));
    }
    let most = test.get("/v1/users/invites?status=expired,revoked&limit=1").await.expect(200);
    assert_eq!((&most["total"], &most["has_more"]), (&json!(2), &json!(true)));
    assert_eq!(test.get("/v1/users/invites?status=lost").await.refused(400), "invalid_request");
}

#[tokio::test]
async fn of_two_who_accept_at_once_one_joins() {
    let test = start().await;
    let sent = invite(&test, json!({"email": "ann@example.com"})).await;
    let (one, two) = tokio::join!(accept(&test, token(&sent)), accept(&test, token(&sent)));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 410]);
    assert_eq!(test.get("/v1/users?q=ann").await.expect(200)["total"], 1);
}

#[tokio::test]
async fn an_invite_for_an_address_that_has_an_account_by_now_is_refused() {
    let test = start().await;
    let sent = invite(&test, json!({"email": "ann@example.com"})).await;
    test.add_user("ANN@example.com", "viewer").await;
    assert_eq!(accept(&test, token(&sent)).await.expect(409)["error"]["details"]["field"], "email");
    assert_eq!(test.post(&path(&sent, "/resend"), json!({})).await.refused(409), "conflict");
    assert_eq!(test.get("/v1/users/invites?status=pending").await.expect(200)["total"], 1);
}

#[tokio::test]
async fn an_invite_sent_again_has_another_link_and_the_old_one_is_dead() {
    let test = start().await;
    let first = invite(&test, json!({"email": "ann@example.com"})).await;
    test.sql("update invites set expires_at = now()").await;
    let second = test.post(&path(&first, "/resend"), json!({})).await.expect(200);
    assert_eq!((&second["id"], &second["status"]), (&first["id"], &json!("pending")));
    assert_eq!(look_up(&test, token(&first)).await.refused(410), "expired");
    look_up(&test, token(&second)).await.expect(200);
    accept(&test, token(&second)).await.expect(201);
    let resend = test.post(&path(&first, "/resend"), json!({})).await.expect(409);
    assert_eq!(resend["error"]["details"]["status"], "accepted");
    assert_eq!(test.delete(&path(&first, "")).await.refused(409), "invalid_state");

    let outdated = invite(&test, json!({"email": "bob@example.com"})).await;
    test.sql("update invites set expires_at = now() where email = 'bob@example.com'").await;
    let newer = invite(&test, json!({"email": "bob@example.com"})).await;
    assert_eq!(test.post(&path(&outdated, "/resend"), json!({})).await.refused(409), "conflict");
    test.delete(&path(&newer, "")).await.expect(204);
    test.delete(&path(&newer, "")).await.expect(204);
    assert_eq!(test.post(&path(&newer, "/resend"), json!({})).await.refused(409), "invalid_state");
}

#[tokio::test]
async fn a_repeated_request_shows_no_link_again() {
    let test = start().await;
    let headers = [("idempotency-key", "k")];
    let body = json!({"email": "ann@example.com"});
    let send = |path: String, body: Value| {
        let (test, headers) = (&test, &headers);
        async move { test.request(ADMIN_KEY, Method::POST, &path, headers, Some(body)).await }
    };
    for (target, status, body) in [("/v1/users/invite".to_owned(), 201, body.clone())].into_iter().chain([(
        String::new(),
        200,
        json!({}),
    )]) {
        let list = test.get("/v1/users/invites").await.expect(200);
        let target = if target.is_empty() { path(&list["invites"][0], "/resend") } else { target };
        let mut first = send(target.clone(), body.clone()).await.expect(status);
        let again = send(target, body).await;
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert!(first["accept_url"].is_string());
        first["accept_url"] = Value::Null;
        assert_eq!(again.expect(status), first);
    }
    assert_eq!(test.get("/v1/users/invites").await.expect(200)["total"], 1);
}

#[tokio::test]
async fn a_password_is_asked_for_only_where_people_log_in_by_one() {
    let test = start().await;
    let sent = invite(&test, json!({"email": "ann@example.com"})).await;
    let join = |more: Value| {
        let mut body = json!({"token": token(&sent), "name": "Ann"});
        crate::rest::form::merge(&mut body, more);
        test.post_as("", "/v1/users/invites/accept", body)
    };
    for more in [json!({}), json!({"password": "short"}), json!({"password": PASSWORD, "name": " "})] {
        assert_eq!(join(more).await.refused(400), "validation_error");
    }
    test.sql(r#"update organizations set settings = '{"security": {"local_login": false}}'"#).await;
    look_up(&test, token(&sent)).await.expect(200);
    assert_eq!(join(json!({"password": PASSWORD})).await.refused(403), "sso_required");
    assert_eq!(test.get("/v1/users?q=ann").await.expect(200)["total"], 0);
}

#[tokio::test]
async fn guessing_is_slowed_down_by_address_and_logging_in_is_not() {
    let mut test = start().await;
    let sent = invite(&test, json!({"email": "ann@example.com"})).await;
    for _ in 0..5 {
        assert_eq!(look_up(&test, "gwi_guess").await.refused(410), "expired");
    }
    let waits = look_up(&test, token(&sent)).await;
    assert!(waits.header("retry-after").parse::<u32>().unwrap() > 800);
    assert_eq!(waits.expect(429)["error"]["details"]["scope_type"], "ip");
    assert_eq!(accept(&test, token(&sent)).await.refused(429), "rate_limited");
    let login = json!({"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD});
    test.post_as("", "/v1/auth/login", login).await.expect(200);
    test.client = ([127, 0, 0, 2], 50_000).into();
    look_up(&test, token(&sent)).await.expect(200);
}

#[tokio::test]
async fn a_foreign_page_cannot_make_a_browser_join() {
    let test = start().await;
    let sent = invite(&test, json!({"email": "ann@example.com"})).await;
    let body = json!({"token": token(&sent), "name": "Ann", "password": PASSWORD});
    let headers = [("origin", "https://evil.example")];
    let answer = test.request("", Method::POST, "/v1/users/invites/accept", &headers, Some(body)).await;
    assert_eq!(answer.refused(403), "origin_not_allowed");
}

#[tokio::test]
async fn invites_are_seen_by_readers_and_by_leads_of_their_team_and_by_no_other_organization() {
    let test = start().await;
    let lead = test.add_user("lead@example.com", "team_member").await;
    let team = test.add_team("red", &[]).await;
    test.assign_in_team(lead, "admin", team).await;
    let (_, lead) = test.personal_key(lead).await;
    let sent = invite(&test, json!({"email": "ann@example.com", "team_ids": [team]})).await;
    invite(&test, json!({"email": "bob@example.com"})).await;
    let reader = test.key_with(&["users:read"]).await;
    assert_eq!(test.get_as(&reader, "/v1/users/invites").await.expect(200)["total"], 2);
    let own = test.get_as(&lead, "/v1/users/invites").await.expect(200);
    assert_eq!((&own["total"], &own["invites"][0]["id"]), (&json!(1), &sent["id"]));
    let nobody = test.key_with(&["mcp:*"]).await;
    assert_eq!(test.get_as(&nobody, "/v1/users/invites").await.refused(403), "permission_denied");
    let (_, other) = test.other_organization().await;
    assert_eq!(test.get_as(&other, "/v1/users/invites").await.expect(200)["total"], 0);
    let resend = test.post_as(&other, &path(&sent, "/resend"), json!({})).await;
    assert_eq!(resend.refused(404), "not_found");
    let delete = test.request(&other, Method::DELETE, &path(&sent, ""), &[], None).await;
    assert_eq!(delete.refused(404), "not_found");
}
