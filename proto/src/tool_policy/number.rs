//! Whether two JSON numbers are the same one, however they are written.

use super::rule::Truth;

/// Not clear where they differ, but become the same floating-point number, as which most tools read them.
pub(super) fn equal(one: &str, other: &str) -> Truth {
    if one == other || Decimal::read(one).is(&Decimal::read(other)) {
        return Truth::Yes;
    }
    match (one.parse::<f64>(), other.parse::<f64>()) {
        (Ok(one), Ok(other)) if one == other => Truth::Unclear,
        _ => Truth::No,
    }
}

struct Decimal<'a> {
    negative: bool,
    /// Before and after the point, without leading zeros.
    whole: &'a str,
    fraction: &'a str,
    /// Where the point is, counted from the first digit that is not zero.
    magnitude: i64,
}

impl<'a> Decimal<'a> {
    /// Of text that is a JSON number.
    fn read(text: &'a str) -> Self {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let exponent: i64 = exponent.parse().unwrap_or_else(|_| {
            // Beyond what anything can count.
            if exponent.starts_with('-') { i64::MIN / 2 } else { i64::MAX / 2 }
        });
        let negative = mantissa.starts_with('-');
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let whole = whole.trim_start_matches(['-', '0']);
        let (fraction, before) = match whole {
            "" => {
                let digits = fraction.trim_start_matches('0');
                (digits, -length(&fraction[..fraction.len() - digits.len()]))
            }
            _ => (fraction, length(whole)),
        };
        Self { negative, whole, fraction, magnitude: before.saturating_add(exponent) }
    }

    fn is(&self, other: &Self) -> bool {
        let (mut one, mut two) = (self.digits(), other.digits());
        let mut all_zero = true;
        loop {
            match (one.next(), two.next()) {
                (None, None) => break,
                (Some(b'0'), None) | (None, Some(b'0')) => {}
                (Some(a), Some(b)) if a == b => all_zero &= a == b'0',
                _ => return false,
            }
        }
        all_zero || (self.negative, self.magnitude) == (other.negative, other.magnitude)
    }

    fn digits(&self) -> impl Iterator<Item = u8> {
        self.whole.bytes().chain(self.fraction.bytes())
    }
}

fn length(digits: &str) -> i64 {
    i64::try_from(digits.len()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_the_same_however_they_are_written() {
        for (one, other) in [
            ("1", "1.0"),
            ("1", "10e-1"),
            ("100", "1E+2"),
            ("0", "-0.00e7"),
            ("0.001", "1e-3"),
            ("-12.50", "-1.25e1"),
            ("0.0120", "12e-3"),
        ] {
            assert_eq!(equal(one, other), Truth::Yes, "{one} {other}");
            assert_eq!(equal(other, one), Truth::Yes, "{other} {one}");
        }
        for (one, other) in
            [("1", "-1"), ("1", "10"), ("0.1", "0.01"), ("12", "1.2"), ("0", "1e-9"), ("10", "1")]
        {
            assert_eq!(equal(one, other), Truth::No, "{one} {other}");
        }
    }

    #[test]
    fn what_only_a_float_takes_for_the_same_is_not_clear() {
        for (one, other) in [
            ("9007199254740993", "9007199254740992"),
            ("100", "100.00000000000000001"),
            ("1e999999999999999999999", "1e400"),
        ] {
            assert_eq!(equal(one, other), Truth::Unclear, "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn moving_the_point_changes_nothing(number in -1_000_000_i64..1_000_000, by in 0_u32..9) {
            let moved = format!("{number}{}e-{by}", "0".repeat(by as usize));
            prop_assert_eq!(equal(&number.to_string(), &moved), Truth::Yes);
        }

        #[test]
        fn different_integers_are_different(one in any::<i32>(), other in any::<i32>()) {
            prop_assert_eq!(equal(&one.to_string(), &format!("{other}.0")), Truth::from(one == other));
        }
    }
}
