use axum::http::Method;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Utc;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::{Value, json};

use crate::testing::{ADMIN_KEY, TestApp, browser::Browser};

const PATH: &str = "/v1/auth/token";

/// What a token says, once its signature is found good.
fn open(test: &TestApp, answer: &Value) -> Value {
    let token = answer["access_token"].as_str().unwrap();
    let (content, signature) = token.rsplit_once('.').unwrap();
    let public = UnparsedPublicKey::new(&ED25519, test.app.derived.mcp_token().public());
    public.verify(content.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
    let claims = content.split_once('.').unwrap().1;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

#[tokio::test]
async fn a_session_gets_a_token_that_names_its_user() {
    let test = TestApp::start().await;
    let browser = Browser::log_in(&test).await;
    let before = Utc::now().timestamp();
    let answer = browser.post(PATH, json!({})).await.expect(201);
    assert_eq!(answer["token_type"], "Bearer");
    let claims = open(&test, &answer);
    let me = browser.get("/v1/auth/me").await.expect(200);
    assert_eq!((&claims["sub"], &claims["org"]), (&me["user"]["id"], &me["organization"]["id"]));
    assert_eq!(
        (&claims["iss"], &claims["aud"]),
        (&json!("http://localhost:8081"), &json!("http://localhost:8080"))
    );
    assert_eq!(
        (&claims["scope"], &claims["servers"], &claims["tools"]),
        (&json!("mcp:read mcp:call"), &json!(["*"]), &json!(["*"]))
    );
    let life = claims["exp"].as_i64().unwrap() - before;
    assert!((600..660).contains(&life), "{life}");
    let until: chrono::DateTime<Utc> = answer["expires_at"].as_str().unwrap().parse().unwrap();
    assert_eq!(until.timestamp(), claims["exp"].as_i64().unwrap());
    let again = browser.post(PATH, json!({})).await.expect(201);
    assert_ne!(open(&test, &again)["jti"], claims["jti"]);
}

#[tokio::test]
async fn a_key_gets_a_token_that_names_the_key_with_the_scope_it_holds() {
    let test = TestApp::start().await;
    let owner = test.user("ann", Some("developer")).await;
    let (id, key) = test.personal_key(owner.0).await;
    let body = json!({"ttl_seconds": 60, "servers": ["git*"], "tools": ["*", "!*__delete_*"]});
    let claims = open(&test, &test.post_as(&key, PATH, body).await.expect(201));
    assert_eq!(claims["sub"], json!(id), "the key, not its owner");
    assert_eq!((&claims["servers"], &claims["tools"]), (&json!(["git*"]), &json!(["*", "!*__delete_*"])));
    let reader = test.key_with(&["mcp:read"]).await;
    let claims = open(&test, &test.post_as(&reader, PATH, json!({})).await.expect(201));
    assert_eq!(claims["scope"], "mcp:read");
}

/// As if somebody had decided so, or as if time had passed.
#[tokio::test]
async fn a_token_outlives_neither_the_secret_nor_the_session_that_it_was_asked_for_with() {
    let test = TestApp::start().await;
    let owner = test.user("ann", Some("developer")).await;
    let (id, old) = test.personal_key(owner.0).await;
    let hour = json!({"ttl_seconds": 3600});
    let ask = async |key: &str| open(&test, &test.post_as(key, PATH, hour.clone()).await.expect(201));
    let life = |claims: &Value| claims["exp"].as_i64().unwrap() - Utc::now().timestamp();
    let before = ask(&old).await;
    assert!(life(&before) > 3500);
    let digest: Vec<u8> = {
        let mut conn = test.app.database.worker().await.unwrap();
        let query = sqlx::query_scalar("select key_hash from api_keys where id = $1").bind(id);
        query.fetch_one(&mut *conn).await.unwrap()
    };
    assert_eq!(before["gwo_secret"], URL_SAFE_NO_PAD.encode(&digest[..8]), "proxies hold the same digest");

    let rotated =
        test.post(&format!("/v1/api-keys/{id}/rotate"), json!({"grace_seconds": 600})).await.expect(200);
    let (by_old, by_new) = (ask(&old).await, ask(rotated["key"].as_str().unwrap()).await);
    assert_eq!(by_old["gwo_secret"], before["gwo_secret"]);
    assert_ne!(by_new["gwo_secret"], before["gwo_secret"]);
    assert!(life(&by_old) <= 600 && life(&by_new) > 3500);
    test.sql("update api_keys set expires_at = now() + interval '5 minutes' where user_id is not null").await;
    assert!(life(&ask(rotated["key"].as_str().unwrap()).await) <= 300);

    let browser = Browser::log_in(&test).await;
    test.sql("update user_sessions set expires_at = now() + interval '2 minutes'").await;
    let claims = open(&test, &browser.post(PATH, hour.clone()).await.expect(201));
    assert!(life(&claims) <= 120 && claims.get("gwo_secret").is_none(), "{claims}");
}

#[tokio::test]
async fn who_holds_mcp_read_on_one_server_gets_a_token_and_who_holds_it_nowhere_none() {
    let test = TestApp::start().await;
    let form = json!({"name": "files", "url": "http://127.0.0.1:1/mcp"});
    let server = test.post("/v1/mcp-servers", form).await.expect(201)["id"].clone();
    let user = test.user("ann", Some("billing")).await;
    let key = test.key_of(user).await;
    assert_eq!(test.post_as(&key, PATH, json!({})).await.refused(403), "permission_denied");
    let role = test.role("developer").await;
    let body = json!({"user_id": user, "role_id": role, "scope_type": "server", "scope_id": server});
    test.post("/v1/role-assignments", body).await.expect(201);
    test.post_as(&key, PATH, json!({})).await.expect(201);
    let caller_only = test.key_with(&["mcp:call"]).await;
    assert_eq!(test.post_as(&caller_only, PATH, json!({})).await.refused(403), "permission_denied");
}

#[tokio::test]
async fn lifetimes_and_globs_outside_the_rules_are_refused() {
    let test = TestApp::start().await;
    let many = vec!["x"; 101];
    let long = vec!["x".repeat(200); 100];
    for (body, field) in [
        (json!({"ttl_seconds": 59}), "ttl_seconds"),
        (json!({"ttl_seconds": 3601}), "ttl_seconds"),
        (json!({"servers": many}), "servers"),
        (json!({"tools": [""]}), "tools.0"),
        (json!({"tools": long}), "tools"),
        (json!({"audience": "x"}), "audience"),
    ] {
        let answer = test.post(PATH, body).await.expect(400);
        assert_eq!(answer["error"]["details"]["fields"][0]["field"], field, "{answer}");
    }
}

#[tokio::test]
async fn a_repeated_answer_does_not_show_the_token_again() {
    let test = TestApp::start().await;
    let headers = [("idempotency-key", "t1")];
    let ask = || test.request(ADMIN_KEY, Method::POST, PATH, &headers, Some(json!({})));
    assert!(ask().await.expect(201)["access_token"].is_string());
    assert_eq!(ask().await.expect(201)["access_token"], Value::Null);
}
