//! How we show ourselves to a server: our own credential, never the client's (R7.6).

use std::{borrow::Cow, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD};
use gatewayops_proto::control::{self as proto, upstream_auth::Kind};
use http::{HeaderName, HeaderValue};

use super::connection::Connections;

mod token;

use token::TokenSource;

#[derive(Clone)]
pub(crate) enum Credential {
    None,
    /// One header line, ready to be written.
    Header(String),
    /// A token that is fetched with OAuth client credentials.
    Token(Arc<TokenSource>),
}

impl Credential {
    /// A token that was fetched with the same credentials goes on being used.
    pub(crate) fn from_proto(
        auth: Option<&proto::UpstreamAuth>,
        url: &str,
        previous: Option<&Self>,
    ) -> Result<Self, String> {
        let Some(kind) = auth.and_then(|auth| auth.kind.as_ref()) else { return Ok(Self::None) };
        match kind {
            Kind::BearerToken(token) => header("authorization", &format!("Bearer {token}")),
            Kind::Basic(basic) => {
                let pair = STANDARD.encode(format!("{}:{}", basic.username, basic.password));
                header("authorization", &format!("Basic {pair}"))
            }
            Kind::Header(own) => header(&own.name, &own.value),
            Kind::ClientCredentials(credentials) => Ok(Self::Token(match previous {
                Some(Self::Token(source)) if source.is_for(credentials, url) => source.clone(),
                _ => Arc::new(TokenSource::new(credentials.clone(), url)),
            })),
        }
    }

    /// The header line to send.
    ///
    /// # Errors
    /// No token can be had, and why, without anything secret.
    pub(crate) async fn line(&self, connections: &Connections) -> Result<Cow<'_, str>, String> {
        match self {
            Self::None => Ok(Cow::Borrowed("")),
            Self::Header(line) => Ok(Cow::Borrowed(line)),
            Self::Token(source) => Ok(Cow::Owned(source.line(connections).await?.to_string())),
        }
    }

    /// Another line than the one that the server refused, if there can be any (R7.8).
    pub(crate) async fn renewed(
        &self,
        refused: &str,
        connections: &Connections,
    ) -> Result<Option<Arc<str>>, String> {
        let Self::Token(source) = self else { return Ok(None) };
        source.void(refused);
        source.line(connections).await.map(|line| (*line != *refused).then_some(line))
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

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://localhost/mcp";

    fn line(kind: Kind) -> Result<String, String> {
        match Credential::from_proto(Some(&proto::UpstreamAuth { kind: Some(kind) }), URL, None)? {
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
    fn a_token_outlives_a_change_of_the_server_but_none_of_its_credentials() {
        let with = |client_secret: &str| proto::UpstreamAuth {
            kind: Some(Kind::ClientCredentials(proto::ClientCredentials {
                token_url: "https://localhost/token".into(),
                client_id: "gateway".into(),
                client_secret: client_secret.into(),
                scopes: Vec::new(),
            })),
        };
        let source = |credential: &Credential| match credential {
            Credential::Token(source) => source.clone(),
            _ => panic!("no token"),
        };
        let first = Credential::from_proto(Some(&with("one")), URL, None).unwrap();
        let same = Credential::from_proto(Some(&with("one")), URL, Some(&first)).unwrap();
        let other = Credential::from_proto(Some(&with("two")), URL, Some(&first)).unwrap();
        assert!(Arc::ptr_eq(&source(&first), &source(&same)));
        assert!(!Arc::ptr_eq(&source(&first), &source(&other)));
    }

    #[test]
    fn a_credential_cannot_smuggle_a_header() {
        let smuggled = line(Kind::BearerToken("t\r\nX-Admin: 1".into()));
        assert!(!smuggled.unwrap_err().contains("X-Admin"));
    }
}
