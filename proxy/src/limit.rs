//! Rate limits, quotas and budgets (contract 3.9, 2.2): whether a call may pass, mostly without asking anybody.
//!
//! What counts is counted in the store that all proxies share, see [`gatewayops_proto::limit`]. A proxy lets calls pass on
//! **credit** and tells the store soon after: of every limit it may have let pass so many calls that the store does not
//! know of that all proxies together are at most a twenty-fifth over it, however unlucky they are. Near the limit, and
//! where the limit is too small to be shared out, the call itself asks, for all its limits in one step. What is known to
//! be full is refused here until the store has said there is room.
//!
//! Nothing is reserved, so nothing is lost with a proxy that dies, and a proxy that starts finds what was counted.
//! Without the store each proxy goes by its own count, and its share of the limit.
//!
//! [`rules`] says which limits a call has to pass, [`member`] is one of them with one caller, [`members`] keeps those in
//! use, [`ask`] and [`tell`] talk to the store, [`presence`] knows whether it is there, and who else is.

use std::{
    net::IpAddr,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use gatewayops_proto::control::DefaultRates;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::store::Store;

mod ask;
pub(crate) mod budgets;
mod member;
mod members;
mod outcome;
mod own;
mod presence;
pub(crate) mod rules;
pub(crate) mod tell;
#[cfg(test)]
mod tests;

pub(crate) use outcome::{Passed, Refused};
pub(crate) use rules::{Call, Caller, Rules};

use member::{Local, Member};
use members::Members;
use presence::Presence;

/// Callers that are remembered, each with one limit. The least recently seen make room.
const MEMBERS: usize = 100_000;
/// Addresses that are remembered because nobody we know called from there.
const STRANGERS: usize = 16_384;
/// Where proxies are listed that share their limits.
const PROXIES: &str = "gwo:limit:proxies";
/// A call waits no longer for the store: slow is as good as away.
const PATIENCE: Duration = Duration::from_millis(50);

pub(crate) struct Limiter {
    members: Members,
    presence: Presence,
    /// They make no room among callers, however many they are.
    strangers: Members,
    of_strangers: Rules,
    /// There are members whose credit is half used up.
    hurry: Notify,
    alone: Alone,
}

/// Calls about which this proxy decided without the store, by why.
#[derive(Default)]
struct Alone {
    /// It is known to be away.
    away: AtomicU64,
    /// It did not answer in time.
    slow: AtomicU64,
}

impl Limiter {
    /// `ip_rpm`: how many requests a minute an address may make of which nobody can tell whose they are.
    pub(crate) fn new(ip_rpm: u32) -> Self {
        let of_strangers = Rules::new([], Some(&DefaultRates { ip_rpm, ..DefaultRates::default() }));
        Self { of_strangers, ..Self::with(Presence::new(PROXIES, PATIENCE), MEMBERS) }
    }

    fn with(presence: Presence, members: usize) -> Self {
        Self {
            members: Members::new(members),
            presence,
            strangers: Members::new(STRANGERS),
            of_strangers: Rules::default(),
            hurry: Notify::new(),
            alone: Alone::default(),
        }
    }

    /// Whether the call passes all limits that it has to; then it is counted by all, else by none.
    pub(crate) async fn check(
        &self,
        store: &Store,
        rules: &Rules,
        call: &Call<'_>,
        now_ms: u64,
    ) -> Result<Passed, Refused> {
        let now_ms = self.presence.store_time(now_ms);
        if self.presence.is_away(now_ms) {
            self.alone.away.fetch_add(1, Ordering::Relaxed);
            return self.by_share(rules, call, now_ms);
        }
        match self.on_credit(rules, call, now_ms) {
            Some(decided) => decided,
            None => self.ask(store, rules, call, now_ms).await,
        }
    }

    /// Counts what a call turned out to need, for limits that count tokens.
    pub(crate) fn charge(&self, rules: &Rules, call: &Call<'_>, input: u32, output: u32, now_ms: u64) {
        let now_ms = self.presence.store_time(now_ms);
        let (org, replicas) = (call.caller.org, self.presence.replicas());
        rules.each(call, |matched| {
            let tokens = matched.tokens(input, output);
            if tokens > 0 {
                let id = self.members.id(org, matched);
                let hurries =
                    self.members.with(id, org, matched, |member| member.charge(tokens, now_ms, replicas));
                self.hurry(id, hurries);
            }
            true
        });
    }

    /// Whether there is room for one more request from an address that shows no good credential. Decided here alone, by
    /// this proxy's share: whoever floods us must not reach the store. `rules`: of the organization, if it is known.
    pub(crate) fn flood(&self, rules: Option<&Rules>, address: IpAddr, now_ms: u64) -> Result<(), Refused> {
        let now_ms = self.presence.store_time(now_ms);
        let replicas = self.presence.replicas();
        let matched = rules.unwrap_or(&self.of_strangers).flood(address);
        let (nobodys, id) = (Uuid::nil(), self.strangers.id(Uuid::nil(), &matched));
        match self.strangers.with(id, nobodys, &matched, |member| member.pass_unsaid(now_ms, replicas)) {
            Local::Full { until_ms } => Err(Refused::new(&matched, now_ms, until_ms)),
            _ => Ok(()),
        }
    }

    /// How many calls were decided here while the store was away, or too slow.
    pub(crate) fn decided_alone(&self) -> [(&'static str, u64); 2] {
        let Alone { away, slow } = &self.alone;
        [("away", away.load(Ordering::Relaxed)), ("slow", slow.load(Ordering::Relaxed))]
    }

    /// None: the store has to say. Once that is so for one limit, others are only asked whether they are full: that is
    /// an answer too, and a cheap one.
    fn on_credit(&self, rules: &Rules, call: &Call<'_>, now_ms: u64) -> Option<Result<Passed, Refused>> {
        let replicas = self.presence.replicas();
        let mut is_unsure = false;
        let decided = self.locally(rules, call, now_ms, |member| {
            let local = if is_unsure { member.look(now_ms) } else { member.pass(now_ms, replicas) };
            is_unsure |= local == Local::Unsure;
            local
        });
        match decided {
            (_, Some(refused), taken) => {
                self.take_back(rules, call, taken);
                Some(Err(refused))
            }
            (_, None, taken) if is_unsure => {
                self.take_back(rules, call, taken);
                None
            }
            (passed, None, _) => Some(Ok(passed)),
        }
    }

    /// Without the store.
    fn by_share(&self, rules: &Rules, call: &Call<'_>, now_ms: u64) -> Result<Passed, Refused> {
        let replicas = self.presence.replicas();
        match self.locally(rules, call, now_ms, |member| member.pass_by_share(now_ms, replicas)) {
            (_, Some(refused), taken) => {
                self.take_back(rules, call, taken);
                Err(refused)
            }
            (passed, None, _) => Ok(passed),
        }
    }

    /// What every limit says in turn until one is full, and how many the call has passed.
    fn locally(
        &self,
        rules: &Rules,
        call: &Call<'_>,
        now_ms: u64,
        mut decide: impl FnMut(&mut Member) -> Local,
    ) -> (Passed, Option<Refused>, usize) {
        let (org, mut taken) = (call.caller.org, 0);
        let (mut passed, mut refused) = (Passed::new(now_ms), None);
        rules.each(call, |matched| {
            let id = self.members.id(org, matched);
            match self.members.with(id, org, matched, &mut decide) {
                Local::Passed { remaining, hurries } => {
                    taken += 1;
                    passed.note(matched, remaining);
                    self.hurry(id, hurries);
                }
                Local::Full { until_ms } => refused = Some(Refused::new(matched, now_ms, until_ms)),
                Local::Unsure => {}
            }
            refused.is_none()
        });
        (passed, refused, taken)
    }

    /// The first so many limits, which the call has passed, have not seen it.
    fn take_back(&self, rules: &Rules, call: &Call<'_>, mut taken: usize) {
        rules.each(call, |matched| {
            if taken == 0 {
                return false;
            }
            taken -= 1;
            self.members.with_known(self.members.id(call.caller.org, matched), Member::take_back);
            true
        });
    }

    fn hurry(&self, id: u64, hurries: bool) {
        if hurries {
            self.members.hurry(id);
            self.hurry.notify_one();
        }
    }
}
