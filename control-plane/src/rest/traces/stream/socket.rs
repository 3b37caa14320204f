//! A live stream over a WebSocket; its reader may change the filters and ask whether we are there.

use std::time::Duration;

use axum::{
    extract::ws::{self, WebSocket, WebSocketUpgrade},
    response::Response,
};
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::time::timeout;
use uuid::Uuid;

use super::{super::filters::StreamFilters, message::Message, watch::Watch};
use crate::error::{Error, Result};

/// Filters fit in.
const LONGEST_MESSAGE: usize = 16 << 10;
/// A reader that takes nothing for so long is gone.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) fn answer(
    upgrade: WebSocketUpgrade,
    begin: impl Future<Output = Result<Watch>> + Send + 'static,
) -> Response {
    let upgrade = upgrade.max_message_size(LONGEST_MESSAGE).max_frame_size(LONGEST_MESSAGE);
    upgrade.on_upgrade(async move |mut socket| {
        match begin.await {
            Ok(watch) => serve(socket, watch).await,
            // A browser is told nothing of an upgrade that is refused, so that this comes after it.
            Err(error) => {
                send(&mut socket, &Message::end(&error, &Uuid::now_v7().to_string())).await;
            }
        }
    })
}

async fn serve(mut socket: WebSocket, mut watch: Watch) {
    loop {
        let message = tokio::select! {
            message = watch.next() => match message {
                Some(message) => message,
                None => return,
            },
            received = socket.recv() => match received {
                Some(Ok(ws::Message::Text(text))) => {
                    reply(&mut watch, &text).unwrap_or_else(|error| Message::mistake(&error, watch.request_id()))
                }
                // Pings are answered underneath.
                Some(Ok(ws::Message::Ping(_) | ws::Message::Pong(_))) => continue,
                Some(Ok(_) | Err(_)) | None => return,
            },
        };
        if !send(&mut socket, &message).await {
            return;
        }
    }
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Said {
    Subscribe {
        #[serde(default)]
        filters: Map<String, Value>,
    },
    Ping,
}

fn reply(watch: &mut Watch, text: &str) -> Result<Message> {
    let said: Said = serde_json::from_str(text).map_err(|_| {
        Error::invalid_request("a message is {\"type\": \"subscribe\", \"filters\"} or {\"type\": \"ping\"}")
    })?;
    match said {
        Said::Subscribe { filters } => watch.filter(StreamFilters::read(filters)?),
        Said::Ping => Ok(Message::heartbeat()),
    }
}

/// False when there is nobody to send to, or nothing more to be said.
async fn send(socket: &mut WebSocket, message: &Message) -> bool {
    let frames = [Some(message.frame()), message.close_frame()];
    for frame in frames.into_iter().flatten() {
        if !matches!(timeout(PATIENCE, socket.send(frame)).await, Ok(Ok(()))) {
            return false;
        }
    }
    message.close.is_none()
}
