//! What a call costs: exact decimals, six fraction digits, half to even (contract 1.1, 5.1).

use rust_decimal::{Decimal, RoundingStrategy};

/// Unit prices of one call, with up to twelve fraction digits.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Price {
    pub per_call: Decimal,
    pub per_input_token: Decimal,
    pub per_output_token: Decimal,
}

impl Price {
    /// The cost of one call in US dollars.
    #[must_use]
    pub fn cost(&self, input_tokens: u32, output_tokens: u32) -> Decimal {
        let exact = self.per_call
            + self.per_input_token * Decimal::from(input_tokens)
            + self.per_output_token * Decimal::from(output_tokens);
        six_digits(exact)
    }
}

/// The amount as it is written and stored: `0.001` becomes `0.001000`.
#[must_use]
pub fn six_digits(amount: Decimal) -> Decimal {
    let mut amount = amount.round_dp_with_strategy(6, RoundingStrategy::MidpointNearestEven);
    amount.rescale(6);
    amount
}

/// Tokens are estimated as UTF-8 bytes ÷ 4, rounded up, unless the upstream says better (contract 5.1).
#[must_use]
pub fn estimated_tokens(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(4)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_six_digits_and_round_half_to_even() {
        for (exact, written) in [("0.001", "0.001000"), ("0.0000005", "0.000000"), ("0.0000015", "0.000002")]
        {
            assert_eq!(six_digits(exact.parse().unwrap()).to_string(), written);
        }
    }

    #[test]
    fn a_call_costs_its_flat_price_and_its_tokens() {
        let price = Price {
            per_call: "0.001".parse().unwrap(),
            per_input_token: "0.000003".parse().unwrap(),
            per_output_token: "0.000015".parse().unwrap(),
        };
        assert_eq!(price.cost(100, 10).to_string(), "0.001450");
        assert_eq!(Price::default().cost(1, 1).to_string(), "0.000000");
    }

    #[test]
    fn four_bytes_make_a_token_rounded_up() {
        assert_eq!([0, 1, 4, 5].map(estimated_tokens), [0, 1, 1, 2]);
    }
}
