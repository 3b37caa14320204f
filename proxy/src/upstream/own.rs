//! Requests that are ours, or that we write in a client's place: handshakes, probes, lists, answers to pings.

use std::{borrow::Cow, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use pingora::time::timeout;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Server,
    attempts::Attempts,
    connection::Connection,
    request,
    send::{self, Unanswered},
};
use crate::{
    mcp::{
        answer, header, sse,
        trace_context::TraceContext,
        version::{self, Version},
    },
    rejection::Rejection,
    server::Gateway,
};

/// A step of a handshake, or a notification: nothing that computes.
const STEP: Duration = Duration::from_secs(10);

#[derive(Clone, Copy)]
pub(crate) struct Own<'a> {
    pub(crate) gateway: &'a Gateway,
    pub(crate) server: &'a Arc<Server>,
}

/// How the server is spoken to. Its era is known here, never guessed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Leg<'a> {
    Modern,
    Legacy { version: Version, session: Option<&'a str> },
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    /// The id of the session that came with it.
    pub(crate) session: Option<String>,
    /// One JSON-RPC response, or whatever else came with a status that is none of success.
    pub(crate) text: String,
}

/// A session that was opened, if the server keeps any.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) version: Version,
    pub(crate) session: Option<String>,
    /// The server's `InitializeResult`.
    pub(crate) result: Box<str>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    result: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Initialized<'a> {
    #[serde(borrow, rename = "protocolVersion")]
    protocol_version: Cow<'a, str>,
}

/// Why there is no whole answer.
#[derive(Debug)]
pub(crate) enum Fault {
    Unanswered(Unanswered),
    /// Our credential was refused: it says nothing of the server's era (R4.1).
    Refused(u16),
    /// Another status than one of success, and no answer that says more.
    Status(u16),
    Unusable(String),
}

impl Own<'_> {
    /// Sends a request and reads the answer to it, whatever its status.
    pub(crate) async fn ask(
        &self,
        leg: Leg<'_>,
        method: &str,
        name: Option<&str>,
        body: &str,
    ) -> Result<Answered, Fault> {
        let mut connection =
            self.send(leg, "POST", &leg.headers(method, name), body.as_bytes(), true).await?;
        let limit = usize::try_from(self.server.limits.max_response_bytes).unwrap_or(usize::MAX);
        let read = timeout(self.server.limits.timeout, read(&mut connection, limit)).await;
        let answered = read.unwrap_or(Err(Fault::Unanswered(Unanswered::TimedOut)));
        self.gateway.connections.release(connection).await;
        answered
    }

    /// The handshake of a session, with what the client says of itself (`"capabilities":…,"clientInfo":…`).
    pub(crate) async fn initialize(&self, version: Version, client: &str) -> Result<Opened, Fault> {
        let leg = Leg::Legacy { version, session: None };
        let body = format!(
            r#"{{"jsonrpc":"2.0","id":"gwo-initialize","method":"initialize","params":{{"protocolVersion":"{}",{client}}}}}"#,
            version.name()
        );
        let answered = self.ask(leg, "initialize", None, &body).await?;
        let unusable = || match answered.status {
            // An error in a 200 says as much.
            200..=299 => Fault::Status(400),
            status => Fault::Status(status),
        };
        let message: Message<'_> = serde_json::from_str(&answered.text).map_err(|_| unusable())?;
        let result = message.result.ok_or_else(unusable)?;
        let initialized: Initialized<'_> = serde_json::from_str(result.get()).map_err(|_| unusable())?;
        let version = Version::known(&initialized.protocol_version).ok_or_else(unusable)?;
        let session = answered.session.as_deref();
        let leg = Leg::Legacy { version, session };
        self.tell(leg, br#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#).await?;
        Ok(Opened { version, session: answered.session.clone(), result: result.get().into() })
    }

    /// Sends what is only accepted: a notification, or an answer to the server. The status.
    pub(crate) async fn tell(&self, leg: Leg<'_>, body: &[u8]) -> Result<u16, Fault> {
        let told = timeout(STEP, async {
            let connection = self.send(leg, "POST", &leg.headers("", None), body, false).await?;
            Ok(self.dismiss(connection).await)
        });
        told.await.unwrap_or(Err(Fault::Unanswered(Unanswered::TimedOut)))
    }

    /// Sets the level of a session's logs. A server that has none refuses, and that is all right.
    pub(crate) async fn set_level(&self, version: Version, session: Option<&str>, level: &str) {
        let leg = Leg::Legacy { version, session };
        let body = format!(
            r#"{{"jsonrpc":"2.0","id":"gwo-level","method":"logging/setLevel","params":{{"level":"{level}"}}}}"#
        );
        if let Err(fault) = self.ask(leg, "logging/setLevel", None, &body).await {
            tracing::debug!(server.name = &*self.server.name, ?fault, "the level of logs could not be set");
        }
    }

    /// Ends a session. What goes wrong here is the server's to clean up.
    pub(crate) async fn end_session(&self, version: Version, session: &str) {
        let leg = Leg::Legacy { version, session: Some(session) };
        let ended = timeout(STEP, async {
            let connection = self.send(leg, "DELETE", &leg.headers("", None), b"", false).await?;
            Ok::<_, Fault>(self.dismiss(connection).await)
        });
        if let Ok(Err(fault)) = ended.await {
            tracing::debug!(
                server.name = &*self.server.name,
                ?fault,
                "a session could not be ended at its server"
            );
        }
    }

    /// Sends a request whose answer is a stream that may last.
    pub(crate) async fn stream(&self, leg: Leg<'_>, method: &str, body: &str) -> Result<Connection, Fault> {
        self.send(leg, "POST", &leg.headers(method, None), body.as_bytes(), true).await
    }

    /// Opens the stream of a session.
    pub(crate) async fn listen(&self, leg: Leg<'_>) -> Result<Connection, Fault> {
        self.send(leg, "GET", &leg.headers("", None), b"", false).await
    }

    async fn send(
        &self,
        leg: Leg<'_>,
        method: &'static str,
        headers: &str,
        body: &[u8],
        may_repeat: bool,
    ) -> Result<Connection, Fault> {
        let connections = &self.gateway.connections;
        let credential = self
            .server
            .credential
            .line(connections)
            .await
            .map_err(|reason| Unanswered::Failed { was_sent: false, reason })?;
        let request = request::Request {
            method,
            client: None,
            own: headers,
            session: leg.session(),
            last_event: None,
            trace: &TraceContext::fresh(),
            body,
            splice: None,
            credential: &credential,
        };
        let mut wire = request.to_wire(self.server);
        Ok(send::send(connections, self.server, &mut wire, may_repeat, &mut Attempts::default()).await?)
    }

    /// Reads what is left of an answer nobody wants.
    async fn dismiss(&self, mut connection: Connection) -> u16 {
        let status = connection.head().map_or(0, |head| head.status.as_u16());
        let is_stream = media_type(&connection) == Some(Media::EventStream);
        while !is_stream
            && !connection.is_done()
            && connection.chunk().await.is_ok_and(|chunk| chunk.is_some())
        {}
        self.gateway.connections.release(connection).await;
        status
    }
}

impl<'a> Leg<'a> {
    fn session(self) -> Option<&'a str> {
        match self {
            Self::Modern => None,
            Self::Legacy { session, .. } => session,
        }
    }

    /// The MCP headers of a request that says this of itself (R2.8).
    pub(crate) fn headers(self, method: &str, name: Option<&str>) -> String {
        let mut lines = String::from("accept: application/json, text/event-stream\r\n");
        let mut put = |header: &str, value: &str| {
            for part in [header, ": ", value, "\r\n"] {
                lines.push_str(part);
            }
        };
        match self {
            Self::Legacy { .. } if method == "initialize" => {}
            Self::Legacy { version, .. } => put(header::PROTOCOL_VERSION, version.name()),
            Self::Modern => {
                put(header::PROTOCOL_VERSION, version::MODERN[0]);
                put(header::METHOD, method);
                if let Some(name) = name {
                    put(header::NAME, &header::encode(name));
                }
            }
        }
        lines
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Media {
    Json,
    EventStream,
}

pub(crate) fn media_type(connection: &Connection) -> Option<Media> {
    let value = connection.head()?.headers.get("content-type")?.to_str().ok()?;
    let name = value.split(';').next().unwrap_or_default().trim();
    if name.eq_ignore_ascii_case("application/json") {
        Some(Media::Json)
    } else if name.eq_ignore_ascii_case("text/event-stream") {
        Some(Media::EventStream)
    } else {
        None
    }
}

async fn read(connection: &mut Connection, limit: usize) -> Result<Answered, Fault> {
    let head = connection.head();
    let status = head.map_or(0, |head| head.status.as_u16());
    let session =
        head.and_then(|head| head.headers.get(header::SESSION_ID)?.to_str().ok()).map(str::to_owned);
    if matches!(status, 401 | 403) {
        return Err(Fault::Refused(status));
    }
    let bytes = match media_type(connection) {
        Some(Media::EventStream) => final_event(connection, limit).await?,
        Some(Media::Json) | None => whole(connection, limit).await?,
    };
    let text =
        String::from_utf8(bytes.into()).map_err(|_| Fault::Unusable("text that is not UTF-8".into()))?;
    Ok(Answered { status, session, text })
}

async fn whole(connection: &mut Connection, limit: usize) -> Result<Bytes, Fault> {
    let mut received = BytesMut::new();
    while !connection.is_done()
        && let Some(chunk) = connection.chunk().await?
    {
        received.extend_from_slice(&chunk);
        if received.len() > limit {
            return Err(Fault::Unusable("an answer larger than max_response_bytes".into()));
        }
    }
    Ok(received.freeze())
}

/// The data of the event that answers.
async fn final_event(connection: &mut Connection, limit: usize) -> Result<Bytes, Fault> {
    let mut received = BytesMut::new();
    let mut reader = sse::Reader::default();
    let mut is_answered = false;
    while !is_answered && let Some(chunk) = connection.chunk().await? {
        reader.feed(&chunk, |answer| is_answered |= answer.is_some_and(|answer| answer.is_response()));
        received.extend_from_slice(&chunk);
        if received.len() > limit {
            return Err(Fault::Unusable("an answer larger than max_response_bytes".into()));
        }
    }
    let text = String::from_utf8_lossy(&received);
    sse::data_of_events(&text)
        .into_iter()
        .find(|data| answer::scan(data.as_bytes()).is_some_and(|answer| answer.is_response()))
        .map(Bytes::from)
        .ok_or_else(|| Fault::Unusable("a stream that ends without an answer".into()))
}

impl From<Unanswered> for Fault {
    fn from(unanswered: Unanswered) -> Self {
        Self::Unanswered(unanswered)
    }
}

impl From<super::connection::Failure> for Fault {
    fn from(failure: super::connection::Failure) -> Self {
        Self::Unanswered(failure.into())
    }
}

impl Fault {
    pub(crate) fn to_rejection(&self, server: &Server) -> Rejection {
        match self {
            Self::Unanswered(unanswered) => server.unanswered(unanswered, true),
            Self::Refused(status) => server.refused(*status),
            Self::Status(status) => server.unusable(&format!("status {status}")),
            Self::Unusable(reason) => server.unusable(reason),
        }
    }
}
