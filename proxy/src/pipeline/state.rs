//! `requestState` on its way: what the client has is what we sealed for it, what the server gets is its own (R5.13).

use std::borrow::Cow;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::decode;
use crate::{
    federation::mapping::Context,
    mcp::{json, message::Message, request_state},
    principal::Principal,
    rejection::{Code, Rejection},
    snapshot::Snapshot,
    upstream::Server,
};

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    result: Option<Asking<'a>>,
}

#[derive(Deserialize)]
struct Asking<'a> {
    #[serde(borrow, rename = "requestState")]
    request_state: Option<&'a RawValue>,
}

/// An answer on the endpoint of its own server, where only a state in it is not as the server wrote it. None: as it is.
pub(crate) fn sealed(context: &Context<'_>, text: &str) -> Option<String> {
    let answer: Answer<'_> = serde_json::from_str(text).ok()?;
    let own = answer.result?.request_state?;
    json::replace_members(text, &[(&["result", "requestState"], &context.sealed(own)?)])
}

/// The body with the server's own state. None: the request brings none back.
pub(crate) fn unsealed(
    snapshot: &Snapshot,
    principal: &Principal,
    now_ms: u64,
    server: &Server,
    body: &Bytes,
    message: &Message<'_>,
) -> Result<Option<Bytes>, Rejection> {
    let Some(raw) = message.params.as_ref().and_then(|params| params.request_state) else {
        return Ok(None);
    };
    let own = serde_json::from_str::<Cow<'_, str>>(raw.get()).ok().and_then(|token| {
        request_state::open(&snapshot.token_keys, principal.id, now_ms, server.id, message, &token)
    });
    let own = own.ok_or_else(|| {
        Rejection::new(Code::UnknownItem, "requestState is not one that was given out for this call")
    })?;
    decode::replaced(body, &["params", "requestState"], &own).map(Some)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::mcp::token::tests::keys;

    #[test]
    fn a_servers_questions_pass_and_its_state_is_sealed() {
        let keys = keys(&[1]);
        let body = br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a"}}"#;
        let asked = Message::parse(body).unwrap();
        let context = Context {
            keys: &keys,
            principal: Uuid::from_u128(1),
            now_ms: 0,
            server: Uuid::from_u128(2),
            slug: "fs",
            asked: Some(&asked),
        };
        let asks = r#"{"id":1,"result":{"resultType":"input_required","inputRequests":{"a":{"method":"elicitation/create","params":{"message":"Who?"}}},"requestState":"mine"}}"#;
        let sent = sealed(&context, asks).unwrap();
        let (before, after) = asks.split_once(r#""mine""#).unwrap();
        let token = sent.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)).unwrap();
        assert!(token.len() > 40 && !token.contains("mine"), "{token}");
        let plain = r#"{"id":1,"result":{"content":[{"type":"text","text":"requestState"}]}}"#;
        assert_eq!(sealed(&context, plain), None);
    }
}
