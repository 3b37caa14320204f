//! Which web pages may talk to us, and under which name we may be reached (R1.13, R1.14).

use bytes::Bytes;
use pingora::http::ResponseHeader;

use crate::{
    config::origin_of,
    gateway::Client,
    rejection::{Code, Rejection},
    server::Gateway,
};

const EXPOSED: &str = "Mcp-Session-Id, MCP-Protocol-Version, WWW-Authenticate, Retry-After, X-Request-ID, X-Trace-ID, \
                       X-MCP-Server, X-MCP-Duration-Ms, X-MCP-Cost, Server-Timing";

pub(crate) fn check(gateway: &Gateway, client: &Client) -> Result<(), Rejection> {
    if client.headers().contains_key("origin") && allowed_origin(gateway, client).is_none() {
        return Err(Rejection::new(Code::OriginNotAllowed, "this origin is not in PROXY_ALLOWED_ORIGINS"));
    }
    // A page that rebinds its own name to a loopback address sends that name as the host.
    if gateway.config.listen.ip().is_loopback() && !is_own_host(gateway, client.host()) {
        return Err(Rejection::new(Code::OriginNotAllowed, "this host name is not ours"));
    }
    Ok(())
}

/// The client's `Origin`, if it is listed exactly.
pub(crate) fn allowed_origin<'a>(gateway: &'a Gateway, client: &Client) -> Option<&'a str> {
    let origin = client.header("origin")?;
    gateway
        .config
        .allowed_origins
        .iter()
        .map(String::as_str)
        .find(|allowed| allowed.eq_ignore_ascii_case(origin))
}

fn is_own_host(gateway: &Gateway, host: Option<&str>) -> bool {
    let Some(host) = host else { return true };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let is_loopback =
        name.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    let public = origin_of(&gateway.config.public_proxy_url);
    is_loopback
        || name.eq_ignore_ascii_case("localhost")
        || public.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host))
}

/// Answers a CORS preflight; it carries no credential, so none is asked for.
pub(crate) async fn preflight(gateway: &Gateway, client: &mut Client) {
    let Some(origin) = allowed_origin(gateway, client) else {
        let rejection = Rejection::new(Code::OriginNotAllowed, "this origin is not in PROXY_ALLOWED_ORIGINS");
        return super::answer::unrouted(client, &rejection).await;
    };
    let requested = client.header("access-control-request-headers").unwrap_or_default().to_owned();
    let Ok(mut head) = ResponseHeader::build(204, Some(8)) else { return };
    let headers = [
        ("access-control-allow-origin", origin),
        ("access-control-allow-methods", "GET, POST, DELETE"),
        ("access-control-allow-headers", requested.as_str()),
        ("access-control-max-age", "600"),
        ("vary", "Origin"),
    ];
    for (name, value) in headers {
        // A value that makes no header cannot be granted either.
        let _ = head.insert_header(name, value);
    }
    client.respond(head, Bytes::new()).await;
}

/// Lets an allowed page read the answer.
pub(crate) fn expose(head: &mut ResponseHeader, origin: &str) {
    for (name, value) in [
        ("access-control-allow-origin", origin),
        ("access-control-expose-headers", EXPOSED),
        ("vary", "Origin"),
    ] {
        let _ = head.insert_header(name, value);
    }
}
