//! By API key: hashed under the pepper, looked up in the snapshot.

use std::sync::Arc;

use gatewayops_proto::api_key;

use crate::{
    exchange::Exchange,
    principal::{Key, Principal, State},
    rejection::{Code, Rejection},
    snapshot::Snapshot,
};

pub(crate) fn principal(
    snapshot: &Snapshot,
    key: &str,
    exchange: &mut Exchange,
) -> Result<Arc<Principal>, Rejection> {
    let invalid = || Rejection::new(Code::InvalidCredentials, "this API key is not known");
    if !api_key::is_well_formed(key) {
        return Err(Rejection::new(
            Code::InvalidCredentials,
            "this is no API key: format or checksum is wrong",
        ));
    }
    let (principal, digest) = snapshot.principal_of(key).ok_or_else(invalid)?;
    let held = principal.key().ok_or_else(invalid)?;
    // From here on the refusal belongs to an organization, and leaves a span there.
    exchange.principal = Some(principal.clone());
    check(held, exchange)?;
    if digest != held.digest && exchange.started_at_ms() >= held.previous_expires_at_ms {
        return Err(expired());
    }
    Ok(principal.clone())
}

/// Whether the key may be used, itself or by a token of it.
pub(super) fn check(key: &Key, exchange: &Exchange) -> Result<(), Rejection> {
    match key.state {
        State::Active => {}
        State::Revoked => return Err(Rejection::new(Code::RevokedCredentials, "this API key was revoked")),
        State::OwnerSuspended => {
            return Err(Rejection::new(Code::UserSuspended, "the owner of this API key is suspended"));
        }
    }
    if key.expires_at_ms.is_some_and(|at| exchange.started_at_ms() >= at) {
        return Err(expired());
    }
    if !key.may_come_from(exchange.client_address) {
        return Err(Rejection::new(Code::IpNotAllowed, "this API key may not be used from this address"));
    }
    Ok(())
}

fn expired() -> Rejection {
    Rejection::new(Code::ExpiredCredentials, "this API key has expired")
}
