//! Which rows together make up exactly a range of time: as many days as there are, hours and minutes at its ragged ends,
//! and single spans within the first and the last minute.
//!
//! An end inside an hour is reached from the nearer side: the rest is added, or the hour is taken whole and what is too
//! much is taken away. What lies ahead of now costs nothing to take away, so a range up to now ends with whole buckets.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

/// How coarse rows are, from single spans up.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Grain {
    Span,
    Minute,
    Hour,
    Day,
}

impl Grain {
    pub(super) fn length(self) -> TimeDelta {
        match self {
            Self::Span => TimeDelta::zero(),
            Self::Minute => TimeDelta::minutes(1),
            Self::Hour => TimeDelta::hours(1),
            Self::Day => TimeDelta::days(1),
        }
    }

    fn floor(self, time: DateTime<Utc>) -> DateTime<Utc> {
        if self == Self::Span { time } else { time.duration_trunc(self.length()).unwrap_or(time) }
    }

    fn ceil(self, time: DateTime<Utc>) -> DateTime<Utc> {
        let floor = self.floor(time);
        if floor == time { time } else { floor + self.length() }
    }

    /// The start of a bucket from which there is the least way to `time`, counting only what has happened.
    fn nearest(self, time: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
        let (floor, ceil) = (self.floor(time), self.ceil(time));
        if ceil.min(now) - time < time - floor { ceil } else { floor }
    }
}

/// The rows of a grain that begin in a range, which count once, or less once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Piece {
    pub(super) grain: Grain,
    pub(super) from: DateTime<Utc>,
    /// Exclusive.
    pub(super) to: DateTime<Utc>,
    pub(super) sign: i32,
}

/// What there is to put a range together from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Available<'a> {
    /// From fine to coarse, without single spans.
    pub(super) grains: &'a [Grain],
    /// Minutes are kept from here on.
    pub(super) minutes_from: DateTime<Utc>,
    pub(super) now: DateTime<Utc>,
}

impl Available<'_> {
    /// Whether there are rows of the grain around a time: an hour before as well, for what is to be taken away from one.
    fn keeps(&self, grain: Grain, time: DateTime<Utc>) -> bool {
        grain != Grain::Minute || time - TimeDelta::hours(1) >= self.minutes_from
    }
}

pub(super) fn pieces(from: DateTime<Utc>, to: DateTime<Utc>, available: Available<'_>) -> Vec<Piece> {
    let Available { grains, now, .. } = available;
    // Only what is wholly inside is worth its ragged ends.
    let fits = |grain: &Grain| {
        if !available.keeps(*grain, from) {
            return false;
        }
        let behind = if to >= now { grain.ceil(to) } else { to };
        grain.ceil(from) + grain.length() <= behind
    };
    let coarsest = grains.iter().copied().filter(fits).max().unwrap_or(Grain::Span);
    let mut pieces = Vec::new();
    let first = approach(from, coarsest, available, |grain, time, nearer| {
        pieces.extend(between(grain, time, nearer));
    });
    let mut ending = Vec::new();
    let last = approach(to, coarsest, available, |grain, time, nearer| {
        ending.extend(between(grain, nearer, time));
    });
    pieces.extend(between(coarsest, first, last));
    pieces.extend(ending);
    pieces
}

/// Goes from a time to the nearest bucket of each coarser grain; answers the last.
fn approach(
    time: DateTime<Utc>,
    coarsest: Grain,
    available: Available<'_>,
    mut went: impl FnMut(Grain, DateTime<Utc>, DateTime<Utc>),
) -> DateTime<Utc> {
    let (mut at, mut finer) = (time, Grain::Span);
    for grain in available.grains.iter().copied().filter(|grain| *grain <= coarsest) {
        if !available.keeps(grain, time) {
            continue;
        }
        let nearest = grain.nearest(at, available.now);
        if nearest != at {
            went(finer, at, nearest);
        }
        (at, finer) = (nearest, grain);
    }
    at
}

/// From one time to another, which may lie before it: then it counts less.
fn between(grain: Grain, one: DateTime<Utc>, other: DateTime<Utc>) -> Option<Piece> {
    let sign = match one.cmp(&other) {
        std::cmp::Ordering::Less => 1,
        std::cmp::Ordering::Equal => return None,
        std::cmp::Ordering::Greater => -1,
    };
    Some(Piece { grain, from: one.min(other), to: one.max(other), sign })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [Grain; 3] = [Grain::Minute, Grain::Hour, Grain::Day];

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn told(from: &str, to: &str, now: &str, grains: &[Grain]) -> Vec<String> {
        let available = Available { grains, minutes_from: time("2026-03-01T00:00:00Z"), now: time(now) };
        let pieces = pieces(time(from), time(to), available);
        let short = |time: DateTime<Utc>| time.format("%d %H:%M:%S").to_string();
        pieces
            .iter()
            .map(|piece| {
                let sign = if piece.sign < 0 { '-' } else { '+' };
                format!("{sign}{:?} {} to {}", piece.grain, short(piece.from), short(piece.to))
            })
            .collect()
    }

    #[test]
    fn a_range_up_to_now_ends_with_whole_buckets_and_less_what_is_to_come() {
        assert_eq!(
            told("2026-03-10T22:00:00Z", "2026-03-12T12:20:30Z", "2026-03-12T12:20:30Z", &ALL),
            [
                "+Hour 10 22:00:00 to 11 00:00:00",
                "+Day 11 00:00:00 to 13 00:00:00",
                "-Span 12 12:20:30 to 12 12:21:00",
                "-Minute 12 12:21:00 to 12 13:00:00",
                "-Hour 12 13:00:00 to 13 00:00:00",
            ]
        );
    }

    #[test]
    fn an_end_is_reached_from_the_nearer_side() {
        assert_eq!(
            told("2026-03-10T10:10:00Z", "2026-03-10T12:50:00Z", "2026-03-12T00:00:00Z", &ALL[1..]),
            [
                "-Span 10 10:00:00 to 10 10:10:00",
                "+Hour 10 10:00:00 to 10 13:00:00",
                "-Span 10 12:50:00 to 10 13:00:00",
            ]
        );
    }

    #[test]
    fn a_short_range_takes_nothing_coarse() {
        assert_eq!(
            told("2026-03-10T11:58:40Z", "2026-03-10T12:01:00Z", "2026-03-12T00:00:00Z", &ALL),
            ["+Span 10 11:58:40 to 10 11:59:00", "+Minute 10 11:59:00 to 10 12:01:00"]
        );
        assert_eq!(
            told("2026-03-10T11:58:40Z", "2026-03-10T11:59:10Z", "2026-03-12T00:00:00Z", &ALL),
            ["+Span 10 11:58:40 to 10 11:59:10"]
        );
    }

    #[test]
    fn minutes_that_are_no_longer_kept_are_not_asked_for() {
        let old = told("2026-02-10T11:50:00Z", "2026-03-10T12:00:00Z", "2026-03-12T00:00:00Z", &ALL[..2]);
        assert_eq!(old, ["+Span 10 11:50:00 to 10 12:00:00", "+Hour 10 12:00:00 to 10 12:00:00"]);
    }

    fn grains() -> impl Strategy<Value = Vec<Grain>> {
        prop::sample::subsequence(ALL.to_vec(), 0..=3)
    }

    proptest! {
        /// Every span of the range counts once and no other counts, whatever there is to count by.
        #[test]
        fn pieces_make_up_the_range_exactly(
            from in 0_i64..400_000, length in 1_i64..400_000, now in 0_i64..900_000, kept in 0_i64..900_000,
            spans in prop::collection::vec(-200_000_i64..1_100_000, 1..50), grains in grains(),
        ) {
            let at = |seconds: i64| time("2026-03-10T00:00:00Z") + TimeDelta::seconds(seconds);
            let (from, to) = (at(from), at(from + length));
            let available = Available { grains: &grains, minutes_from: at(kept), now: at(now) };
            let pieces = pieces(from, to, available);
            for piece in &pieces {
                prop_assert!(piece.grain == Grain::Span
                    || piece.from == piece.grain.floor(piece.from) && piece.to == piece.grain.floor(piece.to));
            }
            for span in spans.into_iter().map(at) {
                let within = |piece: &&Piece| {
                    let bucket = if piece.grain == Grain::Span { span } else { piece.grain.floor(span) };
                    piece.from <= bucket && bucket < piece.to
                };
                let counted: i32 = pieces.iter().filter(within).map(|piece| piece.sign).sum();
                prop_assert_eq!(counted, i32::from(from <= span && span < to), "{} in {:?}", span, &pieces);
            }
        }
    }
}
