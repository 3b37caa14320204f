//! One caller with one limit: what is known of it here, and what that decides. Plain state, no I/O, no clock.

use gatewayops_proto::limit::{self, Metric, Window};

use super::own::Own;

/// All proxies together may be so many parts of the limit over it.
const OVER: u64 = 25;
/// What the store said of a limit that counts tokens holds so long, unless much is left.
const FRESH_MS: u64 = 5_000;

/// What a limit demands.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Terms {
    pub(crate) metric: Metric,
    pub(crate) window: Window,
    pub(crate) limit: u64,
}

#[derive(Debug)]
pub(super) struct Member {
    /// Its counter in the store.
    pub(super) counter: Box<str>,
    pub(super) terms: Terms,
    own: Own,
    /// Of its own, what is on its way to the store.
    telling: u64,
    heard: Option<Heard>,
    full_until_ms: u64,
    seen_ms: u64,
    /// It waits to be told soon.
    hurries: bool,
}

/// The store's last word.
#[derive(Clone, Copy, Debug)]
struct Heard {
    at_ms: u64,
    remaining: u64,
}

/// What can be said here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Local {
    /// And it is counted. `hurries`: from now on the store should know soon.
    Passed { remaining: u64, hurries: bool },
    /// There is no room before that.
    Full { until_ms: u64 },
    /// The store has to say.
    Unsure,
}

/// A question to the store, and what else it is told with it.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) counter: Box<str>,
    pub(super) slot: u64,
    pub(super) oldest: u64,
    pub(super) keep_ms: u64,
    pub(super) limit: u64,
    pub(super) asked: u64,
    pub(super) pending: u64,
    pub(super) told: Vec<(u64, u64)>,
    /// So much of what it counts it was told before by us.
    known: u64,
}

/// The store's answer about one counter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    pub(super) used: u64,
    /// The slot with whose end there is room; None: there is.
    pub(super) frees: Option<u64>,
}

impl Member {
    pub(super) fn new(counter: String, terms: Terms) -> Self {
        Self {
            counter: counter.into(),
            terms,
            own: Own::default(),
            telling: 0,
            heard: None,
            full_until_ms: 0,
            seen_ms: 0,
            hurries: false,
        }
    }

    /// What the limit demands now. What was said about other demands is void.
    pub(super) fn follow(&mut self, terms: Terms) {
        if self.terms != terms {
            self.terms = terms;
            self.heard = None;
            self.full_until_ms = 0;
        }
    }

    pub(super) fn pass(&mut self, now_ms: u64, replicas: u64) -> Local {
        if let Local::Full { until_ms } = self.look(now_ms) {
            return Local::Full { until_ms };
        }
        if self.terms.metric != Metric::Requests {
            return self.pass_uncounted(now_ms);
        }
        let allowance = self.allowance(now_ms, replicas);
        if self.own.untold() >= allowance {
            return Local::Unsure;
        }
        self.own.pass(self.terms.window.slot(now_ms), 1, false);
        let hurries = self.own.untold() * 2 >= allowance && self.hurry();
        Local::Passed { remaining: self.remaining(), hurries }
    }

    /// Without the store: as long as this proxy's own count is within its share. Nobody's share is nothing.
    pub(super) fn pass_by_share(&mut self, now_ms: u64, replicas: u64) -> Local {
        self.share(now_ms, replicas, false)
    }

    /// The same for what the store is never to hear of.
    pub(super) fn pass_unsaid(&mut self, now_ms: u64, replicas: u64) -> Local {
        self.share(now_ms, replicas, true)
    }

    fn share(&mut self, now_ms: u64, replicas: u64, is_told: bool) -> Local {
        if let Local::Full { until_ms } = self.look(now_ms) {
            return Local::Full { until_ms };
        }
        let window = self.terms.window;
        let share = (self.terms.limit / replicas).max(1);
        if self.own.passed() >= share {
            let frees = self.own.frees(share).unwrap_or_else(|| window.slot(now_ms));
            return Local::Full { until_ms: window.ends_ms(frees) };
        }
        if self.terms.metric == Metric::Requests {
            self.own.pass(window.slot(now_ms), 1, is_told);
        }
        Local::Passed { remaining: share - self.own.passed(), hurries: false }
    }

    /// Only whether it is known to be full.
    pub(super) fn look(&mut self, now_ms: u64) -> Local {
        self.seen_ms = now_ms;
        self.own.forget_before(self.terms.window.oldest(now_ms));
        if now_ms < self.full_until_ms { Local::Full { until_ms: self.full_until_ms } } else { Local::Unsure }
    }

    /// What passed last was refused by another limit.
    pub(super) fn take_back(&mut self) {
        if self.terms.metric == Metric::Requests {
            self.own.take_back();
        }
    }

    /// Counts what is known only afterwards. Whether from now on the store should know soon.
    pub(super) fn charge(&mut self, count: u64, now_ms: u64, replicas: u64) -> bool {
        self.seen_ms = now_ms;
        self.own.forget_before(self.terms.window.oldest(now_ms));
        self.own.pass(self.terms.window.slot(now_ms), count, false);
        self.own.untold() * 2 >= self.credit(replicas) && self.hurry()
    }

    /// What a call asks that cannot be decided here.
    pub(super) fn question(&mut self, now_ms: u64) -> Question {
        let asked = u64::from(self.terms.metric == Metric::Requests);
        self.own.forget_before(self.terms.window.oldest(now_ms));
        // What is on its way to the store may be counted there by now: it must not be counted twice.
        let pending = self.own.untold().saturating_sub(self.telling);
        Question { asked, pending, ..self.statement(now_ms, Vec::new()) }
    }

    /// The store's answer to the question of a call.
    pub(super) fn answered(&mut self, now_ms: u64, question: &Question, has_passed: bool, word: Word) {
        if has_passed && question.asked > 0 {
            self.own.pass(question.slot, question.asked, true);
        }
        self.heard(now_ms, question, word);
    }

    /// What the store has to be told: what passed on credit, or that somebody wants to know. None: nothing.
    pub(super) fn telling(&mut self, now_ms: u64) -> Option<Question> {
        let wants_to_know = std::mem::take(&mut self.hurries);
        self.own.forget_before(self.terms.window.oldest(now_ms));
        if self.own.untold() == 0 && !wants_to_know {
            return None;
        }
        self.telling = self.own.untold();
        Some(self.statement(now_ms, self.own.to_tell()))
    }

    /// How that ended. None: the store did not answer.
    pub(super) fn told(&mut self, now_ms: u64, question: &Question, word: Option<Word>) {
        self.telling = 0;
        let Some(word) = word else { return };
        self.own.told(&question.told);
        self.heard(now_ms, question, word);
    }

    pub(super) fn remaining(&self) -> u64 {
        let known = self.heard.map_or(self.terms.limit, |heard| heard.remaining);
        known.saturating_sub(self.own.untold())
    }

    pub(super) fn full_until_ms(&self) -> u64 {
        self.full_until_ms
    }

    pub(super) fn seen_ms(&self) -> u64 {
        self.seen_ms
    }

    pub(super) fn has_untold(&self) -> bool {
        self.own.untold() > 0
    }

    fn heard(&mut self, now_ms: u64, question: &Question, word: Word) {
        if question.known > word.used {
            // The store knows less than it was told: it has lost it.
            self.own.tell_again();
        }
        let window = self.terms.window;
        self.heard = Some(Heard { at_ms: now_ms, remaining: self.terms.limit.saturating_sub(word.used) });
        // A slot of the future is that of a clock gone wrong.
        self.full_until_ms = word.frees.map_or(0, |slot| window.ends_ms(slot.min(question.slot)));
    }

    /// A call whose cost shows later passes while something is left.
    fn pass_uncounted(&mut self, now_ms: u64) -> Local {
        let Some(heard) = self.heard else { return Local::Unsure };
        let (remaining, age_ms) = (self.remaining(), now_ms.saturating_sub(heard.at_ms));
        let is_far = remaining > self.terms.limit / 2 && age_ms < self.window_ms(now_ms);
        if remaining == 0 || !(age_ms < FRESH_MS || is_far) {
            return Local::Unsure;
        }
        Local::Passed { remaining, hurries: age_ms >= FRESH_MS && self.hurry() }
    }

    /// Whether that is new.
    fn hurry(&mut self) -> bool {
        !std::mem::replace(&mut self.hurries, true)
    }

    /// How much this proxy may let pass that the store does not know.
    fn allowance(&self, now_ms: u64, replicas: u64) -> u64 {
        let credit = self.credit(replicas);
        match self.heard {
            Some(heard) if now_ms < heard.at_ms + self.window_ms(now_ms) => {
                credit.min(heard.remaining / replicas)
            }
            _ => credit,
        }
    }

    fn credit(&self, replicas: u64) -> u64 {
        self.terms.limit / (OVER * replicas)
    }

    fn window_ms(&self, now_ms: u64) -> u64 {
        self.terms.window.seconds(now_ms) * 1000
    }

    fn statement(&self, now_ms: u64, told: Vec<(u64, u64)>) -> Question {
        let window = self.terms.window;
        Question {
            counter: self.counter.clone(),
            slot: window.slot(now_ms),
            oldest: window.oldest(now_ms),
            keep_ms: window.keep_ms(now_ms),
            limit: self.terms.limit.min(limit::MAX),
            asked: 0,
            pending: 0,
            told,
            known: self.own.passed() - self.own.untold(),
        }
    }
}
