//! What a legacy server's events need on their way: ids that only their own client can use (R3.8, R3.10).

use std::borrow::Cow;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    mcp::{
        json,
        session::{EventId, RequestId},
        sse::Event,
        token::Keys,
    },
    upstream::Server,
};

/// Whose events they are, and within what they are sealed.
pub(crate) struct Sealer<'a> {
    pub(crate) keys: &'a Keys,
    pub(crate) principal: uuid::Uuid,
    pub(crate) server: &'a Server,
    pub(crate) upstream_session: &'a str,
    pub(crate) expires_at_ms: u64,
}

/// What is to be done with an event.
#[derive(Debug, PartialEq)]
pub(crate) enum Passing<'a> {
    On(Event<'a>),
    /// The server asked whether we are there: that is ours to answer (R3.11). The answer.
    Answered(Bytes),
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    method: Option<Cow<'a, str>>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Cancelled<'a> {
    #[serde(borrow, rename = "requestId")]
    request_id: &'a RawValue,
}

impl Sealer<'_> {
    pub(crate) fn seal<'e>(&self, mut event: Event<'e>) -> Passing<'e> {
        if let Some(id) = &event.id {
            // An empty id means: forget what you saw last. It stays what it is.
            event.id = (!id.is_empty()).then(|| self.event_id(id)).flatten().map(Cow::Owned).or(event.id);
        }
        let Some(data) = &event.data else { return Passing::On(event) };
        let Ok(message) = serde_json::from_str::<Message<'_>>(data) else { return Passing::On(event) };
        let replaced = match (message.method.as_deref(), message.id) {
            (Some("ping"), Some(id)) => {
                return Passing::Answered(
                    format!(r#"{{"jsonrpc":"2.0","id":{},"result":{{}}}}"#, id.get()).into(),
                );
            }
            (Some(_), Some(id)) => self.replaced(data, id),
            (Some("notifications/cancelled"), None) => message
                .params
                .and_then(|params| serde_json::from_str::<Cancelled<'_>>(params.get()).ok())
                .and_then(|cancelled| self.replaced(data, cancelled.request_id)),
            _ => None,
        };
        if let Some(replaced) = replaced {
            event.data = Some(Cow::Owned(replaced));
        }
        Passing::On(event)
    }

    fn event_id(&self, upstream_id: &str) -> Option<String> {
        let id = EventId {
            server: self.server.id,
            upstream_session: self.upstream_session.to_owned(),
            upstream_id: upstream_id.to_owned(),
        };
        self.keys.seal_same(self.principal, self.expires_at_ms, &id)
    }

    /// The same text with a sealed id in place of the server's own. The same id is always sealed the same way, so
    /// that a server can also call off what it asked for.
    fn replaced(&self, data: &str, id: &RawValue) -> Option<String> {
        let sealed = RequestId {
            server: self.server.id,
            upstream_session: self.upstream_session.to_owned(),
            raw: id.get().to_owned(),
        };
        let token = self.keys.seal_same(self.principal, self.expires_at_ms, &sealed)?;
        let replaced = json::with_value(data.as_bytes(), id, &format!("\"{token}\""));
        String::from_utf8(replaced).ok()
    }
}
