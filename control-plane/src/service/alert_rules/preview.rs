//! What a rule would have done: its figure over a time that has passed, and when it would have fired, decided by the same
//! function as when it counts.

use chrono::{DateTime, Duration, Utc};
use rust_decimal::Decimal;

use super::{AlertRuleForm, number};
use crate::{
    app::App,
    auth::Principal,
    error::Result,
    rest::window::Period,
    service::{
        alerts::decide::{Open, Standing, State, Step, Terms, decide},
        events,
    },
    store::alert_measures::{self, Measure},
};

/// In one series.
const MOST_POINTS: i64 = 200;

#[derive(Debug)]
pub struct Preview {
    pub series: Vec<(DateTime<Utc>, Option<Decimal>)>,
    pub would_fire: Vec<Interval>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Interval {
    pub from: DateTime<Utc>,
    /// None: it would fire now.
    pub to: Option<DateTime<Utc>>,
}

/// # Errors
/// `permission_denied`, or `query_timeout` where there is too much to measure.
pub async fn preview(
    app: &App,
    principal: &Principal,
    mut form: AlertRuleForm,
    period: Period,
    now: DateTime<Utc>,
) -> Result<Preview> {
    principal.require_everywhere("alerts:read")?;
    form.tidy();
    let moments = moments(period.start(now), now);
    let (mut tx, org) = events::begin(app, principal).await?;
    let measure =
        Measure { metric: form.metric, scope: form.filters.scope(), window_minutes: form.window_minutes };
    let values = alert_measures::measure(&mut tx, org, &measure, &moments).await?;
    let series: Vec<_> = moments.into_iter().zip(values).collect();
    let terms = Terms {
        condition: form.condition,
        threshold: number::decimal(form.threshold),
        hold: Duration::minutes(form.for_minutes.into()),
        renotify: None,
    };
    let would_fire = would_fire(&terms, &series);
    Ok(Preview { series, would_fire })
}

/// Whole minutes apart, as many as fit, the last one now.
fn moments(start: DateTime<Utc>, now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let minutes = (now - start).num_minutes().max(1);
    let step = minutes.div_euclid(MOST_POINTS) + i64::from(minutes % MOST_POINTS != 0);
    let points = minutes / step;
    (0..points).rev().map(|back| now - Duration::minutes(back * step)).collect()
}

fn would_fire(terms: &Terms, series: &[(DateTime<Utc>, Option<Decimal>)]) -> Vec<Interval> {
    let Some((begin, _)) = series.first() else { return Vec::new() };
    let mut standing = Standing { state: State::Ok, since: *begin, fires_from: None, open: None };
    let mut intervals: Vec<Interval> = Vec::new();
    for (at, value) in series {
        let verdict = decide(terms, &standing, *value, false, *at);
        match verdict.step {
            Some(Step::Open) => {
                standing.open = Some(Open { acknowledged: false, notified_at: Some(*at) });
                intervals.push(Interval { from: *at, to: None });
            }
            Some(Step::Resolve) => {
                standing.open = None;
                if let Some(last) = intervals.last_mut() {
                    last.to = Some(*at);
                }
            }
            Some(Step::Tell) | None => {}
        }
        standing = Standing { state: verdict.state, since: verdict.since, ..standing };
    }
    intervals
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::alerts::decide::Condition;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_768_471_200 + minute * 60, 0).unwrap()
    }

    #[test]
    fn a_series_has_at_most_two_hundred_points_and_ends_now() {
        for (period, points, minutes) in [(60, 60, 1), (1440, 180, 8), (7 * 1440, 197, 51)] {
            let moments = moments(at(0), at(period));
            assert_eq!(moments.len(), points);
            assert_eq!(moments.last(), Some(&at(period)));
            assert_eq!(moments[1] - moments[0], Duration::minutes(minutes));
            assert!(moments[0] > at(0));
        }
    }

    #[test]
    fn a_rule_would_fire_from_when_it_held_until_it_was_back() {
        let terms = Terms {
            condition: Condition::Gte,
            threshold: Decimal::TWO,
            hold: Duration::minutes(2),
            renotify: None,
        };
        let figures = [1, 2, 1, 2, 3, 4, 5, 1, 3, 3, 3];
        let mut series: Vec<_> =
            (0..).zip(figures).map(|(minute, figure)| (at(minute), Some(Decimal::from(figure)))).collect();
        let first = Interval { from: at(5), to: Some(at(7)) };
        let second = Interval { from: at(10), to: None };
        assert_eq!(would_fire(&terms, &series), [first, second]);
        series[6].1 = None;
        assert_eq!(would_fire(&terms, &series), [first, second], "nothing measured ends nothing");
        assert_eq!(would_fire(&terms, &[]), []);
    }
}
