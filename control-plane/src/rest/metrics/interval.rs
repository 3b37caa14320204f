//! How far apart the points of a chart are.

use chrono::Duration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    error::{Error, Result},
    rest::window::Window,
};

/// Chosen for you, a chart has no more points than this ...
const FITTING: i64 = 200;
/// ... and asked for, no more than this.
const MOST: i64 = 10_000;

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Interval {
    Minute,
    Hour,
    Day,
}

impl Interval {
    pub(super) fn step(self) -> Duration {
        match self {
            Self::Minute => Duration::minutes(1),
            Self::Hour => Duration::hours(1),
            Self::Day => Duration::days(1),
        }
    }

    fn points(self, window: Window) -> i64 {
        (window.end - window.start).num_seconds() / self.step().num_seconds() + 1
    }

    /// The one asked for if it makes a sensible chart, else the finest that does.
    pub(super) fn fitting(asked: Option<Self>, window: Window) -> Result<Self> {
        let Some(asked) = asked else {
            let fits = |interval: &Self| interval.points(window) <= FITTING;
            return Ok([Self::Minute, Self::Hour].into_iter().find(fits).unwrap_or(Self::Day));
        };
        if asked.points(window) > MOST {
            return Err(Error::invalid_request(format!(
                "that is more than {MOST} points; take a longer interval"
            )));
        }
        Ok(asked)
    }
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::*;

    fn window(length: Duration) -> Window {
        let end = Utc::now();
        Window { start: end - length, end, period: None }
    }

    #[test]
    fn the_interval_fits_the_range() {
        for (length, expected) in [
            (Duration::hours(1), Interval::Minute),
            (Duration::hours(24), Interval::Hour),
            (Duration::days(7), Interval::Hour),
            (Duration::days(30), Interval::Day),
            (Duration::days(90), Interval::Day),
        ] {
            assert_eq!(Interval::fitting(None, window(length)).unwrap(), expected, "{length}");
        }
    }

    #[test]
    fn a_chart_of_endless_points_is_refused() {
        assert!(Interval::fitting(Some(Interval::Minute), window(Duration::days(1))).is_ok());
        assert!(Interval::fitting(Some(Interval::Minute), window(Duration::days(90))).is_err());
    }
}
