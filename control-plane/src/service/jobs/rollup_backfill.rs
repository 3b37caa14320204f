//! Sums anew what charts and costs are answered from, day by day.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde_json::{Value, json};

use super::{JobParams, Work};
use crate::{
    app::App,
    error::{Error, Result},
    rest::{form::Faults, value::Time},
    service::rollups::{self, Rebuilt},
};

/// As long as anything is kept.
const LONGEST: Duration = Duration::days(3653);

pub(super) fn check(params: &JobParams, faults: &mut Faults) {
    let Some(Time(start)) = params.start_time else {
        return faults.add("start_time", "required", "is missing");
    };
    let end = params.end_time.map_or_else(Utc::now, |Time(end)| end);
    if start >= end {
        faults.add("start_time", "range", "must be before end_time");
    } else if end - start > LONGEST {
        faults.add(
            "start_time",
            "range",
            format!("must be at most {} days before end_time", LONGEST.num_days()),
        );
    }
}

/// Whole UTC days: those that the range touches.
pub(super) async fn run(app: &App, work: &Work<'_>) -> Result<Value> {
    let start = work.params.start_time.ok_or_else(Error::not_found)?.0;
    let end = work.params.end_time.map_or_else(Utc::now, |Time(end)| end).min(Utc::now() + Duration::days(1));
    let days = days(start, end);
    let (mut rebuilt, mut kept, mut spans) = (0, 0, 0);
    for (done, day) in days.iter().enumerate() {
        match rollups::rebuild(app, work.row.org_id, *day).await? {
            Rebuilt::From(count) => (rebuilt, spans) = (rebuilt + 1, spans + count),
            Rebuilt::NotAnyMore => kept += 1,
        }
        work.progress.set(done as u64 + 1, days.len() as u64);
    }
    Ok(json!({"days_rebuilt": rebuilt, "days_kept": kept, "spans": spans}))
}

fn days(start: DateTime<Utc>, end: DateTime<Utc>) -> Vec<NaiveDate> {
    let last = (end - Duration::microseconds(1)).date_naive();
    start.date_naive().iter_days().take_while(|day| *day <= last).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_touches_whole_days() {
        let days = |start: &str, end: &str| days(start.parse().unwrap(), end.parse().unwrap()).len();
        assert_eq!(days("2026-03-01T23:59:00Z", "2026-03-02T00:00:00Z"), 1);
        assert_eq!(days("2026-03-01T23:59:00Z", "2026-03-02T00:00:01Z"), 2);
        assert_eq!(days("2026-02-28T00:00:00Z", "2026-03-02T00:00:00Z"), 2);
    }
}
