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
use gatewayops_proto::control::{Breaker, ProxyStatus, WatchRequest};
use pingora::{server::ShutdownWatch, services::background::BackgroundService};
use secrecy::ExposeSecret;
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval, sleep, timeout},
};

use super::{
    Snapshot,
    held::Held,
    sealed::{SealedFile, Unusable},
};
use crate::{
    control_plane::{self, CONNECT, told_by},
    server::Gateway,
};

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
            // Replicas take turns, and proxies do not all begin at the same one.
            let mut turn = std::process::id() as usize;
            loop {
                let before = held.revision;
                let reason = self.follow(turn, &mut saved, &mut held).await;
                turn = turn.wrapping_add(1);
                if self.0.current.is_connected() {
                    self.0.current.heard(false);
                    tracing::warn!(
                        revision = held.revision,
                        "control plane lost, serving what it said last: {reason}"
                    );
                    told = Some(Instant::now());
                } else if told.is_none_or(|told| told.elapsed() > REMIND) {
                    let urls = config.control_plane.urls.join(", ");
                    tracing::warn!("control plane not reached at {urls}: {reason}");
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
    async fn follow(&self, turn: usize, saved: &mut Saved, held: &mut Held) -> String {
        match self.try_follow(turn, saved, held).await {
            Ok(()) => "the stream ended".to_owned(),
            Err(reason) => reason,
        }
    }

    async fn try_follow(&self, turn: usize, saved: &mut Saved, held: &mut Held) -> Result<(), String> {
        let config = &self.0.config;
        let client = control_plane::connect(&config.control_plane, turn).await?;
        let client = client.max_decoding_message_size(MAX_MESSAGE);
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
        self.0.control_plane.follow(&client);
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
    async fn report(&self, mut client: control_plane::Client) {
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
        sessions: u32::try_from(gateway.sessions.count()).unwrap_or(u32::MAX),
    }
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
