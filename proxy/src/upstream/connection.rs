//! One HTTP exchange with a server over Pingora's connection pool.
//!
//! The request is written by us, in one piece; the answer is read by Pingora's client session.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use pingora::{
    connectors::{ConnectorOptions, TransportConnector},
    http::ResponseHeader,
    protocols::http::v1::client::HttpSession,
    upstreams::peer::{HttpPeer, Peer},
};
use tokio::io::AsyncWriteExt;

/// Idle connections are kept so long.
const IDLE: Duration = Duration::from_secs(60);
const POOL: usize = 1024;

pub(crate) struct Connections(TransportConnector);

impl Default for Connections {
    fn default() -> Self {
        Self(TransportConnector::new(Some(ConnectorOptions::new(POOL))))
    }
}

/// How far a request came before it failed: that decides whether it may be repeated.
#[derive(Debug)]
pub(crate) enum Failure {
    /// No connection was made: nothing was sent.
    Connect(String),
    /// It may have been sent, and no answer came.
    Sent(String),
}

pub(crate) struct Connection {
    /// Boxed: it is large, and handed from stage to stage.
    http: Box<HttpSession>,
    peer: Arc<HttpPeer>,
    is_done: bool,
}

impl Connections {
    /// Connects, or takes a kept connection, and writes the whole request.
    pub(crate) async fn send(&self, peer: Arc<HttpPeer>, wire: &[u8]) -> Result<Connection, Failure> {
        let (mut stream, _reused) = self
            .0
            .get_stream(&*peer)
            .await
            .map_err(|error| Failure::Connect(error.etype().as_str().to_owned()))?;
        let written = async {
            stream.write_all(wire).await?;
            stream.flush().await
        };
        written.await.map_err(|error| Failure::Sent(error.kind().to_string()))?;
        let http = Box::new(HttpSession::new_with_options(stream, &*peer));
        Ok(Connection { http, peer, is_done: false })
    }

    /// Keeps the connection for the next request, if its answer was read to the end.
    pub(crate) async fn release(&self, mut connection: Connection) {
        if !connection.is_done {
            return;
        }
        connection.http.respect_keepalive();
        if let Some(stream) = connection.http.reuse().await {
            self.0.release_stream(stream, connection.peer.reuse_hash(), Some(IDLE));
        }
    }
}

impl Connection {
    /// Waits for the head of the final answer. May be dropped and called again.
    pub(crate) async fn answered(&mut self) -> Result<(), Failure> {
        loop {
            self.http
                .read_response()
                .await
                .map_err(|error| Failure::Sent(error.etype().as_str().to_owned()))?;
            if !self.http.get_status().is_some_and(|status| status.is_informational()) {
                return Ok(());
            }
        }
    }

    /// The head, once [`Self::answered`].
    pub(crate) fn head(&self) -> Option<&ResponseHeader> {
        self.http.resp_header()
    }

    /// The next piece of the body, or None at its end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Failure> {
        let chunk = self
            .http
            .read_body_bytes()
            .await
            .map_err(|error| Failure::Sent(error.etype().as_str().to_owned()))?;
        self.is_done = chunk.is_none() || self.http.is_body_done();
        Ok(chunk)
    }

    /// Whether the body has come to its end.
    pub(crate) fn is_done(&self) -> bool {
        self.is_done
    }
}
