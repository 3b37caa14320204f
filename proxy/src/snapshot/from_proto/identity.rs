//! Messages about people, and about those who vouch for them.

use std::sync::Arc;

use gatewayops_proto::{
    access::Holder,
    control::{self as proto, user::State},
};

use super::{access, id, ids};
use crate::{
    oauth::{algorithm::PublicKey, issuer::Issuer},
    principal::user::{Identity, User},
    snapshot::Snapshot,
};

pub(super) fn put_user(next: &mut Snapshot, previous: &Snapshot, message: &proto::User) {
    let user = user(message).map(|mut user| {
        // What is open stays counted.
        let known = next.users.get(user.id).or_else(|| previous.users.get(user.id));
        if let Some(known) = known {
            user.usage = known.usage.clone();
        }
        user
    });
    match (user, id(&message.id)) {
        (Some(user), _) => Arc::make_mut(&mut next.users).put(user),
        (None, known) => {
            tracing::error!("a user of the control plane cannot be understood, it is left out");
            // Who has changed must not go on as before.
            if let Some(id) = known {
                Arc::make_mut(&mut next.users).take(id);
            }
        }
    }
}

fn user(message: &proto::User) -> Option<User> {
    let user = id(&message.id)?;
    let provider = id(&message.sso_provider_id).filter(|_| !message.sso_subject.is_empty());
    Some(User {
        id: user,
        org: id(&message.org_id)?,
        identity: provider
            .map(|provider| Identity { provider, subject: message.sso_subject.as_str().into() }),
        access: access(
            Holder { user: Some(user), api_key: None },
            &message.permissions,
            &message.server_grants,
        )
        .into(),
        teams: ids(message.team_ids.iter()),
        is_active: message.state == i32::from(State::Active),
        usage: Arc::default(),
    })
}

pub(super) fn put_issuer(next: &mut Snapshot, message: &proto::TokenIssuer) {
    let issuers = Arc::make_mut(&mut next.trust.issuers);
    match (id(&message.id), id(&message.org_id)) {
        (Some(id), Some(org)) if !message.issuer.is_empty() => {
            issuers.put(Issuer::new(id, org, &message.issuer, message.jwks.clone()));
        }
        (known, _) => {
            tracing::error!("a token issuer of the control plane cannot be understood, it is left out");
            if let Some(id) = known {
                issuers.take(id);
            }
        }
    }
}

/// The public keys of the control plane's own tokens, the current one first.
pub(super) fn own_keys<'a>(secrets: impl Iterator<Item = &'a proto::Secret>) -> Vec<PublicKey> {
    let key = |secret: &proto::Secret| <[u8; 32]>::try_from(&*secret.value).ok().map(PublicKey::Ed25519);
    secrets.filter(|secret| secret.name == "mcp_token_key").filter_map(key).collect()
}

#[cfg(test)]
mod tests {
    use gatewayops_proto::{
        access::Permission,
        control::{Change, Deleted, Secret, change::Entity, deleted::Kind},
    };
    use uuid::Uuid;

    use super::{
        super::{apply, with_secrets},
        *,
    };

    const PROVIDER: [u8; 16] = [7; 16];

    fn message(state: State) -> proto::User {
        proto::User {
            id: vec![1; 16].into(),
            org_id: vec![2; 16].into(),
            sso_provider_id: PROVIDER.to_vec().into(),
            sso_subject: "alice".into(),
            permissions: vec!["mcp:*".into()],
            state: state.into(),
            ..Default::default()
        }
    }

    fn issuer(id: u8, name: &str, jwks: &'static [u8]) -> Change {
        let issuer = proto::TokenIssuer {
            id: vec![id; 16].into(),
            org_id: vec![2; 16].into(),
            issuer: name.into(),
            jwks: jwks.into(),
        };
        Change { entity: Some(Entity::TokenIssuer(issuer)) }
    }

    fn change(user: proto::User) -> Change {
        Change { entity: Some(Entity::User(user)) }
    }

    fn deleted(kind: Kind, id: u8) -> Change {
        let deleted = Deleted { kind: kind.into(), id: vec![id; 16].into() };
        Change { entity: Some(Entity::Deleted(deleted)) }
    }

    fn after(snapshot: &Snapshot, change: Change) -> Snapshot {
        apply(snapshot.clone(), snapshot, &[change])
    }

    fn alice(snapshot: &Snapshot) -> Option<Arc<User>> {
        snapshot.users.of_subject("alice", &[Uuid::from_bytes(PROVIDER)]).next().cloned()
    }

    #[test]
    fn a_user_is_found_by_id_and_by_who_it_is_at_its_provider_until_deleted() {
        let snapshot = after(&Snapshot::default(), change(message(State::Active)));
        let user = alice(&snapshot).unwrap();
        assert!(user.is_active && user.access.everywhere(Permission::MCP_CALL));
        assert!(Arc::ptr_eq(snapshot.users.get(user.id).unwrap(), &user));
        assert!(snapshot.users.of_subject("alice", &[Uuid::from_u128(1)]).next().is_none(), "elsewhere");

        let suspended = after(&snapshot, change(message(State::Suspended)));
        assert!(!alice(&suspended).unwrap().is_active);
        assert!(Arc::ptr_eq(&alice(&suspended).unwrap().usage, &user.usage), "what is open stays counted");
        let renamed = proto::User { sso_subject: "bob".into(), ..message(State::Active) };
        assert!(alice(&after(&snapshot, change(renamed))).is_none());
        assert!(alice(&after(&snapshot, deleted(Kind::User, 1))).is_none());
        assert!(alice(&snapshot).is_some(), "a snapshot that was taken never changes");
    }

    #[test]
    fn a_user_of_a_state_that_is_not_known_is_not_active() {
        let odd = proto::User { state: 77, ..message(State::Active) };
        assert!(!alice(&after(&Snapshot::default(), change(odd))).unwrap().is_active);
    }

    #[test]
    fn who_trusts_an_issuer_changes_with_each_and_stays_when_the_same_is_said_again() {
        let name = "https://idp.example.com";
        let one = after(&Snapshot::default(), issuer(1, name, b"{}"));
        let two = after(&one, issuer(2, name, b"{}"));
        let trusted = |snapshot: &Snapshot| snapshot.trust.issuers.named(name).cloned();
        assert_eq!(trusted(&two).unwrap().len(), 2);
        assert_eq!(two.trust.issuers.advertised(&[]), [name], "each name once");
        let again = after(&two, issuer(2, name, b"{}"));
        assert_eq!(trusted(&two).unwrap().generation, trusted(&again).unwrap().generation);
        let rotated = after(&two, issuer(2, name, b"{\"keys\":[]}"));
        assert_ne!(trusted(&two).unwrap().generation, trusted(&rotated).unwrap().generation);
        let moved = after(&two, issuer(2, "https://other.example.com", b"{}"));
        assert_eq!(trusted(&moved).unwrap().len(), 1);
        let none = after(&one, deleted(Kind::TokenIssuer, 1));
        assert!(trusted(&none).is_none() && none.trust.issuers.advertised(&[]).is_empty());
    }

    #[test]
    fn own_keys_live_side_by_side_and_stay_what_they_are_while_nothing_changes() {
        let secret = |id: u8, length: usize| Secret {
            id: vec![id; 16].into(),
            name: "mcp_token_key".into(),
            key_id: id.into(),
            value: vec![id; length].into(),
            current: id == 2,
        };
        let both = [secret(1, 32), secret(2, 32), secret(3, 31)];
        let snapshot = with_secrets(Snapshot::default(), &both);
        assert_eq!(
            *snapshot.trust.own_keys,
            [PublicKey::Ed25519([2; 32]), PublicKey::Ed25519([1; 32])],
            "the current one first, and none that is no key"
        );
        let same = with_secrets(snapshot.clone(), &both);
        assert!(Arc::ptr_eq(&same.trust.own_keys, &snapshot.trust.own_keys));
        let fewer = with_secrets(snapshot.clone(), &both[1..]);
        assert_eq!(fewer.trust.own_keys.len(), 1);
    }
}
