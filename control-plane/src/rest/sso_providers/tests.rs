use serde_json::{Value, json};

use crate::testing::{
    ADMIN_KEY, TestApp,
    browser::Browser,
    identity_provider::{CLIENT_SECRET, IdentityProvider},
    sign_in::provider_form,
};

const PATH: &str = "/v1/sso/providers";

async fn start() -> TestApp {
    TestApp::start_with(|config| config.egress_allow_private = true).await
}

fn form() -> Value {
    provider_form("https://login.example.com")
}

fn with(change: Value) -> Value {
    let mut form = form();
    for (name, value) in change.as_object().unwrap() {
        form[name] = value.clone();
    }
    form
}

#[tokio::test]
async fn a_provider_is_read_with_all_its_fields_and_without_its_secret() {
    let test = start().await;
    let answer = test.post(PATH, form()).await;
    assert_eq!(answer.header("etag"), "\"1\"");
    assert!(!answer.text.contains(CLIENT_SECRET));
    let location = answer.header("location").to_owned();
    let made = answer.expect(201);
    let id = made["id"].as_str().unwrap().to_owned();
    let public = &test.app.config.public_url;
    for (field, expected) in [
        ("type", json!("oidc")),
        ("client_secret_set", json!(true)),
        ("scopes", json!(["openid", "profile", "email"])),
        (
            "claim_mappings",
            json!({"email": "email", "name": "name", "groups": "groups", "picture": "picture"}),
        ),
        ("group_mappings", json!([])),
        ("allowed_domains", json!([])),
        ("jit_provisioning", json!(true)),
        ("default_role", json!("viewer")),
        ("mcp_tokens", json!(false)),
        ("enabled", json!(true)),
        ("callback_url", json!(format!("{public}/v1/sso/callback/{id}"))),
        ("authorize_url", json!(format!("{public}/v1/sso/authorize/{id}"))),
    ] {
        assert_eq!(made[field], expected, "{field}");
    }
    assert_eq!(test.get(&location).await.expect(200), made);
    assert_eq!(test.get(PATH).await.expect(200)["providers"], json!([made]));
    assert_eq!(test.get(&format!("{PATH}?type=okta")).await.expect(200)["total"], 0);
    assert_eq!(test.audited(&id).await, ["sso_provider.create"]);
}

#[tokio::test]
async fn a_secret_is_sealed_and_kept_by_a_change_that_does_not_name_it() {
    let test = start().await;
    let made = test.post(PATH, form()).await.expect(201);
    let path = format!("{PATH}/{}", made["id"].as_str().unwrap());
    let stored = async || -> Vec<u8> {
        let mut tx = test.app.database.tenant(test.org).await.unwrap();
        let query = "select client_secret_encrypted from sso_providers";
        sqlx::query_scalar(query).fetch_one(&mut *tx).await.unwrap()
    };
    let first = stored().await;
    assert!(!first.windows(CLIENT_SECRET.len()).any(|window| window == CLIENT_SECRET.as_bytes()));
    let changed = test
        .patch(&path, json!({"name": "Renamed", "claim_mappings": {"groups": "roles"}}))
        .await
        .expect(200);
    assert_eq!((&changed["name"], &changed["version"]), (&json!("Renamed"), &json!(2)));
    assert_eq!(
        (&changed["claim_mappings"]["groups"], &changed["claim_mappings"]["email"]),
        (&json!("roles"), &json!("email"))
    );
    assert_eq!(stored().await, first);
    test.patch(&path, json!({"client_secret": "another"})).await.expect(200);
    assert_ne!(stored().await, first);
    assert_eq!(test.patch(&path, json!({"client_secret": null})).await.refused(400), "validation_error");
    let id = made["id"].as_str().unwrap();
    assert_eq!(test.audited(id).await, ["sso_provider.create", "sso_provider.update", "sso_provider.update"]);
    let mut tx = test.app.database.worker().await.unwrap();
    let told: bool = sqlx::query_scalar(
        "select exists (select from audit_logs a where position($1 in a::text) > 0)
             or exists (select from policy_changes c where position($1 in c::text) > 0)",
    )
    .bind(CLIENT_SECRET)
    .fetch_one(&mut *tx)
    .await
    .unwrap();
    assert!(!told, "the secret is told to nobody");
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_its_field() {
    let test = TestApp::start().await;
    let nobody = uuid::Uuid::nil();
    for (change, field) in [
        (json!({"type": "saml"}), "type"),
        (json!({"issuer_url": "http://login.example.com"}), "issuer_url"),
        (json!({"issuer_url": "https://169.254.169.254"}), "issuer_url"),
        (json!({"issuer_url": "https://login.example.com/?x"}), "issuer_url"),
        (json!({"type": "google"}), "issuer_url"),
        (json!({"client_id": ""}), "client_id"),
        (json!({"client_secret": ""}), "client_secret"),
        (json!({"client_secret": "(kept)"}), "client_secret"),
        (json!({"scopes": ["openid email"]}), "scopes.0"),
        (json!({"claim_mappings": {"email": "preferred_username"}}), "claim_mappings.email"),
        (json!({"claim_mappings": {"mail": "x"}}), "claim_mappings.mail"),
        (json!({"group_mappings": [{"group": "a"}]}), "group_mappings.0"),
        (json!({"group_mappings": [{"group": "a", "role_id": nobody}]}), "group_mappings.0.role_id"),
        (json!({"group_mappings": [{"group": "a", "team_id": nobody}]}), "group_mappings.0.team_id"),
        (json!({"allowed_domains": ["*.example.com"]}), "allowed_domains.0"),
        (json!({"default_role": "king"}), "default_role"),
        (
            json!({"type": "azure_ad", "issuer_url": "https://login.microsoftonline.com/common/v2.0"}),
            "allowed_domains",
        ),
        (
            json!({"type": "azure_ad", "issuer_url":
                "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0"}),
            "allowed_domains",
        ),
        (json!({"type": "google", "issuer_url": "https://accounts.google.com"}), "allowed_domains"),
        (json!({"claim_mappings": {"email": "/preferred_username"}}), "claim_mappings.email"),
        (json!({"type": "okta", "issuer_url": "https://a.okta.com", "mcp_tokens": true}), "mcp_tokens"),
        (json!({"callback_url": "https://evil.example"}), "callback_url"),
    ] {
        let refused = test.post(PATH, with(change.clone())).await.expect(400);
        assert_eq!(refused["error"]["details"]["fields"][0]["field"], field, "{change}: {refused}");
    }
    test.post(PATH, form()).await.expect(201);
    assert_eq!(test.post(PATH, form()).await.refused(409), "conflict");
    let other = test
        .post(PATH, with(json!({"name": null, "type": "auth0", "allowed_domains": ["@Example.COM"]})))
        .await;
    let other = other.expect(201);
    assert_eq!((&other["name"], &other["allowed_domains"]), (&json!("Auth0"), &json!(["example.com"])));
}

#[tokio::test]
async fn without_leave_a_provider_is_public_and_speaks_tls() {
    let test = TestApp::start().await;
    for issuer in ["http://127.0.0.1:1", "https://127.0.0.1", "https://10.0.0.1", "http://login.example.com"]
    {
        let refused = test.post(PATH, provider_form(issuer)).await.expect(400);
        assert_eq!(refused["error"]["details"]["fields"][0]["field"], "issuer_url", "{issuer}");
    }
}

#[tokio::test]
async fn who_does_not_hold_everything_decides_about_no_provider_and_may_switch_one_off() {
    let test = start().await;
    let limited = test.key_with(&["sso:*", "teams:*", "traces:read", "users:*", "rbac:*"]).await;
    let role = json!({"name": "small", "permissions": ["traces:read"]});
    test.post("/v1/roles", role).await.expect(201);
    let refused = test.post_as(&limited, PATH, with(json!({"default_role": "small"}))).await.expect(403);
    assert_eq!(
        (&refused["error"]["code"], &refused["error"]["details"]["permission"]),
        (&json!("permission_denied"), &json!("*")),
        "what is missing is named"
    );
    assert!(refused["error"]["message"].as_str().unwrap().contains("anybody"), "{refused}");

    let made = test.post(PATH, form()).await.expect(201);
    let path = format!("{PATH}/{}", made["id"].as_str().unwrap());
    let patch = async |body: Value| test.request(&limited, http::Method::PATCH, &path, &[], Some(body)).await;
    for change in [
        json!({"issuer_url": "https://mine.example", "client_secret": "mine"}),
        json!({"name": "Mine"}),
        json!({"enabled": false, "name": "Mine"}),
        json!({"enabled": true}),
    ] {
        assert_eq!(patch(change.clone()).await.refused(403), "permission_denied", "{change}");
    }
    let deleted = test.request(&limited, http::Method::DELETE, &path, &[], None).await;
    assert_eq!(deleted.refused(403), "permission_denied", "its people could be taken over");
    assert_eq!(patch(json!({"enabled": false})).await.expect(200)["enabled"], false);
    assert_eq!(patch(json!({"enabled": true})).await.refused(403), "permission_denied");
    let reader = test.key_with(&["sso:read"]).await;
    let off = test.request(&reader, http::Method::PATCH, &path, &[], Some(json!({"enabled": false}))).await;
    assert_eq!(off.refused(403), "permission_denied");
}

#[tokio::test]
async fn what_no_role_holds_no_provider_gives_but_a_platform_administrators() {
    let test = start().await;
    let browser = Browser::log_in(&test).await;
    let role = json!({"name": "platform", "permissions": ["platform:admin"]});
    let role = browser.post("/v1/roles", role).await.expect(201)["id"].clone();
    for beyond in
        [json!({"default_role": "platform"}), json!({"group_mappings": [{"group": "a", "role_id": role}]})]
    {
        assert_eq!(test.post(PATH, with(beyond)).await.refused(403), "permission_denied");
    }
    browser.post(PATH, with(json!({"default_role": "platform"}))).await.expect(201);
}

#[tokio::test]
async fn a_secret_is_not_sent_where_a_change_leads() {
    let test = start().await;
    let made = test.post(PATH, form()).await.expect(201);
    let path = format!("{PATH}/{}", made["id"].as_str().unwrap());
    for change in [json!({"issuer_url": "https://mine.example"}), json!({"type": "auth0"})] {
        let refused = test.patch(&path, change.clone()).await.expect(400);
        assert_eq!(refused["error"]["details"]["fields"][0]["field"], "client_secret", "{change}");
        let mut given = change;
        given["client_secret"] = json!("another");
        test.patch(&path, given).await.expect(200);
    }
}

#[tokio::test]
async fn a_stale_change_is_refused_and_a_deleted_provider_is_gone() {
    let test = start().await;
    let made = test.post(PATH, form()).await.expect(201);
    let path = format!("{PATH}/{}", made["id"].as_str().unwrap());
    test.patch(&path, json!({"name": "Renamed"})).await.expect(200);
    let stale = [("if-match", "\"1\"")];
    let answer = test.request(ADMIN_KEY, http::Method::DELETE, &path, &stale, None).await;
    assert_eq!(answer.refused(412), "precondition_failed");
    test.delete(&path).await.expect(204);
    test.get(&path).await.expect(404);
    let id = made["id"].as_str().unwrap();
    assert_eq!(test.get_as("", &format!("/v1/sso/authorize/{id}")).await.refused(404), "not_found");
}

#[tokio::test]
async fn the_only_way_in_stays() {
    let test = start().await;
    let made = test.post(PATH, form()).await.expect(201);
    let path = format!("{PATH}/{}", made["id"].as_str().unwrap());
    test.sql(r#"update organizations set settings = '{"security": {"require_sso": true}}'"#).await;
    assert_eq!(test.delete(&path).await.refused(409), "in_use");
    assert_eq!(test.patch(&path, json!({"enabled": false})).await.refused(409), "in_use");
    let other = test.post(PATH, with(json!({"name": "Other"}))).await.expect(201);
    assert_eq!(test.delete(&path).await.refused(409), "in_use", "nobody has ever come in by the other");
    signed_in_by(&test, &other["id"]).await;
    test.delete(&path).await.expect(204);
}

/// As if the administrator had.
async fn signed_in_by(test: &TestApp, provider: &Value) {
    let mut tx = test.app.database.worker().await.unwrap();
    sqlx::query("update users set sso_provider_id = $1::text::uuid, sso_subject = 'admin'")
        .bind(provider.as_str())
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_password_that_no_administrator_has_is_no_way_in() {
    let test = start().await;
    let made = test.post(PATH, form()).await.expect(201);
    let path = format!("{PATH}/{}", made["id"].as_str().unwrap());
    signed_in_by(&test, &made["id"]).await;
    let mut tx = test.app.database.worker().await.unwrap();
    sqlx::query("update users set password_hash = null").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(test.delete(&path).await.refused(409), "in_use");
    assert_eq!(test.patch(&path, json!({"enabled": false})).await.refused(409), "in_use");
    test.user("other", Some("admin")).await;
    assert_eq!(test.delete(&path).await.refused(409), "in_use", "one who cannot log in either");
}

#[tokio::test]
async fn where_no_administrator_logs_in_anyway_a_provider_may_go() {
    let test = start().await;
    let made = test.post(PATH, form()).await.expect(201);
    let mut tx = test.app.database.worker().await.unwrap();
    sqlx::query("update users set password_hash = null").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    test.delete(&format!("{PATH}/{}", made["id"].as_str().unwrap())).await.expect(204);
}

/// Until somebody waits for a lock in this test's database.
async fn somebody_waits(test: &TestApp) {
    let query = "select exists (select from pg_stat_activity
                 where datname = current_database() and wait_event_type = 'Lock')";
    while !sqlx::query_scalar::<_, bool>(query).fetch_one(test.app.database.pool()).await.unwrap() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_provider_goes_while_its_people_are_at_work() {
    let test = start().await;
    let made = test.post(PATH, form()).await.expect(201);
    signed_in_by(&test, &made["id"]).await;
    let mut tx = test.app.database.tenant(test.org).await.unwrap();
    sqlx::query(
        "insert into user_sessions (org_id, user_id, token_hash, auth_method, expires_at, sso_provider_id, sso_subject)
         select org_id, id, sha256('x'), 'sso', now() + interval '1 hour', sso_provider_id, sso_subject from users",
    )
    .execute(&mut *tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();

    // As a request notes its activity: on the session, then on the user.
    let mut tx = test.app.database.tenant(test.org).await.unwrap();
    sqlx::query("update user_sessions set last_active_at = now()").execute(&mut *tx).await.unwrap();
    let activity = async {
        somebody_waits(&test).await;
        sqlx::query("update users set last_active_at = now()").execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    };
    let path = format!("{PATH}/{}", made["id"].as_str().unwrap());
    let (deleted, ()) = tokio::join!(test.delete(&path), activity);
    deleted.expect(204);
}

#[tokio::test]
async fn a_test_tells_what_the_provider_says_and_what_is_wrong() {
    let test = start().await;
    let idp = IdentityProvider::start().await;
    let made = test.post(PATH, provider_form(&idp.issuer)).await.expect(201);
    let path = format!("{PATH}/{}", made["id"].as_str().unwrap());
    let trial = async || test.post(&format!("{path}/test"), json!({})).await.expect(200);
    let good = trial().await;
    assert_eq!(
        (&good["ok"], &good["issuer"], &good["jwks_keys"], &good["error"]),
        (&json!(true), &json!(idp.issuer), &json!(1), &Value::Null)
    );
    assert_eq!(good["endpoints"]["token"], json!(format!("{}/token", idp.issuer)));

    idp.says().document = json!({"issuer": "https://other.example"});
    let bad = trial().await;
    assert_eq!((&bad["ok"], &bad["issuer"]), (&json!(false), &Value::Null));
    assert!(bad["error"].as_str().unwrap().contains("https://other.example"), "{bad}");

    idp.says().document = json!({"jwks_uri": "http://169.254.169.254/latest"});
    let metadata = trial().await;
    assert!(metadata["error"].as_str().unwrap().contains("may not be called"), "{metadata}");

    let elsewhere = json!({"issuer_url": "http://127.0.0.1:1", "client_secret": "another"});
    test.patch(&path, elsewhere).await.expect(200);
    let away = trial().await;
    assert!(away["error"].as_str().unwrap().contains("cannot be reached"), "{away}");
}
