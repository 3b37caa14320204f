//! Documents and keys of providers, kept for a while by every process for itself.
//!
//! They are public, and whose they are is checked when they are fetched, so that organizations share them.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::{Kind, Metadata, Refusal, keys::Keys};
use crate::egress::Egress;

const FRESH: Duration = Duration::from_secs(600);
/// A token that names an unknown key makes us ask again, but not more often than this (the keys may have been changed,
/// or somebody makes up names).
const ASK_AGAIN: Duration = Duration::from_secs(30);
const MOST: usize = 1_000;

pub struct Cache {
    documents: Kept<(Kind, String), Metadata>,
    keys: Kept<String, Keys>,
    ask_again: Duration,
}

impl Default for Cache {
    fn default() -> Self {
        Self { documents: Kept::default(), keys: Kept::default(), ask_again: ASK_AGAIN }
    }
}

impl Cache {
    /// # Errors
    /// The provider cannot be had.
    pub async fn metadata(
        &self,
        egress: &Egress,
        kind: Kind,
        issuer_url: &str,
    ) -> Result<Arc<Metadata>, Refusal> {
        let key = (kind, issuer_url.to_owned());
        if let Some((document, _)) = self.documents.get(&key) {
            return Ok(document);
        }
        let document = Metadata::fetch(egress, kind, issuer_url).await?;
        Ok(self.documents.put(key, document))
    }

    /// Keys to check a token with that names `key_id`.
    ///
    /// # Errors
    /// The provider cannot be had.
    pub async fn keys(
        &self,
        egress: &Egress,
        jwks_uri: &str,
        key_id: Option<&str>,
    ) -> Result<Arc<Keys>, Refusal> {
        if let Some((keys, since)) = self.keys.get(jwks_uri)
            && (since.elapsed() < self.ask_again || key_id.is_none_or(|id| keys.has(id)))
        {
            return Ok(keys);
        }
        let keys = Keys::fetch(egress, jwks_uri).await?;
        Ok(self.keys.put(jwks_uri.to_owned(), keys))
    }
}

struct Kept<K, V>(Mutex<HashMap<K, (Arc<V>, Instant)>>);

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash + Clone, V> Kept<K, V> {
    fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<(Arc<V>, Instant)>
    where
        K: std::borrow::Borrow<Q>,
    {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(key).filter(|(_, since)| since.elapsed() < FRESH).cloned()
    }

    fn put(&self, key: K, value: V) -> Arc<V> {
        let value = Arc::new(value);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, (_, since)| since.elapsed() < FRESH);
        if kept.len() >= MOST
            && let Some(oldest) = kept.iter().min_by_key(|(_, (_, since))| *since).map(|(key, _)| key.clone())
        {
            kept.remove(&oldest);
        }
        kept.insert(key, (Arc::clone(&value), Instant::now()));
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::identity_provider::IdentityProvider;

    #[tokio::test]
    async fn an_unknown_key_is_asked_for_but_not_again_and_again() {
        let (idp, egress) = (IdentityProvider::start().await, Egress::new(true).unwrap());
        let uri = format!("{}/jwks", idp.issuer);
        let (patient, eager) = (Cache::default(), Cache { ask_again: Duration::ZERO, ..Cache::default() });
        for cache in [&patient, &eager] {
            assert!(cache.keys(&egress, &uri, Some("first")).await.unwrap().has("first"));
            cache.keys(&egress, &uri, Some("first")).await.unwrap();
        }
        assert_eq!(idp.says().key_fetches, 2, "one each");
        idp.rotate("second");
        assert!(
            !patient.keys(&egress, &uri, Some("second")).await.unwrap().has("second"),
            "asked a moment ago"
        );
        assert!(eager.keys(&egress, &uri, Some("second")).await.unwrap().has("second"));
        assert_eq!(idp.says().key_fetches, 3);
    }

    #[test]
    fn it_is_bounded_and_the_oldest_goes_first() {
        let kept = Kept::<usize, usize>::default();
        for number in 0..=MOST {
            kept.put(number, number);
        }
        assert!(kept.get(&0).is_none());
        assert!(kept.get(&1).is_some() && kept.get(&MOST).is_some());
    }
}
