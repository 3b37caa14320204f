//! Tells the store what passed on credit, in the background: at once where credit runs out, else within half a second.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use pingora::{server::ShutdownWatch, services::background::BackgroundService};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::{
    Limiter,
    ask::put,
    member::{Member, Question},
    members::SHARDS,
};
use crate::{server::Gateway, store::Store};

const ROUND: Duration = Duration::from_millis(500);
/// We say that we are here so often; more often while the store is away.
const BEAT: Duration = Duration::from_secs(2);
/// Told in one go. The store does nothing else meanwhile.
const BATCH: usize = 32;
/// Nobody waits for it, but others wait behind it.
const WAIT: Duration = Duration::from_millis(250);
/// Who was not seen so long is forgotten: the longest window that slides is over.
const IDLE_MS: u64 = 65 * 60 * 1000;

pub(crate) struct Teller(pub(crate) Arc<Gateway>);

#[async_trait]
impl BackgroundService for Teller {
    async fn start(&self, mut shutdown: ShutdownWatch) {
        let Gateway { limiter, store, .. } = &*self.0;
        tokio::select! {
            () = limiter.tend(store) => {}
            _ = shutdown.changed() => {}
        }
        limiter.close(store, now_ms()).await;
    }
}

fn now_ms() -> u64 {
    u64::try_from(chrono::Utc::now().timestamp_millis()).unwrap_or_default()
}

impl Limiter {
    /// Keeps the store and what is known here in step, for ever.
    pub(super) async fn tend(&self, store: &Store) {
        let mut rounds = interval(ROUND);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut beat_at = Instant::now();
        let mut told_ms = 0;
        loop {
            tokio::select! {
                _ = rounds.tick() => {}
                () = self.hurry.notified() => {
                    self.tell_hurrying(store, now_ms()).await;
                    continue;
                }
            }
            let now = now_ms();
            if Instant::now() >= beat_at || self.presence.is_away(self.presence.store_time(now)) {
                if !self.presence.beat(store, now).await {
                    told_ms = 0;
                    continue;
                }
                beat_at = Instant::now() + BEAT;
            }
            // What was untold then is told, unless something went wrong: then everybody is asked again.
            told_ms = if self.tell_since(store, now, told_ms).await { now } else { 0 };
        }
    }

    /// Tells what is left, and that we are gone.
    pub(super) async fn close(&self, store: &Store, now_ms: u64) {
        self.tell_since(store, now_ms, 0).await;
        self.presence.leave(store).await;
    }

    /// Those whose credit runs out. While the store is away they wait for the next round.
    pub(super) async fn tell_hurrying(&self, store: &Store, now_ms: u64) {
        let now_ms = self.presence.store_time(now_ms);
        while !self.presence.is_away(now_ms) {
            let mut batch = Vec::new();
            while batch.len() < BATCH
                && let Some(id) = self.members.next_hurrying()
            {
                let question = self.members.with_known(id, |member| member.telling(now_ms)).flatten();
                batch.extend(question.map(|question| (id, question)));
            }
            if batch.is_empty() || !self.tell(store, &batch, now_ms).await {
                return;
            }
        }
    }

    /// All who were seen since then. Whether the store heard everything.
    pub(super) async fn tell_since(&self, store: &Store, now_ms: u64, since_ms: u64) -> bool {
        let now_ms = self.presence.store_time(now_ms);
        // Who was seen by others a moment ago may be seen here in another order.
        let since_ms = self.presence.store_time(since_ms).saturating_sub(2_000);
        for shard in 0..SHARDS {
            let mut untold = Vec::new();
            self.members.seen_since(shard, since_ms, |id, member| {
                untold.extend(member.telling(now_ms).map(|question| (id, question)));
            });
            for batch in untold.chunks(BATCH) {
                if !self.tell(store, batch, now_ms).await {
                    self.gave_up(&untold, now_ms);
                    return false;
                }
            }
            self.members.drop_idle(shard, now_ms.saturating_sub(IDLE_MS));
        }
        self.tell_homeless(store, now_ms).await
    }

    /// For those who are remembered no more, and had something to tell.
    async fn tell_homeless(&self, store: &Store, now_ms: u64) -> bool {
        loop {
            let mut batch: Vec<(Member, Question)> = Vec::new();
            while batch.len() < BATCH
                && let Some(mut member) = self.members.next_homeless()
            {
                batch.extend(member.telling(now_ms).map(|question| (member, question)));
            }
            if batch.is_empty() {
                return true;
            }
            let (members, questions): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
            if !matches!(timeout(WAIT, put(store, questions.iter())).await, Ok(Ok(_))) {
                members.into_iter().for_each(|member| self.members.is_homeless(member));
                return false;
            }
        }
    }

    async fn tell(&self, store: &Store, batch: &[(u64, Question)], now_ms: u64) -> bool {
        let questions = batch.iter().map(|(_, question)| question);
        let Ok(Ok((_, words))) = timeout(WAIT, put(store, questions)).await else {
            self.gave_up(batch, now_ms);
            self.presence.lost(now_ms);
            return false;
        };
        for ((id, question), word) in batch.iter().zip(words) {
            self.members.with_known(*id, |member| member.told(now_ms, question, Some(word)));
        }
        true
    }

    /// It stays untold.
    fn gave_up(&self, batch: &[(u64, Question)], now_ms: u64) {
        for (id, question) in batch {
            self.members.with_known(*id, |member| member.told(now_ms, question, None));
        }
    }
}
