//! Characters that tokens are made of.

use crate::scan::work;

/// A set of ASCII characters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Alphabet(u128);

impl Alphabet {
    pub(super) const fn of(characters: &[u8]) -> Self {
        let (mut set, mut at) = (0, 0);
        while at < characters.len() {
            set |= 1 << characters[at];
            at += 1;
        }
        Self(set)
    }

    pub(super) const fn and(self, characters: &[u8]) -> Self {
        Self(self.0 | Self::of(characters).0)
    }

    pub(super) fn has(self, byte: u8) -> bool {
        byte < 128 && self.0 & (1 << byte) != 0
    }

    /// Bytes at the start of `bytes` that are all of this alphabet, at most `max + 1`.
    pub(super) fn run(self, bytes: &[u8], max: usize) -> usize {
        work::reads(bytes.iter().take(max + 1).take_while(|&&byte| self.has(byte)).count())
    }

    /// The same at the end.
    pub(super) fn run_back(self, bytes: &[u8], max: usize) -> usize {
        work::reads(bytes.iter().rev().take(max + 1).take_while(|&&byte| self.has(byte)).count())
    }
}

pub(super) const DIGITS: Alphabet = Alphabet::of(b"0123456789");
pub(super) const HEX: Alphabet = DIGITS.and(b"abcdefABCDEF");
pub(super) const UPPER: Alphabet = DIGITS.and(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ");
pub(super) const LOWER: Alphabet = DIGITS.and(b"abcdefghijklmnopqrstuvwxyz");
pub(super) const ALNUM: Alphabet = UPPER.and(b"abcdefghijklmnopqrstuvwxyz");
pub(super) const WORD: Alphabet = ALNUM.and(b"_");
pub(super) const URL_SAFE: Alphabet = ALNUM.and(b"_-");
pub(super) const DOTTED: Alphabet = URL_SAFE.and(b".");
pub(super) const BASE64: Alphabet = URL_SAFE.and(b"+/=");
pub(super) const DASHED_HEX: Alphabet = HEX.and(b"-");
pub(super) const PERCENT: Alphabet = ALNUM.and(b"%");

/// Whether nothing of a word stands before `at`.
pub(super) fn begins_word(text: &str, at: usize) -> bool {
    at == 0 || !ALNUM.has(text.as_bytes()[at - 1]) || follows_escape(text, at) || follows_colour(text, at)
}

/// `ESC[31m`: what a terminal was told ends with a letter too (ECMA-48 §8.3.117).
fn follows_colour(text: &str, at: usize) -> bool {
    const LONGEST: usize = 16;
    let before = &text.as_bytes()[at.saturating_sub(LONGEST)..at];
    let Some((b'm', before)) = before.split_last() else { return false };
    let digits = before.iter().rev().take_while(|byte| byte.is_ascii_digit() || **byte == b';').count();
    before[..before.len() - digits].ends_with(b"\x1b[")
}

/// `\n` and its kin end with a letter where a text is escaped once more.
fn follows_escape(text: &str, at: usize) -> bool {
    let before = &text.as_bytes()[..at];
    before.len() >= 2 && before[at - 2] == b'\\' && matches!(before[at - 1], b'n' | b't' | b'r')
}
