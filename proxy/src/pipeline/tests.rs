//! What a client sees of tokens, over HTTP: the whole pipeline behind a socket, with a snapshot of its own.

use std::{
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};

use gatewayops_proto::{
    control::{Change, Secret, Server, TokenIssuer, User, change::Entity},
    settings::Settings,
};
use http::Method;
use pingora::{apps::HttpServerApp, protocols::http::ServerSession, protocols::l4::stream::Stream};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::{
    config::Config,
    gateway::Listener,
    oauth::{
        algorithm::Algorithm,
        testing::{ISSUER, PROXY_URL, PUBLIC_URL, Signer, claims, set, with},
    },
    server::Gateway,
    snapshot::{Snapshot, from_proto},
};

mod metadata;
mod standing;

static IDP: LazyLock<Signer> = LazyLock::new(|| Signer::new(Algorithm::Es256));

const SCOPES: &str = r#"scope="mcp:read mcp:call""#;

struct Proxy {
    address: std::net::SocketAddr,
    gateway: Arc<Gateway>,
    /// Heads of what the server behind it was sent.
    sent: Arc<Mutex<Vec<String>>>,
}

struct Answer {
    status: u16,
    head: String,
    body: Value,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find_map(|(known, value)| known.eq_ignore_ascii_case(name).then_some(value))
    }
}

impl Proxy {
    /// In front of the server `github`, which Alice may call; with a provider if there is to be one.
    async fn start(has_issuer: bool) -> Self {
        Self::start_with(has_issuer, &[]).await
    }

    async fn start_with(has_issuer: bool, settings: &[(&str, &str)]) -> Self {
        let sent = Arc::new(Mutex::new(Vec::new()));
        let upstream = upstream(sent.clone()).await;
        let variables = [
            ("REDIS_URL", "redis://127.0.0.1:1"),
            ("PROXY_TOKEN", &"t".repeat(32)),
            ("PUBLIC_URL", PUBLIC_URL),
            ("PUBLIC_PROXY_URL", PROXY_URL),
            ("CONTROL_PLANE_GRPC_URL", "http://127.0.0.1:1"),
        ];
        let variables = variables.iter().chain(settings);
        let variables = variables.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let config = Config::read(Settings::new(variables)).unwrap();
        let gateway = Arc::new(Gateway::new(config).unwrap());
        gateway.current.put(snapshot(&upstream, has_issuer));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Arc::new(Listener(gateway.clone()));
        tokio::spawn(async move {
            let (_told, shutdown) = tokio::sync::watch::channel(false);
            while let Ok((stream, _)) = listener.accept().await {
                let session = ServerSession::new_http1(Box::new(Stream::from(stream)));
                let (app, shutdown) = (app.clone(), shutdown.clone());
                tokio::spawn(async move { app.process_new_http(session, &shutdown).await.is_some() });
            }
        });
        Self { address, gateway, sent }
    }

    async fn ask(&self, method: Method, path: &str, token: Option<&str>, body: &Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let credential = token.map_or_else(String::new, |token| format!("Authorization: Bearer {token}\r\n"));
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: gw.example.com\r\nConnection: close\r\n{credential}\
             Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n\
             MCP-Protocol-Version: 2026-07-28\r\n{}Content-Length: {}\r\n\r\n{body}",
            mirrored(&body),
            body.len(),
        );
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        Answer {
            status: head[9..12].parse().unwrap(),
            head: head.to_owned(),
            body: serde_json::from_str(body).unwrap_or_default(),
        }
    }

    /// The control plane says something new.
    fn change(&self, entities: Vec<Entity>) {
        let changes: Vec<_> = entities.into_iter().map(|entity| Change { entity: Some(entity) }).collect();
        let now = self.gateway.current.snapshot();
        let mut next = from_proto::apply((*now).clone(), &now, &changes);
        next.revision += 1;
        self.gateway.current.put(next);
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, None, &Value::Null).await
    }

    async fn call(&self, path: &str, token: &str) -> Answer {
        self.ask(Method::POST, path, Some(token), &message("tools/call")).await
    }
}

fn message(method: &str) -> Value {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let mut message = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": { "_meta": meta } });
    if method == "tools/call" {
        message["params"]["name"] = "get".into();
        message["params"]["arguments"] = json!({});
    }
    message
}

/// What a modern client repeats in headers.
fn mirrored(body: &str) -> String {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let method = body["method"].as_str().map(|method| format!("Mcp-Method: {method}\r\n"));
    let name = body["params"]["name"].as_str().map(|name| format!("Mcp-Name: {name}\r\n"));
    method.unwrap_or_default() + &name.unwrap_or_default()
}

/// A server that answers everything with the same, and tells what it was sent. To who listens it says nothing, for long.
async fn upstream(sent: Arc<Mutex<Vec<String>>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/mcp", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let sent = sent.clone();
            tokio::spawn(async move {
                let mut piece = vec![0; 64 * 1024];
                let length = stream.read(&mut piece).await.unwrap_or_default();
                sent.lock().unwrap().push(String::from_utf8_lossy(&piece[..length]).into_owned());
                let asked = String::from_utf8_lossy(&piece[..length]);
                let is_listening = asked.starts_with("GET ")
                    || ["subscriptions/listen", "wait-for-ever"].iter().any(|what| asked.contains(what));
                if is_listening {
                    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n:\n\n";
                    let _ = stream.write_all(head.as_bytes()).await;
                    tokio::time::sleep(Duration::from_secs(60)).await;
                }
                let body = r#"{"jsonrpc":"2.0","id":1,"result":{"content":[],"resultType":"complete",
                    "supportedVersions":["2026-07-28"],"capabilities":{}}}"#;
                let answer = format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\
                     Content-Length: {}\r\n\r\n{body}",
                    body.len()
                );
                let _ = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    url
}

fn id(byte: u8) -> bytes::Bytes {
    vec![byte; 16].into()
}

fn alice() -> User {
    User {
        id: id(10),
        org_id: id(2),
        sso_provider_id: id(7),
        sso_subject: "alice".into(),
        permissions: vec!["mcp:*".into()],
        ..Default::default()
    }
}

fn server(number: u8, name: &str, url: &str) -> Server {
    Server {
        id: id(number),
        org_id: id(2),
        name: name.into(),
        url: url.into(),
        enabled: true,
        protocol_version: "2026-07-28".into(),
        ..Default::default()
    }
}

fn snapshot(upstream: &str, has_issuer: bool) -> Snapshot {
    let issuer = TokenIssuer { id: id(7), org_id: id(2), issuer: ISSUER.into(), jwks: set(&[&IDP]) };
    let alice = alice();
    let reader = User {
        id: id(11),
        sso_subject: "reader".into(),
        permissions: vec!["mcp:read".into()],
        ..alice.clone()
    };
    let github = server(40, "github", upstream);
    let seal = Secret {
        id: id(50),
        name: "session_seal".into(),
        key_id: 1,
        value: vec![6; 32].into(),
        current: true,
    };
    let entities = [Entity::User(alice), Entity::User(reader), Entity::Server(github)];
    let issuers = has_issuer.then_some(Entity::TokenIssuer(issuer));
    let changes: Vec<_> =
        entities.into_iter().chain(issuers).map(|entity| Change { entity: Some(entity) }).collect();
    let mut snapshot = from_proto::apply(Snapshot::default(), &Snapshot::default(), &changes);
    snapshot.revision = 1;
    from_proto::with_secrets(snapshot, &[seal])
}

/// A token of Alice, good now, with some claims replaced.
fn token(changes: Value) -> String {
    let now = chrono::Utc::now().timestamp();
    let good = with(claims(), json!({ "iat": now - 10, "exp": now + 300 }));
    IDP.token(&with(good, changes))
}

fn audience(path: &str) -> Value {
    json!({ "aud": format!("{PROXY_URL}{path}") })
}

fn metadata(path: &str) -> String {
    format!(r#"resource_metadata="{PROXY_URL}/.well-known/oauth-protected-resource{path}""#)
}

#[tokio::test]
async fn who_comes_without_a_good_token_is_told_where_to_get_one() {
    let proxy = Proxy::start(true).await;
    let initialize = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {} });
    for (method, path, body, described) in [
        (Method::POST, "/mcp/github", message("tools/call"), "/mcp/github"),
        (Method::POST, "/mcp/github", message("server/discover"), "/mcp/github"),
        (Method::POST, "/mcp/github", initialize, "/mcp/github"),
        (Method::GET, "/mcp/github", Value::Null, "/mcp/github"),
        (Method::DELETE, "/mcp/github", Value::Null, "/mcp/github"),
        (Method::GET, "/mcp/nobody", Value::Null, "/mcp/nobody"),
        (Method::GET, "/mcp/No%22Body", Value::Null, "/mcp"),
        (Method::POST, "/mcp", message("tools/list"), "/mcp"),
        (Method::DELETE, "/mcp", Value::Null, "/mcp"),
        (Method::GET, "/v1/mcp/servers", Value::Null, "/mcp"),
        (Method::POST, "/v1/mcp/github/tools/call", json!({ "name": "get" }), "/mcp/github"),
    ] {
        let answer = proxy.ask(method.clone(), path, None, &body).await;
        let expected = format!("Bearer {}, {SCOPES}", metadata(described));
        assert_eq!(
            (answer.status, answer.header("www-authenticate")),
            (401, Some(&*expected)),
            "{method} {path}"
        );
        for bad in ["a.b.c", "gwo_dev_x", &token(json!({ "exp": 1 })), &token(audience("/mcp/other"))] {
            let answer = proxy.ask(method.clone(), path, Some(bad), &body).await;
            let expected = format!(r#"{expected}, error="invalid_token""#);
            assert_eq!(
                (answer.status, answer.header("www-authenticate")),
                (401, Some(&*expected)),
                "{method} {path} {bad}"
            );
        }
    }
    assert!(proxy.sent.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_token_opens_its_endpoint_and_the_facade_beside_it_and_never_goes_further() {
    let proxy = Proxy::start(true).await;
    let (github, all) = (token(json!({})), token(audience("/mcp")));
    let answer = proxy.call("/mcp/github", &github).await;
    assert_eq!(answer.body["result"]["content"], json!([]), "{}", answer.body);
    let facade = json!({ "name": "get" });
    let answer = proxy.ask(Method::POST, "/v1/mcp/github/tools/call", Some(&github), &facade).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let answer = proxy.ask(Method::GET, "/v1/mcp/servers", Some(&all), &Value::Null).await;
    assert_eq!(answer.body["servers"][0]["name"], "github", "{}", answer.body);
    for (path, token) in [("/mcp", &github), ("/mcp/github", &all)] {
        assert_eq!(proxy.call(path, token).await.status, 401, "{path}");
    }
    let sent = proxy.sent.lock().unwrap();
    assert_eq!(sent.len(), 2);
    for head in sent.iter() {
        assert!(!head.to_ascii_lowercase().contains("authorization"), "{head}");
        assert!(!head.contains(github.rsplit('.').next().unwrap()), "no token is passed on (R7.6)");
    }
}

#[tokio::test]
async fn a_scope_that_is_missing_is_asked_for_and_nothing_else_looks_like_it() {
    let proxy = Proxy::start(true).await;
    let reader = token(json!({ "scope": "mcp:read" }));
    let facade = json!({ "name": "get" });
    for (path, body) in [("/mcp/github", message("tools/call")), ("/v1/mcp/github/tools/call", facade)] {
        let answer = proxy.ask(Method::POST, path, Some(&reader), &body).await;
        let expected = format!(r#"Bearer {}, {SCOPES}, error="insufficient_scope""#, metadata("/mcp/github"));
        assert_eq!((answer.status, answer.header("www-authenticate")), (403, Some(&*expected)), "{path}");
    }
    let nothing = token(json!({ "scope": "openid" }));
    let answer = proxy.ask(Method::POST, "/mcp/github", Some(&nothing), &message("tools/list")).await;
    let expected =
        format!(r#"Bearer {}, scope="mcp:read", error="insufficient_scope""#, metadata("/mcp/github"));
    assert_eq!((answer.status, answer.header("www-authenticate")), (403, Some(&*expected)));
    // Another token would not help who may not call at all.
    let answer = proxy.call("/mcp/github", &token(json!({ "sub": "reader" }))).await;
    assert_eq!((answer.status, answer.header("www-authenticate")), (200, None));
    assert_eq!(
        answer.body["result"]["_meta"]["io.gatewayops/error"]["code"], "permission_denied",
        "{}",
        answer.body
    );
    assert!(proxy.sent.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_key_that_nobody_can_be_asked_about_is_no_reason_to_get_another_token() {
    let proxy = Proxy::start(true).await;
    let next = IDP.by(Algorithm::Es256).with_id(Some("next"));
    let now = chrono::Utc::now().timestamp();
    let answer = proxy.call("/mcp/github", &next.token(&with(claims(), json!({ "exp": now + 300 })))).await;
    assert_eq!((answer.status, answer.header("www-authenticate")), (503, None), "{}", answer.body);
    assert_eq!(answer.body["error"]["data"]["details"]["dependency"], "control_plane");
}

#[tokio::test]
async fn a_token_in_a_url_is_refused_whatever_it_is() {
    let proxy = Proxy::start(true).await;
    let path = format!("/mcp/github?access_token={}", token(json!({})));
    let answer = proxy.get(&path).await;
    assert_eq!((answer.status, answer.header("www-authenticate")), (400, None));
    assert!(proxy.sent.lock().unwrap().is_empty());
}
