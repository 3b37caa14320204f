//! How we show ourselves to a server: our own credential, never the client's (R7.6).

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::BytesMut;
use gatewayops_proto::control::{self as proto, ClientCredentials, upstream_auth::Kind};
use http::{HeaderName, HeaderValue, Uri};
use pingora::time::timeout;
use serde::Deserialize;
use tokio::sync::Mutex;

use super::{
    address::{Address, Tls},
    connection::Connections,
};

/// A token is renewed so long before it expires.
const MARGIN: Duration = Duration::from_secs(30);
const TOKEN_REQUEST: Duration = Duration::from_secs(10);
const MAX_TOKEN_ANSWER: usize = 64 << 10;

#[derive(Clone)]
pub(crate) enum Credential {
    None,
    /// One header line, ready to be written.
    Header(String),
    /// OAuth client credentials: a token is fetched and kept until shortly before it expires.
    ClientCredentials(Arc<ClientCredentials>),
}

impl Credential {
    pub(crate) fn from_proto(auth: Option<&proto::UpstreamAuth>) -> Result<Self, String> {
        let Some(kind) = auth.and_then(|auth| auth.kind.as_ref()) else { return Ok(Self::None) };
        match kind {
            Kind::BearerToken(token) => header("authorization", &format!("Bearer {token}")),
            Kind::Basic(basic) => {
                let pair = STANDARD.encode(format!("{}:{}", basic.username, basic.password));
                header("authorization", &format!("Basic {pair}"))
            }
            Kind::Header(own) => header(&own.name, &own.value),
            Kind::ClientCredentials(credentials) => Ok(Self::ClientCredentials(credentials.clone().into())),
        }
    }
}

/// The value itself never appears in the error.
fn header(name: &str, value: &str) -> Result<Credential, String> {
    let well_formed = HeaderName::from_bytes(name.as_bytes()).is_ok() && HeaderValue::from_str(value).is_ok();
    if well_formed {
        Ok(Credential::Header(format!("{name}: {value}\r\n")))
    } else {
        Err("auth makes no valid header".into())
    }
}

/// Tokens fetched with client credentials, until shortly before they expire (RFC 6749 §4.4).
#[derive(Default)]
pub(crate) struct Credentials(Mutex<HashMap<(String, String), Token>>);

#[derive(Clone)]
struct Token {
    line: Arc<str>,
    until: Instant,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    expires_in: Option<u64>,
}

impl Credentials {
    /// The header line to send.
    ///
    /// # Errors
    /// No token can be had, and why, without anything secret.
    pub(crate) async fn header<'a>(
        &self,
        credential: &'a Credential,
        connections: &Connections,
    ) -> Result<Cow<'a, str>, String> {
        match credential {
            Credential::None => Ok(Cow::Borrowed("")),
            Credential::Header(line) => Ok(Cow::Borrowed(line)),
            Credential::ClientCredentials(credentials) => {
                Ok(Cow::Owned(self.token(credentials, connections).await?.to_string()))
            }
        }
    }

    /// Held while a token is fetched, so that a hundred waiting calls fetch it once.
    async fn token(
        &self,
        credentials: &ClientCredentials,
        connections: &Connections,
    ) -> Result<Arc<str>, String> {
        let key = (credentials.token_url.clone(), credentials.client_id.clone());
        let mut tokens = self.0.lock().await;
        if let Some(token) = tokens.get(&key).filter(|token| Instant::now() < token.until) {
            return Ok(token.line.clone());
        }
        let fetched = timeout(TOKEN_REQUEST, fetch(credentials, connections))
            .await
            .map_err(|_| "the token endpoint did not answer".to_owned())??;
        let lifetime = Duration::from_secs(fetched.expires_in.unwrap_or(300));
        let Credential::Header(line) = header("authorization", &format!("Bearer {}", fetched.access_token))?
        else {
            return Err("the token makes no valid header".into());
        };
        let token = Token { line: line.into(), until: Instant::now() + lifetime.saturating_sub(MARGIN) };
        tokens.insert(key, token.clone());
        Ok(token.line)
    }
}

async fn fetch(credentials: &ClientCredentials, connections: &Connections) -> Result<TokenAnswer, String> {
    let uri: Uri = credentials.token_url.parse().map_err(|_| "token_url is no URL".to_owned())?;
    let address = Address::new(&uri, Duration::from_secs(5), Tls { verify: true, ..Tls::default() })?;
    let peer = address.peer().await.map_err(|error| format!("token endpoint: {error}"))?;
    let unreachable = |_| "the token endpoint cannot be reached".to_owned();
    let mut connection =
        connections.send(peer, request(&uri, &address, credentials).as_bytes()).await.map_err(unreachable)?;
    connection.answered().await.map_err(unreachable)?;
    let status = connection.head().map_or(0, |head| head.status.as_u16());
    if status != 200 {
        return Err(format!("the token endpoint answered with status {status}"));
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = connection.chunk().await.map_err(unreachable)? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_TOKEN_ANSWER {
            return Err("the token endpoint's answer is too large".into());
        }
    }
    connections.release(connection).await;
    serde_json::from_slice(&body).map_err(|_| "the token endpoint's answer is no token".to_owned())
}

fn request(uri: &Uri, address: &Address, credentials: &ClientCredentials) -> String {
    let mut form = String::from("grant_type=client_credentials");
    if !credentials.scopes.is_empty() {
        form.push_str("&scope=");
        form.push_str(&encoded(&credentials.scopes.join(" ")));
    }
    // RFC 6749 §2.3.1: both parts are form-encoded before they are joined.
    let pair = format!("{}:{}", encoded(&credentials.client_id), encoded(&credentials.client_secret));
    format!(
        "POST {} HTTP/1.1\r\nhost: {}\r\nuser-agent: GatewayOps\r\naccept: application/json\r\n\
         authorization: Basic {}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
        uri.path_and_query().map_or("/", |path| path.as_str()),
        address.authority(),
        STANDARD.encode(pair),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn line(kind: Kind) -> Result<String, String> {
        match Credential::from_proto(Some(&proto::UpstreamAuth { kind: Some(kind) }))? {
            Credential::Header(line) => Ok(line),
            _ => Err("no header".into()),
        }
    }

    #[test]
    fn each_kind_becomes_one_header_line() {
        assert_eq!(line(Kind::BearerToken("t".into())).unwrap(), "authorization: Bearer t\r\n");
        let basic = proto::BasicAuth { username: "u".into(), password: "p".into() };
        assert_eq!(line(Kind::Basic(basic)).unwrap(), "authorization: Basic dTpw\r\n");
        let own = proto::HeaderAuth { name: "X-Key".into(), value: "v".into() };
        assert_eq!(line(Kind::Header(own)).unwrap(), "X-Key: v\r\n");
    }

    #[test]
    fn a_credential_cannot_smuggle_a_header() {
        let smuggled = line(Kind::BearerToken("t\r\nX-Admin: 1".into()));
        assert!(!smuggled.unwrap_err().contains("X-Admin"));
    }
}
