//! A token names a key that its issuer's set does not have: perhaps the issuer has a new one. The control plane is asked
//! to look, and sends the set to every proxy. A request waits for it a moment; nobody can make us ask often.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use gatewayops_proto::control::{RefreshKeysRequest, refresh_keys_reply::State};
use tokio::{
    sync::{Semaphore, watch},
    time::timeout,
};
use uuid::Uuid;

use super::{
    algorithm::Algorithm,
    issuer::{Generation, Issuer, Trusted},
    jwt::Jwt,
};
use crate::{
    config::ControlPlane,
    control_plane,
    snapshot::{Snapshot, watch::Current},
};

#[cfg(test)]
mod tests;

/// An issuer is asked about at most this often.
const PAUSE: Duration = Duration::from_secs(30);
/// The same when nobody was there to be asked, or what was promised has not come.
pub(crate) const AWAY: Duration = Duration::from_secs(5);
/// A request waits so long for a key to come. Asking goes on without it.
const PATIENCE: Duration = Duration::from_secs(2);
/// The control plane may need so long to fetch a set.
const ANSWER: Duration = Duration::from_secs(25);
/// What is on its way takes no longer.
const ARRIVAL: Duration = Duration::from_secs(4);
/// Organizations that trust the same issuer, and are asked for at once.
const AT_ONCE: usize = 8;
/// Issuers that are remembered.
const REMEMBERED: usize = 4096;
/// Requests that wait at once. Nobody has let them in yet.
const WAITING: usize = 256;

/// When which issuer was asked about, and how that went.
#[derive(Clone)]
pub(crate) struct Refreshes(Arc<Shared>);

struct Shared {
    asked: Mutex<HashMap<Uuid, Asked>>,
    /// How many were answered, for those who wait.
    answered: watch::Sender<u64>,
    waiting: Semaphore,
}

struct Asked {
    at: Instant,
    /// What was known of the issuer then.
    known: Generation,
    /// None: somebody is asking.
    heard: Option<Heard>,
}

/// What the control plane said.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Heard {
    /// Something new is on its way.
    Comes,
    /// The issuer has no such key.
    IsNone,
    /// Nothing.
    Away,
}

/// Why a token goes without its key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NoKey {
    /// Everybody was asked: there is none.
    IsNone,
    /// Somebody could not be asked, or has not answered yet.
    Away,
}

/// Where an issuer stands with a key that it lacked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stand {
    Found,
    /// It is to be asked, being asked, or on its way.
    Open,
    Not(NoKey),
}

/// One who asks. Who is dropped halfway has heard nothing.
struct Turn {
    shared: Arc<Shared>,
    issuer: Uuid,
    heard: Heard,
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(asked) = self.shared.asked().get_mut(&self.issuer) {
            asked.heard = Some(self.heard);
        }
        self.shared.answered.send_modify(|count| *count += 1);
    }
}

/// What a token needs that is not known, as far as it can be read.
pub(crate) struct Wanted {
    pub(crate) issuer: String,
    /// None: it names none, so what is new is what it may need.
    key: Option<String>,
    algorithm: Algorithm,
    /// Those who trust the issuer and do not have the key, as they were.
    lacking: Vec<(Uuid, Generation)>,
}

impl Wanted {
    pub(crate) fn by(token: &str) -> Option<Self> {
        let jwt = Jwt::parse(token).ok()?;
        let (issuer, key, algorithm) = (jwt.claims.iss, jwt.key_id, jwt.algorithm);
        Some(Self { issuer, key, algorithm, lacking: Vec::new() })
    }

    /// Of these who trust the issuer.
    pub(crate) fn of(mut self, trusted: &Trusted) -> Self {
        let lacks =
            |issuer: &Issuer| self.key.is_none() || issuer.keys.lacks(self.key.as_deref(), self.algorithm);
        let lacking = trusted.iter().filter(|issuer| lacks(issuer));
        self.lacking = lacking.map(|issuer| (issuer.id, issuer.generation)).collect();
        self
    }

    fn is_found_by(&self, issuer: &Issuer, before: Generation) -> bool {
        match &self.key {
            Some(key) => !issuer.keys.lacks(Some(key), self.algorithm),
            None => issuer.generation != before,
        }
    }
}

impl Default for Refreshes {
    fn default() -> Self {
        Self(Arc::new(Shared {
            asked: Mutex::default(),
            answered: watch::Sender::default(),
            waiting: Semaphore::new(WAITING),
        }))
    }
}

impl Refreshes {
    /// The snapshot in which somebody has the key who lacked it, once there is one; or why there will be none.
    pub(crate) async fn newer(
        &self,
        control_plane: &ControlPlane,
        current: &Current,
        wanted: &Wanted,
    ) -> Result<Arc<Snapshot>, NoKey> {
        if let Some(settled) = self.look(control_plane, current, wanted) {
            return settled;
        }
        let Ok(_place) = self.0.waiting.try_acquire() else { return Err(NoKey::Away) };
        let (mut changes, mut answered) = (current.changes(), self.0.answered.subscribe());
        let settled = async {
            loop {
                if let Some(settled) = self.look(control_plane, current, wanted) {
                    return settled;
                }
                tokio::select! { _ = changes.changed() => {}, _ = answered.changed() => {} }
            }
        };
        timeout(PATIENCE, settled).await.unwrap_or(Err(NoKey::Away))
    }

    /// How it stands now; asks whoever can be asked. None: something is still to come.
    fn look(
        &self,
        control_plane: &ControlPlane,
        current: &Current,
        wanted: &Wanted,
    ) -> Option<Result<Arc<Snapshot>, NoKey>> {
        let snapshot = current.snapshot();
        let trusted = snapshot.trust.issuers.named(&wanted.issuer);
        let mut open = 0;
        let mut is_away = false;
        for (id, before) in &wanted.lacking {
            let issuer = trusted.and_then(|trusted| trusted.iter().find(|issuer| issuer.id == *id));
            // Who does not trust the issuer any more has no say.
            let Some(issuer) = issuer else { continue };
            match self.stand(control_plane, issuer, *before, wanted) {
                Stand::Found => return Some(Ok(snapshot)),
                Stand::Open => open += 1,
                Stand::Not(NoKey::Away) => is_away = true,
                Stand::Not(NoKey::IsNone) => {}
            }
            if open == AT_ONCE {
                return None;
            }
        }
        match (open, is_away) {
            (1.., _) => None,
            (0, true) => Some(Err(NoKey::Away)),
            (0, false) => Some(Err(NoKey::IsNone)),
        }
    }

    fn stand(
        &self,
        control_plane: &ControlPlane,
        issuer: &Issuer,
        before: Generation,
        wanted: &Wanted,
    ) -> Stand {
        if wanted.is_found_by(issuer, before) {
            return Stand::Found;
        }
        match self.0.take_turn(issuer) {
            Ok(turn) => {
                let (control_plane, key) = (control_plane.clone(), wanted.key.clone().unwrap_or_default());
                // It belongs to nobody's request: who goes away does not take the answer from the others.
                tokio::spawn(ask(turn, control_plane, key));
                Stand::Open
            }
            Err(stand) => stand,
        }
    }
}

impl Shared {
    /// The turn to ask; without one, how it stands.
    fn take_turn(self: &Arc<Self>, issuer: &Issuer) -> Result<Turn, Stand> {
        let mut all = self.asked();
        if let Some(asked) = all.get(&issuer.id)
            && let Some(stand) = asked.stand(issuer.generation)
        {
            return Err(stand);
        }
        if all.len() >= REMEMBERED {
            all.retain(|_, asked| asked.heard.is_none() || asked.at.elapsed() < PAUSE);
        }
        if all.len() >= REMEMBERED && !all.contains_key(&issuer.id) {
            return Err(Stand::Not(NoKey::Away));
        }
        all.insert(issuer.id, Asked { at: Instant::now(), known: issuer.generation, heard: None });
        Ok(Turn { shared: self.clone(), issuer: issuer.id, heard: Heard::Away })
    }

    fn asked(&self) -> MutexGuard<'_, HashMap<Uuid, Asked>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Asked {
    /// What it means for a key that the issuer lacks as it is now. None: it is time to ask again.
    fn stand(&self, now: Generation) -> Option<Stand> {
        let age = self.at.elapsed();
        let (stand, pause) = match self.heard {
            None => return Some(Stand::Open),
            Some(Heard::IsNone) => (Stand::Not(NoKey::IsNone), PAUSE),
            // It has come, and the key was not in it.
            Some(Heard::Comes) if self.known != now => (Stand::Not(NoKey::IsNone), PAUSE),
            Some(Heard::Comes) if age < ARRIVAL => (Stand::Open, AWAY),
            Some(Heard::Comes | Heard::Away) => (Stand::Not(NoKey::Away), AWAY),
        };
        (age < pause).then_some(stand)
    }
}

async fn ask(mut turn: Turn, control_plane: ControlPlane, key: String) {
    let asked = timeout(ANSWER, request(&control_plane, turn.issuer, key)).await;
    turn.heard = match asked.unwrap_or_else(|_| Err("no answer in time".to_owned())) {
        Ok(State::Here | State::UnderWay) => Heard::Comes,
        Ok(State::Absent) => Heard::IsNone,
        Err(reason) => {
            tracing::warn!(sso.provider.id = %turn.issuer, "the keys of a token issuer cannot be asked for: {reason}");
            Heard::Away
        }
    };
}

async fn request(control_plane: &ControlPlane, issuer: Uuid, key: String) -> Result<State, String> {
    let request = RefreshKeysRequest { token_issuer_id: issuer.as_bytes().to_vec().into(), key_id: key };
    let mut reason = String::new();
    for turn in 0..control_plane.urls.len() {
        match control_plane::connect(control_plane, turn).await {
            Ok(mut client) => {
                let reply = client.refresh_keys(request).await;
                return reply
                    .map(|reply| reply.into_inner().state())
                    .map_err(|status| status.message().to_owned());
            }
            Err(error) => reason = error,
        }
    }
    Err(reason)
}
