//! Logging out, here and there.

use std::collections::HashMap;

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use serde_json::{Value, json};

use crate::testing::{Answer, identity_provider::Signed, sign_in::SsoHouse};

async fn log_out(house: &SsoHouse, session: &str) -> Value {
    let csrf = house.me(session).await.expect(200)["csrf_token"].as_str().unwrap().to_owned();
    let headers = [("cookie", session), ("x-csrf-token", csrf.as_str())];
    house.test.request("", Method::POST, "/v1/auth/logout", &headers, None).await.expect(200)
}

async fn tell(house: &SsoHouse, token: &str) -> Answer {
    let body: String =
        form_urlencoded::Serializer::new(String::new()).append_pair("logout_token", token).finish();
    let request = Request::post(format!("/v1/sso/backchannel-logout/{}", house.provider))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body));
    house.test.send(request.unwrap()).await
}

#[tokio::test]
async fn a_logout_leads_on_to_the_provider() {
    let house = SsoHouse::open().await;
    let session = house.session().await;
    let answer = log_out(&house, &session).await;
    let url = url::Url::parse(answer["logout_url"].as_str().unwrap()).unwrap();
    assert!(url.as_str().starts_with(&format!("{}/logout?", house.idp.issuer)));
    let query: HashMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!(query["post_logout_redirect_uri"], format!("{}/login", house.test.app.config.public_url));
    assert_eq!((query["client_id"].as_str(), query["id_token_hint"].split('.').count()), ("gateway", 3));
    assert!(!query["state"].is_empty());
    assert_eq!(house.me(&session).await.refused(401), "revoked_credentials");
}

#[tokio::test]
async fn a_logout_ends_here_where_the_provider_has_none() {
    let house = SsoHouse::open().await;
    house.idp.says().document = json!({"end_session_endpoint": null});
    let session = house.session().await;
    assert_eq!(log_out(&house, &session).await, json!({"logout_url": null}));
}

#[tokio::test]
async fn an_id_token_is_kept_sealed() {
    let house = SsoHouse::open().await;
    house.session().await;
    let mut tx = house.test.app.database.tenant(house.test.org).await.unwrap();
    let kept: Vec<u8> =
        sqlx::query_scalar("select id_token_encrypted from user_sessions where sso_subject = 'subject-1'")
            .fetch_one(&mut *tx)
            .await
            .unwrap();
    assert!(!kept.windows(3).any(|window| window == b"eyJ"));
}

#[tokio::test]
async fn an_id_token_goes_with_its_session() {
    let house = SsoHouse::open().await;
    let (one, _other) = (house.session().await, house.session().await);
    log_out(&house, &one).await;
    let kept = async || -> i64 {
        let mut tx = house.test.app.database.tenant(house.test.org).await.unwrap();
        let query = "select count(*) from user_sessions where id_token_encrypted is not null";
        sqlx::query_scalar(query).fetch_one(&mut *tx).await.unwrap()
    };
    assert_eq!(kept().await, 1);
    let mut tx = house.test.app.database.worker().await.unwrap();
    sqlx::query("update user_sessions set expires_at = now()").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = house.test.app.database.worker().await.unwrap();
    crate::store::sessions::forget_id_tokens(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(kept().await, 0, "nor does one outlive a session that ran out");
}

#[tokio::test]
async fn sessions_end_with_the_word_that_they_stood_on() {
    for change in [json!({"enabled": false}), json!({"client_id": "another"})] {
        let house = SsoHouse::open().await;
        let session = house.session().await;
        house.change(json!({"name": "Renamed"})).await;
        house.me(&session).await.expect(200);
        house.change(change.clone()).await;
        assert_eq!(house.me(&session).await.refused(401), "revoked_credentials", "{change}");
        let rows = house.test.audit_rows().await;
        let row = rows.iter().rfind(|row| row.action == "sso_provider.update").unwrap();
        assert_eq!(row.details["sessions_ended"], 1);
    }
    let house = SsoHouse::open().await;
    let session = house.session().await;
    house.test.delete(&format!("/v1/sso/providers/{}", house.provider)).await.expect(204);
    assert_eq!(house.me(&session).await.refused(401), "revoked_credentials");
}

#[tokio::test]
async fn a_provider_that_was_switched_off_is_still_heard() {
    let house = SsoHouse::open().await;
    house.change(json!({"enabled": false})).await;
    tell(&house, &house.idp.logout_token(&json!({"sub": "subject-1"}))).await.expect(200);
}

#[tokio::test]
async fn a_logout_at_the_provider_ends_the_sessions_it_names() {
    let house = SsoHouse::open().await;
    let (one, same_person) = (house.session().await, {
        house.idp.claim(json!({"sid": "sid-2"}));
        house.session().await
    });
    house.idp.claim(json!({"sub": "subject-2", "email": "bob@example.com", "sid": "sid-3"}));
    let bob = house.session().await;

    let answer = tell(&house, &house.idp.logout_token(&json!({"sid": "sid-1"}))).await;
    assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "no-store"));
    assert_eq!(house.me(&one).await.refused(401), "revoked_credentials");
    house.me(&same_person).await.expect(200);

    house.idp.claim(json!({"sid": null}));
    let unnamed = house.session().await;
    tell(&house, &house.idp.logout_token(&json!({"sub": "subject-2", "sid": "sid-2"}))).await.expect(200);
    house.me(&unnamed).await.expect(200);
    tell(&house, &house.idp.logout_token(&json!({"sub": "subject-1", "sid": "sid-9"}))).await.expect(200);
    assert_eq!(house.me(&unnamed).await.refused(401), "revoked_credentials", "it may be the one");
    house.me(&same_person).await.expect(200);
    tell(&house, &house.idp.logout_token(&json!({"sub": "subject-1"}))).await.expect(200);
    assert_eq!(house.me(&same_person).await.refused(401), "revoked_credentials");
    house.me(&bob).await.expect(200);
    let ended = house.test.audit_log().await.into_iter().filter(|action| action == "session.logout").count();
    assert_eq!(ended, 3);
}

#[tokio::test]
async fn a_logout_token_that_names_no_key_is_tried_with_each() {
    let house = SsoHouse::open().await;
    house.idp.publish_another();
    house.idp.says().names_key = false;
    tell(&house, &house.idp.logout_token(&json!({"sub": "subject-1"}))).await.expect(200);
    house.idp.says().signed = Signed::ByForeignKey;
    tell(&house, &house.idp.logout_token(&json!({"sub": "subject-1"}))).await.expect(400);
}

#[tokio::test]
async fn a_logout_token_is_good_once_and_only_the_providers_own_counts() {
    let house = SsoHouse::open().await;
    let token = house.idp.logout_token(&json!({"sub": "subject-1"}));
    tell(&house, &token).await.expect(200);
    let session = house.session().await;
    let refused = async |token: &str| {
        let answer = tell(&house, token).await;
        assert_eq!(answer.header("cache-control"), "no-store");
        answer.expect(400)["error"]["details"]["reason"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(refused(&token).await, "sso_code_replayed");
    for (claims, reason) in [
        (json!({"sub": "subject-1", "iss": "https://evil.example"}), "sso_issuer_invalid"),
        (json!({"sub": "subject-1", "aud": "another"}), "sso_audience_invalid"),
        (json!({"sub": "subject-1", "nonce": "n"}), "sso_token_invalid"),
        (json!({"sub": "subject-1", "events": null}), "sso_token_invalid"),
        (json!({}), "sso_token_invalid"),
    ] {
        assert_eq!(refused(&house.idp.logout_token(&claims)).await, reason, "{claims}");
    }
    for signed in [Signed::Not, Signed::BySecret, Signed::ByForeignKey] {
        house.idp.says().signed = signed;
        assert_eq!(refused(&house.idp.logout_token(&json!({"sub": "subject-1"}))).await, "sso_token_invalid");
    }
    assert_eq!(refused("nonsense").await, "sso_token_invalid");
    house.me(&session).await.expect(200);
    let path = format!("/v1/sso/backchannel-logout/{}", house.provider);
    assert_eq!(house.test.request("", Method::POST, &path, &[], None).await.refused(400), "invalid_request");
}
