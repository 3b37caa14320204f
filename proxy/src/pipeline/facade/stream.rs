//! What a script sees of a call while it runs, if it accepts an event stream (contract 2.3): `progress` events, then
//! one `result` or `error`. A comment keeps the stream open while there is nothing to say (R1.15).

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    exchange::Exchange,
    gateway::{Client, Gone},
    mcp::sse::Event,
    pipeline::answer,
    rejection::Rejection,
    server::Gateway,
};

/// The stream of one call; it begins with the first thing there is to say.
pub(crate) struct Stream<'a> {
    pub(crate) gateway: &'a Gateway,
    pub(crate) is_wanted: bool,
}

#[derive(Deserialize)]
struct Notification<'a> {
    method: &'a str,
    #[serde(borrow)]
    params: &'a RawValue,
}

impl Stream<'_> {
    /// A message of the server's before its answer.
    pub(crate) async fn hear(
        &self,
        client: &mut Client,
        exchange: &mut Exchange,
        message: &str,
    ) -> Result<(), Gone> {
        match serde_json::from_str::<Notification<'_>>(message) {
            Ok(said) if said.method == "notifications/progress" => {
                self.say(client, exchange, "progress", said.params.get()).await
            }
            _ => Ok(()),
        }
    }

    pub(crate) async fn keep_alive(&self, client: &mut Client, exchange: &mut Exchange) -> Result<(), Gone> {
        self.write(client, exchange, Bytes::from_static(b":\n\n")).await
    }

    pub(crate) async fn result(
        &self,
        client: &mut Client,
        exchange: &mut Exchange,
        result: &str,
    ) -> Result<(), Gone> {
        self.say(client, exchange, "result", result).await?;
        client.end().await
    }

    /// A refusal, once the stream has begun and a status can no longer say it; before, it is the caller's.
    pub(crate) async fn error(
        &self,
        client: &mut Client,
        exchange: &mut Exchange,
        rejection: Rejection,
    ) -> Result<(), Rejection> {
        if !client.is_streaming() {
            return Err(rejection);
        }
        exchange.rejected(rejection.code, &rejection.message);
        let answer = rejection.to_rest(&exchange.request_id);
        if self.say(client, exchange, "error", &answer.body).await.is_ok() {
            let _: Result<(), Gone> = client.end().await;
        }
        Ok(())
    }

    async fn say(
        &self,
        client: &mut Client,
        exchange: &mut Exchange,
        name: &str,
        data: &str,
    ) -> Result<(), Gone> {
        let mut text = String::with_capacity(data.len() + 32);
        // JSON may hold line ends between its tokens; in an event they begin a new line of data.
        let data = crate::mcp::sse::unified(data);
        Event { name: Some(name), data: Some(data), ..Event::default() }.write(&mut text);
        exchange.response_bytes += text.len() as u64;
        self.write(client, exchange, text.into()).await
    }

    async fn write(&self, client: &mut Client, exchange: &mut Exchange, piece: Bytes) -> Result<(), Gone> {
        if !self.is_wanted {
            return Ok(());
        }
        if !client.is_streaming() {
            exchange.outcome.status_code = 200;
            let mut head =
                answer::head(self.gateway, client, exchange, 200, "text/event-stream").map_err(|_| Gone)?;
            // None of these values can fail to be a header.
            let _ = head.insert_header("cache-control", "no-cache, no-transform");
            let _ = head.insert_header("x-accel-buffering", "no");
            client.begin(head).await?;
        }
        client.write(piece).await
    }
}
