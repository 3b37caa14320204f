//! Keeps the snapshot current: follows the control plane, and serves the last good word while it is away.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;
use async_trait::async_trait;
use gatewayops_proto::control::{
    Breaker, Change, ProxyStatus, Secret, Update, WatchRequest, change::Entity,
    control_plane_client::ControlPlaneClient, deleted::Kind,
};
use pingora::{server::ShutdownWatch, services::background::BackgroundService};
use secrecy::ExposeSecret;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tonic::{
    metadata::{Ascii, MetadataValue},
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity},
};

use super::{
    Snapshot, from_proto,
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
    is_connected: AtomicBool,
    heard_at_ms: AtomicI64,
}

impl Current {
    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
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
        let mut state = State::default();
        self.start_from(&file, &mut state);
        let follow = async {
            let mut retry = RETRY_FIRST;
            let mut told: Option<Instant> = None;
            loop {
                let before = state.revision;
                let reason = self.follow(&file, &mut state).await;
                if self.0.current.is_connected() {
                    self.0.current.heard(false);
                    tracing::warn!(
                        revision = state.revision,
                        "control plane lost, serving what it said last: {reason}"
                    );
                    told = Some(Instant::now());
                } else if told.is_none_or(|told| told.elapsed() > REMIND) {
                    tracing::warn!("control plane not reached at {}: {reason}", config.control_plane.url);
                    told = Some(Instant::now());
                }
                retry = if state.revision == before { (retry * 2).min(RETRY_LAST) } else { RETRY_FIRST };
                sleep(retry).await;
            }
        };
        tokio::select! { () = follow => {}, _ = shutdown.changed() => {} }
    }
}

impl Watch {
    fn start_from(&self, file: &SealedFile, state: &mut State) {
        match file.load() {
            Ok((update, heard_at_ms)) => {
                self.0.current.heard_at_ms.store(heard_at_ms, Ordering::Relaxed);
                state.apply(update, &self.0.current);
                tracing::info!(
                    revision = state.revision,
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
    async fn follow(&self, file: &SealedFile, state: &mut State) -> String {
        match self.try_follow(file, state).await {
            Ok(()) => "the stream ended".to_owned(),
            Err(reason) => reason,
        }
    }

    async fn try_follow(&self, file: &SealedFile, state: &mut State) -> Result<(), String> {
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
        let request = WatchRequest {
            proxy_id: config.proxy_id.clone(),
            version: env!("CARGO_PKG_VERSION").into(),
            have_revision: state.revision,
            have_lineage: state.lineage.clone().into(),
        };
        let mut updates = timeout(CONNECT, client.clone().watch(request))
            .await
            .map_err(|_| "no answer in time".to_owned())?
            .map_err(|status| told_by(&status))?
            .into_inner();
        let report = self.report(client);
        tokio::pin!(report);
        let mut save = interval(SAVE);
        save.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                update = updates.message() => {
                    let update = update.map_err(|status| told_by(&status))?;
                    let Some(update) = update else { return Ok(()) };
                    let is_whole = !update.more;
                    state.apply(update, &self.0.current);
                    if is_whole {
                        self.0.current.heard(true);
                        tracing::debug!(revision = state.revision, "configuration applied");
                    }
                }
                _ = save.tick() => state.save(file),
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

async fn channel(control_plane: &ControlPlane) -> Result<Channel, String> {
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

/// All that the control plane has said, as messages: what the file holds, and what deltas are applied to.
#[derive(Default)]
struct State {
    revision: u64,
    lineage: Vec<u8>,
    entities: HashMap<(i32, Vec<u8>), Change>,
    /// Parts of an update whose last part has not come.
    parts: Vec<Update>,
    saved: Option<(u64, i64)>,
}

impl State {
    fn apply(&mut self, update: Update, current: &Current) {
        let more = update.more;
        self.parts.push(update);
        if more {
            return;
        }
        let parts = std::mem::take(&mut self.parts);
        let replaces = parts.iter().any(|part| part.replaces_everything);
        let Some(last) = parts.last() else { return };
        (self.revision, self.lineage) = (last.revision, last.lineage.to_vec());
        let previous = current.snapshot();
        let mut next = if replaces {
            self.entities.clear();
            Snapshot::default()
        } else {
            (*previous).clone()
        };
        (next.revision, next.lineage) = (self.revision, self.lineage.clone());
        for part in parts {
            next = from_proto::apply(next, &previous, &part.changes);
            part.changes.into_iter().for_each(|change| self.put(change));
        }
        let secrets = self.entities.values().filter_map(|change| match &change.entity {
            Some(Entity::Secret(secret)) => Some(secret),
            _ => None,
        });
        let secrets: Vec<&Secret> = secrets.collect();
        current.snapshot.store(Arc::new(from_proto::with_secrets(next, secrets.into_iter())));
    }

    fn put(&mut self, change: Change) {
        let (kind, id) = match &change.entity {
            Some(Entity::Organization(organization)) => (Kind::Organization, &organization.id),
            Some(Entity::ApiKey(key)) => (Kind::ApiKey, &key.id),
            Some(Entity::Server(server)) => (Kind::Server, &server.id),
            Some(Entity::Secret(secret)) => (Kind::Secret, &secret.id),
            Some(Entity::Deleted(deleted)) => {
                self.entities.remove(&(deleted.kind, deleted.id.to_vec()));
                return;
            }
            None => return,
        };
        let key = (i32::from(kind), id.to_vec());
        self.entities.insert(key, change);
    }

    fn save(&mut self, file: &SealedFile) {
        let now = now_ms();
        let is_fresh = self.saved.is_some_and(|(revision, at)| {
            revision == self.revision && now - at < i64::try_from(RENEW.as_millis()).unwrap_or(i64::MAX)
        });
        if self.revision == 0 || is_fresh {
            return;
        }
        let everything = Update {
            revision: self.revision,
            lineage: self.lineage.clone().into(),
            replaces_everything: true,
            more: false,
            changes: self.entities.values().cloned().collect(),
        };
        match file.save(&everything, now) {
            Ok(()) => self.saved = Some((self.revision, now)),
            Err(error) => tracing::error!("CONFIG_CACHE_PATH: the snapshot cannot be saved: {error}"),
        }
    }
}

fn now_ms() -> i64 {
    chrono::Utc::now().timestamp_millis()
}
