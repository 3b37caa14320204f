//! Our own credential opens a server that wants one; the client's never gets there (requirements R7.6, R7.8).

use std::{
    cell::RefCell,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use anyhow::{Context, Result, ensure};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::post,
};
use gatewayops_tests::stack::{Answer, Stack};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{servers::Server, tls::Authority};

/// Lets in who shows the right credential, to the demo server behind it.
struct Gate {
    behind: String,
    http: reqwest::Client,
    /// Tokens are `token-<number>`, up to this one.
    issued: AtomicUsize,
    /// Those up to this one do not open it any more.
    forgotten: AtomicUsize,
    seen: Mutex<Vec<HeaderMap>>,
    let_in: AtomicUsize,
}

impl Gate {
    /// Where it listens.
    async fn before(stack: &Stack) -> Result<(Arc<Self>, String)> {
        let gate = Arc::new(Self {
            behind: stack.setting("MCP_SERVER_DEMO_URL").to_owned(),
            http: stack.http.clone(),
            issued: AtomicUsize::new(0),
            forgotten: AtomicUsize::new(0),
            seen: Mutex::default(),
            let_in: AtomicUsize::new(0),
        });
        let router = Router::new()
            .route("/token", post(token))
            .route("/{kind}/mcp", post(enter))
            .with_state(gate.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok((gate, url))
    }

    fn is_open_to(&self, kind: &str, headers: &HeaderMap) -> bool {
        let shown = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        match kind {
            "bearer" => shown("authorization") == "Bearer a-token",
            // agent:secret
            "basic" => shown("authorization") == "Basic YWdlbnQ6c2VjcmV0",
            "header" => shown("x-key") == "a-key",
            "oauth" => {
                let number = shown("authorization").strip_prefix("Bearer token-");
                let number = number.and_then(|number| number.parse().ok()).unwrap_or(0);
                self.forgotten.load(Ordering::SeqCst) < number && number <= self.issued.load(Ordering::SeqCst)
            }
            _ => false,
        }
    }
}

async fn token(State(gate): State<Arc<Gate>>, headers: HeaderMap, form: String) -> Response {
    // gateway:secret, as RFC 6749 §2.3.1 has it.
    let is_known =
        headers.get(header::AUTHORIZATION).is_some_and(|value| value == "Basic Z2F0ZXdheTpzZWNyZXQ=");
    // RFC 8707: a token for this server, and no other.
    let is_for_it = ["grant_type=client_credentials", "scope=tools", "resource=http"]
        .iter()
        .all(|wanted| form.split('&').any(|pair| pair.starts_with(wanted)));
    if !is_known || !is_for_it {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let issued = gate.issued.fetch_add(1, Ordering::SeqCst) + 1;
    axum::Json(
        json!({ "access_token": format!("token-{issued}"), "token_type": "Bearer", "expires_in": 3600 }),
    )
    .into_response()
}

async fn enter(
    State(gate): State<Arc<Gate>>,
    Path(kind): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    gate.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(headers.clone());
    if !gate.is_open_to(&kind, &headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    gate.let_in.fetch_add(1, Ordering::SeqCst);
    match forward(&gate, headers, body).await {
        Ok(response) => response,
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}

async fn forward(gate: &Gate, mut headers: HeaderMap, body: Bytes) -> Result<Response> {
    for name in [header::HOST, header::AUTHORIZATION, header::CONTENT_LENGTH] {
        headers.remove(name);
    }
    let answered = gate.http.post(&gate.behind).headers(headers).body(body).send().await?;
    let mut response = Response::builder().status(answered.status());
    for name in [header::CONTENT_TYPE.as_str(), "mcp-session-id"] {
        if let Some(value) = answered.headers().get(name) {
            response = response.header(name, value);
        }
    }
    Ok(response.body(Body::from(answered.bytes().await?))?)
}

async fn add(stack: &Stack, name: &str, url: &str, auth: Value) -> Result<()> {
    let made = stack.rest_post("/v1/mcp-servers", json!({ "name": name, "url": url, "auth": auth })).await?;
    ensure!(made.status == 201, "{made:?}");
    stack
        .until("the proxy knows the server", async |stack| {
            let listed =
                stack.http.get(stack.proxy_url("/v1/mcp/servers")).bearer_auth(&stack.key).send().await?;
            Ok(listed.text().await?.contains(&format!("\"{name}\"")))
        })
        .await
}

async fn echo(stack: &Stack, server: &str) -> Result<Answer> {
    stack.call(server, "echo", json!({ "text": "hello" })).await
}

fn client_credentials(gate: &str, secret: &str) -> Value {
    json!({ "type": "oauth_client_credentials", "token_url": format!("{gate}/token"), "client_id": "gateway",
        "client_secret": secret, "scopes": ["tools"] })
}

#[tokio::test]
async fn each_kind_of_credential_opens_the_server_that_wants_it() -> Result<()> {
    let stack = Stack::start(&[]).await?;
    let (gate, url) = Gate::before(&stack).await?;
    let right = [
        ("bearer", json!({ "type": "bearer", "token": "a-token" })),
        ("basic", json!({ "type": "basic", "username": "agent", "password": "secret" })),
        ("header", json!({ "type": "header", "header_name": "X-Key", "header_value": "a-key" })),
        ("oauth", client_credentials(&url, "secret")),
    ];
    for (kind, auth) in right {
        add(&stack, kind, &format!("{url}/{kind}/mcp"), auth).await?;
        let called = echo(&stack, kind).await?;
        assert!(called.is_success(), "{kind}: {called:?}");
    }
    let wrong = json!({ "type": "bearer", "token": "another" });
    add(&stack, "wrong", &format!("{url}/bearer/mcp"), wrong).await?;
    // The same client of the same token endpoint, as somebody would have it who does not know the secret.
    add(&stack, "stranger", &format!("{url}/oauth/mcp"), client_credentials(&url, "guess")).await?;
    for server in ["wrong", "stranger"] {
        let refused = echo(&stack, server).await?;
        assert!(!refused.is_success() && !refused.headers.contains_key("www-authenticate"), "{refused:?}");
    }
    let seen = gate.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    assert!(!seen.is_empty());
    for headers in &*seen {
        assert!(!format!("{headers:?}").contains(&stack.key), "the client's own key reached a server");
    }
    Ok(())
}

#[tokio::test]
async fn a_token_that_a_server_refuses_is_fetched_anew_once_for_all_who_wait() -> Result<()> {
    let stack = Stack::start(&[]).await?;
    let (gate, url) = Gate::before(&stack).await?;
    add(&stack, "oauth", &format!("{url}/oauth/mcp"), client_credentials(&url, "secret")).await?;
    // The control plane looks the server over with a token of its own.
    stack
        .until("its tools are known", async |stack| {
            let tools = stack.rest("/v1/tools?mcp_server=oauth").await?;
            Ok(tools.body["tools"].as_array().is_some_and(|tools| !tools.is_empty()))
        })
        .await?;
    let first = echo(&stack, "oauth").await?;
    ensure!(first.is_success(), "{first:?}");
    let (issued, let_in) = (gate.issued.load(Ordering::SeqCst), gate.let_in.load(Ordering::SeqCst));
    gate.forgotten.store(issued, Ordering::SeqCst);
    let calls = std::iter::repeat_with(|| echo(&stack, "oauth")).take(20);
    for called in futures::future::join_all(calls).await {
        let called = called?;
        assert!(called.is_success(), "{called:?}");
    }
    assert_eq!(gate.issued.load(Ordering::SeqCst), issued + 1, "tokens fetched");
    assert_eq!(gate.let_in.load(Ordering::SeqCst), let_in + 20, "each call was carried out once");
    Ok(())
}

#[tokio::test]
async fn a_server_that_asks_for_a_certificate_is_shown_ours() -> Result<()> {
    let stack = Stack::start(&[]).await?;
    let (ours, theirs) = (Authority::new()?, Authority::new()?);
    let (certificate, key) = theirs.issue()?;
    let settings = [
        ("CERTIFICATE", stack.write("server.pem", &certificate)?),
        ("KEY", stack.write("server.key", &key)?),
        ("CLIENT_CA", stack.write("clients.pem", &ours.certificate())?),
        ("BEHIND", stack.setting("MCP_SERVER_DEMO_URL").to_owned()),
    ];
    let server = Server::certified(&settings).await?;
    let url = server.url().replace("http://127.0.0.1", "https://localhost");
    let (shown, its_key) = ours.issue()?;
    let (stranger, stranger_key) = Authority::new()?.issue()?;
    let ca = theirs.certificate();
    for (name, tls, is_let_in) in [
        ("certified", json!({ "ca_pem": ca, "client_cert_pem": shown, "client_key_pem": its_key }), true),
        ("nobody", json!({ "ca_pem": ca }), false),
        (
            "stranger",
            json!({ "ca_pem": ca, "client_cert_pem": stranger, "client_key_pem": stranger_key }),
            false,
        ),
        // Nor do we speak to whom nobody vouches for.
        ("untrusted", json!({ "client_cert_pem": shown, "client_key_pem": its_key }), false),
    ] {
        let form = json!({ "name": name, "url": url, "tls": tls });
        let made = stack.rest_post("/v1/mcp-servers", form).await?;
        ensure!(made.status == 201, "{made:?}");
        let answered = RefCell::new(None);
        stack
            .until("the proxy knows the server", async |stack| {
                let called = echo(stack, name).await?;
                Ok(called.status != 404 && answered.replace(Some(called)).is_none())
            })
            .await?;
        let called = answered.take().context("no answer")?;
        assert_eq!(called.is_success(), is_let_in, "{name}: {called:?}");
    }
    Ok(())
}
