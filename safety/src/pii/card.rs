//! Payment cards (ISO/IEC 7812): a brand's first digits, its lengths, Luhn.

use super::{
    Datum,
    context::{Context, Topic},
    number::{Number, luhn},
};
use crate::finding::Severity::High;

pub(super) fn verify(number: &Number, context: Context) -> Option<Datum> {
    let digits = number.digits();
    if !(12..=19).contains(&digits.len()) || !is_grouped(number) || !luhn(digits) {
        return None;
    }
    let says_card = context.says(Topic::Card);
    let confidence = match brand(digits) {
        Brand::Known if says_card => 0.99,
        // Of sixteen digits that begin like a card every tenth passes Luhn: groups make it one.
        Brand::Known if number.is_unbroken() => 0.85,
        Brand::Known => 0.95,
        Brand::Rare if says_card => 0.9,
        Brand::Rare | Brand::None => return None,
    };
    Some(Datum { rule: "payment_card", severity: High, confidence, span: number.span.clone() })
}

enum Brand {
    Known,
    /// Lengths that other numbers have as well.
    Rare,
    None,
}

fn brand(digits: &[u8]) -> Brand {
    let first =
        |count: usize| digits[..count].iter().fold(0u32, |value, &digit| value * 10 + u32::from(digit));
    let (two, three, four) = (first(2), first(3), first(4));
    match digits.len() {
        16 if digits[0] == 4 => Brand::Known,
        16 if (51..=55).contains(&two) || (2221..=2720).contains(&four) => Brand::Known,
        16 if four == 6011 || two == 65 || (644..=649).contains(&three) || (3528..=3589).contains(&four) => {
            Brand::Known
        }
        15 if two == 34 || two == 37 => Brand::Known,
        14 if matches!(two, 36 | 38 | 39) || (300..=305).contains(&three) => Brand::Rare,
        15 if four == 1800 || four == 2131 => Brand::Rare,
        13 | 19 if digits[0] == 4 => Brand::Rare,
        16..=19 if matches!(two, 62 | 81 | 65) => Brand::Rare,
        12..=19 if two == 50 || (56..=69).contains(&two) => Brand::Rare,
        16 if two == 22 || two == 35 => Brand::Rare,
        _ => Brand::None,
    }
}

/// In one piece, in fours, or as American Express and Diners print it.
fn is_grouped(number: &Number) -> bool {
    let groups = number.groups();
    let is_separated = matches!(number.separator, Some(b' ' | b'-'));
    number.is_unbroken()
        || is_separated
            && (matches!(
                groups,
                [4, 6, 4 | 5] | [4, 4, 4, 1..=4] | [4, 4, 4, 4, 1..=3] | [6, 13] | [4, 4, 5]
            ))
}
