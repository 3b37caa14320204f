//! National ids, by the checks of those who issue them.

use super::{
    Datum,
    context::{Context, Topic},
    number::{Number, luhn},
};
use crate::finding::Severity::{self, High, Medium};

fn datum(rule: &'static str, severity: Severity, confidence: f32, start: usize, end: usize) -> Option<Datum> {
    Some(Datum { rule, severity, confidence, span: start..end })
}

/// Ids of digits alone.
pub(super) fn verify(number: &Number, context: Context) -> Option<Datum> {
    ssn(number, context)
        .or_else(|| cpf(number, context))
        .or_else(|| sin(number, context))
        .or_else(|| bsn(number, context))
        .or_else(|| aadhaar(number, context))
        .or_else(|| nir(number, context))
}

/// Ids with letters; `digit` is the first digit.
pub(super) fn lettered(text: &str, digit: usize) -> Option<Datum> {
    let letters =
        text.as_bytes()[..digit].iter().rev().take(8).take_while(|byte| byte.is_ascii_alphabetic()).count();
    let start = digit - letters.min(digit);
    if letters == 0 && digit >= 3 && text.as_bytes()[digit - 1] == b' ' {
        let is_apart = digit == 3 || !text.as_bytes()[digit - 4].is_ascii_alphanumeric();
        if let Some(datum) = is_apart.then(|| nino(text, digit - 3)).flatten() {
            return Some(datum);
        }
    }
    match letters {
        0 => dni(text, start),
        1 => nie(text, start),
        2 => nino(text, start),
        6 => codice_fiscale(text, start),
        _ => None,
    }
}

/// United States: never 000, 666 or 9xx, no group of zeros (SSA, "Social Security Number Randomization").
fn ssn(number: &Number, context: Context) -> Option<Datum> {
    let digits = number.digits();
    if digits.len() != 9 {
        return None;
    }
    let area = &digits[..3];
    let is_issued = area != [0, 0, 0]
        && area != [6, 6, 6]
        && area[0] != 9
        && digits[3..5] != [0, 0]
        && digits[5..] != [0; 4];
    let is_grouped = number.groups() == [3, 2, 4] && matches!(number.separator, Some(b'-' | b' '));
    let confidence = match (context.says(Topic::Ssn), is_grouped) {
        (true, _) => 0.95,
        (false, true) if number.separator == Some(b'-') => 0.8,
        _ => return None,
    };
    is_issued.then_some(())?;
    datum("us_ssn", High, confidence, number.span.start, number.span.end)
}

/// Brazil: two check digits mod 11.
fn cpf(number: &Number, context: Context) -> Option<Datum> {
    let digits = number.digits();
    if digits.len() != 11 || digits.iter().all(|digit| *digit == digits[0]) {
        return None;
    }
    let check = |count: usize| {
        let weighed =
            digits[..count].iter().enumerate().map(|(at, &digit)| u32::from(digit) * (count + 1 - at) as u32);
        (weighed.sum::<u32>() * 10 % 11 % 10) as u8
    };
    let is_grouped = number.groups() == [3, 3, 3, 2];
    let is_told = is_grouped || context.says(Topic::Cpf);
    (is_told && check(9) == digits[9] && check(10) == digits[10]).then_some(())?;
    datum("br_cpf", High, 0.95, number.span.start, number.span.end)
}

const DNI_LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";

/// Spain: eight digits and the letter of their remainder by 23.
fn dni(text: &str, start: usize) -> Option<Datum> {
    let bytes = text.as_bytes();
    let digits = bytes.get(start..start + 8).filter(|digits| digits.iter().all(u8::is_ascii_digit))?;
    if !begins(bytes, start) {
        return None;
    }
    datum("es_dni", High, 0.8, start, remainder_letter(bytes, value(digits), start + 8)?)
}

/// The end of an id whose letter, behind an optional dash, stands at `at`.
fn remainder_letter(bytes: &[u8], value: u32, at: usize) -> Option<usize> {
    let at = at + usize::from(bytes.get(at) == Some(&b'-'));
    let letter = *bytes.get(at)?;
    let ends = bytes.get(at + 1).is_none_or(|byte| !byte.is_ascii_alphanumeric());
    (ends && letter == DNI_LETTERS[(value % 23) as usize]).then_some(at + 1)
}

fn value(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |value, digit| value * 10 + u32::from(digit - b'0'))
}

/// Spain, foreigners: X, Y or Z stands for the first digit.
fn nie(text: &str, start: usize) -> Option<Datum> {
    let bytes = text.as_bytes();
    let first = match bytes[start] {
        b'X' => 0,
        b'Y' => 1,
        b'Z' => 2,
        _ => return None,
    };
    let from = start + 1 + usize::from(bytes.get(start + 1) == Some(&b'-'));
    let digits = bytes.get(from..from + 7)?;
    if !begins(bytes, start) || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value = first * 10_000_000 + value(digits);
    datum("es_nie", High, 0.9, start, remainder_letter(bytes, value, from + 7)?)
}

/// Canada: nine digits, Luhn.
fn sin(number: &Number, context: Context) -> Option<Datum> {
    let digits = number.digits();
    let is_sin = digits.len() == 9 && context.says(Topic::Sin) && digits[0] != 0 && luhn(digits);
    is_sin.then_some(())?;
    datum("ca_sin", High, 0.9, number.span.start, number.span.end)
}

/// Netherlands: the test of eleven.
fn bsn(number: &Number, context: Context) -> Option<Datum> {
    let digits = number.digits();
    if digits.len() != 9 || !context.says(Topic::Bsn) {
        return None;
    }
    let weighed = digits[..8].iter().enumerate().map(|(at, &digit)| i32::from(digit) * (9 - at as i32));
    ((weighed.sum::<i32>() - i32::from(digits[8])) % 11 == 0).then_some(())?;
    datum("nl_bsn", High, 0.9, number.span.start, number.span.end)
}

/// India: twelve digits, Verhoeff; never begins with 0 or 1.
fn aadhaar(number: &Number, context: Context) -> Option<Datum> {
    let digits = number.digits();
    let is_told =
        context.says(Topic::Aadhaar) || number.groups() == [4, 4, 4] && number.separator == Some(b' ');
    let is_aadhaar = digits.len() == 12 && digits[0] > 1 && is_told && verhoeff(digits);
    is_aadhaar.then_some(())?;
    let confidence = if context.says(Topic::Aadhaar) { 0.95 } else { 0.75 };
    datum("in_aadhaar", High, confidence, number.span.start, number.span.end)
}

/// The dihedral group D5: its product, and the permutation by position.
fn verhoeff(digits: &[u8]) -> bool {
    const ORDER: [[u8; 10]; 2] = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]];
    let product = |a: u8, b: u8| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => (a + b - 5) % 5 + 5,
        (false, true) => (a - 5 + 5 - b) % 5 + 5,
        (false, false) => (a + 5 - b) % 5,
    };
    let permuted =
        |digit: u8, times: usize| (0..times % 8).fold(digit, |digit, _| ORDER[1][usize::from(digit)]);
    let each = digits.iter().rev().enumerate();
    each.fold(0, |sum, (at, &digit)| product(sum, permuted(digit, at))) == 0
}

/// France: thirteen digits and 97 less their remainder.
fn nir(number: &Number, context: Context) -> Option<Datum> {
    let digits = number.digits();
    if digits.len() != 15 || !matches!(digits[0], 1 | 2) {
        return None;
    }
    let value = |digits: &[u8]| digits.iter().fold(0u64, |value, &digit| value * 10 + u64::from(digit));
    let month = value(&digits[3..5]);
    let is_grouped = number.groups().len() >= 6;
    let is_told = is_grouped || context.says(Topic::Nir);
    let is_nir = (1..=12).contains(&month) && 97 - value(&digits[..13]) % 97 == value(&digits[13..]);
    (is_told && is_nir).then_some(())?;
    datum("fr_nir", High, 0.95, number.span.start, number.span.end)
}

/// United Kingdom: two letters that are given out, six digits, A to D.
fn nino(text: &str, start: usize) -> Option<Datum> {
    let bytes = text.as_bytes();
    let (first, second) = (bytes[start], bytes[start + 1]);
    let is_given = first.is_ascii_uppercase()
        && second.is_ascii_uppercase()
        && !b"DFIQUV".contains(&first)
        && !b"DFIOQUV".contains(&second)
        && !matches!(&[first, second], b"BG" | b"GB" | b"KN" | b"NK" | b"NT" | b"TN" | b"ZZ");
    if !is_given || !begins(bytes, start) {
        return None;
    }
    let mut at = start + 2;
    for count in 0..6 {
        at += usize::from(count % 2 == 0 && bytes.get(at) == Some(&b' '));
        bytes.get(at).filter(|byte| byte.is_ascii_digit())?;
        at += 1;
    }
    at += usize::from(bytes.get(at) == Some(&b' '));
    let ends = bytes.get(at + 1).is_none_or(|byte| !byte.is_ascii_alphanumeric());
    (ends && matches!(bytes.get(at), Some(b'A'..=b'D'))).then_some(())?;
    datum("uk_nino", High, 0.85, start, at + 1)
}

/// Italy: six letters, eight of date and place, a check letter.
fn codice_fiscale(text: &str, start: usize) -> Option<Datum> {
    const ODD: [u8; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let bytes = text.as_bytes();
    let code = bytes.get(start..start + 16)?;
    let ends = bytes.get(start + 16).is_none_or(|byte| !byte.is_ascii_alphanumeric());
    let shape = code.iter().enumerate().all(|(at, byte)| match at {
        0..=5 | 8 | 11 | 15 => byte.is_ascii_alphabetic(),
        _ => byte.is_ascii_alphanumeric(),
    });
    if !shape || !ends || !begins(bytes, start) {
        return None;
    }
    let rank = |byte: u8| if byte.is_ascii_digit() { byte - b'0' } else { byte.to_ascii_uppercase() - b'A' };
    let sum: u32 = (code[..15].iter().enumerate())
        .map(|(at, &byte)| u32::from(if at % 2 == 0 { ODD[usize::from(rank(byte))] } else { rank(byte) }))
        .sum();
    (sum % 26 == u32::from(rank(code[15]))).then_some(())?;
    datum("it_codice_fiscale", Medium, 0.97, start, start + 16)
}

fn begins(bytes: &[u8], start: usize) -> bool {
    start == 0 || !bytes[start - 1].is_ascii_alphanumeric()
}
