//! Runs the detectors that are asked for over one text, each once.

mod marks;
pub(crate) mod work;

pub(crate) use self::marks::{Look, Text};
use crate::{
    finding::{Finding, Kind, Kinds, Surface},
    injection, pii, secret,
};

/// Findings of one text; detectors look no further.
pub const MAX_FINDINGS: usize = 4096;

/// Builds the automata, which takes some milliseconds that no text should wait for.
pub fn prepare() {
    let mut findings = Vec::new();
    let long = "1 password: <@> ".repeat(64);
    for text in [&long[..16], &long] {
        scan(text, Some("key"), Surface::Arguments, Kinds::ALL, &mut findings);
        scan(text, Some("key"), Surface::Result, Kinds::ALL, &mut findings);
    }
}

/// Adds what detectors of `kinds` find in `text`; `key` is the name that the text goes by in a JSON object.
pub fn scan(text: &str, key: Option<&str>, surface: Surface, kinds: Kinds, findings: &mut Vec<Finding>) {
    if kinds.contains(Kind::Secret) {
        secret::find(text, findings);
        if let Some(key) = key {
            secret::find_named(key, text, findings);
        }
    }
    if kinds.contains(Kind::Pii) {
        pii::find(text, key, findings);
    }
    marks::find(Text { text, key, surface }, kinds, findings);
    if kinds.intersects(&[Kind::PromptInjection, Kind::ToolPoisoning]) {
        injection::find(text, surface, findings);
    }
}
