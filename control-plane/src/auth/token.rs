//! The random tokens of sessions and invites: shown once, kept as their SHA-256 (contract 6.1).

use gatewayops_proto::api_key::base62;
use ring::{
    digest,
    rand::{SecureRandom, SystemRandom},
};

use crate::error::{Error, Result};

/// A fresh one: the prefix and 43 digits, of 32 random bytes.
///
/// # Errors
/// The random source failed.
pub fn generate(prefix: &str) -> Result<String> {
    let mut secret = [0; 32];
    SystemRandom::new().fill(&mut secret).map_err(|_| Error::internal(anyhow::anyhow!("no random bytes")))?;
    Ok(format!("{prefix}{}", base62(&secret)))
}

/// What is stored of one.
#[must_use]
pub fn hash(token: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
    hash
}
