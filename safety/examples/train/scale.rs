//! Turns margins into confidences: how many good texts of a surface score higher than this.

use gatewayops_safety::injection::model::{KNOTS, SURFACES};

use super::{Blind, records::Record};

/// What `CONFIDENCE` promises, from its first point to its last.
const RATES: [f64; KNOTS] = [0.3, 0.1, 0.006, 0.0008, 0.0002, 0.00001];
/// Above this share there are too few texts to count; the scores' tail falls exponentially and is continued.
const TAIL: f64 = 0.02;

pub(crate) fn of(records: &[Record], blind: &[Blind]) -> [[f32; KNOTS]; SURFACES] {
    std::array::from_fn(|surface| {
        let good = records
            .iter()
            .zip(blind)
            .filter(|(record, _)| !record.attack && record.surface as usize == surface);
        let mut good: Vec<f64> = good.map(|(_, blind)| f64::from(margin(blind))).collect();
        good.sort_unstable_by(|a, b| b.total_cmp(a));
        let at = |rate: f64| good[(rate * good.len() as f64) as usize];
        let tail = (TAIL * good.len() as f64) as usize;
        let excess = good[..tail].iter().map(|margin| margin - good[tail]).sum::<f64>() / tail as f64;
        let mut knots =
            RATES.map(|rate| if rate > TAIL { at(rate) } else { good[tail] + excess * (TAIL / rate).ln() });
        for at in 1..KNOTS {
            knots[at] = knots[at].max(knots[at - 1] + 1e-3);
        }
        knots.map(|knot| knot as f32)
    })
}

/// The model's own, whatever the families say.
fn margin(blind: &Blind) -> f32 {
    let own = blind.opinions.iter().filter(|opinion| opinion.matched.is_none());
    own.map(|opinion| opinion.margin).fold(f32::MIN, f32::max)
}
