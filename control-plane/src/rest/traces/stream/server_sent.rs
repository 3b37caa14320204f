//! A live stream as server-sent events.

use std::convert::Infallible;

use axum::response::{IntoResponse, Response, Sse};
use futures::stream;
use http::HeaderName;

use super::watch::Watch;

/// For proxies in front of us that would gather the events up.
const UNBUFFERED: [(HeaderName, &str); 1] = [(HeaderName::from_static("x-accel-buffering"), "no")];

pub(super) fn answer(watch: Watch) -> Response {
    let events = stream::unfold(watch, async |mut watch| {
        let message = watch.next().await?;
        Some((Ok::<_, Infallible>(message.event()), watch))
    });
    (UNBUFFERED, Sse::new(events)).into_response()
}
