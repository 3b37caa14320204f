//! Credentials for servers, which never come back.

use super::*;

#[tokio::test]
async fn a_secret_is_sealed_and_never_comes_back() {
    let app = TestApp::start().await;
    let server = create(
        &app,
        json!({"name": "files", "url": "http://10.0.0.1/mcp",
        "auth": {"type": "bearer", "token": "hush-hush"}}),
    )
    .await;
    assert_eq!(server["auth"]["token_set"], true);
    assert!(!server.to_string().contains("hush"));
    for path in [SERVERS.to_owned(), format!("{SERVERS}/files")] {
        assert!(!app.get(&path).await.text.contains("hush"), "{path}");
    }
    let plain = "select count(*) from mcp_servers s where s::text like '%hush%' \
        or encode(s.auth_encrypted, 'escape') like '%hush%'";
    assert_eq!(scalar(&app, plain).await, 0);
    assert_eq!(
        scalar(&app, "select count(*) from policy_changes where concat(before, after) like '%hush%'").await,
        0
    );
    assert_eq!(scalar(&app, "select count(*) from audit_logs a where a::text like '%hush%'").await, 0);
}

#[tokio::test]
async fn a_patch_that_does_not_name_the_secret_keeps_it() {
    let app = TestApp::start().await;
    let fixture = Fixture::start(Kind::Dual).await;
    fixture.demand("authorization", "Bearer one");
    create(&app, json!({"name": "files", "url": fixture.url, "auth": {"type": "bearer", "token": "one"}}))
        .await;
    let path = format!("{SERVERS}/files");
    let test = format!("{path}/test");
    app.patch(&path, json!({"display_name": "Files", "auth": {"type": "bearer"}})).await.expect(200);
    assert_eq!(app.post(&test, json!({})).await.expect(200)["ok"], true);
    app.patch(&path, json!({"auth": {"token": "two"}})).await.expect(200);
    assert_eq!(app.post(&test, json!({})).await.expect(200)["ok"], false);
    let cleared = app.patch(&path, json!({"auth": {"token": null}})).await.expect(400);
    assert_eq!(faults(&cleared), [("auth.token".into(), "required".into())]);
    let other = app
        .patch(&path, json!({"auth": {"type": "header", "header_name": "authorization"}}))
        .await
        .expect(400);
    assert_eq!(faults(&other), [("auth.header_value".into(), "required".into())]);
    let header =
        json!({"auth": {"type": "header", "header_name": "authorization", "header_value": "Bearer one"}});
    let patched = app.patch(&path, header).await.expect(200);
    assert_eq!(
        (&patched["auth"]["token_set"], &patched["auth"]["header_value_set"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(app.post(&test, json!({})).await.expect(200)["ok"], true);
    let open = app.patch(&path, json!({"auth": null})).await.expect(200);
    assert_eq!((&open["auth"]["type"], &open["auth"]["header_value_set"]), (&json!("none"), &json!(false)));
}

#[tokio::test]
async fn what_looks_like_a_kept_secret_is_none() {
    let app = TestApp::start().await;
    let body = json!({"name": "files", "url": "http://x/mcp", "auth": {"type": "bearer", "token": "(kept)"}});
    assert_eq!(
        faults(&app.post(SERVERS, body).await.expect(400)),
        [("auth.token".into(), "required".into())]
    );
}
