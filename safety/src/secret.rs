//! Keys, tokens and passwords: formats that vendors gave their secrets, and values whose names say that they are secret.
//!
//! One automaton goes over the text once and stops at what could begin or name a secret; what stands there is then verified.
//! Placeholders and examples (`your-key-here`, `${TOKEN}`, `xxxx`) are none.

mod checksum;
mod named;
mod shape;
mod structure;
mod value;
mod vendors;

use std::{ops::Range, sync::LazyLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use self::vendors::VENDORS;
use crate::{
    finding::{Finding, Kind, Severity},
    scan,
};

/// A secret in a text, on its way to become a finding.
#[derive(Debug)]
struct Secret {
    rule: &'static str,
    severity: Severity,
    confidence: f32,
    span: Range<usize>,
}

/// What a mark of the automaton may begin.
#[derive(Clone, Copy)]
enum Mark {
    Vendor(usize),
    Structure(structure::Look),
    Name(named::Class),
}

struct Marks {
    automaton: AhoCorasick,
    marks: Vec<Mark>,
}

static MARKS: LazyLock<Marks> = LazyLock::new(|| {
    let vendors = VENDORS.iter().enumerate().map(|(at, vendor)| (vendor.prefix, Mark::Vendor(at)));
    let structures = structure::LOOKS.iter().map(|&(word, look)| (word, Mark::Structure(look)));
    let names = named::WORDS.iter().chain(named::NAMES).map(|&(word, class)| (word, Mark::Name(class)));
    let (words, marks): (Vec<_>, Vec<_>) = vendors.chain(structures).chain(names).unzip();
    let automaton = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::Standard)
        .kind(Some(AhoCorasickKind::DFA))
        .build(words);
    Marks { automaton: automaton.expect("words of our own make an automaton"), marks }
});

/// Adds the secrets of a text.
pub fn find(text: &str, findings: &mut Vec<Finding>) {
    let Marks { automaton, marks } = &*MARKS;
    let mut secrets: Vec<Secret> = Vec::new();
    // A name is read once, however many words it is made of; so is what a structure has eaten.
    let (mut token, mut read_to) = (0..0, 0);
    for found in automaton.find_overlapping_iter(text) {
        if secrets.len() + findings.len() >= scan::MAX_FINDINGS {
            break;
        }
        let at = found.range();
        let secret = match marks[found.pattern()] {
            Mark::Vendor(_) if at.start > token.start && at.start < token.end => None,
            Mark::Vendor(vendor) => VENDORS[vendor].verify(text, at, &mut token),
            Mark::Structure(_) | Mark::Name(_) if at.start < read_to => None,
            Mark::Structure(look) => look(text, at, &mut read_to),
            Mark::Name(class) => named::verify(text, at, class, &mut read_to),
        };
        secrets.extend(secret);
    }
    findings.extend(settle(secrets).into_iter().map(Secret::into_finding));
}

/// Adds the secret that a whole value is, by the name it goes by elsewhere: a member of a JSON object.
pub fn find_named(name: &str, value: &str, findings: &mut Vec<Finding>) {
    let Marks { automaton, marks } = &*MARKS;
    let words = automaton.find_overlapping_iter(name).filter_map(|found| match marks[found.pattern()] {
        Mark::Name(class) if !matches!(class, named::Class::Service | named::Class::Client) => {
            Some((found.range(), class))
        }
        _ => None,
    });
    if let Some(secret) = named::verify_member(name, value, words) {
        let overlaps = |finding: &Finding| {
            finding.kind == Kind::Secret
                && finding.span.start < secret.span.end
                && secret.span.start < finding.span.end
        };
        if !findings.iter().any(overlaps) {
            findings.push(secret.into_finding());
        }
    }
}

/// Of secrets that overlap the surest stays; of those that begin together the one with the longer mark, which comes last.
fn settle(mut secrets: Vec<Secret>) -> Vec<Secret> {
    secrets.sort_by_key(|secret| secret.span.start);
    let mut settled: Vec<Secret> = Vec::with_capacity(secrets.len());
    for secret in secrets {
        match settled.last_mut() {
            Some(last) if secret.span.start < last.span.end => {
                let is_better = secret.span.start == last.span.start && secret.confidence == last.confidence;
                if is_better || secret.confidence > last.confidence {
                    *last = secret;
                }
            }
            _ => settled.push(secret),
        }
    }
    settled
}

impl Secret {
    fn into_finding(self) -> Finding {
        Finding {
            kind: Kind::Secret,
            severity: self.severity,
            confidence: self.confidence,
            rule: self.rule.into(),
            span: self.span,
        }
    }
}

#[cfg(test)]
mod tests;
