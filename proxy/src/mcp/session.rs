//! Legacy sessions: the id a client gets is a sealed token, so no replica has to remember it (R3.1).
//!
//! Layout: base64url of version ‖ key id ‖ sealed(server ‖ principal ‖ issued at ‖ protocol version ‖ upstream's id).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

use super::version;
use crate::seal::SealKey;

const LAYOUT: u8 = 1;
/// A session lives at most 24 hours (R3.14).
const MAX_AGE_MS: u64 = 24 * 60 * 60 * 1000;
/// Longer ids of an upstream do not fit into the 1 KiB that a token may have.
const MAX_UPSTREAM_ID: usize = 512;
const FIXED: usize = 16 + 16 + 8 + 10;

/// Keys that seal sessions: the first one seals, all of them open.
#[derive(Default)]
pub(crate) struct SessionKeys(pub(crate) Vec<(u8, SealKey)>);

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Session {
    pub(crate) server: Uuid,
    pub(crate) principal: Uuid,
    pub(crate) issued_at_ms: u64,
    pub(crate) version: &'static str,
    pub(crate) upstream_id: String,
}

impl Session {
    /// None: no key is known, or the upstream's id is too long to be carried.
    pub(crate) fn seal(&self, keys: &SessionKeys) -> Option<String> {
        if self.upstream_id.len() > MAX_UPSTREAM_ID {
            return None;
        }
        let (key_id, key) = keys.0.first()?;
        let mut plain = Vec::with_capacity(FIXED + self.upstream_id.len());
        plain.extend_from_slice(self.server.as_bytes());
        plain.extend_from_slice(self.principal.as_bytes());
        plain.extend_from_slice(&self.issued_at_ms.to_be_bytes());
        plain.extend_from_slice(self.version.as_bytes());
        plain.extend_from_slice(self.upstream_id.as_bytes());
        let mut token = vec![LAYOUT, *key_id];
        token.extend(key.seal(&label(*key_id), &plain).ok()?);
        Some(URL_SAFE_NO_PAD.encode(token))
    }

    /// The session behind a token, if it is ours, whole and still young enough.
    pub(crate) fn open(token: &str, keys: &SessionKeys, now_ms: u64) -> Option<Self> {
        if token.len() > 1024 {
            return None;
        }
        let token = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (&[layout, key_id], sealed) = token.split_first_chunk::<2>()?;
        if layout != LAYOUT {
            return None;
        }
        let (_, key) = keys.0.iter().find(|(id, _)| *id == key_id)?;
        let plain = key.open(&label(key_id), sealed)?;
        let (fixed, upstream_id) = plain.split_at_checked(FIXED)?;
        let session = Self {
            server: Uuid::from_slice(&fixed[..16]).ok()?,
            principal: Uuid::from_slice(&fixed[16..32]).ok()?,
            issued_at_ms: u64::from_be_bytes(fixed[32..40].try_into().ok()?),
            version: version::known(std::str::from_utf8(&fixed[40..]).ok()?)?,
            upstream_id: String::from_utf8(upstream_id.to_vec()).ok()?,
        };
        (now_ms.saturating_sub(session.issued_at_ms) < MAX_AGE_MS).then_some(session)
    }
}

fn label(key_id: u8) -> [u8; 9] {
    [b's', b'e', b's', b's', b'i', b'o', b'n', LAYOUT, key_id]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(ids: &[u8]) -> SessionKeys {
        SessionKeys(ids.iter().map(|id| (*id, SealKey::derive(&[*id; 32], "session"))).collect())
    }

    fn session() -> Session {
        Session {
            server: Uuid::from_u128(1),
            principal: Uuid::from_u128(2),
            issued_at_ms: 1_000,
            version: "2025-11-25",
            upstream_id: "abc-123".into(),
        }
    }

    #[test]
    fn a_token_opens_on_any_replica_and_survives_key_rotation() {
        let token = session().seal(&keys(&[1])).unwrap();
        assert!(token.bytes().all(|byte| matches!(byte, 0x21..=0x7e)));
        assert_eq!(Session::open(&token, &keys(&[1]), 2_000), Some(session()));
        assert_eq!(Session::open(&token, &keys(&[2, 1]), 2_000), Some(session()));
        assert_eq!(Session::open(&token, &keys(&[2]), 2_000), None, "its key is retired");
    }

    #[test]
    fn a_token_that_is_changed_old_or_foreign_is_nothing() {
        let keys = keys(&[1]);
        let token = session().seal(&keys).unwrap();
        for position in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(changed == token || Session::open(&changed, &keys, 2_000).is_none());
        }
        assert_eq!(Session::open(&token, &keys, 1_000 + MAX_AGE_MS), None);
        for other in ["", "AAAA", "not base64!", &"A".repeat(2000)] {
            assert_eq!(Session::open(other, &keys, 2_000), None);
        }
    }

    #[test]
    fn an_upstream_id_that_cannot_be_carried_makes_no_token() {
        let long = Session { upstream_id: "x".repeat(MAX_UPSTREAM_ID + 1), ..session() };
        assert_eq!(long.seal(&keys(&[1])), None);
        let longest = Session { upstream_id: "x".repeat(MAX_UPSTREAM_ID), ..session() };
        assert!(longest.seal(&keys(&[1])).unwrap().len() <= 1024);
    }
}
