//! Messages of the control plane → snapshot. The only place that knows both.

use std::{net::IpAddr, sync::Arc};

use gatewayops_proto::{
    access::{Access, Coverage, Holder, Scope},
    api_key::{Digest, Pepper},
    control::{self as proto, api_key::State, change::Entity, deleted::Kind},
};
use ipnet::IpNet;
use uuid::Uuid;

use super::Snapshot;
use crate::{
    mcp::token,
    principal::{self, Credential, Key, Origin, Principal},
    seal::SealKey,
    upstream::Server,
};

mod identity;

/// The snapshot after some changes. What cannot be understood is left out and logged: one bad server must not
/// keep the proxy from learning of a revoked key. Servers go on with the runtime they had in `previous`.
pub(crate) fn apply(mut next: Snapshot, previous: &Snapshot, changes: &[proto::Change]) -> Snapshot {
    for change in changes {
        match &change.entity {
            Some(Entity::ApiKey(key)) => match principal(key) {
                Some(principal) => next.put_principal(principal),
                None => {
                    tracing::error!("an API key of the control plane cannot be understood, it is left out");
                    // What has changed must not be in force as before.
                    if let Some(id) = id(&key.id) {
                        next.take_principal(id);
                    }
                }
            },
            Some(Entity::Server(server)) => put_server(&mut next, previous, server),
            Some(Entity::User(user)) => identity::put_user(&mut next, previous, user),
            Some(Entity::TokenIssuer(issuer)) => identity::put_issuer(&mut next, issuer),
            Some(Entity::Deleted(deleted)) => delete(&mut next, deleted),
            Some(Entity::Organization(organization)) => put_organization(&mut next, organization),
            // Secrets are rebuilt from all of them, see `with_secrets`.
            Some(Entity::Secret(_)) | None => {}
            Some(policy) => next.policies.put(policy),
        }
    }
    next.policies.compile();
    next
}

/// The snapshot with peppers and session keys made of every live secret.
pub(crate) fn with_secrets(mut snapshot: Snapshot, secrets: &[proto::Secret]) -> Snapshot {
    let mut secrets: Vec<_> = secrets.iter().collect();
    secrets.sort_by_key(|secret| (!secret.current, std::cmp::Reverse(secret.key_id)));
    let named = |name: &'static str| secrets.iter().filter(move |secret| secret.name == name);
    let peppers = named("api_key_pepper")
        .filter_map(|secret| Some((id(&secret.id)?, Pepper::new(&secret.value))))
        .collect();
    let sessions = named("session_seal")
        .filter_map(|secret| {
            Some((u8::try_from(secret.key_id).ok()?, SealKey::derive(&secret.value, "mcp token")))
        })
        .collect();
    let own_keys = identity::own_keys(secrets.iter().copied());
    if *snapshot.trust.own_keys != own_keys {
        snapshot.trust.own_keys = Arc::new(own_keys);
    }
    snapshot.peppers = Arc::new(peppers);
    snapshot.token_keys = Arc::new(token::Keys(sessions));
    snapshot
}

fn put_server(snapshot: &mut Snapshot, previous: &Snapshot, message: &proto::Server) {
    let known = id(&message.id).and_then(|id| previous.server_by_id(id));
    match Server::from_proto(message, known.map(|server| &**server)) {
        Ok(server) => snapshot.put_server(server),
        Err(reason) => {
            tracing::error!(server.name = message.name, "server left out: {reason}");
            if let Some(id) = id(&message.id) {
                snapshot.take_server(id);
            }
        }
    }
}

/// A list of which nothing can be understood admits nobody.
fn put_organization(snapshot: &mut Snapshot, organization: &proto::Organization) {
    let Some(org) = id(&organization.id) else { return };
    snapshot.policies.put_organization(org, organization);
    let nets = || organization.ip_allowlist.iter().filter_map(|net| cidr(net)).collect();
    snapshot.put_allowlist(org, (!organization.ip_allowlist.is_empty()).then(nets));
}

fn delete(snapshot: &mut Snapshot, deleted: &proto::Deleted) {
    let Some(id) = id(&deleted.id) else { return };
    match deleted.kind() {
        Kind::ApiKey => snapshot.take_principal(id),
        Kind::Server => snapshot.take_server(id),
        Kind::User => Arc::make_mut(&mut snapshot.users).take(id),
        Kind::TokenIssuer => Arc::make_mut(&mut snapshot.trust.issuers).take(id),
        Kind::Organization => {
            snapshot.put_allowlist(id, None);
            snapshot.policies.take_organization(id);
        }
        Kind::Unknown | Kind::Secret => {}
        Kind::RateLimit
        | Kind::Budget
        | Kind::ToolClassification
        | Kind::ToolPermission
        | Kind::SafetyPolicy => snapshot.policies.take(id),
    }
}

fn principal(key: &proto::ApiKey) -> Option<Principal> {
    let (key_id, user) = (id(&key.id)?, id(&key.user_id));
    let credential = Key {
        origin: Origin {
            user,
            team: id(&key.team_id),
            environment: key.environment.as_str().into(),
            rpm: key.rate_limit_rpm,
        },
        digest: key.hash.as_ref().try_into().ok()?,
        previous_digest: if key.previous_hash.is_empty() {
            Digest::default()
        } else {
            key.previous_hash.as_ref().try_into().ok()?
        },
        previous_expires_at_ms: key.previous_expires_at_ms,
        expires_at_ms: (key.expires_at_ms != 0).then_some(key.expires_at_ms),
        state: match key.state() {
            State::Active => principal::State::Active,
            State::Revoked => principal::State::Revoked,
            State::OwnerSuspended => principal::State::OwnerSuspended,
        },
        ip_allowlist: key.ip_allowlist.iter().map(|net| cidr(net)).collect::<Option<_>>()?,
        reported_minute: 0.into(),
    };
    Some(Principal {
        id: key_id,
        org: id(&key.org_id)?,
        credential: Credential::Key(credential),
        // The owner's part of a personal key's permissions is taken into account already.
        access: access(Holder { user, api_key: Some(key_id) }, &key.permissions, &key.server_grants).into(),
        coverage: Coverage { servers: key.servers.clone(), tools: key.tools.clone() }.into(),
        teams: ids(key.user_team_ids.iter().chain([&key.team_id])),
        usage: Arc::default(),
    })
}

fn access(holder: Holder, permissions: &[String], server_grants: &[proto::ServerGrant]) -> Access {
    let everywhere = permissions.iter().map(|grant| (grant.as_str(), Scope::Everywhere));
    let on_servers = server_grants.iter().filter_map(|granted| Some((id(&granted.server_id)?, granted)));
    let on_servers = on_servers.flat_map(|(server, granted)| {
        granted.permissions.iter().map(move |grant| (grant.as_str(), Scope::Server(server)))
    });
    Access::new(holder, everywhere.chain(on_servers))
}

/// A network, or a single address as a network of one.
fn cidr(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// Each once.
fn ids<'a>(messages: impl Iterator<Item = &'a bytes::Bytes>) -> Arc<[Uuid]> {
    let mut ids: Vec<_> = messages.filter_map(|bytes| id(bytes)).collect();
    ids.sort_unstable();
    ids.dedup();
    // What is empty is shared.
    if ids.is_empty() { Arc::default() } else { ids.into() }
}

pub(crate) fn id(bytes: &[u8]) -> Option<Uuid> {
    Uuid::from_slice(bytes).ok().filter(|id| !id.is_nil())
}

#[cfg(test)]
mod tests {
    use gatewayops_proto::access::Permission;

    use super::*;

    const KEY: &str = "gwo_dev_example";

    fn secret() -> proto::Secret {
        proto::Secret {
            id: vec![9; 16].into(),
            name: "api_key_pepper".into(),
            key_id: 1,
            value: vec![3; 32].into(),
            current: true,
        }
    }

    fn key(hash: Digest) -> proto::Change {
        let key = proto::ApiKey {
            id: vec![1; 16].into(),
            org_id: vec![2; 16].into(),
            hash: hash.to_vec().into(),
            permissions: vec!["mcp:*".into()],
            ..Default::default()
        };
        proto::Change { entity: Some(Entity::ApiKey(key)) }
    }

    #[test]
    fn a_key_is_found_by_its_digest_and_gone_once_deleted() {
        let secret = secret();
        let digest = Pepper::new(&secret.value).digest(KEY);
        let snapshot = with_secrets(Snapshot::default(), &[secret]);
        let snapshot = apply(snapshot.clone(), &snapshot, &[key(digest)]);
        assert!(snapshot.principal_of(KEY).unwrap().0.may_anywhere(Permission::MCP_CALL));
        assert!(snapshot.principal_of("gwo_dev_other").is_none());

        let rotated = apply(snapshot.clone(), &snapshot, &[key([5; 32])]);
        assert!(rotated.principal_of(KEY).is_none(), "the old digest is forgotten with the old row");
        let deleted = proto::Deleted { kind: Kind::ApiKey.into(), id: vec![1; 16].into() };
        let gone =
            apply(snapshot.clone(), &snapshot, &[proto::Change { entity: Some(Entity::Deleted(deleted)) }]);
        assert!(gone.principal_of(KEY).is_none());
        assert!(snapshot.principal_of(KEY).is_some(), "a snapshot that was taken never changes");
    }

    #[test]
    fn a_key_that_cannot_be_understood_any_more_opens_nothing() {
        let secret = secret();
        let digest = Pepper::new(&secret.value).digest(KEY);
        let snapshot = with_secrets(Snapshot::default(), &[secret]);
        let known = apply(snapshot.clone(), &snapshot, &[key(digest)]);
        let mut odd = key(digest);
        if let Some(Entity::ApiKey(key)) = &mut odd.entity {
            key.ip_allowlist = vec!["nonsense".into()];
        }
        assert!(known.principal_of(KEY).is_some());
        assert!(apply(known.clone(), &known, &[odd]).principal_of(KEY).is_none());
    }

    #[test]
    fn an_organization_says_from_where_its_callers_come() {
        let org = Uuid::from_bytes([2; 16]);
        let change = |nets: &[&str]| proto::Change {
            entity: Some(Entity::Organization(proto::Organization {
                id: vec![2; 16].into(),
                ip_allowlist: nets.iter().map(|net| (*net).to_owned()).collect(),
                ..Default::default()
            })),
        };
        let (inside, outside) = (Some("10.1.2.3".parse().unwrap()), Some("192.0.2.1".parse().unwrap()));
        let told = |nets: &[&str]| apply(Snapshot::default(), &Snapshot::default(), &[change(nets)]);
        let listed = told(&["10.0.0.0/8"]);
        assert!(listed.admits(org, inside) && !listed.admits(org, outside) && !listed.admits(org, None));
        assert!(listed.admits(Uuid::from_u128(3), outside), "another organization");
        assert!(!told(&["nonsense"]).admits(org, inside));
        assert!(told(&[]).admits(org, outside));
        let lifted = apply(listed.clone(), &listed, &[change(&[])]);
        assert!(lifted.admits(org, outside));
        let deleted = proto::Deleted { kind: Kind::Organization.into(), id: vec![2; 16].into() };
        let gone = [proto::Change { entity: Some(Entity::Deleted(deleted)) }];
        assert!(apply(listed.clone(), &listed, &gone).admits(org, outside));
    }

    #[test]
    fn a_message_that_makes_no_sense_is_left_out_and_the_rest_is_applied() {
        let nonsense = proto::Change { entity: Some(Entity::Server(proto::Server::default())) };
        let snapshot = with_secrets(Snapshot::default(), &[secret()]);
        let digest = Pepper::new(&[3; 32]).digest(KEY);
        let snapshot = apply(snapshot.clone(), &snapshot, &[nonsense, key(digest)]);
        assert_eq!(snapshot.counts(), (1, 0));
    }
}
