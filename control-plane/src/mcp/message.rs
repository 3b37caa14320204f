//! JSON-RPC messages as this client writes and reads them.

use serde_json::{Map, Value, json};

use super::{Fault, fault::clipped};

/// How a request ended.
#[derive(Debug, PartialEq)]
pub(super) enum Answer {
    Result(Map<String, Value>),
    Error { code: i64, message: String, data: Value },
}

pub(super) fn request(id: u64, method: &str, params: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
}

pub(super) fn notification(method: &str) -> Value {
    json!({"jsonrpc": "2.0", "method": method})
}

/// One message. Postgres stores no NUL character, so none gets past this door.
pub(super) fn parse(bytes: &[u8]) -> Result<Value, Fault> {
    let mut message =
        serde_json::from_slice(bytes).map_err(|error| Fault::NotMcp(clipped(&error.to_string())))?;
    if bytes.windows(6).any(|window| window == b"\\u0000") {
        replace_nul(&mut message);
    }
    Ok(message)
}

/// The answer to request `id`, if the message is that. An error that names no readable id answers the request it came
/// back for: released servers send `null`, nothing at all, or `"server-error"`.
pub(super) fn answer(message: Value, id: u64) -> Option<Answer> {
    let Value::Object(mut message) = message else { return None };
    if let Some(error) = message.get("error") {
        let ours = message.get("id").is_none_or(|found| *found == id || !found.is_number());
        return ours.then(|| Answer::Error {
            code: error["code"].as_i64().unwrap_or_default(),
            message: clipped(error["message"].as_str().unwrap_or_default()),
            data: error["data"].clone(),
        });
    }
    if message.get("id").is_none_or(|found| *found != id) {
        return None;
    }
    match message.remove("result") {
        Some(Value::Object(result)) => Some(Answer::Result(result)),
        _ => None,
    }
}

/// Postgres keeps no U+0000; servers may say it all the same.
pub(crate) fn replace_nul(value: &mut Value) {
    match value {
        Value::String(text) if text.contains('\0') => *text = text.replace('\0', "\u{fffd}"),
        Value::Array(items) => items.iter_mut().for_each(replace_nul),
        Value::Object(fields) => {
            let names: Vec<_> = fields.keys().filter(|name| name.contains('\0')).cloned().collect();
            for name in names {
                if let Some(value) = fields.remove(&name) {
                    fields.insert(name.replace('\0', "\u{fffd}"), value);
                }
            }
            fields.values_mut().for_each(replace_nul);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_answer_to_our_request_is_taken() {
        assert!(matches!(answer(json!({"id": 7, "result": {}}), 7), Some(Answer::Result(_))));
        for other in [
            json!({"id": 8, "result": {}}),
            json!({"id": 8, "error": {"code": 1}}),
            json!({"method": "notifications/message"}),
            json!({"id": 7, "method": "ping"}),
            json!({"id": 7, "result": 5}),
            json!([]),
        ] {
            assert_eq!(answer(other.clone(), 7), None, "{other}");
        }
    }

    #[test]
    fn an_error_without_a_readable_id_answers_the_request() {
        for id in [Value::Null, json!("server-error"), json!(7)] {
            let message = json!({"id": id, "error": {"code": -32600, "message": "Missing\nsession"}});
            assert!(
                matches!(answer(message, 7), Some(Answer::Error { code: -32600, message, .. }) if message == "Missingsession")
            );
        }
    }

    #[test]
    fn what_postgres_cannot_store_is_replaced() {
        let message = parse(br#"{"a\u0000b": ["\u0000", "\\u0000"]}"#).unwrap();
        assert_eq!(message, json!({"a\u{fffd}b": ["\u{fffd}", "\\u0000"]}));
    }
}
