//! Whether somebody who was let in would be let in again. It is asked where time passes: of bodies that come slowly, and
//! for as long as a stream is open.

use std::{net::IpAddr, sync::Arc, time::Duration};

use gatewayops_proto::api_key::Digest;
use tokio::time::sleep;
use uuid::Uuid;

use super::{check_address, key, token};
use crate::{
    exchange::Exchange,
    oauth::verified::Verified,
    principal::Principal,
    rejection::{Code, Rejection},
    snapshot::{Snapshot, watch::Current},
};

/// A body that has come within this time came with its credential.
const AT_ONCE: Duration = Duration::from_millis(100);

/// By what somebody was let in, and from where.
#[derive(Clone)]
pub(crate) struct Standing {
    pub(crate) shown: Shown,
    pub(crate) address: Option<IpAddr>,
}

#[derive(Clone)]
pub(crate) enum Shown {
    /// The key of that id, by a secret of that digest.
    Key(Uuid, Digest),
    Token(Arc<Verified>),
}

impl Standing {
    /// Who it is by what is said now.
    pub(crate) fn again(&self, now: &Snapshot, now_ms: i64) -> Result<Arc<Principal>, Rejection> {
        let principal = match &self.shown {
            Shown::Key(id, digest) => key::again(now, *id, digest, self.address, now_ms)?,
            Shown::Token(verified) => token::again(now, verified, self.address, now_ms)?,
        };
        check_address(now, &principal, self.address)?;
        Ok(principal)
    }

    /// When it is over if nobody ends it before.
    fn ends_at_ms(&self, now: &Snapshot) -> Option<i64> {
        match &self.shown {
            Shown::Key(id, digest) => now.key_by_id(*id)?.key()?.ends_at_ms(digest),
            Shown::Token(verified) => token::ends_at_ms(now, verified),
        }
    }
}

/// Resolves when the caller would not be let in any more, or its session is over.
pub(crate) async fn withdrawn(
    current: &Current,
    standing: Option<&Standing>,
    session_ends_at_ms: Option<u64>,
) -> Rejection {
    let Some(standing) = standing else { return std::future::pending().await };
    let session_ends_at_ms = session_ends_at_ms.and_then(|at| i64::try_from(at).ok());
    let mut changes = current.changes();
    loop {
        let (now, now_ms) = (current.snapshot(), now_ms());
        if let Err(rejection) = standing.again(&now, now_ms) {
            return rejection;
        }
        if session_ends_at_ms.is_some_and(|at| now_ms >= at) {
            return Rejection::new(Code::SessionNotFound, "this session has ended; initialize again");
        }
        let ends_at_ms = standing.ends_at_ms(&now).into_iter().chain(session_ends_at_ms).min();
        drop(now);
        let over = async {
            match ends_at_ms {
                Some(at) => sleep(Duration::from_millis(at.abs_diff(now_ms))).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! { _ = changes.changed() => {}, () = over => {} }
    }
}

/// After what may have taken long: nothing is begun for somebody who has lost the right to it meanwhile.
pub(crate) fn check(current: &Current, exchange: &Exchange) -> Result<(), Rejection> {
    match &exchange.standing {
        Some(standing) if exchange.started.elapsed() > AT_ONCE => {
            standing.again(&current.snapshot(), now_ms()).map(|_| ())
        }
        _ => Ok(()),
    }
}

pub(crate) fn now_ms() -> i64 {
    chrono::Utc::now().timestamp_millis()
}
