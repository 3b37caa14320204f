//! Hears of new spans and hands their rows to the streams.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, bail};
use futures::StreamExt;
use redis::aio::{PubSubSink, PubSubStream};
use tokio::{
    sync::Notify,
    time::{Instant, interval_at, sleep, timeout},
};

use super::{
    Shared,
    announced::{Announced, channel, org_of},
    seat::Seat,
};
use crate::{
    id::{OrgId, SpanRowId},
    store::traces::{self, Span},
};

/// Rows are read together, so that a busy organization costs a few queries a second.
const GATHER: Duration = Duration::from_millis(100);
/// Of one organization, that wait to be read; beyond, the oldest are lost.
const MOST_WAITING: usize = 4000;
/// Rows of one query.
const AT_ONCE: usize = 500;
/// How often Redis is asked whether it is there, and how long it may take to answer anything.
const PING: Duration = Duration::from_secs(15);
const REDIS: Duration = Duration::from_secs(5);

#[derive(Default)]
struct Waiting {
    of: Mutex<HashMap<OrgId, VecDeque<Announced>>>,
    some: Notify,
}

/// Until nobody watches any more, or Redis goes away: then all streams end.
pub(super) async fn run(shared: Arc<Shared>) {
    let waiting = Waiting::default();
    let outcome = tokio::select! {
        outcome = hear(&shared, &waiting) => outcome,
        () = hand_out(&shared, &waiting) => Ok(()),
        () = shared.closing.cancelled() => Ok(()),
    };
    if let Err(error) = outcome {
        tracing::warn!(error = format!("{error:#}"), "live streams end: Redis cannot be heard");
        shared.end_all();
    }
}

async fn hear(shared: &Shared, waiting: &Waiting) -> anyhow::Result<()> {
    let connecting = timeout(REDIS, shared.redis.get_async_pubsub()).await;
    let (mut sink, mut messages) = connecting.context("no connection in time")??.split();
    let mut heard = HashSet::new();
    let mut ping = interval_at(Instant::now() + PING, PING);
    loop {
        tokio::select! {
            () = shared.changed.notified() => {
                if !listen(shared, &mut sink, &mut heard).await? {
                    return Ok(());
                }
            }
            _ = ping.tick() => {
                let pong: redis::RedisResult<redis::Value> =
                    timeout(REDIS, sink.ping()).await.context("no answer in time")?;
                pong?;
            }
            done = take(shared, waiting, &mut messages) => done?,
        }
    }
}

async fn take(shared: &Shared, waiting: &Waiting, messages: &mut PubSubStream) -> anyhow::Result<()> {
    let Some(message) = messages.next().await else { bail!("the connection ended") };
    let Some(org) = org_of(message.get_channel_name()) else { return Ok(()) };
    let announced: Announced = match serde_json::from_slice(message.get_payload_bytes()) {
        Ok(announced) => announced,
        Err(error) => {
            tracing::debug!(%error, "an announcement cannot be read");
            return Ok(());
        }
    };
    let lost = {
        let mut of = waiting.of.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = of.entry(org).or_default();
        queue.push_back(announced);
        if queue.len() > MOST_WAITING { queue.pop_front() } else { None }
    };
    if let Some(lost) = lost {
        miss(shared, org, &[lost]);
    }
    waiting.some.notify_one();
    Ok(())
}

/// Listens for those whom somebody watches. False when that is nobody, and the task that hears is over.
async fn listen(shared: &Shared, sink: &mut PubSubSink, heard: &mut HashSet<OrgId>) -> anyhow::Result<bool> {
    let wanted: HashSet<OrgId> = {
        let mut registry = shared.registry();
        if registry.seats.is_empty() {
            registry.is_fed = false;
            registry.heard.clear();
            return Ok(false);
        }
        // Before Redis stops listening: whoever comes now waits until it does again.
        registry.heard =
            registry.heard.iter().copied().filter(|org| registry.seats.contains_key(org)).collect();
        registry.seats.keys().copied().collect()
    };
    let gone: Vec<String> = heard.difference(&wanted).map(|org| channel(*org)).collect();
    let new: Vec<String> = wanted.difference(heard).map(|org| channel(*org)).collect();
    if !gone.is_empty() {
        timeout(REDIS, sink.unsubscribe(gone)).await.context("no answer in time")??;
    }
    if !new.is_empty() {
        timeout(REDIS, sink.subscribe(new)).await.context("no answer in time")??;
    }
    shared.registry().heard.extend(&wanted);
    *heard = wanted;
    shared.settled.notify_waiters();
    Ok(true)
}

async fn hand_out(shared: &Shared, waiting: &Waiting) {
    loop {
        waiting.some.notified().await;
        sleep(GATHER).await;
        let of = std::mem::take(&mut *waiting.of.lock().unwrap_or_else(PoisonError::into_inner));
        for (org, announced) in of {
            let announced = Vec::from(announced);
            for some in announced.chunks(AT_ONCE) {
                match read(shared, org, some).await {
                    Ok(spans) => shared.seats(org).iter().for_each(|seat: &Arc<Seat>| seat.offer(&spans)),
                    Err(error) => {
                        tracing::warn!(%error, "new spans could not be read for live streams");
                        miss(shared, org, some);
                    }
                }
            }
        }
    }
}

/// In the order of the database, by which a reader takes up again.
async fn read(shared: &Shared, org: OrgId, announced: &[Announced]) -> sqlx::Result<Vec<Arc<Span>>> {
    let ids: Vec<SpanRowId> = announced.iter().map(|one| one.id).collect();
    let times = announced.iter().map(|one| one.started_at);
    let (Some(first), Some(last)) = (times.clone().min(), times.max()) else { return Ok(Vec::new()) };
    let mut tx = shared.database.tenant(org).await?;
    let spans = traces::list_by_ids(&mut tx, org, &ids, first, last).await?;
    Ok(spans.into_iter().map(Arc::new).collect())
}

fn miss(shared: &Shared, org: OrgId, lost: &[Announced]) {
    for seat in shared.seats(org) {
        lost.iter().for_each(|one| seat.miss(&one.facts()));
    }
}
