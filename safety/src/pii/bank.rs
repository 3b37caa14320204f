//! International bank account numbers (ISO 13616): a country's length, mod 97.

use super::Datum;
use crate::{finding::Severity::High, scan::work};

/// Countries and the characters of their numbers.
const LENGTHS: [(&[u8; 2], usize); 78] = [
    (b"AD", 24),
    (b"AE", 23),
    (b"AL", 28),
    (b"AT", 20),
    (b"AZ", 28),
    (b"BA", 20),
    (b"BE", 16),
    (b"BG", 22),
    (b"BH", 22),
    (b"BR", 29),
    (b"BY", 28),
    (b"CH", 21),
    (b"CR", 22),
    (b"CY", 28),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DK", 18),
    (b"DO", 28),
    (b"EE", 20),
    (b"EG", 29),
    (b"ES", 24),
    (b"FI", 18),
    (b"FO", 18),
    (b"FR", 27),
    (b"GB", 22),
    (b"GE", 22),
    (b"GI", 23),
    (b"GL", 18),
    (b"GR", 27),
    (b"GT", 28),
    (b"HR", 21),
    (b"HU", 28),
    (b"IE", 22),
    (b"IL", 23),
    (b"IQ", 23),
    (b"IS", 26),
    (b"IT", 27),
    (b"JO", 30),
    (b"KW", 30),
    (b"KZ", 20),
    (b"LB", 28),
    (b"LC", 32),
    (b"LI", 21),
    (b"LT", 20),
    (b"LU", 20),
    (b"LV", 21),
    (b"LY", 25),
    (b"MC", 27),
    (b"MD", 24),
    (b"ME", 22),
    (b"MK", 19),
    (b"MR", 27),
    (b"MT", 31),
    (b"MU", 30),
    (b"NL", 18),
    (b"NO", 15),
    (b"PK", 24),
    (b"PL", 28),
    (b"PS", 29),
    (b"PT", 25),
    (b"QA", 29),
    (b"RO", 24),
    (b"RS", 22),
    (b"SA", 24),
    (b"SC", 31),
    (b"SD", 18),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
    (b"SM", 27),
    (b"ST", 25),
    (b"SV", 28),
    (b"TL", 23),
    (b"TN", 24),
    (b"TR", 26),
    (b"UA", 29),
    (b"VA", 22),
    (b"XK", 20),
];

/// The account whose check digits begin at `digit`.
pub(super) fn iban(text: &str, digit: usize) -> Option<Datum> {
    let bytes = text.as_bytes();
    let start = digit.checked_sub(2)?;
    let country = [bytes[start].to_ascii_uppercase(), bytes[start + 1].to_ascii_uppercase()];
    let starts_word = start == 0 || !bytes[start - 1].is_ascii_alphanumeric();
    if !starts_word || !bytes.get(digit + 1).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let (_, length) = LENGTHS.iter().find(|(code, _)| **code == country)?;
    let mut at = start;
    let (mut count, mut rest, mut head) = (0, 0u32, [0u32; 4]);
    while count < *length {
        let byte = *bytes.get(at)?;
        at += work::reads(1);
        let value = match byte {
            b'0'..=b'9' => u32::from(byte - b'0'),
            b'A'..=b'Z' => u32::from(byte - b'A') + 10,
            b'a'..=b'z' => u32::from(byte - b'a') + 10,
            b' ' | b'-' if count > 0 && count % 4 == 0 && bytes[at - 2] != byte => continue,
            _ => return None,
        };
        match head.get_mut(count) {
            Some(held) => *held = value,
            None => rest = append(rest, value),
        }
        count += 1;
    }
    let sum = head.into_iter().fold(rest, append);
    let ends_word = bytes.get(at).is_none_or(|byte| !byte.is_ascii_alphanumeric());
    (sum == 1 && ends_word).then_some(Datum {
        rule: "iban",
        severity: High,
        confidence: 0.97,
        span: start..at,
    })
}

/// Writes a digit, or a letter as two digits, behind a number mod 97.
fn append(rest: u32, value: u32) -> u32 {
    (rest * if value > 9 { 100 } else { 10 } + value) % 97
}
