//! MCP for scripts: plain JSON in, the MCP result out (contract 2.3), over the same stages as MCP itself.

pub(crate) mod stream;

use std::sync::Arc;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use self::stream::Stream;
use super::{
    answer, ask, authorize,
    clear::{self, Cleared},
    decode::{self, Kind, Request},
    limit,
    route::Operation,
};
use crate::{
    exchange::{Exchange, stages::Stage},
    gateway::{Client, Gone},
    mcp::{
        header_parameter,
        message::Message,
        session::{Endpoint, Session},
        version::{self, Era, Version},
    },
    principal::Principal,
    rejection::{Code, Rejection},
    server::Gateway,
    sessions::Digest,
    snapshot::Snapshot,
    upstream::{
        Server,
        own::{Fault, Leg, Own},
    },
};

const LEGACY_VERSION: Version = Version::NEWEST_LEGACY;
/// What we say of ourselves to a server that wants a handshake.
const CLIENT: &str = concat!(
    r#""capabilities":{},"clientInfo":{"name":"gatewayops-rest","version":""#,
    env!("CARGO_PKG_VERSION"),
    r#""}"#
);

/// What a script may send.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Input<'a> {
    #[serde(alias = "tool")]
    name: Option<String>,
    uri: Option<String>,
    cursor: Option<String>,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
    #[serde(borrow)]
    meta: Option<&'a RawValue>,
}

/// A JSON-RPC answer, as far as a script is concerned.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    error: Option<Value>,
}

pub(crate) async fn serve(
    gateway: &Gateway,
    client: &mut Client,
    operation: &Operation,
    snapshot: &Snapshot,
    principal: &Arc<Principal>,
    exchange: &mut Exchange,
) -> Result<(), Rejection> {
    match operation {
        Operation::ListServers => list_servers(gateway, client, snapshot, principal, exchange).await,
        Operation::Call { server, method } => {
            let server = authorize::server(snapshot, principal, server, exchange)?;
            exchange.operation = (*method).into();
            let body = decode::body(gateway, client, server.limits.max_request_bytes, exchange).await?;
            let facade = Facade { gateway, server, snapshot, principal, method };
            facade.call(client, &body, exchange).await
        }
    }
}

async fn list_servers(
    gateway: &Gateway,
    client: &mut Client,
    snapshot: &Snapshot,
    principal: &Principal,
    exchange: &mut Exchange,
) -> Result<(), Rejection> {
    if client.method() != http::Method::GET {
        return Err(decode::method_not_allowed("GET"));
    }
    exchange.operation = "servers/list".into();
    exchange.timed(Stage::Authorize, |_| authorize::look(principal))?;
    let servers: Vec<_> = snapshot
        .servers_of(principal.org)
        .into_iter()
        .filter(|server| server.enabled && principal.reaches(server))
        .map(|server| {
            json!({
                "name": &*server.name,
                "display_name": server.display_name,
                "description": server.description,
                "health": if server.health.is_empty() { "unknown" } else { &server.health },
                "tool_count": server.tool_count(),
            })
        })
        .collect();
    answer::respond(gateway, client, exchange, json!({ "servers": servers }).to_string().into()).await
}

struct Facade<'a> {
    gateway: &'a Gateway,
    server: Arc<Server>,
    snapshot: &'a Snapshot,
    principal: &'a Arc<Principal>,
    method: &'static str,
}

impl Facade<'_> {
    async fn call(
        &self,
        client: &mut Client,
        body: &Bytes,
        exchange: &mut Exchange,
    ) -> Result<(), Rejection> {
        let input = self.input(client, body)?;
        let era = if version::is_legacy(&self.server.protocol_version) { Era::Legacy } else { Era::Modern };
        let is_wanted = self.wants_stream(client);
        let token = is_wanted.then(|| exchange.id.to_string());
        let params = self.params(&input, era, token.as_deref())?;
        let message = Bytes::from(format!(
            r#"{{"jsonrpc":"2.0","id":"{}","method":"{}","params":{params}}}"#,
            exchange.id, self.method
        ));
        let parsed = Message::parse(&message).map_err(|_| {
            Rejection::new(Code::InvalidParams, "meta must be an object without protocol members")
        })?;
        exchange.tool = input.name.as_deref().filter(|_| self.method == "tools/call").map(Into::into);
        exchange.input_bytes = input.arguments.map_or(0, |arguments| arguments.get().len() as u64);
        let mut request = Request::new(era, Kind::Message(parsed), &message);
        request.headers = Some(self.headers(&request));
        let (server, tool) = (Some(&*self.server.name), request.tool_called());
        limit::message(self.gateway, self.snapshot, self.principal, &request, server, tool, exchange).await?;
        let permit = exchange
            .timed(Stage::Authorize, |_| authorize::message(self.principal, &self.server, &request))?;
        let cleared =
            clear::clear(self.gateway, client, permit, &mut request, self.snapshot, exchange).await?;
        let own = Own { gateway: self.gateway, server: &self.server };
        if era == Era::Legacy {
            let session = self.open_session(own, exchange).await?;
            request.upstream_session = session.as_ref().and_then(|s| s.upstream_id().map(str::to_owned));
            request.session = session.map(|session| (session, Digest::default()));
        }
        let stream = Stream { gateway: self.gateway, is_wanted };
        let served = match self.ask(&stream, client, &cleared, &request, exchange).await {
            // A client that leaves right now has its answer already.
            Ok(Some(result)) if stream.is_wanted => {
                let _: Result<(), Gone> = stream.result(client, exchange, &result).await;
                Ok(())
            }
            Ok(Some(result)) => answer::respond(self.gateway, client, exchange, result.into()).await,
            Ok(None) => Ok(()),
            Err(rejection) => stream.error(client, exchange, rejection).await,
        };
        if let Some(session) = request.upstream_session() {
            own.end_session(LEGACY_VERSION, session).await;
        }
        served
    }

    /// Calls may take long; nothing else has progress.
    fn wants_stream(&self, client: &Client) -> bool {
        self.method == "tools/call"
            && client.header("accept").is_some_and(|accept| accept.contains("text/event-stream"))
    }

    fn input<'b>(&self, client: &Client, body: &'b Bytes) -> Result<Input<'b>, Rejection> {
        let invalid = |message: String| Rejection::new(Code::InvalidParams, message);
        let is_list = self.method.ends_with("/list");
        let input = match client.method().as_str() {
            "GET" if is_list => {
                let cursor = client
                    .query()
                    .and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("cursor=")));
                Input { cursor: cursor.map(str::to_owned), ..Input::default() }
            }
            "POST" if body.is_empty() => Input::default(),
            "POST" => {
                if let Err(error) = serde_json::from_slice::<serde::de::IgnoredAny>(body) {
                    return Err(Rejection::new(Code::ParseError, format!("the body is not JSON: {error}")));
                }
                serde_json::from_slice(body).map_err(|error| invalid(format!("the body: {error}")))?
            }
            _ => return Err(decode::method_not_allowed(if is_list { "GET, POST" } else { "POST" })),
        };
        let missing = match self.method {
            "tools/call" | "prompts/get" if input.name.is_none() => "name",
            "resources/read" if input.uri.is_none() => "uri",
            _ => return Ok(input),
        };
        Err(invalid(format!("{missing} is missing"))
            .with("fields", json!([{ "field": missing, "code": "required", "message": "is missing" }])))
    }

    /// `params` of the message; arguments stay as they were written. `token` is for progress, if it is wanted.
    fn params(&self, input: &Input<'_>, era: Era, token: Option<&str>) -> Result<String, Rejection> {
        let mut members = Vec::new();
        for (name, value) in [("name", &input.name), ("uri", &input.uri), ("cursor", &input.cursor)] {
            if let Some(value) = value {
                members.push(format!(r#""{name}":{}"#, Value::from(value.as_str())));
            }
        }
        if matches!(self.method, "tools/call" | "prompts/get") {
            members.push(format!(r#""arguments":{}"#, input.arguments.map_or("{}", RawValue::get)));
        }
        let own = match era {
            Era::Modern => format!(
                r#""io.modelcontextprotocol/protocolVersion":"{}","io.modelcontextprotocol/clientInfo":{{"name":"gatewayops-rest","version":"{}"}},"io.modelcontextprotocol/clientCapabilities":{{}}"#,
                version::MODERN[0],
                env!("CARGO_PKG_VERSION"),
            ),
            Era::Legacy => String::new(),
        };
        let given = input.meta.map_or("{}", RawValue::get).trim();
        let inner = given
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'))
            .ok_or_else(|| Rejection::new(Code::InvalidParams, "meta must be an object"))?
            .trim();
        // Servers tell of progress only to those who ask for it.
        let token = token.filter(|_| !inner.contains(r#""progressToken""#));
        let token = token.map_or_else(String::new, |token| format!(r#""progressToken":"{token}""#));
        let meta: Vec<_> = [&*own, &*token, inner].into_iter().filter(|part| !part.is_empty()).collect();
        members.push(format!(r#""_meta":{{{}}}"#, meta.join(",")));
        Ok(format!("{{{}}}", members.join(",")))
    }

    fn headers(&self, request: &Request<'_>) -> String {
        let params = request.message().and_then(|message| message.params.as_ref());
        let named = params.and_then(|params| params.name.as_deref().or(params.uri.as_deref()));
        if request.era == Era::Legacy {
            return Leg::Legacy { version: LEGACY_VERSION, session: None }.headers(self.method, None);
        }
        let mut lines = Leg::Modern.headers(self.method, named);
        let declared = self.server.header_parameters(request.tool().unwrap_or_default());
        lines += &header_parameter::mirror(declared, params.and_then(|params| params.arguments));
        lines
    }

    /// Sends and reads the whole answer; None if the client went away.
    async fn ask(
        &self,
        stream: &Stream<'_>,
        client: &mut Client,
        cleared: &Cleared,
        request: &Request<'_>,
        exchange: &mut Exchange,
    ) -> Result<Option<String>, Rejection> {
        let Some(text) = ask::whole(stream, client, cleared, request, exchange).await? else {
            return Ok(None);
        };
        let answer: Answer<'_> =
            serde_json::from_str(&text).map_err(|_| self.server.failed(true, "no answer"))?;
        match (answer.result, answer.error) {
            (Some(result), _) => Ok(Some(result.get().to_owned())),
            (None, error) => Err(upstream_error(&self.server, error.unwrap_or_default())),
        }
    }

    /// A session for this one call: legacy servers answer nothing without (R3.15: some do).
    async fn open_session(&self, own: Own<'_>, exchange: &Exchange) -> Result<Option<Session>, Rejection> {
        let faulty = |fault: Fault| fault.to_rejection(&self.server);
        let opened = own.initialize(LEGACY_VERSION, CLIENT).await.map_err(faulty)?;
        Ok(opened.session.map(|upstream_id| Session {
            endpoint: Endpoint::Server { server: self.server.id, upstream_id },
            version: opened.version,
            takes_urls: false,
            expires_at_ms: self.gateway.sessions.expiry(exchange.now_ms()),
        }))
    }
}

/// The server's own JSON-RPC error as a script sees it (contract 2.3).
fn upstream_error(server: &Server, error: Value) -> Rejection {
    let message = error["message"].as_str().unwrap_or("the server answered with an error").to_owned();
    match error["code"].as_i64() {
        Some(-32602) => Rejection::new(Code::InvalidParams, message),
        Some(-32601) => Rejection::new(Code::NotFound, message),
        _ => Rejection::new(Code::UpstreamError, message)
            .with("mcp_server", &*server.name)
            .with("reason", "json-rpc error")
            .with("jsonrpc", error),
    }
}
