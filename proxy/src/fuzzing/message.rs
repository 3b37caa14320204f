//! Messages: what is accepted says the same to every parser, and nothing is refused without a reason.

use serde_json::{Value, value::RawValue};

use super::json::{Members, is_json, text};
use crate::mcp::{
    json::is_shallow,
    message::{Invalid, Message},
};

const ENVELOPE: [&str; 6] = ["jsonrpc", "id", "method", "params", "result", "error"];
const PARAMS: [&str; 6] = ["name", "uri", "arguments", "requestState", "protocolVersion", "_meta"];
const VERSION: &str = "io.modelcontextprotocol/protocolVersion";
const META: [&str; 4] = [VERSION, "io.modelcontextprotocol/clientInfo", "traceparent", "tracestate"];

pub(super) fn check(input: &[u8]) {
    let parsed = Message::parse(input);
    let Some(body) = std::str::from_utf8(input).ok().filter(|body| is_json(body)) else {
        assert!(matches!(parsed, Err(Invalid::Json | Invalid::TooDeep)), "{parsed:?}");
        return;
    };
    let value: Option<Value> = serde_json::from_str(body).ok();
    match parsed {
        Ok(message) => {
            accepted(&message, body);
            value.iter().for_each(|value| same(&message, value));
        }
        Err(Invalid::TooDeep) => assert!(!is_shallow(input)),
        Err(Invalid::Batch) => assert!(value.is_none_or(|value| value.is_array())),
        // Names that are no text (half of a surrogate pair) are refused as broken JSON; `Value` refuses them too.
        Err(Invalid::Json) => assert!(value.is_none(), "{body}"),
        Err(Invalid::NotAMessage(why)) => {
            assert!(value.is_none() || !is_message(body), "refused, {why}: {body}");
        }
    }
}

/// A member that is decided on stands once, so whoever reads the text again cannot find another one.
fn accepted(message: &Message<'_>, body: &str) {
    let envelope = Members::of(body).expect("a message is an object");
    assert!(!envelope.repeats(&ENVELOPE), "{body}");
    assert_eq!(message.id.map(|id| id.get()), envelope.get("id"));
    let Some(params) = envelope.object("params") else { return assert!(message.params.is_none()) };
    assert!(!params.repeats(&PARAMS), "{body}");
    let read = message.params.as_ref().expect("params are there");
    assert_eq!(Some(read.raw), envelope.get("params"));
    let raw = [read.arguments, read.request_state].map(|raw| raw.map(RawValue::get));
    assert_eq!(raw, [params.get("arguments"), params.get("requestState")]);
    let Some(meta) = params.object("_meta") else { return assert!(read.meta.is_none()) };
    assert!(!meta.repeats(&META), "{body}");
    assert_eq!(read.meta.as_ref().map(|meta| meta.raw), params.get("_meta"));
}

/// What we read is what [`Value`] finds.
fn same(message: &Message<'_>, value: &Value) {
    assert_eq!(message.method.as_deref(), value["method"].as_str());
    assert_eq!(message.is_response, value.get("result").or(value.get("error")).is_some());
    assert_eq!(message.id.map(|id| serde_json::from_str(id.get()).ok()), value.get("id").cloned().map(Some));
    let params = message.params.as_ref();
    let read = [
        params.and_then(|params| params.name.as_deref()),
        params.and_then(|params| params.uri.as_deref()),
        params.and_then(|params| params.protocol_version.as_deref()),
        message.modern_version(),
    ];
    let found = &value["params"];
    let expected = [&found["name"], &found["uri"], &found["protocolVersion"], &found["_meta"][VERSION]];
    assert_eq!(read, expected.map(Value::as_str));
}

/// The plain account of what a message is.
fn is_message(body: &str) -> bool {
    let Some(envelope) = Members::of(body) else { return false };
    let has = |name| envelope.get(name).is_some();
    let is_response = has("result") || has("error");
    let method = envelope.get("method").filter(|method| *method != "null");
    let is_right_kind = if is_response { method.is_none() && has("id") } else { method.is_some() };
    !envelope.repeats(&ENVELOPE)
        && envelope.get("jsonrpc").and_then(text).as_deref() == Some("2.0")
        && envelope.get("id").is_none_or(is_id)
        && method.is_none_or(|method| text(method).is_some())
        && is_right_kind
        && envelope.get("params").filter(|params| *params != "null").is_none_or(are_params)
}

fn is_id(raw: &str) -> bool {
    raw.starts_with('"')
        || (raw.starts_with(['-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
            && !raw.contains(['.', 'e', 'E']))
}

fn are_params(raw: &str) -> bool {
    let texts = |members: &Members<'_>, names: &[&str]| {
        names.iter().all(|name| members.get(name).is_none_or(|value| text(value).is_some()))
    };
    let Some(params) = Members::of(raw) else { return false };
    let is_meta = |raw| {
        Members::of(raw)
            .is_some_and(|meta| !meta.repeats(&META) && texts(&meta, &[VERSION, "traceparent", "tracestate"]))
    };
    !params.repeats(&PARAMS)
        && texts(&params, &["name", "uri", "protocolVersion"])
        && params.get("_meta").is_none_or(is_meta)
}
