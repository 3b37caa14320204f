//! `GET /v1/traces/stream`: traces as they come, over a WebSocket or as server-sent events (contract 2.5, 6.6).

use std::sync::Arc;

use axum::{
    extract::{
        State,
        ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    response::Response,
};
use http::{HeaderMap, header};

use super::filters::StreamFilters;
use crate::{
    app::App,
    auth::{Origin, Principal, session::check_origin},
    error::{Code, Error, Result},
    id::SpanRowId,
    live::Full,
    rest::query::Query,
    service::traces,
};

mod message;
mod server_sent;
mod socket;
#[cfg(test)]
mod tests;
mod watch;

use watch::Watch;

/// Traces as they come. A WebSocket with `Upgrade`, else server-sent events with `Accept: text/event-stream`. Each message
/// has a `type`: hello, trace, dropped (so many were lost on a slow reader), heartbeat, error. Server-sent events take up
/// again where `Last-Event-ID` says, perhaps with some that were seen before: they are told apart by their ids.
#[utoipa::path(get, path = "/v1/traces/stream", operation_id = "streamTraces", tag = "traces",
    params(StreamFilters), responses((status = 200, content_type = "text/event-stream", body = String),
        (status = 101, description = "the WebSocket begins")))]
pub(super) async fn stream(
    State(app): State<Arc<App>>,
    principal: Principal,
    origin: Origin,
    headers: HeaderMap,
    Query(filters): Query<StreamFilters>,
    upgrade: std::result::Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response> {
    let lens = traces::lens(&principal, filters.wanted())?;
    let wants_socket = headers.contains_key(header::UPGRADE);
    if !wants_socket && !accepts_events(&headers) {
        let message = "ask for a WebSocket, or send Accept: text/event-stream";
        return Err(Error::new(Code::NotAcceptable, message));
    }
    // A page of somebody else's can open a WebSocket with our cookie; what it then read would be theirs.
    if wants_socket && principal.session().is_some() {
        check_origin(&app.config, &headers)?;
    }
    let seen = last_event_id(&headers);
    let opened = app.live.open(principal.org, &principal.label(), lens).map_err(refusal);
    if !wants_socket {
        let watch = Watch::begin(app, principal, origin, headers, filters, opened?).await?;
        return Ok(server_sent::answer(watch.resume(seen).await?));
    }
    let upgrade = upgrade.map_err(|error| Error::invalid_request(error.body_text()))?;
    Ok(socket::answer(upgrade, async move {
        Watch::begin(app, principal, origin, headers, filters, opened?).await
    }))
}

fn accepts_events(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|range| {
        let media = range.split(';').next().unwrap_or_default().trim();
        media.eq_ignore_ascii_case("text/event-stream")
    })
}

/// What a reader that comes back has; one that is none of ours means nothing.
fn last_event_id(headers: &HeaderMap) -> Option<SpanRowId> {
    headers.get("last-event-id")?.to_str().ok()?.trim().parse().ok()
}

fn refusal(full: Full) -> Error {
    let message = format!("there are {} live streams already; close one first", full.limit);
    Error::new(Code::TooManyConnections, message)
        .with("limit", full.limit)
        .with("scope_type", full.scope)
        .with("retry_after_seconds", 30)
}
