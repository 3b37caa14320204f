//! The control plane as an MCP client: it calls a configured server to learn its era, what it says of itself and what
//! it offers (requirements R4.1). It never calls a tool.
//!
//! `visit` is the whole of it: open, read the lists, close.

mod client;
mod connection;
mod credential;
mod event_stream;
mod fault;
#[cfg(test)]
pub(crate) mod fixture;
mod listing;
mod message;
mod probe;
mod sse;
#[cfg(test)]
mod tests;
mod wire;

use std::time::{Duration, Instant};

use reqwest::Url;
use secrecy::SecretString;
use serde_json::{Map, Value};

pub use fault::Fault;
pub(crate) use message::replace_nul;

/// The one modern version there is; a request names it in its `_meta` and in a header.
const MODERN_VERSION: &str = "2026-07-28";
/// What `initialize` offers first, and everything it accepts as an answer.
const LEGACY_VERSIONS: [&str; 4] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];
/// A visit never keeps its caller waiting longer, however many requests it needs.
const VISIT_DEADLINE: Duration = Duration::from_secs(60);
/// One request of a visit: a tool may need minutes, a list may not.
const REQUEST_DEADLINE: Duration = Duration::from_secs(15);

/// A server as it is called.
#[derive(Clone, Debug)]
pub struct Upstream {
    pub url: Url,
    pub transport: Transport,
    pub auth: Auth,
    pub tls: Tls,
    pub connect_timeout: Duration,
    pub timeout: Duration,
    pub max_response_bytes: u64,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Transport {
    StreamableHttp,
    /// HTTP+SSE of 2024-11-05.
    Sse,
}

/// What the server wants to see before it answers.
#[derive(Clone, Debug)]
pub enum Auth {
    None,
    Bearer { token: SecretString },
    Basic { username: String, password: SecretString },
    Header { name: String, value: SecretString },
    ClientCredentials { token_url: Url, client_id: String, client_secret: SecretString, scopes: Vec<String> },
}

/// How a TLS connection differs from the ordinary; `ca_pem` replaces the system's authorities.
#[derive(Clone, Debug, Default)]
pub struct Tls {
    pub ca_pem: Option<String>,
    pub client_cert_pem: Option<String>,
    pub client_key_pem: Option<SecretString>,
    pub server_name: Option<String>,
    pub insecure_skip_verify: bool,
}

/// Whether a PEM text can be what `Tls::ca_pem` has to be.
#[must_use]
pub fn holds_certificates(pem: &str) -> bool {
    reqwest::Certificate::from_pem_bundle(pem.as_bytes()).is_ok_and(|found| !found.is_empty())
}

/// What a server says of itself when it is greeted.
#[derive(Clone, Debug, PartialEq)]
pub struct Greeting {
    pub protocol_version: String,
    pub server_info: Option<Value>,
    pub capabilities: Map<String, Value>,
}

/// How much of a server to read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Extent {
    Tools,
    Everything,
}

/// What a visit found. A list that the server does not offer is empty; one that failed says why.
#[derive(Debug)]
pub struct Visit {
    pub greeting: Greeting,
    pub latency: Duration,
    pub tools: Vec<Value>,
    pub resources: Result<Vec<Value>, Fault>,
    pub templates: Result<Vec<Value>, Fault>,
    pub prompts: Result<Vec<Value>, Fault>,
}

/// Calls the server, reads what it offers and leaves no session behind.
///
/// # Errors
/// The server could not be reached, understood or made to list its tools.
pub async fn visit(upstream: &Upstream, extent: Extent) -> Result<Visit, Fault> {
    tokio::time::timeout(VISIT_DEADLINE, read(upstream, extent)).await.unwrap_or(Err(Fault::Timeout))
}

async fn read(upstream: &Upstream, extent: Extent) -> Result<Visit, Fault> {
    let wire = wire::Wire::new(upstream).await?;
    let started = Instant::now();
    let (mut client, greeting) = probe::open(wire, upstream.transport).await?;
    let latency = started.elapsed();
    let visit = read_lists(&mut client, greeting, latency, extent).await;
    client.close().await;
    visit
}

async fn read_lists(
    client: &mut client::Client,
    greeting: Greeting,
    latency: Duration,
    extent: Extent,
) -> Result<Visit, Fault> {
    let offers = |capability: &str| greeting.capabilities.contains_key(capability);
    let everything = extent == Extent::Everything;
    let tools = if offers("tools") { listing::tools(client).await? } else { Vec::new() };
    let (mut resources, mut templates, mut prompts) = (Ok(Vec::new()), Ok(Vec::new()), Ok(Vec::new()));
    if everything && offers("resources") {
        resources = listing::all(client, "resources/list", "resources").await;
        templates = listing::templates(client).await;
    }
    if everything && offers("prompts") {
        prompts = listing::all(client, "prompts/list", "prompts").await;
    }
    Ok(Visit { greeting, latency, tools, resources, templates, prompts })
}
