//! Which era a server is of (requirements R4.1): asked in modern words first, greeted in legacy ones after that.

use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

use super::{
    Fault, Greeting, LEGACY_VERSIONS, MODERN_VERSION, Transport,
    client::{self, Client, Leg},
    event_stream::EventStream,
    fault::clipped,
    message::{self, Answer},
    wire::{SESSION, VERSION, Wire},
};

const DISCOVER: &str = "server/discover";
const INITIALIZE: &str = "initialize";
const INITIALIZED: &str = "notifications/initialized";
/// The error codes by which a modern server refuses a request's headers, capabilities and version.
const HEADER_MISMATCH: i64 = -32020;
const MISSING_CAPABILITY: i64 = -32021;
const UNSUPPORTED_VERSION: i64 = -32022;

enum Era {
    Modern(Greeting),
    Legacy,
}

/// Opens the conversation in the newest way both sides know.
pub(super) async fn open(mut wire: Wire, transport: Transport) -> Result<(Client, Greeting), Fault> {
    if transport == Transport::Sse {
        return open_event_stream(wire).await;
    }
    match discover(&mut wire).await? {
        Era::Modern(greeting) => Ok((Client::new(wire, Leg::Modern), greeting)),
        Era::Legacy => initialize(wire).await,
    }
}

async fn discover(wire: &mut Wire) -> Result<Era, Fault> {
    let message = message::request(0, DISCOVER, json!({"_meta": client::modern_meta()}));
    let reply = wire.exchange(client::modern_headers(DISCOVER), &message, 0).await?;
    match reply.answer {
        Some(Answer::Result(result)) => match era_of(result.get("supportedVersions")) {
            Some(Known::Modern) => Ok(Era::Modern(modern_greeting(result))),
            Some(Known::Other(versions)) => Err(Fault::Version(versions)),
            Some(Known::Legacy) | None => Ok(Era::Legacy),
        },
        Some(Answer::Error { code: UNSUPPORTED_VERSION, message, data }) => {
            match era_of(data.get("supported")) {
                // It refuses the very version it lists: nothing that is left to ask for would do better.
                Some(Known::Modern) => {
                    Err(Fault::Refused { method: DISCOVER, code: UNSUPPORTED_VERSION, message })
                }
                Some(Known::Other(versions)) => Err(Fault::Version(versions)),
                Some(Known::Legacy) | None => Ok(Era::Legacy),
            }
        }
        Some(Answer::Error { code: code @ (HEADER_MISMATCH | MISSING_CAPABILITY), message, .. }) => {
            Err(Fault::Refused { method: DISCOVER, code, message })
        }
        Some(Answer::Error { .. }) | None => Ok(Era::Legacy),
    }
}

enum Known {
    Modern,
    Legacy,
    Other(String),
}

/// What a list of versions says; nothing if it is no such list.
fn era_of(versions: Option<&Value>) -> Option<Known> {
    let versions: Vec<&str> = versions?.as_array()?.iter().filter_map(Value::as_str).collect();
    if versions.is_empty() {
        return None;
    }
    if versions.contains(&MODERN_VERSION) {
        return Some(Known::Modern);
    }
    if versions.iter().any(|version| LEGACY_VERSIONS.contains(version)) {
        return Some(Known::Legacy);
    }
    Some(Known::Other(clipped(&versions.join(", "))))
}

fn modern_greeting(mut result: Map<String, Value>) -> Greeting {
    let server_info = result
        .get_mut("_meta")
        .and_then(Value::as_object_mut)
        .and_then(|meta| meta.remove("io.modelcontextprotocol/serverInfo"));
    Greeting {
        protocol_version: MODERN_VERSION.to_owned(),
        server_info,
        capabilities: capabilities(&mut result),
    }
}

async fn initialize(mut wire: Wire) -> Result<(Client, Greeting), Fault> {
    let message = initialize_message();
    let reply = wire.exchange(HeaderMap::new(), &message, 0).await?;
    let older_transport = matches!(
        reply.status,
        StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED
    );
    if older_transport && matches!(EventStream::open(&wire).await, Ok(Some(_))) {
        return Err(Fault::Transport);
    }
    let fault = reply.unanswered();
    let greeting = legacy_greeting(client::result(INITIALIZE, reply.answer.ok_or(fault)?)?)?;
    let version = HeaderValue::try_from(&greeting.protocol_version)
        .map_err(|_| Fault::Version(greeting.protocol_version.clone()))?;
    let mut headers = HeaderMap::from_iter([(VERSION, version)]);
    if let Some(session) = reply.session {
        headers.insert(SESSION, session);
    }
    let client = Client::new(wire, Leg::Legacy(headers.clone()));
    let url = client.wire.url().clone();
    if let Err(fault) = client.wire.notify(url, headers, &message::notification(INITIALIZED)).await {
        client.close().await;
        return Err(fault);
    }
    Ok((client, greeting))
}

async fn open_event_stream(wire: Wire) -> Result<(Client, Greeting), Fault> {
    let stream = EventStream::open(&wire).await?;
    let mut stream = stream.ok_or_else(|| {
        Fault::NotMcp("GET opens no HTTP+SSE stream; transport streamable_http may be right".to_owned())
    })?;
    let answer = stream.exchange(&wire, &initialize_message(), 0).await?;
    let greeting = legacy_greeting(client::result(INITIALIZE, answer)?)?;
    stream.notify(&wire, &message::notification(INITIALIZED)).await?;
    Ok((Client::new(wire, Leg::EventStream(Box::new(stream))), greeting))
}

fn initialize_message() -> Value {
    let params = json!({"protocolVersion": LEGACY_VERSIONS[0], "capabilities": {}, "clientInfo": client::client_info()});
    message::request(0, INITIALIZE, params)
}

fn legacy_greeting(mut result: Map<String, Value>) -> Result<Greeting, Fault> {
    let version = result.get("protocolVersion").and_then(Value::as_str).unwrap_or_default();
    if !LEGACY_VERSIONS.contains(&version) {
        return Err(Fault::Version(clipped(version)));
    }
    let protocol_version = version.to_owned();
    let server_info = result.remove("serverInfo");
    Ok(Greeting { protocol_version, server_info, capabilities: capabilities(&mut result) })
}

fn capabilities(result: &mut Map<String, Value>) -> Map<String, Value> {
    match result.remove("capabilities") {
        Some(Value::Object(capabilities)) => capabilities,
        _ => Map::new(),
    }
}
