//! By API key: hashed under the pepper, looked up in the snapshot.

use std::{net::IpAddr, sync::Arc};

use gatewayops_proto::api_key::{self, Digest};
use uuid::Uuid;

use super::standing::Shown;
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
    if !api_key::is_well_formed(key) {
        return Err(Rejection::new(
            Code::InvalidCredentials,
            "this is no API key: format or checksum is wrong",
        ));
    }
    let (principal, digest) = snapshot.principal_of(key).ok_or_else(unknown)?;
    let held = principal.key().ok_or_else(unknown)?;
    exchange.is_by(principal, Shown::Key(principal.id, digest));
    check(held, &digest, exchange.client_address, exchange.started_at_ms())?;
    Ok(principal.clone())
}

/// Who the key is of by now.
pub(super) fn again(
    now: &Snapshot,
    id: Uuid,
    digest: &Digest,
    address: Option<IpAddr>,
    now_ms: i64,
) -> Result<Arc<Principal>, Rejection> {
    let principal = now.key_by_id(id).ok_or_else(unknown)?;
    check(principal.key().ok_or_else(unknown)?, digest, address, now_ms)?;
    Ok(principal.clone())
}

/// Whether the key may be used, itself or by a token of it, with a secret whose digest begins so.
pub(super) fn check(key: &Key, secret: &[u8], address: Option<IpAddr>, now_ms: i64) -> Result<(), Rejection> {
    match key.state {
        State::Active => {}
        State::Revoked => return Err(Rejection::new(Code::RevokedCredentials, "this API key was revoked")),
        State::OwnerSuspended => {
            return Err(Rejection::new(Code::UserSuspended, "the owner of this API key is suspended"));
        }
    }
    if key.expires_at_ms.is_some_and(|at| now_ms >= at) || !key.takes(secret, now_ms) {
        return Err(Rejection::new(Code::ExpiredCredentials, "this API key has expired"));
    }
    if !key.may_come_from(address) {
        return Err(Rejection::new(Code::IpNotAllowed, "this API key may not be used from this address"));
    }
    Ok(())
}

fn unknown() -> Rejection {
    Rejection::new(Code::InvalidCredentials, "this API key is not known")
}

#[cfg(test)]
mod tests;
