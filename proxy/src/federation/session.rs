//! The sessions that one federated client has open at servers: opened when first needed, the same on every replica
//! (R3.6). The store holds them sealed; a replica keeps what it has seen.

use std::{
    collections::HashMap,
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
};

use lru::LruCache;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    mcp::{
        token::{Keys, Token},
        version::Version,
    },
    sessions::Digest,
    store::Store,
    upstream::own::{Fault, Own},
};

/// Clients whose sessions this replica remembers at once; the store has them all.
const KEPT: usize = 50_000;

/// A session at a server. Servers that keep none have no id (R3.15).
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub(crate) struct Upstream {
    pub(crate) server: Uuid,
    pub(crate) id: Option<String>,
    pub(crate) version: Version,
}

impl Token for Upstream {
    const LABEL: &'static str = "upstream session";
}

/// The client's side of it.
#[derive(Clone, Copy)]
pub(crate) struct Holder<'a> {
    pub(crate) keys: &'a Keys,
    pub(crate) principal: Uuid,
    /// Of the client's token.
    pub(crate) digest: Digest,
    pub(crate) version: Version,
    /// `"capabilities":…,"clientInfo":…` as the client declared them.
    pub(crate) client: &'a str,
    pub(crate) now_ms: u64,
    pub(crate) expires_at_ms: u64,
}

type Slot = Arc<tokio::sync::Mutex<Option<Upstream>>>;

pub(crate) struct Upstreams(Mutex<LruCache<Digest, HashMap<Uuid, Slot>>>);

impl Default for Upstreams {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(NonZeroUsize::new(KEPT).unwrap_or(NonZeroUsize::MIN))))
    }
}

impl Upstreams {
    /// The client's session at this server.
    pub(crate) async fn open(&self, holder: Holder<'_>, own: Own<'_>) -> Result<Upstream, Fault> {
        let slot = self.slot(holder.digest, own.server.id);
        let mut slot = slot.lock().await;
        if let Some(upstream) = &*slot {
            return Ok(upstream.clone());
        }
        let store = &own.gateway.store;
        let upstream = match holder.stored(store, own.server.id).await {
            Some(upstream) => upstream,
            None => {
                let opened = own.initialize(holder.version, holder.client).await?;
                let upstream =
                    Upstream { server: own.server.id, id: opened.session, version: opened.version };
                if let Some(level) = holder.level(store).await {
                    own.set_level(upstream.version, upstream.id.as_deref(), &level).await;
                }
                holder.store(store, own, upstream).await
            }
        };
        *slot = Some(upstream.clone());
        Ok(upstream)
    }

    /// The server does not know the session any more: the next one who needs it opens another.
    pub(crate) async fn lost(&self, digest: Digest, store: &Store, server: Uuid) {
        *self.slot(digest, server).lock().await = None;
        let mut command = redis::cmd("HDEL");
        command.arg(key(digest)).arg(server.to_string());
        // What stays in a store that is away is found out again.
        let _ = store.ask::<()>(&command).await;
    }

    /// All that are open, on whatever replica they were opened.
    pub(crate) async fn all(
        &self,
        store: &Store,
        keys: &Keys,
        principal: Uuid,
        digest: Digest,
        now_ms: u64,
    ) -> Vec<Upstream> {
        let stored: Result<HashMap<String, String>, _> =
            store.ask(redis::cmd("HGETALL").arg(key(digest))).await;
        if let Ok(stored) = stored {
            return stored.values().filter_map(|sealed| keys.open(principal, now_ms, sealed)).collect();
        }
        let slots: Vec<_> = {
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            kept.get(&digest).into_iter().flat_map(HashMap::values).cloned().collect()
        };
        slots.iter().filter_map(|slot| slot.try_lock().ok()?.clone()).collect()
    }

    /// The level of logs that the client wants, for sessions that are opened later.
    pub(crate) async fn set_level(&self, store: &Store, holder: Holder<'_>, level: &str) {
        let key = level_key(holder.digest);
        let mut commands = redis::pipe();
        commands.cmd("SET").arg(&key).arg(level).ignore();
        commands.cmd("PEXPIREAT").arg(&key).arg(holder.expires_at_ms).ignore();
        // Without the store the level holds for the sessions that are open.
        let _ = store.ask_all::<()>(&commands).await;
    }

    /// Forgets the client.
    pub(crate) async fn end(&self, store: &Store, digest: Digest) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop(&digest);
        let _ = store.ask::<()>(redis::cmd("DEL").arg(key(digest)).arg(level_key(digest))).await;
    }

    fn slot(&self, digest: Digest, server: Uuid) -> Slot {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get_or_insert_mut(digest, HashMap::new).entry(server).or_default().clone()
    }
}

impl Holder<'_> {
    async fn level(&self, store: &Store) -> Option<String> {
        store.ask(redis::cmd("GET").arg(level_key(self.digest))).await.ok()?
    }

    async fn stored(&self, store: &Store, server: Uuid) -> Option<Upstream> {
        let mut command = redis::cmd("HGET");
        command.arg(key(self.digest)).arg(server.to_string());
        let sealed: Option<String> = store.ask(&command).await.ok()?;
        self.keys.open(self.principal, self.now_ms, &sealed?)
    }

    /// Makes it known to all replicas. Of two that opened one at the same moment, the first one's stays.
    async fn store(&self, store: &Store, own: Own<'_>, upstream: Upstream) -> Upstream {
        let Some(sealed) = self.keys.seal(self.principal, self.expires_at_ms, &upstream) else {
            return upstream;
        };
        let (key, field) = (key(self.digest), upstream.server.to_string());
        let mut commands = redis::pipe();
        commands.cmd("HSETNX").arg(&key).arg(&field).arg(sealed);
        commands.cmd("PEXPIREAT").arg(&key).arg(self.expires_at_ms).ignore();
        match store.ask_all::<(bool,)>(&commands).await {
            Ok((false,)) => match self.stored(store, upstream.server).await {
                Some(first) => {
                    if let Some(id) = &upstream.id {
                        own.end_session(upstream.version, id).await;
                    }
                    first
                }
                None => upstream,
            },
            // Without the store every replica goes on with a session of its own.
            _ => upstream,
        }
    }
}

fn level_key(digest: Digest) -> String {
    format!("gwo:mcp:level:{}", hex::encode(digest))
}

fn key(digest: Digest) -> String {
    format!("gwo:mcp:upstreams:{}", hex::encode(digest))
}
