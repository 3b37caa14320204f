//! Regular expressions that an admin wrote: matched in linear time, of bounded size, compiled once.

use std::ops::Range;

use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

/// Characters of one pattern.
pub const MAX_PATTERN: usize = 512;
/// Patterns of one list.
pub const MAX_PATTERNS: usize = 100;
/// Bytes of a compiled pattern; counted repetitions multiply, so that length alone bounds nothing.
const MAX_COMPILED: usize = 2 << 20;
/// Bytes of a compiled list.
const MAX_COMPILED_SET: usize = 16 << 20;
/// Matches of one pattern in one text that are looked at.
const MAX_MATCHES: usize = 1000;

/// Says why a pattern cannot be used, in words for the admin who wrote it.
///
/// # Errors
/// Longer than 512 characters, not a regular expression (which here knows no backreferences and no look-around), matching
/// the empty text, or too large once its repetitions are counted out.
pub fn check_pattern(pattern: &str) -> Result<(), String> {
    compile(pattern).map(|_| ())
}

fn compile(pattern: &str) -> Result<Regex, String> {
    if pattern.chars().count() > MAX_PATTERN {
        return Err(format!("must have at most {MAX_PATTERN} characters"));
    }
    let regex =
        RegexBuilder::new(pattern).size_limit(MAX_COMPILED).build().map_err(|error| reason(&error))?;
    if regex.is_match("") {
        return Err("matches the empty text, and so everywhere: ask for at least one character".to_owned());
    }
    Ok(regex)
}

fn reason(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => {
            "too large once compiled: use fewer or smaller counted repetitions".to_owned()
        }
        // The last line says what is wrong, those above draw where.
        error => {
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default();
            format!("not a regular expression: {}", last.trim_start_matches("error: "))
        }
    }
}

/// The patterns of one policy.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    /// Says in one pass which of `block` match, if there are any.
    any_block: Option<RegexSet>,
    block: Vec<(String, Regex)>,
    allow: Vec<Regex>,
}

impl Patterns {
    pub(super) fn compile(block: &[String], allow: &[String], mut fault: impl FnMut(String, String)) -> Self {
        let mut read = |list: &str, patterns: &[String]| -> Vec<(usize, Regex)> {
            if patterns.len() > MAX_PATTERNS {
                fault(format!("patterns.{list}"), format!("must have at most {MAX_PATTERNS} entries"));
            }
            let each = patterns.iter().take(MAX_PATTERNS).enumerate();
            each.filter_map(|(at, pattern)| {
                let compiled =
                    compile(pattern).map_err(|reason| fault(format!("patterns.{list}.{at}"), reason));
                Some((at, compiled.ok()?))
            })
            .collect()
        };
        let block = read("block", block);
        let allow = read("allow", allow).into_iter().map(|(_, regex)| regex).collect();
        let any_block = RegexSetBuilder::new(block.iter().map(|(_, regex)| regex.as_str()))
            .size_limit(MAX_COMPILED_SET)
            .build();
        let any_block = any_block.ok().filter(|_| !block.is_empty());
        let block = block.into_iter().map(|(at, regex)| (format!("pattern_{at}"), regex)).collect();
        Self { any_block, block, allow }
    }

    /// What the block patterns match: a rule name (the pattern's place in its list) and where.
    pub(super) fn blocked(&self, text: &str, mut found: impl FnMut(&str, Range<usize>)) {
        let matching: Vec<usize> = match &self.any_block {
            Some(set) => set.matches(text).into_iter().collect(),
            // Together too large for a set: one by one.
            None => (0..self.block.len()).collect(),
        };
        for at in matching {
            let (rule, regex) = &self.block[at];
            for one in regex.find_iter(text).take(MAX_MATCHES) {
                found(rule, one.range());
            }
        }
    }

    pub(super) fn has_block(&self) -> bool {
        !self.block.is_empty()
    }

    /// Where the allow patterns match.
    pub(super) fn allowed(&self, text: &str) -> Vec<Range<usize>> {
        let each = self.allow.iter();
        each.flat_map(|regex| regex.find_iter(text).take(MAX_MATCHES).map(|one| one.range())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_that_cannot_be_used_are_refused_with_a_reason() {
        for (pattern, reason) in [
            ("(a", "unclosed group"),
            (r"(a)\1", "backreferences are not supported"),
            ("(?=a)", "look-around"),
            ("(((a{100}){100}){100})", "too large"),
            ("a*", "empty text"),
            (&"a".repeat(513), "512 characters"),
        ] {
            let refusal = check_pattern(pattern).unwrap_err();
            assert!(refusal.contains(reason), "{pattern}: {refusal}");
        }
        assert_eq!(check_pattern(&"ä".repeat(512)), Ok(()));
        assert_eq!(check_pattern(r"(?i)project\s+\w{1,40}"), Ok(()));
    }

    #[test]
    fn a_faulty_pattern_leaves_the_others_with_their_numbers() {
        let mut faults = Vec::new();
        let block = ["one".to_owned(), "(".to_owned(), "two".to_owned()];
        let patterns = Patterns::compile(&block, &[], |field, _| faults.push(field));
        let mut found = Vec::new();
        patterns.blocked("two one", |rule, span| found.push((rule.to_owned(), span)));
        assert_eq!(faults, ["patterns.block.1"]);
        assert_eq!(found, [("pattern_0".to_owned(), 4..7), ("pattern_2".to_owned(), 0..3)]);
    }
}
