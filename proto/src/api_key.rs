//! API keys: `gwo_<env>_` + 43 base62 (32 random bytes) + 6 base62 (CRC-32 of all before it), contract 6.1.
//!
//! The key itself is never stored: both planes know it by [`digest`], a keyed hash under a pepper.

use ring::{hmac, rand::SecureRandom};

/// Length of a whole key in characters.
pub const LENGTH: usize = 57;
/// How many leading characters may be shown and stored in plain.
pub const PREFIX_LENGTH: usize = 16;
const SECRET_LENGTH: usize = 43;
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// What a key is stored and looked up by: HMAC-SHA-256(pepper, whole key).
pub type Digest = [u8; 32];

/// A pepper, ready to hash with: about a microsecond a key.
#[derive(Clone, Debug)]
pub struct Pepper(hmac::Key);

impl Pepper {
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    #[must_use]
    pub fn digest(&self, key: &str) -> Digest {
        let mut digest = [0; 32];
        digest.copy_from_slice(hmac::sign(&self.0, key.as_bytes()).as_ref());
        digest
    }
}

/// Where a key is meant to be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Environment {
    Dev,
    Stg,
    Prd,
}

impl Environment {
    /// Reads the short name, or the long one as the specification writes it (contract 3.5).
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "dev" | "development" => Some(Self::Dev),
            "stg" | "staging" => Some(Self::Stg),
            "prd" | "production" => Some(Self::Prd),
            _ => None,
        }
    }

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Stg => "stg",
            Self::Prd => "prd",
        }
    }
}

/// Draws a fresh key.
///
/// # Errors
/// The system's random source failed.
pub fn generate(
    environment: Environment,
    random: &dyn SecureRandom,
) -> Result<String, ring::error::Unspecified> {
    let mut secret = [0u8; 32];
    random.fill(&mut secret)?;
    let mut key = format!("gwo_{}_", environment.as_str());
    key.push_str(&base62(&secret));
    let checksum = checksum(&key);
    key.push_str(&checksum);
    Ok(key)
}

/// Whether `key` has the format and the right checksum: a typo is refused without a look-up.
#[must_use]
pub fn is_well_formed(key: &str) -> bool {
    key.len() == LENGTH
        && key.is_ascii()
        && matches!(&key[..8], "gwo_dev_" | "gwo_stg_" | "gwo_prd_")
        && key[8..].bytes().all(|b| b.is_ascii_alphanumeric())
        && checksum(&key[..LENGTH - 6]) == key[LENGTH - 6..]
}

/// The part of a key that may be shown.
#[must_use]
pub fn prefix(key: &str) -> &str {
    key.get(..PREFIX_LENGTH).unwrap_or_default()
}

/// 32 bytes as 43 base62 digits, most significant first.
#[must_use]
pub fn base62(bytes: &[u8; 32]) -> String {
    let mut number = *bytes;
    let mut digits = [b'0'; SECRET_LENGTH];
    for digit in digits.iter_mut().rev() {
        let mut remainder = 0u16;
        for byte in &mut number {
            let value = remainder << 8 | u16::from(*byte);
            *byte = (value / 62) as u8;
            remainder = value % 62;
        }
        *digit = BASE62[usize::from(remainder)];
    }
    digits.iter().map(|&digit| char::from(digit)).collect()
}

fn checksum(text: &str) -> String {
    let mut rest = crc32fast::hash(text.as_bytes());
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[(rest % 62) as usize];
        rest /= 62;
    }
    digits.iter().map(|&digit| char::from(digit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::rand::SystemRandom;

    #[test]
    fn a_fresh_key_is_well_formed_and_unlike_the_last() {
        let random = SystemRandom::new();
        let keys: Vec<_> = (0..100).map(|_| generate(Environment::Prd, &random).unwrap()).collect();
        assert!(keys.iter().all(|key| is_well_formed(key) && key.len() == LENGTH));
        assert!(keys.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn any_single_typo_is_noticed() {
        let key = generate(Environment::Dev, &SystemRandom::new()).unwrap();
        for position in 8..LENGTH {
            let mut typo = key.clone().into_bytes();
            typo[position] = if typo[position] == b'a' { b'b' } else { b'a' };
            assert!(!is_well_formed(&String::from_utf8(typo).unwrap()));
        }
    }

    #[test]
    fn other_shapes_are_refused() {
        for key in ["", "gwo_dev_", "gwo_xxx_0", &"ä".repeat(29), &"0".repeat(57)] {
            assert!(!is_well_formed(key), "{key}");
        }
    }

    #[test]
    fn base62_is_positional() {
        let mut one = [0; 32];
        one[31] = 61;
        assert_eq!(base62(&one), format!("{}z", "0".repeat(42)));
        assert_eq!(base62(&[0xff; 32]).len(), 43);
    }

    #[test]
    fn the_digest_depends_on_key_and_pepper() {
        let key = "gwo_dev_x";
        assert_eq!(Pepper::new(b"a").digest(key), Pepper::new(b"a").digest(key));
        assert_ne!(Pepper::new(b"a").digest(key), Pepper::new(b"b").digest(key));
    }
}
