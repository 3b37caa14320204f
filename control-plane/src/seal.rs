//! Secrets at rest: AES-256-GCM under a fresh data key per value, wrapped by `ENCRYPTION_KEY` (contract 5.5).
//!
//! Layout: version (1) ‖ key id (4) ‖ wrapped key (12 + 32 + 16) ‖ nonce (12) ‖ ciphertext ‖ tag (16).
//! The associated data names the place of the value, so that it opens nowhere else.

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    digest,
    rand::{SecureRandom, SystemRandom},
};
use uuid::Uuid;

use crate::id::OrgId;

const VERSION: u8 = 1;
const KEY_ID_LENGTH: usize = 4;
const WRAPPED_LENGTH: usize = NONCE_LEN + 32 + 16;

/// Where a sealed value lives.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub table: &'static str,
    pub column: &'static str,
    pub row: Uuid,
    /// None for the tables without an organization (`system_secrets`).
    pub org: Option<OrgId>,
}

#[derive(Debug, thiserror::Error)]
pub enum SealError {
    #[error("must be the base64 of 32 bytes, for instance from `openssl rand -base64 32`")]
    NotAKey,
    #[error("the sealed value is cut short or of another version")]
    Malformed,
    #[error(
        "the value was sealed under another ENCRYPTION_KEY; set ENCRYPTION_KEY_PREVIOUS to the one before"
    )]
    UnknownKey,
    #[error("the sealed value was changed or moved")]
    Tampered,
}

/// The current key, which seals, and the previous one, which only opens.
pub struct Sealer {
    keys: Vec<MasterKey>,
    random: SystemRandom,
}

struct MasterKey {
    id: [u8; KEY_ID_LENGTH],
    key: LessSafeKey,
}

impl MasterKey {
    fn from_base64(text: &str) -> Result<Self, SealError> {
        let bytes = STANDARD.decode(text.trim()).map_err(|_| SealError::NotAKey)?;
        if bytes.len() != 32 {
            return Err(SealError::NotAKey);
        }
        let mut id = [0; KEY_ID_LENGTH];
        id.copy_from_slice(&digest::digest(&digest::SHA256, &bytes).as_ref()[..KEY_ID_LENGTH]);
        Ok(Self { id, key: aes_key(&bytes) })
    }
}

impl Sealer {
    /// # Errors
    /// A key that is not the base64 of 32 bytes.
    pub fn new(current: &str, previous: Option<&str>) -> Result<Self, SealError> {
        let keys =
            std::iter::once(current).chain(previous).map(MasterKey::from_base64).collect::<Result<_, _>>()?;
        Ok(Self { keys, random: SystemRandom::new() })
    }

    #[must_use]
    pub fn seal(&self, place: &Place, plain: &[u8]) -> Vec<u8> {
        let master = &self.keys[0];
        let associated = associated_data(place);
        let data_key: [u8; 32] = self.random_bytes();

        let mut sealed =
            Vec::with_capacity(1 + KEY_ID_LENGTH + WRAPPED_LENGTH + NONCE_LEN + plain.len() + 16);
        sealed.push(VERSION);
        sealed.extend_from_slice(&master.id);
        self.append(&mut sealed, &master.key, &associated, &data_key);
        self.append(&mut sealed, &aes_key(&data_key), &associated, plain);
        sealed
    }

    /// # Errors
    /// The value is malformed, under an unknown key, changed, or belongs to another place.
    pub fn open(&self, place: &Place, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let associated = associated_data(place);
        let (data_key, body) = self.unwrap(&associated, sealed)?;
        open_part(&aes_key(&data_key), &associated, body)
    }

    /// By which key: every value that the present one has sealed has this behind its version.
    #[must_use]
    pub fn key_id(&self) -> &[u8] {
        &self.keys[0].id
    }

    /// The same value under the present key. Its data key is wrapped anew; the value itself stays as it is.
    ///
    /// # Errors
    /// As [`Sealer::open`], which this is not: what follows the wrapped key is not looked at.
    pub fn rewrap(&self, place: &Place, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let associated = associated_data(place);
        let (data_key, body) = self.unwrap(&associated, sealed)?;
        let present = &self.keys[0];
        let mut rewrapped = Vec::with_capacity(sealed.len());
        rewrapped.push(VERSION);
        rewrapped.extend_from_slice(&present.id);
        self.append(&mut rewrapped, &present.key, &associated, &data_key);
        rewrapped.extend_from_slice(body);
        Ok(rewrapped)
    }

    /// The data key of a value, and what it has sealed.
    fn unwrap<'a>(&self, associated: &[u8], sealed: &'a [u8]) -> Result<(Vec<u8>, &'a [u8]), SealError> {
        let (&version, rest) = sealed.split_first().ok_or(SealError::Malformed)?;
        if version != VERSION || rest.len() < KEY_ID_LENGTH + WRAPPED_LENGTH + NONCE_LEN + 16 {
            return Err(SealError::Malformed);
        }
        let (key_id, rest) = rest.split_at(KEY_ID_LENGTH);
        let (wrapped, body) = rest.split_at(WRAPPED_LENGTH);
        let master = self.keys.iter().find(|master| master.id == key_id).ok_or(SealError::UnknownKey)?;
        Ok((open_part(&master.key, associated, wrapped)?, body))
    }

    fn append(&self, out: &mut Vec<u8>, key: &LessSafeKey, associated: &[u8], plain: &[u8]) {
        let nonce: [u8; NONCE_LEN] = self.random_bytes();
        let mut buffer = plain.to_vec();
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(associated), &mut buffer)
            .expect("a secret is shorter than AES-GCM's limit of 64 GiB");
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&buffer);
    }

    fn random_bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes).expect("the operating system gives random bytes");
        bytes
    }
}

fn aes_key(bytes: &[u8]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, bytes).expect("an AES-256 key has 32 bytes"))
}

fn open_part(key: &LessSafeKey, associated: &[u8], part: &[u8]) -> Result<Vec<u8>, SealError> {
    let (nonce, ciphertext) = part.split_at(NONCE_LEN);
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::Malformed)?;
    let mut buffer = ciphertext.to_vec();
    let length =
        key.open_in_place(nonce, Aad::from(associated), &mut buffer).map_err(|_| SealError::Tampered)?.len();
    buffer.truncate(length);
    Ok(buffer)
}

fn associated_data(place: &Place) -> Vec<u8> {
    let org = place.org.map(|org| org.to_string()).unwrap_or_default();
    format!("{}\0{}\0{}\0{org}", place.table, place.column, place.row).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> String {
        STANDARD.encode([byte; 32])
    }

    fn place() -> Place {
        Place {
            table: "mcp_servers",
            column: "auth_encrypted",
            row: Uuid::from_u128(7),
            org: Some(OrgId::new()),
        }
    }

    #[test]
    fn a_value_opens_only_at_its_place() {
        let sealer = Sealer::new(&key(1), None).unwrap();
        let here = place();
        let sealed = sealer.seal(&here, b"hush");
        assert_eq!(sealer.open(&here, &sealed).unwrap(), b"hush");
        let elsewhere = Place { row: Uuid::from_u128(8), ..here };
        assert!(matches!(sealer.open(&elsewhere, &sealed), Err(SealError::Tampered)));
        let other_org = Place { org: Some(OrgId::new()), ..here };
        assert!(matches!(sealer.open(&other_org, &sealed), Err(SealError::Tampered)));
    }

    #[test]
    fn the_previous_key_still_opens_and_a_third_does_not() {
        let here = place();
        let sealed = Sealer::new(&key(1), None).unwrap().seal(&here, b"hush");
        assert_eq!(Sealer::new(&key(2), Some(&key(1))).unwrap().open(&here, &sealed).unwrap(), b"hush");
        assert!(matches!(
            Sealer::new(&key(3), None).unwrap().open(&here, &sealed),
            Err(SealError::UnknownKey)
        ));
    }

    #[test]
    fn a_value_that_is_wrapped_anew_needs_the_previous_key_no_more() {
        let here = place();
        let sealed = Sealer::new(&key(1), None).unwrap().seal(&here, b"hush");
        let both = Sealer::new(&key(2), Some(&key(1))).unwrap();
        let rewrapped = both.rewrap(&here, &sealed).unwrap();
        assert_eq!(rewrapped.len(), sealed.len());
        assert_eq!(&rewrapped[1..][..KEY_ID_LENGTH], both.key_id());
        assert_eq!(Sealer::new(&key(2), None).unwrap().open(&here, &rewrapped).unwrap(), b"hush");
        assert!(both.rewrap(&Place { row: Uuid::from_u128(8), ..here }, &sealed).is_err());
    }

    #[test]
    fn any_changed_byte_is_noticed() {
        let sealer = Sealer::new(&key(1), None).unwrap();
        let here = place();
        let sealed = sealer.seal(&here, b"hush");
        for position in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[position] ^= 1;
            assert!(sealer.open(&here, &changed).is_err(), "byte {position}");
            assert!(sealer.open(&here, &sealed[..position]).is_err(), "cut at {position}");
        }
    }

    #[test]
    fn a_short_key_is_refused() {
        assert!(Sealer::new("c2hvcnQ=", None).is_err());
        assert!(Sealer::new("not base64", None).is_err());
    }
}
