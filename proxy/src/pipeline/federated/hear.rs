//! Reads one server's stream, event by event, for as long as it lasts.

use std::{collections::VecDeque, sync::Arc};

use bytes::BytesMut;
use futures::stream::{self, BoxStream, StreamExt};

use crate::{
    mcp::sse,
    upstream::{
        Server,
        connection::Connection,
        own::{Media, media_type},
    },
};

pub(super) struct Heard(pub(super) Said);

/// What came from a server.
pub(super) enum Said {
    /// The data of an event.
    Message(Arc<Server>, String),
    /// Its stream has ended; whether it had one at all.
    Ended(Arc<Server>, bool),
}

struct Ear {
    server: Arc<Server>,
    connection: Connection,
    reader: sse::Reader,
    pending: BytesMut,
    said: VecDeque<String>,
}

/// What the server says on this connection, to its end.
pub(super) fn hear<'a>(server: Arc<Server>, connection: Connection) -> BoxStream<'a, Heard> {
    let status = connection.head().map_or(0, |head| head.status.as_u16());
    if status != 200 || media_type(&connection) != Some(Media::EventStream) {
        return stream::iter([Heard(Said::Ended(server, false))]).boxed();
    }
    let ear = Ear {
        server,
        connection,
        reader: sse::Reader::default(),
        pending: BytesMut::new(),
        said: VecDeque::new(),
    };
    stream::unfold(Some(ear), |ear| async {
        let mut ear = ear?;
        match ear.next().await {
            Some(data) => Some((Heard(Said::Message(ear.server.clone(), data)), Some(ear))),
            None => Some((Heard(Said::Ended(ear.server.clone(), true)), None)),
        }
    })
    .boxed()
}

impl Ear {
    async fn next(&mut self) -> Option<String> {
        loop {
            if let Some(data) = self.said.pop_front() {
                return Some(data);
            }
            let chunk = self.connection.chunk().await.ok()??;
            let complete = self.reader.feed(&chunk, |_| {});
            if self.reader.event_bytes() > self.server.limits.max_response_bytes {
                return None;
            }
            self.pending.extend_from_slice(&chunk);
            if complete > 0 {
                let rest = chunk.len() - complete;
                let whole = self.pending.split_to(self.pending.len() - rest);
                let data = sse::data_of_events(&String::from_utf8_lossy(&whole));
                self.said.extend(data.into_iter().filter(|data| !data.is_empty()));
            }
        }
    }
}
