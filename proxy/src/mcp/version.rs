//! Protocol revisions, and the two eras they fall into (requirements, terms).

/// How a request says what it speaks. It is decided per request, never remembered (R0.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Era {
    /// 2026-07-28: stateless, metadata in every request.
    Modern,
    /// 2025-11-25 and earlier: `initialize`, then perhaps a session.
    Legacy,
}

pub(crate) const MODERN: [&str; 1] = ["2026-07-28"];
const LEGACY: [&str; 4] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

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
