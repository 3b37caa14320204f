//! MCP for scripts: plain JSON in, the MCP result out (contract 2.3), over the same stages as MCP itself.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use super::{
    answer, ask, authorize, call,
    decode::{self, Kind, Request},
    route::Operation,
};
use crate::{
    exchange::Exchange,
    gateway::Client,
    mcp::{
        header, header_parameter, list,
        message::Message,
        method::Method,
        session::Session,
        version::{self, Era},
    },
    principal::Principal,
    rejection::{Code, Rejection},
    server::Gateway,
    snapshot::Snapshot,
    upstream::Server,
};

const LEGACY_VERSION: &str = "2025-11-25";

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
            let body = decode::body(gateway, client, &server, exchange).await?;
            let facade = Facade { gateway, server, principal, method };
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
    let servers: Vec<_> = snapshot
        .servers_of(principal.org)
        .into_iter()
        .filter(|server| server.enabled && principal.reaches_server(&server.name))
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
    respond(gateway, client, exchange, json!({ "servers": servers }).to_string().into()).await
}

struct Facade<'a> {
    gateway: &'a Gateway,
    server: Arc<Server>,
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
        let params = self.params(&input, era)?;
        let message = Bytes::from(format!(
            r#"{{"jsonrpc":"2.0","id":"{}","method":"{}","params":{params}}}"#,
            exchange.id, self.method
        ));
        let parsed = Message::parse(&message).map_err(|_| {
            Rejection::new(Code::InvalidParams, "meta must be an object without protocol members")
        })?;
        exchange.tool = input.name.as_deref().filter(|_| self.method == "tools/call").map(Into::into);
        exchange.input_bytes = input.arguments.map_or(0, |arguments| arguments.get().len() as u64);
        let mut request =
            Request { era, kind: Kind::Message(parsed), body: &message, session: None, headers: None };
        request.headers = Some(self.headers(&request));
        let permit = authorize::message(self.principal, &self.server, &request)?;
        if era == Era::Legacy {
            request.session = self.open_session(client, exchange).await?;
        }
        let answered = self.ask(client, permit, &request, exchange).await;
        let served = match answered {
            Ok(Some(result)) => respond(self.gateway, client, exchange, result.into()).await,
            Ok(None) => Ok(()),
            Err(rejection) => Err(rejection),
        };
        if let Some(session) = request.session.take() {
            self.end_session(client, session, exchange).await;
        }
        served
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

    /// `params` of the message; arguments stay as they were written.
    fn params(&self, input: &Input<'_>, era: Era) -> Result<String, Rejection> {
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
        let comma = if own.is_empty() || inner.is_empty() { "" } else { "," };
        members.push(format!(r#""_meta":{{{own}{comma}{inner}}}"#));
        Ok(format!("{{{}}}", members.join(",")))
    }

    fn headers(&self, request: &Request<'_>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let mut put = |name: &'static str, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        };
        put("accept", "application/json, text/event-stream");
        if request.era == Era::Legacy {
            put(header::PROTOCOL_VERSION, LEGACY_VERSION);
            return headers;
        }
        put(header::PROTOCOL_VERSION, version::MODERN[0]);
        put(header::METHOD, self.method);
        let params = request.message().and_then(|message| message.params.as_ref());
        if let Some(name) = params.and_then(|params| params.name.as_deref().or(params.uri.as_deref())) {
            put(header::NAME, &header::encode(name));
        }
        let declared = self.server.header_parameters(request.tool().unwrap_or_default());
        headers.extend(header_parameter::mirror(declared, params.and_then(|params| params.arguments)));
        headers
    }

    /// Sends and reads the whole answer; None if the client went away.
    async fn ask(
        &self,
        client: &mut Client,
        permit: authorize::Permit,
        request: &Request<'_>,
        exchange: &mut Exchange,
    ) -> Result<Option<String>, Rejection> {
        let hidden = permit.hidden_tools().filter(|_| request.method() == Method::ToolsList);
        let Some(text) = ask::whole(self.gateway, client, &permit, request, exchange).await? else {
            return Ok(None);
        };
        let text = match hidden.and_then(|admits| list::keep_tools(&text, admits)) {
            Some(kept) => kept,
            None => text,
        };
        let answer: Answer<'_> =
            serde_json::from_str(&text).map_err(|_| call::failed(&self.server, true, "no answer"))?;
        match (answer.result, answer.error) {
            (Some(result), _) => Ok(Some(result.get().to_owned())),
            (None, error) => Err(upstream_error(&self.server, error.unwrap_or_default())),
        }
    }

    /// A session for this one call: legacy servers answer nothing without (R3.15: some do).
    async fn open_session(
        &self,
        client: &mut Client,
        exchange: &mut Exchange,
    ) -> Result<Option<Session>, Rejection> {
        let initialize = json!({ "jsonrpc": "2.0", "id": "initialize", "method": "initialize", "params": {
            "protocolVersion": LEGACY_VERSION,
            "capabilities": {},
            "clientInfo": { "name": "gatewayops-rest", "version": env!("CARGO_PKG_VERSION") },
        }});
        let (_, upstream_id) = self.exchange(client, initialize, None, exchange).await?;
        let session = upstream_id.map(|upstream_id| Session {
            server: self.server.id,
            principal: self.principal.id,
            issued_at_ms: 0,
            version: LEGACY_VERSION,
            upstream_id,
        });
        let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        self.exchange(client, initialized, session.clone(), exchange).await?;
        Ok(session)
    }

    async fn exchange(
        &self,
        client: &mut Client,
        message: Value,
        session: Option<Session>,
        exchange: &mut Exchange,
    ) -> Result<(String, Option<String>), Rejection> {
        let body = Bytes::from(message.to_string());
        let parsed = Message::parse(&body).map_err(|_| call::failed(&self.server, false, "no message"))?;
        let mut request =
            Request { era: Era::Legacy, kind: Kind::Message(parsed), body: &body, session, headers: None };
        request.headers = Some(self.headers(&request));
        ask::handshake(self.gateway, client, &self.server, &request, exchange).await
    }

    /// What goes wrong here is the server's to clean up: the script has its answer.
    async fn end_session(&self, client: &mut Client, session: Session, exchange: &mut Exchange) {
        let body = Bytes::new();
        let mut request = Request {
            era: Era::Legacy,
            kind: Kind::EndSession,
            body: &body,
            session: Some(session),
            headers: None,
        };
        request.headers = Some(self.headers(&request));
        let _ = ask::handshake(self.gateway, client, &self.server, &request, exchange).await;
    }
}

async fn respond(
    gateway: &Gateway,
    client: &mut Client,
    exchange: &mut Exchange,
    body: Bytes,
) -> Result<(), Rejection> {
    exchange.response_bytes = body.len() as u64;
    exchange.outcome.status_code = 200;
    let mut head = answer::head(gateway, client, exchange, 200, "application/json")?;
    let _ = head.insert_header("cache-control", "no-store");
    client.respond(head, body).await;
    Ok(())
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
