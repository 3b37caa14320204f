//! The members in use, each found by a keyed hash of who it is and under which limit. Bounded: the least recently seen
//! make room, and what they had not told is told without them.

use std::{
    hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
};

use crossbeam_queue::ArrayQueue;
use gatewayops_proto::limit::counter;
use lru::LruCache;
use uuid::Uuid;

use super::{member::Member, rules::Matched};

pub(super) const SHARDS: usize = 64;
/// So many can wait to be told in a hurry. The others are told in their turn.
const HURRYING: usize = 16_384;
/// So many can wait that have lost their place. What the others had not told is lost.
const HOMELESS: usize = 4_096;

type Shard = LruCache<u64, Member, BuildHasherDefault<AsItIs>>;

/// A lock is held for a few instructions, never across an await.
pub(super) struct Members {
    shards: [Mutex<Shard>; SHARDS],
    per_shard: usize,
    hasher: RandomState,
    hurrying: ArrayQueue<u64>,
    homeless: ArrayQueue<Member>,
}

/// An id is a keyed hash already.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, id: u64) {
        self.0 = id;
    }
}

impl Members {
    pub(super) fn new(most: usize) -> Self {
        Self {
            shards: std::array::from_fn(|_| {
                Mutex::new(LruCache::unbounded_with_hasher(BuildHasherDefault::default()))
            }),
            per_shard: most.div_ceil(SHARDS),
            hasher: RandomState::new(),
            hurrying: ArrayQueue::new(HURRYING),
            homeless: ArrayQueue::new(HOMELESS),
        }
    }

    /// Nobody outside can know the hasher's key, so nobody can be made to share another's count.
    pub(super) fn id(&self, org: Uuid, matched: &Matched<'_>) -> u64 {
        let Matched { id, terms, place, .. } = matched;
        self.hasher.hash_one((org, id, terms.metric, terms.window, place))
    }

    pub(super) fn with<T>(
        &self,
        id: u64,
        org: Uuid,
        matched: &Matched<'_>,
        then: impl FnOnce(&mut Member) -> T,
    ) -> T {
        let mut shard = self.shard(id);
        if let Some(member) = shard.get_mut(&id) {
            member.follow(matched.terms);
            return then(member);
        }
        let Matched { id: limit, terms, place, .. } = matched;
        let counter = counter(org, limit, terms.metric, terms.window, place);
        let mut member = Member::new(counter, *terms);
        let said = then(&mut member);
        shard.put(id, member);
        let homeless = if shard.len() > self.per_shard { shard.pop_lru() } else { None };
        drop(shard);
        if let Some((_, member)) = homeless {
            self.is_homeless(member);
        }
        said
    }

    /// Without waking one that was asleep. None: it is gone.
    pub(super) fn with_known<T>(&self, id: u64, then: impl FnOnce(&mut Member) -> T) -> Option<T> {
        self.shard(id).peek_mut(&id).map(then)
    }

    /// Asks for a member to be told soon.
    pub(super) fn hurry(&self, id: u64) {
        // Without room it is told in its turn.
        let _ = self.hurrying.push(id);
    }

    pub(super) fn next_hurrying(&self) -> Option<u64> {
        self.hurrying.pop()
    }

    pub(super) fn next_homeless(&self) -> Option<Member> {
        self.homeless.pop()
    }

    /// It had a place and lost it before all was told.
    pub(super) fn is_homeless(&self, member: Member) {
        if member.has_untold() {
            // What finds no room here either is lost: credit, at most.
            let _ = self.homeless.push(member);
        }
    }

    /// Members of one shard, those that were seen last first.
    pub(super) fn seen_since(&self, shard: usize, since_ms: u64, mut then: impl FnMut(u64, &mut Member)) {
        let mut shard = self.lock(shard);
        let seen = shard.iter_mut().take_while(|(_, member)| member.seen_ms() >= since_ms);
        seen.for_each(|(id, member)| then(*id, member));
    }

    /// Forgets those of one shard that were not seen since then.
    pub(super) fn drop_idle(&self, shard: usize, since_ms: u64) {
        let mut shard = self.lock(shard);
        while shard.peek_lru().is_some_and(|(_, member)| member.seen_ms() < since_ms)
            && let Some((_, member)) = shard.pop_lru()
        {
            self.is_homeless(member);
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        (0..SHARDS).map(|shard| self.lock(shard).len()).sum()
    }

    fn shard(&self, id: u64) -> MutexGuard<'_, Shard> {
        // The bits at both ends find the place within the shard.
        self.lock(usize::try_from((id >> 32) % SHARDS as u64).unwrap_or_default())
    }

    fn lock(&self, shard: usize) -> MutexGuard<'_, Shard> {
        // Nothing in here can panic halfway through a change.
        self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner)
    }
}
