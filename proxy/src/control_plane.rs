//! The control plane as we call it: one way to connect, with our token on every request.

use std::{
    path::Path,
    sync::{PoisonError, RwLock},
    time::Duration,
};

use gatewayops_proto::control::control_plane_client::ControlPlaneClient;
use pingora::time::timeout;
use secrecy::ExposeSecret;
use tonic::{
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity},
};

use crate::config::ControlPlane;

pub(crate) const CONNECT: Duration = Duration::from_secs(3);
/// A control plane that answers no ping for so long is taken for gone.
const KEEP_ALIVE: Duration = Duration::from_secs(5);

pub(crate) type Client = ControlPlaneClient<InterceptedService<Channel, Token>>;

/// Shows our token.
#[derive(Clone)]
pub(crate) struct Token(MetadataValue<Ascii>);

impl Interceptor for Token {
    fn call(&mut self, mut request: tonic::Request<()>) -> Result<tonic::Request<()>, tonic::Status> {
        request.metadata_mut().insert("authorization", self.0.clone());
        Ok(request)
    }
}

/// A connection that all share who ask something now and then: to the replica that is followed, because that one lives.
/// It comes back by itself.
#[derive(Default)]
pub(crate) struct Shared(RwLock<Option<Client>>);

impl Shared {
    /// While none is followed yet, to the first that is named; must be called within a runtime.
    ///
    /// # Errors
    /// What of the settings cannot be used.
    pub(crate) fn client(&self, control_plane: &ControlPlane) -> Result<Client, String> {
        if let Some(client) = &*self.0.read().unwrap_or_else(PoisonError::into_inner) {
            return Ok(client.clone());
        }
        with_token(control_plane, endpoint(control_plane, &control_plane.urls[0])?.connect_lazy())
    }

    /// From now on this one is asked.
    pub(crate) fn follow(&self, client: &Client) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(client.clone());
    }
}

/// A connection of one's own, made now: to one of the replicas, another one with each `turn`.
///
/// # Errors
/// Why it cannot be had.
pub(crate) async fn connect(control_plane: &ControlPlane, turn: usize) -> Result<Client, String> {
    let url = &control_plane.urls[turn % control_plane.urls.len()];
    let connecting = endpoint(control_plane, url)?;
    // The endpoint's own patience is for TCP alone.
    match timeout(CONNECT, connecting.connect()).await {
        Ok(Ok(channel)) => with_token(control_plane, channel),
        Ok(Err(error)) => Err(chain(&error)),
        Err(_) => Err("no answer in time".to_owned()),
    }
}

fn with_token(control_plane: &ControlPlane, channel: Channel) -> Result<Client, String> {
    let token = format!("Bearer {}", control_plane.token.expose_secret())
        .parse()
        .map_err(|_| "PROXY_TOKEN makes no valid header".to_owned())?;
    Ok(ControlPlaneClient::with_interceptor(channel, Token(token)))
}

fn endpoint(control_plane: &ControlPlane, url: &str) -> Result<Endpoint, String> {
    let endpoint = Endpoint::from_shared(url.to_owned())
        .map_err(|_| "CONTROL_PLANE_GRPC_URL is no URL".to_owned())?
        .connect_timeout(CONNECT)
        .http2_keep_alive_interval(KEEP_ALIVE)
        .keep_alive_timeout(KEEP_ALIVE)
        .keep_alive_while_idle(true);
    if !url.starts_with("https://") {
        return Ok(endpoint);
    }
    endpoint.tls_config(tls(control_plane)?).map_err(|error| error.to_string())
}

fn tls(control_plane: &ControlPlane) -> Result<ClientTlsConfig, String> {
    let read = |name: &str, path: &Path| std::fs::read(path).map_err(|error| format!("{name}: {error}"));
    let mut tls = match &control_plane.ca {
        // Then nobody else may vouch for the control plane.
        Some(ca) => ClientTlsConfig::new().ca_certificate(Certificate::from_pem(read("PROXY_GRPC_CA", ca)?)),
        None => ClientTlsConfig::new().with_native_roots(),
    };
    if let Some((cert, key)) = &control_plane.identity {
        tls = tls.identity(Identity::from_pem(read("PROXY_GRPC_CERT", cert)?, read("PROXY_GRPC_KEY", key)?));
    }
    Ok(tls)
}

/// What a status says, and what it comes from.
pub(crate) fn told_by(status: &tonic::Status) -> String {
    match std::error::Error::source(status) {
        Some(source) => format!("{}: {}", status.message(), chain(source)),
        None => status.message().to_owned(),
    }
}

/// An error and what it comes from: the outer ones of tonic say little.
fn chain(error: &dyn std::error::Error) -> String {
    let sources = std::iter::successors(error.source(), |error| error.source());
    sources.fold(error.to_string(), |told, source| format!("{told}: {source}"))
}
