//! Whoever is told of alerts: takes messages by webhook, checks who signed them, and keeps them.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use ring::hmac;
use serde_json::Value;

const KEY: &[u8] = b"a key that both of them know";

pub(crate) struct Receiver {
    url: String,
    taken: Taken,
}

type Taken = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

/// A message whose signature was right.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    /// Of the envelope and of the header.
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) alert: Value,
}

impl Receiver {
    /// Answers each message after `pause`.
    pub(crate) async fn start(pause: Duration) -> Result<Self> {
        let taken = Taken::default();
        let take = async move |State(taken): State<Taken>, headers: HeaderMap, body: Bytes| {
            taken.lock().unwrap_or_else(PoisonError::into_inner).push((headers, body));
            tokio::time::sleep(pause).await;
            StatusCode::NO_CONTENT
        };
        let router = Router::new().fallback(take).with_state(Arc::clone(&taken));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/alerts", listener.local_addr()?);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { url, taken })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// As a channel is given it.
    pub(crate) fn secret() -> String {
        format!("whsec_{}", STANDARD.encode(KEY))
    }

    pub(crate) fn count(&self) -> usize {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// All that came, in the order in which it came; an error when somebody else could have sent one.
    pub(crate) fn messages(&self) -> Result<Vec<Message>> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.iter().map(|(headers, body)| read(headers, body)).collect()
    }
}

/// As <https://www.standardwebhooks.com> has receivers check it.
fn read(headers: &HeaderMap, body: &Bytes) -> Result<Message> {
    let header = |name: &str| -> Result<&str> {
        Ok(headers.get(name).with_context(|| format!("no {name}"))?.to_str()?)
    };
    let (id, timestamp) = (header("webhook-id")?, header("webhook-timestamp")?);
    let age = chrono::Utc::now().timestamp() - timestamp.parse::<i64>()?;
    ensure!((-5..300).contains(&age), "a message of {age} s ago");
    let signature = header("webhook-signature")?.strip_prefix("v1,").context("another version")?;
    let signed = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat();
    let key = hmac::Key::new(hmac::HMAC_SHA256, KEY);
    ensure!(
        hmac::verify(&key, &signed, &STANDARD.decode(signature)?).is_ok(),
        "the signature does not fit: {signature}"
    );
    let body: Value = serde_json::from_slice(body)?;
    ensure!(body["id"] == id, "the envelope says {} and the header {id}", body["id"]);
    let kind = body["type"].as_str().context("no type")?.to_owned();
    Ok(Message { id: id.to_owned(), kind, alert: body["data"].clone() })
}
