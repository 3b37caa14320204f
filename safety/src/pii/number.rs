//! A number as people write it: digits in groups.

use std::ops::Range;

use crate::scan::work;

/// Digits that are read; a longer number is none of ours.
const MAX_DIGITS: usize = 20;
const MAX_GROUPS: usize = 8;

/// Digits with blanks, dashes, dots, slashes or brackets between them.
#[derive(Debug)]
pub(super) struct Number {
    /// From the first digit to behind the last.
    pub(super) span: Range<usize>,
    digits: [u8; MAX_DIGITS],
    length: usize,
    groups: [u8; MAX_GROUPS],
    group_count: usize,
    /// What stands between the groups, if it is always the same single character; 0 if nothing does.
    pub(super) separator: Option<u8>,
    is_too_long: bool,
}

impl Number {
    /// Reads the number that begins with the digit at `start`.
    pub(super) fn read(text: &str, start: usize) -> Self {
        let bytes = text.as_bytes();
        let mut number = Self {
            span: start..start,
            digits: [0; MAX_DIGITS],
            length: 0,
            groups: [0; MAX_GROUPS],
            group_count: 0,
            separator: Some(0),
            is_too_long: false,
        };
        let mut at = start;
        loop {
            let group = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            number.push(&bytes[at..at + work::reads(group)]);
            at += group;
            number.span.end = at;
            let between = between(&bytes[at..]);
            if between == 0 {
                return number;
            }
            number.note_separator(&bytes[at..at + between]);
            at += between;
        }
    }

    fn push(&mut self, group: &[u8]) {
        if self.group_count == MAX_GROUPS || self.length + group.len() > MAX_DIGITS {
            self.is_too_long = true;
            return;
        }
        for byte in group {
            self.digits[self.length] = byte - b'0';
            self.length += 1;
        }
        self.groups[self.group_count] = group.len() as u8;
        self.group_count += 1;
    }

    fn note_separator(&mut self, between: &[u8]) {
        let is_same = between.len() == 1 && (self.group_count == 1 || self.separator == Some(between[0]));
        self.separator = is_same.then(|| between[0]);
    }

    pub(super) fn digits(&self) -> &[u8] {
        if self.is_too_long { &[] } else { &self.digits[..self.length] }
    }

    /// Lengths of the groups.
    pub(super) fn groups(&self) -> &[u8] {
        &self.groups[..self.group_count]
    }

    pub(super) fn is_unbroken(&self) -> bool {
        self.group_count == 1
    }

    /// Whether no letter and no other digit touches the number.
    pub(super) fn is_apart(&self, text: &str) -> bool {
        let bytes = text.as_bytes();
        let before = self.span.start.checked_sub(1).map(|at| bytes[at]);
        let after = bytes.get(self.span.end);
        let is_letter = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'$' | b'#' | b'%');
        let extends = after == Some(&b'x') || after == Some(&b'X');
        let is_decimal =
            before == Some(b'.') && self.span.start >= 2 && bytes[self.span.start - 2].is_ascii_digit();
        !before.is_some_and(|byte| is_letter(byte) && byte != b'#')
            && !is_decimal
            && (extends || !after.is_some_and(|&byte| is_letter(byte)))
    }
}

/// Bytes between a group and the next, if what stands there is no more than a separator.
fn between(bytes: &[u8]) -> usize {
    let is_separator = |byte: u8| matches!(byte, b' ' | b'-' | b'.' | b'/' | b'(' | b')');
    let length = bytes.iter().take(4).take_while(|&&byte| is_separator(byte)).count();
    let is_digit = bytes.get(length).is_some_and(u8::is_ascii_digit);
    // Two blanks or a sentence's end separate numbers, not groups.
    let is_wide =
        bytes[..length].windows(2).any(|pair| matches!(pair, b"  " | b". " | b"--" | b".." | b"//" | b"- "));
    if is_digit && !is_wide && length < 4 { length } else { 0 }
}

/// ISO/IEC 7812-1 annex B.
pub(super) fn luhn(digits: &[u8]) -> bool {
    let each = digits.iter().rev().enumerate();
    let sum: u32 = each
        .map(|(at, &digit)| match (at % 2, digit) {
            (0, digit) => u32::from(digit),
            (_, digit) if digit > 4 => u32::from(digit) * 2 - 9,
            (_, digit) => u32::from(digit) * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_read_as_they_are_written() {
        let number = Number::read("call (212) 555-0147 x12", 6);
        assert_eq!(number.span, 6..19);
        assert_eq!(number.groups(), [3, 3, 4]);
        assert_eq!(number.digits(), [2, 1, 2, 5, 5, 5, 0, 1, 4, 7]);
        assert_eq!(number.separator, None);
        assert_eq!(Number::read("1-2-3. 4", 0).span, 0..5);
        assert_eq!(Number::read("4111 1111 1111 1111", 0).separator, Some(b' '));
        assert!(Number::read(&"1".repeat(500), 0).digits().is_empty());
    }

    #[test]
    fn luhn_knows_a_typo() {
        assert!(luhn(&[4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]));
        assert!(!luhn(&[4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2]));
    }
}
