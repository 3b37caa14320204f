use http::StatusCode;
use serde_json::json;

use super::{
    fixture::{Fixture, Kind},
    *,
};

fn upstream(url: &str) -> Upstream {
    Upstream {
        url: url.parse().unwrap(),
        transport: Transport::StreamableHttp,
        auth: Auth::None,
        tls: Tls::default(),
        connect_timeout: Duration::from_secs(2),
        timeout: Duration::from_secs(5),
        max_response_bytes: 1 << 20,
    }
}

async fn visit_kind(kind: Kind) -> (Result<Visit, Fault>, Fixture) {
    let fixture = Fixture::start(kind).await;
    (visit(&upstream(&fixture.url), Extent::Everything).await, fixture)
}

fn names(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|entry| entry["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn servers_of_both_eras_are_read_whole() {
    for (kind, version) in [
        (Kind::Dual, "2026-07-28"),
        (Kind::ModernOnly, "2026-07-28"),
        (Kind::Stateful, "2025-11-25"),
        (Kind::PythonLegacy, "2025-11-25"),
    ] {
        let (visit, fixture) = visit_kind(kind.clone()).await;
        let visit = visit.unwrap();
        assert_eq!(visit.greeting.protocol_version, version, "{kind:?}");
        assert_eq!(visit.greeting.server_info, Some(json!({"name": "fixture", "version": "1.0.0"})));
        assert_eq!(names(&visit.tools), ["echo", "add", "now"]);
        assert_eq!(names(&visit.resources.unwrap()), ["about"]);
        assert_eq!(names(&visit.prompts.unwrap()), ["greet"]);
        assert_eq!(visit.templates.unwrap().len(), usize::from(kind != Kind::PythonLegacy), "{kind:?}");
        assert_eq!(fixture.open_sessions(), 0, "{kind:?} keeps a session");
    }
}

#[tokio::test]
async fn a_legacy_server_is_told_when_the_handshake_is_over_and_when_we_leave() {
    let (_, fixture) = visit_kind(Kind::Stateful).await;
    let methods = fixture.methods();
    assert_eq!(methods[..3], ["server/discover", "initialize", "notifications/initialized"]);
    assert_eq!(methods.last().unwrap(), "DELETE");
}

#[tokio::test]
async fn a_modern_server_is_not_asked_for_a_handshake() {
    let (_, fixture) = visit_kind(Kind::Dual).await;
    assert!(!fixture.methods().contains(&"initialize".to_owned()));
}

#[tokio::test]
async fn the_older_transport_is_read_when_configured_and_named_when_not() {
    let (visited, fixture) = visit_kind(Kind::EventStream).await;
    assert!(matches!(visited, Err(Fault::Transport)), "{visited:?}");
    let upstream = Upstream { transport: Transport::Sse, ..upstream(&fixture.url) };
    let visit = visit(&upstream, Extent::Everything).await.unwrap();
    assert_eq!(names(&visit.tools), ["echo", "add", "now"]);
    assert_eq!(visit.greeting.protocol_version, "2025-11-25");
}

#[tokio::test]
async fn what_is_no_evidence_of_an_era_is_no_reason_to_try_the_other() {
    for (status, reason) in [
        (401, "credential"),
        (403, "credential"),
        (429, "rate_limited"),
        (500, "status"),
        (503, "status"),
        (307, "status"),
    ] {
        let fixture = Fixture::start(Kind::Plain(StatusCode::from_u16(status).unwrap(), "no")).await;
        let fault = visit(&upstream(&fixture.url), Extent::Tools).await.unwrap_err();
        assert_eq!(fault.reason(), reason, "{status}: {fault}");
    }
    let fixture = Fixture::start(Kind::Silent).await;
    let hurried = Upstream { timeout: Duration::from_millis(100), ..upstream(&fixture.url) };
    assert!(matches!(visit(&hurried, Extent::Tools).await, Err(Fault::Timeout)));
}

#[tokio::test]
async fn what_does_not_speak_mcp_is_told_apart() {
    for (kind, reason) in [
        (Kind::Plain(StatusCode::OK, "<html>"), "invalid_answer"),
        (Kind::Plain(StatusCode::NOT_FOUND, ""), "invalid_answer"),
        (Kind::Alien, "protocol"),
        (Kind::CutShort, "invalid_answer"),
        (Kind::Endless { same_cursor: true }, "invalid_answer"),
        (Kind::Endless { same_cursor: false }, "invalid_answer"),
    ] {
        let (visit, _fixture) = visit_kind(kind.clone()).await;
        assert_eq!(visit.unwrap_err().reason(), reason, "{kind:?}");
    }
    let closed = visit(&upstream("http://127.0.0.1:1/mcp"), Extent::Tools).await.unwrap_err();
    assert_eq!(closed.reason(), "connect");
    assert!(!closed.to_string().contains("http"), "{closed}");
}

#[tokio::test]
async fn an_answer_larger_than_the_server_may_give_is_dropped() {
    let fixture = Fixture::start(Kind::Dual).await;
    fixture.set_tools(vec![json!({"name": "wide", "description": "x".repeat(5000)})]);
    let narrow = Upstream { max_response_bytes: 4000, ..upstream(&fixture.url) };
    assert!(matches!(visit(&narrow, Extent::Tools).await, Err(Fault::TooLarge(4000))));
}

#[tokio::test]
async fn each_kind_of_credential_opens_the_door_it_is_for() {
    let secret = |text: &str| SecretString::from(text);
    for (auth, header, value) in [
        (Auth::Bearer { token: secret("t-1") }, "authorization", "Bearer t-1"),
        (Auth::Basic { username: "me".into(), password: secret("pw") }, "authorization", "Basic bWU6cHc="),
        (Auth::Header { name: "X-Api-Key".into(), value: secret("k") }, "x-api-key", "k"),
    ] {
        let fixture = Fixture::start(Kind::Stateful).await;
        fixture.demand(header, value);
        let anonymous = visit(&upstream(&fixture.url), Extent::Tools).await.unwrap_err();
        assert_eq!(anonymous.reason(), "credential");
        let known = Upstream { auth, ..upstream(&fixture.url) };
        assert_eq!(visit(&known, Extent::Tools).await.unwrap().tools.len(), 3);
    }
}

#[tokio::test]
async fn a_token_is_fetched_with_the_client_credentials() {
    use axum::{Json, Router, http::HeaderMap, routing::post};
    // This endpoint knows the secret only in the body, as some do.
    let grant = |headers: HeaderMap, body: String| async move {
        if headers.contains_key("authorization") {
            return (StatusCode::UNAUTHORIZED, Json(json!({"error": "invalid_client"})));
        }
        let known = body.contains("client_id=me&client_secret=s%2Fecret")
            && body.contains("grant_type=client_credentials")
            && body.contains("scope=mcp%3Aread+mcp%3Acall");
        match known {
            true => (StatusCode::OK, Json(json!({"access_token": "fresh", "token_type": "Bearer"}))),
            false => (StatusCode::BAD_REQUEST, Json(json!({"error": "invalid_grant"}))),
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let token_url: Url = format!("http://{}/token", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/token", post(grant))).await });
    let fixture = Fixture::start(Kind::Dual).await;
    fixture.demand("authorization", "Bearer fresh");
    let credentials = |client_secret: &str| Auth::ClientCredentials {
        token_url: token_url.clone(),
        client_id: "me".into(),
        client_secret: client_secret.into(),
        scopes: vec!["mcp:read".into(), "mcp:call".into()],
    };
    let known = Upstream { auth: credentials("s/ecret"), ..upstream(&fixture.url) };
    assert_eq!(visit(&known, Extent::Tools).await.unwrap().tools.len(), 3);
    let mistaken = Upstream { auth: credentials("wrong"), ..upstream(&fixture.url) };
    let fault = visit(&mistaken, Extent::Tools).await.unwrap_err();
    assert_eq!(fault.to_string(), "no access token: the token endpoint answers HTTP 400: invalid_grant");
}

#[tokio::test]
async fn a_tool_with_invalid_header_parameters_is_left_out_of_a_modern_list() {
    let tool = |name: &str, header: &str| json!({"name": name, "inputSchema": {"properties": {"a": {"type": "string", "x-mcp-header": header}}}});
    let fixture = Fixture::start(Kind::Dual).await;
    fixture.set_tools(vec![tool("good", "Region"), tool("bad", "two words")]);
    let visit = visit(&upstream(&fixture.url), Extent::Tools).await.unwrap();
    assert_eq!(names(&visit.tools), ["good"]);
}

#[tokio::test]
async fn broken_tls_settings_are_named() {
    let tls = Tls { ca_pem: Some("no certificate".into()), ..Tls::default() };
    let upstream = Upstream { tls, ..upstream("https://127.0.0.1:1/mcp") };
    let fault = visit(&upstream, Extent::Tools).await.unwrap_err();
    assert_eq!(fault.to_string(), "tls.ca_pem holds no certificate");
}
