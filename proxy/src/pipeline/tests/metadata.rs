//! What clients are told of where to get a token.

use super::*;

#[tokio::test]
async fn without_an_issuer_there_is_no_metadata_and_no_word_of_any() {
    let proxy = Proxy::start(false).await;
    let answer = proxy.get("/mcp/github").await;
    assert_eq!(answer.header("www-authenticate"), Some(&*format!("Bearer {SCOPES}")));
    for path in ["", "/mcp", "/mcp/github"] {
        let answer = proxy.get(&format!("/.well-known/oauth-protected-resource{path}")).await;
        assert_eq!((answer.status, &answer.body["error"]["code"]), (404, &json!("not_found")), "{path}");
    }
    assert_eq!(proxy.get("/.well-known/oauth-authorization-server").await.status, 404);
}

#[tokio::test]
async fn metadata_is_there_for_everybody_and_says_nothing_of_servers() {
    let proxy = Proxy::start(true).await;
    for (rest, described) in
        [("", "/mcp"), ("/mcp", "/mcp"), ("/mcp/github", "/mcp/github"), ("/mcp/nobody", "/mcp/nobody")]
    {
        let path = format!("/.well-known/oauth-protected-resource{rest}");
        let answer = proxy.get(&path).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, Some("*")), "{rest}");
        assert_eq!(answer.body["resource"], format!("{PROXY_URL}{described}"), "{rest}");
        assert_eq!(answer.body["authorization_servers"], json!([ISSUER]), "{rest}");
        assert_eq!(proxy.ask(Method::OPTIONS, &path, None, &Value::Null).await.status, 204, "{rest}");
        assert_eq!(proxy.ask(Method::POST, &path, None, &Value::Null).await.status, 405, "{rest}");
    }
    assert_eq!(proxy.get("/.well-known/oauth-protected-resource/mcp/a/b").await.status, 404);
    let old = proxy.get("/.well-known/oauth-authorization-server").await;
    let location = format!("{ISSUER}/.well-known/openid-configuration");
    assert_eq!((old.status, old.header("location")), (302, Some(&*location)));
}

#[tokio::test]
async fn a_second_organization_changes_nobodys_way_to_a_token() {
    let joins = |proxy: &Proxy| {
        let other = "https://0.evil.example".into();
        let issuer = TokenIssuer { id: id(8), org_id: id(3), issuer: other, jwks: set(&[&IDP]) };
        proxy.change(vec![Entity::TokenIssuer(issuer)]);
    };
    let path = "/.well-known/oauth-protected-resource/mcp/github";
    let proxy = Proxy::start(true).await;
    joins(&proxy);
    assert_eq!(proxy.get(path).await.status, 404);
    assert_eq!(proxy.get("/.well-known/oauth-authorization-server").await.status, 404);
    let answer = proxy.get("/mcp/github").await;
    assert_eq!(answer.header("www-authenticate"), Some(&*format!("Bearer {SCOPES}")));
    assert_eq!(proxy.call("/mcp/github", &token(json!({}))).await.status, 200, "who has a token goes on");

    let proxy = Proxy::start_with(true, &[("OAUTH_AUTHORIZATION_SERVERS", ISSUER)]).await;
    joins(&proxy);
    assert_eq!(proxy.get(path).await.body["authorization_servers"], json!([ISSUER]));
    let answer = proxy.get("/mcp/github").await;
    assert!(answer.header("www-authenticate").unwrap().contains(&metadata("/mcp/github")));
}

#[tokio::test]
async fn a_page_reads_why_there_is_no_metadata_and_what_to_do() {
    let proxy = Proxy::start(false).await;
    let path = "/.well-known/oauth-protected-resource";
    let answer = proxy.ask(Method::POST, path, None, &Value::Null).await;
    let headers = |answer: &Answer, name| (answer.status, answer.header(name).map(str::to_owned));
    assert_eq!(headers(&answer, "allow"), (405, Some("GET".into())));
    assert_eq!(headers(&answer, "access-control-allow-origin"), (405, Some("*".into())));
    assert_eq!(headers(&proxy.get(path).await, "access-control-allow-origin"), (404, Some("*".into())));
    proxy.gateway.current.put(Snapshot::default());
    assert_eq!(headers(&proxy.get(path).await, "retry-after"), (503, Some("1".into())));
}
