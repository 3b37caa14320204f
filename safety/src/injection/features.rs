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
    let (mut lent, is_ascii) = (Lent::default(), text.is_ascii());
    for span in sentences(text) {
        let own = rest.iter().take_while(|hit| hit.start < span.end).count();
        let (own, later) = rest.split_at(own);
        rest = later;
        let grams = grams(&text[span.clone()], is_ascii, &mut lent, sink.grams());
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

/// Memory that serves one sentence after another.
#[derive(Default)]
struct Lent {
    lanes: Vec<u8>,
    words: Vec<u64>,
}

fn grams<G: Grams>(sentence: &str, is_ascii: bool, lent: &mut Lent, grams: G) -> G {
    let Lent { lanes, words } = lent;
    fold(sentence, is_ascii, lanes);
    if words.len() < lanes.len() {
        words.resize(lanes.len(), 0);
    }
    let count = spell(lanes, words);
    word_grams(&words[..count], char_grams(lanes, grams))
}

/// The lanes of a sentence, between a blank and a line end.
fn fold(sentence: &str, is_ascii: bool, lanes: &mut Vec<u8>) {
    lanes.clear();
    lanes.resize(sentence.len() + 1 + MANY, b' ');
    let mut folding = Folding { lanes, length: 1, doubled: false };
    if is_ascii || sentence.is_ascii() {
        folding.ascii(sentence.as_bytes());
    } else {
        folding.any(sentence);
    }
    let length = folding.length;
    lanes.truncate(length + 1);
    lanes[length] = b'\n';
}

/// Lanes that are being written: as many as `length`, of which there is one at least.
struct Folding<'a> {
    lanes: &'a mut [u8],
    length: usize,
    /// The last lane was read twice.
    doubled: bool,
}

impl Folding<'_> {
    fn push(&mut self, lane: u16) {
        let again = (lane as u8 == self.lanes[self.length - 1]) & (lane & RUNS == 0);
        let goes = again & (self.doubled | (lane & ONCE != 0));
        self.doubled = again;
        self.lanes[self.length] = lane as u8;
        self.length += usize::from(!goes);
    }

    fn ascii(&mut self, sentence: &[u8]) {
        let (eights, rest) = sentence.as_chunks();
        for eight in eights {
            if !self.plain(u64::from_le_bytes(*eight), MANY) {
                eight.iter().for_each(|&byte| self.push(LANES[byte as usize]));
            }
        }
        // What is left of them, and letters, which may come twice.
        let last = sentence.last_chunk().filter(|_| !rest.is_empty()).is_some_and(|last| {
            let filled = u64::from_le_bytes(*last) >> (8 * (MANY - rest.len()));
            self.plain(filled | every(b'a') << (8 * rest.len()), rest.len())
        });
        if !last {
            rest.iter().for_each(|&byte| self.push(LANES[byte as usize]));
        }
    }

    fn any(&mut self, mut rest: &str) {
        while !rest.is_empty() {
            if let Some(eight) = rest.as_bytes().first_chunk()
                && eight.is_ascii()
                && self.plain(u64::from_le_bytes(*eight), MANY)
            {
                rest = &rest[MANY..];
                continue;
            }
            let mut chars = rest.chars();
            chars.by_ref().take(MANY).for_each(|char| self.push(lane_of(char)));
            rest = chars.as_str();
        }
    }

    /// The first `count` of eight bytes of ASCII at once, if none of all comes twice in a row but letters; says whether it
    /// was so.
    fn plain(&mut self, eight: u64, count: usize) -> bool {
        let own = ascii_lanes(eight);
        let before = own << 8 | u64::from(self.lanes[self.length - 1]);
        // The sum of a byte has its high bit unless the byte is none.
        let again = !((own ^ before) + every(0x7F)) & every(0x80);
        if again & !among(own, b'a', b'z') != 0 {
            return false;
        }
        let Some(lanes) = self.lanes[self.length..].first_chunk_mut() else { return false };
        *lanes = own.to_le_bytes();
        self.length += count;
        self.doubled = false;
        true
    }
}

/// How many bytes are folded at once: a word of the processor.
const MANY: usize = 8;

const fn every(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; MANY])
}

/// The high bit of every byte of eight that is within a range; all are of ASCII.
fn among(eight: u64, first: u8, last: u8) -> u64 {
    (eight + every(0x80 - first)) & !(eight + every(0x7F - last)) & every(0x80)
}

/// The lanes of eight bytes of ASCII, as [`LANES`] has them, but computed.
fn ascii_lanes(eight: u64) -> u64 {
    let lower = eight | among(eight, b'A', b'Z') >> 2;
    let digits = lower & !((among(lower, b'0', b'9') >> 7) * 0x0F);
    let blank = (!(eight + every(0x7F - b' ')) | (eight + every(1))) & every(0x80);
    let blanks = (blank >> 7) * 0xFF;
    digits & !blanks | every(b' ') & blanks
}

#[inline(never)]
fn char_grams<G: Grams>(lanes: &[u8], mut grams: G) -> G {
    let joined = |lanes: &[u8]| lanes.iter().fold(0, |window, &lane| window << 8 | u64::from(lane));
    for three in lanes[..lanes.len().min(4)].windows(3) {
        grams.add(index(joined(three), 3, GRAM_BITS));
    }
    let mut both = |window: u64| {
        grams.add(index(window & 0xFF_FFFF, 3, GRAM_BITS));
        grams.add(index(window & 0xFF_FFFF_FFFF, 5, GRAM_BITS));
    };
    let mut rest = lanes;
    while let Some(&eight) = rest.first_chunk() {
        let eight = u64::from_be_bytes(eight);
        [24, 16, 8, 0].into_iter().for_each(|shift| both(eight >> shift));
        rest = &rest[4..];
    }
    rest.windows(5).for_each(|lanes| both(joined(lanes)));
    grams
}

/// Writes a hash of each word to `words`; says how many there are. Where a word ends cannot be foretold, so nothing
/// depends on it: each place takes what is written next unless it stays.
#[inline(never)]
fn spell(lanes: &[u8], words: &mut [u64]) -> usize {
    let (mut word, mut count) = (0u64, 0);
    for &lane in lanes {
        let spells = SPELLING[lane as usize];
        words[count] = word;
        count += usize::from(word & !spells != 0);
        word = (word ^ u64::from(lane)).wrapping_mul(WORD).wrapping_add(1) & spells;
    }
    count
}

const WORD: u64 = 0x100_0000_01B3;

/// All ones where a lane belongs to a word.
const SPELLING: [u64; 256] = {
    let mut spelling = [0; 256];
    let mut at = 0;
    while at < 256 {
        spelling[at] = if LANES[at] & SPELLS != 0 { u64::MAX } else { 0 };
        at += 1;
    }
    spelling
};

fn word_grams<G: Grams>(words: &[u64], mut grams: G) -> G {
    words.iter().for_each(|&word| grams.add(index(word, 11, GRAM_BITS)));
    let pair = |two: &[u64]| two[0].rotate_left(17) ^ two[1];
    words.windows(2).for_each(|two| grams.add(index(pair(two), 12, GRAM_BITS)));
    words.windows(3).for_each(|three| {
        grams.add(index(three[0].rotate_left(34) ^ pair(&three[1..]), 13, GRAM_BITS));
    });
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
