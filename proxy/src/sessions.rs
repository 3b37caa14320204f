//! Legacy sessions in use: who opened how many, which have ended, which are idle (R3.5, R3.14).
//!
//! A session itself is its token. What is remembered here is only when it was last used: on this replica in
//! memory, for all replicas in the store, where [`reaper`] finds the idle ones and ends them at their servers.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use crossbeam_queue::ArrayQueue;
use ring::digest;

use crate::{
    principal::Principal,
    rejection::{Code, Rejection},
    store::{Away, Store},
};

pub(crate) mod reaper;

/// All tokens of sessions, by when they were last used (Unix milliseconds).
const USED: &str = "gwo:mcp:sessions";
/// Digests of sessions that have ended lately, by when.
const ENDED: &str = "gwo:mcp:ended";
const SHARDS: usize = 32;
/// Uses that wait to be told to the store. What does not fit is told with the next use.
const WAITING: usize = 65_536;

pub(crate) type Digest = [u8; 16];

pub(crate) struct Limits {
    pub(crate) idle: Duration,
    pub(crate) max_age: Duration,
    pub(crate) per_principal: u32,
    pub(crate) streams_per_principal: u32,
}

pub(crate) struct Sessions {
    pub(crate) limits: Limits,
    shards: [Mutex<HashMap<Digest, Entry>>; SHARDS],
    /// Tokens that were used, and the digest of each.
    used: ArrayQueue<(Box<str>, u64)>,
    /// Ends that the store has not heard of yet.
    unsaid: ArrayQueue<(Box<str>, Digest)>,
    /// Sessions with a stream open.
    kept: Mutex<HashMap<u64, (Box<str>, Digest)>>,
    next: AtomicU64,
    started: Instant,
}

struct Entry {
    /// Both in milliseconds since we started.
    used: u64,
    told: u64,
    /// None: it has ended, and counts no more.
    counted: Option<Counted>,
}

/// One session of a principal, for as long as it counts.
struct Counted(Arc<Usage>);

/// What a principal has open on this replica. Outlives a change of the principal.
#[derive(Debug, Default)]
pub(crate) struct Usage {
    sessions: AtomicU32,
    streams: AtomicU32,
}

/// One open stream of a principal.
pub(crate) struct OpenStream(Arc<Usage>);

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.streams.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.sessions.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A session that is in use for as long as this lives, though nobody may say anything in it.
pub(crate) struct Kept<'a> {
    sessions: &'a Sessions,
    number: u64,
}

impl Drop for Kept<'_> {
    fn drop(&mut self) {
        lock(&self.sessions.kept).remove(&self.number);
    }
}

/// The short name of a token: for maps, records and logs (R8.8).
pub(crate) fn digest_of(token: &str) -> Digest {
    let mut short = Digest::default();
    short.copy_from_slice(&digest::digest(&digest::SHA256, token.as_bytes()).as_ref()[..16]);
    short
}

impl Sessions {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            shards: std::array::from_fn(|_| Mutex::default()),
            used: ArrayQueue::new(WAITING),
            unsaid: ArrayQueue::new(WAITING),
            kept: Mutex::default(),
            next: AtomicU64::default(),
            started: Instant::now(),
        }
    }

    /// When a session ends that begins now, however much it is used. Unix milliseconds.
    pub(crate) fn expiry(&self, now_ms: u64) -> u64 {
        now_ms + as_millis(self.limits.max_age)
    }

    /// Whether the principal may open one more.
    pub(crate) fn admit(&self, principal: &Principal) -> Result<(), Rejection> {
        let limit = self.limits.per_principal;
        if principal.usage.sessions.load(Ordering::Relaxed) < limit {
            return Ok(());
        }
        Err(too_many(principal, "sessions", limit))
    }

    /// Whether the principal may open one more stream; it is open for as long as what is returned lives.
    pub(crate) fn open_stream(&self, principal: &Principal) -> Result<OpenStream, Rejection> {
        let limit = self.limits.streams_per_principal;
        let before = principal.usage.streams.fetch_add(1, Ordering::Relaxed);
        let open = OpenStream(principal.usage.clone());
        if before < limit { Ok(open) } else { Err(too_many(principal, "streams", limit)) }
    }

    /// Notes a use. The first use of a session on this replica asks the store whether it has ended elsewhere.
    pub(crate) async fn used(
        &self,
        store: &Store,
        token: &str,
        digest: Digest,
        principal: &Principal,
    ) -> bool {
        match self.note(token, digest) {
            Some(is_live) => is_live,
            None => {
                let is_live = !self.ended_elsewhere(store, digest).await;
                if is_live {
                    self.opened(token, digest, principal);
                } else {
                    let entry = Entry { used: self.now(), told: 0, counted: None };
                    drop(self.shard(digest).insert(digest, entry));
                }
                is_live
            }
        }
    }

    /// Whether the session has ended on any replica. A store that is away says no.
    pub(crate) async fn ended_elsewhere(&self, store: &Store, digest: Digest) -> bool {
        store.ask::<bool>(redis::cmd("EXISTS").arg(ended(digest))).await.unwrap_or(false)
    }

    /// None: this replica has not seen it yet.
    fn note(&self, token: &str, digest: Digest) -> Option<bool> {
        let now = self.now();
        let mut shard = self.shard(digest);
        let entry = shard.get_mut(&digest)?;
        if entry.counted.is_none() {
            return Some(false);
        }
        entry.used = now;
        if now.saturating_sub(entry.told) >= self.granularity() && self.tell(token) {
            entry.told = now;
        }
        Some(true)
    }

    /// A session that has just been opened, or is seen here for the first time.
    pub(crate) fn opened(&self, token: &str, digest: Digest, principal: &Principal) {
        principal.usage.sessions.fetch_add(1, Ordering::Relaxed);
        let now = self.now();
        let told = if self.tell(token) { now } else { 0 };
        let entry = Entry { used: now, told, counted: Some(Counted(principal.usage.clone())) };
        // A twin of the same moment is dropped, and with it what it counted.
        drop(self.shard(digest).insert(digest, entry));
    }

    /// From now on it is unknown, here at once, on other replicas with its next use of the store.
    pub(crate) async fn end(&self, store: &Store, token: &str, digest: Digest) {
        self.forget(digest);
        if self.tell_end(store, token, digest).await.is_err() {
            // Said again until it is heard. Meanwhile the server knows the session no longer.
            let _ = self.unsaid.push((token.into(), digest));
        }
    }

    /// Marks a session as ended for every replica: those that see it for the first time, and those that count it.
    async fn tell_end(&self, store: &Store, token: &str, digest: Digest) -> Result<(), Away> {
        let now_ms = chrono::Utc::now().timestamp_millis();
        let seconds = self.limits.max_age.as_secs().max(1);
        let mut commands = redis::pipe();
        commands.cmd("ZREM").arg(USED).arg(token).ignore();
        commands.cmd("SET").arg(ended(digest)).arg(1).arg("EX").arg(seconds).ignore();
        commands.cmd("ZADD").arg(ENDED).arg(now_ms).arg(hex::encode(digest)).ignore();
        store.ask_all(&commands).await
    }

    fn forget(&self, digest: Digest) {
        if let Some(entry) = self.shard(digest).get_mut(&digest) {
            entry.counted = None;
        }
    }

    /// Keeps the session of a stream in use while the stream is open.
    pub(crate) fn keep(&self, token: &str, digest: Digest) -> Kept<'_> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        lock(&self.kept).insert(number, (token.into(), digest));
        Kept { sessions: self, number }
    }

    fn note_kept(&self) {
        for (token, digest) in lock(&self.kept).values() {
            let _ = self.note(token, *digest);
        }
    }

    /// Sessions in use on this replica.
    pub(crate) fn count(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).len()).sum()
    }

    /// Takes out of memory what was not used for the idle time. Where it goes on, it is seen for the first time again.
    fn drop_idle(&self) {
        let now = self.now();
        let idle = as_millis(self.limits.idle);
        for shard in &self.shards {
            let mut shard = lock(shard);
            shard.retain(|_, entry| now.saturating_sub(entry.used) < idle);
            if shard.capacity() > 4 * shard.len() {
                shard.shrink_to_fit();
            }
        }
    }

    fn tell(&self, token: &str) -> bool {
        let now_ms = u64::try_from(chrono::Utc::now().timestamp_millis()).unwrap_or_default();
        self.used.push((token.into(), now_ms)).is_ok()
    }

    /// A use is told to the store at most this often.
    fn granularity(&self) -> u64 {
        as_millis(self.limits.idle / 10).min(60_000)
    }

    fn now(&self) -> u64 {
        as_millis(self.started.elapsed())
    }

    fn shard(&self, digest: Digest) -> MutexGuard<'_, HashMap<Digest, Entry>> {
        lock(&self.shards[usize::from(digest[0]) % SHARDS])
    }
}

fn too_many(principal: &Principal, what: &str, limit: u32) -> Rejection {
    let scope_type = if principal.api_key().is_some() { "api_key" } else { "user" };
    Rejection::new(
        Code::TooManySessions,
        format!("this {} already has {limit} {what} open; close some first", principal.noun()),
    )
    .with("limit", limit)
    .with("scope_type", scope_type)
    .retry_after(10)
}

fn ended(digest: Digest) -> String {
    format!("gwo:mcp:ended:{}", hex::encode(digest))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing in here can panic halfway through a change.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn as_millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sessions(idle: Duration) -> Sessions {
        let max_age = Duration::from_secs(60);
        Sessions::new(Limits { idle, max_age, per_principal: 2, streams_per_principal: 1 })
    }

    #[test]
    fn what_is_open_counts_until_it_ends_or_is_idle() {
        let (sessions, principal) = (sessions(Duration::from_secs(60)), Principal::nobody());
        for token in ["a", "b"] {
            sessions.admit(&principal).unwrap();
            sessions.opened(token, digest_of(token), &principal);
        }
        assert_eq!(sessions.admit(&principal).unwrap_err().code, Code::TooManySessions);
        // Seen once more, by a request of the same moment: still one.
        sessions.opened("a", digest_of("a"), &principal);
        sessions.forget(digest_of("a"));
        sessions.admit(&principal).unwrap();
        assert_eq!(sessions.note("a", digest_of("a")), Some(false), "it has ended");
        assert_eq!(sessions.note("b", digest_of("b")), Some(true));
        assert_eq!(sessions.note("c", digest_of("c")), None, "not seen here");
        assert_eq!(sessions.count(), 2);
    }

    #[test]
    fn what_is_idle_leaves_the_memory_unless_a_stream_keeps_it() {
        let (sessions, principal) = (sessions(Duration::ZERO), Principal::nobody());
        sessions.opened("a", digest_of("a"), &principal);
        sessions.drop_idle();
        assert_eq!(sessions.count(), 0);
        sessions.admit(&principal).unwrap();
        let kept = sessions.keep("a", digest_of("a"));
        assert_eq!(lock(&sessions.kept).len(), 1);
        drop(kept);
        assert!(lock(&sessions.kept).is_empty());
    }

    #[test]
    fn a_principal_has_so_many_streams_and_no_more() {
        let (sessions, principal) = (sessions(Duration::ZERO), Principal::nobody());
        let first = sessions.open_stream(&principal).unwrap();
        assert!(sessions.open_stream(&principal).is_err());
        drop(first);
        assert!(sessions.open_stream(&principal).is_ok(), "a refused one has taken no place");
    }
}
