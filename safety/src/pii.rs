//! Data about people: mail addresses, phone numbers, payment cards, bank accounts, national ids.
//!
//! One pass stops at digits and at `@`; what stands there is verified by the checks its issuer gave it (Luhn, mod 97, check
//! letters). Numbers that nothing tells from others need a word that says what they are.

mod bank;
mod card;
mod context;
mod email;
mod national;
mod number;
mod phone;

use std::ops::Range;

use self::{context::Context, number::Number};
use crate::{
    finding::{Finding, Kind, Severity},
    scan,
};

/// A piece of somebody's data, on its way to become a finding.
#[derive(Debug)]
struct Datum {
    rule: &'static str,
    severity: Severity,
    confidence: f32,
    span: Range<usize>,
}

/// Bytes to stop at.
static STOPS: [bool; 256] = {
    let mut stops = [false; 256];
    let mut digit = b'0';
    while digit <= b'9' {
        stops[digit as usize] = true;
        digit += 1;
    }
    stops[b'@' as usize] = true;
    stops
};

/// Adds the personal data of a text; `name` is what the text goes by in a JSON object.
pub fn find(text: &str, name: Option<&str>, findings: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(skipped) = bytes[at..].iter().position(|&byte| STOPS[usize::from(byte)]) {
        if findings.len() >= scan::MAX_FINDINGS {
            return;
        }
        let stop = at + skipped;
        let (datum, read_to) = if bytes[stop] == b'@' {
            (email::verify(text, stop), stop + 1)
        } else {
            numeric(text, stop, name)
        };
        at = datum.as_ref().map_or(read_to, |datum| read_to.max(datum.span.end));
        findings.extend(datum.map(Datum::into_finding));
    }
}

/// What begins with the digit at `start`, or has it as its first digit; and how far was read.
fn numeric(text: &str, start: usize, name: Option<&str>) -> (Option<Datum>, usize) {
    if let Some(datum) = bank::iban(text, start).or_else(|| national::lettered(text, start)) {
        let end = datum.span.end;
        return (Some(datum), end);
    }
    let number = Number::read(text, start);
    let read_to = number.span.end;
    if !number.is_apart(text) || number.digits().len() < 7 {
        return (None, read_to);
    }
    let context = Context::of(text, &number.span, name);
    let datum = card::verify(&number, context)
        .or_else(|| national::verify(&number, context))
        .or_else(|| phone::verify(text, &number, context));
    (datum, read_to)
}

impl Datum {
    fn into_finding(self) -> Finding {
        Finding {
            kind: Kind::Pii,
            severity: self.severity,
            confidence: self.confidence,
            rule: self.rule.into(),
            span: self.span,
        }
    }
}

#[cfg(test)]
mod tests;
