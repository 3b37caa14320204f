//! One automaton for all detectors that look where a telling piece of text stands.

use std::{ops::Range, sync::LazyLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::MAX_FINDINGS;
use crate::{
    command_injection, exfiltration,
    finding::{Finding, Kind, Kinds, Surface},
    path_traversal, ssrf,
};

/// What a detector sees.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'a> {
    pub(crate) text: &'a str,
    /// The name that the text goes by in a JSON object.
    pub(crate) key: Option<&'a str>,
    pub(crate) surface: Surface,
}

impl<'a> Text<'a> {
    /// The bytes before `at`, at most so many.
    pub(crate) fn before(&self, at: usize, most: usize) -> &'a [u8] {
        &self.text.as_bytes()[at.saturating_sub(most)..at]
    }

    /// The bytes from `at`, at most so many.
    pub(crate) fn from(&self, at: usize, most: usize) -> &'a [u8] {
        &self.text.as_bytes()[at..self.text.len().min(at + most)]
    }

    /// Whether the text goes by a name whose values are programs or documents: what is an attack in a file's name is
    /// the matter itself there.
    pub(crate) fn is_program(&self) -> bool {
        const NAMES: [&str; 22] = [
            "command",
            "cmd",
            "script",
            "code",
            "shell",
            "bash",
            "content",
            "contents",
            "body",
            "text",
            "message",
            "patch",
            "diff",
            "source",
            "query",
            "sql",
            "statement",
            "markdown",
            "html",
            "prompt",
            "description",
            "file_text",
        ];
        let is_one = |key: &str| {
            let word = key.rsplit(['_', '-', '.', ' ']).next().unwrap_or(key);
            NAMES.iter().any(|name| word.eq_ignore_ascii_case(name) || key.eq_ignore_ascii_case(name))
        };
        self.key.is_some_and(is_one)
    }
}

/// Looks at a mark. The number is how far the same detector has read before: a piece of text is read once.
pub(crate) type Look = fn(&Text<'_>, Range<usize>, &mut usize) -> Option<Finding>;

struct Marks {
    automaton: AhoCorasick,
    looks: Vec<(Kind, Look)>,
}

const DETECTORS: [(Kind, &[(&str, Look)]); 5] = [
    (Kind::CommandInjection, command_injection::CHAINED),
    (Kind::CommandInjection, command_injection::MARKS),
    (Kind::PathTraversal, path_traversal::MARKS),
    (Kind::Ssrf, ssrf::MARKS),
    (Kind::Exfiltration, exfiltration::MARKS),
];

/// For arguments, short and long, and for what servers say: only the last is no attack on a server by its caller.
static SHORT_ARGUMENTS: LazyLock<Marks> = LazyLock::new(|| Marks::new(&DETECTORS));
static ARGUMENTS: LazyLock<Marks> = LazyLock::new(|| Marks::new(&DETECTORS[1..]));
static ANSWERS: LazyLock<Marks> = LazyLock::new(|| Marks::new(&DETECTORS[4..]));

impl Marks {
    fn new(detectors: &[(Kind, &[(&str, Look)])]) -> Self {
        let each = detectors
            .iter()
            .flat_map(|(kind, marks)| marks.iter().map(|(word, look)| (*word, (*kind, *look))));
        let (words, looks): (Vec<&str>, Vec<_>) = each.unzip();
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(words);
        Self { automaton: automaton.expect("words of our own make an automaton"), looks }
    }
}

pub(super) fn find(text: Text<'_>, kinds: Kinds, findings: &mut Vec<Finding>) {
    if !kinds.intersects(&DETECTORS.map(|(kind, _)| kind)) {
        return;
    }
    let is_short = text.text.len() <= command_injection::MAX_CHAINED;
    let Marks { automaton, looks } = match text.surface {
        Surface::Arguments if is_short => &*SHORT_ARGUMENTS,
        Surface::Arguments => &*ARGUMENTS,
        _ => &*ANSWERS,
    };
    let mut read_to = [0; Kind::ALL.len()];
    let from = findings.len();
    for found in automaton.find_overlapping_iter(text.text) {
        let (kind, look) = looks[found.pattern()];
        let read_to = &mut read_to[kind as usize];
        if !kinds.contains(kind) || found.start() < *read_to {
            continue;
        }
        if findings.len() - from >= MAX_FINDINGS {
            return;
        }
        if let Some(finding) = look(&text, found.range(), read_to) {
            *read_to = (*read_to).max(finding.span.end);
            findings.push(finding);
        }
    }
}
