//! What concerns one server: found by name or URI, rewritten for it, then called like on its own endpoint.

use std::{borrow::Cow, sync::Arc};

use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;

use super::Federated;
use crate::{
    exchange::{Exchange, stages::Stage},
    federation::{list, mapping::Mapping, name, uri},
    gateway::Client,
    mcp::{header, header_parameter, json, message::Message, version::Era},
    pipeline::{
        authorize, call, clear,
        decode::{self, Kind, Request, Round},
        limit,
        state::{self, Brought},
    },
    rejection::{Code, Rejection},
    upstream::{Server, own::Leg},
};

/// Whom a request concerns, and how it is said to that server.
struct Target {
    server: String,
    path: &'static [&'static str],
    own: String,
}

#[derive(Deserialize)]
struct Completion<'a> {
    #[serde(borrow, rename = "ref")]
    reference: Reference<'a>,
}

#[derive(Deserialize)]
struct Reference<'a> {
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    uri: Option<Cow<'a, str>>,
}

impl Federated<'_> {
    pub(super) async fn call(
        &self,
        client: &mut Client,
        request: &Request<'_>,
        exchange: &mut Exchange,
    ) -> Result<(), Rejection> {
        let Some(message) = request.message() else { return Ok(()) };
        let named = named(message)?;
        let exposed = &*named;
        let unknown = || unknown(message.method_name(), exposed);
        let target = self.target(request, message.method_name(), exposed).await.ok_or_else(unknown)?;
        let tool = (message.method_name() == "tools/call").then_some(&*target.own);
        let (snapshot, principal) = (self.snapshot, self.principal);
        limit::message(self.gateway, snapshot, principal, request, Some(&target.server), tool, exchange)
            .await?;
        let server = authorize::server(self.snapshot, self.principal, &target.server, exchange)
            .map_err(|_| unknown())?;
        exchange.tool = exchange.tool.take().map(|_| target.own.as_str().into());

        let mut body = rewritten(request.body, in_body(&named), &target)?;
        let mut round = Round::First;
        if message.params.as_ref().is_some_and(|params| params.request_state.is_some()) {
            (body, round) = self.unsealed(&server, body)?;
        }
        let addressed = parsed(&body)?;
        let result = match message.method_name() {
            "tools/call" => Some(uri::Kind::ToolResult),
            "prompts/get" => Some(uri::Kind::PromptResult),
            "resources/read" => Some(uri::Kind::ReadResult),
            _ => None,
        };
        let mut outgoing = Request::new(self.era, Kind::Message(addressed), &body);
        outgoing.round = round;
        outgoing.mapping = Some(Mapping { result, era: self.era });
        outgoing.session = request.session.clone();
        let permit = exchange.timed(Stage::Authorize, |_| {
            authorize::message(self.principal, &server, &outgoing).map_err(|rejection| {
                // Under the name that the caller knows.
                if rejection.code == Code::UnknownTool { unknown() } else { rejection }
            })
        })?;
        decode::check_parameters(client, &server, &outgoing)?;
        match self.era {
            Era::Modern => outgoing.headers = Some(modern_headers(client, &server, &outgoing)),
            Era::Legacy => self.join_session(request, &server, &mut outgoing).await?,
        }
        let cleared =
            clear::clear(self.gateway, client, permit, &mut outgoing, self.snapshot, exchange).await?;
        call::call(self.gateway, client, cleared, &outgoing, self.snapshot, exchange).await
    }

    /// The body with what it brings back as the server knows it.
    fn unsealed(&self, server: &Server, body: Bytes) -> Result<(Bytes, Round), Rejection> {
        let addressed = parsed(&body)?;
        let brought = state::unsealed(self.snapshot, self.principal, self.now_ms, server, &body, &addressed)?;
        Ok(match brought {
            Brought::Nothing => (body, Round::First),
            Brought::Servers(unsealed, sealed) => (unsealed, Round::Servers(sealed)),
            Brought::Ours(without) => (without, Round::FromPage),
        })
    }

    /// The server and its own name for what the client named: a look-up among the servers there are (R5.2).
    async fn target(&self, request: &Request<'_>, method: &str, exposed: &str) -> Option<Target> {
        let (by_uri, path): (bool, &'static [&'static str]) = match method {
            "tools/call" | "prompts/get" => (false, &["params", "name"]),
            "completion/complete" if uri::inward(exposed).is_some() => (true, &["params", "ref", "uri"]),
            "completion/complete" => (false, &["params", "ref", "name"]),
            _ => (true, &["params", "uri"]),
        };
        let found = if by_uri {
            uri::inward(exposed).map(|(server, own)| (server.to_owned(), own.into_owned()))
        } else {
            let kind = if method == "tools/call" { list::Kind::Tools } else { list::Kind::Prompts };
            if kind == list::Kind::Tools
                && let Some(server) = self.names().owner(exposed)
            {
                return Some(Target { server: server.to_owned(), path, own: exposed.to_owned() });
            }
            let cut =
                if name::may_be_cut(exposed) { self.cut_name(request, kind, exposed).await } else { None };
            cut.or_else(|| name::inward(exposed).map(|(server, own)| (server.to_owned(), own.to_owned())))
        };
        found.map(|(server, own)| Target { server, path, own })
    }

    /// In the client's own session at the server, which is opened if there is none.
    async fn join_session(
        &self,
        request: &Request<'_>,
        server: &Arc<Server>,
        outgoing: &mut Request<'_>,
    ) -> Result<(), Rejection> {
        let holder = self.holder(request).ok_or_else(decode::unknown_session)?;
        let opened = self.gateway.federation.sessions.open(holder, self.own(server)).await;
        let upstream = opened.map_err(|fault| fault.to_rejection(server))?;
        outgoing.headers = Some(Leg::Legacy { version: upstream.version, session: None }.headers("", None));
        outgoing.upstream_session = upstream.id;
        Ok(())
    }
}

/// The name or URI by which the client means something of one server; borrowed where it stands in the body as it reads.
fn named<'a>(message: &'a Message<'_>) -> Result<Cow<'a, str>, Rejection> {
    let missing = |name: &str| Rejection::new(Code::InvalidParams, format!("params.{name} is missing"));
    let params = message.params.as_ref();
    match message.method_name() {
        "tools/call" | "prompts/get" => {
            params.and_then(|params| as_written(&params.name)).ok_or_else(|| missing("name"))
        }
        "completion/complete" => {
            let completion =
                params.and_then(|params| serde_json::from_str::<Completion<'_>>(params.raw).ok());
            let reference = completion.ok_or_else(|| missing("ref"))?.reference;
            reference.name.or(reference.uri).ok_or_else(|| missing("ref.name"))
        }
        _ => params.and_then(|params| as_written(&params.uri)).ok_or_else(|| missing("uri")),
    }
}

/// Exactly as if it did not exist, whether it does or not (R10.2).
fn unknown(method: &str, exposed: &str) -> Rejection {
    match method {
        "tools/call" => Rejection::new(Code::UnknownTool, format!("Unknown tool: {exposed}")),
        "prompts/get" => Rejection::new(Code::UnknownItem, format!("Unknown prompt: {exposed}")),
        "completion/complete" => Rejection::new(Code::UnknownItem, format!("Unknown reference: {exposed}")),
        _ => Rejection::new(Code::UnknownItem, format!("Unknown resource: {exposed}")).with("uri", exposed),
    }
}

fn as_written<'a>(text: &'a Option<Cow<'_, str>>) -> Option<Cow<'a, str>> {
    match text.as_ref()? {
        Cow::Borrowed(text) => Some(Cow::Borrowed(text)),
        Cow::Owned(text) => Some(Cow::Owned(text.clone())),
    }
}

/// Where it stands in the body as it reads.
fn in_body<'a>(named: &Cow<'a, str>) -> Option<&'a str> {
    if let Cow::Borrowed(text) = named { Some(text) } else { None }
}

/// The body with the server's own name of what the client named.
fn rewritten(body: &Bytes, named: Option<&str>, target: &Target) -> Result<Bytes, Rejection> {
    let own = Value::from(target.own.as_str()).to_string();
    match named {
        Some(named) => Ok(json::with_part(body, named, &own[1..own.len() - 1]).into()),
        None => decode::replaced(body, target.path, &own),
    }
}

fn parsed(body: &Bytes) -> Result<Message<'_>, Rejection> {
    Message::parse(body).map_err(|_| Rejection::new(Code::InvalidMessage, "the message cannot be read"))
}

/// The headers that say what the rewritten body says (R2.8); parameters that no schema declares go on as they are.
fn modern_headers(client: &Client, server: &Server, request: &Request<'_>) -> String {
    let Some(message) = request.message() else { return String::new() };
    let params = message.params.as_ref();
    let named = params.and_then(|params| params.name.as_deref().or(params.uri.as_deref()));
    let mut lines =
        Leg::Modern.headers(message.method_name(), named.filter(|_| message.method().named_by().is_some()));
    let declared = server.header_parameters(request.tool().unwrap_or_default());
    lines += &header_parameter::mirror(declared, params.and_then(|params| params.arguments));
    for (name, value) in client.headers() {
        let is_declared = || header_parameter::declares(declared, name);
        if name.as_str().starts_with(header::PARAMETER_PREFIX)
            && !is_declared()
            && let Ok(value) = value.to_str()
        {
            for part in [name.as_str(), ": ", value, "\r\n"] {
                lines.push_str(part);
            }
        }
    }
    lines
}
