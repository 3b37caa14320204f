//! The HTTP client a server is called with: its TLS settings, no redirects, no proxy of the environment.
//! A data plane calls servers directly, so a test that went another way would prove nothing.

use std::time::Duration;

use http::HeaderValue;
use reqwest::{Certificate, Client, ClientBuilder, Identity, Url, redirect::Policy};
use secrecy::ExposeSecret;

use super::{Fault, Tls, Upstream, fault::clipped};

const USER_AGENT: &str = concat!("gatewayops-control-plane/", env!("CARGO_PKG_VERSION"));

/// A client, and where to point it.
pub(super) struct Connection {
    pub(super) http: Client,
    pub(super) url: Url,
    /// The `Host` header where it is not the URL's own.
    pub(super) host: Option<HeaderValue>,
}

impl Connection {
    pub(super) async fn to_upstream(upstream: &Upstream) -> Result<Self, Fault> {
        let builder = client(&upstream.tls, upstream.connect_timeout)?
            .danger_accept_invalid_certs(upstream.tls.insecure_skip_verify)
            .tls_built_in_root_certs(upstream.url.scheme() == "https" && upstream.tls.ca_pem.is_none());
        let (builder, url, host) = match &upstream.tls.server_name {
            Some(name) if upstream.url.scheme() == "https" => {
                under_name(builder, &upstream.url, name).await?
            }
            _ => (builder, upstream.url.clone(), None),
        };
        Ok(Self { http: build(builder)?, url, host })
    }
}

/// For the token endpoint, which public authorities may have signed as well as the server's own.
pub(super) fn to_token_endpoint(upstream: &Upstream) -> Result<Client, Fault> {
    let tls = Tls { ca_pem: upstream.tls.ca_pem.clone(), ..Tls::default() };
    build(client(&tls, upstream.connect_timeout)?.timeout(upstream.timeout.min(super::REQUEST_DEADLINE)))
}

fn client(tls: &Tls, connect_timeout: Duration) -> Result<ClientBuilder, Fault> {
    let mut builder = Client::builder()
        .user_agent(USER_AGENT)
        .redirect(Policy::none())
        .no_proxy()
        .connect_timeout(connect_timeout);
    if let Some(pem) = &tls.ca_pem {
        let authorities =
            Certificate::from_pem_bundle(pem.as_bytes()).map_err(|error| setting("tls.ca_pem", &error))?;
        if authorities.is_empty() {
            return Err(Fault::Setting("tls.ca_pem holds no certificate".to_owned()));
        }
        builder = authorities.into_iter().fold(builder, ClientBuilder::add_root_certificate);
    }
    if let (Some(certificate), Some(key)) = (&tls.client_cert_pem, &tls.client_key_pem) {
        let pem = format!("{certificate}\n{}", key.expose_secret());
        let identity =
            Identity::from_pem(pem.as_bytes()).map_err(|error| setting("tls.client_cert_pem", &error))?;
        builder = builder.identity(identity);
    }
    Ok(builder)
}

/// Verifies and announces `name`, but connects to where the URL points: the URL takes the name, and the name resolves
/// to the addresses of the URL's host.
async fn under_name(
    builder: ClientBuilder,
    url: &Url,
    name: &str,
) -> Result<(ClientBuilder, Url, Option<HeaderValue>), Fault> {
    let bad_name = || Fault::Setting("tls.server_name is no host name".to_owned());
    let host = url.host_str().ok_or_else(|| Fault::Setting("url has no host".to_owned()))?;
    let port = url.port_or_known_default().unwrap_or(443);
    let lookup = tokio::net::lookup_host((host.trim_matches(['[', ']']), port)).await;
    let addresses: Vec<_> = lookup.map_err(|error| Fault::Connect(clipped(&error.to_string())))?.collect();
    let authority = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let mut named = url.clone();
    named.set_host(Some(name)).map_err(|_| bad_name())?;
    let authority = HeaderValue::try_from(authority).map_err(|_| bad_name())?;
    Ok((builder.resolve_to_addrs(name, &addresses), named, Some(authority)))
}

fn build(builder: ClientBuilder) -> Result<Client, Fault> {
    builder.build().map_err(|error| setting("tls", &error))
}

/// Why a setting does not work; the PEM itself stays out of it.
fn setting(field: &str, error: &reqwest::Error) -> Fault {
    let cause = std::error::Error::source(error).map_or_else(|| "not usable".to_owned(), ToString::to_string);
    Fault::Setting(format!("{field}: {}", clipped(&cause)))
}
