//! What the client sent: read once, parsed once, checked against its headers (R1, R2).

use bytes::Bytes;
use serde_json::json;

use super::{answer::Reply, authenticate::standing};
use crate::{
    exchange::Exchange,
    federation::mapping::Mapping,
    gateway::{BodyFault, Client},
    mcp::{
        header::{self, Single, Standard},
        header_parameter, json,
        message::{Invalid, Message},
        method::{self, Method},
        session::Session,
        trace_context::{FreshIds, TraceContext},
        version::{self, Era},
    },
    principal::Principal,
    rejection::{Code, Rejection},
    server::Gateway,
    sessions::{self, Digest},
    snapshot::Snapshot,
    upstream::Server,
};

/// One request of a client on an MCP endpoint. The era is decided here, and is a value from here on.
pub(crate) struct Request<'a> {
    pub(crate) era: Era,
    pub(crate) kind: Kind<'a>,
    pub(crate) body: &'a Bytes,
    /// The legacy session that the request belongs to, and the short name of its token.
    pub(crate) session: Option<(Session, Digest)>,
    /// The server's own id of its session.
    pub(crate) upstream_session: Option<String>,
    /// The server's own id of the event after which a stream is to go on.
    pub(crate) last_event: Option<String>,
    /// Header lines that are sent in place of the client's, when the message is of our own making.
    pub(crate) headers: Option<String>,
    /// What is sent in place of the body.
    pub(crate) replaced: Option<Bytes>,
    pub(crate) round: Round,
    /// On an endpoint of many servers, what stands in answers is mapped to it.
    pub(crate) mapping: Option<Mapping>,
}

/// Which round of a call it is, if somebody was asked something in the one before.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Round {
    First,
    /// It answers a question of the server's; digest of the state that it brings back.
    Servers([u8; 32]),
    /// Its user was sent to the page of an approval.
    FromPage,
}

#[expect(clippy::large_enum_variant, reason = "made once a request, and it stays where it is made")]
pub(crate) enum Kind<'a> {
    /// POST.
    Message(Message<'a>),
    /// GET: the stream of a session.
    Stream,
    /// DELETE: the end of a session.
    EndSession,
}

impl<'a> Request<'a> {
    pub(crate) fn new(era: Era, kind: Kind<'a>, body: &'a Bytes) -> Self {
        Self {
            era,
            kind,
            body,
            session: None,
            upstream_session: None,
            last_event: None,
            headers: None,
            replaced: None,
            round: Round::First,
            mapping: None,
        }
    }

    /// The server's own id of the session.
    pub(crate) fn upstream_session(&self) -> Option<&str> {
        self.upstream_session.as_deref()
    }

    pub(crate) fn message(&self) -> Option<&Message<'_>> {
        match &self.kind {
            Kind::Message(message) => Some(message),
            Kind::Stream | Kind::EndSession => None,
        }
    }

    pub(crate) fn method(&self) -> Method {
        self.message().map_or(Method::Other, Message::method)
    }

    /// The tool or prompt that is named.
    pub(crate) fn tool(&self) -> Option<&str> {
        self.message()?.params.as_ref()?.name.as_deref()
    }

    /// The tool that is called.
    pub(crate) fn tool_called(&self) -> Option<&str> {
        self.tool().filter(|_| self.method() == Method::ToolsCall)
    }

    pub(crate) fn is_initialize(&self) -> bool {
        self.era == Era::Legacy && self.message().is_some_and(|message| message.method_name() == "initialize")
    }
}

/// The body with other JSON at a path, byte for byte the same elsewhere.
pub(crate) fn replaced(body: &Bytes, path: &[&str], raw: &str) -> Result<Bytes, Rejection> {
    std::str::from_utf8(body)
        .ok()
        .and_then(|text| json::replace_members(text, &[(path, raw)]))
        .map(Bytes::from)
        .ok_or_else(|| Rejection::new(Code::InvalidParams, format!("{} cannot be read", path.join("."))))
}

/// The body of a POST of at most `limit` bytes; nothing for GET and DELETE.
pub(crate) async fn body(
    gateway: &Gateway,
    client: &mut Client,
    limit: u64,
    exchange: &mut Exchange,
) -> Result<Bytes, Rejection> {
    match client.method().as_str() {
        "POST" => {}
        "GET" | "DELETE" => return Ok(Bytes::new()),
        _ => return Err(method_not_allowed("GET, POST, DELETE, OPTIONS")),
    }
    let content_type = client.header("content-type").unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Err(Rejection::new(Code::UnsupportedMediaType, "Content-Type must be application/json"));
    }
    if !accepts_an_answer(client) {
        return Err(Rejection::new(
            Code::NotAcceptable,
            "Accept must list application/json and text/event-stream",
        ));
    }
    let limit = gateway.config.max_request_bytes.min(limit);
    let body = client.read_body(limit).await.map_err(|fault| match fault {
        BodyFault::TooLarge => {
            Rejection::new(Code::PayloadTooLarge, format!("the body has more than {limit} bytes"))
                .with("limit_bytes", limit)
        }
        BodyFault::Slow => Rejection::new(Code::InvalidRequest, "the body did not arrive in time"),
        BodyFault::Gone => Rejection::new(Code::InvalidRequest, "the body broke off"),
    })?;
    exchange.request_bytes = body.len() as u64;
    standing::check(&gateway.current, exchange)?;
    Ok(body)
}

/// One of the two media types or a wildcard (R1.12); no `Accept` accepts anything.
fn accepts_an_answer(client: &Client) -> bool {
    let mut values = client.headers().get_all("accept").iter().peekable();
    values.peek().is_none()
        || values.any(|value| {
            let value = value.to_str().unwrap_or_default();
            value.split(',').any(|range| {
                let range = range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
                ["*/*", "application/json", "application/*", "text/event-stream", "text/*"].contains(&&*range)
            })
        })
}

/// The message, its era and its session. `server`: whose endpoint it is; None: everybody's.
pub(crate) fn decode<'a>(
    client: &Client,
    body: &'a Bytes,
    server: Option<&Server>,
    principal: &Principal,
    snapshot: &Snapshot,
    exchange: &mut Exchange,
    reply: &mut Reply,
) -> Result<Request<'a>, Rejection> {
    let kind = match client.method().as_str() {
        "GET" => Kind::Stream,
        "DELETE" => Kind::EndSession,
        _ => {
            let message = Message::parse(body).map_err(invalid)?;
            reply.of(&message);
            describe(&message, exchange, client);
            Kind::Message(message)
        }
    };
    exchange.operation = match &kind {
        Kind::Stream => "session/stream".into(),
        Kind::EndSession => "session/delete".into(),
        Kind::Message(message) => method::label(message.method_name()),
    };
    let request = Request::new(era(&kind, client)?, kind, body);
    match request.era {
        Era::Modern => check_modern(client, request, exchange),
        Era::Legacy => check_legacy(client, request, server, principal, snapshot, exchange),
    }
}

/// Body first; the header is only a cross-check (R1.2).
fn era(kind: &Kind<'_>, client: &Client) -> Result<Era, Rejection> {
    let Kind::Message(message) = kind else { return Ok(Era::Legacy) };
    if let Some(version) = message.modern_version() {
        return Ok(if version::is_legacy(version) { Era::Legacy } else { Era::Modern });
    }
    let named = standard(client).protocol_version.value().unwrap_or_default();
    if version::is_modern(named) && message.is_request() && message.method_name() != "initialize" {
        return Err(Rejection::new(
            Code::InvalidParams,
            "params._meta lacks io.modelcontextprotocol/protocolVersion",
        ));
    }
    Ok(Era::Legacy)
}

fn check_modern<'a>(
    client: &Client,
    request: Request<'a>,
    exchange: &mut Exchange,
) -> Result<Request<'a>, Rejection> {
    let Some(message) = request.message() else { return Ok(request) };
    let requested = message.modern_version().unwrap_or_default();
    let headers = standard(client);
    header::check(&headers, message, requested)
        .map_err(|reason| Rejection::new(Code::HeaderMismatch, reason))?;
    let Some(version) = version::known(requested).filter(|version| version::is_modern(version)) else {
        return Err(Rejection::new(
            Code::UnsupportedVersion,
            format!("protocol version {requested:?} is not supported"),
        )
        .with("supported", json!(version::MODERN))
        .with("requested", requested));
    };
    if message.is_response {
        return Err(Rejection::new(Code::InvalidMessage, "a client of this version posts no responses"));
    }
    exchange.protocol_version = Some(version);
    Ok(request)
}

fn check_legacy<'a>(
    client: &Client,
    mut request: Request<'a>,
    server: Option<&Server>,
    principal: &Principal,
    snapshot: &Snapshot,
    exchange: &mut Exchange,
) -> Result<Request<'a>, Rejection> {
    if request.is_initialize() {
        let requested =
            request.message().and_then(|message| message.params.as_ref()?.protocol_version.as_deref());
        exchange.protocol_version = requested.and_then(version::known);
        return Ok(request);
    }
    let named = match standard(client).protocol_version {
        Single::Value(named) if version::known(named).is_none() => {
            return Err(Rejection::new(
                Code::InvalidRequest,
                format!("MCP-Protocol-Version {named:?} is not supported"),
            ));
        }
        other => other.value().and_then(version::known),
    };
    let Some(token) = client.header(header::SESSION_ID) else {
        // A stream or its end needs a session; what is left needs one only if the upstream says so (R1.18, R3.15).
        return match request.kind {
            Kind::Message(_) => {
                exchange.protocol_version = named;
                Ok(request)
            }
            Kind::Stream | Kind::EndSession => Err(method_not_allowed("POST")),
        };
    };
    let session = snapshot
        .token_keys
        .open::<Session>(principal.id, exchange.now_ms(), token)
        .filter(|session| session.is_of(server.map(|server| server.id)))
        .ok_or_else(unknown_session)?;
    exchange.protocol_version = Some(named.unwrap_or(session.version.name()));
    let digest = sessions::digest_of(token);
    exchange.session = Some(hex::encode(digest).into());
    request.upstream_session = session.upstream_id().map(str::to_owned);
    request.session = Some((session, digest));
    Ok(request)
}

/// Another principal's, another endpoint's, ended or made up: nobody is told which (R3.2).
pub(crate) fn unknown_session() -> Rejection {
    Rejection::new(Code::SessionNotFound, "this session is not known; initialize again")
}

/// The arguments that a modern client repeats in headers (R2.5). Once it is clear that the tool is there for this
/// principal: its schema must not tell otherwise.
pub(crate) fn check_parameters(
    client: &Client,
    server: &Server,
    request: &Request<'_>,
) -> Result<(), Rejection> {
    let Some(tool) = request.tool().filter(|_| request.era == Era::Modern) else { return Ok(()) };
    let arguments = request.message().and_then(|message| message.params.as_ref()?.arguments);
    header_parameter::check(server.header_parameters(tool), arguments, client.headers())
        .map_err(|reason| Rejection::new(Code::HeaderMismatch, reason))
}

/// What a span says of the message.
fn describe(message: &Message<'_>, exchange: &mut Exchange, client: &Client) {
    exchange.trace = TraceContext::of(
        Some(message),
        client.header("traceparent"),
        client.header("tracestate"),
        FreshIds::draw(),
    );
    let Some(params) = &message.params else { return };
    exchange.tool = params.name.as_deref().filter(|_| message.method() == Method::ToolsCall).map(shortened);
    exchange.input_bytes = params.arguments.map_or(0, |arguments| arguments.get().len() as u64);
    if let Some(info) = params.meta.as_ref().and_then(|meta| meta.client.as_ref()) {
        exchange.client_name = info.name.as_deref().map(shortened);
        exchange.client_version = info.version.as_deref().map(shortened);
    }
}

fn shortened(text: &str) -> Box<str> {
    if text.len() <= 255 { text.into() } else { text.chars().take(255).collect::<String>().into() }
}

fn standard(client: &Client) -> Standard<'_> {
    let single = |name: &str| {
        let mut values = client.headers().get_all(name).iter().map(http::HeaderValue::as_bytes);
        Single::<'_>::of(&mut values)
    };
    Standard {
        protocol_version: single(header::PROTOCOL_VERSION),
        method: single(header::METHOD),
        name: single(header::NAME),
    }
}

fn invalid(reason: Invalid) -> Rejection {
    match reason {
        Invalid::Json => Rejection::new(Code::ParseError, "the body is not JSON"),
        Invalid::TooDeep => {
            Rejection::new(Code::InvalidMessage, "the body is nested more than 64 levels deep")
        }
        Invalid::Batch => {
            Rejection::new(Code::InvalidMessage, "batches are not accepted; send one message a request")
        }
        Invalid::NotAMessage(reason) => Rejection::new(Code::InvalidMessage, reason),
    }
}

pub(crate) fn method_not_allowed(allowed: &'static str) -> Rejection {
    Rejection::new(Code::MethodNotAllowed, "this method is not allowed here").with("allow", allowed)
}
