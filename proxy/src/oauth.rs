//! We as a protected resource of OAuth 2.1 (requirements 7): which tokens are good here, and how a client finds out
//! where to get one. Nothing in here knows a request: `pipeline/authenticate` asks, and decides who a token stands for.
//!
//! [`jwt`] reads a token, [`algorithm`] and [`jwks`] check its signature, [`claims`] what it says, [`verified`] keeps
//! what was checked, [`issuer`] knows whom we trust, [`refresh`] asks for keys that are not known yet; [`resource`],
//! [`metadata`] and [`challenge`] tell clients.

use std::sync::Arc;

use crate::config::Config;

pub(crate) mod algorithm;
pub(crate) mod challenge;
pub(crate) mod claims;
pub(crate) mod issuer;
pub(crate) mod jwks;
pub(crate) mod jwt;
pub(crate) mod metadata;
pub(crate) mod refresh;
pub(crate) mod refusal;
pub(crate) mod resource;
pub(crate) mod verified;
mod verify;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use issuer::Trust;
use refusal::Refusal;
use resource::Address;
use verified::{Cache, Verified};

/// Longer ones are refused unread.
pub(crate) const MAX_TOKEN: usize = 8 * 1024;

/// What the proxy remembers of tokens, and by which names it goes.
pub(crate) struct ResourceServer {
    pub(crate) address: Address,
    /// `iss` of the control plane's own tokens (contract 6.1).
    own_issuer: Box<str>,
    /// Whom the operator sends clients to, if it is not for us to say.
    authorization_servers: Vec<String>,
    cache: Cache,
    pub(crate) refreshes: refresh::Refreshes,
}

impl ResourceServer {
    pub(crate) fn new(config: &Config) -> Self {
        let authorization_servers = config.authorization_servers.clone();
        Self { authorization_servers, ..Self::at(&config.public_proxy_url, &config.public_url) }
    }

    pub(crate) fn at(public_proxy_url: &str, public_url: &str) -> Self {
        Self {
            address: Address::new(public_proxy_url),
            own_issuer: public_url.trim_end_matches('/').into(),
            authorization_servers: Vec::new(),
            cache: Cache::default(),
            refreshes: refresh::Refreshes::default(),
        }
    }

    /// Where clients get tokens for us; empty: nobody can tell them.
    pub(crate) fn advertised<'a>(&'a self, trust: &'a Trust) -> Vec<&'a str> {
        trust.issuers.advertised(&self.authorization_servers)
    }

    /// What the token says, if it is good for anything here now. Its signature is checked once, as long as those who
    /// vouch for it and their keys stay the same.
    pub(crate) fn verified(&self, trust: &Trust, token: &str, now_ms: i64) -> Result<Arc<Verified>, Refusal> {
        if token.len() > MAX_TOKEN {
            return Err(Refusal::TooLong);
        }
        let digest = verified::digest_of(token);
        if let Some(known) = self.cache.get(&digest) {
            let is_over = now_ms >= known.claims.expires_at_ms;
            if !is_over && known.is_backed_by(trust) {
                return Ok(known);
            }
            self.cache.forget(&digest);
            if is_over {
                return Err(Refusal::Expired);
            }
        }
        let verified = Arc::new(verify::verify(&self.own_issuer, &self.address, trust, token, now_ms)?);
        self.cache.put(digest, verified.clone());
        Ok(verified)
    }
}
