//! `requestState` on its way: what the client has is what we sealed for it, what the server gets is its own (R5.13).

use std::borrow::Cow;

use bytes::Bytes;
use ring::digest;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::decode;
use crate::{
    federation::mapping::Context,
    mcp::{
        approval_state::{self, Answered, ApprovalState},
        json,
        message::Message,
        request_state,
    },
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

/// What a request brings back of a question that it was asked before.
pub(crate) enum Brought {
    Nothing,
    /// The body with the server's own state, and the digest of the state that it was sealed in.
    Servers(Bytes, [u8; 32]),
    /// It was sent to the page of an approval. The body without that round, which is none of the server's.
    Ours(Bytes),
}

/// # Errors
/// The state was not given out for this call, or the user would not go to the page.
pub(crate) fn unsealed(
    snapshot: &Snapshot,
    principal: &Principal,
    now_ms: u64,
    server: &Server,
    body: &Bytes,
    message: &Message<'_>,
) -> Result<Brought, Rejection> {
    let Some(raw) = message.params.as_ref().and_then(|params| params.request_state) else {
        return Ok(Brought::Nothing);
    };
    let unknown =
        || Rejection::new(Code::UnknownItem, "requestState is not one that was given out for this call");
    let token = serde_json::from_str::<Cow<'_, str>>(raw.get()).map_err(|_| unknown())?;
    let (keys, principal, server) = (&snapshot.token_keys, principal.id, server.id);
    if let Some(own) = request_state::open(keys, principal, now_ms, server, message, &token) {
        let mut sealed = [0; 32];
        sealed.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
        return decode::replaced(body, &["params", "requestState"], &own)
            .map(|body| Brought::Servers(body, sealed));
    }
    let asked = ApprovalState::open(keys, principal, now_ms, server, message, &token).ok_or_else(unknown)?;
    if approval_state::answered(message) == Answered::Declined {
        let message =
            format!("The user declined to ask for an approval of {}. Do not call it again.", asked.tool);
        return Err(
            Rejection::new(Code::ApprovalDenied, message).with("approval_id", asked.approval.to_string())
        );
    }
    without_round(body).map(Brought::Ours).ok_or_else(unknown)
}

fn without_round(body: &Bytes) -> Option<Bytes> {
    let text = std::str::from_utf8(body).ok()?;
    let without_state = json::remove_member(text, &["params", "requestState"])?;
    let without_answers = json::remove_member(&without_state, &["params", "inputResponses"]);
    Some(without_answers.unwrap_or(without_state).into())
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
