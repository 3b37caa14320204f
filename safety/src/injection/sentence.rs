//! Cuts a text into sentences: what one instruction fits into. A sentence ends where prose ends one, where a line ends,
//! and where a JSON string ends, so that a field of a document stands alone.

use std::ops::Range;

/// Shorter pieces join what follows them.
const SHORTEST: usize = 12;
/// Longer ones are cut, at a space where there is one.
const LONGEST: usize = 320;

/// The sentences of `text`, without gaps, in order.
pub(crate) fn sentences(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from;
        if start >= text.len() {
            return None;
        }
        from = end_of_sentence(text, start);
        Some(start..from)
    })
}

fn end_of_sentence(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let limit = bytes.len().min(start + LONGEST);
    for from in (start..limit).step_by(8) {
        let mut stops = match bytes[from..limit].first_chunk::<8>() {
            Some(eight) => stops(eight),
            None => stops(&bytes[from..limit]),
        };
        while stops != 0 {
            let at = from + stops.trailing_zeros() as usize;
            stops &= stops - 1;
            let end = at + stop(&bytes[at..]);
            let is_token = token(&bytes[..at], bytes[at], bytes.get(at + 1).copied());
            if end > at && end - start >= SHORTEST && !is_token {
                return swallow(text, end);
            }
        }
    }
    if limit == bytes.len() {
        return limit;
    }
    if let Some(space) = bytes[start + LONGEST / 2..limit].iter().rposition(|&byte| byte == b' ') {
        return start + LONGEST / 2 + space + 1;
    }
    (limit..=bytes.len()).find(|&end| text.is_char_boundary(end)).unwrap_or(bytes.len())
}

/// Which of eight bytes may end a sentence, a bit each.
#[inline(always)]
fn stops(eight: &[u8]) -> u8 {
    eight.iter().rev().fold(0, |stops, &byte| stops << 1 | STOPS[byte as usize])
}

/// Whether a mark belongs to a token of a chat's frame, `<|im_start|>`, and ends nothing.
fn token(before: &[u8], byte: u8, next: Option<u8>) -> bool {
    match byte {
        b'|' => before.last() == Some(&b'<') || next == Some(b'>'),
        b'>' => before.last() == Some(&b'|'),
        _ => false,
    }
}

/// 1 for each byte that may end a sentence.
const STOPS: [u8; 256] = {
    let mut stops = [0; 256];
    let mut at = 0;
    while at < STOP_BYTES.len() {
        stops[STOP_BYTES[at] as usize] = 1;
        at += 1;
    }
    stops
};
const STOP_BYTES: &[u8] = b".!?\n\"'|>\\;\xE3\xEF";

/// How many bytes the end of a sentence takes that begins here; 0 if none does.
fn stop(rest: &[u8]) -> usize {
    let next = rest.get(1).copied().unwrap_or(b' ');
    match rest[0] {
        b'\n' | b'|' => 1,
        b'.' | b'!' | b'?' | b';' if next.is_ascii_whitespace() => 2.min(rest.len()),
        b'.' | b'!' | b'?' if next == b'"' || next == b'\'' || next == b'<' || next == b'\\' => 1,
        b'"' | b'\'' if matches!(next, b',' | b':' | b'}' | b']') => 2.min(rest.len()),
        b'>' if next.is_ascii_whitespace() || next.is_ascii_alphabetic() => 1,
        b'\\' if next == b'n' => 2,
        0xE3 if rest.starts_with("。".as_bytes()) => 3,
        0xEF if rest.starts_with("！".as_bytes()) || rest.starts_with("？".as_bytes()) => 3,
        _ => 0,
    }
}

/// Spaces and line ends that follow belong to the sentence before them.
fn swallow(text: &str, end: usize) -> usize {
    let bytes = text.as_bytes();
    let blank = bytes[end..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    end + blank
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        sentences(text).map(|range| &text[range]).collect()
    }

    #[test]
    fn prose_lines_and_fields_are_cut_where_they_end() {
        assert_eq!(
            cut("The first one ends. The second one too"),
            ["The first one ends. ", "The second one too"]
        );
        assert_eq!(cut(r#"{"description": "a short text", "b": "and here another"}"#).len(), 3);
        assert_eq!(cut("これは最初の文です。これは次の文です。").len(), 2);
    }

    #[test]
    fn a_text_without_an_end_is_cut_all_the_same() {
        assert!(cut(&"é".repeat(5000)).iter().all(|piece| piece.len() <= LONGEST + 4));
        assert!(cut(&"word ".repeat(5000)).iter().all(|piece| piece.len() <= LONGEST));
    }
}
