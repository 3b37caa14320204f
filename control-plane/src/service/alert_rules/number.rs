//! Figures of rules: numbers in JSON, decimals with six digits where they are kept and compared.

use rust_decimal::{Decimal, prelude::ToPrimitive};

use crate::rest::form::Faults;

/// Far beyond anything that is measured.
const LARGEST: f64 = 1e12;

pub(in crate::service) fn check(faults: &mut Faults, field: &str, number: f64) {
    faults.range(field, &number, -LARGEST..=LARGEST);
}

/// Of a number that was checked.
pub(in crate::service) fn decimal(number: f64) -> Decimal {
    Decimal::try_from(number).unwrap_or_default().round_dp(6)
}

pub(in crate::service) fn number(decimal: Decimal) -> f64 {
    decimal.to_f64().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_comes_back_as_it_was_given() {
        for given in [0.05, 0.1, 1.0, 2500.0, -3.25, 1e12, 0.000_001, 123_456.789] {
            assert_eq!(number(decimal(given)).to_string(), given.to_string());
        }
    }
}
