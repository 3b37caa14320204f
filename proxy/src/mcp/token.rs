//! What we hand to clients and take back: sealed, bound to a principal, expiring (R8.3). No replica remembers it.
//!
//! Layout: base64url of layout ‖ key id ‖ sealed(postcard of [`Bound`]). The label of the seal names the kind, so a
//! token of one kind is none of another.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::seal::SealKey;

const LAYOUT: u8 = 2;
/// Longer texts are no tokens of ours. A server may want much kept of a call (`requestState`).
const MAX_LENGTH: usize = 1024 * 1024;

/// Content that may be sealed into a token.
pub(crate) trait Token: Serialize + DeserializeOwned {
    const LABEL: &'static str;
}

/// Keys that seal tokens: the first one seals, all of them open (R3.3).
#[derive(Default)]
pub(crate) struct Keys(pub(crate) Vec<(u8, SealKey)>);

#[derive(Serialize, Deserialize)]
struct Bound<T> {
    principal: [u8; 16],
    expires_at_ms: u64,
    content: T,
}

impl Keys {
    /// None: there is no key yet.
    pub(crate) fn seal<T: Token>(&self, principal: Uuid, expires_at_ms: u64, content: &T) -> Option<String> {
        self.seal_by(principal, expires_at_ms, content, SealKey::seal)
    }

    /// The same text for the same content: whoever seals it again finds what was sent before.
    pub(crate) fn seal_same<T: Token>(
        &self,
        principal: Uuid,
        expires_at_ms: u64,
        content: &T,
    ) -> Option<String> {
        self.seal_by(principal, expires_at_ms, content, SealKey::seal_same)
    }

    fn seal_by<T: Token>(
        &self,
        principal: Uuid,
        expires_at_ms: u64,
        content: &T,
        seal: impl Fn(&SealKey, &[u8], &[u8]) -> Result<Vec<u8>, ring::error::Unspecified>,
    ) -> Option<String> {
        let (key_id, key) = self.0.first()?;
        let bound = Bound { principal: principal.into_bytes(), expires_at_ms, content };
        let plain = postcard::to_allocvec(&bound).ok()?;
        let mut token = vec![LAYOUT, *key_id];
        token.extend(seal(key, &label::<T>(*key_id), &plain).ok()?);
        Some(URL_SAFE_NO_PAD.encode(token))
    }

    /// What is in the token, if it is ours, whole, of this kind, this principal's and not yet expired.
    pub(crate) fn open<T: Token>(&self, principal: Uuid, now_ms: u64, text: &str) -> Option<T> {
        self.open_anyones(now_ms, text).filter(|(of, _)| *of == principal).map(|(_, content)| content)
    }

    /// As [`Self::open`], whoever it belongs to: for what the gateway itself has kept, never for what a client sent.
    pub(crate) fn open_anyones<T: Token>(&self, now_ms: u64, text: &str) -> Option<(Uuid, T)> {
        if text.len() > MAX_LENGTH {
            return None;
        }
        let token = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (&[layout, key_id], sealed) = token.split_first_chunk::<2>()?;
        let (_, key) = self.0.iter().find(|(id, _)| layout == LAYOUT && *id == key_id)?;
        let plain = key.open(&label::<T>(key_id), sealed)?;
        let bound: Bound<T> = postcard::from_bytes(&plain).ok()?;
        (now_ms < bound.expires_at_ms).then_some((Uuid::from_bytes(bound.principal), bound.content))
    }
}

fn label<T: Token>(key_id: u8) -> Vec<u8> {
    [T::LABEL.as_bytes(), &[0, LAYOUT, key_id]].concat()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Note(String);

    impl Token for Note {
        const LABEL: &'static str = "note";
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Other(String);

    impl Token for Other {
        const LABEL: &'static str = "other";
    }

    const ME: Uuid = Uuid::from_u128(1);

    pub(crate) fn keys(ids: &[u8]) -> Keys {
        Keys(ids.iter().map(|id| (*id, SealKey::derive(&[*id; 32], "token"))).collect())
    }

    fn note() -> Note {
        Note("hello".into())
    }

    #[test]
    fn a_token_opens_on_any_replica_and_survives_key_rotation() {
        for token in [keys(&[1]).seal(ME, 10, &note()), keys(&[1]).seal_same(ME, 10, &note())] {
            let token = token.unwrap();
            assert!(token.bytes().all(|byte| matches!(byte, 0x21..=0x7e)));
            assert_eq!(keys(&[1]).open(ME, 9, &token), Some(note()));
            assert_eq!(keys(&[2, 1]).open(ME, 9, &token), Some(note()));
            assert_eq!(keys(&[2]).open::<Note>(ME, 9, &token), None, "its key is retired");
        }
    }

    #[test]
    fn a_token_of_another_kind_principal_or_time_is_nothing() {
        let keys = keys(&[1]);
        let token = keys.seal(ME, 10, &note()).unwrap();
        assert_eq!(keys.open::<Other>(ME, 9, &token), None);
        assert_eq!(keys.open::<Note>(Uuid::from_u128(2), 9, &token), None);
        assert_eq!(keys.open::<Note>(ME, 10, &token), None);
        assert_eq!(keys.open_anyones(9, &token), Some((ME, note())));
    }

    #[test]
    fn what_is_changed_cut_or_made_up_is_nothing() {
        let keys = keys(&[1]);
        let token = keys.seal(ME, 10, &note()).unwrap();
        for position in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
            assert_eq!(keys.open::<Note>(ME, 9, &String::from_utf8(changed).unwrap()), None);
            assert_eq!(keys.open::<Note>(ME, 9, &token[..position]), None);
        }
        for other in ["", "AAAA", "not base64!", &"A".repeat(MAX_LENGTH + 1)] {
            assert_eq!(keys.open::<Note>(ME, 9, other), None);
        }
    }

    #[test]
    fn only_what_is_sealed_the_same_looks_the_same() {
        let keys = keys(&[1]);
        assert_eq!(keys.seal_same(ME, 10, &note()), keys.seal_same(ME, 10, &note()));
        assert_ne!(keys.seal(ME, 10, &note()), keys.seal(ME, 10, &note()));
    }
}
