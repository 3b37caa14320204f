//! What the control plane last said: versioned, immutable, taken once at the start of an exchange.
//!
//! [`watch`] keeps it current, [`sealed`] keeps it across a restart, [`from_proto`] makes it from messages,
//! which [`held`] keeps.

use std::{collections::HashMap, net::IpAddr, sync::Arc};

use gatewayops_proto::api_key::{Digest, Pepper};
use ipnet::IpNet;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use self::shards::Shards;
use crate::{mcp::token, oauth::issuer::Trust, principal::Principal, upstream::Server};

pub(crate) mod from_proto;
mod held;
pub(crate) mod policies;
pub(crate) mod sealed;
mod shards;
pub(crate) mod users;
pub(crate) mod watch;

type ServersByName = HashMap<Box<str>, Arc<Server>>;

#[derive(Clone, Default)]
pub(crate) struct Snapshot {
    pub(crate) revision: u64,
    pub(crate) lineage: Vec<u8>,
    keys: Shards<Digest, Arc<Principal>>,
    principals: Shards<Uuid, Arc<Principal>>,
    servers: Arc<HashMap<Uuid, Arc<Server>>>,
    /// Where the callers of an organization may come from, if it says so.
    allowlists: Arc<HashMap<Uuid, Vec<IpNet>>>,
    /// By organization.
    names: Arc<HashMap<Uuid, ServersByName>>,
    pub(crate) users: Arc<users::Users>,
    pub(crate) policies: policies::ByOrganization,
    /// Whose tokens are good.
    pub(crate) trust: Trust,
    /// The one that hashes new keys comes first.
    peppers: Arc<Vec<(Uuid, Pepper)>>,
    pub(crate) token_keys: Arc<token::Keys>,
}

impl Snapshot {
    /// Who holds this key, whatever state it is in. One keyed hash a live pepper, then one look-up.
    ///
    /// The look-up may take a time that depends on the digest: without the pepper nobody can steer that.
    pub(crate) fn principal_of(&self, key: &str) -> Option<(&Arc<Principal>, Digest)> {
        self.peppers.iter().find_map(|(_, pepper)| {
            let digest = pepper.digest(key);
            let principal = self.keys.get(&digest)?;
            let held = principal.key()?;
            bool::from(held.digest.ct_eq(&digest) | held.previous_digest.ct_eq(&digest))
                .then_some((principal, digest))
        })
    }

    /// The API key of that id, whatever state it is in.
    pub(crate) fn key_by_id(&self, id: Uuid) -> Option<&Arc<Principal>> {
        self.principals.get(&id)
    }

    pub(crate) fn server(&self, org: Uuid, name: &str) -> Option<&Arc<Server>> {
        self.names.get(&org)?.get(name)
    }

    /// The organization's servers in the order of their names.
    pub(crate) fn servers_of(&self, org: Uuid) -> Vec<&Arc<Server>> {
        let mut servers: Vec<_> = self.names.get(&org).into_iter().flat_map(HashMap::values).collect();
        servers.sort_by(|a, b| a.name.cmp(&b.name));
        servers
    }

    /// Every organization's servers.
    pub(crate) fn servers(&self) -> impl Iterator<Item = &Arc<Server>> {
        self.servers.values()
    }

    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.principals.len(), self.servers.len())
    }

    /// Whether the organization takes callers from there (contract 3.2, `security.ip_allowlist`).
    pub(crate) fn admits(&self, org: Uuid, address: Option<IpAddr>) -> bool {
        self.allowlists
            .get(&org)
            .is_none_or(|nets| address.is_some_and(|address| nets.iter().any(|net| net.contains(&address))))
    }

    /// None: from everywhere.
    fn put_allowlist(&mut self, org: Uuid, allowlist: Option<Vec<IpNet>>) {
        if allowlist.is_none() && !self.allowlists.contains_key(&org) {
            return;
        }
        let allowlists = Arc::make_mut(&mut self.allowlists);
        match allowlist {
            Some(nets) => allowlists.insert(org, nets),
            None => allowlists.remove(&org),
        };
    }

    fn put_principal(&mut self, mut principal: Principal) {
        if let Some(previous) = self.principals.get(&principal.id) {
            principal.usage = previous.usage.clone();
        }
        self.take_principal(principal.id);
        let principal = Arc::new(principal);
        for digest in digests(&principal) {
            self.keys.insert(digest, principal.clone());
        }
        self.principals.insert(principal.id, principal);
    }

    fn take_principal(&mut self, id: Uuid) {
        let Some(principal) = self.principals.remove(&id) else { return };
        for digest in digests(&principal) {
            self.keys.remove(&digest);
        }
    }

    fn put_server(&mut self, server: Server) {
        self.take_server(server.id);
        let server = Arc::new(server);
        let names = Arc::make_mut(&mut self.names).entry(server.org).or_default();
        names.insert((&*server.name).into(), server.clone());
        Arc::make_mut(&mut self.servers).insert(server.id, server);
    }

    fn take_server(&mut self, id: Uuid) {
        let Some(server) = Arc::make_mut(&mut self.servers).remove(&id) else { return };
        if let Some(names) = Arc::make_mut(&mut self.names).get_mut(&server.org) {
            names.remove(&*server.name);
        }
    }

    pub(crate) fn server_by_id(&self, id: Uuid) -> Option<&Arc<Server>> {
        self.servers.get(&id)
    }
}

/// By which a key is found: its own, and while it is being rotated its previous one.
fn digests(principal: &Principal) -> impl Iterator<Item = Digest> + use<> {
    let key = principal.key();
    let previous = key.filter(|key| key.has_previous()).map(|key| key.previous_digest);
    key.map(|key| key.digest).into_iter().chain(previous)
}
