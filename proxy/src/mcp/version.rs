//! Protocol revisions, and the two eras they fall into (requirements, terms).

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// How a request says what it speaks. It is decided per request, never remembered (R0.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Era {
    /// 2026-07-28: stateless, metadata in every request.
    Modern,
    /// 2025-11-25 and earlier: `initialize`, then perhaps a session.
    Legacy,
}

pub(crate) const MODERN: [&str; 1] = ["2026-07-28"];
pub(crate) const LEGACY: [&str; 4] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

pub(crate) fn is_modern(version: &str) -> bool {
    MODERN.contains(&version)
}

pub(crate) fn is_legacy(version: &str) -> bool {
    LEGACY.contains(&version)
}

/// The one static copy of a version we know, so that records need no allocation.
pub(crate) fn known(version: &str) -> Option<&'static str> {
    MODERN.iter().chain(&LEGACY).find(|known| **known == version).copied()
}

/// A version we know, in a form that can be kept and sealed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Version(&'static str);

impl Version {
    /// The newest with a handshake: what a client without a version is taken for.
    pub(crate) const NEWEST_LEGACY: Self = Self(LEGACY[0]);

    pub(crate) fn known(name: &str) -> Option<Self> {
        known(name).map(Self)
    }

    pub(crate) fn name(self) -> &'static str {
        self.0
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = String::deserialize(from)?;
        Self::known(&name).ok_or_else(|| D::Error::custom("an unknown version"))
    }
}
