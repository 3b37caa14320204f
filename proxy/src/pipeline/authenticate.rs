//! Who is calling: an API key from the header, and nothing else (contract 1.6, R7.1).

use std::{net::IpAddr, sync::Arc};

use gatewayops_proto::api_key;
use ipnet::IpNet;

use crate::{
    exchange::Exchange,
    gateway::Client,
    principal::{Principal, State},
    rejection::{Code, Rejection},
    snapshot::Snapshot,
};

/// The principal behind the request's key.
pub(crate) fn authenticate(
    snapshot: &Snapshot,
    client: &Client,
    exchange: &mut Exchange,
) -> Result<Arc<Principal>, Rejection> {
    if query_has_credential(client.query()) {
        return Err(Rejection::new(
            Code::InvalidRequest,
            "a credential belongs in the Authorization header, never in a URL",
        ));
    }
    let key = key(client)?;
    let invalid = || Rejection::new(Code::InvalidCredentials, "this API key is not known");
    if !api_key::is_well_formed(key) {
        return Err(Rejection::new(
            Code::InvalidCredentials,
            "this is no API key: format or checksum is wrong",
        ));
    }
    let (principal, digest) = snapshot.principal_of(key).ok_or_else(invalid)?;
    // From here on the refusal belongs to an organization, and leaves a span there.
    exchange.principal = Some(principal.clone());
    check(principal, digest, exchange)?;
    Ok(principal.clone())
}

fn check(principal: &Principal, digest: api_key::Digest, exchange: &Exchange) -> Result<(), Rejection> {
    let now = exchange.started_at.timestamp_millis();
    match principal.state {
        State::Active => {}
        State::Revoked => return Err(Rejection::new(Code::RevokedCredentials, "this API key was revoked")),
        State::OwnerSuspended => {
            return Err(Rejection::new(Code::UserSuspended, "the owner of this API key is suspended"));
        }
    }
    let is_previous = digest != principal.digest;
    let expired = principal.expires_at_ms.is_some_and(|at| now >= at)
        || (is_previous && now >= principal.previous_expires_at_ms);
    if expired {
        return Err(Rejection::new(Code::ExpiredCredentials, "this API key has expired"));
    }
    if !principal.may_come_from(exchange.client_address) {
        return Err(Rejection::new(Code::IpNotAllowed, "this API key may not be used from this address"));
    }
    Ok(())
}

fn key(client: &Client) -> Result<&str, Rejection> {
    if client.headers().get_all("authorization").iter().nth(1).is_some() {
        return Err(Rejection::new(Code::InvalidCredentials, "send one Authorization header, not several"));
    }
    if let Some(value) = client.header("authorization") {
        let (scheme, key) = value.split_once(' ').unwrap_or((value, ""));
        if scheme.eq_ignore_ascii_case("bearer") && !key.trim().is_empty() {
            return Ok(key.trim());
        }
        return Err(Rejection::new(
            Code::InvalidCredentials,
            "send the API key as: Authorization: Bearer gwo_…",
        ));
    }
    client.header("x-api-key").ok_or_else(|| {
        Rejection::new(Code::MissingCredentials, "send an API key as: Authorization: Bearer gwo_…")
    })
}

fn query_has_credential(query: Option<&str>) -> bool {
    query.is_some_and(|query| {
        query.split('&').any(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            matches!(name, "access_token" | "api_key" | "key" | "token") && !value.is_empty()
        })
    })
}

/// The nearest address that is no proxy of ours (`TRUSTED_PROXIES`).
pub(crate) fn client_address(client: &Client, trusted: &[IpNet]) -> Option<IpAddr> {
    let mut address = client.address()?;
    if trusted.is_empty() {
        return Some(address);
    }
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
    for forwarded in client.header("x-forwarded-for").unwrap_or_default().rsplit(',') {
        if !is_trusted(&address) {
            break;
        }
        let Ok(next) = forwarded.trim().parse() else { break };
        address = next;
    }
    Some(address)
}
