//! What every part shares, built once at start: settings, Postgres, Redis, the keys, the figures.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use secrecy::ExposeSecret;

use crate::{
    auth::{api_key::Peppers, derived::DerivedKeys, throttle::Throttle},
    config::Config,
    egress::Egress,
    live::Live,
    mail::Mailer,
    metrics::Metrics,
    oidc,
    proxies::Proxies,
    seal::Sealer,
    service::refusals::Refusals,
    store::Database,
};

pub struct App {
    pub config: Config,
    pub database: Database,
    /// Lazy: Redis may be away when we start and while we serve.
    pub redis: deadpool_redis::Pool,
    pub sealer: Sealer,
    /// What API keys are hashed with.
    pub peppers: Peppers,
    /// Keys derived from `JWT_SECRET`, one per purpose.
    pub derived: DerivedKeys,
    /// Failed log-ins while Redis is away.
    pub throttle: Throttle,
    pub metrics: Metrics,
    /// Those that report to this process.
    pub proxies: Proxies,
    /// For calls to MCP servers: no redirects, and a time limit that each call states itself.
    pub http: reqwest::Client,
    /// For URLs that came from outside: identity providers.
    pub egress: Egress,
    /// What identity providers say about themselves.
    pub oidc: oidc::Cache,
    /// Refused sign-ins of this minute.
    pub refusals: Refusals,
    /// None: there is no mail server to send by.
    pub mailer: Option<Mailer>,
    /// Streams of traces as they come.
    pub live: Live,
    /// Held by whoever lets go of what has been kept long enough.
    pub forgetting: tokio::sync::Mutex<()>,
}

impl App {
    /// # Errors
    /// A pool or client that cannot be made from the settings.
    pub fn new(
        config: Config,
        database: Database,
        peppers: Peppers,
        derived: DerivedKeys,
    ) -> anyhow::Result<Arc<Self>> {
        let redis = redis_pool(config.redis_url.expose_secret())?;
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(10))
            .build()
            .context("http client")?;
        let metrics = Metrics::new();
        let redis_client = redis::Client::open(config.redis_url.expose_secret()).context("redis")?;
        let live = Live::new(database.clone(), redis_client, metrics.live_streams.clone());
        let mailer = config.mail.as_ref().map(Mailer::new).transpose()?;
        Ok(Arc::new(Self {
            database,
            redis,
            sealer: config.sealer(),
            peppers,
            derived,
            throttle: Throttle::default(),
            metrics,
            proxies: Proxies::default(),
            http,
            egress: Egress::new(config.egress_allow_private)?,
            oidc: oidc::Cache::default(),
            refusals: Refusals::default(),
            mailer,
            live,
            forgetting: tokio::sync::Mutex::default(),
            config,
        }))
    }
}

/// # Errors
/// The URL is none of Redis.
pub fn redis_pool(url: &str) -> anyhow::Result<deadpool_redis::Pool> {
    let mut settings = deadpool_redis::Config::from_url(url);
    let mut pool = deadpool_redis::PoolConfig::new(16);
    pool.timeouts.wait = Some(Duration::from_secs(2));
    pool.timeouts.create = Some(Duration::from_secs(2));
    pool.timeouts.recycle = Some(Duration::from_secs(2));
    settings.pool = Some(pool);
    settings.create_pool(Some(deadpool_redis::Runtime::Tokio1)).context("redis")
}
