//! Runs the detectors that are asked for over one text, each at most once.
use crate::{
    finding::{Finding, Kind, Kinds, Surface},
    injection, pii, secret,
};
/// x
pub fn scan(text: &str, key: Option<&str>, surface: Surface, kinds: Kinds, findings: &mut Vec<Finding>) {
    let _ = key;
    if kinds.contains(Kind::Secret) {
        secret::find(text, findings);
    }
    if kinds.contains(Kind::Pii) {
        pii::find(text, findings);
    }
    if kinds.intersects(&[Kind::PromptInjection, Kind::ToolPoisoning]) {
        injection::find(text, surface, findings);
    }
}
