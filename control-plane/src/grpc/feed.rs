//! Every change once for all watchers of this process: one listener, one query a change, one shared result.
//!
//! A commit announces itself (`NOTIFY`); should that be lost, a look every second finds it.

use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use gatewayops_proto::control::Update;
use sqlx::postgres::PgListener;
use tokio::sync::{Mutex, Notify, broadcast};
use tokio_util::sync::CancellationToken;

use super::parts;
use crate::{
    app::App,
    snapshot::{self, Snapshot},
    store::{changes, secrets},
};

/// A watcher that is further behind than this many changes gets them as one.
const KEPT_STEPS: usize = 64;
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Between two attempts to reach a database that does not answer.
pub(super) const PAUSE: Duration = Duration::from_millis(500);

/// The way from one revision to another, ready to be sent.
pub(super) struct Step {
    /// None: from nothing, it replaces everything.
    pub(super) from: Option<i64>,
    pub(super) to: i64,
    pub(super) updates: Vec<Update>,
    /// When we heard of the change; none for what a watcher asked for.
    pub(super) noticed: Option<Instant>,
}

pub(super) struct Feed {
    pub(super) app: Arc<App>,
    lineage: Bytes,
    /// The revision that the steps have come to.
    head: AtomicI64,
    steps: broadcast::Sender<Arc<Step>>,
    /// The last full snapshot, for as long as somebody is still receiving it.
    whole: Mutex<Weak<Step>>,
}

impl Feed {
    pub(super) async fn new(app: Arc<App>) -> anyhow::Result<Self> {
        let mut conn = app.database.worker().await?;
        let lineage = secrets::lineage(&mut conn, &app.sealer).await?;
        let head = changes::newest(&mut conn).await?.into();
        let (steps, _) = broadcast::channel(KEPT_STEPS);
        Ok(Self { app, lineage: lineage.into(), head, steps, whole: Mutex::default() })
    }

    /// Steps made from now on. Whoever asks for [`Self::whole`] or [`Self::since`] afterwards misses none.
    pub(super) fn subscribe(&self) -> broadcast::Receiver<Arc<Step>> {
        self.steps.subscribe()
    }

    pub(super) fn is_ours(&self, lineage: &[u8]) -> bool {
        self.lineage == lineage
    }

    /// Everything, made once for all who come at the same time; anew for who has seen more than that one tells.
    pub(super) async fn whole(&self, seen: i64) -> anyhow::Result<Arc<Step>> {
        let mut whole = self.whole.lock().await;
        let head = self.head.load(Ordering::SeqCst);
        if let Some(step) = whole.upgrade().filter(|step| step.to == head && step.to >= seen) {
            return Ok(step);
        }
        let snapshot = snapshot::everything(&self.app.database, &self.app.sealer).await?;
        let step = Arc::new(self.step(None, snapshot, None));
        *whole = Arc::downgrade(&step);
        Ok(step)
    }

    /// What a watcher at `revision` misses: the difference while the log tells it, else everything.
    pub(super) async fn since(&self, revision: i64) -> anyhow::Result<Arc<Step>> {
        match snapshot::since(&self.app.database, &self.app.sealer, revision).await? {
            Some(snapshot) => Ok(Arc::new(self.step(Some(revision), snapshot, None))),
            None => self.whole(revision).await,
        }
    }

    fn step(&self, from: Option<i64>, snapshot: Snapshot, noticed: Option<Instant>) -> Step {
        let updates = parts::cut(snapshot.revision, &self.lineage, from.is_none(), snapshot.changes);
        Step { from, to: snapshot.revision, updates, noticed }
    }

    /// Makes the steps until `stop`.
    pub(super) async fn run(&self, stop: &CancellationToken) {
        let wake = Notify::new();
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.listen(&wake) => {}
            () = self.follow(&wake) => {}
        }
    }

    async fn listen(&self, wake: &Notify) {
        loop {
            if let Err(error) = self.hear(wake).await {
                tracing::warn!(
                    error = format!("{error:#}"),
                    "not listening for changes; looking every second instead"
                );
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn hear(&self, wake: &Notify) -> anyhow::Result<()> {
        let mut listener = PgListener::connect_with(self.app.database.pool()).await?;
        listener.eager_reconnect(false);
        listener.listen(changes::CHANNEL).await?;
        wake.notify_one();
        while listener.try_recv().await?.is_some() {
            while listener.next_buffered().is_some() {}
            wake.notify_one();
        }
        anyhow::bail!("the connection was lost")
    }

    async fn follow(&self, wake: &Notify) {
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = wake.notified() => {}
                _ = look.tick() => {}
            }
            if let Err(error) = self.advance(Instant::now()).await {
                tracing::warn!(
                    error = format!("{error:#}"),
                    "changes cannot be read; proxies keep what they have"
                );
            }
        }
    }

    /// One step for everything that was committed since the last.
    async fn advance(&self, noticed: Instant) -> anyhow::Result<()> {
        let head = self.head.load(Ordering::SeqCst);
        let (from, snapshot) = match snapshot::since(&self.app.database, &self.app.sealer, head).await? {
            Some(snapshot) if snapshot.revision == head => return Ok(()),
            Some(snapshot) => (Some(head), snapshot),
            None => (None, snapshot::everything(&self.app.database, &self.app.sealer).await?),
        };
        let step = self.step(from, snapshot, Some(noticed));
        // Before it is sent: a snapshot handed out once is too old for whoever subscribes after this line.
        self.head.store(step.to, Ordering::SeqCst);
        // Nobody may be watching.
        let _ = self.steps.send(Arc::new(step));
        Ok(())
    }
}
