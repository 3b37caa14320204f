//! Whose account one gets.

use serde_json::{Value, json};

use crate::testing::{
    browser::Browser,
    identity_provider::CLIENT_SECRET,
    sign_in::{SsoHouse, provider_form},
};

#[tokio::test]
async fn an_uninvited_person_gets_an_account_with_the_default_role_if_that_is_so_set() {
    let house = SsoHouse::open_with(json!({"default_role": "billing"})).await;
    house.idp.claim(json!({"picture": "https://pictures.example/ann.png"}));
    house.session().await;
    let user = house.user("ann@example.com").await;
    assert_eq!((&user["role"], &user["auth_method"]), (&json!("billing"), &json!("sso")));
    assert_eq!(user["avatar_url"], "https://pictures.example/ann.png");

    house.change(json!({"jit_provisioning": false})).await;
    house.idp.claim(json!({"sub": "subject-2", "email": "bob@example.com"}));
    assert_eq!(house.refused().await, "sso_user_unknown");
    assert_eq!(house.user("bob@example.com").await, Value::Null);
    house.idp.claim(json!({"name": "Ann B.", "picture": "javascript:alert(1)"}));
    house.session().await;
    let user = house.user("ann@example.com").await;
    assert_eq!(
        (&user["name"], &user["avatar_url"]),
        (&json!("Ann B."), &json!("https://pictures.example/ann.png"))
    );
}

#[tokio::test]
async fn an_account_is_linked_by_its_verified_address_and_then_known_by_its_subject() {
    let house = SsoHouse::open_with(json!({"jit_provisioning": false})).await;
    let ann = house.test.user("ann", Some("developer")).await;
    house.idp.claim(json!({"email": "ANN@Example.com"}));
    house.session().await;
    assert_eq!(house.test.audited(&ann.to_string()).await, ["user.update"]);
    // The address changed at the provider; the person did not.
    house.idp.claim(json!({"email": "ann.new@example.com"}));
    let me = house.me(&house.session().await).await.expect(200);
    assert_eq!(me["user"]["id"], json!(ann));
}

#[tokio::test]
async fn an_account_is_not_taken_over_by_another_subject_with_its_address() {
    let house = SsoHouse::open().await;
    house.session().await;
    house.idp.claim(json!({"sub": "subject-2"}));
    assert_eq!(house.refused().await, "sso_account_linked");
}

#[tokio::test]
async fn an_account_moves_to_another_provider_once_its_own_is_out_of_use() {
    let mut house = SsoHouse::open().await;
    house.session().await;
    let mut form = provider_form(&house.idp.issuer);
    form["name"] = json!("Other");
    let other =
        house.test.post("/v1/sso/providers", form).await.expect(201)["id"].as_str().unwrap().to_owned();
    let first = std::mem::replace(&mut house.provider, other);
    assert_eq!(house.refused().await, "sso_account_linked");
    house.test.patch(&format!("/v1/sso/providers/{first}"), json!({"enabled": false})).await.expect(200);
    house.session().await;
}

#[tokio::test]
async fn an_invite_is_accepted_by_signing_in_with_its_address() {
    let house = SsoHouse::open_with(json!({"jit_provisioning": false})).await;
    let team = house.test.add_team("Payments", &[]).await;
    let form = json!({"email": "ann@example.com", "role": "developer", "team_ids": [team]});
    house.test.post("/v1/users/invite", form).await.expect(201);
    house.session().await;
    let user = house.user("ann@example.com").await;
    assert_eq!((&user["role"], &user["teams"][0]["id"]), (&json!("developer"), &json!(team)));
    let invites = house.test.get("/v1/users/invites").await.expect(200);
    assert_eq!(invites["invites"][0]["status"], "accepted");
}

#[tokio::test]
async fn a_suspended_person_stays_out_linked_or_not() {
    let house = SsoHouse::open().await;
    let ann = house.test.user("ann", Some("viewer")).await;
    let path = format!("/v1/users/{ann}");
    house.test.patch(&path, json!({"status": "suspended"})).await.expect(200);
    assert_eq!(house.refused().await, "user_suspended");
    house.test.patch(&path, json!({"status": "active"})).await.expect(200);
    house.session().await;
    house.test.patch(&path, json!({"status": "suspended"})).await.expect(200);
    assert_eq!(house.refused().await, "user_suspended");
}

#[tokio::test]
async fn only_addresses_of_allowed_domains_come_in() {
    let house = SsoHouse::open_with(json!({"allowed_domains": ["example.com"]})).await;
    house.session().await;
    house.idp.claim(json!({"email": "ann@example.org"}));
    assert_eq!(house.refused().await, "sso_domain_not_allowed", "not even a known subject");
    house.idp.claim(json!({"sub": "subject-2", "email": "eve@sub.example.com"}));
    assert_eq!(house.refused().await, "sso_domain_not_allowed");
}

#[tokio::test]
async fn another_issuer_knows_nobody_by_the_subjects_of_the_first() {
    let house = SsoHouse::open().await;
    house.session().await;
    let evil = crate::testing::identity_provider::IdentityProvider::start().await;
    house.change(json!({"issuer_url": evil.issuer, "client_secret": CLIENT_SECRET})).await;
    let house = SsoHouse { idp: evil, ..house };
    house.idp.claim(json!({"email": "eve@example.com"}));
    let me = house.me(&house.session().await).await.expect(200);
    assert_eq!(me["user"]["email"], "eve@example.com", "subject-1 is somebody else here");
}

#[tokio::test]
async fn what_the_token_leaves_out_is_asked_for() {
    let house = SsoHouse::open().await;
    house.idp.claim(json!({"email": null, "email_verified": null, "name": null}));
    house.idp.says().user_info =
        json!({"email": "ann@example.com", "email_verified": true, "name": "Ann from there"});
    let me = house.me(&house.session().await).await.expect(200);
    assert_eq!(
        (&me["user"]["email"], &me["user"]["name"]),
        (&json!("ann@example.com"), &json!("Ann from there"))
    );
    house.idp.says().user_info =
        json!({"sub": "somebody-else", "email": "eve@example.com", "email_verified": true});
    assert_eq!(house.refused().await, "sso_provider_error", "another's claims are not used");
}

#[tokio::test]
async fn claims_are_found_where_the_provider_puts_them() {
    let mappings = json!({"email": "https://example.com/email", "name": "/person/full"});
    let house = SsoHouse::open_with(json!({"type": "auth0", "claim_mappings": mappings})).await;
    house.idp.claim(json!({
        "https://example.com/email": "ann@example.com", "person": {"full": "Ann Example"},
    }));
    house.session().await;
    assert_eq!(house.user("ann@example.com").await["name"], "Ann Example");
    house.idp.claim(json!({"https://example.com/email": "boss@example.com"}));
    assert_eq!(house.refused().await, "sso_email_unverified", "ann's flag is not the boss's");
}

#[tokio::test]
async fn a_flag_that_only_user_info_has_is_asked_for() {
    let house = SsoHouse::open_with(json!({"type": "okta"})).await;
    house.idp.claim(json!({"email_verified": null}));
    house.idp.says().user_info = json!({"email": "ann@example.com", "email_verified": true});
    house.session().await;
    house.idp.says().user_info = json!({"email": "eve@example.com", "email_verified": true});
    assert_eq!(house.refused().await, "sso_email_unverified", "of another address");
}

#[tokio::test]
async fn user_info_that_fails_keeps_out_only_whom_it_would_have_to_vouch_for() {
    let house = SsoHouse::open().await;
    house.idp.says().user_info_status = http::StatusCode::FORBIDDEN;
    house.idp.claim(json!({"name": null}));
    house.session().await;
    assert_eq!(house.user("ann@example.com").await["name"], "ann");
    house.idp.claim(json!({"email_verified": null}));
    assert_eq!(house.refused().await, "sso_provider_error");
}

#[tokio::test]
async fn a_client_of_another_name_knows_people_by_their_addresses_again() {
    let house = SsoHouse::open().await;
    house.session().await;
    house.change(json!({"client_id": "another registration"})).await;
    house.change(json!({"client_id": "gateway"})).await;
    house.idp.claim(json!({"sub": "ann, as this client knows her"}));
    let me = house.me(&house.session().await).await.expect(200);
    assert_eq!(me["user"]["email"], "ann@example.com");
}

#[tokio::test]
async fn only_a_platform_administrators_provider_signs_one_in() {
    let house = SsoHouse::open().await;
    house.idp.claim(json!({"email": "admin@example.com"}));
    assert_eq!(house.refused().await, "sso_account_linked", "who set it up holds one organization only");
    let browser = Browser::log_in(&house.test).await;
    let path = format!("/v1/sso/providers/{}", house.provider);
    let headers = [("x-csrf-token", browser.csrf.as_str())];
    let confirm = Some(json!({"enabled": true}));
    browser.send(http::Method::PATCH, &path, &headers, confirm).await.expect(200);
    let me = house.me(&house.session().await).await.expect(200);
    assert_eq!(me["user"]["is_platform_admin"], true);

    house.change(json!({"name": "Renamed"})).await;
    house.session().await;
    house.change(json!({"claim_mappings": {"email": "mail"}})).await;
    house.change(json!({"claim_mappings": {"email": "email"}})).await;
    assert_eq!(house.refused().await, "sso_account_linked", "others have decided who its people are");
}

#[tokio::test]
async fn who_becomes_a_platform_administrator_signs_in_by_no_others_provider() {
    let house = SsoHouse::open().await;
    house.session().await;
    let mut tx = house.test.app.database.tenant(house.test.org).await.unwrap();
    sqlx::query("update users set is_platform_admin = true").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(house.refused().await, "sso_account_linked");
}

#[tokio::test]
async fn an_invite_to_see_every_organization_is_accepted_by_no_others_provider() {
    let house = SsoHouse::open().await;
    let browser = Browser::log_in(&house.test).await;
    let role = json!({"name": "platform", "permissions": ["platform:admin"]});
    browser.post("/v1/roles", role).await.expect(201);
    browser
        .post("/v1/users/invite", json!({"email": "ann@example.com", "role": "platform"}))
        .await
        .expect(201);
    assert_eq!(house.refused().await, "sso_account_linked");
    assert_eq!(house.user("ann@example.com").await, Value::Null);
}

#[tokio::test]
async fn who_begins_twice_at_once_gets_one_account_and_both_sessions() {
    let house = SsoHouse::open().await;
    let (one, two) = (house.begin("/docs").await, house.begin("/docs").await);
    let (one, two) = tokio::join!(house.finish(&one), house.finish(&two));
    assert_eq!((one.header("location"), two.header("location")), ("/docs", "/docs"));
}
