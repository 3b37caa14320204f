//! By token: an access token of an identity provider, or one of the control plane's own (contract 1.6, 6.1, R7.4). What
//! the token says was checked once; whom it stands for, and whether that one may still come, is asked each time.

use std::{net::IpAddr, sync::Arc};

use super::{key, standing::Shown};
use crate::{
    exchange::Exchange,
    oauth::{
        ResourceServer,
        refresh::{self, NoKey, Wanted},
        refusal::Refusal,
        resource::Resource,
        verified::{Bearer, Verified},
    },
    principal::{
        Principal,
        token::{Holder, Made, everything},
        user::User,
    },
    rejection::{Code, Rejection},
    server::Gateway,
    snapshot::Snapshot,
};

#[cfg(test)]
mod tests;

/// So many times a request waits for a key at most.
const MOST_LOOKS: usize = 8;

/// Why there is no principal.
#[derive(Debug)]
pub(crate) enum Fault {
    Rejected(Rejection),
    /// It may be that the issuer has new keys; if not, this is why.
    NewKey(Refusal),
}

/// `resource`: the endpoint that the token has to be for.
pub(crate) fn principal(
    server: &ResourceServer,
    snapshot: &Snapshot,
    token: &str,
    resource: Resource<'_>,
    exchange: &mut Exchange,
) -> Result<Arc<Principal>, Fault> {
    let verified = server.verified(&snapshot.trust, token, exchange.started_at_ms()).map_err(fault)?;
    let holder = match (holder(snapshot, &verified), &verified.bearer) {
        (Ok(holder), _) => holder,
        (Err(refusal), Bearer::Foreign { lacking: true, .. }) => return Err(Fault::NewKey(refusal)),
        (Err(refusal), _) => return Err(fault(refusal)),
    };
    let principal = made(&verified, &holder);
    exchange.is_by(&principal, Shown::Token(verified.clone()));
    if !verified.is_for(resource) {
        let uri = server.address.uri(resource);
        return Err(Fault::Rejected(refused(Refusal::Audience).with("resource", uri)));
    }
    admit(&holder, &verified, exchange.client_address, exchange.started_at_ms()).map_err(Fault::Rejected)?;
    Ok(principal)
}

/// Who the token stands for by now.
pub(super) fn again(
    now: &Snapshot,
    verified: &Verified,
    address: Option<IpAddr>,
    now_ms: i64,
) -> Result<Arc<Principal>, Rejection> {
    if now_ms >= verified.claims.expires_at_ms {
        return Err(refused(Refusal::Expired));
    }
    let holder = holder(now, verified).map_err(refused)?;
    admit(&holder, verified, address, now_ms)?;
    Ok(made(verified, &holder))
}

/// When the token is over, or the key that it is of.
pub(super) fn ends_at_ms(now: &Snapshot, verified: &Verified) -> Option<i64> {
    let of_key = match &verified.bearer {
        Bearer::Own { subject, .. } => {
            let key = now.key_by_id(subject.id).and_then(|key| key.key());
            key.and_then(|key| key.ends_at_ms(&subject.secret?))
        }
        Bearer::Foreign { .. } => None,
    };
    of_key.into_iter().chain([verified.claims.expires_at_ms]).min()
}

/// Once more, with keys that the issuer may have by now.
pub(super) async fn principal_by_new_key(
    gateway: &Gateway,
    snapshot: &mut Arc<Snapshot>,
    token: &str,
    resource: Resource<'_>,
    mut refusal: Refusal,
    exchange: &mut Exchange,
) -> Result<Arc<Principal>, Rejection> {
    // One whose key has come may be none of ours, while another's is still being looked for. The next look has fewer to
    // wait for.
    for _ in 0..MOST_LOOKS {
        let wanted = wanted(snapshot, token).ok_or_else(|| refused(refusal))?;
        let (control_plane, current) = (&gateway.config.control_plane, &gateway.current);
        *snapshot = match gateway.oauth.refreshes.newer(control_plane, current, &wanted).await {
            Ok(newer) => newer,
            Err(NoKey::Away) => return Err(away()),
            Err(NoKey::IsNone) => return Err(refused(refusal)),
        };
        match principal(&gateway.oauth, snapshot, token, resource, exchange) {
            Err(Fault::NewKey(newer)) => refusal = newer,
            Err(Fault::Rejected(rejection)) => return Err(rejection),
            Ok(principal) => return Ok(principal),
        }
    }
    Err(away())
}

fn wanted(snapshot: &Snapshot, token: &str) -> Option<Wanted> {
    let wanted = Wanted::by(token)?;
    let trusted = snapshot.trust.issuers.named(&wanted.issuer)?;
    Some(wanted.of(trusted))
}

fn away() -> Rejection {
    Rejection::new(Code::Unavailable, "the keys of this token's issuer cannot be asked for now; try again")
        .with("dependency", "control_plane")
        .retry_after(refresh::AWAY.as_secs())
}

fn fault(refusal: Refusal) -> Fault {
    match refusal {
        Refusal::UnknownKey | Refusal::OtherKey => Fault::NewKey(refusal),
        other => Fault::Rejected(refused(other)),
    }
}

fn refused(refusal: Refusal) -> Rejection {
    let code = if refusal == Refusal::Expired { Code::ExpiredCredentials } else { Code::InvalidCredentials };
    Rejection::new(code, refusal.message())
}

/// Whose the token is, whatever state they are in.
fn holder(snapshot: &Snapshot, verified: &Verified) -> Result<Holder, Refusal> {
    match &verified.bearer {
        Bearer::Foreign { subject, providers, .. } => user(snapshot, subject, providers).map(Holder::User),
        Bearer::Own { subject, .. } => {
            let user = snapshot.users.get(subject.id).map(|user| (user.org, Holder::User(user.clone())));
            let key = || snapshot.key_by_id(subject.id).map(|key| (key.org, Holder::Key(key.clone())));
            match user.or_else(key) {
                None => Err(Refusal::UnknownSubject),
                Some((org, _)) if org != subject.org => Err(Refusal::Organization),
                Some((_, holder)) => Ok(holder),
            }
        }
    }
}

/// Several organizations may trust the same issuer, and the token does not say which is meant: the one where its subject
/// is an active user. If there are several, none is guessed: a call must never reach another organization's servers than
/// its caller thinks.
fn user(snapshot: &Snapshot, subject: &str, providers: &[uuid::Uuid]) -> Result<Arc<User>, Refusal> {
    let mut suspended = None;
    let mut active = None;
    for user in snapshot.users.of_subject(subject, providers).filter(|user| is_vouched_for(snapshot, user)) {
        let found = if user.is_active { &mut active } else { &mut suspended };
        if user.is_active && found.is_some() {
            return Err(Refusal::SeveralOrganizations);
        }
        *found = Some(user);
    }
    active.or(suspended).cloned().ok_or(Refusal::UnknownSubject)
}

/// A provider says nothing of people of another organization, and nothing any more once it is gone.
fn is_vouched_for(snapshot: &Snapshot, user: &User) -> bool {
    let provider = user.identity.as_ref().map(|identity| identity.provider);
    provider.and_then(|provider| snapshot.trust.issuers.org_of(provider)) == Some(user.org)
}

/// The principal, made anew only if its holder has changed since the token came last.
fn made(verified: &Verified, holder: &Holder) -> Arc<Principal> {
    let known = verified.made.load();
    if let Some(known) = known.as_ref().filter(|known| known.of.is(holder)) {
        return known.principal.clone();
    }
    let coverage = match &verified.bearer {
        Bearer::Foreign { .. } => everything().clone(),
        Bearer::Own { subject, .. } => subject.coverage.clone(),
    };
    let principal = Arc::new(holder.with_token(verified.claims.scopes, coverage));
    verified.made.store(Some(Arc::new(Made { of: holder.clone(), principal: principal.clone() })));
    principal
}

/// Whether the one behind it may come in.
fn admit(
    holder: &Holder,
    verified: &Verified,
    address: Option<IpAddr>,
    now_ms: i64,
) -> Result<(), Rejection> {
    match holder {
        Holder::User(user) if user.is_active => Ok(()),
        Holder::User(_) => {
            Err(Rejection::new(Code::UserSuspended, "this user is suspended; ask an administrator"))
        }
        Holder::Key(holder) => {
            let Some(key) = holder.key() else { return Err(refused(Refusal::UnknownSubject)) };
            // A token lives no longer than the secret that it was asked for with.
            let secret = match &verified.bearer {
                Bearer::Own { subject, .. } => subject.secret,
                Bearer::Foreign { .. } => None,
            };
            key::check(key, &secret.ok_or_else(|| refused(Refusal::NoSecret))?, address, now_ms)
        }
    }
}
