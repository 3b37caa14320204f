//! The messages of a live stream, in both their forms (contract 6.6).

use axum::{
    extract::ws::{self, CloseFrame},
    response::sse,
};
use chrono::Utc;
use serde_json::{Map, Value, json};

use super::super::SpanView;
use crate::{
    error::{Code, Error},
    rest::{edge, value::Time},
    store::traces::Span,
};

pub(super) const HEARTBEAT_SECONDS: u64 = 15;

pub(super) struct Message {
    kind: &'static str,
    /// Of a trace: its row.
    id: Option<String>,
    fields: Value,
    /// After this one the stream is over.
    pub(super) close: Option<u16>,
}

impl Message {
    fn new(kind: &'static str, fields: Value) -> Self {
        Self { kind, id: None, fields, close: None }
    }

    pub(super) fn hello(filters: &Value) -> Self {
        let fields = json!({
            "filters": filters, "heartbeat_seconds": HEARTBEAT_SECONDS, "server_time": Time(Utc::now()),
        });
        Self::new("hello", fields)
    }

    pub(super) fn trace(span: Span) -> Self {
        let id = Some(span.id.to_string());
        Self { id, ..Self::new("trace", json!({ "trace": SpanView::from(span) })) }
    }

    pub(super) fn dropped(count: u64) -> Self {
        Self::new("dropped", json!({ "count": count }))
    }

    pub(super) fn heartbeat() -> Self {
        Self::new("heartbeat", json!({ "server_time": Time(Utc::now()) }))
    }

    /// What a reader said that means nothing; the stream goes on.
    pub(super) fn mistake(error: &Error, request_id: &str) -> Self {
        Self::new("error", edge::envelope(error, request_id))
    }

    /// Why the stream ends.
    pub(super) fn end(error: &Error, request_id: &str) -> Self {
        let close = match error.code {
            Code::MissingCredentials
            | Code::InvalidCredentials
            | Code::ExpiredCredentials
            | Code::RevokedCredentials => 4401,
            Code::TooManyConnections => 4429,
            code if code.http() == http::StatusCode::FORBIDDEN => 4403,
            Code::Internal => 1011,
            // Come again.
            _ => 1012,
        };
        Self { close: Some(close), ..Self::mistake(error, request_id) }
    }

    pub(super) fn frame(&self) -> ws::Message {
        let mut whole = Map::from_iter([("type".to_owned(), json!(self.kind))]);
        whole.extend(self.fields.as_object().cloned().unwrap_or_default());
        ws::Message::Text(Value::Object(whole).to_string().into())
    }

    pub(super) fn close_frame(&self) -> Option<ws::Message> {
        let reason = self.fields["error"]["code"].as_str().unwrap_or_default().to_owned();
        self.close.map(|code| ws::Message::Close(Some(CloseFrame { code, reason: reason.into() })))
    }

    pub(super) fn event(&self) -> sse::Event {
        let event = sse::Event::default().event(self.kind).data(self.fields.to_string());
        match &self.id {
            Some(id) => event.id(id),
            None => event,
        }
    }
}
