//! What the process is told at start. It is read once, checked whole, and never changes (contract 7).

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use gatewayops_proto::settings::{Faults, Settings};
use gatewayops_telemetry::{Log, Otlp};
use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};

use crate::{federation::naming::Prefix, telemetry::tokens::Counter};

#[derive(Debug)]
pub struct Config {
    pub(crate) proxy_id: String,
    pub(crate) listen: SocketAddr,
    pub(crate) admin_listen: SocketAddr,
    pub(crate) tls: Option<Tls>,
    pub(crate) workers: usize,
    pub(crate) max_connections: u64,
    pub(crate) max_request_bytes: u64,
    pub(crate) allowed_origins: Vec<String>,
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// Where people reach the control plane: who its own tokens are by.
    pub(crate) public_url: String,
    /// Where clients reach this proxy.
    pub(crate) public_proxy_url: String,
    /// Whom clients are sent to for a token, in that order; empty: see `Issuers::advertised`.
    pub(crate) authorization_servers: Vec<String>,
    pub(crate) redis_url: SecretString,
    pub(crate) control_plane: ControlPlane,
    pub(crate) config_cache_path: PathBuf,
    pub(crate) config_max_stale: Duration,
    pub(crate) event_buffer: usize,
    pub(crate) event_spool_dir: PathBuf,
    pub(crate) event_spool_max_bytes: u64,
    pub(crate) shutdown_grace: Duration,
    /// Requests a minute of an address without a good credential, where the organization is not known.
    pub(crate) ip_rpm: u32,
    pub(crate) mcp_session_idle: Duration,
    pub(crate) mcp_session_max_age: Duration,
    pub(crate) mcp_sessions_per_key: u32,
    pub(crate) mcp_streams_per_key: u32,
    pub(crate) mcp_name_prefix: Prefix,
    pub(crate) token_counter: Counter,
    pub(crate) tool_label: bool,
    pub log: Log,
    pub otlp: Otlp,
}

/// Certificate and key of our own listener, PEM files.
#[derive(Debug)]
pub(crate) struct Tls {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

#[derive(Clone, Debug)]
pub(crate) struct ControlPlane {
    /// Its replicas; whichever answers is as good.
    pub(crate) urls: Vec<String>,
    pub(crate) token: SecretString,
    /// PEM files for TLS that the system's roots do not cover, and for mTLS.
    pub(crate) ca: Option<PathBuf>,
    pub(crate) identity: Option<(PathBuf, PathBuf)>,
}

impl Config {
    /// # Errors
    /// Every fault of the environment, a line each.
    pub fn read(mut settings: Settings) -> Result<Self, Faults> {
        let public_url = settings.text("PUBLIC_URL").unwrap_or_else(|| "http://localhost:8081".into());
        let listen = settings.listener("PROXY_LISTEN", "0.0.0.0:8080");
        let tls = pair(&mut settings, "PROXY_TLS_CERT", "PROXY_TLS_KEY");
        let mut allowed_origins = match settings.list::<String>("PROXY_ALLOWED_ORIGINS") {
            origins if origins.is_empty() => vec![origin_of(&public_url)],
            origins => origins,
        };
        if listen.ip().is_loopback() {
            allowed_origins.extend(own_origins(if tls.is_some() { "https" } else { "http" }, listen.port()));
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let config = Self {
            proxy_id: proxy_id(&mut settings),
            listen,
            admin_listen: settings.listener("PROXY_ADMIN_LISTEN", "0.0.0.0:9080"),
            tls: tls.map(|(certificate, key)| Tls { certificate, key }),
            workers: settings.value_or("PROXY_WORKERS", cores),
            max_connections: settings.value_or("PROXY_MAX_CONNECTIONS", 20_000),
            max_request_bytes: settings.bytes("PROXY_MAX_REQUEST_BYTES", 10 << 20),
            allowed_origins,
            trusted_proxies: settings.list("TRUSTED_PROXIES"),
            public_url,
            public_proxy_url: public_proxy_url(&mut settings),
            authorization_servers: authorization_servers(&mut settings),
            redis_url: settings
                .required_secret("REDIS_URL", "the Redis that takes the spans, redis://host:6379/0"),
            control_plane: control_plane(&mut settings),
            config_cache_path: path(&mut settings, "CONFIG_CACHE_PATH", "/var/lib/gatewayops/config.bin"),
            config_max_stale: settings.duration("CONFIG_MAX_STALE", Duration::from_secs(24 * 60 * 60)),
            event_buffer: settings.value_or("EVENT_BUFFER", 65_536),
            event_spool_dir: path(&mut settings, "EVENT_SPOOL_DIR", "/var/lib/gatewayops/spool"),
            event_spool_max_bytes: settings.bytes("EVENT_SPOOL_MAX_BYTES", 1 << 30),
            shutdown_grace: settings.duration("SHUTDOWN_GRACE", Duration::from_secs(30)),
            ip_rpm: settings.value_or("PROXY_IP_RPM", 100),
            mcp_session_idle: settings.duration("MCP_SESSION_IDLE", Duration::from_secs(30 * 60)),
            mcp_session_max_age: settings.duration("MCP_SESSION_MAX_AGE", Duration::from_secs(24 * 60 * 60)),
            mcp_sessions_per_key: settings.value_or("MCP_SESSIONS_PER_KEY", 10_000),
            mcp_streams_per_key: settings.value_or("MCP_STREAMS_PER_KEY", 10_000),
            mcp_name_prefix: settings.value_or("MCP_NAME_PREFIX", Prefix::default()),
            token_counter: settings.value_or("TOKEN_COUNTER", Counter::default()),
            tool_label: settings.flag("METRICS_TOOL_LABEL", false),
            log: Log::read(&mut settings),
            otlp: Otlp::read(&mut settings, "proxy"),
        };
        let counts = [
            ("PROXY_WORKERS", config.workers),
            ("EVENT_BUFFER", config.event_buffer),
            ("PROXY_IP_RPM", config.ip_rpm as usize),
        ];
        for (name, value) in counts {
            if value == 0 {
                settings.fault(format!("{name}: must be at least 1"));
            }
        }
        settings.finish(config)
    }
}

/// Tokens are for what it begins, so it has to be exact.
fn public_proxy_url(settings: &mut Settings) -> String {
    let url = settings.text("PUBLIC_PROXY_URL").unwrap_or_else(|| "http://localhost:8080".into());
    if !is_plain_url(&url) {
        settings.fault(format!("PUBLIC_PROXY_URL: {url:?} is no URL such as https://mcp.example.com"));
    }
    url
}

fn authorization_servers(settings: &mut Settings) -> Vec<String> {
    let urls: Vec<String> = settings.list("OAUTH_AUTHORIZATION_SERVERS");
    for url in urls.iter().filter(|url| !is_plain_url(url)) {
        settings.fault(format!(
            "OAUTH_AUTHORIZATION_SERVERS: {url:?} is no issuer such as https://idp.example.com"
        ));
    }
    urls
}

/// `http://` or `https://`, a host, and no more than a path behind it.
fn is_plain_url(url: &str) -> bool {
    let has_more = url.contains(['?', '#', '@', '"', '\\']);
    !has_more
        && url.parse::<http::Uri>().is_ok_and(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https"))
                && uri.host().is_some_and(|host| !host.is_empty())
        })
}

fn control_plane(settings: &mut Settings) -> ControlPlane {
    let token = settings
        .required_secret("PROXY_TOKEN", "the secret shared with the control plane, at least 32 bytes");
    if (1..32).contains(&token.expose_secret().len()) {
        settings.fault("PROXY_TOKEN: must have at least 32 bytes".into());
    }
    let urls = settings.text("CONTROL_PLANE_GRPC_URL").unwrap_or_else(|| "http://localhost:9090".into());
    let urls: Vec<_> = urls.split(',').map(|url| url.trim().to_owned()).collect();
    for url in urls.iter().filter(|url| !url.starts_with("http://") && !url.starts_with("https://")) {
        settings.fault(format!("CONTROL_PLANE_GRPC_URL: {url:?} must begin with http:// or https://"));
    }
    ControlPlane {
        urls,
        token,
        ca: settings.text("PROXY_GRPC_CA").map(PathBuf::from),
        identity: pair(settings, "PROXY_GRPC_CERT", "PROXY_GRPC_KEY")
            .map(|(cert, key)| (cert.into(), key.into())),
    }
}

fn pair(settings: &mut Settings, first: &str, second: &str) -> Option<(String, String)> {
    match (settings.text(first), settings.text(second)) {
        (Some(a), Some(b)) => Some((a, b)),
        (None, None) => None,
        _ => {
            settings.fault(format!("{first} and {second} belong together: set both or neither"));
            None
        }
    }
}

fn path(settings: &mut Settings, name: &str, default: &str) -> PathBuf {
    settings.text(name).unwrap_or_else(|| default.into()).into()
}

/// The pod's or machine's name; two proxies on one machine differ by their port.
fn proxy_id(settings: &mut Settings) -> String {
    let host = settings
        .text("HOSTNAME")
        .or_else(|| std::fs::read_to_string("/etc/hostname").ok())
        .unwrap_or_else(|| "proxy".into());
    let port = settings.text("PROXY_LISTEN").and_then(|listen| listen.rsplit(':').next().map(str::to_owned));
    match port {
        Some(port) if port != "8080" => format!("{}-{port}", host.trim()),
        _ => host.trim().to_owned(),
    }
}

/// A page that a loopback listener serves itself, by every name of this machine for itself.
fn own_origins(scheme: &'static str, port: u16) -> impl Iterator<Item = String> {
    ["localhost", "127.0.0.1", "[::1]"].into_iter().map(move |name| format!("{scheme}://{name}:{port}"))
}

/// `https://host:port` of a URL, as browsers write an origin.
pub(crate) fn origin_of(url: &str) -> String {
    let scheme_end = url.find("://").map_or(0, |at| at + 3);
    let end = url[scheme_end..].find('/').map_or(url.len(), |at| scheme_end + at);
    url[..end].to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Config, Faults> {
        Config::read(Settings::new(
            variables.iter().map(|(name, value)| (name.to_string(), value.to_string())),
        ))
    }

    #[test]
    fn what_is_missing_or_wrong_is_said_at_once() {
        let faults = read(&[
            ("PROXY_TLS_CERT", "a.pem"),
            ("PROXY_TOKEN", "short"),
            ("PROXY_WORKERS", "0"),
            ("PROXY_IP_RPM", "0"),
            ("TRUSTED_PROXIES", "10.0.0.0/8, nonsense"),
            ("LOG_FORMAT", "xml"),
            ("TOKEN_COUNTER", "words"),
            ("PUBLIC_PROXY_URL", "gw.example.com"),
            ("OAUTH_AUTHORIZATION_SERVERS", "https://idp.example.com/realm, idp.example.com"),
        ])
        .unwrap_err()
        .0;
        for name in [
            "REDIS_URL",
            "PROXY_TOKEN",
            "PROXY_TLS_CERT",
            "PROXY_WORKERS",
            "PROXY_IP_RPM",
            "TRUSTED_PROXIES",
            "LOG_FORMAT",
            "TOKEN_COUNTER",
            "PUBLIC_PROXY_URL",
            "OAUTH_AUTHORIZATION_SERVERS",
        ] {
            assert_eq!(
                faults.iter().filter(|fault| fault.starts_with(name)).count(),
                1,
                "{name}: {faults:#?}"
            );
        }
        let tokens = faults.iter().find(|fault| fault.starts_with("TOKEN_COUNTER"));
        assert!(tokens.is_some_and(|fault| fault.contains("bytes4 or o200k")), "{tokens:?}");
    }

    #[test]
    fn an_address_is_a_url_and_no_more() {
        for url in [
            "http://localhost:8080",
            "https://gw.example.com/",
            "HTTPS://gw.example.com:443/gw",
            "http://[::1]:80",
        ] {
            assert!(is_plain_url(url), "{url}");
        }
        for url in [
            "gw.example.com",
            "ftp://gw",
            "https://",
            "https:///x",
            "https://gw?x",
            "https://gw#x",
            "https://u@gw",
            "/x",
        ] {
            assert!(!is_plain_url(url), "{url}");
        }
    }

    #[test]
    fn two_secrets_are_enough_to_start() {
        let config = read(&[("REDIS_URL", "redis://localhost"), ("PROXY_TOKEN", &"t".repeat(32))]).unwrap();
        assert_eq!(config.allowed_origins, ["http://localhost:8081"]);
        assert_eq!(config.listen.port(), 8080);
    }

    #[test]
    fn a_loopback_listener_is_an_origin_of_its_own() {
        let token = "t".repeat(32);
        let config =
            read(&[("REDIS_URL", "redis://r"), ("PROXY_TOKEN", &token), ("PROXY_LISTEN", "127.0.0.1:7")])
                .unwrap();
        assert!(config.allowed_origins.contains(&"http://localhost:7".to_owned()));
    }
}
