//! The times a request was sent to its server, for the spans below the exchange's (contract 8.2). As many as there may
//! be have their place; only one that fails says why in words.

use std::time::{Duration, Instant};

use super::send::Unanswered;

/// A server may be asked six times, and once more with another credential.
const MOST: usize = 7;

#[derive(Default)]
pub(crate) struct Attempts {
    /// How often more than once.
    pub(crate) retries: u32,
    made: [Option<Attempt>; MOST],
}

#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) began: Instant,
    /// Until the head of the answer was there. None: nobody waited so long.
    pub(crate) took: Option<Duration>,
    pub(crate) end: End,
}

/// What became of an attempt, as far as it is known when the head is there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum End {
    Answered,
    TimedOut,
    Failed(String),
}

impl Attempts {
    /// Returns where its end is noted.
    pub(super) fn begin(&mut self) -> usize {
        let place = self.made.iter().position(Option::is_none).unwrap_or(MOST - 1);
        self.made[place] = Some(Attempt { began: Instant::now(), took: None, end: End::Answered });
        place
    }

    pub(super) fn ended(&mut self, place: usize, end: End) {
        if let Some(attempt) = &mut self.made[place] {
            attempt.took = Some(attempt.began.elapsed());
            attempt.end = end;
        }
    }

    pub(crate) fn made(&self) -> impl DoubleEndedIterator<Item = &Attempt> {
        self.made.iter().flatten()
    }
}

impl From<&Unanswered> for End {
    fn from(unanswered: &Unanswered) -> Self {
        match unanswered {
            Unanswered::TimedOut => Self::TimedOut,
            Unanswered::Failed { reason, .. } => Self::Failed(reason.clone()),
            Unanswered::CircuitOpen(_) => Self::Failed("the circuit is open".into()),
        }
    }
}

#[cfg(test)]
impl<const COUNT: usize> From<[Attempt; COUNT]> for Attempts {
    fn from(made: [Attempt; COUNT]) -> Self {
        let mut attempts = Self::default();
        for (place, attempt) in attempts.made.iter_mut().zip(made) {
            *place = Some(attempt);
        }
        attempts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_attempts_than_there_can_be_take_the_last_place() {
        let mut attempts = Attempts::default();
        for number in 0..=MOST {
            let place = attempts.begin();
            attempts.ended(place, End::Failed(number.to_string()));
        }
        let place = attempts.begin();
        let made: Vec<_> = attempts.made().map(|attempt| attempt.end.clone()).collect();
        assert_eq!((made.len(), &made[0]), (MOST, &End::Failed("0".into())));
        assert_eq!((place, &made[MOST - 1]), (MOST - 1, &End::Answered), "the newest is under way");
    }
}
