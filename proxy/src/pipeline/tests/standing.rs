//! What is open or still coming ends with the right to it.

use std::time::{Duration, Instant};

use gatewayops_proto::control::user::State;
use uuid::Uuid;

use super::*;
use crate::mcp::{
    session::{Endpoint, Session},
    version::Version,
};

/// By then every proxy has applied a change, and what it is about.
const AT_ONCE: Duration = Duration::from_secs(2);

fn suspended() -> Vec<Entity> {
    vec![Entity::User(User { state: State::Suspended.into(), ..alice() })]
}

fn subscription() -> Value {
    let mut message = message("subscriptions/listen");
    message["params"]["notifications"] = json!({ "toolsListChanged": true });
    message
}

impl Proxy {
    /// A session of Alice that is good for so long.
    fn session(&self, endpoint: Endpoint, lasts: Duration) -> String {
        let now = u64::try_from(chrono::Utc::now().timestamp_millis()).unwrap();
        let expires_at_ms = now + lasts.as_millis() as u64;
        let session = Session { endpoint, version: Version::NEWEST_LEGACY, takes_urls: false, expires_at_ms };
        let alice = Uuid::from_bytes([10; 16]);
        session.seal(&self.gateway.current.snapshot().token_keys, alice).unwrap()
    }

    /// Sends a request by Alice and reads until the stream that it opens has said something.
    async fn open(&self, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut said = Vec::new();
        while !String::from_utf8_lossy(&said).contains("\r\n:\n\n") {
            let mut piece = [0; 4096];
            let length = tokio::time::timeout(AT_ONCE, stream.read(&mut piece)).await.unwrap().unwrap();
            assert!(length > 0, "no stream: {}", String::from_utf8_lossy(&said));
            said.extend_from_slice(&piece[..length]);
        }
        assert!(said.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&said));
        stream
    }

    async fn listen(&self, path: &str, token: &str, session: &str) -> TcpStream {
        let version = Version::NEWEST_LEGACY.name();
        self.open(&format!(
            "GET {path} HTTP/1.1\r\nHost: gw\r\nAuthorization: Bearer {token}\r\nAccept: text/event-stream\r\n\
             MCP-Protocol-Version: {version}\r\nMcp-Session-Id: {session}\r\n\r\n"
        ))
        .await
    }

    async fn subscribe(&self, path: &str, token: &str) -> TcpStream {
        self.open(&head_and_body(path, token, &subscription())).await
    }
}

fn head_and_body(path: &str, token: &str, body: &Value) -> String {
    let body = body.to_string();
    format!(
        "POST {path} HTTP/1.1\r\nHost: gw\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\n{}\
         Content-Length: {}\r\n\r\n{body}",
        mirrored(&body),
        body.len()
    )
}

/// What the stream says until it ends; None: it goes on.
async fn end(stream: &mut TcpStream, within: Duration) -> Option<String> {
    let until = Instant::now() + within;
    let mut said = String::new();
    loop {
        let mut piece = [0; 4096];
        let left = until.saturating_duration_since(Instant::now());
        let length = tokio::time::timeout(left, stream.read(&mut piece)).await.ok()?.unwrap_or(0);
        said += &String::from_utf8_lossy(&piece[..length]);
        // The last chunk; the connection itself may go on.
        if length == 0 || said.ends_with("0\r\n\r\n") {
            return Some(said);
        }
    }
}

#[tokio::test]
async fn every_open_stream_ends_at_once_when_its_user_is_suspended_and_those_of_others_go_on() {
    let proxy = Proxy::start(true).await;
    let long = Duration::from_secs(600);
    let github = Endpoint::Server { server: Uuid::from_bytes([40; 16]), upstream_id: "s".into() };
    let all = Endpoint::Federated { nonce: 1, client: "{}".into() };
    let (at_github, at_all) = (proxy.session(github, long), proxy.session(all, long));
    let (one, every) = (token(json!({})), token(audience("/mcp")));
    let mut streams = [
        ("listen, one server", proxy.listen("/mcp/github", &one, &at_github).await),
        ("listen, all servers", proxy.listen("/mcp", &every, &at_all).await),
        ("subscribe, one server", proxy.subscribe("/mcp/github", &one).await),
        ("subscribe, all servers", proxy.subscribe("/mcp", &every).await),
    ];
    let mut other = proxy.subscribe("/mcp/github", &token(json!({ "sub": "reader" }))).await;
    // Long enough for the rounds of the federated ones.
    tokio::time::sleep(Duration::from_millis(300)).await;
    proxy.change(suspended());
    let suspended = Instant::now();
    for (what, stream) in &mut streams {
        let said = end(stream, AT_ONCE.saturating_sub(suspended.elapsed())).await;
        let said = said.unwrap_or_else(|| panic!("{what} goes on"));
        assert_eq!(said.contains("user_suspended"), what.starts_with("subscribe"), "{what}: {said}");
    }
    assert_eq!(end(&mut other, Duration::from_millis(300)).await, None);
    let again = proxy.ask(Method::POST, "/mcp/github", Some(&one), &subscription()).await;
    assert_eq!(again.status, 403);
}

#[tokio::test]
async fn a_stream_ends_with_its_token_and_with_its_session() {
    let proxy = Proxy::start(true).await;
    let soon = chrono::Utc::now().timestamp() + 2;
    let mut by_token = proxy.subscribe("/mcp/github", &token(json!({ "exp": soon }))).await;
    let github = Endpoint::Server { server: Uuid::from_bytes([40; 16]), upstream_id: "s".into() };
    let session = proxy.session(github, Duration::from_secs(2));
    let mut by_session = proxy.listen("/mcp/github", &token(json!({})), &session).await;
    let said = end(&mut by_token, Duration::from_secs(4)).await.expect("it ends with its token");
    assert!(said.contains("expired_credentials"), "{said}");
    assert!(end(&mut by_session, Duration::from_secs(2)).await.is_some());
}

#[tokio::test]
async fn a_call_whose_body_comes_after_the_right_to_it_is_gone_is_not_made() {
    let proxy = Proxy::start(true).await;
    let request = head_and_body("/mcp/github", &token(json!({})), &message("tools/call"));
    let (begin, rest) = request.split_at(request.len() - 10);
    let mut stream = TcpStream::connect(proxy.address).await.unwrap();
    stream.write_all(begin.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    proxy.change(suspended());
    stream.write_all(rest.as_bytes()).await.unwrap();
    let mut answer = vec![0; 4096];
    let length = stream.read(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 403"), "{}", String::from_utf8_lossy(&answer[..length]));
    assert!(proxy.sent.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_script_that_waits_for_a_stream_is_told_when_it_may_wait_no_longer() {
    let proxy = Proxy::start(true).await;
    let (token, call) = (token(json!({})), json!({ "name": "wait-for-ever" }));
    let suspend = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        proxy.change(suspended());
    };
    let asked = proxy.ask(Method::POST, "/v1/mcp/github/tools/call", Some(&token), &call);
    let answered = tokio::time::timeout(AT_ONCE, async { tokio::join!(asked, suspend) }).await;
    let (answer, ()) = answered.expect("it is told");
    assert_eq!((answer.status, &answer.body["error"]["code"]), (403, &json!("user_suspended")));
    assert_eq!(proxy.sent.lock().unwrap().len(), 1, "the call was under way");
}

#[tokio::test]
async fn a_stream_of_all_servers_turns_to_those_that_there_are_by_now() {
    let proxy = Proxy::start(true).await;
    let _open = proxy.subscribe("/mcp", &token(audience("/mcp"))).await;
    let sent = Arc::new(Mutex::new(Vec::new()));
    let jira = upstream(sent.clone()).await;
    proxy.change(vec![Entity::Server(server(41, "jira", &jira))]);
    let heard = async {
        while !sent.lock().unwrap().iter().any(|head: &String| head.contains("subscriptions/listen")) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(8), heard).await.expect("the new server is listened to");
}
