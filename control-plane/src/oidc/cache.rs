//! Documents and keys of providers, kept for a while by every process for itself.
//!
//! They are public, and whose they are is checked when they are fetched, so that organizations share them. Anybody may
//! make us ask: of many who need the same, one asks and the others wait, and a provider that failed is left alone for a
//! moment.

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
/// How long a failure is answered without asking again.
const FAILED: Duration = Duration::from_secs(5);
const MOST_KEPT: usize = 1_000;

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
        self.documents.get(key, |_, _| true, || Metadata::fetch(egress, kind, issuer_url)).await
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
        let good = |keys: &Keys, age| age < self.ask_again || key_id.is_none_or(|id| keys.has(id));
        self.keys.get(jwks_uri.to_owned(), good, || Keys::fetch(egress, jwks_uri)).await
    }
}

struct Kept<K, V>(Mutex<HashMap<K, Entry<V>>>);

struct Entry<V> {
    since: Instant,
    slot: Arc<Slot<V>>,
}

/// Whoever holds it asks the provider.
type Slot<V> = tokio::sync::Mutex<Outcome<V>>;

struct Outcome<V> {
    found: Option<(Arc<V>, Instant)>,
    /// It does not undo what was found before.
    failed: Option<(Refusal, Instant)>,
}

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash + Clone, V> Kept<K, V> {
    /// What was found lately, if it is `good` at its age, else what `fetch` brings.
    async fn get<F: Future<Output = Result<V, Refusal>>>(
        &self,
        key: K,
        good: impl Fn(&V, Duration) -> bool,
        fetch: impl FnOnce() -> F,
    ) -> Result<Arc<V>, Refusal> {
        let slot = self.slot(key);
        let mut outcome = slot.lock().await;
        if let Some((value, since)) = &outcome.found
            && since.elapsed() < FRESH
            && good(value, since.elapsed())
        {
            return Ok(Arc::clone(value));
        }
        if let Some((refusal, since)) = &outcome.failed
            && since.elapsed() < FAILED
        {
            return Err(refusal.clone());
        }
        match fetch().await {
            Ok(value) => {
                let value = Arc::new(value);
                *outcome = Outcome { found: Some((Arc::clone(&value), Instant::now())), failed: None };
                Ok(value)
            }
            Err(refusal) => {
                outcome.failed = Some((refusal.clone(), Instant::now()));
                Err(refusal)
            }
        }
    }

    fn slot(&self, key: K) -> Arc<Slot<V>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = kept.get(&key) {
            return Arc::clone(&entry.slot);
        }
        kept.retain(|_, entry| entry.since.elapsed() < FRESH || Arc::strong_count(&entry.slot) > 1);
        if kept.len() >= MOST_KEPT
            && let Some(oldest) = kept.iter().min_by_key(|(_, entry)| entry.since).map(|(key, _)| key.clone())
        {
            kept.remove(&oldest);
        }
        let slot = Arc::new(Slot::new(Outcome { found: None, failed: None }));
        kept.insert(key, Entry { since: Instant::now(), slot: Arc::clone(&slot) });
        slot
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

    #[tokio::test]
    async fn of_many_who_need_the_same_one_asks() {
        let (idp, egress) = (IdentityProvider::start().await, Egress::new(true).unwrap());
        let cache = Cache::default();
        let asking = (0..20).map(|_| cache.metadata(&egress, Kind::Oidc, &idp.issuer));
        assert!(futures::future::join_all(asking).await.iter().all(Result::is_ok));
        assert_eq!(idp.says().document_fetches, 1);
    }

    #[tokio::test]
    async fn who_failed_is_left_alone_for_a_moment_and_what_was_found_stays() {
        let (idp, egress) = (IdentityProvider::start().await, Egress::new(true).unwrap());
        idp.says().document = serde_json::json!({"issuer": "https://other.example"});
        let cache = Cache::default();
        let asking = (0..20).map(|_| cache.metadata(&egress, Kind::Oidc, &idp.issuer));
        assert!(futures::future::join_all(asking).await.iter().all(Result::is_err));
        assert_eq!(idp.says().document_fetches, 1);

        let kept = Kept::<u8, u8>::default();
        let failing = async || Err(Refusal::provider("away"));
        assert_eq!(*kept.get(1, |_, _| true, async || Ok(7)).await.unwrap(), 7);
        assert!(kept.get(1, |_, _| false, failing).await.is_err(), "another was asked for");
        assert_eq!(*kept.get(1, |_, _| true, failing).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn it_is_bounded_and_the_oldest_goes_first() {
        let kept = Kept::<usize, usize>::default();
        let get = async |number: usize, fresh: usize| {
            *kept.get(number, |_, _| true, async || Ok(fresh)).await.unwrap()
        };
        for number in 0..=MOST_KEPT {
            get(number, 0).await;
        }
        assert_eq!((get(1, 1).await, get(MOST_KEPT, 1).await), (0, 0));
        assert_eq!(get(0, 1).await, 1, "asked for anew");
    }
}
