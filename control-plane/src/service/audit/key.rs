//! What heads of the audit log are signed with, and by what anybody verifies that: Ed25519 (RFC 8032).

use std::{fmt, str::FromStr};

use anyhow::Context;
use chrono::{DateTime, SecondsFormat, Utc};
use ring::{
    digest,
    signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey},
};
use sqlx::PgConnection;

use crate::{
    id::OrgId,
    seal::Sealer,
    store::{
        audit::heads::SignedHead,
        secrets::{self, AUDIT_SIGNING_KEY},
    },
};

/// The bytes under a signature: they name the organization, the row and its hash, the time, and the key. The first line
/// keeps what is signed here from ever meaning something elsewhere.
fn statement(org: OrgId, seq: i64, hash: &[u8], signed_at: DateTime<Utc>, key_id: &str) -> Vec<u8> {
    let signed_at = signed_at.to_rfc3339_opts(SecondsFormat::Micros, true);
    let hash = hex::encode(hash);
    format!("gatewayops audit head v1\n{org}\n{seq}\n{hash}\n{signed_at}\n{key_id}\n").into_bytes()
}

/// A public key. Its id is the beginning of its SHA-256, so that no key can pass for another by its id.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PublicKey {
    pub key_id: String,
    bytes: [u8; 32],
}

impl PublicKey {
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        let digest = digest::digest(&digest::SHA256, &bytes);
        Self { key_id: hex::encode(&digest.as_ref()[..8]), bytes }
    }

    /// Whether this key signed this head.
    #[must_use]
    pub fn verifies(&self, head: &SignedHead) -> bool {
        let statement = statement(head.org_id, head.seq, &head.hash, head.signed_at, &head.key_id);
        UnparsedPublicKey::new(&ED25519, self.bytes).verify(&statement, &head.signature).is_ok()
    }
}

/// 64 hex digits.
impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.bytes))
    }
}

impl FromStr for PublicKey {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text.trim(), &mut bytes)
            .map_err(|_| "a public key is 64 hex digits, as `control-plane audit keys` prints them")?;
        Ok(Self::new(bytes))
    }
}

/// What signs.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    pub public: PublicKey,
}

impl SigningKey {
    /// # Errors
    /// The seed is not 32 bytes.
    pub fn from_seed(seed: &[u8]) -> anyhow::Result<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed)
            .map_err(|_| anyhow::anyhow!("the audit log's signing key is not 32 bytes"))?;
        let mut public = [0; 32];
        public.copy_from_slice(pair.public_key().as_ref());
        Ok(Self { pair, public: PublicKey::new(public) })
    }

    /// The one that signs now.
    ///
    /// # Errors
    /// There is none, or it cannot be opened.
    pub async fn current(conn: &mut PgConnection, sealer: &Sealer) -> anyhow::Result<Self> {
        let kept = secrets::history(conn, sealer, AUDIT_SIGNING_KEY).await?;
        let current = kept.into_iter().find(|kept| kept.retired_at.is_none());
        Self::from_seed(
            &current.context("the audit log has no signing key; restart the control plane")?.value,
        )
    }

    #[must_use]
    pub fn sign(&self, org: OrgId, seq: i64, hash: Vec<u8>, signed_at: DateTime<Utc>) -> SignedHead {
        let key_id = self.public.key_id.clone();
        let statement = statement(org, seq, &hash, signed_at, &key_id);
        let signature = self.pair.sign(&statement).as_ref().to_vec();
        SignedHead { org_id: org, seq, hash, key_id, signature, signed_at }
    }
}

/// A key that signs or once signed.
pub struct Published {
    pub key: PublicKey,
    pub created_at: DateTime<Utc>,
    pub retired_at: Option<DateTime<Utc>>,
}

/// Every key there ever was, the newest first. They are computed from the sealed seeds: whoever can only write to the
/// database cannot add one.
///
/// # Errors
/// One cannot be opened, or the database's.
pub async fn list(conn: &mut PgConnection, sealer: &Sealer) -> anyhow::Result<Vec<Published>> {
    let kept = secrets::history(conn, sealer, AUDIT_SIGNING_KEY).await?;
    kept.into_iter()
        .map(|kept| {
            let key = SigningKey::from_seed(&kept.value)?.public;
            Ok(Published { key, created_at: kept.created_at, retired_at: kept.retired_at })
        })
        .collect()
}

/// Signs with a new key from now on; the old ones still verify what they signed.
///
/// # Errors
/// The database's, or the system gives no random bytes.
pub async fn rotate(conn: &mut PgConnection, sealer: &Sealer) -> anyhow::Result<PublicKey> {
    let seed = secrets::random()?;
    secrets::replace(conn, sealer, AUDIT_SIGNING_KEY, &seed).await?;
    Ok(SigningKey::from_seed(&seed)?.public)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(key: &SigningKey) -> SignedHead {
        let at = DateTime::from_timestamp_micros(1_800_000_000_123_456).unwrap();
        key.sign(OrgId(uuid::Uuid::from_u128(1)), 7, vec![2; 32], at)
    }

    #[test]
    fn what_is_signed_names_everything_that_it_says() {
        let head = signed(&SigningKey::from_seed(&[7; 32]).unwrap());
        let statement = statement(head.org_id, head.seq, &head.hash, head.signed_at, &head.key_id);
        let expected = format!(
            "gatewayops audit head v1\n00000000-0000-0000-0000-000000000001\n7\n{}\n2027-01-15T08:00:00.123456Z\n{}\n",
            "02".repeat(32),
            head.key_id
        );
        assert_eq!(String::from_utf8(statement).unwrap(), expected);
    }

    #[test]
    fn a_signature_fits_its_head_and_its_key_only() {
        let key = SigningKey::from_seed(&[7; 32]).unwrap();
        let head = signed(&key);
        assert!(key.public.verifies(&head));
        assert!(!SigningKey::from_seed(&[8; 32]).unwrap().public.verifies(&head));
        let changes: [fn(&mut SignedHead); 6] = [
            |head| head.org_id = OrgId(uuid::Uuid::from_u128(2)),
            |head| head.seq = 8,
            |head| head.hash[31] ^= 1,
            |head| head.signed_at += chrono::Duration::microseconds(1),
            |head| head.key_id = "0".repeat(16),
            |head| head.signature[0] ^= 1,
        ];
        for (place, change) in changes.iter().enumerate() {
            let mut changed = head.clone();
            change(&mut changed);
            assert!(!key.public.verifies(&changed), "change {place}");
        }
    }

    #[test]
    fn a_public_key_is_read_as_it_is_written() {
        let key = SigningKey::from_seed(&[7; 32]).unwrap().public;
        assert_eq!(key.to_string().parse(), Ok(key));
        for text in ["", "00", &"0".repeat(63), &"g".repeat(64)] {
            assert!(text.parse::<PublicKey>().is_err(), "{text}");
        }
    }
}
