//! The process: listeners, admin port, background tasks, drain.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context;
use async_trait::async_trait;
use gatewayops_telemetry::Own;
use pingora::{
    apps::{HttpServerOptions, http_app::HttpServer},
    listeners::{L4BufferSettings, ListenerConfig, tls::TlsSettings},
    server::{RunArgs, Server, ShutdownSignal, ShutdownSignalWatch, configuration::ServerConf},
    services::{background::background_service, listening::Service},
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

use crate::{
    admin::Admin,
    catalogue::report::{Reporter, Reports},
    config::Config,
    control_plane,
    federation::Federation,
    gateway::Listener,
    limit::{Limiter, tell::Teller},
    oauth::ResourceServer,
    rejection::{Code, Rejection},
    sessions::{self, Sessions, reaper::Reaper},
    snapshot::{
        Snapshot,
        watch::{Current, Watch},
    },
    store::Store,
    telemetry::{Telemetry, stream::Publisher},
    upstream::connection::Connections,
};

/// Of each client's connection: a message fits. Pingora's 64 KiB would be most of a connection's memory.
const READ_BUFFER: usize = 8 * 1024;

/// Draining ends only after so long without a request: whoever connects while others still send clients here is told
/// to go elsewhere, and not cut off.
const LINGER: Duration = Duration::from_millis(500);

/// What every exchange shares.
pub(crate) struct Gateway {
    pub(crate) config: Config,
    pub(crate) current: Current,
    pub(crate) telemetry: Telemetry,
    pub(crate) connections: Connections,
    pub(crate) sessions: Sessions,
    pub(crate) federation: Federation,
    pub(crate) oauth: ResourceServer,
    pub(crate) store: Store,
    pub(crate) control_plane: control_plane::Shared,
    pub(crate) reports: Reports,
    pub(crate) limiter: Limiter,
    http_options: HttpServerOptions,
    under_way: AtomicU64,
    entered: AtomicU64,
    draining: watch::Sender<bool>,
}

impl Gateway {
    pub(crate) fn new(config: Config) -> anyhow::Result<Self> {
        let mut http_options = HttpServerOptions::default();
        http_options.h2c = true;
        Ok(Self {
            current: Current::default(),
            telemetry: Telemetry::new(&config),
            connections: Connections::default(),
            sessions: Sessions::new(sessions::Limits {
                idle: config.mcp_session_idle,
                max_age: config.mcp_session_max_age,
                per_principal: config.mcp_sessions_per_key,
                streams_per_principal: config.mcp_streams_per_key,
            }),
            federation: Federation::default(),
            oauth: ResourceServer::new(&config),
            store: Store::open(&config)?,
            control_plane: control_plane::Shared::default(),
            reports: Reports::default(),
            limiter: Limiter::new(config.ip_rpm),
            http_options,
            under_way: AtomicU64::new(0),
            entered: AtomicU64::new(0),
            draining: watch::Sender::new(false),
            config,
        })
    }

    /// What the control plane last said, unless that is nothing or too old.
    pub(crate) fn snapshot(&self) -> Result<Arc<Snapshot>, Rejection> {
        let snapshot = self.current.snapshot();
        if snapshot.revision == 0 {
            return Err(Rejection::new(
                Code::Unavailable,
                "this proxy has no configuration yet; try again in a moment",
            )
            .with("dependency", "control_plane")
            .retry_after(1));
        }
        if self.current.age() > self.config.config_max_stale {
            return Err(Rejection::new(Code::ConfigStale, "the control plane has been away for too long")
                .retry_after(30));
        }
        Ok(snapshot)
    }

    pub(crate) fn enter(&self) -> UnderWay<'_> {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        self.entered.fetch_add(1, Ordering::Relaxed);
        UnderWay(self)
    }

    pub(crate) fn under_way(&self) -> u64 {
        self.under_way.load(Ordering::Relaxed)
    }

    pub(crate) fn is_draining(&self) -> bool {
        *self.draining.borrow()
    }

    /// Resolves when draining begins.
    pub(crate) async fn drained(&self) {
        // The sender lives as long as we do, so there is always an answer to wait for.
        let _ = self.draining.subscribe().wait_for(|is_draining| *is_draining).await;
    }

    pub(crate) fn http_options(&self) -> &HttpServerOptions {
        &self.http_options
    }
}

/// One request under way.
pub(crate) struct UnderWay<'a>(&'a Gateway);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Runs the proxy until it is told to stop and has drained.
///
/// `own` takes the proxy's own spans.
///
/// # Errors
/// A listener or a file it needs cannot be had.
pub fn run(config: Config, own: Option<Own>) -> anyhow::Result<()> {
    for (name, address) in [("PROXY_LISTEN", config.listen), ("PROXY_ADMIN_LISTEN", config.admin_listen)] {
        std::net::TcpListener::bind(address)
            .with_context(|| format!("{name}: cannot listen on {address}"))?;
    }
    // Compiled now, so that no call waits for it.
    gatewayops_safety::scan::prepare();
    let publisher = Publisher::open(&config)?;
    let mut gateway = Gateway::new(config)?;
    gateway.telemetry.own = own;
    let gateway = Arc::new(gateway);
    let config = &gateway.config;

    let unused = format!("/tmp/gatewayops-proxy-{}", std::process::id());
    let mut server = Server::new_with_opt_and_conf(
        None,
        ServerConf {
            threads: config.workers,
            // Draining is ours, see `Drain`: when it is over nothing is left to wait for.
            grace_period_seconds: Some(0),
            graceful_shutdown_timeout_seconds: Some(1),
            upgrade_sock: format!("{unused}.sock"),
            pid_file: format!("{unused}.pid"),
            ..ServerConf::default()
        },
    );
    server.bootstrap();

    let mut mcp = Service::new("mcp".into(), Listener(gateway.clone()));
    mcp.add_listener(listener(config)?);
    server.add_service(mcp);

    let mut admin = Service::new("admin".into(), HttpServer::new_app(Admin(gateway.clone())));
    admin.add_tcp(&config.admin_listen.to_string());
    admin.threads = Some(1);
    server.add_service(admin);
    server.add_service(background_service("watch", Watch(gateway.clone())));
    server.add_service(background_service("sessions", Reaper(gateway.clone())));
    server.add_service(background_service("definitions", Reporter(gateway.clone())));
    server.add_service(background_service("limits", Teller(gateway.clone())));
    let published = publisher.done();
    server.add_service(background_service("publish", publisher.service(gateway.clone())));

    tracing::info!(proxy.id = config.proxy_id, listen = %config.listen, admin = %config.admin_listen, "proxy starts");
    server.run(RunArgs { shutdown_signal: Box::new(Drain { gateway: gateway.clone(), published }) });
    tracing::info!("proxy has drained and ends");
    Ok(())
}

fn listener(config: &Config) -> anyhow::Result<ListenerConfig> {
    let listener = ListenerConfig::tcp(config.listen.to_string())
        .l4_buffer(L4BufferSettings::default().read(READ_BUFFER));
    let Some(tls) = &config.tls else { return Ok(listener) };
    let mut settings = TlsSettings::intermediate(&tls.certificate, &tls.key)
        .map_err(|error| anyhow::anyhow!("PROXY_TLS_CERT, PROXY_TLS_KEY: {error}"))?;
    settings.enable_h2();
    Ok(listener.tls(settings))
}

/// Ends the process once nothing is under way and every event is safe, or the grace is over.
struct Drain {
    gateway: Arc<Gateway>,
    published: watch::Receiver<bool>,
}

#[async_trait]
impl ShutdownSignalWatch for Drain {
    async fn recv(&self) -> ShutdownSignal {
        let (Ok(mut terminate), Ok(mut interrupt)) =
            (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
        else {
            tracing::error!("signals cannot be received: the process can only be killed");
            return std::future::pending().await;
        };
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        let grace = self.gateway.config.shutdown_grace;
        tracing::info!(under_way = self.gateway.under_way(), "draining for at most {grace:?}");
        self.gateway.draining.send_replace(true);
        let until = Instant::now() + grace;
        let (mut entered, mut quiet_since) = (0, Instant::now());
        while quiet_since.elapsed() < LINGER && Instant::now() < until {
            let now_entered = self.gateway.entered.load(Ordering::Relaxed);
            if self.gateway.under_way() > 0 || now_entered != entered {
                (entered, quiet_since) = (now_entered, Instant::now());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.gateway.telemetry.close();
        let mut published = self.published.clone();
        let _ = tokio::time::timeout(Duration::from_secs(10), published.wait_for(|done| *done)).await;
        ShutdownSignal::FastShutdown
    }
}
