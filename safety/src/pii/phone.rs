//! Phone numbers: written internationally (E.164), as North America writes them, or said to be one.

use std::ops::Range;

use super::{
    Datum,
    context::{Context, Topic},
    number::Number,
};
use crate::finding::Severity::Low;

pub(super) fn verify(text: &str, number: &Number, context: Context) -> Option<Datum> {
    let digits = number.digits();
    if !(7..=15).contains(&digits.len()) || is_date(number) || is_address(number) || is_same(digits) {
        return None;
    }
    let says_phone = context.says(Topic::Phone);
    let (span, is_international) = whole(text, &number.span);
    let confidence = if is_international && digits.len() >= 8 {
        0.9
    } else if says_phone && is_dialled(number) {
        0.85
    } else if is_north_american(text, number) && !context.says(Topic::Other) {
        0.75
    } else {
        return None;
    };
    Some(Datum { rule: "phone", severity: Low, confidence, span })
}

/// With the `+` or bracket before the first digit, and the extension behind the last.
fn whole(text: &str, span: &Range<usize>) -> (Range<usize>, bool) {
    let bytes = text.as_bytes();
    let mut start = span.start;
    if start > 0 && bytes[start - 1] == b'(' {
        start -= 1;
    }
    let has_plus = start > 0 && bytes[start - 1] == b'+';
    start -= usize::from(has_plus);
    let rest = &bytes[span.end..];
    let mark = [" ext. ", " ext ", " x", "x"].iter().find(|mark| rest.starts_with(mark.as_bytes()));
    let end = mark.map_or(span.end, |mark| {
        let from = span.end + mark.len();
        let digits = bytes[from..].iter().take(7).take_while(|byte| byte.is_ascii_digit()).count();
        if (1..=6).contains(&digits) { from + digits } else { span.end }
    });
    (start..end, has_plus)
}

/// A number that a word calls a phone number: no amount, no range, no version.
fn is_dialled(number: &Number) -> bool {
    let longest = number.groups().iter().copied().max().unwrap_or(0);
    let is_dotted = number.separator == Some(b'.');
    (longest >= 3 || number.groups().len() >= 4) && !(is_dotted && number.groups().len() == 2)
}

/// Three, three, four: area and exchange never begin with 0 or 1.
fn is_north_american(text: &str, number: &Number) -> bool {
    let digits = number.digits();
    let (digits, groups) = match (digits.first(), number.groups()) {
        (Some(1), [1, groups @ ..]) => (&digits[1..], groups),
        (_, groups) => (digits, groups),
    };
    let is_good = digits.len() == 10 && digits[0] >= 2 && digits[3] >= 2;
    let has_bracket = number.span.start > 0 && text.as_bytes()[number.span.start - 1] == b'(';
    let is_separated =
        has_bracket || matches!(number.separator, Some(b'-' | b'.')) || number.separator.is_none();
    is_good && groups == [3, 3, 4] && is_separated
}

/// Year, month and day in either order, perhaps with a time behind.
fn is_date(number: &Number) -> bool {
    let digits = number.digits();
    match number.groups() {
        [1 | 2, 1 | 2, 4] => is_year(&digits[digits.len() - 4..]),
        [4, ..] | [8] => is_year(digits),
        _ => false,
    }
}

fn is_year(digits: &[u8]) -> bool {
    matches!(digits, [1, 9, ..] | [2, 0, 0..=3, ..])
}

/// An IPv4 address.
fn is_address(number: &Number) -> bool {
    number.separator == Some(b'.')
        && number.groups().len() == 4
        && number.groups().iter().all(|&group| group <= 3)
}

fn is_same(digits: &[u8]) -> bool {
    digits.iter().all(|digit| *digit == digits[0])
}
