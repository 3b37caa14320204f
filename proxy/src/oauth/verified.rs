//! Tokens whose signature was found right, by their digest: it is checked once a token. Who a token stands for is
//! asked of the snapshot each time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwapOption;
use gatewayops_proto::access::Coverage;
use lru::LruCache;
use ring::digest;
use uuid::Uuid;

use super::{
    algorithm::PublicKey,
    claims::{Claims, OwnSubject},
    issuer::{Generation, Trust},
    resource::Resource,
};
use crate::principal::token::Made;

/// What kept tokens may weigh together; those that were not used for longest make room. Everybody's are in here, so one
/// that is long costs the room of several.
const MOST_BYTES: usize = 64 << 20;
/// The least that one weighs, with the principal made of it.
const LEAST_BYTES: usize = 1024;
/// Of a text in a list, beside its length.
const TEXT_BYTES: usize = 40;
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
        /// Of all who trusted it: what it was checked against.
        generation: Generation,
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
    pub(crate) fn is_for(&self, resource: Resource<'_>) -> bool {
        match self.bearer {
            Bearer::Foreign { .. } => self.claims.audience.has(resource),
            Bearer::Own { .. } => self.claims.audience.is_gateway,
        }
    }

    /// Whether nothing has changed about who vouches for it, and by which keys.
    pub(super) fn is_backed_by(&self, trust: &Trust) -> bool {
        match &self.bearer {
            Bearer::Own { keys, .. } => Arc::ptr_eq(keys, &trust.own_keys),
            Bearer::Foreign { issuer, generation, .. } => {
                trust.issuers.named(issuer).is_some_and(|now| now.generation == *generation)
            }
        }
    }

    /// About how much memory it takes. It never changes.
    fn weight(&self) -> usize {
        let texts =
            |texts: &mut dyn Iterator<Item = usize>| texts.map(|length| length + TEXT_BYTES).sum::<usize>();
        let said = match &self.bearer {
            Bearer::Own { subject, .. } => {
                let Coverage { servers, tools } = &*subject.coverage;
                texts(&mut servers.iter().chain(tools).map(String::len))
            }
            Bearer::Foreign { issuer, providers, subject, .. } => {
                issuer.len() + subject.len() + size_of_val(&**providers)
            }
        };
        LEAST_BYTES + said + texts(&mut self.claims.audience.servers.iter().map(|server| server.len()))
    }
}

pub(super) fn digest_of(token: &str) -> Digest {
    let mut digest = Digest::default();
    digest.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
    digest
}

struct Shard {
    tokens: LruCache<Digest, Arc<Verified>>,
    bytes: usize,
}

impl Shard {
    fn put(&mut self, digest: Digest, verified: Arc<Verified>) {
        self.bytes += verified.weight();
        let replaced = self.tokens.put(digest, verified);
        self.taken(replaced);
        while self.bytes > MOST_BYTES / SHARDS {
            let Some((_, oldest)) = self.tokens.pop_lru() else { break };
            self.taken(Some(oldest));
        }
    }

    fn taken(&mut self, verified: Option<Arc<Verified>>) {
        self.bytes -= verified.map_or(0, |verified| verified.weight());
    }
}

pub(super) struct Cache([Mutex<Shard>; SHARDS]);

impl Default for Cache {
    fn default() -> Self {
        // Grows as it is used, up to its bound.
        Self(std::array::from_fn(|_| Mutex::new(Shard { tokens: LruCache::unbounded(), bytes: 0 })))
    }
}

impl Cache {
    pub(super) fn get(&self, digest: &Digest) -> Option<Arc<Verified>> {
        self.shard(digest).tokens.get(digest).cloned()
    }

    pub(super) fn put(&self, digest: Digest, verified: Arc<Verified>) {
        self.shard(&digest).put(digest, verified);
    }

    pub(super) fn forget(&self, digest: &Digest) {
        let mut shard = self.shard(digest);
        let known = shard.tokens.pop(digest);
        shard.taken(known);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        (0..SHARDS).map(|at| self.shard(&[at as u8; 32]).tokens.len()).sum()
    }

    fn shard(&self, digest: &Digest) -> MutexGuard<'_, Shard> {
        self.0[usize::from(digest[0]) % SHARDS].lock().unwrap_or_else(PoisonError::into_inner)
    }
}
