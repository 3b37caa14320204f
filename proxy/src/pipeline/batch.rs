//! Several messages in one array: only 2025-03-26 has it, and there every server must take it (R1.6).
//!
//! Each element is an exchange of its own, with its own permit, span and cost; one that is refused leaves the others
//! alone. They are served one after the other, and answered together.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::value::RawValue;

use super::{
    At,
    answer::{self, Reply},
    message, record,
};
use crate::{
    exchange::Exchange,
    gateway::Client,
    mcp::{header, session::Session},
    principal::Principal,
    rejection::{Code, Rejection},
    server::Gateway,
    snapshot::Snapshot,
};

const VERSION: &str = "2025-03-26";
/// Messages of one batch.
const MAX_ELEMENTS: usize = 100;

/// The messages of a batch, if the body is one and belongs to a session that may send it. Other arrays are left to
/// `decode`, which says what is wrong with them.
pub(super) fn elements(
    client: &Client,
    body: &Bytes,
    at: At<'_>,
    principal: &Principal,
    snapshot: &Snapshot,
    exchange: &Exchange,
) -> Option<Vec<Bytes>> {
    body.iter().find(|byte| !byte.is_ascii_whitespace()).filter(|first| **first == b'[')?;
    let token = client.header(header::SESSION_ID)?;
    let session: Session = snapshot.token_keys.open(principal.id, exchange.now_ms(), token)?;
    if !session.is_of(at.server().map(|server| server.id)) || session.version.name() != VERSION {
        return None;
    }
    let elements: Vec<&RawValue> = serde_json::from_slice(body).ok()?;
    let part = |element: &&RawValue| body.slice_ref(element.get().as_bytes());
    (!elements.is_empty()).then(|| elements.iter().map(part).collect())
}

pub(super) async fn serve(
    gateway: &Gateway,
    client: &mut Client,
    elements: &[Bytes],
    at: At<'_>,
    snapshot: &Arc<Snapshot>,
    principal: &Arc<Principal>,
    exchange: &mut Exchange,
) -> Result<(), Rejection> {
    exchange.operation = "batch".into();
    if elements.len() > MAX_ELEMENTS {
        return Err(Rejection::new(
            Code::InvalidMessage,
            format!("a batch may have at most {MAX_ELEMENTS} messages"),
        ));
    }
    client.begin_batch();
    for (number, element) in elements.iter().enumerate() {
        one(gateway, client, element, number, at, snapshot, principal, exchange).await;
    }
    let (answers, is_streaming) = client.end_batch();
    if is_streaming {
        for answer in answers {
            let event = [b"event: message\ndata: ", &answer[..], b"\n\n"].concat();
            if client.write(event.into()).await.is_err() {
                return Ok(());
            }
        }
        // A client that leaves right now has its answers already.
        let _ = client.end().await;
        return Ok(());
    }
    if answers.is_empty() {
        return answer::accepted(gateway, client, exchange, 202).await;
    }
    let whole = [b"[", &answers.join(&b","[..])[..], b"]"].concat();
    answer::respond(gateway, client, exchange, whole.into()).await
}

/// One message, as if it had come alone.
#[expect(clippy::too_many_arguments, reason = "what the stages before have found, each its own")]
async fn one(
    gateway: &Gateway,
    client: &mut Client,
    element: &Bytes,
    number: usize,
    at: At<'_>,
    snapshot: &Arc<Snapshot>,
    principal: &Arc<Principal>,
    batch: &Exchange,
) {
    let mut exchange =
        Exchange::new(format!("{}.{number}", batch.request_id), batch.client_address, batch.trace.child());
    exchange.principal = Some(principal.clone());
    exchange.standing = batch.standing.clone();
    exchange.server = batch.server.clone();
    exchange.server_name = batch.server_name.clone();
    exchange.request_bytes = element.len() as u64;
    let mut reply = Reply::for_mcp();
    let served = message(gateway, client, element, at, snapshot, principal, &mut exchange, &mut reply).await;
    if let Err(rejection) = served {
        exchange.rejected(rejection.code, &rejection.message);
        answer::reject(gateway, client, &mut exchange, &reply, &rejection).await;
    }
    record::record(gateway, exchange);
}
