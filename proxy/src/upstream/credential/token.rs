//! Tokens fetched with OAuth client credentials (RFC 6749 §4.4), each kept by the one server that it is for.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use arc_swap::ArcSwapOption;
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::BytesMut;
use gatewayops_proto::control::ClientCredentials;
use http::Uri;
use pingora::time::timeout;
use serde::Deserialize;
use tokio::sync::Mutex;

use super::{Credential, header};
use crate::upstream::{
    address::{Address, Tls},
    connection::Connections,
};

/// A token is renewed so long before it expires: one call does it, the others go on with the old one.
const RENEW: Duration = Duration::from_secs(30);
/// And is not used any more so long before.
const MARGIN: Duration = Duration::from_secs(5);
/// Of a token whose answer does not say how long it lives (RFC 6749 §5.1).
const LIFETIME: Duration = Duration::from_secs(300);
const LONGEST: Duration = Duration::from_secs(24 * 3600);
const CONNECT: Duration = Duration::from_secs(5);
const TOKEN_REQUEST: Duration = Duration::from_secs(10);
const MAX_TOKEN_ANSWER: usize = 64 << 10;

pub(crate) struct TokenSource {
    credentials: ClientCredentials,
    /// The server's URL: what the token is for (RFC 8707).
    resource: String,
    token: ArcSwapOption<Token>,
    /// Whoever holds it fetches: a hundred calls that wait fetch once.
    fetching: Mutex<()>,
}

struct Token {
    line: Arc<str>,
    renew_at: Instant,
    until: Instant,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    expires_in: Option<u64>,
}

impl TokenSource {
    pub(super) fn new(credentials: ClientCredentials, resource: &str) -> Self {
        Self {
            credentials,
            resource: resource.to_owned(),
            token: ArcSwapOption::empty(),
            fetching: Mutex::default(),
        }
    }

    pub(super) fn is_for(&self, credentials: &ClientCredentials, resource: &str) -> bool {
        self.credentials == *credentials && self.resource == resource
    }

    /// The header line with a token that lives.
    pub(super) async fn line(&self, connections: &Connections) -> Result<Arc<str>, String> {
        let now = Instant::now();
        let living = self.token.load_full().filter(|token| now < token.until);
        let _turn = match &living {
            Some(token) if now < token.renew_at => return Ok(token.line.clone()),
            Some(token) => match self.fetching.try_lock() {
                Ok(turn) => turn,
                Err(_) => return Ok(token.line.clone()),
            },
            None => self.fetching.lock().await,
        };
        // Somebody else may have fetched while we waited for our turn.
        if let Some(token) = self.token.load_full().filter(|token| Instant::now() < token.renew_at) {
            return Ok(token.line.clone());
        }
        match (self.fetch(connections).await, living) {
            (Ok(token), _) => {
                let line = token.line.clone();
                self.token.store(Some(Arc::new(token)));
                Ok(line)
            }
            // The old one is still good.
            (Err(_), Some(token)) => Ok(token.line.clone()),
            (Err(reason), None) => Err(reason),
        }
    }

    /// Forgets the token that makes this line; a newer one is kept.
    pub(super) fn void(&self, line: &str) {
        let current = self.token.load();
        if current.as_ref().is_some_and(|token| *token.line == *line) {
            self.token.compare_and_swap(&*current, None);
        }
    }

    async fn fetch(&self, connections: &Connections) -> Result<Token, String> {
        let asked = Instant::now();
        // Boxed, as it is rare: a call's own future stays small.
        let fetching = Box::pin(fetch(&self.credentials, &self.resource, connections));
        let fetched = timeout(TOKEN_REQUEST, fetching)
            .await
            .map_err(|_| "the token endpoint did not answer".to_owned())??;
        let lifetime = fetched.expires_in.map_or(LIFETIME, Duration::from_secs).min(LONGEST);
        let Credential::Header(line) = header("authorization", &format!("Bearer {}", fetched.access_token))?
        else {
            return Err("the token makes no valid header".into());
        };
        Ok(Token {
            line: line.into(),
            // One that lives for a minute only is renewed after half of it.
            renew_at: asked + lifetime.saturating_sub(RENEW).max(lifetime / 2),
            until: asked + lifetime.saturating_sub(MARGIN).max(lifetime / 2),
        })
    }
}

/// The client credentials grant for one resource (RFC 8707).
async fn fetch(
    credentials: &ClientCredentials,
    resource: &str,
    connections: &Connections,
) -> Result<TokenAnswer, String> {
    let uri: Uri = credentials.token_url.parse().map_err(|_| "token_url is no URL".to_owned())?;
    let address = Address::new(&uri, CONNECT, Tls { verify: true, ..Tls::default() })?;
    let ask = |place| request(&uri, &address, credentials, resource, place);
    let (status, body) = match send(&address, &ask(SecretIn::Header), connections).await? {
        // Some authorization servers know the secret only in the body (RFC 6749 §2.3.1 allows either).
        (400 | 401, _) => send(&address, &ask(SecretIn::Body), connections).await?,
        answered => answered,
    };
    if status != 200 {
        return Err(format!("the token endpoint answered with status {status}"));
    }
    serde_json::from_slice(&body).map_err(|_| "the token endpoint's answer is no token".to_owned())
}

async fn send(
    address: &Address,
    request: &str,
    connections: &Connections,
) -> Result<(u16, BytesMut), String> {
    let peer = address.peer().await.map_err(|error| format!("token endpoint: {error}"))?;
    let unreachable = |_| "the token endpoint cannot be reached".to_owned();
    let mut connection = connections.send(peer, request.as_bytes()).await.map_err(unreachable)?;
    connection.answered().await.map_err(unreachable)?;
    let status = connection.head().map_or(0, |head| head.status.as_u16());
    let mut body = BytesMut::new();
    while let Some(chunk) = connection.chunk().await.map_err(unreachable)? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_TOKEN_ANSWER {
            return Err("the token endpoint's answer is too large".into());
        }
    }
    connections.release(connection).await;
    Ok((status, body))
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum SecretIn {
    Header,
    Body,
}

fn request(
    uri: &Uri,
    address: &Address,
    credentials: &ClientCredentials,
    resource: &str,
    place: SecretIn,
) -> String {
    let ClientCredentials { client_id, client_secret, scopes, .. } = credentials;
    let mut form = format!("grant_type=client_credentials&resource={}", encoded(resource));
    let mut put = |name: &str, value: &str| {
        for part in ["&", name, "=", &encoded(value)] {
            form.push_str(part);
        }
    };
    if !scopes.is_empty() {
        put("scope", &scopes.join(" "));
    }
    let authorization = match place {
        SecretIn::Header => {
            // RFC 6749 §2.3.1: both parts are form-encoded before they are joined.
            let pair = format!("{}:{}", encoded(client_id), encoded(client_secret));
            format!("authorization: Basic {}\r\n", STANDARD.encode(pair))
        }
        SecretIn::Body => {
            put("client_id", client_id);
            put("client_secret", client_secret);
            String::new()
        }
    };
    format!(
        "POST {} HTTP/1.1\r\nhost: {}\r\nuser-agent: GatewayOps\r\naccept: application/json\r\n{authorization}\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
        uri.path_and_query().map_or("/", |path| path.as_str()),
        address.authority(),
        form.len(),
    )
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' => {
                char::from(byte).to_string()
            }
            b' ' => "+".to_owned(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
