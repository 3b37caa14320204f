//! HTTP+SSE of 2024-11-05: a GET opens the stream, its first event names where to post, answers come on the stream.

use http::HeaderMap;
use reqwest::Url;
use serde_json::Value;
use tokio::time::timeout;

use super::{
    Fault,
    message::Answer,
    wire::{Events, Wire},
};

pub(super) struct EventStream {
    events: Events,
    endpoint: Url,
}

impl EventStream {
    /// Opens the stream, or says that this is none.
    pub(super) async fn open(wire: &Wire) -> Result<Option<Self>, Fault> {
        let Some(mut events) = wire.listen().await? else { return Ok(None) };
        let first = timeout(wire.deadline(), events.next()).await.map_err(|_| Fault::Timeout)??;
        let Some(first) = first.filter(|event| event.name == "endpoint") else { return Ok(None) };
        // The credential goes where the stream says, so that has to be the same server.
        let endpoint =
            wire.url().join(&first.data).ok().filter(|endpoint| endpoint.origin() == wire.url().origin());
        let endpoint =
            endpoint.ok_or_else(|| Fault::NotMcp("the endpoint event names another server".to_owned()))?;
        Ok(Some(Self { events, endpoint }))
    }

    pub(super) async fn exchange(&mut self, wire: &Wire, message: &Value, id: u64) -> Result<Answer, Fault> {
        self.notify(wire, message).await?;
        timeout(wire.deadline(), self.events.answer(id)).await.unwrap_or(Err(Fault::Timeout))
    }

    pub(super) async fn notify(&self, wire: &Wire, message: &Value) -> Result<(), Fault> {
        wire.notify(self.endpoint.clone(), HeaderMap::new(), message).await
    }
}
