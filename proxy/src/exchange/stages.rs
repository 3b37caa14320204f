//! How long the stages of an exchange took, and which of them failed: what becomes spans of their own below the
//! exchange's (contract 8.2). All of it has its place in the exchange; nothing is allocated for a stage.

use std::time::{Duration, Instant};

use crate::rejection::{Code, Rejection};

/// A stage that went well is told of when it took so long.
const TOLD: Duration = Duration::from_millis(1);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Stage {
    Authenticate,
    RateLimit,
    Authorize,
    ApprovalWait,
    SafetyRequest,
    SafetyResponse,
}

impl Stage {
    const ALL: [Self; 6] = [
        Self::Authenticate,
        Self::RateLimit,
        Self::Authorize,
        Self::ApprovalWait,
        Self::SafetyRequest,
        Self::SafetyResponse,
    ];

    /// Of its span.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Authenticate => "gatewayops.authenticate",
            Self::RateLimit => "gatewayops.rate_limit",
            Self::Authorize => "gatewayops.authorize",
            Self::ApprovalWait => "gatewayops.approval.wait",
            Self::SafetyRequest => "gatewayops.safety.request",
            Self::SafetyResponse => "gatewayops.safety.response",
        }
    }
}

/// One stage, from when it first began; of one that was come to several times the sum.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Taken {
    pub(crate) began: Instant,
    pub(crate) took: Duration,
    pub(crate) failed: Option<Code>,
}

#[derive(Default)]
pub(crate) struct Stages([Option<Taken>; Stage::ALL.len()]);

impl Stages {
    /// Notes how a stage ended that began then.
    pub(crate) fn ended<T>(&mut self, stage: Stage, began: Instant, end: &Result<T, Rejection>) {
        let failed = end.as_ref().err().map(|rejection| rejection.code);
        let taken = self.0[stage as usize].get_or_insert(Taken { began, took: Duration::ZERO, failed });
        taken.took += began.elapsed();
        taken.failed = failed.or(taken.failed);
    }

    /// Those that took long or failed.
    pub(crate) fn told(&self) -> impl Iterator<Item = (Stage, Taken)> {
        let taken = Stage::ALL.into_iter().zip(self.0).filter_map(|(stage, taken)| Some((stage, taken?)));
        taken.filter(|(_, taken)| taken.took >= TOLD || taken.failed.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(stages: &Stages) -> Vec<(&'static str, Option<Code>)> {
        stages.told().map(|(stage, taken)| (stage.name(), taken.failed)).collect()
    }

    #[test]
    fn only_what_took_long_or_failed_is_told_of() {
        let mut stages = Stages::default();
        let now = Instant::now();
        let long_ago = now.checked_sub(TOLD).unwrap();
        stages.ended(Stage::ApprovalWait, long_ago, &Ok(()));
        // What is yet to come has taken no time at all.
        let quick = now + Duration::from_secs(3600);
        stages.ended(Stage::Authenticate, quick, &Ok(()));
        let blocked: Result<(), _> = Err(Rejection::new(Code::SafetyBlocked, "no"));
        stages.ended(Stage::SafetyRequest, quick, &blocked);
        let expected =
            [("gatewayops.approval.wait", None), ("gatewayops.safety.request", Some(Code::SafetyBlocked))];
        assert_eq!(told(&stages), expected);
    }

    #[test]
    fn a_stage_that_is_come_to_again_begins_once_and_its_times_add_up() {
        let mut stages = Stages::default();
        let now = Instant::now();
        let first = now.checked_sub(Duration::from_secs(20)).unwrap();
        stages.ended(Stage::SafetyResponse, first, &Ok(()));
        let blocked: Result<(), _> = Err(Rejection::new(Code::SafetyBlocked, "no"));
        stages.ended(Stage::SafetyResponse, now.checked_sub(Duration::from_secs(10)).unwrap(), &blocked);
        stages.ended(Stage::SafetyResponse, now, &Ok(()));
        let (_, taken) = stages.told().next().unwrap();
        assert_eq!((taken.began, taken.failed), (first, Some(Code::SafetyBlocked)), "it stays a failure");
        assert!((30..60).contains(&taken.took.as_secs()), "{:?}", taken.took);
    }
}
