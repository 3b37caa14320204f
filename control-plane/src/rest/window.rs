//! `start_time`, `end_time`, `period` (contract 1.2).

use chrono::{DateTime, Datelike, Duration, DurationRound, TimeZone, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::query::Parameters;
use crate::{
    error::{Error, Result},
    store::page::TimeRange,
};

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    /// The calendar month to date.
    Mtd,
}

impl Period {
    fn length(self, now: DateTime<Utc>) -> Duration {
        match self {
            Self::Hour => Duration::hours(1),
            Self::Day => Duration::hours(24),
            Self::Week => Duration::days(7),
            Self::Month => Duration::days(30),
            Self::Quarter => Duration::days(90),
            Self::Mtd => now - start_of_month(now),
        }
    }

    /// When what ends now began.
    #[must_use]
    pub fn start(self, now: DateTime<Utc>) -> DateTime<Utc> {
        now - self.length(now)
    }

    /// What ends with the current hour, or an hour itself with the current minute. There are sums of exactly that, and nobody
    /// who asks for the last month means it to the millisecond.
    #[must_use]
    pub fn range(self, now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
        let bucket = if self == Self::Hour { Duration::minutes(1) } else { Duration::hours(1) };
        let end = next(now, bucket);
        let start = if self == Self::Mtd { start_of_month(now) } else { end - self.length(now) };
        (start, end)
    }
}

fn start_of_month(now: DateTime<Utc>) -> DateTime<Utc> {
    let first = Utc.with_ymd_and_hms(now.year(), now.month(), 1, 0, 0, 0);
    first.single().expect("every month has a first day")
}

/// When the step after the current one begins.
#[must_use]
pub fn next(now: DateTime<Utc>, step: Duration) -> DateTime<Utc> {
    now.duration_trunc(step).unwrap_or(now) + step
}

/// The parameters, for the OpenAPI document.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes parameters that are read by hand")]
pub struct TimeParameters {
    /// Inclusive.
    start_time: Option<DateTime<Utc>>,
    /// Exclusive.
    end_time: Option<DateTime<Utc>>,
    /// Instead of `start_time` and `end_time`: so long back from the end of the current hour, or `hour` of the current minute.
    #[param(inline)]
    period: Option<Period>,
}

/// A resolved range of time for aggregates, which echo it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Window {
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    /// None when start and end were given.
    pub period: Option<Period>,
}

impl Window {
    /// The range asked for, or the last `default`.
    ///
    /// # Errors
    /// Both forms at once, or a range that ends before it starts.
    pub fn take(parameters: &mut Parameters, default: Period, now: DateTime<Utc>) -> Result<Self> {
        let (range, period) = take_range(parameters, now)?;
        if range == TimeRange::default() {
            let (start, end) = default.range(now);
            return Ok(Self { start, end, period: Some(default) });
        }
        let end = range.end.unwrap_or_else(|| next(now, Duration::minutes(1)));
        let start = range.start.unwrap_or_else(|| default.start(end));
        if start >= end {
            return Err(Error::invalid_request("start_time must be before end_time"));
        }
        Ok(Self { start, end, period })
    }

    /// The range of the same length just before.
    #[must_use]
    pub fn previous(&self) -> Self {
        Self { start: self.start - (self.end - self.start), end: self.start, period: self.period }
    }
}

/// The range a list is limited to; lists have none by default.
///
/// # Errors
/// Both forms at once, or a range that ends before it starts.
pub fn take_range(parameters: &mut Parameters, now: DateTime<Utc>) -> Result<(TimeRange, Option<Period>)> {
    let start = parameters.take_as::<DateTime<Utc>>("start_time")?;
    let end = parameters.take_as::<DateTime<Utc>>("end_time")?;
    let period = parameters.take_as::<Period>("period")?;
    if period.is_some() && (start.is_some() || end.is_some()) {
        return Err(Error::invalid_request("give either period or start_time and end_time"));
    }
    if start.zip(end).is_some_and(|(start, end)| start >= end) {
        return Err(Error::invalid_request("start_time must be before end_time"));
    }
    match period {
        Some(period) => {
            let (start, end) = period.range(now);
            Ok((TimeRange { start: Some(start), end: Some(end) }, Some(period)))
        }
        None => Ok((TimeRange { start, end }, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-03-15T12:20:30.5Z".parse().unwrap()
    }

    fn window(query: &str) -> Result<Window> {
        Window::take(&mut Parameters::parse(query).unwrap(), Period::Month, now())
    }

    #[test]
    fn a_window_is_the_period_the_range_or_the_default() {
        let told = |query| {
            let Window { start, end, .. } = window(query).unwrap();
            [start, end].map(|time| time.format("%m-%d %H:%M:%S").to_string())
        };
        assert_eq!(told("period=hour"), ["03-15 11:21:00", "03-15 12:21:00"]);
        assert_eq!(told("period=day"), ["03-14 13:00:00", "03-15 13:00:00"]);
        assert_eq!(told(""), ["02-13 13:00:00", "03-15 13:00:00"]);
        assert_eq!(told("period=mtd"), ["03-01 00:00:00", "03-15 13:00:00"]);
        assert_eq!(told("start_time=2026-03-15T12:20:30Z"), ["03-15 12:20:30", "03-15 12:21:00"]);
        let range = window("start_time=2026-03-01T00:00:00Z&end_time=2026-03-02T00:00:00Z").unwrap();
        assert_eq!(range.previous().start.to_rfc3339(), "2026-02-28T00:00:00+00:00");
    }

    #[test]
    fn contradictory_ranges_are_refused() {
        for query in [
            "period=day&start_time=2026-03-01T00:00:00Z",
            "start_time=2026-03-02T00:00:00Z&end_time=2026-03-02T00:00:00Z",
            "start_time=2027-03-02T00:00:00Z",
            "period=year",
            "start_time=yesterday",
        ] {
            assert!(window(query).is_err(), "{query}");
        }
    }
}
