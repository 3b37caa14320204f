//! A token names a key that its issuer's set does not have: perhaps the issuer has a new one. The control plane is asked
//! to look, and sends the set to every proxy. A request waits for it a moment; nobody can make us ask often.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use futures::future::join_all;
use gatewayops_proto::control::{RefreshKeysRequest, control_plane_client::ControlPlaneClient};
use secrecy::ExposeSecret;
use tokio::time::{sleep, timeout};
use tonic::metadata::{Ascii, MetadataValue};
use uuid::Uuid;

use super::{issuer::Trusted, jwt::Jwt};
use crate::{
    config::ControlPlane,
    snapshot::{
        Snapshot,
        watch::{self, Current},
    },
};

#[cfg(test)]
mod tests;

/// An issuer is asked about at most this often.
const PAUSE: Duration = Duration::from_secs(30);
/// A request waits so long for a key to come.
const PATIENCE: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(10);
/// Organizations that trust the same issuer, and are asked for at once.
const AT_ONCE: usize = 8;
/// Issuers that are remembered.
const REMEMBERED: usize = 4096;

/// When which issuer was asked about, and how that went.
#[derive(Default)]
pub(crate) struct Refreshes(Mutex<HashMap<Uuid, Asked>>);

struct Asked {
    at: Instant,
    /// What was known of the issuer then.
    known: Trusted,
    /// None: somebody is asking.
    outcome: Option<Outcome>,
}

/// What came of asking.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    /// The key is on its way.
    Comes,
    /// The issuer has no such key.
    IsNone,
    /// Nobody could be asked.
    Away,
}

/// One who may ask. Who is dropped halfway has found nobody there.
struct Turn<'a> {
    refreshes: &'a Refreshes,
    issuer: Uuid,
    outcome: Outcome,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if let Some(asked) = self.refreshes.lock().get_mut(&self.issuer) {
            asked.outcome = Some(self.outcome);
        }
    }
}

/// Whom and what to ask about a token, as far as it can be read.
pub(crate) struct Wanted {
    pub(crate) issuer: String,
    key: String,
}

impl Wanted {
    pub(crate) fn by(token: &str) -> Option<Self> {
        let jwt = Jwt::parse(token).ok()?;
        Some(Self { issuer: jwt.claims.iss, key: jwt.key_id.unwrap_or_default() })
    }
}

impl Refreshes {
    /// The snapshot that has other keys of the issuer than `known`, once there is one; or why there will be none.
    pub(crate) async fn newer(
        &self,
        control_plane: &ControlPlane,
        current: &Current,
        known: &Trusted,
        wanted: &Wanted,
    ) -> Result<Arc<Snapshot>, Outcome> {
        let until = Instant::now() + PATIENCE;
        let issuers = || known.iter().take(AT_ONCE).map(|issuer| issuer.id);
        let asked = issuers().map(|issuer| self.ask(control_plane, issuer, known, &wanted.key));
        // Who is still asking then has found nobody there, and says so itself.
        let _ = timeout(PATIENCE, join_all(asked)).await;
        loop {
            let snapshot = current.snapshot();
            let now = snapshot.trust.issuers.named(&wanted.issuer);
            if now.is_some_and(|now| !Arc::ptr_eq(now, known)) {
                return Ok(snapshot);
            }
            let outcomes: Vec<_> = issuers().map(|issuer| self.outcome(issuer, known)).collect();
            if let Some(reason) = settled(&outcomes) {
                return Err(reason);
            }
            if Instant::now() >= until {
                return Err(if outcomes.contains(&None) { Outcome::Away } else { Outcome::IsNone });
            }
            sleep(LOOK).await;
        }
    }

    async fn ask(&self, control_plane: &ControlPlane, issuer: Uuid, known: &Trusted, key: &str) {
        let Some(mut turn) = self.turn(issuer, known) else { return };
        turn.outcome = match request(control_plane, issuer, key).await {
            Ok(true) => Outcome::Comes,
            Ok(false) => Outcome::IsNone,
            Err(reason) => {
                tracing::warn!(sso.provider.id = %issuer, "the keys of a token issuer cannot be asked for: {reason}");
                Outcome::Away
            }
        };
    }

    /// None: it is somebody else's, or too early.
    fn turn(&self, issuer: Uuid, known: &Trusted) -> Option<Turn<'_>> {
        let mut asked = self.lock();
        if asked.get(&issuer).is_some_and(|asked| asked.outcome.is_none() || asked.at.elapsed() < PAUSE) {
            return None;
        }
        if asked.len() >= REMEMBERED {
            asked.retain(|_, asked| asked.outcome.is_none() || asked.at.elapsed() < PAUSE);
        }
        if asked.len() >= REMEMBERED {
            return None;
        }
        asked.insert(issuer, Asked { at: Instant::now(), known: known.clone(), outcome: None });
        Some(Turn { refreshes: self, issuer, outcome: Outcome::Away })
    }

    /// What came of it for somebody who knows so much. None: that is still open.
    fn outcome(&self, issuer: Uuid, known: &Trusted) -> Option<Outcome> {
        let all = self.lock();
        let Some(asked) = all.get(&issuer) else { return Some(Outcome::Away) };
        let has_come = !Arc::ptr_eq(&asked.known, known) || asked.at.elapsed() > 2 * PATIENCE;
        if asked.outcome == Some(Outcome::Comes) && has_come { Some(Outcome::IsNone) } else { asked.outcome }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Asked>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What all of them together mean, unless something is still to come.
fn settled(outcomes: &[Option<Outcome>]) -> Option<Outcome> {
    if outcomes.iter().any(|outcome| matches!(outcome, None | Some(Outcome::Comes))) {
        return None;
    }
    let is_away = outcomes.contains(&Some(Outcome::Away));
    Some(if is_away { Outcome::Away } else { Outcome::IsNone })
}

async fn request(control_plane: &ControlPlane, issuer: Uuid, key: &str) -> Result<bool, String> {
    let channel = watch::channel(control_plane).await?;
    let token: MetadataValue<Ascii> = format!("Bearer {}", control_plane.token.expose_secret())
        .parse()
        .map_err(|_| "PROXY_TOKEN makes no valid header".to_owned())?;
    let mut request = tonic::Request::new(RefreshKeysRequest {
        token_issuer_id: issuer.as_bytes().to_vec().into(),
        key_id: key.to_owned(),
    });
    request.metadata_mut().insert("authorization", token);
    let reply = ControlPlaneClient::new(channel).refresh_keys(request).await;
    reply.map(|reply| reply.into_inner().has_key).map_err(|status| status.message().to_owned())
}
