//! Signing in against a real provider over HTTP.

use serde_json::{Value, json};

use crate::testing::{
    identity_provider::Signed,
    sign_in::{SignIn, SsoHouse, cookie, provider_form, refusal},
};

mod accounts;
mod groups;
mod logout;

#[tokio::test]
async fn a_sign_in_begins_a_session_and_goes_where_one_wanted() {
    let house = SsoHouse::open().await;
    let begun = house.begin("/traces%3Fstatus=error").await;
    let answer = house.finish(&begun).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (302, "/traces?status=error"));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(cookie(&answer, "gwo_sso_").unwrap().ends_with('='), "the sign-in is over");
    let session = cookie(&answer, "gwo_session").unwrap();
    let me = house.me(&session).await.expect(200);
    assert_eq!((&me["user"]["email"], &me["user"]["name"]), (&json!("ann@example.com"), &json!("Ann")));
    assert_eq!((&me["session"]["auth_method"], &me["user"]["auth_method"]), (&json!("sso"), &json!("sso")));
    assert!(me["user"]["last_login_at"].is_string());
    assert!(!answer.header("location").contains("gws_"));
}

#[tokio::test]
async fn every_sign_in_has_a_session_of_its_own() {
    let house = SsoHouse::open().await;
    let (one, two) = (house.session().await, house.session().await);
    assert_ne!(one, two);
    let planted = house.begin("/").await;
    let cookies = format!("gwo_session=gws_planted; {}", planted.cookie);
    let answer = house.come_back(&cookies, &format!("code={}&state={}", planted.code, planted.state)).await;
    assert_ne!(cookie(&answer, "gwo_session").as_deref(), Some("gwo_session=gws_planted"));
}

#[tokio::test]
async fn nobody_is_sent_to_another_site() {
    let house = SsoHouse::open().await;
    for redirect in
        ["https://evil.example", "//evil.example", "/%5Cevil.example", "/%252Fevil.example", "javascript:x"]
    {
        let path = format!("/v1/sso/authorize/{}?redirect={redirect}", house.provider);
        assert_eq!(house.test.get_as("", &path).await.refused(400), "invalid_request", "{redirect}");
    }
}

#[tokio::test]
async fn a_path_with_any_letter_is_gone_to() {
    let house = SsoHouse::open().await;
    let begun = house.begin("/caf%C3%A9?q=%C3%A9").await;
    assert_eq!(house.finish(&begun).await.header("location"), "/caf%C3%A9?q=%C3%A9");
}

#[tokio::test]
async fn two_tabs_are_not_in_each_others_way() {
    let house = SsoHouse::open().await;
    let (one, other) = (house.begin("/docs").await, house.begin("/traces").await);
    let cookies = format!("{}; {}", one.cookie, other.cookie);
    let finish = async |begun: &SignIn| {
        house.come_back(&cookies, &format!("code={}&state={}", begun.code, begun.state)).await
    };
    let first = finish(&one).await;
    assert_eq!(first.header("location"), "/docs");
    let kept = other.cookie.split_once('=').unwrap().0;
    assert_eq!(cookie(&first, kept), None, "the other tab's is left alone");
    assert_eq!(refusal(&house.come_back(&cookies, "code=x&state=of-nobody").await), "sso_state_invalid");
    assert_eq!(finish(&other).await.header("location"), "/traces");
}

#[tokio::test]
async fn a_state_belongs_to_its_browser_provider_and_time() {
    let house = SsoHouse::open().await;
    let (one, other) = (house.begin("/docs").await, house.begin("/docs").await);
    let query = |code: &str, state: &str| format!("code={code}&state={state}");
    let with = |sign_in: &SignIn, value: &str| {
        let name = sign_in.cookie.split_once('=').unwrap().0;
        format!("{name}={value}")
    };
    let (forged, swapped) = (with(&one, "AAAA"), with(&other, one.cookie.split_once('=').unwrap().1));
    for (cookie, state) in [
        ("", one.state.as_str()),
        (one.cookie.as_str(), "wrong"),
        (one.cookie.as_str(), ""),
        (one.cookie.as_str(), other.state.as_str()),
        (forged.as_str(), one.state.as_str()),
        (swapped.as_str(), other.state.as_str()),
    ] {
        let answer = house.come_back(cookie, &query(&one.code, state)).await;
        assert_eq!(refusal(&answer), "sso_state_invalid", "{cookie} {state}");
    }
    let mut form = provider_form(&house.idp.issuer);
    form["name"] = json!("Other");
    let made = house.test.post("/v1/sso/providers", form).await.expect(201);
    let path = format!("/v1/sso/callback/{}?{}", made["id"].as_str().unwrap(), query(&one.code, &one.state));
    let answer = house.test.request("", http::Method::GET, &path, &[("cookie", &one.cookie)], None).await;
    assert_eq!(refusal(&answer), "sso_state_invalid", "another provider");
    assert_eq!(house.finish(&one).await.header("location"), "/docs", "what was refused has spent nothing");
}

#[tokio::test]
async fn an_answer_is_good_once() {
    let house = SsoHouse::open().await;
    let begun = house.begin("/docs").await;
    assert_eq!(house.finish(&begun).await.header("location"), "/docs");
    assert_eq!(refusal(&house.finish(&begun).await), "sso_code_replayed", "with the cookie");
    let query = format!("code={}&state={}", begun.code, begun.state);
    assert_eq!(refusal(&house.come_back("", &query).await), "sso_code_replayed", "without it");

    // The code alone, in another sign-in: the provider knows that it was used.
    let again = house.begin("/docs").await;
    let query = format!("code={}&state={}", begun.code, again.state);
    assert_eq!(refusal(&house.come_back(&again.cookie, &query).await), "sso_code_replayed");
}

#[tokio::test]
async fn of_two_answers_at_once_one_counts() {
    let house = SsoHouse::open().await;
    let begun = house.begin("/docs").await;
    let (one, two) = tokio::join!(house.finish(&begun), house.finish(&begun));
    let mut places = [one.header("location"), two.header("location")].map(|place| place == "/docs");
    places.sort_unstable();
    assert_eq!(places, [false, true]);
}

#[tokio::test]
async fn a_token_is_refused_for_what_is_wrong_with_it() {
    let house = SsoHouse::open().await;
    let now = chrono::Utc::now().timestamp();
    for (claims, code) in [
        (json!({"iss": "https://evil.example"}), "sso_issuer_invalid"),
        (json!({"aud": "another client"}), "sso_audience_invalid"),
        (json!({"aud": ["gateway", "another client"]}), "sso_audience_invalid"),
        (json!({"azp": "another client"}), "sso_audience_invalid"),
        (json!({"nonce": "another"}), "sso_nonce_invalid"),
        (json!({"nonce": null}), "sso_nonce_invalid"),
        (json!({"exp": now - 120}), "sso_token_expired"),
        (json!({"iat": now + 600}), "sso_token_expired"),
        (json!({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}), "sso_token_invalid"),
        (json!({"sub": ""}), "sso_token_invalid"),
        (json!({"email_verified": false}), "sso_email_unverified"),
        (json!({"email_verified": null}), "sso_email_unverified"),
        (json!({"email": null}), "sso_email_unverified"),
    ] {
        house.idp.claim(claims.clone());
        assert_eq!(house.refused().await, code, "{claims}");
    }
    assert_eq!(house.user("ann@example.com").await, Value::Null, "nobody came in");
    house.idp.claim(json!({"azp": "gateway", "exp": now - 30}));
    house.session().await;
}

#[tokio::test]
async fn only_the_providers_own_signature_counts() {
    let house = SsoHouse::open().await;
    for signed in [Signed::Not, Signed::BySecret, Signed::ByForeignKey] {
        house.idp.says().signed = signed;
        let code = house.refused().await;
        assert!(["sso_token_invalid", "sso_provider_error"].contains(&code.as_str()), "{code}");
    }
    house.idp.says().signed = Signed::Well;
    house.session().await;
}

#[tokio::test]
async fn documents_and_keys_are_remembered() {
    let house = SsoHouse::open().await;
    house.session().await;
    house.session().await;
    let says = house.idp.says();
    assert_eq!((says.key_fetches, says.document_fetches), (1, 1));
}

#[tokio::test]
async fn an_answer_of_another_provider_is_noticed() {
    let house = SsoHouse::open().await;
    let finish = async |more: &str| {
        let begun = house.begin("/docs").await;
        house.come_back(&begun.cookie, &format!("code={}&state={}{more}", begun.code, begun.state)).await
    };
    assert_eq!(refusal(&finish("&iss=https%3A%2F%2Fevil.example").await), "sso_issuer_invalid");
    let own: String = form_urlencoded::byte_serialize(house.idp.issuer.as_bytes()).collect();
    assert_eq!(finish(&format!("&iss={own}&session_state=x")).await.header("location"), "/docs");
    // A provider that promises to say who it is must do so; its document is asked for under another address.
    let promising = SsoHouse::open().await;
    promising.idp.says().document = json!({"authorization_response_iss_parameter_supported": true});
    assert_eq!(promising.refused().await, "sso_issuer_invalid");
}

#[tokio::test]
async fn what_the_provider_says_no_to_is_told_apart_from_its_failures() {
    let house = SsoHouse::open().await;
    for (error, code) in [("access_denied", "sso_access_denied"), ("server_error", "sso_provider_error")] {
        let begun = house.begin("/docs").await;
        let answer = house.come_back(&begun.cookie, &format!("error={error}&state={}", begun.state)).await;
        assert_eq!(refusal(&answer), code);
        assert!(answer.header("location").contains("redirect=%2Fdocs"), "the wish is not forgotten");
    }
    house.change(json!({"client_secret": "outdated"})).await;
    assert_eq!(house.refused().await, "sso_provider_error");
    house.change(json!({"issuer_url": "http://127.0.0.1:1", "client_secret": "another"})).await;
    let answer = house.test.get_as("", &format!("/v1/sso/authorize/{}", house.provider)).await;
    assert_eq!(refusal(&answer), "sso_provider_unreachable");
}

#[tokio::test]
async fn every_refusal_is_on_record_with_its_reason() {
    let house = SsoHouse::open().await;
    house.idp.claim(json!({"email_verified": false}));
    let answer = house.sign_in().await;
    let rows = house.test.audit_rows().await;
    let row = rows.iter().find(|row| row.action == "session.login_failed").unwrap();
    assert_eq!((row.outcome.as_str(), &row.details["reason"]), ("denied", &json!("sso_email_unverified")));
    assert_eq!((&row.details["sso_subject"], &row.details["email"]), (&json!("subject-1"), &Value::Null));
    assert_eq!(row.request_id.as_deref(), Some(answer.header("x-request-id")));
    house.idp.claim(json!({}));
    house.session().await;
    let actions = house.test.audit_log().await;
    assert!(actions.ends_with(&["user.join".to_owned(), "session.login".to_owned()]), "{actions:?}");
}

#[tokio::test]
async fn a_refusal_says_who_it_was_once_that_is_certain_and_leads_to_their_page() {
    let house = SsoHouse::open_with(json!({"allowed_domains": ["example.org"]})).await;
    let answer = house.sign_in().await;
    assert_eq!(refusal(&answer), "sso_domain_not_allowed");
    assert!(answer.header("location").contains("organization=test-org"), "{}", answer.header("location"));
    let rows = house.test.audit_rows().await;
    let row = rows.iter().find(|row| row.action == "session.login_failed").unwrap();
    assert_eq!(row.details["email"], "ann@example.com");
    assert!(!row.details["detail"].as_str().unwrap().contains("ann@"), "what the log repeats names nobody");
}

#[tokio::test]
async fn what_changes_while_the_provider_is_asked_counts() {
    let house = SsoHouse::open().await;
    let begun = house.begin("/docs").await;
    let gate = std::sync::Arc::new(tokio::sync::Semaphore::new(0));
    house.idp.says().token_gate = Some(gate.clone());
    let change = async {
        while house.idp.says().token_calls == 0 {
            tokio::task::yield_now().await;
        }
        house.change(json!({"allowed_domains": ["example.org"]})).await;
        gate.add_permits(1);
    };
    let (answer, ()) = tokio::join!(house.finish(&begun), change);
    assert_eq!(refusal(&answer), "sso_provider_error", "not by what was allowed before");
}

#[tokio::test]
async fn the_login_page_learns_of_enabled_providers() {
    let house = SsoHouse::open().await;
    for path in ["/v1/auth/config", "/v1/auth/config?organization=test-org"] {
        let config = house.test.get_as("", path).await.expect(200);
        let provider = &config["providers"][0];
        assert_eq!((&provider["id"], &provider["type"]), (&json!(house.provider), &json!("oidc")));
        assert!(
            provider["authorize_url"]
                .as_str()
                .unwrap()
                .ends_with(&format!("/v1/sso/authorize/{}", house.provider))
        );
    }
    house.test.other_organization().await;
    let unnamed = house.test.get_as("", "/v1/auth/config").await.expect(200);
    assert_eq!(unnamed["providers"], json!([]), "which of two it is about must be said");
    house.change(json!({"enabled": false})).await;
    let config = house.test.get_as("", "/v1/auth/config?organization=test-org").await.expect(200);
    assert_eq!(config["providers"], json!([]));
    let path = format!("/v1/sso/authorize/{}", house.provider);
    assert_eq!(house.test.get_as("", &path).await.refused(404), "not_found");
}
