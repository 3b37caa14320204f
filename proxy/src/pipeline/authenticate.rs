//! Who is calling: an API key or a token from the header, and nothing else (contract 1.6, R7.1).

use std::{net::IpAddr, sync::Arc};

use gatewayops_proto::forwarded;
use ipnet::IpNet;

use crate::{
    exchange::Exchange,
    gateway::Client,
    oauth::resource::Resource,
    principal::Principal,
    rejection::{Code, Rejection},
    server::Gateway,
    snapshot::Snapshot,
};

pub(crate) mod key;
pub(crate) mod standing;
pub(crate) mod token;

use token::Fault;

/// The principal behind the request's credential. A token may be signed with a key that is known only now: then the
/// exchange goes on with the snapshot that has it.
pub(crate) async fn authenticate(
    gateway: &Gateway,
    client: &Client,
    resource: Resource<'_>,
    snapshot: &mut Arc<Snapshot>,
    exchange: &mut Exchange,
) -> Result<Arc<Principal>, Rejection> {
    if query_has_credential(client.query()) {
        return Err(Rejection::new(
            Code::InvalidRequest,
            "a credential belongs in the Authorization header, never in a URL",
        ));
    }
    let principal = match Credential::of(client.headers())? {
        Credential::Key(key) => key::principal(snapshot, key, exchange)?,
        Credential::Token(token) => {
            match token::principal(&gateway.oauth, snapshot, token, resource, exchange) {
                Ok(principal) => principal,
                Err(Fault::Rejected(rejection)) => return Err(rejection),
                Err(Fault::NewKey(refusal)) => {
                    // Rare, and much to carry: not in every request's own state.
                    let again =
                        token::principal_by_new_key(gateway, snapshot, token, resource, refusal, exchange);
                    Box::pin(again).await?
                }
            }
        }
    };
    check_address(snapshot, &principal, exchange.client_address)?;
    Ok(principal)
}

fn check_address(
    snapshot: &Snapshot,
    principal: &Principal,
    address: Option<IpAddr>,
) -> Result<(), Rejection> {
    if snapshot.admits(principal.org, address) {
        return Ok(());
    }
    Err(Rejection::new(
        Code::IpNotAllowed,
        "the organization takes no calls from this address: see its settings, security.ip_allowlist",
    ))
}

/// As the request carries it.
#[derive(Debug, Eq, PartialEq)]
enum Credential<'a> {
    Key(&'a str),
    Token(&'a str),
}

impl<'a> Credential<'a> {
    fn of(headers: &'a http::HeaderMap) -> Result<Self, Rejection> {
        let invalid = |message: &str| Err(Rejection::new(Code::InvalidCredentials, message));
        let mut values = headers.get_all("authorization").iter();
        let (first, second) = (values.next(), values.next());
        if second.is_some() {
            return invalid("send one Authorization header, not several");
        }
        if let Some(value) = first {
            let (scheme, credential) =
                value.to_str().ok().and_then(|value| value.split_once(' ')).unwrap_or_default();
            let credential = credential.trim();
            if !scheme.eq_ignore_ascii_case("bearer") || credential.is_empty() {
                return invalid("send the credential as: Authorization: Bearer gwo_… or a token");
            }
            // A key has no dots, a JWT in compact form has two.
            let is_token = credential.bytes().filter(|byte| *byte == b'.').count() == 2;
            return Ok(if is_token { Self::Token(credential) } else { Self::Key(credential) });
        }
        let key = headers.get("x-api-key").and_then(|key| key.to_str().ok());
        key.map(Self::Key).ok_or_else(|| {
            Rejection::new(
                Code::MissingCredentials,
                "send an API key or a token as: Authorization: Bearer gwo_…",
            )
        })
    }
}

fn query_has_credential(query: Option<&str>) -> bool {
    query.is_some_and(|query| {
        query.split('&').any(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            matches!(name, "access_token" | "api_key" | "key" | "token") && !value.is_empty()
        })
    })
}

/// Where the client is, behind our own proxies (`TRUSTED_PROXIES`), as far as that can be told.
pub(crate) fn client_address(client: &Client, trusted: &[IpNet]) -> Option<IpAddr> {
    let lines = client.headers().get_all("x-forwarded-for").iter().map(|line| line.as_bytes());
    forwarded::client_address(client.address()?, lines, trusted)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::*;

    fn of(headers: &[(&'static str, &'static str)]) -> Result<&'static str, Code> {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        match Credential::of(&headers) {
            Ok(Credential::Key(_)) => Ok("key"),
            Ok(Credential::Token(_)) => Ok("token"),
            Err(rejection) => Err(rejection.code),
        }
    }

    #[test]
    fn a_credential_is_one_key_or_one_token_in_the_header() {
        for (headers, expected) in [
            (&[("authorization", "Bearer gwo_dev_x")][..], Ok("key")),
            (&[("authorization", "bearer  gwo_dev_x ")], Ok("key")),
            (&[("authorization", "Bearer a.b.c")], Ok("token")),
            (&[("x-api-key", "gwo_dev_x")], Ok("key")),
            // A token is OAuth's, and OAuth has one header.
            (&[("x-api-key", "a.b.c")], Ok("key")),
            (&[("authorization", "Bearer a.b.c.d.e")], Ok("key")),
            (&[("authorization", "Bearer a.b.c"), ("x-api-key", "gwo_dev_x")], Ok("token")),
            (&[("authorization", "Basic YTpi")], Err(Code::InvalidCredentials)),
            (&[("authorization", "Bearer")], Err(Code::InvalidCredentials)),
            (&[("authorization", "Bearer  ")], Err(Code::InvalidCredentials)),
            (&[], Err(Code::MissingCredentials)),
        ] {
            assert_eq!(of(headers), expected, "{headers:?}");
        }
        let mut twice = HeaderMap::new();
        twice.append("authorization", HeaderValue::from_static("Bearer a.b.c"));
        twice.append("authorization", HeaderValue::from_static("Bearer a.b.c"));
        assert_eq!(Credential::of(&twice).unwrap_err().code, Code::InvalidCredentials);
        let mut bytes = HeaderMap::new();
        bytes.insert("authorization", HeaderValue::from_bytes(b"Bearer \xff").unwrap());
        assert_eq!(Credential::of(&bytes).unwrap_err().code, Code::InvalidCredentials);
    }

    #[test]
    fn a_credential_in_a_url_is_noticed() {
        for query in ["access_token=x", "a=1&token=x", "api_key=x", "key=x"] {
            assert!(query_has_credential(Some(query)), "{query}");
        }
        for query in ["", "cursor=x", "token=", "tokens=x"] {
            assert!(!query_has_credential(Some(query)), "{query}");
        }
    }
}
