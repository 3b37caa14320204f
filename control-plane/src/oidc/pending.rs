//! A sign-in under way: what must be the same when the browser comes back. It lives in a sealed cookie of that browser,
//! for ten minutes, and is good for one provider (contract 3.1).

use axum::http::{HeaderMap, HeaderValue, header};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Duration, Utc};
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use crate::{
    auth::derived::DerivedKeys,
    config::Config,
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

fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-gwo_sso" } else { "gwo_sso" }
}

/// The sealed sign-in of a request, if it has one.
#[must_use]
pub fn from_cookie(headers: &HeaderMap, secure: bool) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, value)| *name == cookie_name(secure) && !value.is_empty()).map(|(_, value)| value)
}

/// `Set-Cookie` that begins a sign-in, or clears it away. Lax, for the browser comes back from another site.
///
/// # Panics
/// Never: what is sealed is plain ASCII.
#[must_use]
pub fn cookie(config: &Config, sealed: Option<&str>) -> HeaderValue {
    let name = cookie_name(config.cookie_secure);
    let secure = if config.cookie_secure { "; Secure" } else { "" };
    let seconds = if sealed.is_some() { LIFETIME.num_seconds() } else { 0 };
    let cookie = format!(
        "{name}={}; HttpOnly; SameSite=Lax; Path=/; Max-Age={seconds}{secure}",
        sealed.unwrap_or_default()
    );
    HeaderValue::from_str(&cookie).expect("what is sealed is plain ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

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

    #[test]
    fn the_cookie_is_as_strict_as_it_can_be() {
        let mut config = testing::config();
        config.cookie_secure = true;
        let expected = "__Host-gwo_sso=x; HttpOnly; SameSite=Lax; Path=/; Max-Age=600; Secure";
        assert_eq!(cookie(&config, Some("x")), expected);
        assert!(cookie(&config, None).to_str().unwrap().contains("Max-Age=0"));
    }
}
