//! Whom we trust: identity providers whose access tokens open endpoints, by the name that their tokens carry, and the
//! control plane itself.

use std::{collections::HashMap, sync::Arc};

use bytes::Bytes;
use uuid::Uuid;

use super::{algorithm::PublicKey, jwks::Jwks};

/// One organization's trust in an issuer.
#[derive(Debug)]
pub(crate) struct Issuer {
    /// Of the SSO provider.
    pub(crate) id: Uuid,
    pub(crate) org: Uuid,
    /// Exactly as in `iss`.
    pub(crate) name: Box<str>,
    pub(crate) keys: Jwks,
    /// The keys as they came.
    set: Bytes,
}

/// All who trust the issuer of one name. Whoever holds it can tell by it whether anything of that has changed.
pub(crate) type Trusted = Arc<[Arc<Issuer>]>;

#[derive(Clone, Debug, Default)]
pub(crate) struct Issuers {
    by_id: HashMap<Uuid, Arc<Issuer>>,
    by_name: HashMap<Box<str>, Trusted>,
}

/// All whose tokens are good.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trust {
    pub(crate) issuers: Arc<Issuers>,
    /// Ed25519, of the control plane's own tokens.
    pub(crate) own_keys: Arc<Vec<PublicKey>>,
}

impl Issuer {
    pub(crate) fn new(id: Uuid, org: Uuid, name: &str, set: Bytes) -> Self {
        Self { id, org, name: name.into(), keys: Jwks::parse(&set), set }
    }

    fn is(&self, other: &Self) -> bool {
        (self.id, self.org, &self.name, &self.set) == (other.id, other.org, &other.name, &other.set)
    }
}

impl Issuers {
    pub(crate) fn named(&self, name: &str) -> Option<&Trusted> {
        self.by_name.get(name)
    }

    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// Each once, sorted.
    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.by_name.keys().map(|name| &**name).collect();
        names.sort_unstable();
        names
    }

    pub(crate) fn put(&mut self, issuer: Issuer) {
        // The same again is no reason to check every signature again.
        if self.by_id.get(&issuer.id).is_some_and(|known| known.is(&issuer)) {
            return;
        }
        self.take(issuer.id);
        let issuer = Arc::new(issuer);
        let others = self.by_name.get(&issuer.name).into_iter().flat_map(|trusted| trusted.iter()).cloned();
        let trusted = others.chain([issuer.clone()]).collect();
        self.by_name.insert(issuer.name.clone(), trusted);
        self.by_id.insert(issuer.id, issuer);
    }

    pub(crate) fn take(&mut self, id: Uuid) {
        let Some(issuer) = self.by_id.remove(&id) else { return };
        let Some(trusted) = self.by_name.remove(&issuer.name) else { return };
        let left: Trusted = trusted.iter().filter(|other| other.id != id).cloned().collect();
        if !left.is_empty() {
            self.by_name.insert(issuer.name.clone(), left);
        }
    }
}
