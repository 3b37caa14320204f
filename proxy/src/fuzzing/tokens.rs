//! Sealed tokens: what was sealed opens for its principal and its kind in its time, and nothing else ever opens.

use std::{marker::PhantomData, sync::LazyLock};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error, ser::SerializeTuple};
use uuid::Uuid;

use super::input::Choices;
use crate::{
    federation::{page::Cursor, session::Upstream},
    mcp::{
        request_state::RequestState,
        session::{EventId, RequestId, Session},
        token::{Keys, Token},
    },
    seal::SealKey,
};

/// Every kind of token there is.
const KINDS: &[Kind] = &[
    Kind::of::<Session>(),
    Kind::of::<EventId>(),
    Kind::of::<RequestId>(),
    Kind::of::<Cursor>(),
    Kind::of::<RequestState>(),
    Kind::of::<Upstream>(),
];

struct Kind {
    label: &'static str,
    opens: fn(&Keys, Uuid, u64, &str) -> bool,
    check: fn(&Case<'_>),
    /// Seals bytes that are no content of this kind, or not of this version's.
    seal_raw: fn(&Case<'_>) -> String,
}

impl Kind {
    const fn of<T: Token>() -> Self {
        Self {
            label: T::LABEL,
            opens: opens::<T>,
            check: |case| case.sealed::<T>(),
            seal_raw: |case| case.seal_raw::<T>(),
        }
    }
}

fn opens<T: Token>(keys: &Keys, principal: Uuid, now_ms: u64, text: &str) -> bool {
    keys.open::<T>(principal, now_ms, text).is_some()
}

fn keys(ids: &[u8]) -> Keys {
    Keys(ids.iter().map(|id| (*id, SealKey::derive(&[*id; 32], "token"))).collect())
}

pub(super) static OURS: LazyLock<Keys> = LazyLock::new(|| keys(&[1]));
static ROTATED: LazyLock<Keys> = LazyLock::new(|| keys(&[2, 1]));
static RETIRED: LazyLock<Keys> = LazyLock::new(|| keys(&[2]));
/// Another deployment's key under our key's id.
static FOREIGN: LazyLock<Keys> = LazyLock::new(|| Keys(vec![(1, SealKey::derive(&[9; 32], "token"))]));

/// The input: how a token is changed, who holds it, until when, and what is in it.
struct Case<'a> {
    change: [u8; 4],
    principal: Uuid,
    expires_at_ms: u64,
    content: &'a [u8],
}

pub fn check(input: &[u8]) {
    let mut choices = Choices::of(input);
    let change = choices.take();
    let principal = Uuid::from_bytes(choices.take());
    let expires_at_ms = u64::from_le_bytes(choices.take()).max(1);
    let case = Case { change, principal, expires_at_ms, content: choices.rest() };
    made_up(case.content);
    for kind in KINDS {
        (kind.check)(&case);
        // Whether it opens is no matter, as long as nothing breaks: another version may have sealed it.
        let raw = (kind.seal_raw)(&case);
        (kind.opens)(&OURS, case.principal, 0, &raw);
    }
}

/// Text that was never sealed, as it is and as something that has a token's frame.
fn made_up(content: &[u8]) {
    let frame = [FRAME.as_slice(), content].concat();
    for text in [&*String::from_utf8_lossy(content), &*URL_SAFE_NO_PAD.encode(frame)] {
        for kind in KINDS {
            assert!(!(kind.opens)(&ROTATED, Uuid::nil(), 0, text), "{text} was made up");
        }
    }
}

/// Layout and key id, as every token of ours begins.
static FRAME: LazyLock<[u8; 2]> = LazyLock::new(|| {
    let token = OURS.seal(Uuid::nil(), 1, &Raw::<Session>::of(&[])).expect("there is a key");
    let bytes = URL_SAFE_NO_PAD.decode(token).expect("a token is Base64");
    bytes[..2].try_into().expect("a token has a frame")
});

impl Case<'_> {
    fn sealed<T: Token>(&self) {
        let Some(content) = self.content::<T>() else { return };
        let seal = |keys: &Keys| keys.seal_same(self.principal, self.expires_at_ms, &content);
        let token = seal(&OURS).expect("there is a key");
        assert_eq!(seal(&OURS).as_deref(), Some(&*token), "the same is sealed the same");
        let other = OURS.seal(self.principal, self.expires_at_ms, &content).expect("there is a key");
        for token in [&token, &other] {
            assert!(token.bytes().all(|byte| matches!(byte, b'!'..=b'~')), "{token} is no header's value");
            for keys in [&*OURS, &*ROTATED] {
                let opened = keys.open::<T>(self.principal, self.expires_at_ms - 1, token);
                assert_eq!(
                    opened.as_ref().map(bytes),
                    Some(bytes(&content)),
                    "{} came back changed",
                    T::LABEL
                );
            }
            self.closed_to_others::<T>(token);
        }
        if let Some(changed) = self.changed(&token) {
            for kind in KINDS {
                assert!(!(kind.opens)(&OURS, self.principal, 0, &changed), "{changed} was {token}");
            }
        }
    }

    fn closed_to_others<T: Token>(&self, token: &str) {
        let of = Uuid::from_u128(self.principal.as_u128() ^ 1 << (self.change[0] % 128));
        assert!(!opens::<T>(&OURS, of, 0, token), "opened for another principal");
        assert!(!opens::<T>(&OURS, self.principal, self.expires_at_ms, token), "opened too late");
        assert!(!opens::<T>(&RETIRED, self.principal, 0, token), "opened with another key");
        assert!(!opens::<T>(&FOREIGN, self.principal, 0, token), "opened with another deployment's key");
        for kind in KINDS.iter().filter(|kind| kind.label != T::LABEL) {
            assert!(!(kind.opens)(&OURS, self.principal, 0, token), "{} opened as {}", T::LABEL, kind.label);
        }
    }

    /// Written as JSON, which seeds can be read in, or as it is sealed, which is easily varied.
    fn content<T: Token>(&self) -> Option<T> {
        serde_json::from_slice(self.content).ok().or_else(|| postcard::from_bytes(self.content).ok())
    }

    fn seal_raw<T: Token>(&self) -> String {
        OURS.seal_same(self.principal, self.expires_at_ms, &Raw::<T>::of(self.content))
            .expect("there is a key")
    }

    /// The token with one change; None if that made no difference.
    fn changed(&self, token: &str) -> Option<String> {
        let [how, low, high, with] = self.change;
        let mut text = token.as_bytes().to_vec();
        let at = usize::from(u16::from_le_bytes([low, high])) % text.len();
        let last = text.len() - 1;
        match how % 8 {
            0 => text[at] = with,
            1 => text.insert(at, with),
            2 => drop(text.remove(at)),
            3 => text.truncate(at),
            4 => text.swap(at, usize::from(with) % (last + 1)),
            5 => text.push(with),
            6 => text.rotate_left(at),
            _ => {
                let mut bytes = URL_SAFE_NO_PAD.decode(&text).expect("a token is Base64");
                let at = at % bytes.len();
                bytes[at] ^= with;
                text = URL_SAFE_NO_PAD.encode(bytes).into_bytes();
            }
        }
        String::from_utf8(text).ok().filter(|changed| changed != token)
    }
}

/// Contents are compared as they are sealed, so that a kind needs nothing for the sake of this test.
fn bytes<T: Token>(content: &T) -> Vec<u8> {
    postcard::to_allocvec(content).expect("a content can be written")
}

/// Any bytes in the place of a content, under its label.
struct Raw<T>(Vec<u8>, PhantomData<T>);

impl<T> Raw<T> {
    fn of(bytes: &[u8]) -> Self {
        Self(bytes.to_owned(), PhantomData)
    }
}

impl<T: Token> Token for Raw<T> {
    const LABEL: &'static str = T::LABEL;
}

impl<T> Serialize for Raw<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut bytes = to.serialize_tuple(self.0.len())?;
        self.0.iter().try_for_each(|byte| bytes.serialize_element(byte))?;
        bytes.end()
    }
}

impl<'de, T> Deserialize<'de> for Raw<T> {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(D::Error::custom("nobody reads these bytes"))
    }
}
