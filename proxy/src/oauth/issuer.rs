//! Whom we trust: identity providers whose access tokens open endpoints, by the name that their tokens carry, and the
//! control plane itself.

use std::{
    collections::HashMap,
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

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
    pub(crate) generation: Generation,
    /// The keys as they came.
    set: Bytes,
}

/// No two states have the same. Who remembers one can tell whether anything has changed, and keeps nothing alive.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Generation(u64);

impl Generation {
    fn next() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self(LAST.fetch_add(1, Ordering::Relaxed))
    }
}

/// All who trust the issuer of one name.
#[derive(Clone, Debug)]
pub(crate) struct Trusted {
    pub(crate) generation: Generation,
    issuers: Arc<[Arc<Issuer>]>,
}

impl Trusted {
    fn of(issuers: impl Iterator<Item = Arc<Issuer>>) -> Self {
        Self { generation: Generation::next(), issuers: issuers.collect() }
    }
}

impl Deref for Trusted {
    type Target = [Arc<Issuer>];

    fn deref(&self) -> &Self::Target {
        &self.issuers
    }
}

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
        Self { id, org, name: name.into(), keys: Jwks::parse(&set), generation: Generation::next(), set }
    }

    fn is(&self, other: &Self) -> bool {
        (self.id, self.org, &self.name, &self.set) == (other.id, other.org, &other.name, &other.set)
    }
}

impl Issuers {
    pub(crate) fn named(&self, name: &str) -> Option<&Trusted> {
        self.by_name.get(name)
    }

    /// Whose provider it is.
    pub(crate) fn org_of(&self, provider: Uuid) -> Option<Uuid> {
        self.by_id.get(&provider).map(|issuer| issuer.org)
    }

    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whom clients are sent to for a token. Nobody knows yet whose the client is, and any organization may trust any
    /// issuer: that must not send another's people there. So these are the ones that the operator named, in that order,
    /// or else those of the only organization that trusts any.
    pub(crate) fn advertised<'a>(&'a self, named: &'a [String]) -> Vec<&'a str> {
        if !named.is_empty() {
            let trusted = named.iter().filter(|name| self.by_name.contains_key(name.as_str()));
            return trusted.map(String::as_str).collect();
        }
        let mut orgs = self.by_id.values().map(|issuer| issuer.org);
        let only = orgs.next();
        if orgs.all(|org| Some(org) == only) { self.names() } else { Vec::new() }
    }

    /// Each once, sorted.
    fn names(&self) -> Vec<&str> {
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
        let trusted = Trusted::of(others.chain([issuer.clone()]));
        self.by_name.insert(issuer.name.clone(), trusted);
        self.by_id.insert(issuer.id, issuer);
    }

    pub(crate) fn take(&mut self, id: Uuid) {
        let Some(issuer) = self.by_id.remove(&id) else { return };
        let Some(trusted) = self.by_name.remove(&issuer.name) else { return };
        let left = Trusted::of(trusted.iter().filter(|other| other.id != id).cloned());
        if !left.is_empty() {
            self.by_name.insert(issuer.name.clone(), left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issuers(trusted: &[(u128, &str)]) -> Issuers {
        let mut issuers = Issuers::default();
        for (number, (org, name)) in (1..).zip(trusted) {
            issuers.put(Issuer::new(Uuid::from_u128(number), Uuid::from_u128(*org), name, "{}".into()));
        }
        issuers
    }

    #[test]
    fn no_organization_sends_the_clients_of_another_to_its_issuer() {
        let named = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let (a, b, evil) = ("https://a.example.com", "https://b.example.com", "https://0.example.com");
        let alone = issuers(&[(2, b), (2, a), (2, b)]);
        assert_eq!(alone.advertised(&[]), [a, b], "each once, sorted");
        let joined = issuers(&[(2, b), (2, a), (3, evil)]);
        assert!(joined.advertised(&[]).is_empty(), "nobody can tell whom a client means");
        assert!(issuers(&[(2, a), (3, a)]).advertised(&[]).is_empty(), "not who is whose either");
        assert_eq!(joined.advertised(&named(&[b, "https://not-trusted.example.com", a])), [b, a]);
        assert!(alone.advertised(&named(&[evil])).is_empty(), "named, and trusted by nobody");
        assert!(issuers(&[]).advertised(&[]).is_empty());
    }
}
