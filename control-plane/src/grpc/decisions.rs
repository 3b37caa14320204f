//! Calls that are held until somebody decides: one listener for all that wait in this process.
//!
//! A decision announces itself (`NOTIFY`); should that be lost, one look every few seconds at all that wait together
//! finds it. Nobody who waits holds a connection to the database.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use prometheus::IntGauge;
use sqlx::postgres::PgListener;
use tokio::sync::{Notify, futures::OwnedNotified};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::feed::PAUSE;
use crate::{
    app::App,
    id::ApprovalId,
    store::approvals::{CHANNEL, calls},
};

/// Calls held at the same time; further ones are told at once to come again.
const MOST: usize = 1_024;
const LOOK_EVERY: Duration = Duration::from_secs(3);

pub(super) struct Decisions {
    held: Mutex<Held>,
    gauge: IntGauge,
}

#[derive(Default)]
struct Held {
    count: usize,
    /// By approval, with how many calls wait for it.
    waiting: HashMap<Uuid, (Arc<Notify>, usize)>,
}

/// One call that waits, for as long as it lives.
pub(super) struct Wait {
    decisions: Arc<Decisions>,
    approval: Uuid,
    decided: Arc<Notify>,
}

impl Wait {
    /// Ends with the next decision after this call, or when there may have been one. Look after you have called it, and
    /// before you await it.
    pub(super) fn decided(&self) -> OwnedNotified {
        Arc::clone(&self.decided).notified_owned()
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        let mut held = self.decisions.held();
        held.count -= 1;
        self.decisions.gauge.dec();
        if let Some((_, calls)) = held.waiting.get_mut(&self.approval) {
            *calls -= 1;
            if *calls == 0 {
                held.waiting.remove(&self.approval);
            }
        }
    }
}

impl Decisions {
    /// `gauge` shows how many calls are held.
    pub(super) fn new(gauge: IntGauge) -> Self {
        Self { held: Mutex::default(), gauge }
    }

    /// None: too many wait already.
    pub(super) fn wait_for(self: &Arc<Self>, approval: ApprovalId) -> Option<Wait> {
        let mut held = self.held();
        if held.count >= MOST {
            return None;
        }
        held.count += 1;
        self.gauge.inc();
        let (notify, calls) = held.waiting.entry(approval.0).or_default();
        *calls += 1;
        let decided = Arc::clone(notify);
        Some(Wait { decisions: Arc::clone(self), approval: approval.0, decided })
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self, approval: Uuid) {
        if let Some((notify, _)) = self.held().waiting.get(&approval) {
            notify.notify_waiters();
        }
    }

    fn wake_all(&self) {
        for (notify, _) in self.held().waiting.values() {
            notify.notify_waiters();
        }
    }

    /// Wakes who waits until `stop`.
    pub(super) async fn run(&self, app: &App, stop: &CancellationToken) {
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.listen(app) => {}
            () = self.look(app) => {}
        }
    }

    async fn listen(&self, app: &App) {
        loop {
            if let Err(error) = self.hear(app).await {
                tracing::warn!(
                    error = format!("{error:#}"),
                    "not listening for decisions; looking every few seconds instead"
                );
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn hear(&self, app: &App) -> anyhow::Result<()> {
        let mut listener = PgListener::connect_with(app.database.pool()).await?;
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await?;
        // What was decided before we listened.
        self.wake_all();
        while let Some(notification) = listener.try_recv().await? {
            if let Ok(approval) = notification.payload().parse() {
                self.wake(approval);
            }
        }
        anyhow::bail!("the connection was lost")
    }

    async fn look(&self, app: &App) {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let ids: Vec<Uuid> = self.held().waiting.keys().copied().collect();
            if ids.is_empty() {
                continue;
            }
            match decided(app, &ids).await {
                Ok(decided) => decided.into_iter().for_each(|approval| self.wake(approval)),
                Err(error) => tracing::warn!(%error, "decisions cannot be read; calls stay held"),
            }
        }
    }
}

async fn decided(app: &App, ids: &[Uuid]) -> sqlx::Result<Vec<Uuid>> {
    let mut tx = app.database.worker().await?;
    calls::decided(&mut tx, ids).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decisions() -> Arc<Decisions> {
        Arc::new(Decisions::new(IntGauge::new("held", "for a test").unwrap()))
    }

    #[tokio::test]
    async fn a_decision_wakes_those_who_wait_for_it_also_between_look_and_wait() {
        let decisions = decisions();
        let (one, other) = (ApprovalId::new(), ApprovalId::new());
        let waits = [one, one, other].map(|approval| decisions.wait_for(approval).unwrap());
        let [first, second, another] = waits.each_ref().map(Wait::decided);
        decisions.wake(one.0);
        first.await;
        second.await;
        let still = tokio::time::timeout(Duration::from_millis(20), another).await;
        assert!(still.is_err(), "nobody decided about the other one");
        let another = waits[2].decided();
        decisions.wake_all();
        another.await;
    }

    #[test]
    fn only_so_many_are_held_and_who_leaves_makes_room() {
        let decisions = decisions();
        let approval = ApprovalId::new();
        let mut waits: Vec<_> = (0..MOST).map(|_| decisions.wait_for(approval).unwrap()).collect();
        assert!(decisions.wait_for(approval).is_none());
        waits.pop();
        assert!(decisions.wait_for(ApprovalId::new()).is_some());
        waits.clear();
        let held = decisions.held();
        assert!(held.waiting.is_empty() && held.count == 0);
        assert_eq!(decisions.gauge.get(), 0);
    }
}
