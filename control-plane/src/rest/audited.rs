//! The promise that nothing is changed without a row in the audit log.
//!
//! The routes come from the OpenAPI document: every one that writes is sent a request that succeeds, and there must be a
//! row with this request's id afterwards. `unaudited.txt` beside this file names those that change nothing, and why.

use axum::http::Method;
use serde_json::json;
use sqlx::PgConnection;

use super::callers::{House, routes};
use crate::{
    mcp::fixture::{Fixture, Kind},
    testing::{
        ADMIN_EMAIL, ADMIN_KEY, ADMIN_PASSWORD, Answer, browser::Browser, identity_provider::CLIENT_SECRET,
    },
};

const EXCEPTIONS: &str = include_str!("unaudited.txt");
/// Stands in every secret that is given here.
const HUSH: &str = "hush-hush";

fn exceptions() -> Vec<String> {
    let name = |line: &str| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    EXCEPTIONS.lines().map(name).collect()
}

fn writing() -> Vec<(String, Method)> {
    routes().into_iter().filter(|(_, method)| *method != Method::GET).collect()
}

#[tokio::test]
async fn every_route_that_writes_leaves_a_row_with_its_request_and_no_secret() {
    let exceptions = exceptions();
    let mut house = House::build().await;
    for (path, method) in writing() {
        let name = format!("{method} {path}");
        if exceptions.contains(&name) {
            continue;
        }
        if let Err(first) = leaves_a_row(&house, &method, &path).await {
            // What it is about may be gone by now: once more with everything there.
            check_secrets(&house).await;
            house.renew().await;
            let again = leaves_a_row(&house, &method, &path).await;
            again.unwrap_or_else(|error| panic!("{name}: {error}, and before that {first}"));
        }
    }
    check_secrets(&house).await;
}

async fn leaves_a_row(house: &House, method: &Method, path: &str) -> Result<(), String> {
    let answer = send(house, method, path).await;
    if !answer.status.is_success() {
        return Err(format!("{} {}", answer.status, answer.text));
    }
    let mut tx = house.app.app.database.worker().await.unwrap();
    let rows: i64 = sqlx::query_scalar(
        "select count(*) from audit_logs where request_id = $1 and actor_type in ('user', 'api_key') and outcome = 'success'",
    )
    .bind(answer.header("x-request-id"))
    .fetch_one(&mut *tx)
    .await
    .unwrap();
    if rows == 0 { Err("no row was left".to_owned()) } else { Ok(()) }
}

/// Everywhere, a change of something: what changes nothing needs no row.
async fn send(house: &House, method: &Method, path: &str) -> Answer {
    let app = &house.app;
    let body = match (method.as_str(), path) {
        ("POST", "/v1/auth/login") => json!({ "email": ADMIN_EMAIL, "password": ADMIN_PASSWORD }),
        ("POST", "/v1/auth/password") => {
            json!({ "current_password": ADMIN_PASSWORD, "new_password": format!("{HUSH} and on") })
        }
        ("POST", "/v1/users/invites/accept") => {
            json!({ "token": invited(house).await, "name": "Joe", "password": format!("{HUSH} and on") })
        }
        ("PATCH", "/v1/alerts/silences/{id}") => json!({ "reason": "another" }),
        ("PATCH", "/v1/mcp-servers/{id}") => json!({ "auth": { "type": "bearer", "token": HUSH } }),
        ("PATCH", "/v1/sso/providers/{id}") => json!({ "client_secret": HUSH }),
        ("PATCH", "/v1/telemetry/exporters/{id}") => json!({ "headers": { "authorization": HUSH } }),
        ("PATCH", "/v1/safety/detections/{id}") => json!({ "disposition": "true_positive" }),
        ("PATCH", "/v1/tool-classifications/{id}") => json!({ "classification": "dangerous" }),
        ("PATCH", "/v1/tool-permissions/{id}") => json!({ "effect": "deny" }),
        ("PATCH", "/v1/settings") => json!({ "security": { "session_seconds": 7200 } }),
        ("PATCH", "/v1/teams/{id}/members/{user_id}") => json!({ "role": "lead" }),
        ("PATCH", "/v1/users/{id}") => json!({ "status": "suspended" }),
        ("PATCH", "/v1/webhooks/{id}") => json!({ "headers": { "x-secret": HUSH } }),
        ("PATCH", _) => json!({ "name": "renamed" }),
        _ => house.body(method, path),
    };
    // Some are for people, or for the platform's own.
    if ["/v1/auth/logout", "/v1/auth/password", "/v1/organizations"].contains(&path) {
        return Browser::log_in(app).await.post(path, body).await;
    }
    // It ends with this request.
    let answering = Fixture::start(Kind::Dual).await;
    let target = match (method.as_str(), path) {
        ("DELETE", "/v1/roles/{id}") => format!("/v1/roles/{}", unassigned_role(house).await),
        ("POST", "/v1/mcp-servers/{id}/refresh") => {
            let form = json!({ "name": "answering", "url": answering.url });
            app.post("/v1/mcp-servers", form).await.expect(201);
            "/v1/mcp-servers/answering/refresh".to_owned()
        }
        _ => house.target(path),
    };
    let key = match path {
        "/v1/auth/login" => "",
        // Only who asked for an approval can cancel that.
        "/v1/approvals/{id}/cancel" => ADMIN_KEY,
        _ => house.key("admin"),
    };
    app.request(key, method.clone(), &target, &[], Some(body)).await
}

async fn unassigned_role(house: &House) -> String {
    let form = json!({ "name": "unassigned", "permissions": ["mcp:read"] });
    house.app.post("/v1/roles", form).await.expect(201)["id"].as_str().unwrap().to_owned()
}

/// The token of a fresh invite.
async fn invited(house: &House) -> String {
    let sent = house.app.post("/v1/users/invite", json!({ "email": "joe@example.com" })).await.expect(201);
    sent["accept_url"].as_str().unwrap().split_once("#token=").unwrap().1.to_owned()
}

/// Nothing that opens something is in the log.
async fn check_secrets(house: &House) {
    let mut tx = house.app.app.database.worker().await.unwrap();
    for secret in [HUSH, CLIENT_SECRET, ADMIN_PASSWORD, "gwi_", "gws_", "whsec_"] {
        assert_eq!(rows_with(&mut tx, secret).await, 0, "{secret}");
    }
    let key = house.key("admin");
    assert_eq!(rows_with(&mut tx, &key[12..]).await, 0, "an API key");
    assert!(rows_with(&mut tx, "Payments").await > 0, "it would be found");
}

async fn rows_with(conn: &mut PgConnection, text: &str) -> i64 {
    sqlx::query_scalar("select count(*) from audit_logs a where position($1 in a::text) > 0")
        .bind(text)
        .fetch_one(conn)
        .await
        .unwrap()
}

#[test]
fn every_exception_is_a_route_and_has_its_reason() {
    let routes: Vec<_> = writing().iter().map(|(path, method)| format!("{method} {path}")).collect();
    for (name, line) in exceptions().iter().zip(EXCEPTIONS.lines()) {
        assert!(routes.contains(name), "{name} is no route that writes");
        assert!(line.split_whitespace().count() > 3, "{name} has no reason");
    }
}
