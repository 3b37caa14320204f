//! What everybody may read, pages of any origin too: where to get a token for us (R7.2, R7.13). It says nothing of which
//! servers there are.

use bytes::Bytes;
use pingora::http::ResponseHeader;

use super::{answer, decode, route::WellKnown};
use crate::{
    gateway::Client,
    oauth::metadata,
    rejection::{Code, Rejection},
    server::Gateway,
};

/// Clients ask once per connection; who trusts whom seldom changes.
const LASTS: &str = "max-age=60";

pub(crate) async fn serve(gateway: &Gateway, client: &mut Client, document: &WellKnown) {
    let answered = match client.method().as_str() {
        "GET" | "HEAD" => answer(gateway, document),
        "OPTIONS" => preflight(),
        _ => Err(decode::method_not_allowed("GET")),
    };
    match answered {
        Ok((head, body)) => {
            let body = if client.method() == http::Method::HEAD { Bytes::new() } else { body };
            client.respond(head, body).await;
        }
        Err(rejection) => answer::unrouted_for_all(client, &rejection).await,
    }
}

fn answer(gateway: &Gateway, document: &WellKnown) -> Result<(ResponseHeader, Bytes), Rejection> {
    let snapshot = gateway.snapshot()?;
    let issuers = gateway.oauth.advertised(&snapshot.trust);
    let none = || Rejection::new(Code::NotFound, "no identity provider issues tokens for this gateway");
    match document {
        WellKnown::ProtectedResource(rest) => {
            let address = &gateway.oauth.address;
            let resource = address
                .described(rest)
                .ok_or_else(|| Rejection::new(Code::NotFound, "there is no endpoint of that name"))?;
            let document = metadata::of(address, &issuers, resource).ok_or_else(none)?;
            Ok((head(200, &[("content-type", "application/json")])?, document.into()))
        }
        WellKnown::AuthorizationServer => {
            let location = metadata::authorization_server(&issuers).ok_or_else(none)?;
            Ok((head(302, &[("location", &location)])?, Bytes::new()))
        }
    }
}

fn preflight() -> Result<(ResponseHeader, Bytes), Rejection> {
    let allowed =
        [("access-control-allow-methods", "GET"), ("access-control-allow-headers", "MCP-Protocol-Version")];
    Ok((head(204, &allowed)?, Bytes::new()))
}

fn head(status: u16, headers: &[(&'static str, &str)]) -> Result<ResponseHeader, Rejection> {
    let written = || -> pingora::Result<ResponseHeader> {
        let mut head = ResponseHeader::build(status, Some(6))?;
        head.insert_header("access-control-allow-origin", "*")?;
        head.insert_header("cache-control", LASTS)?;
        for (name, value) in headers {
            head.insert_header(*name, *value)?;
        }
        Ok(head)
    };
    written().map_err(|_| Rejection::new(Code::NotFound, "the issuer's address makes no valid header"))
}
