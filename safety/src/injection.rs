//! Texts that try to steer a model: written rules for families of attacks, and a small linear model beside them.

pub mod features;
mod lexicon;
pub mod model;
pub mod rules;
mod sentence;

use std::{borrow::Cow, ops::Range};

use crate::{
    finding::{Finding, Kind, Severity, Surface},
    normalise,
};

use features::extract;
use model::{MODEL, Model, Part, Sums};

/// A finding below this says nothing to anybody.
const WORTH_SAYING: f32 = 0.2;

/// Adds what `text` holds of attacks to `findings`: one finding per family, and one of the model.
pub fn find(text: &str, surface: Surface, findings: &mut Vec<Finding>) {
    for view in normalise::views(text) {
        let parts = parts(&MODEL, view.text(), surface);
        let Some((run, confidence)) = judge(&parts, surface) else { continue };
        if confidence < WORTH_SAYING {
            continue;
        }
        let kind = if surface == Surface::Definition { Kind::ToolPoisoning } else { Kind::PromptInjection };
        let span = view.original(parts[run.start].span.start..parts[run.end - 1].span.end);
        let rule = Cow::Borrowed("model");
        findings.push(Finding { kind, severity: Severity::Medium, confidence, rule, span });
    }
}

/// How sure the detector is that `text` is an attack, 0 to 1.
pub fn score(text: &str, surface: Surface) -> f32 {
    let scores = normalise::views(text).into_iter().map(|view| {
        judge(&parts(&MODEL, view.text(), surface), surface).map_or(0.0, |(_, confidence)| confidence)
    });
    scores.fold(0.0, f32::max)
}

/// What `model` makes of `text`, before any scale: how training sees the whole detector.
pub fn margin(model: &Model, text: &str, surface: Surface) -> f32 {
    let margins = normalise::views(text).into_iter().filter_map(|view| {
        model::highest(&parts(model, view.text(), surface), |_| true).map(|(_, margin)| margin + model.bias)
    });
    margins.fold(f32::MIN, f32::max)
}

fn parts(model: &Model, text: &str, surface: Surface) -> Vec<Part> {
    let mut sums = Sums::new(model);
    extract(text, surface, &mut sums);
    sums.parts
}

fn judge(parts: &[Part], surface: Surface) -> Option<(Range<usize>, f32)> {
    let (run, margin) = model::highest(parts, |_| true)?;
    Some((run, MODEL.confidence(margin + MODEL.bias, surface)))
}

pub fn sentences(text: &str) -> usize {
    sentence::sentences(text).count()
}
