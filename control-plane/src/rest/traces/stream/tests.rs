//! Live streams with real clients at their other end: a WebSocket, and server-sent events.

use std::{collections::VecDeque, net::SocketAddr, time::Duration};

use futures::{SinkExt, StreamExt};
use http::{HeaderValue, Method, Request};
use redis::AsyncCommands;
use serde_json::{Value, json};
use tokio::{net::TcpListener, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};
use uuid::Uuid;

use crate::{
    rest,
    testing::{ADMIN_KEY, TestApp, browser::Browser, calls::Call},
};

const PATIENCE: Duration = Duration::from_secs(30);

/// The application behind a listener.
async fn serve(app: &TestApp) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = rest::router(&app.app).into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
    address
}

/// Makes calls and announces them as the ingester does; the ids of their rows.
async fn call(app: &TestApp, calls: &[Call]) -> Vec<Uuid> {
    let ids = app.record(calls).await;
    let mut redis = app.app.redis.get().await.unwrap();
    for (call, id) in calls.iter().zip(&ids) {
        let event = json!({
            "id": id, "started_at": call.started_at, "user_id": call.user_id, "api_key_id": call.api_key_id,
            "team_id": call.team_id, "mcp_server": call.mcp_server, "tool_name": call.tool_name,
            "status": call.status, "environment": "prd",
        });
        let _: i64 = redis.publish(format!("traces:{}", app.org), event.to_string()).await.unwrap();
    }
    ids
}

struct Socket(WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>);

impl Socket {
    async fn open(address: SocketAddr, key: &str, query: &str) -> Self {
        Self::try_open(address, &[("authorization", &format!("Bearer {key}"))], query)
            .await
            .expect("it opens")
    }

    async fn try_open(
        address: SocketAddr,
        headers: &[(&'static str, &str)],
        query: &str,
    ) -> Result<Self, u16> {
        let mut request = format!("ws://{address}/v1/traces/stream{query}").into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, HeaderValue::from_str(value).unwrap());
        }
        match timeout(PATIENCE, connect_async(request)).await.unwrap() {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(tokio_tungstenite::tungstenite::Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    async fn frame(&mut self) -> Message {
        timeout(PATIENCE, self.0.next()).await.expect("a frame comes").expect("it goes on").unwrap()
    }

    /// The next of this kind, past heartbeats.
    async fn next(&mut self, kind: &str) -> Value {
        loop {
            let message: Value = match self.frame().await {
                Message::Text(text) => serde_json::from_str(&text).unwrap(),
                other => panic!("{other:?}"),
            };
            if message["type"] == "heartbeat" && kind != "heartbeat" {
                continue;
            }
            assert_eq!(message["type"], kind, "{message}");
            return message;
        }
    }

    async fn say(&mut self, message: Value) {
        self.0.send(Message::Text(message.to_string().into())).await.unwrap();
    }

    /// The code of the error that ended it, and the one it was closed with.
    async fn ended(&mut self) -> (String, u16) {
        let error = self.next("error").await;
        let Message::Close(Some(frame)) = self.frame().await else { panic!("it is closed") };
        (error["error"]["code"].as_str().unwrap().to_owned(), frame.code.into())
    }
}

struct Event {
    kind: String,
    id: Option<String>,
    data: Value,
}

/// Server-sent events.
struct Events {
    answer: reqwest::Response,
    text: String,
    read: VecDeque<Event>,
}

impl Events {
    async fn open(address: SocketAddr, key: &str, query: &str, last: Option<&str>) -> Self {
        let client = reqwest::Client::builder().connect_timeout(PATIENCE).build().unwrap();
        let mut request = client
            .get(format!("http://{address}/v1/traces/stream{query}"))
            .bearer_auth(key)
            .header("accept", "text/event-stream");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Self { answer, text: String::new(), read: VecDeque::new() }
    }

    /// None at its end; past heartbeats.
    async fn next(&mut self) -> Option<Event> {
        loop {
            match self.read.pop_front() {
                Some(event) if event.kind == "heartbeat" => continue,
                Some(event) => return Some(event),
                None => {}
            }
            let chunk = timeout(PATIENCE, self.answer.chunk()).await.expect("an event comes").unwrap()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
            while let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    event.lines().find_map(|line| Some(line.strip_prefix(name)?.trim_start().to_owned()))
                };
                self.read.push_back(Event {
                    kind: field("event:").unwrap(),
                    id: field("id:"),
                    data: serde_json::from_str(&field("data:").unwrap()).unwrap(),
                });
                self.text = rest.to_owned();
            }
        }
    }

    async fn expect(&mut self, kind: &str) -> Event {
        let event = self.next().await.expect("it goes on");
        assert_eq!(event.kind, kind, "{}", event.data);
        event
    }
}

#[tokio::test]
async fn a_new_trace_comes_over_both_as_the_list_shows_it() {
    let app = TestApp::start().await;
    let address = serve(&app).await;
    let mut socket = Socket::open(address, ADMIN_KEY, "").await;
    let mut events = Events::open(address, ADMIN_KEY, "", None).await;
    let hello = socket.next("hello").await;
    assert_eq!((&hello["filters"], &hello["heartbeat_seconds"]), (&json!({}), &json!(15)));
    assert!(hello["server_time"].is_string());
    assert_eq!(events.expect("hello").await.data["filters"], json!({}));
    let id = call(&app, &[Call::default()]).await.remove(0);
    let listed = app.get("/v1/traces").await.expect(200)["traces"][0].clone();
    assert_eq!(listed["id"], json!(id));
    assert_eq!(socket.next("trace").await["trace"], listed);
    let event = events.expect("trace").await;
    assert_eq!(
        (event.id.as_deref(), &event.data),
        (Some(id.to_string().as_str()), &json!({ "trace": listed }))
    );
}

#[tokio::test]
async fn everybody_sees_over_the_stream_what_their_list_shows() {
    let app = TestApp::start().await;
    let address = serve(&app).await;
    let ann = app.user("ann", Some("developer")).await;
    let ben = app.user("ben", None).await;
    let team = app.add_team("payments", &[ben.0]).await;
    let viewer = app.user("viewer", Some("viewer")).await;
    let mut keys = vec![ADMIN_KEY.to_owned()];
    for user in [ann, ben, viewer] {
        keys.push(app.key_of(user).await);
    }
    keys.push(app.key_with(&["traces:read"]).await);
    let mut sockets = Vec::new();
    for key in &keys {
        let mut socket = Socket::open(address, key, "").await;
        socket.next("hello").await;
        sockets.push(socket);
    }
    let calls = [
        Call { user_id: Some(ann.0), ..Call::default() },
        Call { user_id: Some(ben.0), ..Call::default() },
        Call { team_id: Some(team), mcp_server: "bank", ..Call::default() },
        Call { user_id: Some(viewer.0), status: "error", ..Call::default() },
        Call::default(),
    ];
    call(&app, &calls).await;
    for (key, socket) in keys.iter().zip(&mut sockets) {
        let list = app.get_as(key, "/v1/traces").await.expect(200);
        let mut listed = list["traces"].as_array().unwrap().clone();
        assert!(!listed.is_empty());
        let mut streamed = Vec::new();
        for _ in &listed {
            streamed.push(socket.next("trace").await["trace"].clone());
        }
        for traces in [&mut listed, &mut streamed] {
            traces.sort_by_key(|trace| trace["id"].as_str().unwrap().to_owned());
        }
        assert_eq!(streamed, listed);
        socket.say(json!({ "type": "ping" })).await;
        socket.next("heartbeat").await;
    }
    assert_eq!(Socket::try_open(address, &[], "").await.err(), Some(401));
    let nobody = app.key_with(&["costs:read"]).await;
    let bearer = format!("Bearer {nobody}");
    assert_eq!(Socket::try_open(address, &[("authorization", &bearer)], "").await.err(), Some(403));
}

#[tokio::test]
async fn filters_are_given_in_the_address_and_replaced_by_a_message() {
    let app = TestApp::start().await;
    let address = serve(&app).await;
    let mut socket = Socket::open(address, ADMIN_KEY, "?mcp_server=files,bank&status=error").await;
    assert_eq!(
        socket.next("hello").await["filters"],
        json!({ "mcp_server": ["files", "bank"], "status": ["error"] })
    );
    let of = |mcp_server, status| Call { mcp_server, status, ..Call::default() };
    let ids = call(&app, &[of("files", "success"), of("mail", "error"), of("bank", "error")]).await;
    assert_eq!(socket.next("trace").await["trace"]["id"], json!(ids[2]));

    socket.say(json!({ "type": "subscribe", "filters": { "mcp_server": "mail" } })).await;
    assert_eq!(socket.next("hello").await["filters"], json!({ "mcp_server": ["mail"] }));
    let ids = call(&app, &[of("files", "error"), of("mail", "success")]).await;
    assert_eq!(socket.next("trace").await["trace"]["id"], json!(ids[1]));

    for nonsense in
        [json!({ "type": "shout" }), json!({ "type": "subscribe", "filters": { "color": "red" } })]
    {
        socket.say(nonsense).await;
        assert_eq!(socket.next("error").await["error"]["code"], "invalid_request");
    }
    socket.say(json!({ "type": "subscribe" })).await;
    assert_eq!(socket.next("hello").await["filters"], json!({}));
    let accept = [("accept", "text/event-stream")];
    let refused = app.request(ADMIN_KEY, Method::GET, "/v1/traces/stream?color=red", &accept, None).await;
    assert_eq!(refused.refused(400), "invalid_request");
}

#[tokio::test]
async fn a_reader_that_comes_back_is_given_what_it_missed() {
    let app = TestApp::start().await;
    let address = serve(&app).await;
    let mut events = Events::open(address, ADMIN_KEY, "?status=success", None).await;
    events.expect("hello").await;
    let first = call(&app, &[Call::default()]).await.remove(0).to_string();
    assert_eq!(events.expect("trace").await.id.as_deref(), Some(first.as_str()));
    drop(events);
    let missed = app.record(&[Call::default(), Call { status: "error", ..Call::default() }]).await;
    let mut events = Events::open(address, ADMIN_KEY, "?status=success", Some(&first)).await;
    events.expect("hello").await;
    assert_eq!(events.expect("trace").await.id, Some(missed[0].to_string()));
    let next = call(&app, &[Call::default()]).await.remove(0);
    assert_eq!(events.expect("trace").await.id, Some(next.to_string()), "and goes on from there");

    let many: Vec<_> = app.record(&vec![Call::default(); 300]).await.iter().map(Uuid::to_string).collect();
    let mut events = Events::open(address, ADMIN_KEY, "", Some(&many[0])).await;
    events.expect("hello").await;
    let lost = events.expect("dropped").await.data["count"].as_u64().unwrap();
    assert!(lost >= 299 - 256, "{lost}");
    for _ in 0..256 {
        events.expect("trace").await;
    }
    for unknown in ["nonsense", "0198c0de-7a11-7c3e-9b2a-5d0f6e1a2b3c"] {
        let mut events = Events::open(address, ADMIN_KEY, "", Some(unknown)).await;
        events.expect("hello").await;
    }
}

#[tokio::test]
async fn a_stream_ends_with_the_key_or_the_session_it_was_opened_by() {
    let app = TestApp::start().await;
    let address = serve(&app).await;
    let made =
        app.post("/v1/api-keys", json!({ "name": "a", "permissions": ["traces:read"] })).await.expect(201);
    let key = made["key"].as_str().unwrap();
    let mut socket = Socket::open(address, key, "").await;
    let mut events = Events::open(address, key, "", None).await;
    socket.next("hello").await;
    events.expect("hello").await;
    app.post(&format!("/v1/api-keys/{}/revoke", made["id"].as_str().unwrap()), json!({})).await.expect(200);
    assert_eq!(socket.ended().await, ("revoked_credentials".to_owned(), 4401));
    assert_eq!(events.expect("error").await.data["error"]["code"], "revoked_credentials");
    assert!(events.next().await.is_none(), "and nothing follows");

    let browser = Browser::log_in(&app).await;
    let cookie = browser.cookie.clone();
    let mut socket = Socket::try_open(address, &[("cookie", &cookie)], "").await.unwrap();
    socket.next("hello").await;
    browser.post("/v1/auth/logout", json!({})).await.expect(200);
    assert_eq!(socket.ended().await.1, 4401);
}

#[tokio::test]
async fn a_stream_ends_when_its_caller_may_see_no_traces_any_more() {
    let app = TestApp::start().await;
    let address = serve(&app).await;
    let user = app.user("ann", Some("viewer")).await;
    let key = app.key_of(user).await;
    let mut socket = Socket::open(address, &key, "").await;
    socket.next("hello").await;
    app.sql("delete from user_roles where user_id = (select id from users where email = 'ann@example.com')")
        .await;
    assert_eq!(socket.ended().await, ("permission_denied".to_owned(), 4403));
}

#[tokio::test]
async fn the_sixth_stream_of_a_caller_is_refused_in_the_form_it_asked_for() {
    let app = TestApp::start().await;
    let address = serve(&app).await;
    let mut open = Vec::new();
    for _ in 0..5 {
        let mut socket = Socket::open(address, ADMIN_KEY, "").await;
        socket.next("hello").await;
        open.push(socket);
    }
    assert_eq!(
        Socket::open(address, ADMIN_KEY, "").await.ended().await,
        ("too_many_connections".to_owned(), 4429)
    );
    let accept = [("accept", "text/event-stream")];
    let refused = app.request(ADMIN_KEY, Method::GET, "/v1/traces/stream", &accept, None).await;
    assert_eq!(refused.header("retry-after"), "30");
    assert_eq!(refused.refused(429), "too_many_connections");
}

#[tokio::test]
async fn a_page_of_somebody_elses_opens_no_stream_with_our_cookie() {
    let app = TestApp::start().await;
    let address = serve(&app).await;
    let browser = Browser::log_in(&app).await;
    let cookie = browser.cookie.clone();
    let evil = [("cookie", cookie.as_str()), ("origin", "https://evil.example")];
    assert_eq!(Socket::try_open(address, &evil, "").await.err(), Some(403));
    let own = format!("http://{address}");
    let ours = [("cookie", cookie.as_str()), ("origin", own.as_str())];
    assert!(Socket::try_open(address, &ours, "").await.is_ok());
}

#[tokio::test]
async fn streams_end_when_the_replica_stops() {
    let app = TestApp::start().await;
    let address = serve(&app).await;
    let mut socket = Socket::open(address, ADMIN_KEY, "").await;
    let mut events = Events::open(address, ADMIN_KEY, "", None).await;
    socket.next("hello").await;
    events.expect("hello").await;
    app.app.live.close();
    assert_eq!(socket.ended().await, ("unavailable".to_owned(), 1012));
    assert_eq!(events.expect("error").await.data["error"]["code"], "unavailable");
    assert!(events.next().await.is_none());
}

#[tokio::test]
async fn whoever_asks_for_neither_form_is_told_what_there_is() {
    let app = TestApp::start().await;
    let request = Request::get("/v1/traces/stream").header("authorization", format!("Bearer {ADMIN_KEY}"));
    let answer = app.send(request.body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!(answer.refused(406), "not_acceptable");
}
