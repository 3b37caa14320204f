//! Where a server is: its name resolved, and the peer that Pingora connects to.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use arc_swap::ArcSwapOption;
use pingora::{
    protocols::{ALPN, tls::CaType},
    upstreams::peer::HttpPeer,
    utils::tls::CertKey,
};

/// A resolved name is used so long before it is asked for again.
const RESOLVED_FOR: Duration = Duration::from_secs(30);

pub(crate) struct Address {
    host: String,
    port: u16,
    is_tls: bool,
    connect_timeout: Duration,
    tls: Tls,
    resolved: ArcSwapOption<Resolved>,
}

#[derive(Default)]
pub(crate) struct Tls {
    pub(crate) ca: Option<Arc<CaType>>,
    pub(crate) client: Option<Arc<CertKey>>,
    pub(crate) server_name: Option<String>,
    pub(crate) verify: bool,
    /// Connections of one pool are never used for another.
    pub(crate) pool: u64,
}

struct Resolved {
    peer: Arc<HttpPeer>,
    until: Instant,
}

impl Address {
    pub(crate) fn new(uri: &http::Uri, connect_timeout: Duration, tls: Tls) -> Result<Self, String> {
        let is_tls = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(format!("{uri} must have the scheme http or https")),
        };
        let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(|| format!("{uri} has no host"))?;
        let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        Ok(Self {
            host: host.to_owned(),
            port,
            is_tls,
            connect_timeout,
            tls,
            resolved: ArcSwapOption::empty(),
        })
    }

    /// The value of `Host`.
    pub(crate) fn authority(&self) -> String {
        let default = if self.is_tls { 443 } else { 80 };
        if self.port == default { self.host.clone() } else { format!("{}:{}", self.host, self.port) }
    }

    pub(crate) async fn peer(&self) -> std::io::Result<Arc<HttpPeer>> {
        if let Some(resolved) = &*self.resolved.load()
            && Instant::now() < resolved.until
        {
            return Ok(resolved.peer.clone());
        }
        let host = self.host.trim_matches(['[', ']']);
        let mut addresses = tokio::net::lookup_host((host, self.port)).await?;
        // Most servers listen on IPv4 when a name has both.
        let first = addresses.next();
        let address = addresses
            .chain(first)
            .min_by_key(SocketAddr::is_ipv6)
            .ok_or_else(|| std::io::Error::other("the name has no address"))?;
        let peer = Arc::new(self.peer_at(address));
        let until = Instant::now() + RESOLVED_FOR;
        self.resolved.store(Some(Arc::new(Resolved { peer: peer.clone(), until })));
        Ok(peer)
    }

    fn peer_at(&self, address: SocketAddr) -> HttpPeer {
        let server_name = self.tls.server_name.clone().unwrap_or_else(|| self.host.clone());
        let mut peer = HttpPeer::new(address, self.is_tls, server_name);
        peer.group_key = self.tls.pool;
        peer.client_cert_key = self.tls.client.clone();
        peer.options.alpn = ALPN::H1;
        peer.options.connection_timeout = Some(self.connect_timeout);
        peer.options.total_connection_timeout = Some(self.connect_timeout * 2);
        peer.options.verify_cert = self.tls.verify;
        peer.options.verify_hostname = self.tls.verify;
        peer.options.ca = self.tls.ca.clone();
        peer
    }
}
