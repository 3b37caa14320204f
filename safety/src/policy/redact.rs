//! Takes findings out of a text and leaves all other bytes as they are.

use std::ops::Range;

use crate::finding::Kind;

/// `text` with a marker in place of each span. Spans that overlap or touch become one, named for the first.
pub(super) fn redact(text: &str, mut spans: Vec<(Range<usize>, Kind)>) -> String {
    spans.sort_by_key(|(span, _)| (span.start, std::cmp::Reverse(span.end)));
    let mut redacted = String::with_capacity(text.len());
    let mut copied = 0;
    let mut spans = spans.into_iter().peekable();
    while let Some((span, kind)) = spans.next() {
        let mut end = span.end;
        while let Some((next, _)) = spans.next_if(|(next, _)| next.start < end) {
            end = end.max(next.end);
        }
        redacted.push_str(&text[copied..span.start]);
        redacted.push_str("[REDACTED:");
        redacted.push_str(kind.as_str());
        redacted.push(']');
        copied = end;
    }
    redacted.push_str(&text[copied..]);
    redacted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_spans_leave_one_marker() {
        let spans = vec![(6..9, Kind::Pii), (2..4, Kind::Secret), (3..7, Kind::Pii), (10..11, Kind::Pii)];
        assert_eq!(redact("0123456789ab", spans), "01[REDACTED:secret]9[REDACTED:pii]b");
        assert_eq!(redact("abc", Vec::new()), "abc");
    }
}
