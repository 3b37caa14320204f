use axum::http::Method;
use serde_json::{Value, json};

use crate::testing::{
    ADMIN_EMAIL, ADMIN_KEY, ADMIN_PASSWORD, TestApp,
    browser::{Browser, login},
};

/// Failures are counted in the test's own memory: those of other tests are none of its business.
async fn start() -> TestApp {
    TestApp::start_with(|config| config.redis_url = "redis://127.0.0.1:1".to_owned().into()).await
}

#[tokio::test]
async fn a_login_begins_a_session_that_knows_who_it_is() {
    let test = start().await;
    let browser = Browser::log_in(&test).await;
    let me = browser.get("/v1/auth/me").await.expect(200);
    assert_eq!((&me["type"], &me["user"]["email"]), (&json!("user"), &json!(ADMIN_EMAIL)));
    assert_eq!(me["roles"][0]["name"], "admin");
    assert_eq!(me["permissions"], json!(["*", "platform:admin"]));
    assert_eq!((&me["csrf_token"], &me["session"]["current"]), (&json!(browser.csrf), &json!(true)));
    assert_eq!(me["api_key"], Value::Null);
    assert_eq!(me["mcp_url"], "http://localhost:8080/mcp");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_account_look_alike() {
    let test = start().await;
    let mut wrong = login(&test, ADMIN_EMAIL, "not the password").await.expect(401);
    let mut unknown = login(&test, "nobody@example.com", "not the password").await.expect(401);
    for body in [&mut wrong, &mut unknown] {
        body["error"]["request_id"] = Value::Null;
    }
    assert_eq!(wrong, unknown);
    assert_eq!(wrong["error"]["code"], "invalid_credentials");
}

#[tokio::test]
async fn the_address_is_case_insensitive_and_the_organization_may_be_named() {
    let test = start().await;
    login(&test, "ADMIN@Example.com", ADMIN_PASSWORD).await.expect(200);
    let with = |slug: &str| json!({"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD, "organization": slug});
    test.post_as("", "/v1/auth/login", with("test-org")).await.expect(200);
    test.post_as("", "/v1/auth/login", with("another")).await.expect(401);
}

#[tokio::test]
async fn the_sixth_failure_in_a_row_must_wait() {
    let test = start().await;
    for _ in 0..5 {
        assert_eq!(login(&test, ADMIN_EMAIL, "not the password").await.refused(401), "invalid_credentials");
    }
    let answer = login(&test, ADMIN_EMAIL, ADMIN_PASSWORD).await;
    assert!(answer.header("retry-after").parse::<u32>().unwrap() > 800);
    assert_eq!(answer.refused(429), "rate_limited");
}

#[tokio::test]
async fn all_replicas_count_failures_together() {
    let redis = std::env::var("REDIS_URL").expect("REDIS_URL must name a Redis; `./dev test` sets it");
    let id = uuid::Uuid::now_v7();
    let mut replicas = Vec::new();
    for _ in 0..2 {
        let mut test = TestApp::start_with(|config| config.redis_url = redis.clone().into()).await;
        test.client = (std::net::Ipv6Addr::from(id.as_u128()), 50_000).into();
        replicas.push(test);
    }
    for _ in 0..5 {
        assert_eq!(
            login(&replicas[0], &format!("{id}@example.com"), "x").await.refused(401),
            "invalid_credentials"
        );
    }
    assert_eq!(login(&replicas[1], &format!("{id}@example.com"), "x").await.refused(429), "rate_limited");
    let other = login(&replicas[1], ADMIN_EMAIL, ADMIN_PASSWORD).await;
    assert_eq!(other.body["error"]["details"]["scope_type"], "ip", "the address failed too often");
}

#[tokio::test]
async fn an_unsafe_request_by_cookie_needs_its_csrf_token() {
    let test = start().await;
    let browser = Browser::log_in(&test).await;
    let body = json!({"name": "k"});
    let path = "/v1/api-keys";
    let bare = browser.send(Method::POST, path, &[], Some(body.clone())).await;
    assert_eq!(bare.refused(403), "csrf_failed");
    let other = Browser::log_in(&test).await.csrf;
    let foreign = browser.send(Method::POST, path, &[("x-csrf-token", &other)], Some(body.clone())).await;
    assert_eq!(foreign.refused(403), "csrf_failed");
    browser.post(path, body).await.expect(201);
}

#[tokio::test]
async fn another_origin_is_refused_even_with_the_token() {
    let test = start().await;
    let browser = Browser::log_in(&test).await;
    let headers = [("x-csrf-token", browser.csrf.as_str()), ("origin", "https://evil.example")];
    let answer = browser.send(Method::POST, "/v1/auth/logout", &headers, None).await;
    assert_eq!(answer.refused(403), "origin_not_allowed");
    let headers = [("origin", "https://evil.example")];
    let body = json!({"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD});
    let answer = test.request("", Method::POST, "/v1/auth/login", &headers, Some(body)).await;
    assert_eq!(answer.refused(403), "origin_not_allowed");
}

#[tokio::test]
async fn a_logout_ends_the_session_and_clears_the_cookie() {
    let test = start().await;
    let browser = Browser::log_in(&test).await;
    let answer = browser.post("/v1/auth/logout", json!({})).await;
    assert!(
        answer.header("set-cookie").contains("gwo_session=; ")
            && answer.header("set-cookie").contains("Max-Age=0")
    );
    assert_eq!(answer.expect(200), json!({"logout_url": null}));
    assert_eq!(browser.get("/v1/auth/me").await.refused(401), "revoked_credentials");
    Browser::log_in(&test).await.get("/v1/auth/me").await.expect(200);
}

#[tokio::test]
async fn a_stale_cookie_does_not_keep_anybody_from_logging_in() {
    let test = start().await;
    let headers = [("cookie", "gwo_session=gws_stale")];
    let body = json!({"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD});
    test.request("", Method::POST, "/v1/auth/login", &headers, Some(body)).await.expect(200);
    assert_eq!(
        test.request("", Method::GET, "/v1/auth/me", &headers, None).await.refused(401),
        "invalid_credentials"
    );
}

#[tokio::test]
async fn an_idle_session_is_over() {
    let test = start().await;
    let browser = Browser::log_in(&test).await;
    let mut tx = test.app.database.tenant(test.org).await.unwrap();
    sqlx::query("update user_sessions set last_active_at = now() - interval '9 hours'")
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(browser.get("/v1/auth/me").await.refused(401), "expired_credentials");
}

#[tokio::test]
async fn a_suspended_user_is_told_so() {
    let test = start().await;
    let browser = Browser::log_in(&test).await;
    let mut tx = test.app.database.tenant(test.org).await.unwrap();
    sqlx::query("update users set status = 'suspended'").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(browser.get("/v1/auth/me").await.refused(403), "user_suspended");
    assert_eq!(login(&test, ADMIN_EMAIL, ADMIN_PASSWORD).await.refused(403), "user_suspended");
}

#[tokio::test]
async fn a_profile_is_changed_by_its_owner_only() {
    let test = start().await;
    let browser = Browser::log_in(&test).await;
    let headers = [("x-csrf-token", browser.csrf.as_str())];
    let body = json!({"name": "Ada", "preferences": {"theme": "dark", "gone": null}});
    let me = browser.send(Method::PATCH, "/v1/auth/me", &headers, Some(body)).await.expect(200);
    assert_eq!((&me["user"]["name"], &me["user"]["preferences"]), (&json!("Ada"), &json!({"theme": "dark"})));
    let answer =
        browser.send(Method::PATCH, "/v1/auth/me", &headers, Some(json!({"email": "x@y", "role": 1}))).await;
    let fields = answer.expect(400)["error"]["details"]["fields"].clone();
    assert_eq!((&fields[0]["code"], &fields[1]["code"]), (&json!("read_only"), &json!("unknown")));
    assert_eq!(test.patch("/v1/auth/me", json!({"name": "x"})).await.refused(403), "permission_denied");
}

#[tokio::test]
async fn a_new_password_works_and_ends_the_other_sessions() {
    let test = start().await;
    let (here, there) = (Browser::log_in(&test).await, Browser::log_in(&test).await);
    let change = |current: &str, new: &str| json!({"current_password": current, "new_password": new});
    assert_eq!(
        here.post("/v1/auth/password", change(ADMIN_PASSWORD, "short")).await.refused(400),
        "validation_error"
    );
    let wrong = here.post("/v1/auth/password", change("wrong", "a much better password")).await;
    assert_eq!(wrong.refused(401), "invalid_credentials");
    here.post("/v1/auth/password", change(ADMIN_PASSWORD, "a much better password")).await.expect(204);
    here.get("/v1/auth/me").await.expect(200);
    assert_eq!(there.get("/v1/auth/me").await.refused(401), "revoked_credentials");
    login(&test, ADMIN_EMAIL, "a much better password").await.expect(200);
    login(&test, ADMIN_EMAIL, ADMIN_PASSWORD).await.expect(401);
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one_or_all() {
    let test = start().await;
    let (here, there) = (Browser::log_in(&test).await, Browser::log_in(&test).await);
    let list = here.get("/v1/sessions?sort=created_at").await.expect(200);
    assert_eq!((&list["total"], &list["has_more"]), (&json!(2), &json!(false)));
    let current: Vec<_> =
        list["sessions"].as_array().unwrap().iter().map(|session| session["current"].clone()).collect();
    assert_eq!(current, [json!(true), json!(false)]);
    let path = format!("/v1/sessions/{}", list["sessions"][1]["id"].as_str().unwrap());
    let headers = [("x-csrf-token", here.csrf.as_str())];
    here.send(Method::DELETE, &path, &headers, None).await.expect(204);
    there.get("/v1/auth/me").await.expect(401);

    let user = list["sessions"][0]["user_id"].clone();
    let limited = test.key_with(&["users:read"]).await;
    let refused = test.post_as(&limited, "/v1/sessions/revoke", json!({"user_id": user})).await;
    assert_eq!(refused.refused(403), "permission_denied");
    assert_eq!(
        test.post("/v1/sessions/revoke", json!({"user_id": user})).await.expect(200),
        json!({"revoked_count": 1})
    );
    here.get("/v1/auth/me").await.expect(401);
}

#[tokio::test]
async fn a_key_goes_before_a_cookie_and_shows_itself() {
    let test = start().await;
    let browser = Browser::log_in(&test).await;
    let headers = [("cookie", browser.cookie.as_str())];
    let me = test.request(ADMIN_KEY, Method::GET, "/v1/auth/me", &headers, None).await.expect(200);
    assert_eq!((&me["type"], &me["api_key"]["name"]), (&json!("api_key"), &json!("bootstrap")));
    assert_eq!((&me["user"], &me["csrf_token"], &me["session"]), (&Value::Null, &Value::Null, &Value::Null));
}

#[tokio::test]
async fn the_login_page_learns_how_to_log_in() {
    let test = start().await;
    let expected = json!({"local_login": true, "sso_required": false, "providers": []});
    for path in
        ["/v1/auth/config", "/v1/auth/config?organization=test-org", "/v1/auth/config?organization=none"]
    {
        assert_eq!(test.get_as("", path).await.expect(200), expected);
    }
    test.sql(r#"update organizations set settings = '{"security": {"require_sso": true}}'"#).await;
    assert_eq!(
        test.get_as("", "/v1/auth/config?organization=test-org").await.expect(200)["sso_required"],
        true
    );
    assert_eq!(login(&test, ADMIN_EMAIL, ADMIN_PASSWORD).await.refused(403), "sso_required");
}
