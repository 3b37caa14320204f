//! The strings of a JSON text, found without building a value: what they say, where they stand, what names them.
//!
//! A finding inside a string is led back to the bytes of the raw text, so that it can be taken out in place and all other
//! bytes stay as they are. The reader is lexical: what is not JSON gives some strings or none, never a panic.

use std::{borrow::Cow, ops::Range};

use memchr::memchr2;

/// Deeper containers are read all the same, but what names their strings is not known.
const MAX_DEPTH: usize = 128;

/// One string of a JSON text.
#[derive(Debug)]
pub struct Piece<'a> {
    pub text: Cow<'a, str>,
    /// The string is the name of a member, not a value.
    pub is_key: bool,
    /// The name of the member that holds the string, itself or in an array.
    pub key: Option<Cow<'a, str>>,
    /// Strings that stand at the same place in different elements of one array share a number; 0 is for all others.
    pub series: u64,
    /// Where the string stands in the raw text, without its quotes.
    pub raw: Range<usize>,
    /// After each escape: an offset in `text`, and the offset in the raw string that it stands for.
    steps: Vec<(u32, u32)>,
}

impl Piece<'_> {
    /// The bytes of the raw text that a part of `text` was read from.
    #[must_use]
    pub fn locate(&self, span: &Range<usize>) -> Range<usize> {
        self.offset(span.start)..self.offset(span.end)
    }

    fn offset(&self, decoded: usize) -> usize {
        let after = self.steps.partition_point(|step| step.0 as usize <= decoded);
        let (from, raw) = after.checked_sub(1).map_or((0, 0), |last| self.steps[last]);
        self.raw.start + raw as usize + (decoded - from as usize)
    }
}

/// The strings of `raw`, in order.
#[must_use]
pub fn strings(raw: &str) -> Strings<'_> {
    Strings { raw, at: 0, open: Vec::new(), unnamed: 0 }
}

/// See [`strings`].
#[derive(Debug)]
pub struct Strings<'a> {
    raw: &'a str,
    at: usize,
    open: Vec<Container<'a>>,
    /// Containers that are open beyond [`MAX_DEPTH`].
    unnamed: usize,
}

#[derive(Debug)]
struct Container<'a> {
    is_array: bool,
    /// Whether this or a container around it is an array.
    is_repeated: bool,
    /// The path to here, array indices left out.
    path: u64,
    key: Option<Cow<'a, str>>,
}

impl<'a> Iterator for Strings<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let bytes = self.raw.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            self.at += 1;
            match byte {
                b'"' => return Some(self.string()),
                b'{' | b'[' => self.enter(byte == b'['),
                b'}' | b']' => self.leave(),
                _ => {}
            }
        }
        None
    }
}

impl<'a> Strings<'a> {
    fn string(&mut self) -> Piece<'a> {
        let start = self.at;
        let (text, steps, length) = decode(&self.raw[start..]);
        self.at = (start + length + 1).min(self.raw.len());
        let raw = start..start + length;
        let is_key = self.unnamed == 0
            && self.open.last().is_some_and(|container| !container.is_array)
            && self.raw[self.at..].trim_ascii_start().starts_with(':');
        if is_key && let Some(container) = self.open.last_mut() {
            container.key = Some(text.clone());
        }
        let container = self.open.last().filter(|_| self.unnamed == 0 && !is_key);
        let series = container
            .filter(|container| container.is_repeated)
            .map_or(0, |container| step_into(container.path, container.key.as_deref()) | 1);
        Piece { text, is_key, key: container.and_then(|container| container.key.clone()), series, raw, steps }
    }

    fn enter(&mut self, is_array: bool) {
        if self.open.len() == MAX_DEPTH {
            self.unnamed += 1;
            return;
        }
        let (path, key, is_repeated) = match self.open.last() {
            Some(around) => {
                (step_into(around.path, around.key.as_deref()), around.key.clone(), around.is_repeated)
            }
            None => (0, None, false),
        };
        // An array's strings go by the name of the array; an object names its own.
        let key = key.filter(|_| is_array);
        self.open.push(Container { is_array, is_repeated: is_repeated || is_array, path, key });
    }

    fn leave(&mut self) {
        if self.unnamed > 0 {
            self.unnamed -= 1;
        } else {
            self.open.pop();
        }
    }
}

/// FNV-1a: two paths that meet by chance are read together, no more.
fn step_into(path: u64, key: Option<&str>) -> u64 {
    let seed = path ^ 0xcbf2_9ce4_8422_2325;
    let bytes = key.unwrap_or("[").bytes();
    bytes.fold(seed.rotate_left(5), |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// Reads up to the closing quote or the end: the text, its steps, and the length in the raw text.
fn decode(raw: &str) -> (Cow<'_, str>, Vec<(u32, u32)>, usize) {
    let bytes = raw.as_bytes();
    let first = memchr2(b'"', b'\\', bytes).unwrap_or(bytes.len());
    if bytes.get(first) != Some(&b'\\') {
        return (Cow::Borrowed(&raw[..first]), Vec::new(), first);
    }
    let (mut text, mut steps, mut at) = (String::with_capacity(first + 32), Vec::new(), 0);
    loop {
        let rest = &bytes[at..];
        let plain = memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
        text.push_str(&raw[at..at + plain]);
        at += plain;
        if bytes.get(at) != Some(&b'\\') {
            return (Cow::Owned(text), steps, at);
        }
        let (character, length) = escape(&raw[at..]);
        text.push(character);
        at += length;
        steps.push((text.len() as u32, at as u32));
    }
}

/// The character that an escape at the start of `raw` stands for, and its length.
fn escape(raw: &str) -> (char, usize) {
    let Some(letter) = raw[1..].chars().next() else { return (char::REPLACEMENT_CHARACTER, 1) };
    let plain = match letter {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => return unicode(raw),
        other => other,
    };
    (plain, 1 + letter.len_utf8())
}

/// `\uXXXX`, or two of them that make one character; a lone half is a replacement character.
fn unicode(raw: &str) -> (char, usize) {
    let unit = |from: usize| {
        let digits = raw.get(from..from + 6)?.strip_prefix("\\u")?;
        // `from_str_radix` would read a sign as well.
        digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
    };
    let Some(first) = unit(0) else { return (char::REPLACEMENT_CHARACTER, 2) };
    if let Some(character) = char::from_u32(first) {
        return (character, 6);
    }
    let second = unit(6).filter(|second| first < 0xdc00 && (0xdc00..0xe000).contains(second));
    let pair =
        second.and_then(|second| char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)));
    pair.map_or((char::REPLACEMENT_CHARACTER, 6), |character| (character, 12))
}

#[cfg(test)]
mod tests;
