//! What the control plane last said: versioned, immutable, taken once at the start of an exchange.
//!
//! [`watch`] keeps it current, [`sealed`] keeps it across a restart, [`from_proto`] makes it from messages,
//! which [`held`] keeps.

use std::{collections::HashMap, sync::Arc};

use gatewayops_proto::api_key::{Digest, Pepper};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use self::shards::Shards;
use crate::{mcp::token, principal::Principal, upstream::Server};

pub(crate) mod from_proto;
mod held;
pub(crate) mod sealed;
mod shards;
pub(crate) mod watch;

type ServersByName = HashMap<Box<str>, Arc<Server>>;

#[derive(Clone, Default)]
pub(crate) struct Snapshot {
    pub(crate) revision: u64,
    pub(crate) lineage: Vec<u8>,
    keys: Shards<Digest, Arc<Principal>>,
    principals: Shards<Uuid, Arc<Principal>>,
    servers: Arc<HashMap<Uuid, Arc<Server>>>,
    /// By organization.
    names: Arc<HashMap<Uuid, ServersByName>>,
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
            bool::from(principal.digest.ct_eq(&digest) | principal.previous_digest.ct_eq(&digest))
                .then_some((principal, digest))
        })
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

    fn put_principal(&mut self, mut principal: Principal) {
        if let Some(previous) = self.principals.get(&principal.id) {
            principal.usage = previous.usage.clone();
        }
        self.take_principal(principal.id);
        let principal = Arc::new(principal);
        self.keys.insert(principal.digest, principal.clone());
        if principal.has_previous() {
            self.keys.insert(principal.previous_digest, principal.clone());
        }
        self.principals.insert(principal.id, principal);
    }

    fn take_principal(&mut self, id: Uuid) {
        let Some(principal) = self.principals.remove(&id) else { return };
        self.keys.remove(&principal.digest);
        self.keys.remove(&principal.previous_digest);
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
