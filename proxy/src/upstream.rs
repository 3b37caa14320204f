//! MCP servers as we call them: where they are, what they may cost, how much they can take.
//!
//! A [`Server`] is rebuilt whenever the control plane changes it; its [`Runtime`] (breaker, load) lives on.

use std::{collections::HashMap, sync::Arc, time::Duration};

use gatewayops_proto::{control as proto, glob, money::Price, tool_policy::State};
use pingora::{
    tls::{pkey::PKey, x509::X509},
    utils::tls::CertKey,
};
use uuid::Uuid;

use crate::{
    catalogue::{self, Entry, facts::Facts, pins::Pins, schema::Schema},
    mcp::header_parameter::HeaderParameter,
    snapshot::from_proto::id,
    telemetry::payload::Capture,
};

pub(crate) mod address;
pub(crate) mod attempts;
pub(crate) mod breaker;
pub(crate) mod connection;
pub(crate) mod credential;
pub(crate) mod era;
pub(crate) mod fault;
pub(crate) mod load;
pub(crate) mod own;
pub(crate) mod presence;
pub(crate) mod request;
pub(crate) mod send;

use address::Address;
use breaker::Breaker;
use credential::Credential;
use era::Eras;
use load::Load;
use presence::Presence;

pub(crate) struct Server {
    pub(crate) id: Uuid,
    pub(crate) org: Uuid,
    pub(crate) name: Arc<str>,
    pub(crate) display_name: String,
    pub(crate) description: String,
    pub(crate) health: String,
    pub(crate) enabled: bool,
    pub(crate) address: Address,
    /// Every request's head from behind the method: path, host and the headers that never change.
    head: String,
    pub(crate) credential: Credential,
    pub(crate) limits: Limits,
    /// What is kept of its calls. None: as the organization says.
    pub(crate) capture: Option<Capture>,
    pub(crate) protocol_version: String,
    /// The most specific price first: exact names, then longer globs, then the server's own.
    prices: Vec<ToolPrice>,
    tools: HashMap<String, Tool>,
    pub(crate) runtime: Arc<Runtime>,
    /// What the server at this address speaks.
    pub(crate) eras: Arc<Eras>,
    url: String,
}

/// What outlives a change of the server's configuration.
#[derive(Default)]
pub(crate) struct Runtime {
    pub(crate) breaker: Breaker,
    pub(crate) load: Load,
    pub(crate) presence: Presence,
    pub(crate) pins: Pins,
    pub(crate) facts: Facts,
}

pub(crate) struct Limits {
    pub(crate) timeout: Duration,
    pub(crate) stream_idle_timeout: Duration,
    pub(crate) max_concurrency: u32,
    pub(crate) max_request_bytes: u64,
    pub(crate) max_response_bytes: u64,
    pub(crate) max_retries: u32,
    pub(crate) retry_backoff: Duration,
    pub(crate) breaker: breaker::Limits,
}

struct ToolPrice {
    tool: String,
    id: Option<Uuid>,
    price: Price,
}

struct Tool {
    repeatable: bool,
    header_parameters: Vec<HeaderParameter>,
    entry: Entry,
    has_strict_output: bool,
    schema: Option<Schema>,
}

impl Tool {
    fn from_proto(message: &proto::Tool) -> Self {
        let header_parameters =
            message.header_parameters.iter().filter_map(HeaderParameter::from_proto).collect();
        let entry = Entry {
            state: State::of_status(&message.status),
            destructive: message.destructive,
            approved: catalogue::hash_of(&message.definition_hash),
            seen: catalogue::hash_of(&message.seen_hash),
        };
        let has_strict_output = message.strict_output;
        let schema = Schema::of(&message.input_schema);
        Self { repeatable: message.repeatable, header_parameters, entry, has_strict_output, schema }
    }
}

impl Server {
    /// # Errors
    /// What of the message cannot be used.
    pub(crate) fn from_proto(message: &proto::Server, previous: Option<&Self>) -> Result<Self, String> {
        let uri: http::Uri = message.url.parse().map_err(|_| format!("{:?} is no URL", message.url))?;
        let tls = message.tls.clone().unwrap_or_default();
        let connect_timeout = millis(message.connect_timeout_ms, 2_000);
        let address = Address::new(&uri, connect_timeout, tls_options(&message.id, &tls)?)?;
        Ok(Self {
            id: id(&message.id).ok_or("it has no id")?,
            org: id(&message.org_id).ok_or("it has no organization")?,
            name: message.name.as_str().into(),
            display_name: message.display_name.clone(),
            description: message.description.clone(),
            health: message.health.clone(),
            enabled: message.enabled,
            head: head(&uri, &address),
            address,
            credential: Credential::from_proto(
                message.auth.as_ref(),
                &message.url,
                previous.map(|server| &server.credential),
            )?,
            limits: Limits::from_proto(message),
            capture: Capture::named(&message.payload_capture),
            protocol_version: message.protocol_version.clone(),
            prices: prices(&message.prices)?,
            tools: message.tools.iter().map(|tool| (tool.name.clone(), Tool::from_proto(tool))).collect(),
            runtime: previous.map(|server| server.runtime.clone()).unwrap_or_default(),
            eras: previous
                .filter(|server| server.url == message.url)
                .map(|server| server.eras.clone())
                .unwrap_or_default(),
            url: message.url.clone(),
        })
    }

    /// What a call of the tool costs, and which price says so. Other methods cost what the server's default says.
    pub(crate) fn price(&self, tool: &str) -> (Price, Option<Uuid>) {
        self.prices
            .iter()
            .find(|price| price.tool.is_empty() || glob::matches(&price.tool, tool))
            .map_or_else(Default::default, |found| (found.price, found.id))
    }

    /// Whether the approved definition of the tool says that calling it again does no harm (contract 3.6).
    pub(crate) fn may_repeat(&self, tool: &str) -> bool {
        self.tools.get(tool).is_some_and(|tool| tool.repeatable)
    }

    /// The arguments that the tool wants to see in headers as well; none of a tool we do not know.
    pub(crate) fn header_parameters(&self, tool: &str) -> &[HeaderParameter] {
        self.tools.get(tool).map_or(&[], |tool| &tool.header_parameters)
    }

    /// What is known of a tool, and of what passed through here of it.
    pub(crate) fn entry(&self, tool: &str) -> Entry {
        self.catalogued(tool).judged(tool, &self.runtime.pins)
    }

    /// What the control plane knows of it.
    pub(crate) fn catalogued(&self, tool: &str) -> Entry {
        self.tools.get(tool).map_or(Entry::UNKNOWN, |tool| tool.entry)
    }

    /// Whether its answers have a form that a marker in a string may break (R10.5).
    pub(crate) fn has_strict_output(&self, tool: &str) -> bool {
        self.tools.get(tool).is_some_and(|tool| tool.has_strict_output)
    }

    /// What it says of its arguments.
    pub(crate) fn schema(&self, tool: &str) -> Option<&Schema> {
        self.tools.get(tool)?.schema.as_ref()
    }

    /// What the catalogue calls its tools.
    pub(crate) fn tool_names(&self) -> impl Iterator<Item = &str> {
        self.tools.keys().map(String::as_str)
    }

    pub(crate) fn tool_count(&self) -> usize {
        self.tools.len()
    }
}

impl Limits {
    fn from_proto(message: &proto::Server) -> Self {
        Self {
            timeout: millis(message.timeout_ms, 30_000),
            stream_idle_timeout: millis(message.stream_idle_timeout_ms, 300_000),
            max_concurrency: if message.max_concurrency == 0 { 256 } else { message.max_concurrency },
            max_request_bytes: if message.max_request_bytes == 0 {
                1 << 20
            } else {
                message.max_request_bytes
            },
            max_response_bytes: if message.max_response_bytes == 0 {
                10 << 20
            } else {
                message.max_response_bytes
            },
            max_retries: message.max_retries.min(5),
            retry_backoff: millis(message.retry_backoff_ms, 100),
            breaker: breaker::Limits {
                failures: message.breaker_failures.max(1),
                window: Duration::from_secs(u64::from(message.breaker_window_seconds.max(1))),
                open: Duration::from_secs(u64::from(message.breaker_open_seconds.max(1))),
                probes: message.breaker_probes.max(1),
            },
        }
    }
}

fn head(uri: &http::Uri, address: &Address) -> String {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    format!(" {path} HTTP/1.1\r\nhost: {}\r\nuser-agent: GatewayOps\r\n", address.authority())
}

fn millis(value: u32, default: u64) -> Duration {
    Duration::from_millis(if value == 0 { default } else { u64::from(value) })
}

fn prices(messages: &[proto::Price]) -> Result<Vec<ToolPrice>, String> {
    let amount = |text: &str| {
        if text.is_empty() {
            Ok(Default::default())
        } else {
            text.parse().map_err(|_| format!("{text:?} is no price"))
        }
    };
    let mut prices = messages
        .iter()
        .map(|message| {
            Ok(ToolPrice {
                tool: message.tool_name.clone(),
                id: id(&message.id),
                price: Price {
                    per_call: amount(&message.per_call)?,
                    per_input_token: amount(&message.per_input_token)?,
                    per_output_token: amount(&message.per_output_token)?,
                },
            })
        })
        .collect::<Result<Vec<_>, String>>()?;
    prices.sort_by_key(|price| {
        let literal = price.tool.bytes().filter(|byte| *byte != b'*').count();
        (price.tool.is_empty(), price.tool.contains('*'), std::cmp::Reverse(literal))
    });
    Ok(prices)
}

fn tls_options(server: &[u8], message: &proto::UpstreamTls) -> Result<address::Tls, String> {
    let stack =
        |pem: &str, what| X509::stack_from_pem(pem.as_bytes()).map_err(|_| format!("{what} is no PEM"));
    let ca = if message.ca_pem.is_empty() { None } else { Some(stack(&message.ca_pem, "tls.ca_pem")?) };
    let client = if message.client_cert_pem.is_empty() {
        None
    } else {
        let certificates = stack(&message.client_cert_pem, "tls.client_cert_pem")?;
        let key = PKey::private_key_from_pem(message.client_key_pem.as_bytes())
            .map_err(|_| "tls.client_key_pem is no PEM key".to_owned())?;
        if certificates.is_empty() {
            return Err("tls.client_cert_pem has no certificate".into());
        }
        Some(Arc::new(CertKey::new(certificates, key)))
    };
    Ok(address::Tls {
        ca: ca.map(|ca| Arc::new(ca.into_boxed_slice())),
        client,
        server_name: (!message.server_name.is_empty()).then(|| message.server_name.clone()),
        verify: !message.insecure_skip_verify,
        // Connections are never shared between servers: their credentials and trust differ.
        pool: server.iter().fold(0u64, |hash, byte| hash.rotate_left(5) ^ u64::from(*byte)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> proto::Server {
        proto::Server {
            id: vec![1; 16].into(),
            org_id: vec![2; 16].into(),
            name: "demo".into(),
            url: "http://127.0.0.1:3102/mcp?x=1".into(),
            prices: [("", "0.001"), ("get_*", "0.002"), ("get_all*", "0.003"), ("get_one", "0.004")]
                .map(|(tool, per_call)| proto::Price {
                    tool_name: tool.into(),
                    per_call: per_call.into(),
                    ..Default::default()
                })
                .into(),
            ..Default::default()
        }
    }

    #[test]
    fn the_most_specific_price_holds() {
        let server = Server::from_proto(&message(), None).unwrap();
        for (tool, cost) in
            [("x", "0.001000"), ("get_x", "0.002000"), ("get_all_x", "0.003000"), ("get_one", "0.004000")]
        {
            assert_eq!(server.price(tool).0.cost(1, 1).to_string(), cost, "{tool}");
        }
    }

    #[test]
    fn breaker_and_load_outlive_a_change() {
        let first = Server::from_proto(&message(), None).unwrap();
        let second = Server::from_proto(&message(), Some(&first)).unwrap();
        assert!(Arc::ptr_eq(&first.runtime, &second.runtime));
        assert!(second.head.starts_with(" /mcp?x=1 HTTP/1.1\r\nhost: 127.0.0.1:3102\r\n"));
    }

    #[test]
    fn a_server_that_cannot_be_reached_as_told_is_refused_with_the_reason() {
        for (url, reason) in [("nowhere", "scheme"), ("ftp://a", "scheme"), ("http://", "URL")] {
            let error =
                Server::from_proto(&proto::Server { url: url.into(), ..message() }, None).err().unwrap();
            assert!(error.contains(reason), "{url}: {error}");
        }
        let tls = proto::UpstreamTls { client_cert_pem: "nonsense".into(), ..Default::default() };
        let error = Server::from_proto(&proto::Server { tls: Some(tls), ..message() }, None).err().unwrap();
        assert!(error.contains("PEM"), "{error}");
    }
}
