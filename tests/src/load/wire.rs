//! One end of an HTTP/1.1 connection: heads, and bodies by length, in chunks or until the other side closes.
//!
//! A message is written in one piece, so that it costs one packet and wakes the reader once.

use std::io;

use http::Uri;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const MAX_HEADERS: usize = 64;
const MAX_HEAD_BYTES: usize = 64 << 10;
const MAX_READ_BYTES: usize = 64 << 10;

/// How far the body of the message at hand still goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Framing {
    Length(usize),
    /// Bytes left of the chunk at hand; `None` before a chunk's size line.
    Chunked(Option<usize>),
    UntilClose,
}

/// What is worth knowing of a response's head.
#[derive(Debug)]
pub struct ResponseHead {
    pub status: u16,
    pub framing: Framing,
    pub is_event_stream: bool,
    pub closes: bool,
    pub session: Option<String>,
}

/// What is worth knowing of a request's head.
#[derive(Debug)]
pub struct RequestHead {
    pub is_post: bool,
    pub is_delete: bool,
    pub path: String,
    pub framing: Framing,
    pub session: Option<String>,
}

/// A connection and the bytes read ahead of what was asked for.
pub struct Wire {
    stream: TcpStream,
    ahead: Vec<u8>,
}

impl Wire {
    /// # Errors
    /// The socket refuses the option.
    pub fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self { stream, ahead: Vec::with_capacity(4096) })
    }

    /// # Errors
    /// Nobody listens there.
    pub async fn connect(authority: &str) -> io::Result<Self> {
        Self::new(TcpStream::connect(authority).await?)
    }

    /// # Errors
    /// The other side is gone.
    pub async fn write(&mut self, message: &[u8]) -> io::Result<()> {
        self.stream.write_all(message).await
    }

    /// # Errors
    /// The other side is gone, or what it sent is not HTTP/1.1.
    pub async fn read_response_head(&mut self) -> io::Result<ResponseHead> {
        loop {
            let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
            let mut response = httparse::Response::new(&mut headers);
            if let httparse::Status::Complete(length) = response.parse(&self.ahead).map_err(invalid)? {
                let status = response.code.unwrap_or_default();
                let framing = match framing(response.headers)? {
                    // It has no body whatever else it says (RFC 9112, 6.3).
                    _ if status == 204 => Framing::Length(0),
                    Some(framing) => framing,
                    None => Framing::UntilClose,
                };
                let head = ResponseHead {
                    status,
                    framing,
                    is_event_stream: has(response.headers, "content-type", "text/event-stream"),
                    closes: has(response.headers, "connection", "close"),
                    session: session(response.headers),
                };
                self.ahead.drain(..length);
                return Ok(head);
            }
            self.read_ahead().await?;
        }
    }

    /// The next request, or `None` when the client closed between two.
    ///
    /// # Errors
    /// The client is gone in the middle, or what it sent is not HTTP/1.1.
    pub async fn read_request_head(&mut self) -> io::Result<Option<RequestHead>> {
        loop {
            let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
            let mut request = httparse::Request::new(&mut headers);
            if let httparse::Status::Complete(length) = request.parse(&self.ahead).map_err(invalid)? {
                let head = RequestHead {
                    is_post: request.method == Some("POST"),
                    is_delete: request.method == Some("DELETE"),
                    path: request.path.unwrap_or_default().to_owned(),
                    framing: framing(request.headers)?.unwrap_or(Framing::Length(0)),
                    session: session(request.headers),
                };
                self.ahead.drain(..length);
                return Ok(Some(head));
            }
            let was_idle = self.ahead.is_empty();
            match self.read_ahead().await {
                Err(error) if was_idle && error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
                other => other?,
            }
        }
    }

    /// Adds to `body` what is there of it, waiting for at least one byte; `false` once it is whole.
    ///
    /// # Errors
    /// The other side is gone before the end, or its chunks are not chunks.
    pub async fn read_body(&mut self, framing: &mut Framing, body: &mut Vec<u8>) -> io::Result<bool> {
        loop {
            match framing {
                Framing::Length(0) => return Ok(false),
                Framing::Chunked(None) => {
                    let Some(line) = memchr::memchr(b'\n', &self.ahead) else {
                        self.read_ahead().await?;
                        continue;
                    };
                    let size = chunk_size(&self.ahead[..line])?;
                    if size == 0 {
                        return self.skip_trailer(line + 1).await.map(|()| false);
                    }
                    self.ahead.drain(..=line);
                    *framing = Framing::Chunked(Some(size));
                }
                // Behind the last byte of a chunk comes an empty line.
                Framing::Chunked(Some(0)) => {
                    self.fill(2).await?;
                    self.ahead.drain(..2);
                    *framing = Framing::Chunked(None);
                }
                Framing::Length(left) | Framing::Chunked(Some(left)) => {
                    // A large body must not cost its reader a system call for every few kilobytes.
                    if self.ahead.is_empty() {
                        self.ahead.reserve((*left).min(MAX_READ_BYTES));
                    }
                    self.fill(1).await?;
                    let taken = self.ahead.len().min(*left);
                    body.extend(self.ahead.drain(..taken));
                    *left -= taken;
                    return Ok(*framing != Framing::Length(0));
                }
                Framing::UntilClose => match self.fill(1).await {
                    Ok(()) => {
                        body.append(&mut self.ahead);
                        return Ok(true);
                    }
                    Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
                    Err(error) => return Err(error),
                },
            }
        }
    }

    /// # Errors
    /// As [`Wire::read_body`].
    pub async fn read_whole_body(&mut self, mut framing: Framing, body: &mut Vec<u8>) -> io::Result<()> {
        body.clear();
        while self.read_body(&mut framing, body).await? {}
        Ok(())
    }

    /// Returns when the other side closes; stays pending while it only waits, or asks ahead.
    pub async fn closed(&self) {
        if let Ok(1..) = self.stream.peek(&mut [0]).await {
            std::future::pending().await
        }
    }

    async fn skip_trailer(&mut self, from: usize) -> io::Result<()> {
        self.ahead.drain(..from);
        loop {
            match memchr::memchr(b'\n', &self.ahead) {
                Some(line) => {
                    let is_last = self.ahead[..line].trim_ascii().is_empty();
                    self.ahead.drain(..=line);
                    if is_last {
                        return Ok(());
                    }
                }
                None => self.read_ahead().await?,
            }
        }
    }

    async fn fill(&mut self, length: usize) -> io::Result<()> {
        while self.ahead.len() < length {
            self.read_ahead().await?;
        }
        Ok(())
    }

    async fn read_ahead(&mut self) -> io::Result<()> {
        if self.ahead.len() > MAX_HEAD_BYTES {
            return Err(invalid("head too large"));
        }
        match self.stream.read_buf(&mut self.ahead).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

/// Host and port of an `http://` URL, and the path behind them.
///
/// # Errors
/// It is no such URL.
pub fn split_url(url: &str) -> anyhow::Result<(String, String)> {
    let uri: Uri = url.parse()?;
    let plain = uri.scheme_str() == Some("http");
    let (true, Some(authority), Some(path)) = (plain, uri.authority(), uri.path_and_query()) else {
        anyhow::bail!("{url} is no URL such as http://127.0.0.1:8080/mcp/github");
    };
    let port = authority.port_u16().unwrap_or(80);
    Ok((format!("{}:{port}", authority.host()), path.as_str().to_owned()))
}

fn framing(headers: &[httparse::Header<'_>]) -> io::Result<Option<Framing>> {
    if has(headers, "transfer-encoding", "chunked") {
        return Ok(Some(Framing::Chunked(None)));
    }
    let Some(length) = value(headers, "content-length") else { return Ok(None) };
    let length = std::str::from_utf8(length).map_err(invalid)?.trim().parse().map_err(invalid)?;
    Ok(Some(Framing::Length(length)))
}

fn session(headers: &[httparse::Header<'_>]) -> Option<String> {
    String::from_utf8(value(headers, "mcp-session-id")?.to_vec()).ok()
}

fn value<'a>(headers: &[httparse::Header<'a>], name: &str) -> Option<&'a [u8]> {
    Some(headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?.value)
}

fn has(headers: &[httparse::Header<'_>], name: &str, start: &str) -> bool {
    headers.iter().any(|header| {
        header.name.eq_ignore_ascii_case(name)
            && header
                .value
                .get(..start.len())
                .is_some_and(|value| value.eq_ignore_ascii_case(start.as_bytes()))
    })
}

fn chunk_size(line: &[u8]) -> io::Result<usize> {
    let line = std::str::from_utf8(line).map_err(invalid)?;
    let digits = line.split(';').next().unwrap_or_default().trim();
    usize::from_str_radix(digits, 16).map_err(invalid)
}

fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// A wire on whose other end `pieces` arrive one after another, and then the end.
    async fn wire_with(pieces: &'static [&'static str]) -> Wire {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move {
            let mut stream = listener.accept().await.unwrap().0;
            for piece in pieces {
                stream.write_all(piece.as_bytes()).await.unwrap();
                tokio::task::yield_now().await;
            }
        });
        Wire::connect(&address).await.unwrap()
    }

    #[tokio::test]
    async fn bodies_end_where_their_head_says() {
        let mut wire = wire_with(&[
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabHTTP/1.1 200 OK\r\nTransfer-",
            "Encoding: chunked\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n3\r\ncde\r",
            "\n2;x=y\r\nfg\r\n0\r\nTrailer: 1\r\n\r\nHTTP/1.1 503 No\r\nConnection: close\r\n\r\nhi",
        ])
        .await;
        let mut seen = Vec::new();
        for _ in 0..3 {
            let head = wire.read_response_head().await.unwrap();
            let mut body = Vec::new();
            wire.read_whole_body(head.framing, &mut body).await.unwrap();
            seen.push((head.status, head.is_event_stream, head.closes, String::from_utf8(body).unwrap()));
        }
        let expected = [(200, false, false, "ab"), (200, true, false, "cdefg"), (503, false, true, "hi")];
        assert_eq!(
            seen,
            expected.map(|(status, events, closes, body)| (status, events, closes, body.to_owned()))
        );
    }

    #[tokio::test]
    async fn a_cut_body_is_an_error_and_a_close_between_requests_is_not() {
        let mut wire =
            wire_with(&["GET /count HTTP/1.1\r\n\r\nPOST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc"]).await;
        assert_eq!(wire.read_request_head().await.unwrap().unwrap().path, "/count");
        let head = wire.read_request_head().await.unwrap().unwrap();
        let error = wire.read_whole_body(head.framing, &mut Vec::new()).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        assert!(wire.read_request_head().await.unwrap().is_none());
    }

    #[test]
    fn a_url_has_a_host_a_port_and_a_path() {
        let split = split_url("http://127.0.0.1:8080/mcp/github").unwrap();
        assert_eq!(split, ("127.0.0.1:8080".to_owned(), "/mcp/github".to_owned()));
        assert!(split_url("https://127.0.0.1/").is_err() && split_url("/mcp").is_err());
    }
}
