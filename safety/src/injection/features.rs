//! What the model sees of a text. This is the only place that says so: training and the product both read it.
//!
//! A sentence gives two kinds of features, each an index into a table of weights. *Grams* are hashed runs of 3 or 5
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

pub const GRAM_BITS: u32 = 17;
pub const SYMBOL_BITS: u32 = 14;

/// Takes the features of one sentence after another.
pub trait Sink {
    type Grams: Grams;

    /// For the grams of the next sentence, which are given first: by themselves, so that they are summed in registers.
    fn grams(&mut self) -> Self::Grams;
    fn symbol(&mut self, index: u32);
    /// The sentence that was given is complete: the bytes it takes, and the rule that matched in it.
    fn end(&mut self, span: Range<usize>, grams: Self::Grams, matched: Option<rules::Match>);
}

pub trait Grams {
    fn add(&mut self, index: u32);
}

/// Walks through `text` once and gives `sink` all there is.
pub fn extract(text: &str, surface: Surface, sink: &mut impl Sink) {
    let mut hits = Vec::new();
    LEXICON.hits(text, |hit| hits.push(hit));
    let around = Around::of(text, &hits);
    let mut rest = hits.as_slice();
    let mut place = Place::default();
    let (mut lanes, is_ascii) = (Vec::new(), text.is_ascii());
    for span in sentences(text) {
        let own = rest.iter().take_while(|hit| hit.start < span.end).count();
        let (own, later) = rest.split_at(own);
        rest = later;
        let grams = grams(&text[span.clone()], is_ascii, &mut lanes, sink.grams());
        let matched = symbols(text, span.clone(), own, surface, around, &mut place, sink);
        sink.end(span, grams, matched);
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
    ((value ^ kind.wrapping_mul(0xD6E8_FEB8_6659_FD93)).wrapping_mul(PRIME) >> (64 - bits)) as u32
}

/// What a byte is to the grams of a sentence: one lane a character, letters in lower case, one digit for all, one blank for
/// all that is blank. Runs of blanks and digits are one lane, and of other marks two: a line of dashes says what a dash
/// says. The lane is in the low byte, flags are above it.
const LANES: [u16; 256] = {
    let mut lanes = [0; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        lanes[at] = match byte {
            b'A'..=b'Z' => (byte + 32) as u16 | RUNS | SPELLS,
            b'a'..=b'z' | 0x80.. => byte as u16 | RUNS | SPELLS,
            b'0'..=b'9' => b'0' as u16 | ONCE | SPELLS,
            0..=b' ' | 127 => b' ' as u16 | ONCE,
            _ => byte as u16,
        };
        at += 1;
    }
    lanes
};
/// Comes as often as it stands there: a letter.
const RUNS: u16 = 1 << 8;
/// Comes once, however often it stands there.
const ONCE: u16 = 1 << 9;
/// Belongs to a word.
const SPELLS: u16 = 1 << 10;

fn lane_of(char: char) -> u16 {
    if char.is_ascii() {
        return LANES[char as usize];
    }
    if char.is_whitespace() {
        return LANES[usize::from(b' ')];
    }
    LANES[0x80 | (char as u32).wrapping_mul(0x9E37_79B1) as usize >> 25]
}

/// The grams of a sentence; `lanes` is only lent, so that its memory serves all sentences.
fn grams<G: Grams>(sentence: &str, is_ascii: bool, lanes: &mut Vec<u8>, grams: G) -> G {
    fold(sentence, is_ascii, lanes);
    word_grams(&lanes[1..], char_grams(lanes, grams))
}

/// The lanes of a sentence, between a blank and a line end.
fn fold(sentence: &str, is_ascii: bool, lanes: &mut Vec<u8>) {
    lanes.clear();
    lanes.resize(sentence.len() + 2, b' ');
    let length = if is_ascii || sentence.is_ascii() {
        fold_into(lanes, sentence.bytes().map(|byte| LANES[byte as usize]))
    } else {
        fold_into(lanes, sentence.chars().map(lane_of))
    };
    lanes.truncate(length + 1);
    lanes[length] = b'\n';
}

/// Writes what stays of `source` behind the first lane; says where it ends.
fn fold_into(lanes: &mut [u8], source: impl Iterator<Item = u16>) -> usize {
    let (mut last, mut doubled, mut length) = (LANES[usize::from(b' ')], false, 1);
    for lane in source {
        let again = (lane == last) & (lane & RUNS == 0);
        let goes = again & (doubled | (lane & ONCE != 0));
        (last, doubled) = (lane, again);
        if !goes {
            lanes[length] = lane as u8;
            length += 1;
        }
    }
    length
}

fn char_grams<G: Grams>(lanes: &[u8], mut grams: G) -> G {
    let (first, rest) = lanes.split_at(lanes.len().min(4));
    let mut window = first.iter().fold(0u64, |window, &lane| window << 8 | u64::from(lane));
    if first.len() == 4 {
        grams.add(index(window >> 8, 3, GRAM_BITS));
    }
    if first.len() >= 3 {
        grams.add(index(window & 0xFF_FFFF, 3, GRAM_BITS));
    }
    for &lane in rest {
        window = window << 8 | u64::from(lane);
        grams.add(index(window & 0xFF_FFFF, 3, GRAM_BITS));
        grams.add(index(window & 0xFF_FFFF_FFFF, 5, GRAM_BITS));
    }
    grams
}

const WORD: u64 = 0x100_0000_01B3;

fn word_grams<G: Grams>(lanes: &[u8], mut grams: G) -> G {
    let (mut word, mut before, mut earlier) = (0u64, 0u64, 0u64);
    for &lane in lanes {
        if LANES[lane as usize] & SPELLS != 0 {
            word = (word ^ u64::from(lane)).wrapping_mul(WORD).wrapping_add(1);
            continue;
        }
        if word == 0 {
            continue;
        }
        grams.add(index(word, 11, GRAM_BITS));
        if before != 0 {
            let pair = before.rotate_left(17) ^ word;
            grams.add(index(pair, 12, GRAM_BITS));
            if earlier != 0 {
                grams.add(index(earlier.rotate_left(34) ^ pair, 13, GRAM_BITS));
            }
        }
        (earlier, before, word) = (before, word, 0);
    }
    grams
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
    each(classes, |first| each(pairs[first as usize], |second| give(1, first << 8 | second)));
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

/// What a byte adds to the counts of a [`Shape`], each of 16 bits.
const COUNTS: [u64; 256] = {
    let mut counts = [0; 256];
    let mut at = 0;
    while at < 256 {
        counts[at] = match at as u8 {
            b'A'..=b'Z' => 1,
            b'a'..=b'z' | 0x80.. => 1 << 16,
            b' ' => 1 << 32,
            b'!' => 1 << 48,
            _ => 0,
        };
        at += 1;
    }
    counts
};

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
        let mut shape = Self { bytes: sentence.len() as u64, ..Self::default() };
        for piece in sentence.as_bytes().chunks(usize::from(u16::MAX)) {
            let counts = piece.iter().fold(0, |sum, &byte| sum + COUNTS[byte as usize]);
            shape.upper += counts & 0xFFFF;
            shape.lower += counts >> 16 & 0xFFFF;
            shape.blanks += counts >> 32 & 0xFFFF;
            shape.exclamations += counts >> 48;
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
