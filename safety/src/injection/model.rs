//! The linear model: int8 weights for what [features](super::features) gives, and a scale from its numbers to how often
//! they are wrong. The file is written by `examples/train`, its card is `model/README.md`.

use std::{ops::Range, sync::LazyLock};

use super::{
    features::{GRAM_BITS, Grams, SYMBOL_BITS, Sink},
    rules::Match,
};
use crate::finding::Surface;

pub const GRAMS: usize = 1 << GRAM_BITS;
pub const SYMBOLS: usize = 1 << SYMBOL_BITS;
pub const SURFACES: usize = 4;
/// Points of the scale of one surface.
pub const KNOTS: usize = 6;
/// What a score says at the points of the scale: 30 %, 10 %, 0.6 %, 0.08 %, 0.02 % and 0.001 % of good texts score higher.
pub const CONFIDENCE: [f32; KNOTS] = [0.05, 0.2, 0.5, 0.7, 0.9, 0.99];

/// What the model's word is worth where no family agrees.
const ALONE: f32 = 0.8;

/// One thing that can be said of a text: by the model about a run of sentences, or by a family about its words.
#[derive(Clone, Debug)]
pub struct Opinion {
    pub margin: f32,
    pub matched: Option<Match>,
    /// Bytes of the text that was given.
    pub span: Range<usize>,
}

pub struct Model {
    pub grams: Box<[i8; GRAMS]>,
    pub symbols: Box<[i8; SYMBOLS]>,
    pub gram_scale: f32,
    pub symbol_scale: f32,
    pub bias: f32,
    pub scale: [[f32; KNOTS]; SURFACES],
}

pub(crate) static MODEL: LazyLock<Model> = LazyLock::new(|| {
    Model::read(include_bytes!("../../model/injection.bin")).expect("the shipped model is whole")
});

const MAGIC: &[u8; 8] = b"injmod01";

impl Model {
    /// `None` if this is no model, or one of other features than this program's.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let numbers = 3 + SURFACES * KNOTS;
        let (magic, rest) = bytes.split_at_checked(MAGIC.len())?;
        let (head, rest) = rest.split_at_checked(numbers * 4)?;
        let (grams, symbols) = rest.split_at_checked(GRAMS)?;
        if magic != MAGIC {
            return None;
        }
        let mut numbers =
            head.chunks_exact(4).map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]]));
        let mut next = || numbers.next().unwrap_or_default();
        let (gram_scale, symbol_scale, bias) = (next(), next(), next());
        let mut scale = [[0.0; KNOTS]; SURFACES];
        scale.as_flattened_mut().iter_mut().for_each(|knot| *knot = next());
        let (grams, symbols) = (signed(grams)?, signed(symbols)?);
        Some(Self { grams, symbols, gram_scale, symbol_scale, bias, scale })
    }

    pub fn write(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        let head = [self.gram_scale, self.symbol_scale, self.bias];
        for number in head.iter().chain(self.scale.as_flattened()) {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(self.grams.iter().map(|&weight| weight as u8));
        bytes.extend(self.symbols.iter().map(|&weight| weight as u8));
        bytes
    }

    /// How sure an opinion is, by the scale of the surface. What no family tells must be surer to be believed, and
    /// what the words around a family say counts half.
    pub fn confidence(&self, opinion: &Opinion, surface: Surface) -> f32 {
        let own = interpolate(&self.scale[surface as usize], opinion.margin);
        match &opinion.matched {
            None => ALONE * own,
            Some(matched) => {
                let trust = matched.trust(surface);
                trust + (1.0 - trust) * own / 2.0
            }
        }
    }
}

fn signed<const N: usize>(bytes: &[u8]) -> Option<Box<[i8; N]>> {
    let weights: Box<[i8]> = bytes.iter().map(|&byte| byte as i8).collect();
    weights.try_into().ok()
}

fn interpolate(knots: &[f32; KNOTS], margin: f32) -> f32 {
    if margin <= knots[0] {
        return CONFIDENCE[0] * (margin - knots[0]).exp();
    }
    for at in 1..KNOTS {
        if margin < knots[at] {
            let part = (margin - knots[at - 1]) / (knots[at] - knots[at - 1]);
            return CONFIDENCE[at - 1] + part * (CONFIDENCE[at] - CONFIDENCE[at - 1]);
        }
    }
    1.0 - (1.0 - CONFIDENCE[KNOTS - 1]) * (knots[KNOTS - 1] - margin).exp()
}

/// What one sentence adds.
#[derive(Clone, Debug, Default)]
pub struct Part {
    pub span: Range<usize>,
    pub grams: f32,
    pub count: f32,
    pub symbols: f32,
    pub matched: Option<Match>,
}

impl Part {
    /// What the sentence scores by itself, in a text of so many.
    pub(crate) fn alone(&self, sentences: usize) -> f32 {
        margin(self.grams, self.count, self.symbols, 1) - LENGTH * (sentences as f32).ln_1p()
    }
}

/// Adds the weights up while features come.
pub(crate) struct Sums<'a> {
    model: &'a Model,
    symbols: i32,
    pub(crate) parts: Vec<Part>,
}

impl<'a> Sums<'a> {
    pub(crate) fn new(model: &'a Model) -> Self {
        Self { model, symbols: 0, parts: Vec::new() }
    }
}

/// The grams of one sentence.
pub(crate) struct GramSum<'a> {
    weights: &'a [i8; GRAMS],
    sum: i32,
    count: u32,
}

impl Grams for GramSum<'_> {
    #[inline]
    fn add(&mut self, index: u32) {
        self.sum += i32::from(self.weights[index as usize]);
        self.count += 1;
    }
}

impl<'a> Sink for Sums<'a> {
    type Grams = GramSum<'a>;

    fn grams(&mut self) -> GramSum<'a> {
        GramSum { weights: &self.model.grams, sum: 0, count: 0 }
    }

    #[inline]
    fn symbol(&mut self, index: u32) {
        self.symbols += i32::from(self.model.symbols[index as usize]);
    }

    fn end(&mut self, span: Range<usize>, grams: GramSum<'a>, matched: Option<Match>) {
        let sum = grams.sum as f32 * self.model.gram_scale;
        let symbols = self.symbols as f32 * self.model.symbol_scale;
        self.parts.push(Part { span, grams: sum, count: grams.count as f32, symbols, matched });
        self.symbols = 0;
    }
}

/// How many sentences the scored runs have. The last stands for the whole text.
const RUNS: [usize; 8] = [1, 2, 3, 4, 6, 10, 20, usize::MAX];
/// Keeps a few letters from speaking as loudly as a sentence.
const DAMP: f32 = 48.0;

/// What a run of sentences scores, without the bias.
pub fn margin(grams: f32, count: f32, symbols: f32, sentences: usize) -> f32 {
    grams / (count + DAMP).sqrt() + symbols / (sentences as f32).sqrt()
}

/// A long text has more sentences to be unlucky with.
const LENGTH: f32 = 0.4;

/// The run of sentences that scores highest: which, and how high. `allowed` says which runs count.
pub fn highest(parts: &[Part], mut allowed: impl FnMut(Range<usize>) -> bool) -> Option<(Range<usize>, f32)> {
    let mut sums = Vec::with_capacity(parts.len() + 1);
    sums.push((0.0, 0.0, 0.0));
    for part in parts {
        let (grams, count, symbols) = sums[sums.len() - 1];
        sums.push((grams + part.grams, count + part.count, symbols + part.symbols));
    }
    let mut best: Option<(Range<usize>, f32)> = None;
    for run in RUNS.map(|run| run.min(parts.len())) {
        for start in 0..=parts.len() - run {
            let (from, to) = (sums[start], sums[start + run]);
            if run == 0 {
                continue;
            }
            let margin = margin(to.0 - from.0, to.1 - from.1, to.2 - from.2, run);
            if best.as_ref().is_none_or(|(_, known)| margin > *known) && allowed(start..start + run) {
                best = Some((start..start + run, margin));
            }
        }
        if run == parts.len() {
            break;
        }
    }
    best.map(|(run, margin)| (run, margin - LENGTH * (parts.len() as f32).ln_1p()))
}
