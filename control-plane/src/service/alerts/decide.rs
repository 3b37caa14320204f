//! What becomes of a rule when it was measured: the state it is in, and what is to be done about its alert. Pure: time and
//! figures come in, a verdict goes out.

use chrono::{DateTime, Duration, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a figure is compared with the threshold.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = AlertCondition)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    #[default]
    Gt,
    Gte,
    Lt,
    Lte,
    Eq,
    Neq,
}

impl Condition {
    #[must_use]
    pub fn holds(self, value: Decimal, threshold: Decimal) -> bool {
        match self {
            Self::Gt => value > threshold,
            Self::Gte => value >= threshold,
            Self::Lt => value < threshold,
            Self::Lte => value <= threshold,
            Self::Eq => value == threshold,
            Self::Neq => value != threshold,
        }
    }

    /// As people write it.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Gt => ">",
            Self::Gte => ">=",
            Self::Lt => "<",
            Self::Lte => "<=",
            Self::Eq => "=",
            Self::Neq => "!=",
        }
    }
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = AlertRuleState)]
#[serde(rename_all = "snake_case")]
pub enum State {
    #[default]
    Ok,
    /// Out of range, but not for long enough yet.
    Pending,
    Firing,
    /// There were no calls to measure.
    NoData,
    Disabled,
}

/// What a rule says about time and range.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    pub condition: Condition,
    pub threshold: Decimal,
    /// How long it must be out of range before it fires.
    pub hold: Duration,
    /// After which receivers are told again of an alert that nobody acknowledged.
    pub renotify: Option<Duration>,
}

/// Where a rule stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    pub state: State,
    pub since: DateTime<Utc>,
    /// It fires no earlier.
    pub fires_from: Option<DateTime<Utc>>,
    pub open: Option<Open>,
}

/// The alert that is open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Open {
    pub acknowledged: bool,
    /// None: receivers were not told yet, for it was silenced.
    pub notified_at: Option<DateTime<Utc>>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
    /// Opens an alert.
    Open,
    /// Receivers hear of the open one: for the first time if it was silenced, or once more.
    Tell,
    Resolve,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Verdict {
    pub state: State,
    pub since: DateTime<Utc>,
    pub step: Option<Step>,
}

/// `value` is none when there was nothing to measure: then nothing is known to be back in range, and an open alert stays
/// open.
#[must_use]
pub fn decide(
    terms: &Terms,
    standing: &Standing,
    value: Option<Decimal>,
    silenced: bool,
    now: DateTime<Utc>,
) -> Verdict {
    let Some(value) = value else { return standing.moves_to(State::NoData, now, None) };
    if !terms.condition.holds(value, terms.threshold) {
        return standing.moves_to(State::Ok, now, standing.open.map(|_| Step::Resolve));
    }
    if let Some(open) = standing.open {
        let tells = !silenced && open.is_to_be_told(terms, now);
        return standing.moves_to(State::Firing, now, tells.then_some(Step::Tell));
    }
    let held = if standing.state == State::Pending { now - standing.since } else { Duration::zero() };
    let may_fire = standing.fires_from.is_none_or(|from| now >= from);
    if held >= terms.hold && may_fire {
        return standing.moves_to(State::Firing, now, Some(Step::Open));
    }
    standing.moves_to(State::Pending, now, None)
}

impl Standing {
    fn moves_to(&self, state: State, now: DateTime<Utc>, step: Option<Step>) -> Verdict {
        let since = if state == self.state { self.since } else { now };
        Verdict { state, since, step }
    }
}

impl Open {
    fn is_to_be_told(self, terms: &Terms, now: DateTime<Utc>) -> bool {
        let is_due = match self.notified_at {
            None => true,
            Some(last) => terms.renotify.is_some_and(|pause| now - last >= pause),
        };
        !self.acknowledged && is_due
    }
}

#[cfg(test)]
mod tests;
