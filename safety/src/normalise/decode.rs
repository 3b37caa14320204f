//! Texts inside a text: base64 and hexadecimal digits. Only what turns out to be text counts.

use std::ops::Range;

use super::fold::{CLASS, PACK, PACKED};

/// At most this many are taken out of one text.
const MOST: usize = 32;

/// The texts that are packed in `text`, and where; `paired` if digits may stand in pairs.
pub(crate) fn packed(text: &str, paired: bool, budget: &mut usize) -> Vec<(Range<usize>, String)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() && found.len() < MOST && *budget > 0 {
        let run = if paired { run(bytes, at) } else { long_run(bytes, at) };
        if run.len() >= PACKED
            && let Some(inner) = unpack(&bytes[run.clone()], *budget)
        {
            *budget -= inner.len().min(*budget);
            found.push((run.clone(), inner));
        }
        at = run.end;
    }
    found
}

/// What begins at `at`: a run of digits of an encoding, of pairs of them, or another byte.
fn run(bytes: &[u8], at: usize) -> Range<usize> {
    let length = bytes[at..].iter().take_while(|&&byte| packs(byte)).count();
    match length {
        2 => at..at + pairs(&bytes[at..]).max(2),
        _ => at..at + length.max(1),
    }
}

/// The first run after `at` that is long enough, if the bytes up to where it would end have one; otherwise an empty one
/// behind them. Looks at one byte in [`PACKED`] where there is none.
fn long_run(bytes: &[u8], at: usize) -> Range<usize> {
    let last = at + PACKED - 1;
    if !bytes.get(last).is_some_and(|&byte| packs(byte)) {
        return (last + 1).min(bytes.len())..(last + 1).min(bytes.len());
    }
    let start = last - bytes[at..last].iter().rev().take_while(|&&byte| packs(byte)).count();
    start..last + bytes[last..].iter().take_while(|&&byte| packs(byte)).count()
}

fn packs(byte: u8) -> bool {
    CLASS[byte as usize] & PACK != 0
}

/// The length of a run of two hexadecimal digits and a blank at the start of `rest`.
fn pairs(rest: &[u8]) -> usize {
    let pair =
        |three: &&[u8]| three[0].is_ascii_hexdigit() && three[1].is_ascii_hexdigit() && three[2] == b' ';
    let whole = rest.chunks_exact(3).take_while(pair).count() * 3;
    let last = rest[whole..].iter().take(2).take_while(|byte| byte.is_ascii_hexdigit()).count();
    match (whole, last) {
        (..18, _) => 0,
        (_, 2) => whole + 2,
        _ => whole - 1,
    }
}

fn unpack(run: &[u8], budget: usize) -> Option<String> {
    let digits: Vec<u8> = run.iter().copied().filter(|&byte| byte != b' ').collect();
    let bytes = if digits.iter().all(u8::is_ascii_hexdigit) {
        hex(&digits, budget)?
    } else {
        base64(&digits, budget)?
    };
    let mut bytes = bytes;
    if let Err(error) = std::str::from_utf8(&bytes) {
        // Cut at the bound, or a last group that is not whole.
        (bytes.len() - error.valid_up_to() < 4).then(|| bytes.truncate(error.valid_up_to()))?;
    }
    let text = String::from_utf8(bytes).ok()?;
    readable(&text).then_some(text)
}

fn hex(digits: &[u8], budget: usize) -> Option<Vec<u8>> {
    let value = |digit: u8| char::from(digit).to_digit(16).map(|value| value as u8);
    digits.chunks_exact(2).take(budget).map(|pair| Some(value(pair[0])? << 4 | value(pair[1])?)).collect()
}

fn base64(digits: &[u8], budget: usize) -> Option<Vec<u8>> {
    let end = digits.iter().rposition(|&byte| byte != b'=')? + 1;
    let mut bytes = Vec::with_capacity(end.min(budget) * 3 / 4 + 3);
    for group in digits[..end].chunks(4).take(budget / 3) {
        let mut bits = 0;
        for &digit in group {
            bits = bits << 6 | value(digit)?;
        }
        bits <<= 6 * (4 - group.len());
        let whole = [(bits >> 16) as u8, (bits >> 8) as u8, bits as u8];
        // Most runs are no text, and show it soon.
        if group.len() > 1 && whole[0] < b'\t' {
            return None;
        }
        bytes.extend_from_slice(&whole[..group.len() - 1]);
    }
    Some(bytes)
}

fn value(digit: u8) -> Option<u32> {
    Some(u32::from(match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    }))
}

/// Letters for the most part, and no control characters.
fn readable(text: &str) -> bool {
    let (mut letters, mut all) = (0, 0);
    for char in text.chars() {
        if char.is_control() && !matches!(char, '\n' | '\r' | '\t') {
            return false;
        }
        all += 1;
        letters += usize::from(char.is_alphabetic() || char == ' ');
    }
    all >= 8 && letters * 10 >= all * 7
}
