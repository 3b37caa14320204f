//! One secret of every kind, used rightly and wrongly.

use anyhow::{Context, Result, ensure};
use axum::{Json, Router, routing::post};
use gatewayops_tests::stack::{Answer, Stack, answer};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{legacy::Caller, provider::Provider, replicas::FIRST, servers::Server, tls::Authority};

/// What was used, by what it is.
pub(super) type Secrets = Vec<(&'static str, String)>;

const WRONG_PASSWORD: &str = "wrong-password-of-admin-3e81";
const TOKEN: &str = "token-of-a-server-4be7";

pub(super) async fn all(stack: &Stack) -> Result<Secrets> {
    let mut used: Secrets = ["PROXY_TOKEN", "JWT_SECRET", "ENCRYPTION_KEY", "BOOTSTRAP_ADMIN_PASSWORD"]
        .map(|name| (name, stack.setting(name).to_owned()))
        .into();
    used.push(("the bootstrap key", stack.key.clone()));
    used.push(("a wrong password", WRONG_PASSWORD.to_owned()));
    used.push(("a session of the dashboard", log_in(stack).await?));
    used.extend(of_servers(stack).await?);
    used.extend(of_keys(stack).await?);
    used.push(("an invite", invite(stack).await?));
    used.extend(of_provider(stack).await?);
    Ok(used)
}

/// Credentials for servers, each opened once by a call.
async fn of_servers(stack: &Stack) -> Result<Secrets> {
    let server = Server::asking("a").await?;
    let (certificate, key) = Authority::new()?.issue()?;
    let line_of_key = key.lines().nth(1).context("no key")?.to_owned();
    let bearer = json!({ "type": "bearer", "token": "bearer-of-a-server-7f3a" });
    let basic = json!({ "type": "basic", "username": "u", "password": "password-of-a-server-91c2" });
    let header =
        json!({ "type": "header", "header_name": "X-Key", "header_value": "header-of-a-server-55d0" });
    let oauth = json!({ "type": "oauth_client_credentials", "token_url": token_endpoint().await?,
        "client_id": "gateway", "client_secret": "client-secret-of-a-server-a61f" });
    let tls = json!({ "client_cert_pem": certificate, "client_key_pem": key });
    let kinds = [
        ("bearer", json!({ "auth": bearer }), "bearer-of-a-server-7f3a"),
        ("basic", json!({ "auth": basic }), "password-of-a-server-91c2"),
        ("header", json!({ "auth": header }), "header-of-a-server-55d0"),
        ("oauth", json!({ "auth": oauth }), "client-secret-of-a-server-a61f"),
        ("mtls", json!({ "tls": tls }), &*line_of_key),
    ];
    let mut used = Secrets::from([("the token of a client", TOKEN.to_owned())]);
    for (kind, mut form, secret) in kinds {
        form["name"] = kind.into();
        form["url"] = server.url().into();
        expect(201, stack.rest_post("/v1/mcp-servers", form).await?)?;
        used.push((kind, secret.to_owned()));
        Caller::new(stack, FIRST, kind)?.open(stack).await?.list().await?;
    }
    Ok(used)
}

/// Gives the same token to every client.
async fn token_endpoint() -> Result<String> {
    let token =
        || async { Json(json!({ "access_token": TOKEN, "token_type": "Bearer", "expires_in": 3600 })) };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/token", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/token", post(token))).await });
    Ok(url)
}

async fn of_keys(stack: &Stack) -> Result<Secrets> {
    let made = expect(201, stack.rest_post("/v1/api-keys", json!({ "name": "made" })).await?)?;
    let rotate = format!("/v1/api-keys/{}/rotate", text(&made, "id")?);
    let rotated = expect(200, stack.rest_post(&rotate, json!({})).await?)?;
    let token = expect(201, stack.rest_post("/v1/auth/token", json!({})).await?)?;
    let used = [
        ("a key", text(&made, "key")?),
        ("its new secret", text(&rotated, "key")?),
        ("a token of ours", text(&token, "access_token")?),
    ];
    for (_, credential) in &used {
        misuse(stack, credential).await?;
    }
    Ok(used.into())
}

/// A credential where none belongs: in the URL, in a header that is passed on, in a body that is no JSON.
async fn misuse(stack: &Stack, credential: &str) -> Result<()> {
    let url = stack.proxy_url("/mcp/demo");
    stack.http.post(format!("{url}?access_token={credential}")).body("{}").send().await?;
    stack.http.post(&url).header("x-api-key", credential).body(credential.to_owned()).send().await?;
    stack.http.get(stack.proxy_url(&format!("/v1/mcp/servers?token={credential}"))).send().await?;
    stack.rest(&format!("/v1/api-keys?key={credential}")).await?;
    let called = stack.call_as(credential, "demo", "echo", json!({ "text": "hello" })).await?;
    ensure!([200, 401].contains(&called.status), "{called:?}");
    Ok(())
}

/// An invite that is looked up, rightly and with a letter too much.
async fn invite(stack: &Stack) -> Result<String> {
    let sent =
        expect(201, stack.rest_post("/v1/users/invite", json!({ "email": "new@example.com" })).await?)?;
    let url = text(&sent, "accept_url")?;
    let (_, token) = url.split_once("token=").with_context(|| url.clone())?;
    for (token, status) in [(token.to_owned(), 200), (format!("{token}x"), 410)] {
        let looked = stack.http.post(stack.control_url("/v1/users/invites/lookup"));
        expect(status, answer(looked.json(&json!({ "token": token }))).await?)?;
    }
    Ok(token.to_owned())
}

/// Somebody signs in to the dashboard and to an endpoint.
async fn of_provider(stack: &Stack) -> Result<Secrets> {
    let provider = Provider::start().await?.joined(stack, &stack.key, "dashboard").await?;
    let entered = provider.entered(stack, "ada").await?;
    let token = provider.token("ada", &stack.proxy_url("/mcp/demo"), "mcp:read mcp:call").await?;
    stack
        .until("the proxy knows who signed in", async |stack| {
            Ok(stack.call_as(&token, "demo", "echo", json!({ "text": "hello" })).await?.is_success())
        })
        .await?;
    misuse(stack, &token).await?;
    let cookie = text(&entered, "cookie")?;
    let (_, session) = cookie.split_once('=').context("no cookie")?;
    Ok([
        ("our secret at the provider", text(provider.known(), "client_secret")?),
        ("an access token", token),
        ("the code of a sign-in", text(&entered, "code")?),
        ("the state of a sign-in", text(&entered, "state")?),
        ("a session by the provider", session.to_owned()),
    ]
    .into())
}

/// The token of a session that was opened by password, after one attempt with a wrong one.
async fn log_in(stack: &Stack) -> Result<String> {
    let login = |password: &str| {
        let form = json!({ "email": stack.setting("BOOTSTRAP_ADMIN_EMAIL"), "password": password });
        stack.http.post(stack.control_url("/v1/auth/login")).json(&form).send()
    };
    ensure!(login(WRONG_PASSWORD).await?.status() == 401);
    let opened = login(stack.setting("BOOTSTRAP_ADMIN_PASSWORD")).await?;
    let cookie = opened.headers().get("set-cookie").context("no cookie")?.to_str()?.to_owned();
    let (_, token) = cookie.split(';').next().and_then(|pair| pair.split_once('=')).context("no token")?;
    let me = stack.http.get(stack.control_url("/v1/auth/me")).header("cookie", &cookie);
    expect(200, answer(me).await?)?;
    Ok(token.to_owned())
}

fn expect(status: u16, answer: Answer) -> Result<Value> {
    ensure!(answer.status == status, "{answer:?}");
    Ok(answer.body)
}

fn text(body: &Value, name: &str) -> Result<String> {
    Ok(body[name].as_str().with_context(|| format!("no {name} in {body}"))?.to_owned())
}
