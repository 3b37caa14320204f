//! Whoever is told of alerts, in a test: takes what is posted to any path and answers with the status it is set to.

use std::sync::{
    Arc,
    atomic::{AtomicU16, Ordering},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
};
use serde_json::Value;
use tokio::sync::mpsc;

pub(crate) struct Receiver {
    pub(crate) url: String,
    taken: mpsc::UnboundedReceiver<Taken>,
    status: Arc<AtomicU16>,
}

/// What was posted.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
    pub(crate) body: Value,
}

type Shared = (mpsc::UnboundedSender<Taken>, Arc<AtomicU16>);

impl Receiver {
    pub(crate) async fn start() -> Self {
        let (sender, taken) = mpsc::unbounded_channel();
        let status = Arc::new(AtomicU16::new(200));
        let take =
            async |State((sender, status)): State<Shared>, uri: Uri, headers: HeaderMap, bytes: Bytes| {
                let body = serde_json::from_slice(&bytes).unwrap_or_default();
                let path = uri.path_and_query().unwrap().to_string();
                sender.send(Taken { path, headers, bytes, body }).unwrap();
                StatusCode::from_u16(status.load(Ordering::SeqCst)).unwrap()
            };
        let router = Router::new().fallback(take).with_state((sender, Arc::clone(&status)));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, taken, status }
    }

    /// From now on it answers so.
    pub(crate) fn answers(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    /// The next that was posted and not looked at, if there is one.
    pub(crate) fn next(&mut self) -> Option<Taken> {
        self.taken.try_recv().ok()
    }
}
