//! Promises of the state machine, of single steps and of any course of things.

use proptest::prelude::*;

use super::*;

fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_768_471_200 + minutes * 60, 0).unwrap()
}

fn terms(hold: i64, renotify: Option<i64>) -> Terms {
    Terms {
        condition: Condition::Gt,
        threshold: Decimal::TEN,
        hold: Duration::minutes(hold),
        renotify: renotify.map(Duration::minutes),
    }
}

/// A rule as the evaluator keeps it, with what it did.
struct House {
    terms: Terms,
    standing: Standing,
    opened: u32,
    told: u32,
    resolved: u32,
}

impl House {
    fn new(terms: Terms) -> Self {
        let standing = Standing { state: State::Ok, since: at(0), fires_from: None, open: None };
        Self { terms, standing, opened: 0, told: 0, resolved: 0 }
    }

    fn measure(&mut self, minute: i64, value: Option<i64>, silenced: bool) -> Verdict {
        let verdict = decide(&self.terms, &self.standing, value.map(Decimal::from), silenced, at(minute));
        self.standing.state = verdict.state;
        self.standing.since = verdict.since;
        match verdict.step {
            None => {}
            Some(Step::Open) => {
                assert!(self.standing.open.is_none(), "one alert of a rule is open at a time");
                let notified_at = (!silenced).then_some(at(minute));
                self.standing.open = Some(Open { acknowledged: false, notified_at });
                self.opened += 1;
                self.told += u32::from(!silenced);
            }
            Some(Step::Tell) => {
                let open = self.standing.open.as_mut().expect("only of an open alert is told");
                assert!(!silenced && !open.acknowledged);
                open.notified_at = Some(at(minute));
                self.told += 1;
            }
            Some(Step::Resolve) => {
                assert!(self.standing.open.take().is_some(), "only an open alert is resolved");
                self.resolved += 1;
            }
        }
        verdict
    }
}

#[test]
fn every_condition_is_what_its_sign_says() {
    let compare = |condition: Condition, value: i64| condition.holds(value.into(), Decimal::TEN);
    for (condition, below, equal, above) in [
        (Condition::Gt, false, false, true),
        (Condition::Gte, false, true, true),
        (Condition::Lt, true, false, false),
        (Condition::Lte, true, true, false),
        (Condition::Eq, false, true, false),
        (Condition::Neq, true, false, true),
    ] {
        let found = (compare(condition, 9), compare(condition, 10), compare(condition, 11));
        assert_eq!(found, (below, equal, above), "{}", condition.sign());
    }
}

#[test]
fn a_rule_fires_at_once_or_after_its_time() {
    let mut house = House::new(terms(0, None));
    assert_eq!(house.measure(1, Some(11), false).step, Some(Step::Open));

    let mut house = House::new(terms(3, None));
    for minute in 1..=3 {
        assert_eq!(house.measure(minute, Some(11), false).state, State::Pending);
    }
    let fires = house.measure(4, Some(11), false);
    assert_eq!((fires.state, fires.step, fires.since), (State::Firing, Some(Step::Open), at(4)));
}

#[test]
fn a_moment_in_range_begins_the_time_anew() {
    let mut house = House::new(terms(2, None));
    house.measure(1, Some(11), false);
    assert_eq!(house.measure(2, Some(10), false).state, State::Ok);
    house.measure(3, Some(11), false);
    assert_eq!(house.measure(4, Some(11), false).step, None);
    assert_eq!(house.measure(5, Some(11), false).step, Some(Step::Open));
}

#[test]
fn an_alert_is_resolved_acknowledged_or_not_and_not_by_silence_of_the_calls() {
    for acknowledged in [false, true] {
        let mut house = House::new(terms(0, None));
        house.measure(1, Some(11), false);
        house.standing.open.as_mut().unwrap().acknowledged = acknowledged;
        let quiet = house.measure(2, None, false);
        assert_eq!((quiet.state, quiet.step), (State::NoData, None));
        let again = house.measure(3, Some(12), false);
        assert_eq!((again.state, again.step), (State::Firing, None), "the same alert goes on");
        assert_eq!(house.measure(4, Some(10), false).step, Some(Step::Resolve));
    }
}

#[test]
fn receivers_are_told_again_until_somebody_acknowledges() {
    let mut house = House::new(terms(0, Some(10)));
    house.measure(1, Some(11), false);
    assert_eq!(house.measure(10, Some(11), false).step, None);
    assert_eq!(house.measure(11, Some(11), false).step, Some(Step::Tell));
    house.standing.open.as_mut().unwrap().acknowledged = true;
    assert_eq!(house.measure(60, Some(11), false).step, None);
}

#[test]
fn what_was_silenced_is_told_when_the_silence_is_over() {
    let mut house = House::new(terms(0, None));
    assert_eq!(house.measure(1, Some(11), true).step, Some(Step::Open));
    assert_eq!(house.measure(2, Some(11), true).step, None);
    assert_eq!(house.measure(3, Some(11), false).step, Some(Step::Tell));
    assert_eq!(house.measure(4, Some(11), false).step, None);
}

#[test]
fn after_a_resolve_by_hand_a_rule_waits_until_its_window_is_new() {
    let mut house = House::new(terms(0, None));
    house.standing.fires_from = Some(at(5));
    assert_eq!(house.measure(4, Some(11), false).state, State::Pending);
    assert_eq!(house.measure(5, Some(11), false).step, Some(Step::Open));
}

fn course() -> impl Strategy<Value = Vec<(i64, Option<i64>, bool, bool)>> {
    // Minutes since the last, figure, silenced, acknowledged before.
    prop::collection::vec((1..5_i64, prop::option::of(5..15_i64), any::<bool>(), any::<bool>()), 1..80)
}

proptest! {
    #[test]
    fn whatever_happens_alerts_open_one_at_a_time_and_end_in_range(
        hold in 0..6_i64, renotify in prop::option::of(1..10_i64), course in course()
    ) {
        let mut house = House::new(terms(hold, renotify));
        let (mut minute, mut out_since) = (0, None);
        for (later, value, silenced, acknowledges) in course {
            minute += later;
            if acknowledges && let Some(open) = &mut house.standing.open {
                open.acknowledged = true;
            }
            let before = house.standing;
            let verdict = house.measure(minute, value, silenced);
            let is_out = value.is_some_and(|value| value > 10);
            out_since = if is_out { out_since.or(Some(minute)) } else { None };
            prop_assert!(house.opened - house.resolved <= 1);
            prop_assert_eq!(house.opened - house.resolved == 1, house.standing.open.is_some());
            prop_assert!(verdict.since <= at(minute));
            prop_assert_eq!(verdict.since == before.since || verdict.state != before.state, true);
            match verdict.state {
                State::Ok => prop_assert!(house.standing.open.is_none() && value.is_some() && !is_out),
                State::NoData => prop_assert_eq!(value, None),
                State::Pending => prop_assert!(is_out && house.standing.open.is_none()),
                State::Firing => prop_assert!(is_out && house.standing.open.is_some()),
                State::Disabled => prop_assert!(false, "only people disable"),
            }
            if verdict.step == Some(Step::Open) {
                prop_assert!(minute - out_since.unwrap() >= hold, "it was out of range for long enough");
            }
        }
    }

    #[test]
    fn nobody_is_told_more_often_than_asked(
        renotify in prop::option::of(1..10_i64), course in course()
    ) {
        let mut house = House::new(terms(0, renotify));
        let (mut minute, mut last_told): (i64, Option<i64>) = (0, None);
        for (later, value, silenced, _) in course {
            minute += later;
            let (told, resolved) = (house.told, house.resolved);
            house.measure(minute, value, silenced);
            if house.resolved > resolved {
                last_told = None;
            }
            if house.told > told {
                if let Some(last) = last_told {
                    prop_assert!(renotify.is_some_and(|pause| minute - last >= pause));
                }
                last_told = Some(minute);
            }
        }
    }

    #[test]
    fn deciding_twice_at_one_moment_does_nothing_twice(
        hold in 0..6_i64, course in course()
    ) {
        // Another leader may measure what the one before has just measured.
        let mut house = House::new(terms(hold, Some(5)));
        let mut minute = 0;
        for (later, value, silenced, _) in course {
            minute += later;
            house.measure(minute, value, silenced);
            let (opened, told, resolved) = (house.opened, house.told, house.resolved);
            house.measure(minute, value, silenced);
            prop_assert_eq!((house.opened, house.told, house.resolved), (opened, told, resolved));
        }
    }
}
