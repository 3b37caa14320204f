//! Durations in 80 buckets (contract 5.4): histograms can be added, percentiles cannot.

use std::{collections::BTreeMap, sync::LazyLock};

pub(in crate::store) const BUCKETS: usize = 80;

/// Bucket i takes what is below the bound i; the last bucket takes the rest.
static BOUNDS: LazyLock<[f64; BUCKETS]> =
    LazyLock::new(|| std::array::from_fn(|bucket| 0.1 * 1.2_f64.powi(i32::try_from(bucket).unwrap_or(0))));

/// What a duration in each bucket is taken for.
static TYPICAL: LazyLock<[i32; BUCKETS]> = LazyLock::new(|| std::array::from_fn(typical_of));

pub(super) fn bucket(duration_ms: i32) -> usize {
    BOUNDS.partition_point(|bound| *bound <= f64::from(duration_ms)).min(BUCKETS - 1)
}

/// The whole milliseconds whose distance to both ends of the bucket is the same part of them: nothing is nearer to all
/// that can be in it.
#[expect(clippy::cast_possible_truncation, reason = "bounds are below 200 000")]
fn typical_of(bucket: usize) -> i32 {
    let first = bucket.checked_sub(1).map_or(0.0, |before| BOUNDS[before].ceil());
    let last = (BOUNDS[bucket].ceil() - 1.0).max(first);
    if last == 0.0 { 0 } else { (2.0 * first * last / (first + last)).round() as i32 }
}

/// How often each duration occurred.
#[derive(Clone, Debug, Default)]
pub struct Durations(BTreeMap<i32, i64>);

impl Durations {
    /// As they were: for what is not folded.
    pub fn add(&mut self, duration_ms: i32, count: i64) {
        *self.0.entry(duration_ms).or_default() += count;
    }

    /// As a histogram would have it; a negative count takes away what one has too many.
    pub fn add_roughly(&mut self, duration_ms: i32, count: i64) {
        self.add(TYPICAL[bucket(duration_ms)], count);
    }

    /// Adds what a rollup has, or with the sign -1 takes it away.
    pub fn add_histogram<N: Copy + Into<i64>>(&mut self, counts: &[N], sign: i64) {
        for (duration_ms, count) in TYPICAL.iter().zip(counts) {
            let count = sign * (*count).into();
            if count != 0 {
                self.add(*duration_ms, count);
            }
        }
    }

    /// The shortest duration that this percentage of all do not exceed: within 10 %, or a millisecond, for what came out
    /// of a histogram.
    #[must_use]
    pub fn percentile(&self, percentage: i64) -> Option<i32> {
        let all: i64 = self.0.values().sum();
        let mut seen = 0;
        self.0.iter().find_map(|(duration_ms, count)| {
            seen += count;
            (*count > 0 && seen * 100 >= all * percentage).then_some(*duration_ms)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_tells_durations_within_a_tenth_or_a_millisecond() {
        for duration in (0..150_000).chain((0..1000).map(|n| n * 149)) {
            let told = TYPICAL[bucket(duration)];
            let off = (told - duration).abs();
            assert!(off <= 1 || f64::from(off) <= 0.1 * f64::from(duration), "{duration} is told as {told}");
        }
        assert_eq!(bucket(i32::MAX), BUCKETS - 1, "the last takes the rest");
        assert_eq!((bucket(-1), TYPICAL[bucket(0)]), (0, 0));
    }

    #[test]
    fn buckets_are_those_of_the_contract() {
        for (duration, bucket_of_it) in [(0, 0), (1, 13), (2, 17), (10, 26), (100, 38), (1000, 51)] {
            assert_eq!(bucket(duration), bucket_of_it, "{duration}");
            let below = 0.1 * 1.2_f64.powi(i32::try_from(bucket_of_it).unwrap());
            assert!(f64::from(duration) < below && f64::from(duration) >= below / 1.2 || duration == 0);
        }
    }

    #[test]
    fn percentiles_are_those_of_the_database() {
        let mut durations = Durations::default();
        for duration in [30, 10, 20, 40] {
            durations.add(duration, 1);
        }
        let percentiles =
            [0, 25, 26, 50, 95, 100].map(|percentage| durations.percentile(percentage).unwrap());
        assert_eq!(percentiles, [10, 10, 20, 20, 40, 40]);
        assert_eq!(Durations::default().percentile(50), None);
    }

    #[test]
    fn what_was_too_much_can_be_taken_away_again() {
        let mut durations = Durations::default();
        let mut counts = [0_i32; BUCKETS];
        counts[bucket(500)] = 2;
        counts[bucket(5)] = 1;
        durations.add_histogram(&counts, 1);
        durations.add_roughly(501, -2);
        assert_eq!(durations.percentile(99), Some(5));
    }
}
