//! Attacks that are split across the elements of an array: no element shows them, their neighbours together do.

use std::ops::Range;

use crate::{
    finding::{Finding, Kind, Kinds, Surface},
    injection,
    json::Piece,
    secret,
};

/// Bytes of all seams of one text.
const MAX_BYTES: usize = 16 << 10;
/// Series that are joined.
const MAX_SERIES: usize = 16;
/// Bytes of a string, at either end, that are joined to its neighbours.
const EDGE: usize = 256;
/// Shorter texts hold neither a secret nor an instruction.
const MIN_BYTES: usize = 16;
/// Stands for the middle of a long string, so that its two ends are not read as one.
const CUT: &str = "\n\n";

/// The strings of one text that may be continued in another.
#[derive(Debug, Default)]
pub(super) struct Seams<'a> {
    series: Vec<(u64, Vec<Piece<'a>>)>,
    bytes: usize,
}

impl<'a> Seams<'a> {
    pub(super) fn add(&mut self, piece: Piece<'a>) {
        if piece.series == 0 || piece.text.is_empty() || self.bytes >= MAX_BYTES {
            return;
        }
        let bytes = piece.text.len().min(2 * EDGE);
        match self.series.iter().position(|(series, _)| *series == piece.series) {
            Some(at) => self.series[at].1.push(piece),
            None if self.series.len() == MAX_SERIES => return,
            None => self.series.push((piece.series, vec![piece])),
        }
        self.bytes += bytes;
    }

    /// The seams to look at, with the kinds of findings that are to be looked for.
    pub(super) fn each(&self, kinds: Kinds, mut look: impl FnMut(&Seam<'_>, Kinds)) {
        let steering = kinds.only(&[Kind::PromptInjection, Kind::ToolPoisoning]);
        let secrets = kinds.only(&[Kind::Secret]);
        let mut join = |pieces: &[Piece<'_>], separator: &str, kinds: Kinds| {
            let length: usize = pieces.iter().map(|piece| piece.text.len()).sum();
            if pieces.len() > 1 && length >= MIN_BYTES && kinds != Kinds::default() {
                look(&Seam::new(pieces, separator), kinds);
            }
        };
        for (_, pieces) in &self.series {
            // A secret in two parts may have other words for neighbours.
            pieces.windows(2).filter(|_| pieces.len() > 2).for_each(|pair| join(pair, "", secrets));
            // As one word, and as most readers put strings together.
            join(pieces, "", steering.union(secrets));
            join(pieces, " ", steering);
        }
    }
}

/// The ends of strings, one after the other.
pub(super) struct Seam<'a> {
    pub(super) text: String,
    parts: Vec<Part<'a>>,
}

struct Part<'a> {
    at: Range<usize>,
    piece: &'a Piece<'a>,
    /// Where the part begins in the text of its piece.
    from: usize,
}

impl<'a> Seam<'a> {
    fn new(pieces: &'a [Piece<'a>], separator: &str) -> Self {
        let mut seam = Self { text: String::new(), parts: Vec::new() };
        for piece in pieces {
            let text = &piece.text;
            if text.len() <= 2 * EDGE {
                seam.push(piece, 0..text.len());
            } else {
                seam.push(piece, 0..text.floor_char_boundary(EDGE));
                seam.text.push_str(CUT);
                seam.push(piece, text.ceil_char_boundary(text.len() - EDGE)..text.len());
            }
            seam.text.push_str(separator);
        }
        seam
    }

    fn push(&mut self, piece: &'a Piece<'a>, span: Range<usize>) {
        let start = self.text.len();
        self.text.push_str(&piece.text[span.clone()]);
        self.parts.push(Part { at: start..self.text.len(), piece, from: span.start });
    }

    /// What stands across the border of two strings; what stands within one was found there.
    pub(super) fn scan(&self, surface: Surface, kinds: Kinds) -> Vec<Finding> {
        let mut findings = Vec::new();
        if kinds.contains(Kind::Secret) {
            secret::find(&self.text, &mut findings);
        }
        // Only families count here.
        if kinds.intersects(&[Kind::PromptInjection, Kind::ToolPoisoning]) && injection::may_match(&self.text)
        {
            injection::find(&self.text, surface, &mut findings);
        }
        findings.retain(|finding| is_sure_of_seams(finding) && self.crosses(&finding.span));
        findings
    }

    fn crosses(&self, span: &Range<usize>) -> bool {
        let mut pieces = self.touched(span).map(|part| part.piece.raw.start);
        let first = pieces.next();
        pieces.any(|piece| Some(piece) != first)
    }

    fn touched(&self, span: &Range<usize>) -> impl Iterator<Item = &Part<'a>> {
        let (start, end) = (span.start, span.end);
        self.parts.iter().filter(move |part| part.at.start < end && start < part.at.end)
    }

    /// The raw bytes of a span: a range in each string that it touches.
    pub(super) fn locate(&self, span: &Range<usize>) -> Vec<Range<usize>> {
        let each = self.touched(span).map(|part| {
            let start = span.start.max(part.at.start) - part.at.start + part.from;
            let end = span.end.min(part.at.end) - part.at.start + part.from;
            part.piece.locate(&(start..end))
        });
        each.collect()
    }
}

/// Strings that do not belong together look odd together: only rules that know what they see count here.
fn is_sure_of_seams(finding: &Finding) -> bool {
    match finding.kind {
        Kind::Secret => !matches!(&*finding.rule, "named_secret" | "password"),
        _ => finding.rule != "model",
    }
}
