//! Logistic regression on the highest scoring run of sentences of each text: of an attack the part that attacks, of a
//! good text the part that looks most like an attack. Adagrad, a fixed order, no threads: the same data give the same
//! weights.

use std::ops::Range;

use gatewayops_safety::{
    finding::Surface,
    injection::{
        self,
        features::{self, GRAM_BITS, Grams, SYMBOL_BITS, Sink},
        model::{self, KNOTS, Model, Part, SURFACES},
        rules::{FAMILIES, Match, Voice},
    },
};

use super::records::Record;

const EPOCHS: usize = 4;
/// How fast weights move, and how hard they are drawn back.
const GRAM_RATE: f32 = 0.03;
const GRAM_DECAY: f32 = 1e-3;
const SYMBOL_RATE: f32 = 0.03;
const SYMBOL_DECAY: f32 = 2e-2;
/// The weight of a family that is trusted wholly, before training.
const PRIOR: f32 = 8.0;

/// The features of all records, kept so that each model need not read the texts again.
pub(crate) struct Corpus<'a> {
    records: &'a [Record],
    texts: Vec<Vec<Vec<Sentence>>>,
    indices: Vec<u32>,
}

#[derive(Default)]
struct Sentence {
    span: Range<usize>,
    grams: Range<usize>,
    symbols: Range<usize>,
    marked: bool,
}

struct Reader<'a> {
    indices: &'a mut Vec<u32>,
    symbols: Vec<u32>,
    sentences: Vec<Sentence>,
}

/// The grams of one sentence.
struct Indices(Vec<u32>);

impl Grams for Indices {
    fn add(&mut self, index: u32) {
        self.0.push(index);
    }
}

impl Sink for Reader<'_> {
    type Grams = Indices;

    fn grams(&mut self) -> Indices {
        Indices(Vec::new())
    }

    fn symbol(&mut self, index: u32) {
        self.symbols.push(index);
    }

    fn end(&mut self, span: Range<usize>, mut grams: Indices, _: Option<Match>) {
        let start = self.indices.len();
        self.indices.append(&mut grams.0);
        let middle = self.indices.len();
        self.indices.append(&mut self.symbols);
        let end = self.indices.len();
        self.sentences.push(Sentence { span, grams: start..middle, symbols: middle..end, marked: false });
    }
}

impl<'a> Corpus<'a> {
    pub(crate) fn read(records: &'a [Record]) -> Self {
        let mut indices = Vec::new();
        let texts = records
            .iter()
            .map(|record| {
                let views = injection::views(&record.text);
                views
                    .iter()
                    .map(|view| {
                        let (symbols, sentences) = (Vec::new(), Vec::new());
                        let mut reader = Reader { indices: &mut indices, symbols, sentences };
                        features::extract(view.text(), record.surface, &mut reader);
                        for sentence in &mut reader.sentences {
                            let own = view.original(sentence.span.clone());
                            let hit = |span: &Range<usize>| {
                                let shared = span.end.min(own.end).saturating_sub(span.start.max(own.start));
                                shared * 2 > (span.end - span.start).min(own.end - own.start)
                            };
                            sentence.marked = record.spans.iter().any(hit);
                        }
                        if !record.spans.is_empty()
                            && !reader.sentences.iter().any(|sentence| sentence.marked)
                        {
                            reader.sentences.iter_mut().for_each(|sentence| sentence.marked = true);
                        }
                        reader.sentences
                    })
                    .collect()
            })
            .collect();
        Self { records, texts, indices }
    }

    /// A model of the records that `seen` chooses.
    pub(crate) fn fit(&self, seen: impl Fn(&Record) -> bool) -> Model {
        let mut order: Vec<usize> = (0..self.records.len()).filter(|&at| seen(&self.records[at])).collect();
        let importance = self.importance(&order);
        let mut weights = Weights::new();
        let mut dice = Dice(0x5EED);
        for epoch in 0..EPOCHS {
            dice.shuffle(&mut order);
            for &at in &order {
                self.learn(at, importance[at], epoch, &mut weights, &mut dice);
            }
        }
        weights.quantised()
    }

    /// A source weighs the root of its records, and attacks weigh as much as good texts.
    fn importance(&self, order: &[usize]) -> Vec<f32> {
        let key = |at: usize| (&self.records[at].source, self.records[at].attack);
        let mut counts = std::collections::BTreeMap::new();
        order.iter().for_each(|&at| *counts.entry(key(at)).or_insert(0.0f32) += 1.0);
        let mut sums = [0.0f32; 2];
        let mut importance = vec![0.0; self.records.len()];
        for &at in order {
            importance[at] = counts[&key(at)].sqrt().recip();
            sums[usize::from(self.records[at].attack)] += importance[at];
        }
        let half = order.len() as f32 / 2.0;
        order.iter().for_each(|&at| {
            let attack = usize::from(self.records[at].attack);
            importance[at] *= half / sums[attack];
        });
        importance
    }

    fn learn(&self, at: usize, importance: f32, epoch: usize, weights: &mut Weights, dice: &mut Dice) {
        let record = &self.records[at];
        let spans = !record.spans.is_empty();
        let mut best: Option<(usize, Range<usize>, f32)> = None;
        for (number, sentences) in self.texts[at].iter().enumerate() {
            let parts: Vec<Part> = sentences.iter().map(|sentence| self.part(sentence, weights)).collect();
            let marked: Vec<usize> = std::iter::once(0)
                .chain(sentences.iter().scan(0, |sum, sentence| {
                    *sum += usize::from(sentence.marked);
                    Some(*sum)
                }))
                .collect();
            let all = marked[sentences.len()];
            let found = model::highest(&parts, |run| {
                if !record.attack {
                    return true;
                }
                if spans {
                    let inside = marked[run.end] - marked[run.start];
                    return inside > 0 && (run.len() <= all + 1);
                }
                epoch > 0 || run.len() == parts.len()
            });
            if let Some((run, margin)) = found
                && best.as_ref().is_none_or(|(_, _, known)| margin > *known)
            {
                best = Some((number, run, margin));
            }
        }
        let Some((number, run, margin)) = best else { return };
        weights.step(self, &self.texts[at][number][run], margin, record.attack, importance);
        // Now and then a good text's ordinary part, lest all that is learned of good texts is their worst.
        if !record.attack && dice.below(2) == 0 {
            let sentences = &self.texts[at][0];
            let start = dice.below(sentences.len());
            let run = &sentences[start..(start + 1 + dice.below(4)).min(sentences.len())];
            let margin = self.margin(run, weights);
            weights.step(self, run, margin, false, importance * 0.5);
        }
    }

    fn part(&self, sentence: &Sentence, weights: &Weights) -> Part {
        let sum = |range: &Range<usize>, table: &[f32]| -> f32 {
            self.indices[range.clone()].iter().map(|&index| table[index as usize]).sum()
        };
        Part {
            span: sentence.span.clone(),
            grams: sum(&sentence.grams, &weights.grams),
            count: sentence.grams.len() as f32,
            symbols: sum(&sentence.symbols, &weights.symbols),
            matched: None,
        }
    }

    fn margin(&self, run: &[Sentence], weights: &Weights) -> f32 {
        let parts = run.iter().map(|sentence| self.part(sentence, weights));
        let sums = parts.fold((0.0, 0.0, 0.0), |sums, part| {
            (sums.0 + part.grams, sums.1 + part.count, sums.2 + part.symbols)
        });
        model::margin(sums.0, sums.1, sums.2, run.len())
    }
}

struct Weights {
    grams: Vec<f32>,
    gram_squares: Vec<f32>,
    symbols: Vec<f32>,
    /// What the symbols' weights are drawn to.
    anchors: Vec<f32>,
    symbol_squares: Vec<f32>,
    bias: f32,
    bias_squares: f32,
}

impl Weights {
    fn new() -> Self {
        let (grams, symbols) = (1 << GRAM_BITS, 1 << SYMBOL_BITS);
        let mut start = vec![0.0; symbols];
        for family in 0..FAMILIES.len() as u8 {
            for surface in [Surface::Arguments, Surface::Result, Surface::Prompt, Surface::Definition] {
                for voice in [Voice::Plain, Voice::Quoted, Voice::Documented] {
                    let matched = Match { family, voice, span: 0..0 };
                    let index = features::family_symbol(&matched, Some(surface)) as usize;
                    start[index] = PRIOR * matched.prior(surface);
                }
            }
        }
        Self {
            grams: vec![0.0; grams],
            gram_squares: vec![1e-3; grams],
            symbols: start.clone(),
            anchors: start,
            symbol_squares: vec![1e-1; symbols],
            bias: 0.0,
            bias_squares: 1.0,
        }
    }

    fn step(&mut self, corpus: &Corpus<'_>, run: &[Sentence], margin: f32, attack: bool, importance: f32) {
        let count: usize = run.iter().map(|sentence| sentence.grams.len()).sum();
        let probability = 1.0 / (1.0 + (-(margin + self.bias)).exp());
        let error = (probability - f32::from(u8::from(attack))) * importance;
        let gram = error * model::margin(1.0, count as f32, 0.0, 1);
        let symbol = error * model::margin(0.0, 0.0, 1.0, run.len());
        for sentence in run {
            for &index in &corpus.indices[sentence.grams.clone()] {
                let pull = GRAM_DECAY * self.grams[index as usize];
                descend(&mut self.grams, &mut self.gram_squares, index, gram + pull, GRAM_RATE);
            }
            for &index in &corpus.indices[sentence.symbols.clone()] {
                let pull = SYMBOL_DECAY * (self.symbols[index as usize] - self.anchors[index as usize]);
                descend(&mut self.symbols, &mut self.symbol_squares, index, symbol + pull, SYMBOL_RATE);
            }
        }
        self.bias_squares += error * error;
        self.bias -= 0.05 * error / self.bias_squares.sqrt();
    }

    fn quantised(&self) -> Model {
        let (grams, gram_scale) = quantise(&self.grams);
        let (symbols, symbol_scale) = quantise(&self.symbols);
        Model { grams, symbols, gram_scale, symbol_scale, bias: self.bias, scale: [[0.0; KNOTS]; SURFACES] }
    }
}

fn descend(table: &mut [f32], squares: &mut [f32], index: u32, gradient: f32, rate: f32) {
    let at = index as usize;
    squares[at] += gradient * gradient;
    table[at] -= rate * gradient / squares[at].sqrt();
}

/// All but the largest of ten thousand weights fit; those are cut.
fn quantise<const N: usize>(weights: &[f32]) -> (Box<[i8; N]>, f32) {
    let mut sizes: Vec<f32> = weights.iter().map(|weight| weight.abs()).collect();
    sizes.sort_unstable_by(f32::total_cmp);
    let scale = sizes[sizes.len() - 1 - sizes.len() / 10_000].max(1e-6) / 127.0;
    let signed = |at: usize| (weights[at] / scale).round().clamp(-127.0, 127.0) as i8;
    (Box::new(std::array::from_fn(signed)), scale)
}

/// Small, and the same everywhere.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % bound.max(1) as u64) as usize
    }

    fn shuffle(&mut self, order: &mut [usize]) {
        for at in (1..order.len()).rev() {
            order.swap(at, self.below(at + 1));
        }
    }
}
