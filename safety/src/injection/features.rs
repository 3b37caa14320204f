//! What the model sees of a text. This is the only place that says so: training and the product both read it.
//!
//! A sentence gives two kinds of features, each an index into a table of weights. *Grams* are hashed runs of 3 to 5
//! characters and of 1 to 3 words. *Symbols* are what a gateway knows beyond words: which classes of the
//! [lexicon](super::lexicon) stand in which order, how the sentence begins, whether it is quoted or discussed, how loud
//! it is, where it stands, and whose text it is. Both are sums, so any run of sentences can be scored from its parts.

use std::ops::Range;

use super::{
    lexicon::{Class, Hit, LEXICON},
    rules::{self, Around},
    sentence::sentences,
};
use crate::finding::Surface;

pub const GRAM_BITS: u32 = 18;
pub const SYMBOL_BITS: u32 = 14;

/// Takes the features of one sentence after another.
pub trait Sink {
    fn gram(&mut self, index: u32);
    fn symbol(&mut self, index: u32);
    /// The sentence that was given is complete: the bytes it takes, and the rule that matched in it.
    fn end(&mut self, span: Range<usize>, matched: Option<rules::Match>);
}

/// Walks through `text` once and gives `sink` all there is.
pub fn extract(text: &str, surface: Surface, sink: &mut impl Sink) {
    let mut hits = Vec::new();
    LEXICON.hits(text, |hit| hits.push(hit));
    hits.sort_unstable_by_key(|hit| hit.start);
    let around = Around::of(text, &hits);
    let mut rest = hits.as_slice();
    let mut place = Place::default();
    for span in sentences(text) {
        let own = rest.iter().take_while(|hit| hit.start < span.end).count();
        let (own, later) = rest.split_at(own);
        rest = later;
        grams(&text[span.clone()], sink);
        let matched = symbols(text, span.clone(), own, surface, around, &mut place, sink);
        sink.end(span, matched);
    }
}

/// What the sentences before this one were.
#[derive(Default)]
struct Place {
    sentences: u32,
    prose: bool,
}

const PRIME: u64 = 0x9E37_79B9_7F4A_7C15;

fn index(value: u64, kind: u64, bits: u32) -> u32 {
    let mixed = (value ^ kind.wrapping_mul(0xD6E8_FEB8_6659_FD93)).wrapping_mul(PRIME);
    ((mixed ^ (mixed >> 29)).wrapping_mul(PRIME) >> (64 - bits)) as u32
}

/// One byte per character: letters in lower case, one digit for all, one blank for all that is blank.
const FOLD: [u8; 256] = {
    let mut fold = [0; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        fold[at] = match byte {
            b'A'..=b'Z' => byte + 32,
            b'0'..=b'9' => b'0',
            0..=b' ' | 127 => b' ',
            _ => byte,
        };
        at += 1;
    }
    fold
};

const WORD: u64 = 0x100_0000_01B3;

fn grams(sentence: &str, sink: &mut impl Sink) {
    let mut window = b' ' as u64;
    let mut length = 1;
    let (mut word, mut before, mut earlier) = (0u64, 0u64, 0u64);
    let mut doubled = false;
    let mut lane = |lane: u8, sink: &mut _| {
        // Runs of blanks and digits are one, and of other marks two: a line of dashes says what a dash says.
        let again = lane == window as u8 && !lane.is_ascii_lowercase() && lane < 0x80;
        if again && (doubled || lane == b' ' || lane == b'0') {
            return;
        }
        doubled = again;
        window = window << 8 | u64::from(lane);
        length += 1;
        char_grams(window, length, sink);
        if lane.is_ascii_lowercase() || lane >= 0x80 || lane == b'0' {
            word = (word ^ u64::from(lane)).wrapping_mul(WORD).wrapping_add(1);
        } else if word != 0 {
            word_grams(word, before, earlier, sink);
            (earlier, before, word) = (before, word, 0);
        }
    };
    if sentence.is_ascii() {
        sentence.bytes().for_each(|byte| lane(FOLD[byte as usize], sink));
    } else {
        sentence.chars().for_each(|char| lane(lane_of(char), sink));
    }
    lane(b'\n', sink);
}

fn lane_of(char: char) -> u8 {
    if char.is_ascii() {
        return FOLD[char as usize];
    }
    if char.is_whitespace() {
        return b' ';
    }
    0x80 | ((char as u32).wrapping_mul(0x9E37_79B1) >> 25) as u8
}

fn char_grams<S: Sink>(window: u64, length: u32, sink: &mut S) {
    if length >= 3 {
        sink.gram(index(window & 0xFF_FFFF, 3, GRAM_BITS));
    }
    if length >= 4 {
        sink.gram(index(window & 0xFFFF_FFFF, 4, GRAM_BITS));
    }
    if length >= 5 {
        sink.gram(index(window & 0xFF_FFFF_FFFF, 5, GRAM_BITS));
    }
}

fn word_grams<S: Sink>(word: u64, before: u64, earlier: u64, sink: &mut S) {
    sink.gram(index(word, 11, GRAM_BITS));
    if before != 0 {
        let pair = before.rotate_left(17) ^ word;
        sink.gram(index(pair, 12, GRAM_BITS));
        if earlier != 0 {
            sink.gram(index(earlier.rotate_left(34) ^ pair, 13, GRAM_BITS));
        }
    }
}

/// What a match of a family is to the model, on a surface or on any.
pub fn family_symbol(matched: &rules::Match, surface: Option<Surface>) -> u32 {
    let surface = surface.map_or(0, |surface| surface as u64 + 1);
    index(u64::from(matched.family) << 8 | surface << 4 | matched.voice as u64, 90, SYMBOL_BITS)
}

/// Words further apart than this have nothing to do with each other.
const NEAR: usize = 64;

/// The kinds of symbols that mean different things on different surfaces.
const OF_SURFACE: [u64; 5] = [0, 5, 7, 10, 12];

fn symbols(
    text: &str,
    span: Range<usize>,
    hits: &[Hit],
    surface: Surface,
    around: Around,
    place: &mut Place,
    sink: &mut impl Sink,
) -> Option<rules::Match> {
    let sentence = &text[span.clone()];
    let matched = rules::best(text, span.clone(), hits, around);
    if let Some(matched) = &matched {
        sink.symbol(family_symbol(matched, None));
        sink.symbol(family_symbol(matched, Some(surface)));
    }
    let mut give = |kind: u64, value: u64| {
        sink.symbol(index(value, 100 + kind, SYMBOL_BITS));
        if OF_SURFACE.contains(&kind) {
            sink.symbol(index(value << 8 | (surface as u64 + 1), 100 + kind, SYMBOL_BITS));
        }
    };
    let classes = hits.iter().fold(0, |all, hit| all | hit.classes);
    each(classes, |class| give(0, class));
    let mut pairs = [0u64; 64];
    for (at, hit) in hits.iter().enumerate() {
        let near = hits[at + 1..].iter().take(6).take_while(|next| next.start < hit.end + NEAR);
        let after = near.fold(0, |all, next| if next.start >= hit.end { all | next.classes } else { all });
        each(hit.classes, |class| pairs[class as usize] |= after);
    }
    for (first, after) in pairs.iter().enumerate() {
        each(*after, |second| give(1, (first as u64) << 8 | second));
    }
    let begin = sentence.bytes().take_while(|byte| !byte.is_ascii_alphanumeric() && *byte < 0x80).count();
    if let Some(first) = hits.iter().find(|hit| hit.start <= span.start + begin + 1) {
        each(first.classes, |class| give(2, class));
    }
    if let Some(matched) = &matched {
        give(4, matched.voice as u64);
    }
    let shape = Shape::of(sentence);
    give(5, shape.length());
    give(14, u64::from(around.documented));
    give(6, shape.loudness() << 4 | shape.exclamations.min(3));
    if classes & Class::Email.bit() != 0 {
        each(classes, |class| give(8, class));
    }
    if classes & Class::Link.bit() != 0 {
        each(classes, |class| give(9, class));
    }
    let prose = shape.prose();
    give(10, u64::from(prose) << 1 | u64::from(place.prose));
    give(11, u64::from(place.sentences.min(3)));
    each(classes & Class::Task.bit() | classes & Class::Act.bit(), |class| {
        give(12, class << 4 | u64::from(place.sentences.min(2)) << 1 | u64::from(prose))
    });
    let second = hits.iter().filter(|hit| hit.classes & Class::SecondPerson.bit() != 0).count();
    give(13, second.min(4) as u64);
    *place = Place { sentences: place.sentences + 1, prose };
    matched
}

/// The numbers of the classes in a set.
fn each(mut set: u64, mut take: impl FnMut(u64)) {
    while set != 0 {
        take(u64::from(set.trailing_zeros()));
        set &= set - 1;
    }
}

/// What a sentence looks like from afar.
#[derive(Default)]
struct Shape {
    bytes: u64,
    upper: u64,
    lower: u64,
    blanks: u64,
    exclamations: u64,
}

impl Shape {
    fn of(sentence: &str) -> Self {
        let bytes = sentence.as_bytes();
        let mut shape = Self { bytes: bytes.len() as u64, ..Self::default() };
        for &byte in bytes {
            match byte {
                b'A'..=b'Z' => shape.upper += 1,
                b'a'..=b'z' | 0x80.. => shape.lower += 1,
                b' ' => shape.blanks += 1,
                b'!' => shape.exclamations += 1,
                _ => {}
            }
        }
        shape
    }

    fn length(&self) -> u64 {
        u64::from((self.bytes + 1).ilog2())
    }

    fn loudness(&self) -> u64 {
        self.upper * 8 / (self.upper + self.lower + 1)
    }

    /// Mostly words: letters, and a blank every few of them.
    fn prose(&self) -> bool {
        (self.upper + self.lower + self.blanks) * 5 > self.bytes * 4 && self.blanks * 12 > self.bytes
    }
}
