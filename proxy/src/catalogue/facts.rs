//! What is known of definitions that passed before, by their bytes: the same list is not weighed twice.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use gatewayops_proto::definition;
use gatewayops_safety::policy::Policies;
use lru::LruCache;
use ring::digest;
use serde_json::Value;

use super::pins::Hash;

/// Definitions of one server that are remembered.
const REMEMBERED: usize = 1024;

pub(crate) struct Facts(Mutex<Known>);

struct Known {
    hashes: LruCache<Hash, Hash>,
    judgements: LruCache<Hash, Judgement>,
    /// By which the judgements were made; others void them.
    by: Option<Arc<Policies>>,
}

/// What the guard makes of a definition.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Judgement {
    Clean,
    /// No client gets to see it.
    Hidden,
    Redacted(Arc<str>),
}

impl Default for Facts {
    fn default() -> Self {
        let most = NonZeroUsize::new(REMEMBERED).unwrap_or(NonZeroUsize::MIN);
        Self(Mutex::new(Known { hashes: LruCache::new(most), judgements: LruCache::new(most), by: None }))
    }
}

impl Facts {
    /// What pins a tool's definition. None: it is no JSON that has such a hash.
    pub(crate) fn hash(&self, raw: &str) -> Option<Hash> {
        let digest = digest_of(raw);
        if let Some(hash) = self.lock().hashes.get(&digest) {
            return Some(*hash);
        }
        let definition: Value = serde_json::from_str(raw).ok()?;
        let hash = super::hash_of(&definition::hash(&definition).ok()?)?;
        self.lock().hashes.put(digest, hash);
        Some(hash)
    }

    /// What is made of a definition under these policies; `judge` is asked the first time only.
    pub(crate) fn judgement(
        &self,
        raw: &str,
        policies: &Arc<Policies>,
        judge: impl FnOnce() -> Judgement,
    ) -> Judgement {
        let digest = digest_of(raw);
        if let Some(known) = self.lock().judgement(&digest, policies) {
            return known;
        }
        let judgement = judge();
        let mut known = self.lock();
        if known.is_by(policies) {
            known.judgements.put(digest, judgement.clone());
        }
        judgement
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn is_by(&self, policies: &Arc<Policies>) -> bool {
        self.by.as_ref().is_some_and(|by| Arc::ptr_eq(by, policies))
    }

    fn judgement(&mut self, digest: &Hash, policies: &Arc<Policies>) -> Option<Judgement> {
        if !self.is_by(policies) {
            self.judgements.clear();
            self.by = Some(policies.clone());
        }
        self.judgements.get(digest).cloned()
    }
}

fn digest_of(raw: &str) -> Hash {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, raw.as_bytes()).as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_spellings_of_a_definition_have_one_hash() {
        let facts = Facts::default();
        let one = facts.hash(r#"{"name":"a","description":"b"}"#).unwrap();
        assert_eq!(facts.hash(r#"{ "description": "b", "name": "a" }"#), Some(one));
        assert_eq!(facts.hash(r#"{"name":"a","description":"b"}"#), Some(one), "remembered");
        assert_ne!(facts.hash(r#"{"name":"a","description":"c"}"#), Some(one));
        assert_eq!(facts.hash("{"), None);
    }

    #[test]
    fn a_definition_is_judged_once_under_the_same_policies() {
        let (facts, first, second) = (Facts::default(), Arc::default(), Arc::default());
        let judge = |policies, judgement: Judgement| facts.judgement("{}", policies, || judgement.clone());
        assert_eq!(judge(&first, Judgement::Hidden), Judgement::Hidden);
        assert_eq!(judge(&first, Judgement::Clean), Judgement::Hidden, "as it was judged");
        assert_eq!(judge(&second, Judgement::Clean), Judgement::Clean, "other policies judge anew");
    }
}
