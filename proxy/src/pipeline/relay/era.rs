//! A modern request that a server of the older revisions did not understand, and what its client is told (R4.3).

use crate::{
    exchange::Exchange,
    federation::capability,
    gateway::Client,
    mcp::{
        answer::Answer,
        version::{self, Era},
    },
    pipeline::{answer, decode::Request},
    rejection::{Code, Rejection},
    server::Gateway,
    upstream::Server,
};

/// Whether the refusal means that the server does not speak the era of the request: a modern one that a server of
/// older revisions, as which it was last found, did not understand. Only then; it may speak both by now (R4.1).
pub(super) fn is_refused(server: &Server, request: &Request<'_>, status: u16, answer: Answer) -> bool {
    request.era == Era::Modern
        && version::is_legacy(&server.protocol_version)
        && answer.has_error
        && !matches!(status, 401 | 403 | 429 | 500..)
        && matches!((status, answer.error_code), (400..=499, _) | (_, Some(-32601)))
        && !matches!(answer.error_code, Some(-32022..=-32020))
}

/// Says which versions there are, so that a client which speaks one of them goes on with that (R4.3).
pub(super) async fn legacy_only(
    gateway: &Gateway,
    client: &mut Client,
    request: &Request<'_>,
    server: &Server,
    exchange: &mut Exchange,
) -> Result<(), Rejection> {
    let Some(message) = request.message().filter(|message| message.method_name() == "server/discover") else {
        return Err(Rejection::new(
            Code::UnsupportedVersion,
            format!("{} speaks the revisions with sessions only: initialize first", server.name),
        )
        .with("supported", &version::LEGACY[..])
        .with("requested", exchange.protocol_version.unwrap_or_default()));
    };
    let discovered = serde_json::json!({
        "resultType": "complete",
        "supportedVersions": version::LEGACY,
        "capabilities": {},
        "ttlMs": 0,
        "cacheScope": "private",
        "_meta": { "io.modelcontextprotocol/serverInfo": capability::gateway() },
    });
    let id = message.id.map_or("null", |id| id.get());
    let body = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{discovered}}}"#);
    answer::respond(gateway, client, exchange, body.into()).await
}
