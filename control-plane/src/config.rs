//! Process settings, read once from the environment (contract 7); what an administrator changes at run time is data.

use std::{iter, net::SocketAddr, path::PathBuf, str::FromStr, time::Duration};

use gatewayops_proto::settings::{Faults, Settings};
use gatewayops_telemetry::{Log, Otlp};
use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::PgConnectOptions;

use crate::{seal::Sealer, store::primary::one_for_each_host};

mod alerts;
mod backups;
mod mail;

pub use alerts::Alerts;
pub use backups::Backups;
pub use mail::Mail;

#[derive(Clone)]
pub struct Config {
    pub database: PgConnectOptions,
    /// Further hosts that may be the one which takes writes.
    pub database_others: Vec<PgConnectOptions>,
    /// The same as it was given, for other programs.
    pub database_url: SecretString,
    pub database_max_connections: u32,
    pub database_kept_warm: u32,
    pub migrate_at_start: bool,
    pub redis_url: SecretString,
    pub jwt_secret: SecretString,
    pub encryption_key: SecretString,
    pub encryption_key_previous: Option<SecretString>,
    pub session_duration: Duration,
    pub session_idle_timeout: Duration,
    pub bootstrap: Bootstrap,
    pub env_servers: Vec<EnvServer>,
    pub listen: SocketAddr,
    pub admin_listen: SocketAddr,
    pub grpc_listen: SocketAddr,
    pub grpc_tls: GrpcTls,
    pub roles: Vec<Role>,
    pub public_url: String,
    pub public_proxy_url: String,
    pub dashboard_dir: PathBuf,
    pub cors_allowed_origins: Vec<String>,
    pub cookie_secure: bool,
    /// None: nothing is mailed.
    pub mail: Option<Mail>,
    /// Of the first organization's channel `slack-default`, in which its approvals are announced too.
    pub slack_webhook_url: Option<SecretString>,
    pub alerts: Alerts,
    pub egress_allow_private: bool,
    pub retention_min_days: u32,
    pub backups: Backups,
    pub proxy_token: SecretString,
    pub trusted_proxies: Vec<IpNet>,
    pub shutdown_grace: Duration,
    pub log: Log,
    pub otlp: Otlp,
    /// What is accepted but has no effect; logged at start.
    pub notices: Vec<String>,
}

/// What the first start makes (contract 7: first start only).
#[derive(Clone)]
pub struct Bootstrap {
    pub org: String,
    pub admin_email: Option<String>,
    pub admin_password: Option<SecretString>,
    pub api_key: Option<SecretString>,
}

/// `MCP_SERVER_<NAME>_URL` and `_TOKEN`.
#[derive(Clone)]
pub struct EnvServer {
    pub name: String,
    pub url: String,
    pub token: Option<SecretString>,
}

#[derive(Clone, Default)]
pub struct GrpcTls {
    pub certificate: Option<PathBuf>,
    pub key: Option<PathBuf>,
    pub client_ca: Option<PathBuf>,
}

/// A part of the control plane that may run on its own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Role {
    Api,
    Grpc,
    Ingest,
    Jobs,
}

impl FromStr for Role {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "api" => Ok(Self::Api),
            "grpc" => Ok(Self::Grpc),
            "ingest" => Ok(Self::Ingest),
            "jobs" => Ok(Self::Jobs),
            _ => Err("is none of api, grpc, ingest, jobs"),
        }
    }
}

const HOUR: Duration = Duration::from_secs(3600);

impl Config {
    /// # Errors
    /// Every fault there is, one line each.
    pub fn read(mut settings: Settings) -> Result<Self, Faults> {
        let settings_ref = &mut settings;
        let (database, database_others, database_url) = database(settings_ref);
        let config = Self {
            database,
            database_others,
            database_url,
            database_max_connections: settings_ref.value_or("DB_MAX_CONNECTIONS", 25).max(1),
            database_kept_warm: settings_ref.value_or("DB_MAX_IDLE", 5),
            migrate_at_start: settings_ref.flag("DB_MIGRATE", true),
            redis_url: redis_url(settings_ref),
            jwt_secret: long_secret(settings_ref, "JWT_SECRET", "the root of CSRF and log-in keys"),
            encryption_key: settings_ref
                .required_secret("ENCRYPTION_KEY", "base64 of 32 bytes, `openssl rand -base64 32` makes one"),
            encryption_key_previous: settings_ref.secret("ENCRYPTION_KEY_PREVIOUS"),
            session_duration: settings_ref.duration("SESSION_DURATION", 24 * HOUR),
            session_idle_timeout: settings_ref.duration("SESSION_IDLE_TIMEOUT", 8 * HOUR),
            bootstrap: bootstrap(settings_ref),
            env_servers: env_servers(settings_ref),
            listen: settings_ref.listener("CONTROL_LISTEN", "0.0.0.0:8081"),
            admin_listen: settings_ref.listener("CONTROL_ADMIN_LISTEN", "0.0.0.0:9081"),
            grpc_listen: settings_ref.listener("CONTROL_GRPC_LISTEN", "0.0.0.0:9090"),
            grpc_tls: GrpcTls {
                certificate: settings_ref.text("CONTROL_GRPC_TLS_CERT").map(PathBuf::from),
                key: settings_ref.text("CONTROL_GRPC_TLS_KEY").map(PathBuf::from),
                client_ca: settings_ref.text("CONTROL_GRPC_TLS_CLIENT_CA").map(PathBuf::from),
            },
            roles: roles(settings_ref),
            public_url: public_url(settings_ref, "PUBLIC_URL", "http://localhost:8081"),
            public_proxy_url: public_url(settings_ref, "PUBLIC_PROXY_URL", "http://localhost:8080"),
            dashboard_dir: settings_ref.value_or("DASHBOARD_DIR", PathBuf::from("/app/dashboard")),
            cors_allowed_origins: settings_ref.list("CORS_ALLOWED_ORIGINS"),
            cookie_secure: settings_ref.flag("COOKIE_SECURE", true),
            mail: mail::read(settings_ref),
            slack_webhook_url: webhook(settings_ref, "SLACK_WEBHOOK_URL"),
            alerts: alerts::read(settings_ref),
            egress_allow_private: settings_ref.flag("EGRESS_ALLOW_PRIVATE", false),
            retention_min_days: retention_min_days(settings_ref),
            backups: backups::read(settings_ref),
            proxy_token: long_secret(settings_ref, "PROXY_TOKEN", "what proxies show to the gRPC listener"),
            trusted_proxies: settings_ref.list("TRUSTED_PROXIES"),
            shutdown_grace: settings_ref.duration("SHUTDOWN_GRACE", Duration::from_secs(30)),
            log: Log::read(settings_ref),
            otlp: Otlp::read(settings_ref, "control-plane"),
            notices: notices(settings_ref),
        };
        check_encryption_keys(settings_ref, &config);
        settings.finish(config)
    }

    #[must_use]
    pub fn has_role(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Where Postgres may be.
    #[must_use]
    pub fn database_hosts(&self) -> Vec<PgConnectOptions> {
        iter::once(&self.database).chain(&self.database_others).cloned().collect()
    }

    /// # Panics
    /// Never: the keys were checked when they were read.
    #[must_use]
    pub fn sealer(&self) -> Sealer {
        let previous = self.encryption_key_previous.as_ref().map(ExposeSecret::expose_secret);
        Sealer::new(self.encryption_key.expose_secret(), previous)
            .expect("the encryption keys were checked when read")
    }
}

fn database(settings: &mut Settings) -> (PgConnectOptions, Vec<PgConnectOptions>, SecretString) {
    let url =
        settings.required_secret("DATABASE_URL", "the Postgres URL, postgres://user:password@host/database");
    let hosts = match url.expose_secret() {
        "" => Ok(Vec::new()),
        url => one_for_each_host(url).iter().map(|url| url.parse::<PgConnectOptions>()).collect(),
    };
    let mut hosts = hosts.unwrap_or_else(|_| {
        settings.fault("DATABASE_URL is no URL such as postgres://user:password@host/database".to_owned());
        Vec::new()
    });
    hosts = hosts.into_iter().map(|host| host.application_name("gatewayops-control-plane")).collect();
    let others = if hosts.is_empty() { Vec::new() } else { hosts.split_off(1) };
    (hosts.pop().unwrap_or_else(PgConnectOptions::new_without_pgpass), others, url)
}

fn redis_url(settings: &mut Settings) -> SecretString {
    let url = settings.required_secret("REDIS_URL", "the Redis URL, redis://host:6379");
    if !url.expose_secret().is_empty() && redis::Client::open(url.expose_secret()).is_err() {
        settings.fault("REDIS_URL is no URL such as redis://:password@host:6379".to_owned());
    }
    url
}

fn long_secret(settings: &mut Settings, name: &str, meaning: &str) -> SecretString {
    let secret = settings.required_secret(name, meaning);
    let length = secret.expose_secret().len();
    if (1..32).contains(&length) {
        settings.fault(format!("{name} has {length} bytes; it needs at least 32"));
    }
    secret
}

fn bootstrap(settings: &mut Settings) -> Bootstrap {
    let bootstrap = Bootstrap {
        org: settings.text("BOOTSTRAP_ORG").unwrap_or_else(|| "GatewayOps".to_owned()),
        admin_email: settings.text("BOOTSTRAP_ADMIN_EMAIL"),
        admin_password: settings.secret("BOOTSTRAP_ADMIN_PASSWORD"),
        api_key: settings.secret("BOOTSTRAP_API_KEY"),
    };
    if bootstrap.org.trim().is_empty() || bootstrap.org.chars().count() > 100 {
        settings.fault("BOOTSTRAP_ORG needs 1 to 100 characters".to_owned());
    }
    if bootstrap.admin_email.is_some() != bootstrap.admin_password.is_some() {
        settings.fault(
            "BOOTSTRAP_ADMIN_EMAIL and BOOTSTRAP_ADMIN_PASSWORD go together; set both or neither".to_owned(),
        );
    }
    if bootstrap.admin_email.as_deref().is_some_and(|email| !email.contains('@')) {
        settings.fault("BOOTSTRAP_ADMIN_EMAIL is no e-mail address".to_owned());
    }
    if let Some(password) = &bootstrap.admin_password
        && !(12..=128).contains(&password.expose_secret().chars().count())
    {
        settings.fault("BOOTSTRAP_ADMIN_PASSWORD needs 12 to 128 characters".to_owned());
    }
    if bootstrap
        .api_key
        .as_ref()
        .is_some_and(|key| !gatewayops_proto::api_key::is_well_formed(key.expose_secret()))
    {
        settings.fault("BOOTSTRAP_API_KEY is no API key; `control-plane keygen` prints one".to_owned());
    }
    bootstrap
}

fn env_servers(settings: &mut Settings) -> Vec<EnvServer> {
    let mut servers = Vec::new();
    for (middle, url) in settings.family("MCP_SERVER_", "_URL") {
        let variable = format!("MCP_SERVER_{middle}");
        let name = middle.to_ascii_lowercase().replace('_', "-");
        let starts_well = name.starts_with(|first: char| first.is_ascii_lowercase());
        let plain = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !starts_well || !plain || name.len() > 63 || name == "servers" {
            settings.fault(format!(
                "{variable}_URL: {name:?} is no server name (a letter, then letters, digits, -)"
            ));
        }
        if !url.starts_with("http://") && !url.starts_with("https://") {
            settings.fault(format!("{variable}_URL needs an http:// or https:// URL"));
        }
        let token = settings.secret(&format!("{variable}_TOKEN"));
        servers.push(EnvServer { name, url, token });
    }
    servers
}

fn roles(settings: &mut Settings) -> Vec<Role> {
    let roles = settings.list("CONTROL_ROLES");
    if roles.is_empty() { vec![Role::Api, Role::Grpc, Role::Ingest, Role::Jobs] } else { roles }
}

fn retention_min_days(settings: &mut Settings) -> u32 {
    let days = settings.value_or("RETENTION_MIN_DAYS", 90);
    if days > 3650 {
        settings.fault("RETENTION_MIN_DAYS needs at most 3650 days".to_owned());
    }
    days
}

fn public_url(settings: &mut Settings, name: &str, default: &str) -> String {
    let url = settings.text(name).unwrap_or_else(|| default.to_owned());
    if !url.starts_with("http://") && !url.starts_with("https://") {
        settings.fault(format!("{name} needs an http:// or https:// URL"));
    }
    url.trim_end_matches('/').to_owned()
}

/// A URL that is a secret by itself: whoever knows it may post there.
fn webhook(settings: &mut Settings, name: &str) -> Option<SecretString> {
    let secret = settings.secret(name)?;
    let is_url =
        url::Url::parse(secret.expose_secret()).is_ok_and(|url| matches!(url.scheme(), "https" | "http"));
    if !is_url {
        settings.fault(format!("{name} is no URL such as https://hooks.slack.com/services/..."));
    }
    Some(secret)
}

fn notices(settings: &mut Settings) -> Vec<String> {
    let bcrypt = settings.text("API_KEY_BCRYPT_COST").map(|_| {
        "API_KEY_BCRYPT_COST has no effect: API keys are stored as keyed hashes, not with bcrypt".to_owned()
    });
    bcrypt.into_iter().collect()
}

fn check_encryption_keys(settings: &mut Settings, config: &Config) {
    let keys = [
        ("ENCRYPTION_KEY", Some(&config.encryption_key)),
        ("ENCRYPTION_KEY_PREVIOUS", config.encryption_key_previous.as_ref()),
    ];
    for (name, key) in keys {
        let Some(key) = key.filter(|key| !key.expose_secret().is_empty()) else { continue };
        if let Err(error) = Sealer::new(key.expose_secret(), None) {
            settings.fault(format!("{name} {error}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: [(&str, &str); 5] = [
        ("DATABASE_URL", "postgres://gateway@localhost/gateway"),
        ("REDIS_URL", "redis://localhost:6379"),
        ("JWT_SECRET", "0123456789abcdef0123456789abcdef"),
        ("ENCRYPTION_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        ("PROXY_TOKEN", "0123456789abcdef0123456789abcdef"),
    ];

    pub(super) fn read(more: &[(&str, &str)]) -> Result<Config, Faults> {
        let pairs = GOOD.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::read(Settings::new(pairs))
    }

    #[test]
    fn the_required_settings_are_enough() {
        let config = read(&[]).ok().unwrap();
        assert_eq!(config.listen.port(), 8081);
        assert!(config.has_role(Role::Jobs) && config.cookie_secure);
    }

    #[test]
    fn every_missing_setting_is_named() {
        let Faults(faults) = Config::read(Settings::new([])).err().unwrap();
        for name in ["DATABASE_URL", "REDIS_URL", "JWT_SECRET", "ENCRYPTION_KEY", "PROXY_TOKEN"] {
            assert_eq!(
                faults.iter().filter(|fault| fault.starts_with(name)).count(),
                1,
                "{name}: {faults:#?}"
            );
        }
    }

    #[test]
    fn wrong_settings_are_refused_without_showing_secrets() {
        let Faults(faults) = read(&[
            ("ENCRYPTION_KEY", "c2hvcnQ="),
            ("JWT_SECRET", "tooshort"),
            ("BOOTSTRAP_API_KEY", "gwo_dev_mistyped"),
            ("BOOTSTRAP_ADMIN_EMAIL", "admin@example.com"),
            ("CONTROL_ROLES", "api,gprc"),
            ("MCP_SERVER_9_URL", "ftp://x"),
            ("LOG_FORMAT", "xml"),
            ("RETENTION_MIN_DAYS", "4000"),
            ("SLACK_WEBHOOK_URL", "hooks/whisper"),
        ])
        .err()
        .unwrap();
        assert_eq!(faults.len(), 10, "{faults:#?}");
        for secret in ["tooshort", "mistyped", "whisper"] {
            assert!(!faults.join("\n").contains(secret), "{secret}");
        }
    }

    #[test]
    fn servers_of_the_environment_are_named_after_their_variable() {
        let config = read(&[
            ("MCP_SERVER_MY_FILES_URL", "http://files:8080/mcp"),
            ("MCP_SERVER_MY_FILES_TOKEN", "hush"),
        ])
        .ok()
        .unwrap();
        assert_eq!(config.env_servers[0].name, "my-files");
        assert!(config.env_servers[0].token.is_some());
    }
}
