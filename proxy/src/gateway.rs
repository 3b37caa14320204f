//! Pingora's HTTP session on one side, the pipeline on the other: the only file that knows both.

use std::{net::IpAddr, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use pingora::{
    apps::{HttpPersistentSettings, HttpServerApp, HttpServerOptions, ReusedHttpStream},
    http::ResponseHeader,
    protocols::http::ServerSession,
    server::ShutdownWatch,
    time::timeout,
};

use crate::{pipeline, server::Gateway};

/// An idle connection of a client is kept so long.
const KEEP_ALIVE_SECONDS: u64 = 75;
/// A client may take so long between two pieces of a body, and so long for the whole of it.
const BODY_PIECE: Duration = Duration::from_secs(10);
const BODY_WHOLE: Duration = Duration::from_secs(60);
/// What is left of a refused body is read and thrown away within these bounds, so that the refusal is not lost
/// with the connection.
const REST_OF_BODY: usize = 16 << 20;
const REST_OF_BODY_TIME: Duration = Duration::from_secs(5);
/// A client that stops reading is given up after so long.
const WRITE: Duration = Duration::from_secs(30);

/// The client's side of one exchange.
pub(crate) struct Client {
    session: ServerSession,
    is_streaming: bool,
    is_broken: bool,
    /// Answers of a batch that wait for the others.
    batch: Option<Vec<Bytes>>,
}

/// Why a body could not be read.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum BodyFault {
    TooLarge,
    Slow,
    /// The client is gone.
    Gone,
}

/// What Pingora runs for every request.
pub(crate) struct Listener(pub(crate) Arc<Gateway>);

#[async_trait]
impl HttpServerApp for Listener {
    async fn process_new_http(
        self: &Arc<Self>,
        mut session: ServerSession,
        _shutdown: &ShutdownWatch,
    ) -> Option<ReusedHttpStream> {
        if !session.read_request().await.is_ok_and(|is_request| is_request) {
            return None;
        }
        session.set_keepalive((!self.0.is_draining()).then_some(KEEP_ALIVE_SECONDS));
        session.set_pipelining_enabled(true);
        session.set_write_timeout(Some(WRITE));
        let mut client = Client { session, is_streaming: false, is_broken: false, batch: None };
        pipeline::serve(&self.0, &mut client).await;
        client.finish().await
    }

    fn server_options(&self) -> Option<&HttpServerOptions> {
        Some(self.0.http_options())
    }
}

impl Client {
    pub(crate) fn method(&self) -> &http::Method {
        &self.session.req_header().method
    }

    pub(crate) fn path(&self) -> &str {
        self.session.req_header().uri.path()
    }

    pub(crate) fn query(&self) -> Option<&str> {
        self.session.req_header().uri.query()
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.session.req_header().headers
    }

    /// A header's value, if it is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers().get(name)?.to_str().ok()
    }

    /// `Host`, or HTTP/2's authority.
    pub(crate) fn host(&self) -> Option<&str> {
        self.header("host")
            .or_else(|| self.session.req_header().uri.authority().map(|authority| authority.as_str()))
    }

    pub(crate) fn address(&self) -> Option<IpAddr> {
        self.session.client_addr()?.as_inet().map(std::net::SocketAddr::ip)
    }

    /// The whole body, which is bounded in size and in time.
    pub(crate) async fn read_body(&mut self, limit: u64) -> Result<Bytes, BodyFault> {
        let announced = self.header("content-length").and_then(|length| length.parse::<u64>().ok());
        if announced.is_some_and(|length| length > limit) {
            self.session.set_keepalive(None);
            return Err(BodyFault::TooLarge);
        }
        if self.header("expect").is_some_and(|expect| expect.eq_ignore_ascii_case("100-continue")) {
            self.session.write_continue_response().await.map_err(|_| BodyFault::Gone)?;
        }
        self.session.set_read_timeout(Some(BODY_PIECE));
        let first = self.read_piece().await?.unwrap_or_default();
        if announced == Some(first.len() as u64) {
            return Ok(first);
        }
        timeout(BODY_WHOLE, self.read_rest(first, limit)).await.unwrap_or_else(|_| {
            self.session.set_keepalive(None);
            Err(BodyFault::Slow)
        })
    }

    async fn read_rest(&mut self, first: Bytes, limit: u64) -> Result<Bytes, BodyFault> {
        let mut body = BytesMut::from(first);
        while let Some(piece) = self.read_piece().await? {
            if (body.len() + piece.len()) as u64 > limit {
                self.session.set_keepalive(None);
                return Err(BodyFault::TooLarge);
            }
            body.extend_from_slice(&piece);
        }
        Ok(body.freeze())
    }

    async fn discard_body(&mut self) {
        let mut discarded = 0;
        while discarded < REST_OF_BODY
            && let Ok(Some(piece)) = self.session.read_request_body().await
        {
            discarded += piece.len();
        }
    }

    async fn read_piece(&mut self) -> Result<Option<Bytes>, BodyFault> {
        self.session.read_request_body().await.map_err(|error| match error.etype() {
            pingora::ErrorType::ReadTimedout => BodyFault::Slow,
            _ => BodyFault::Gone,
        })
    }

    /// Answers at once and whole.
    pub(crate) async fn respond(&mut self, mut head: ResponseHeader, body: Bytes) {
        if let Some(batch) = &mut self.batch {
            if !body.is_empty() {
                batch.push(body);
            }
            return;
        }
        if head.insert_header("content-length", body.len().to_string()).is_err() {
            self.is_broken = true;
            return;
        }
        let is_empty = body.is_empty();
        let written = async {
            self.session.write_response_header(Box::new(head)).await?;
            if is_empty { Ok(()) } else { self.session.write_response_body(body, true).await }
        };
        self.is_broken = written.await.is_err();
    }

    /// Begins an answer whose body comes piece by piece.
    pub(crate) async fn begin(&mut self, mut head: ResponseHeader) -> Result<(), Gone> {
        if self.is_streaming {
            return Ok(());
        }
        if !self.session.is_http2() {
            head.insert_header("transfer-encoding", "chunked").map_err(|_| Gone)?;
        }
        self.is_streaming = true;
        self.session.write_response_header(Box::new(head)).await.map_err(|_| self.broke())
    }

    pub(crate) fn is_streaming(&self) -> bool {
        self.is_streaming
    }

    pub(crate) async fn write(&mut self, piece: Bytes) -> Result<(), Gone> {
        self.session.write_response_body(piece, false).await.map_err(|_| self.broke())
    }

    /// Ends a streamed answer properly.
    pub(crate) async fn end(&mut self) -> Result<(), Gone> {
        if self.batch.is_some() {
            return Ok(());
        }
        self.is_streaming = false;
        self.session.write_response_body(Bytes::new(), true).await.map_err(|_| self.broke())
    }

    /// From now on answers are parts of one: they are kept, unless a stream has begun, which carries them all.
    pub(crate) fn begin_batch(&mut self) {
        self.batch = Some(Vec::new());
    }

    /// The answers that were kept, and whether a stream waits for them.
    pub(crate) fn end_batch(&mut self) -> (Vec<Bytes>, bool) {
        (self.batch.take().unwrap_or_default(), self.is_streaming)
    }

    /// Resolves when the client has closed its side; never otherwise. May be dropped and called again.
    pub(crate) async fn closed(&mut self) {
        loop {
            if self.session.read_body_or_idle(true).await.is_err() {
                self.is_broken = true;
                return;
            }
        }
    }

    /// Breaks a streamed answer off, so that the client cannot take it for whole.
    pub(crate) fn break_off(&mut self) {
        self.is_broken = true;
    }

    fn broke(&mut self) -> Gone {
        self.is_broken = true;
        Gone
    }

    async fn finish(mut self) -> Option<ReusedHttpStream> {
        if self.is_broken || self.is_streaming {
            self.session.shutdown().await;
            return None;
        }
        if !self.session.is_body_done() {
            // Whether it ends or not: the connection is not used again.
            let _ = timeout(REST_OF_BODY_TIME, self.discard_body()).await;
        }
        let settings = HttpPersistentSettings::for_session(&self.session);
        let stream = self.session.finish().await.ok()??;
        Some(ReusedHttpStream::from_reusable_stream(stream, settings))
    }
}

/// The client has gone away.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gone;
