//! `requestState` on its way back: what the client sends is what we sealed for it, what the server gets is its own
//! (R5.13).

use std::borrow::Cow;

use bytes::Bytes;

use super::decode;
use crate::{
    mcp::{message::Message, request_state},
    principal::Principal,
    rejection::{Code, Rejection},
    snapshot::Snapshot,
    upstream::Server,
};

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
