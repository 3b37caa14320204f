//! Plain letters for whatever looks like them, and characters for their escapes.

use super::{
    map::Map,
    reading::{Plain, plain, reading},
};
use crate::scan::work;

/// What a first look at a text tells.
#[derive(Default)]
pub(crate) struct Signs {
    /// There is something to fold.
    pub(crate) dressed: bool,
    /// Long runs of letters and digits: another text may be encoded in it.
    pub(crate) packed: bool,
    /// Pairs of hexadecimal digits, again and again: so may it be.
    pub(crate) paired: bool,
    /// Digits inside words.
    pub(crate) leet: bool,
}

/// From this many letters and digits in a row on, they may be an encoding.
pub(crate) const PACKED: usize = 20;

/// So many hexadecimal digits and blanks in a row may be pairs of digits, again and again.
const PAIRED: usize = 18;

/// Looks at most bytes only many at a time or not at all: nearly every text has none of it.
pub(crate) fn signs(text: &str) -> Signs {
    let bytes = text.as_bytes();
    Signs {
        dressed: !text.is_ascii()
            || memchr::memchr3_iter(b'\\', b'&', b'%', bytes).any(|at| escape_begins(&bytes[at..]))
            || has_spaced(bytes),
        packed: has_run(bytes, PACK, PACKED),
        paired: has_run(bytes, PAIR, PAIRED),
        leet: mixed(bytes) >= 2,
    }
}

/// Whether `length` bytes in a row are of a class. One of them stands at a multiple of `length`.
fn has_run(bytes: &[u8], class: u8, length: usize) -> bool {
    let is = |byte: &&u8| CLASS[**byte as usize] & class != 0;
    (0..bytes.len()).step_by(length).any(|at| {
        let after = bytes[at..].iter().take(length).take_while(is).count();
        after > 0 && after + bytes[..at].iter().rev().take(length).take_while(is).count() >= length
    })
}

/// Whether five letters stand alone, with one byte between each two: nine bytes, of which five times in a row five
/// alternate, so three times among as many places as are looked at.
fn has_spaced(bytes: &[u8]) -> bool {
    const MANY: usize = 32;
    let letter = |byte: u8| u8::from((byte | 0x20).wrapping_sub(b'a') < 26);
    let alternating = |all: &[u8; MANY + 4]| {
        let letters = all.map(letter);
        let changes = |at: usize| letters[at] ^ letters[at + 1];
        (0..MANY).fold(0, |sum, at| sum + (changes(at) & changes(at + 1) & changes(at + 2) & changes(at + 3)))
    };
    let stand_alone =
        |nine: &[u8]| nine.iter().enumerate().all(|(at, &byte)| letter(byte) == (at + 1) as u8 % 2);
    (0..bytes.len()).step_by(MANY).any(|at| {
        bytes[at..].first_chunk().is_none_or(|all| alternating(all) >= 3)
            && bytes[at.saturating_sub(4)..bytes.len().min(at + MANY + 8)].windows(9).any(stand_alone)
    })
}

/// How many digits have a letter on both sides; many at a time, so all is computed and nothing asked.
fn mixed(bytes: &[u8]) -> usize {
    const MANY: usize = 32;
    let mixed = |window: &[u8; 3]| {
        let [side, middle, other] = *window;
        u8::from(side.is_ascii_alphabetic() & middle.is_ascii_digit() & other.is_ascii_alphabetic())
    };
    let windows = (0..bytes.len().saturating_sub(2)).step_by(MANY);
    windows
        .map(|at| {
            let mut sum = 0u8;
            match bytes[at..].first_chunk::<{ MANY + 2 }>() {
                Some(all) => (0..MANY).for_each(|at| sum += mixed(&[all[at], all[at + 1], all[at + 2]])),
                None => {
                    bytes[at..].windows(3).for_each(|three| sum += mixed(&[three[0], three[1], three[2]]))
                }
            }
            usize::from(sum)
        })
        .sum()
}

/// What encodings are written in.
pub(super) const PACK: u8 = 1;
/// Hexadecimal digits and blanks.
const PAIR: u8 = 2;
const ESCAPE: u8 = 4;
const LETTER: u8 = 8;
const DIGIT: u8 = 16;
/// What letters are spaced out with.
const GAP: u8 = 32;
/// Part of a character beyond ASCII.
const BEYOND: u8 = 64;

pub(super) const CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let mut at = 0;
    while at < 256 {
        class[at] = match at as u8 {
            b'0'..=b'9' => PACK | PAIR | DIGIT,
            b'a'..=b'f' | b'A'..=b'F' => PACK | PAIR | LETTER,
            b'g'..=b'z' | b'G'..=b'Z' => PACK | LETTER,
            b'-' | b'_' => PACK | GAP,
            b'+' | b'/' | b'=' => PACK,
            b' ' => PAIR | GAP,
            b'.' | b'*' | b'|' => GAP,
            b'\\' | b'&' | b'%' => ESCAPE,
            0x80.. => BEYOND,
            _ => 0,
        };
        at += 1;
    }
    class
};

/// The first byte from `at` on that may begin an escape or a character beyond ASCII; many at a time where there is none.
fn next_special(bytes: &[u8], mut at: usize) -> usize {
    let special = |byte: u8| (byte >= 0x80) | (byte == b'\\') | (byte == b'&') | (byte == b'%');
    while let Some(many) = bytes[at..].first_chunk::<16>()
        && !many.iter().fold(false, |any, &byte| any | special(byte))
    {
        at += 16;
    }
    bytes[at..].iter().position(|&byte| special(byte)).map_or(bytes.len(), |more| at + more)
}

fn escape_begins(rest: &[u8]) -> bool {
    match (rest[0], rest.get(1)) {
        (b'\\', Some(b'u' | b'x' | b'U')) => true,
        (b'&', Some(b'#' | b'a'..=b'z')) => rest.iter().take(10).any(|&byte| byte == b';'),
        (b'%', Some(first)) => first.is_ascii_hexdigit() && rest.get(2).is_some_and(u8::is_ascii_hexdigit),
        _ => false,
    }
}

pub(crate) struct Folded {
    pub(crate) text: String,
    pub(crate) map: Map,
    /// Escapes were replaced, so there may be others behind them.
    pub(crate) escapes: bool,
}

pub(crate) fn fold(text: &str) -> Folded {
    let folded = Folded { text: String::with_capacity(text.len()), map: Map::default(), escapes: false };
    let has_spaced = has_spaced(text.as_bytes());
    let mut folding = Folding {
        source: text,
        has_spaced,
        at: 0,
        copied: 0,
        folded,
        latin: false,
        mixed_until: 0,
        mixed: false,
    };
    while folding.at < text.len() {
        folding.step();
    }
    folding.copy();
    folding.folded.map.close(text.len());
    folding.folded
}

struct Folding<'a> {
    source: &'a str,
    /// Somewhere letters stand alone.
    has_spaced: bool,
    at: usize,
    /// From here on up to `at` the source is copied as it is, when something else follows.
    copied: usize,
    folded: Folded,
    /// The word so far has a Latin letter.
    latin: bool,
    /// How far the word reaches that was last looked through, and whether it mixes alphabets.
    mixed_until: usize,
    mixed: bool,
}

impl Folding<'_> {
    fn step(&mut self) {
        let bytes = self.source.as_bytes();
        let byte = bytes[self.at];
        if byte >= 0x80 {
            return self.other();
        }
        if CLASS[byte as usize] & ESCAPE != 0
            && let Some((length, plain)) = escaped(&bytes[self.at..])
        {
            self.folded.escapes = true;
            return self.read(length, &plain);
        }
        if !self.has_spaced {
            return self.pass_most();
        }
        if byte.is_ascii_alphabetic() && !self.latin && self.spaced() {
            return;
        }
        self.pass_plain();
    }

    /// [`Self::pass_plain`] where no letters are spaced out: up to what may be an escape or dressed.
    fn pass_most(&mut self) {
        let rest = &self.source.as_bytes()[self.at..];
        let length = next_special(rest, 1);
        let digits =
            rest[..length].iter().rev().take_while(|&&byte| CLASS[byte as usize] & DIGIT != 0).count();
        if let Some(&byte) = rest[..length - digits].last() {
            self.latin = CLASS[byte as usize] & LETTER != 0;
        }
        self.at += length;
    }

    /// Goes past what needs no look: at least this byte, up to one that may be an escape, dressed, or a letter by itself.
    fn pass_plain(&mut self) {
        let bytes = &self.source.as_bytes()[self.at..];
        let class = |at: usize| bytes.get(at).map_or(0, |&byte| CLASS[byte as usize]);
        let mut length = 0;
        while length < bytes.len() {
            let first = class(length);
            if first & LETTER != 0 {
                if length > 0 && !self.latin && class(length + 1) & GAP != 0 {
                    break;
                }
                self.latin = true;
                length += 1;
                while class(length) & (LETTER | DIGIT) != 0 {
                    length += 1;
                }
                continue;
            }
            if first & BEYOND != 0 || length > 0 && first & ESCAPE != 0 {
                break;
            }
            self.latin &= first & DIGIT != 0;
            length += 1;
        }
        self.at += length;
    }

    /// Copies what was passed.
    fn copy(&mut self) {
        if self.copied < self.at {
            self.folded.map.mark(self.folded.text.len(), self.copied, true);
            self.folded.text.push_str(&self.source[self.copied..self.at]);
            self.copied = self.at;
        }
    }

    fn read(&mut self, length: usize, plain: &str) {
        self.copy();
        self.folded.map.mark(self.folded.text.len(), self.at, false);
        self.folded.text.push_str(plain);
        self.at += length;
        self.copied = self.at;
    }

    fn other(&mut self) {
        let Some(char) = self.source[self.at..].chars().next() else { return };
        let length = char.len_utf8();
        let number = char as u32;
        if (0xE0020..=0xE007E).contains(&number) {
            return self.read(length, char::from((number - 0xE0000) as u8).encode_utf8(&mut [0; 4]));
        }
        let reading = reading(char);
        if reading.latin != 0 && self.mixes() {
            self.latin = true;
            return self.read(length, char::from(reading.latin).encode_utf8(&mut [0; 4]));
        }
        self.latin |= reading.all_latin;
        match reading.plain {
            Plain::Itself => self.at += length,
            Plain::Nothing => self.read(length, ""),
            Plain::Blank => {
                self.latin = false;
                self.read(length, " ");
            }
            Plain::Bytes(count) => {
                let plain = &reading.bytes[..usize::from(count)];
                self.read(length, std::str::from_utf8(plain).unwrap_or_default());
            }
            Plain::Longer => self.read(length, &plain(char)),
        }
    }

    /// Whether the word that is being read has letters of ours too.
    fn mixes(&mut self) -> bool {
        if self.latin {
            return true;
        }
        if self.at >= self.mixed_until {
            let mut rest = 1;
            self.mixed = false;
            for (at, char) in self.source[self.at..].char_indices() {
                let ours = char.is_ascii_alphabetic();
                if !ours && !char.is_ascii_digit() && (char.is_ascii() || !reading(char).within_word) {
                    break;
                }
                rest = at + char.len_utf8();
                self.mixed = ours;
                if ours {
                    break;
                }
            }
            self.mixed_until = self.at + rest;
        }
        self.mixed
    }

    /// Takes a run of single letters, `i g n o r e`, as the word that it is.
    fn spaced(&mut self) -> bool {
        const FEWEST: usize = 5;
        let bytes = &self.source.as_bytes()[self.at..];
        let Some(&gap) = bytes.get(1).filter(|&&gap| CLASS[gap as usize] & GAP != 0) else { return false };
        let mut letters = vec![(0, false)];
        let mut at = 1;
        loop {
            let wide = bytes[at..].iter().take_while(|&&byte| byte == gap).count();
            let next = at + wide;
            let alone =
                bytes.get(next + 1).is_none_or(|after| !after.is_ascii_alphanumeric() && *after < 0x80);
            if wide == 0 || wide > 4 || !bytes.get(next).is_some_and(u8::is_ascii_alphabetic) || !alone {
                break;
            }
            letters.push((next, wide > 1));
            at = next + 1;
        }
        if letters.len() < FEWEST {
            self.at += at;
            return true;
        }
        let wide = letters.iter().filter(|(_, wide)| *wide).count();
        let words = wide * 2 < letters.len();
        let from = self.at;
        for (place, wide) in letters {
            let upto = if wide && words {
                format!(" {}", bytes[place] as char)
            } else {
                (bytes[place] as char).to_string()
            };
            let length = from + place + 1 - self.at;
            self.read(length, &upto);
        }
        true
    }
}

/// The escape that `rest` begins with: its length, and the characters it stands for.
fn escaped(rest: &[u8]) -> Option<(usize, String)> {
    match rest[0] {
        b'\\' => backslash(rest),
        b'&' => entity(rest),
        _ => percent(rest),
    }
}

fn backslash(rest: &[u8]) -> Option<(usize, String)> {
    let digits = match rest.get(1)? {
        b'u' => 4,
        b'x' => 2,
        _ => return None,
    };
    let high = hex(rest.get(2..2 + digits)?)?;
    let length = 2 + digits;
    if (0xD800..0xDC00).contains(&high) {
        let low = rest
            .get(length..length + 6)
            .filter(|low| low.starts_with(b"\\u"))
            .and_then(|low| hex(&low[2..]))?;
        let joined =
            0x10000 + ((high - 0xD800) << 10) + low.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
        return Some((length + 6, char::from_u32(joined)?.to_string()));
    }
    Some((length, char::from_u32(high)?.to_string()))
}

fn entity(rest: &[u8]) -> Option<(usize, String)> {
    let end = rest.iter().take(10).position(|&byte| byte == b';')?;
    let name = std::str::from_utf8(&rest[1..end]).ok()?;
    let char = match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        _ => {
            let number = name.strip_prefix('#')?;
            let number = match number.strip_prefix(['x', 'X']) {
                Some(digits) => hex(digits.as_bytes())?,
                None => number.parse().ok()?,
            };
            char::from_u32(number)?
        }
    };
    Some((end + 1, char.to_string()))
}

/// A run of `%41%42`, as far as it is text.
fn percent(rest: &[u8]) -> Option<(usize, String)> {
    const LONGEST: usize = 4096;
    let mut text = String::new();
    let mut length = 0;
    // Character by character: what is none is read no further, so that nothing is read again and again.
    while text.len() < LONGEST {
        let Some(char) = percent_char(&rest[length..]) else { break };
        text.push(char);
        length += 3 * char.len_utf8();
    }
    work::reads(length);
    (length > 0).then_some((length, text))
}

fn percent_char(rest: &[u8]) -> Option<char> {
    let mut bytes = [0; 4];
    let mut count = 0;
    for three in rest.chunks_exact(3).take(4) {
        if three[0] != b'%' {
            break;
        }
        let Some(byte) = hex(&three[1..]).and_then(|value| u8::try_from(value).ok()) else { break };
        bytes[count] = byte;
        count += 1;
        if let Ok(text) = std::str::from_utf8(&bytes[..work::reads(count)]) {
            return text.chars().next();
        }
    }
    None
}

fn hex(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 6 {
        return None;
    }
    digits.iter().try_fold(0, |sum, &digit| Some(sum << 4 | char::from(digit).to_digit(16)?))
}
