//! Keeps the snapshot current: follows the control plane, and serves the last good word while it is away.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;
use async_trait::async_trait;
use gatewayops_proto::control::{
    Breaker, ProxyStatus, WatchRequest, control_plane_client::ControlPlaneClient,
};
use pingora::{server::ShutdownWatch, services::background::BackgroundService};
use secrecy::ExposeSecret;
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval, sleep, timeout},
};
use tonic::{
    metadata::{Ascii, MetadataValue},
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity},
};

use super::{
    Snapshot,
    held::Held,
    sealed::{SealedFile, Unusable},
};
use crate::{config::ControlPlane, server::Gateway};

const CONNECT: Duration = Duration::from_secs(3);
/// A control plane that answers no ping for so long is taken for gone.
const KEEP_ALIVE: Duration = Duration::from_secs(5);
const RETRY_FIRST: Duration = Duration::from_millis(100);
const RETRY_LAST: Duration = Duration::from_secs(3);
/// A control plane that stays away is named again so often.
const REMIND: Duration = Duration::from_secs(60);
/// The file is written at most this often, however fast changes come.
const SAVE: Duration = Duration::from_secs(1);
/// While nothing changes, the file is renewed so often: its age then says how old its word can be.
const RENEW: Duration = Duration::from_secs(60);
const REPORT: Duration = Duration::from_secs(5);
const MAX_MESSAGE: usize = 16 << 20;

/// The snapshot in force, and how fresh it is.
#[derive(Default)]
pub(crate) struct Current {
    snapshot: ArcSwap<Snapshot>,
    /// Its revision, for those who wait for the next.
    revision: watch::Sender<u64>,
    is_connected: AtomicBool,
    heard_at_ms: AtomicI64,
}

impl Current {
    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }

    /// Tells whenever another snapshot is in force.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.revision.subscribe()
    }

    fn store(&self, snapshot: Snapshot) {
        let revision = snapshot.revision;
        self.snapshot.store(Arc::new(snapshot));
        self.revision.send_replace(revision);
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.is_connected.load(Ordering::Relaxed)
    }

    /// Since the control plane was last heard.
    pub(crate) fn age(&self) -> Duration {
        if self.is_connected() {
            return Duration::ZERO;
        }
        let age = now_ms() - self.heard_at_ms.load(Ordering::Relaxed);
        Duration::from_millis(u64::try_from(age).unwrap_or_default())
    }

    #[cfg(test)]
    pub(crate) fn put(&self, snapshot: Snapshot) {
        self.store(snapshot);
        self.heard(true);
    }

    fn heard(&self, is_connected: bool) {
        self.heard_at_ms.store(now_ms(), Ordering::Relaxed);
        self.is_connected.store(is_connected, Ordering::Relaxed);
    }
}

pub(crate) struct Watch(pub(crate) Arc<Gateway>);

#[async_trait]
impl BackgroundService for Watch {
    async fn start(&self, mut shutdown: ShutdownWatch) {
        let config = &self.0.config;
        let file = SealedFile::new(&config.config_cache_path, config.control_plane.token.expose_secret());
        let mut saved = Saved { file, at: None };
        let mut held = Held::default();
        self.start_from(&saved.file, &mut held);
        let follow = async {
            let mut retry = RETRY_FIRST;
            let mut told: Option<Instant> = None;
            loop {
                let before = held.revision;
                let reason = self.follow(&mut saved, &mut held).await;
                if self.0.current.is_connected() {
                    self.0.current.heard(false);
                    tracing::warn!(
                        revision = held.revision,
                        "control plane lost, serving what it said last: {reason}"
                    );
                    told = Some(Instant::now());
                } else if told.is_none_or(|told| told.elapsed() > REMIND) {
                    tracing::warn!("control plane not reached at {}: {reason}", config.control_plane.url);
                    told = Some(Instant::now());
                }
                retry = if held.revision == before { (retry * 2).min(RETRY_LAST) } else { RETRY_FIRST };
                sleep(retry).await;
            }
        };
        tokio::select! { () = follow => {}, _ = shutdown.changed() => {} }
    }
}

impl Watch {
    fn start_from(&self, file: &SealedFile, held: &mut Held) {
        match file.load() {
            Ok(content) => {
                let Ok(snapshot) = held.read(content.messages()) else {
                    tracing::error!("CONFIG_CACHE_PATH: the snapshot file was written by another version");
                    return;
                };
                self.0.current.heard_at_ms.store(content.current_at_ms, Ordering::Relaxed);
                self.0.current.store(snapshot);
                tracing::info!(
                    revision = held.revision,
                    "serving from the sealed snapshot until the control plane is heard"
                );
            }
            Err(Unusable::Missing) => {}
            Err(Unusable::Refused) => {
                tracing::error!(
                    "CONFIG_CACHE_PATH: the snapshot file was changed or belongs to another PROXY_TOKEN; it is refused"
                );
            }
            Err(Unusable::Unreadable(error)) => tracing::error!("CONFIG_CACHE_PATH: {error}"),
        }
    }

    /// Follows one stream to its end; returns why it ended.
    async fn follow(&self, saved: &mut Saved, held: &mut Held) -> String {
        match self.try_follow(saved, held).await {
            Ok(()) => "the stream ended".to_owned(),
            Err(reason) => reason,
        }
    }

    async fn try_follow(&self, saved: &mut Saved, held: &mut Held) -> Result<(), String> {
        let config = &self.0.config;
        let channel = channel(&config.control_plane).await?;
        let token: MetadataValue<Ascii> = format!("Bearer {}", config.control_plane.token.expose_secret())
            .parse()
            .map_err(|_| "PROXY_TOKEN makes no valid header".to_owned())?;
        let client = ControlPlaneClient::with_interceptor(channel, move |mut request: tonic::Request<()>| {
            request.metadata_mut().insert("authorization", token.clone());
            Ok(request)
        })
        .max_decoding_message_size(MAX_MESSAGE);
        let (have_revision, have_lineage) = held.resumable().unwrap_or_default();
        let request = WatchRequest {
            proxy_id: config.proxy_id.clone(),
            version: env!("CARGO_PKG_VERSION").into(),
            have_revision,
            have_lineage: have_lineage.to_vec().into(),
        };
        let mut updates = timeout(CONNECT, client.clone().watch(request))
            .await
            .map_err(|_| "no answer in time".to_owned())?
            .map_err(|status| told_by(&status))?
            .into_inner();
        held.forget_begun();
        let report = self.report(client);
        tokio::pin!(report);
        let mut save = interval(SAVE);
        save.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                update = updates.message() => {
                    let update = update.map_err(|status| told_by(&status))?;
                    let Some(update) = update else { return Ok(()) };
                    if let Some(snapshot) = held.take(update, &self.0.current.snapshot()) {
                        self.0.current.store(snapshot);
                        self.0.current.heard(true);
                        tracing::debug!(revision = held.revision, "configuration applied");
                    }
                }
                _ = save.tick() => saved.save(held),
                () = &mut report => {}
            }
        }
    }

    /// Tells the control plane how we are, every few seconds for as long as the stream holds (contract 2.4).
    async fn report<I>(
        &self,
        mut client: ControlPlaneClient<tonic::service::interceptor::InterceptedService<Channel, I>>,
    ) where
        I: tonic::service::Interceptor,
    {
        let gateway = self.0.clone();
        if let Err(status) = client.report(statuses(gateway)).await {
            tracing::debug!("report ended: {}", status.message());
        }
        std::future::pending::<()>().await;
    }
}

/// A status now and every [`REPORT`].
fn statuses(gateway: Arc<Gateway>) -> impl futures::Stream<Item = ProxyStatus> {
    futures::stream::unfold((gateway, interval(REPORT)), |(gateway, mut ticks)| async move {
        ticks.tick().await;
        Some((status(&gateway), (gateway, ticks)))
    })
}

fn status(gateway: &Gateway) -> ProxyStatus {
    const LEVELS: [&str; 3] = ["closed", "half_open", "open"];
    let snapshot = gateway.current.snapshot();
    let breakers = snapshot.servers().map(|server| Breaker {
        server_id: server.id.as_bytes().to_vec().into(),
        state: LEVELS[usize::from(server.runtime.breaker.level())].into(),
    });
    ProxyStatus {
        proxy_id: gateway.config.proxy_id.clone(),
        version: env!("CARGO_PKG_VERSION").into(),
        revision: snapshot.revision,
        connections: u32::try_from(gateway.under_way()).unwrap_or(u32::MAX),
        streams: gateway.telemetry.open_streams(),
        breakers: breakers.collect(),
        events_dropped: gateway.telemetry.overflowed(),
    }
}

pub(crate) async fn channel(control_plane: &ControlPlane) -> Result<Channel, String> {
    let mut endpoint = Endpoint::from_shared(control_plane.url.clone())
        .map_err(|_| "CONTROL_PLANE_GRPC_URL is no URL".to_owned())?
        .connect_timeout(CONNECT)
        .http2_keep_alive_interval(KEEP_ALIVE)
        .keep_alive_timeout(KEEP_ALIVE)
        .keep_alive_while_idle(true);
    if control_plane.url.starts_with("https://") {
        endpoint = endpoint.tls_config(tls(control_plane)?).map_err(|error| error.to_string())?;
    }
    endpoint.connect().await.map_err(|error| chain(&error))
}

fn told_by(status: &tonic::Status) -> String {
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

fn tls(control_plane: &ControlPlane) -> Result<ClientTlsConfig, String> {
    let read =
        |name: &str, path: &std::path::Path| std::fs::read(path).map_err(|error| format!("{name}: {error}"));
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

/// The file, and what it holds already.
struct Saved {
    file: SealedFile,
    /// Of which revision, and when.
    at: Option<(u64, i64)>,
}

impl Saved {
    fn save(&mut self, held: &Held) {
        let now = now_ms();
        let is_fresh = self.at.is_some_and(|(revision, at)| {
            revision == held.revision && now - at < i64::try_from(RENEW.as_millis()).unwrap_or(i64::MAX)
        });
        if held.revision == 0 || is_fresh {
            return;
        }
        match held.save(&self.file, now) {
            Ok(()) => self.at = Some((held.revision, now)),
            Err(error) => tracing::error!("CONFIG_CACHE_PATH: the snapshot cannot be saved: {error}"),
        }
    }
}

fn now_ms() -> i64 {
    chrono::Utc::now().timestamp_millis()
}
