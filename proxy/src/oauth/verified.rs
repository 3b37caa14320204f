//! Tokens whose signature was found right, by their digest: it is checked once a token. Who a token stands for is
//! asked of the snapshot each time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwapOption;
use lru::LruCache;
use ring::digest;
use uuid::Uuid;

use super::{
    algorithm::PublicKey,
    claims::{Claims, OwnSubject},
    issuer::{Trust, Trusted},
    resource::{Address, Resource},
};
use crate::principal::token::Made;

/// Tokens that are kept at once; the one that was not used for longest makes room.
const KEPT: usize = 65_536;
const SHARDS: usize = 64;

pub(crate) type Digest = [u8; 32];

/// A token that is good for as long as those who vouch for it do.
pub(crate) struct Verified {
    pub(crate) claims: Claims,
    pub(crate) bearer: Bearer,
    /// Who it stood for when it was last asked.
    pub(crate) made: ArcSwapOption<Made>,
}

/// Whose a token is, and by whose word.
pub(crate) enum Bearer {
    /// By the control plane's, whose keys these were.
    Own { keys: Arc<Vec<PublicKey>>, subject: OwnSubject },
    Foreign {
        issuer: Box<str>,
        /// All who trusted it.
        trusted: Trusted,
        /// The SSO providers whose keys it is signed with, sorted.
        providers: Box<[Uuid]>,
        /// Whether others trust the issuer too, and do not know the key yet.
        lacking: bool,
        /// As the issuer knows its user.
        subject: Box<str>,
    },
}

impl Verified {
    pub(super) fn new(claims: Claims, bearer: Bearer) -> Self {
        Self { claims, bearer, made: ArcSwapOption::empty() }
    }

    /// Whether the token is for this endpoint (R7.4). Our own are for the whole gateway.
    pub(crate) fn is_for(&self, address: &Address, resource: Resource<'_>) -> bool {
        self.claims.audiences.iter().any(|audience| match self.bearer {
            Bearer::Foreign { .. } => address.is(audience, resource),
            Bearer::Own { .. } => address.is_gateway(audience),
        })
    }

    /// Whether nothing has changed about who vouches for it, and by which keys.
    pub(super) fn is_backed_by(&self, trust: &Trust) -> bool {
        match &self.bearer {
            Bearer::Own { keys, .. } => Arc::ptr_eq(keys, &trust.own_keys),
            Bearer::Foreign { issuer, trusted, .. } => {
                trust.issuers.named(issuer).is_some_and(|now| Arc::ptr_eq(now, trusted))
            }
        }
    }
}

pub(super) fn digest_of(token: &str) -> Digest {
    let mut digest = Digest::default();
    digest.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
    digest
}

type Shard = LruCache<Digest, Arc<Verified>>;

pub(super) struct Cache([Mutex<Shard>; SHARDS]);

impl Default for Cache {
    fn default() -> Self {
        // Grows as it is used, up to its bound.
        Self(std::array::from_fn(|_| Mutex::new(LruCache::unbounded())))
    }
}

impl Cache {
    pub(super) fn get(&self, digest: &Digest) -> Option<Arc<Verified>> {
        self.shard(digest).get(digest).cloned()
    }

    pub(super) fn put(&self, digest: Digest, verified: Arc<Verified>) {
        let mut shard = self.shard(&digest);
        shard.put(digest, verified);
        while shard.len() > KEPT / SHARDS {
            shard.pop_lru();
        }
    }

    pub(super) fn forget(&self, digest: &Digest) {
        self.shard(digest).pop(digest);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        (0..SHARDS).map(|at| self.shard(&[at as u8; 32]).len()).sum()
    }

    fn shard(&self, digest: &Digest) -> MutexGuard<'_, Shard> {
        self.0[usize::from(digest[0]) % SHARDS].lock().unwrap_or_else(PoisonError::into_inner)
    }
}
