//! MCP servers of the kinds there are, in this process and on the real wire, so that tests need no other program.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::any,
};
use futures::StreamExt;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_stream::wrappers::UnboundedReceiverStream;

/// What answers how.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    /// SDK v2 as it comes: modern in JSON, legacy in events and without sessions.
    Dual,
    /// SDK v2 with `legacy: 'reject'`.
    ModernOnly,
    /// SDK v1: sessions, events, and a priming event first.
    Stateful,
    /// Python's 1.30: sessions, JSON, and errors under the id `"server-error"`.
    PythonLegacy,
    /// 2024-11-05: a stream by GET.
    EventStream,
    /// Lists only versions nobody knows.
    Alien,
    /// No MCP at all: this status and body for every request.
    Plain(StatusCode, &'static str),
    /// Takes the request and says nothing.
    Silent,
    /// Ends the stream of events before the answer.
    CutShort,
    /// Its lists have a next page for ever: the same cursor, or always another one.
    Endless { same_cursor: bool },
}

pub(crate) struct Fixture {
    pub(crate) url: String,
    shared: Arc<Shared>,
    serving: tokio::task::JoinHandle<()>,
}

struct Shared {
    kind: Mutex<Kind>,
    /// The header a request must carry, in lower case, and its value.
    secret: Mutex<Option<(String, String)>>,
    tools: Mutex<Vec<Value>>,
    methods: Mutex<Vec<String>>,
    open_sessions: AtomicUsize,
    stream: Mutex<Option<mpsc::UnboundedSender<String>>>,
}

impl Fixture {
    pub(crate) async fn start(kind: Kind) -> Self {
        let tool = |name: &str| json!({"name": name, "description": format!("does {name}"), "inputSchema": {"type": "object"}});
        let shared = Arc::new(Shared {
            kind: Mutex::new(kind),
            secret: Mutex::default(),
            tools: Mutex::new(["echo", "add", "now"].map(tool).to_vec()),
            methods: Mutex::default(),
            open_sessions: AtomicUsize::new(0),
            stream: Mutex::default(),
        });
        let router = Router::new().fallback(any(serve)).with_state(shared.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/mcp", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, shared, serving }
    }

    pub(crate) fn become_kind(&self, kind: Kind) {
        *self.shared.kind.lock().unwrap() = kind;
    }

    pub(crate) fn demand(&self, header: &str, value: &str) {
        *self.shared.secret.lock().unwrap() = Some((header.to_owned(), value.to_owned()));
    }

    pub(crate) fn set_tools(&self, tools: Vec<Value>) {
        *self.shared.tools.lock().unwrap() = tools;
    }

    /// The methods asked for so far, and `DELETE`.
    pub(crate) fn methods(&self) -> Vec<String> {
        self.shared.methods.lock().unwrap().clone()
    }

    pub(crate) fn open_sessions(&self) -> usize {
        self.shared.open_sessions.load(Ordering::SeqCst)
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> Response {
    let kind = shared.kind.lock().unwrap().clone();
    let refused = shared.secret.lock().unwrap().as_ref().is_some_and(|(name, value)| {
        headers.get(name).is_none_or(|found| found.as_bytes() != value.as_bytes())
    });
    if refused {
        return (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer")]).into_response();
    }
    match (&kind, method) {
        (Kind::Plain(status, body), _) => {
            (*status, [(header::CONTENT_TYPE, "text/html")], *body).into_response()
        }
        (Kind::Silent, _) => std::future::pending().await,
        (Kind::EventStream, Method::GET) => open_stream(&shared),
        (Kind::EventStream, _) if uri.path() != "/messages" => StatusCode::METHOD_NOT_ALLOWED.into_response(),
        (_, Method::DELETE) if headers.contains_key("mcp-session-id") => {
            shared.methods.lock().unwrap().push("DELETE".to_owned());
            shared.open_sessions.fetch_sub(1, Ordering::SeqCst);
            StatusCode::OK.into_response()
        }
        (_, Method::POST) => answer_post(&shared, &kind, &headers, &serde_json::from_str(&body).unwrap()),
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

fn answer_post(shared: &Shared, kind: &Kind, headers: &HeaderMap, message: &Value) -> Response {
    let method = message["method"].as_str().unwrap();
    shared.methods.lock().unwrap().push(method.to_owned());
    let modern = message["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] == "2026-07-28";
    if modern {
        assert_eq!(headers["mcp-protocol-version"], "2026-07-28");
        assert_eq!(headers["mcp-method"], method);
    }
    let session = headers.contains_key("mcp-session-id");
    let id = &message["id"];
    match (kind, method) {
        (Kind::EventStream, _) => {
            if let Some(stream) = &*shared.stream.lock().unwrap()
                && !id.is_null()
            {
                stream.send(event(&reply(shared, kind, id, message, false))).unwrap();
            }
            StatusCode::ACCEPTED.into_response()
        }
        (Kind::Stateful, _) if !session && method != "initialize" => {
            json_answer(400, &error(&Value::Null, -32000, "Session ID required", json!(null)))
        }
        (Kind::PythonLegacy, _) if !session && method != "initialize" => {
            json_answer(400, &error(&json!("server-error"), -32600, "Missing session ID", json!(null)))
        }
        (Kind::ModernOnly, "initialize") => {
            json_answer(400, &error(id, -32022, "Unsupported", json!({"supported": ["2026-07-28"]})))
        }
        (_, "notifications/initialized") => StatusCode::ACCEPTED.into_response(),
        (Kind::CutShort, "tools/list") => events("event: message\ndata: {\"jsonrpc\"".to_owned()),
        (Kind::Stateful | Kind::PythonLegacy, "initialize") => {
            shared.open_sessions.fetch_add(1, Ordering::SeqCst);
            let mut response = in_form_of(kind, modern, &reply(shared, kind, id, message, modern));
            response.headers_mut().insert("mcp-session-id", "s-1".parse().unwrap());
            response
        }
        _ => in_form_of(kind, modern, &reply(shared, kind, id, message, modern)),
    }
}

fn in_form_of(kind: &Kind, modern: bool, message: &Value) -> Response {
    match kind {
        Kind::Stateful => events(format!(
            "id: 0\ndata: \n\n{}{}",
            event(&json!({"jsonrpc": "2.0", "method": "notifications/message", "params": {"data": "hello"}})),
            event(message)
        )),
        Kind::Dual | Kind::CutShort if !modern => events(event(message)),
        _ => json_answer(200, message),
    }
}

fn reply(shared: &Shared, kind: &Kind, id: &Value, message: &Value, modern: bool) -> Value {
    let cursor = message["params"]["cursor"].as_str();
    let offered = json!({"tools": {"listChanged": true}, "resources": {}, "prompts": {}});
    let info = json!({"name": "fixture", "version": "1.0.0"});
    let mut result = match message["method"].as_str().unwrap() {
        "server/discover" if *kind == Kind::Alien => json!({"supportedVersions": ["2031-01-01"]}),
        "server/discover" if modern => {
            let meta = json!({"io.modelcontextprotocol/serverInfo": info});
            json!({"supportedVersions": ["2026-07-28"], "capabilities": offered, "_meta": meta})
        }
        "initialize" => {
            json!({"protocolVersion": "2025-11-25", "capabilities": offered, "serverInfo": info})
        }
        "tools/list" => page(kind, "tools", &shared.tools.lock().unwrap(), cursor),
        "resources/list" => json!({"resources": [{"uri": "demo://about", "name": "about"}]}),
        "resources/templates/list" if *kind != Kind::PythonLegacy => {
            json!({"resourceTemplates": [{"uriTemplate": "demo://{page}", "name": "page"}]})
        }
        "prompts/list" => json!({"prompts": [{"name": "greet", "description": "greets"}]}),
        method => return error(id, -32601, &format!("Method not found: {method}"), Value::Null),
    };
    if modern {
        result["resultType"] = json!("complete");
    }
    json!({"jsonrpc": "2.0", "id": id, "result": result})
}

/// Two entries a page; the first cursor is the empty string, which is a cursor too.
fn page(kind: &Kind, field: &str, entries: &[Value], cursor: Option<&str>) -> Value {
    let start = match cursor {
        None => 0,
        Some("") => 2,
        Some(cursor) => cursor.parse().unwrap(),
    };
    let shown: Vec<_> = entries.iter().skip(start).take(2).collect();
    let mut page = json!({field: shown});
    match kind {
        Kind::Endless { same_cursor: true } => page["nextCursor"] = json!("7"),
        Kind::Endless { same_cursor: false } => page["nextCursor"] = json!((start + 1).to_string()),
        _ if start + 2 < entries.len() => {
            page["nextCursor"] = json!(if start == 0 { String::new() } else { (start + 2).to_string() });
        }
        _ => {}
    }
    page
}

fn open_stream(shared: &Shared) -> Response {
    let (sender, receiver) = mpsc::unbounded_channel();
    sender.send("event: endpoint\ndata: /messages?sessionId=1\n\n".to_owned()).unwrap();
    *shared.stream.lock().unwrap() = Some(sender);
    let body = UnboundedReceiverStream::new(receiver).map(Ok::<_, std::convert::Infallible>);
    ([(header::CONTENT_TYPE, "text/event-stream")], Body::from_stream(body)).into_response()
}

fn event(message: &Value) -> String {
    format!("event: message\nid: 1\ndata: {message}\n\n")
}

fn events(text: String) -> Response {
    ([(header::CONTENT_TYPE, "text/event-stream; charset=utf-8")], text).into_response()
}

fn json_answer(status: u16, message: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap();
    (status, [(header::CONTENT_TYPE, "application/json")], message.to_string()).into_response()
}

fn error(id: &Value, code: i64, message: &str, data: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message, "data": data}})
}
