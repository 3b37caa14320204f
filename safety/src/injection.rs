//! Texts that try to steer a model: written rules for families of attacks, and a small linear model beside them.
//!
//! A text is [normalised](crate::normalise), cut into [sentences](sentence), and every sentence is told by the classes of
//! its words ([lexicon], [rules]) and by hashed n-grams ([features]). The [model] weighs both, looks for the run of
//! sentences that scores highest, so that one sentence in a long document is found, and says how often a good text of
//! the same surface scores as high.

pub mod features;
mod lexicon;
pub mod model;
pub mod rules;
mod sentence;

use std::{borrow::Cow, ops::Range};

use crate::{
    finding::{Finding, Kind, Severity, Surface},
    normalise::{self, View},
};

use lexicon::LEXICON;
use model::{MODEL, Model, Opinion, Part, Sums};
use rules::{FAMILIES, Match, Voice};

/// A finding below this says nothing to anybody.
const WORTH_SAYING: f32 = 0.2;
/// Bytes of a text that can steer anybody: "ignore rules" has as many.
const SHORTEST: usize = 12;

/// Adds what `text` holds of attacks to `findings`: for each reading of it one finding a family, and one of the model.
pub fn find(text: &str, surface: Surface, findings: &mut Vec<Finding>) {
    if text.len() < SHORTEST {
        return;
    }
    let kind = if surface == Surface::Definition { Kind::ToolPoisoning } else { Kind::PromptInjection };
    for opinion in opinions(&MODEL, text, surface) {
        let confidence = MODEL.confidence(&opinion, surface);
        if confidence < WORTH_SAYING {
            continue;
        }
        let family = opinion.matched.map(|matched| &FAMILIES[matched.family as usize]);
        let (name, severity) =
            family.map_or(("model", Severity::Medium), |family| (family.name, family.severity));
        findings.push(Finding { kind, severity, confidence, rule: Cow::Borrowed(name), span: opinion.span });
    }
}

/// Whether a family could match at all: some reading of `text` has all the words of one.
pub fn may_match(text: &str) -> bool {
    text.len() >= SHORTEST && views(text).iter().any(|view| rules::may_match(LEXICON.classes(view.text())))
}

/// How sure the detector is that `text` is an attack, 0 to 1.
pub fn score(text: &str, surface: Surface) -> f32 {
    opinions(&MODEL, text, surface)
        .iter()
        .map(|opinion| MODEL.confidence(opinion, surface))
        .fold(0.0, f32::max)
}

/// All readings of `text` that may hold an attack.
pub fn views(text: &str) -> Vec<View<'_>> {
    normalise::views(text, |word| LEXICON.knows(word))
}

/// All that can be said of `text` with `model`.
pub fn opinions(model: &Model, text: &str, surface: Surface) -> Vec<Opinion> {
    let mut opinions = Vec::new();
    for view in views(text) {
        let mut sums = Sums::new(model);
        features::extract(view.text(), surface, &mut sums);
        let parts = sums.parts;
        let Some((run, margin)) = model::highest(&parts, |_| true) else { continue };
        let margin = margin + model.bias;
        let span = trimmed(view.text(), parts[run.start].span.start..parts[run.end - 1].span.end);
        opinions.push(Opinion { margin, matched: None, span: view.original(span) });
        let others = |part: &Part| part.alone(parts.len()) + model.bias;
        families(
            &view,
            &parts,
            |number, part| if run.contains(&number) { margin } else { others(part) },
            &mut opinions,
        );
    }
    opinions
}

/// The families in the sentences of a view, each where it is surest. In the run that scored highest the words around a
/// match have spoken too; elsewhere it stands alone.
fn families(
    view: &View<'_>,
    parts: &[Part],
    margin: impl Fn(usize, &Part) -> f32,
    opinions: &mut Vec<Opinion>,
) {
    let mut best: [Option<(f32, &Match)>; FAMILIES.len()] = [None; FAMILIES.len()];
    for (number, part) in parts.iter().enumerate() {
        let Some(matched) = &part.matched else { continue };
        let margin = margin(number, part);
        let known = &mut best[matched.family as usize];
        let surer = |(known, voice): (f32, bool)| (matched.voice == Voice::Plain, margin) > (voice, known);
        if known.is_none_or(|(known, other)| surer((known, other.voice == Voice::Plain))) {
            *known = Some((margin, matched));
        }
    }
    for (margin, matched) in best.into_iter().flatten() {
        let span = view.original(matched.span.clone());
        opinions.push(Opinion { margin, matched: Some(matched.clone()), span });
    }
}

fn trimmed(text: &str, span: Range<usize>) -> Range<usize> {
    let part = &text[span.clone()];
    let start = span.start + part.len() - part.trim_start().len();
    start..start + part.trim().len()
}

#[cfg(test)]
mod tests;
