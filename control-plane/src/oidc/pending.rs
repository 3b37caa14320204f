//! A sign-in under way: what must be the same when the browser comes back. It lives in a sealed cookie of that browser,
//! for ten minutes, and is good for one provider (contract 3.1).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Duration, Utc};
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use crate::{
    auth::derived::DerivedKeys,
    error::{Error, Result},
    id::ProviderId,
};

pub const LIFETIME: Duration = Duration::minutes(10);

#[derive(Serialize, Deserialize)]
pub struct Pending {
    pub state: String,
    pub nonce: String,
    /// Of PKCE.
    pub verifier: String,
    /// A path of this site.
    pub redirect: String,
    pub expires_at: DateTime<Utc>,
}

impl Pending {
    /// # Errors
    /// The system gave no random bytes.
    pub fn new(redirect: String, now: DateTime<Utc>) -> Result<Self> {
        Ok(Self {
            state: random()?,
            nonce: random()?,
            verifier: random()?,
            redirect,
            expires_at: now + LIFETIME,
        })
    }

    /// # Errors
    /// The system gave no random bytes.
    pub fn seal(&self, keys: &DerivedKeys, provider: ProviderId) -> Result<String> {
        let plain = serde_json::to_vec(self).map_err(Error::internal)?;
        let sealed = keys.seal_sign_in(provider.0.as_bytes(), &plain);
        sealed.ok_or_else(|| Error::internal(anyhow::anyhow!("no random bytes")))
    }

    /// The one in the browser's cookie, when it was begun with this provider, is not too old, and has this state.
    #[must_use]
    pub fn open(
        keys: &DerivedKeys,
        provider: ProviderId,
        cookie: &str,
        state: &str,
        now: DateTime<Utc>,
    ) -> Option<Self> {
        let plain = keys.open_sign_in(provider.0.as_bytes(), cookie)?;
        let pending: Self = serde_json::from_slice(&plain).ok()?;
        let same = bool::from(pending.state.as_bytes().ct_eq(state.as_bytes()));
        (same && now < pending.expires_at).then_some(pending)
    }
}

/// 256 bits, in the alphabet of PKCE (RFC 7636 §4.1).
fn random() -> Result<String> {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Error::internal(anyhow::anyhow!("no random bytes")))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_comes_back_for_its_provider_state_and_time_only() {
        let (keys, provider, now) = (DerivedKeys::new(b"secret"), ProviderId::new(), Utc::now());
        let pending = Pending::new("/docs".into(), now).unwrap();
        let cookie = pending.seal(&keys, provider).unwrap();
        let open = |provider, state: &str, at| Pending::open(&keys, provider, &cookie, state, at);
        assert_eq!(open(provider, &pending.state, now).unwrap().redirect, "/docs");
        assert!(open(ProviderId::new(), &pending.state, now).is_none());
        assert!(open(provider, &pending.nonce, now).is_none() && open(provider, "", now).is_none());
        assert!(open(provider, &pending.state, now + LIFETIME).is_none());
        assert!(![&pending.nonce, &pending.verifier].contains(&&pending.state));
        assert!(!cookie.contains(&pending.verifier));
    }
}
