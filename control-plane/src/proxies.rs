//! Which proxies there are and how they are. Each reports to one replica; the others read of it in Redis, and without Redis
//! a replica knows its own. Nothing depends on it; people look at it.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use gatewayops_proto::control::ProxyStatus;
use redis::AsyncCommands;
use serde::{Deserialize, Serialize};

use crate::app::App;

/// A hash: a JSON of [`Presence`] for each proxy, by its id.
const KEY: &str = "gwo:proxies";
/// A proxy that was silent for so long is forgotten.
const REMEMBERED: TimeDelta = TimeDelta::minutes(10);
/// Three reports of a proxy did not come.
const SILENT: TimeDelta = TimeDelta::seconds(15);

/// What a proxy said last, and when.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Presence {
    pub proxy_id: String,
    pub version: String,
    pub revision: u64,
    /// Requests under way.
    pub connections: u32,
    pub streams: u32,
    /// Of the revisions of MCP that have them.
    pub sessions: u32,
    pub at: DateTime<Utc>,
}

impl Presence {
    pub fn is_silent(&self, now: DateTime<Utc>) -> bool {
        now - self.at > SILENT
    }

    fn is_remembered(&self, now: DateTime<Utc>) -> bool {
        now - self.at < REMEMBERED
    }
}

/// Those that report to this replica, by id.
#[derive(Default)]
pub struct Proxies(Mutex<BTreeMap<String, Presence>>);

impl Proxies {
    fn own(&self) -> MutexGuard<'_, BTreeMap<String, Presence>> {
        let mut proxies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Utc::now();
        proxies.retain(|_, presence| presence.is_remembered(now));
        proxies
    }
}

/// Keeps what a proxy says, for everybody.
pub async fn note(app: &App, status: ProxyStatus) {
    let presence = Presence {
        proxy_id: status.proxy_id,
        version: status.version,
        revision: status.revision,
        connections: status.connections,
        streams: status.streams,
        sessions: status.sessions,
        at: Utc::now(),
    };
    app.proxies.own().insert(presence.proxy_id.clone(), presence.clone());
    if let Err(error) = tell(app, &presence).await {
        tracing::debug!("redis: what {} reports is known to this replica alone: {error}", presence.proxy_id);
    }
}

async fn tell(app: &App, presence: &Presence) -> anyhow::Result<()> {
    let mut redis = app.redis.get().await?;
    Ok(redis.hset::<_, _, _, ()>(KEY, &presence.proxy_id, serde_json::to_string(presence)?).await?)
}

/// Everyone heard of lately, by any replica, by id.
pub async fn list(app: &App) -> Vec<Presence> {
    let now = Utc::now();
    let mut known = app.proxies.own().clone();
    let told = told(app, now).await.unwrap_or_else(|error| {
        tracing::debug!("redis: only the proxies of this replica are known: {error}");
        Vec::new()
    });
    for presence in told {
        let newest = known.get(&presence.proxy_id).is_none_or(|own| own.at < presence.at);
        if newest {
            known.insert(presence.proxy_id.clone(), presence);
        }
    }
    known.into_values().collect()
}

/// What all replicas heard; who was silent for long is taken out.
async fn told(app: &App, now: DateTime<Utc>) -> anyhow::Result<Vec<Presence>> {
    let mut redis = app.redis.get().await?;
    let all: BTreeMap<String, String> = redis.hgetall(KEY).await?;
    let mut told = Vec::with_capacity(all.len());
    for (id, json) in all {
        match serde_json::from_str::<Presence>(&json) {
            Ok(presence) if presence.is_remembered(now) => told.push(presence),
            _ => redis.hdel::<_, _, ()>(KEY, id).await?,
        }
    }
    Ok(told)
}
