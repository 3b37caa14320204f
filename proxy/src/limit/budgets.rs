//! Budgets that are enforced (contract 3.9). The control plane counts and says which are used up; here that is only
//! looked at, for every call, by the time of the call.

use std::collections::HashMap;

use chrono::{DateTime, SecondsFormat};
use gatewayops_proto::control as proto;
use uuid::Uuid;

use super::rules::Caller;
use crate::rejection::{Code, Rejection};

/// The budgets of one organization that are used up, by whose they are. Nearly always none.
#[derive(Debug, Default)]
pub(crate) struct Budgets(HashMap<Place, Vec<Budget>>);

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Place {
    Organization,
    Team(Uuid),
    User(Uuid),
    ApiKey(Uuid),
    Server(Uuid),
}

#[derive(Debug)]
struct Budget {
    id: Uuid,
    name: Box<str>,
    amount: Box<str>,
    used: Box<str>,
    /// While it was overridden it stopped nobody.
    exhausted_from_ms: i64,
    resets_at_ms: i64,
}

impl Budgets {
    /// A budget that cannot be understood stops nobody, and is an error in the log.
    pub(crate) fn new<'a>(budgets: impl IntoIterator<Item = &'a proto::Budget>) -> Self {
        let mut used_up: HashMap<_, Vec<_>> = HashMap::new();
        for budget in budgets.into_iter().filter(|budget| budget.exhausted || budget.exhausted_from_ms > 0) {
            match read(budget) {
                Some((place, budget)) => used_up.entry(place).or_default().push(budget),
                None => tracing::error!(budget.name = budget.name, "budget left out: it makes no sense"),
            }
        }
        Self(used_up)
    }

    /// Whether nothing that the call is paid from is used up. `server`: its id.
    pub(crate) fn check(
        &self,
        caller: &Caller<'_>,
        server: Option<Uuid>,
        now_ms: u64,
    ) -> Result<(), Rejection> {
        if self.0.is_empty() {
            return Ok(());
        }
        let now_ms = i64::try_from(now_ms).unwrap_or(i64::MAX);
        let places = [
            Some(Place::Organization),
            caller.api_key.map(Place::ApiKey),
            caller.user.map(Place::User),
            server.map(Place::Server),
        ];
        let teams = caller.teams.iter().map(|team| Place::Team(*team));
        let mut covering =
            places.into_iter().flatten().chain(teams).filter_map(|place| self.0.get(&place)).flatten();
        covering.find(|budget| budget.stops(now_ms)).map_or(Ok(()), |budget| Err(budget.exceeded()))
    }
}

impl Budget {
    fn stops(&self, now_ms: i64) -> bool {
        (self.exhausted_from_ms..self.resets_at_ms).contains(&now_ms)
    }

    fn exceeded(&self) -> Rejection {
        let Self { name, amount, used, .. } = self;
        let resets_at = DateTime::from_timestamp_millis(self.resets_at_ms)
            .map(|at| at.to_rfc3339_opts(SecondsFormat::Millis, true))
            .unwrap_or_default();
        let message = format!(
            "the budget {name} of {amount} USD is used up until {resets_at}; do not retry before, ask an administrator"
        );
        Rejection::new(Code::BudgetExceeded, message)
            .with("budget_id", self.id.to_string())
            .with("amount", &**amount)
            .with("used", &**used)
            .with("currency", "USD")
            .with("resets_at", resets_at)
    }
}

fn read(message: &proto::Budget) -> Option<(Place, Budget)> {
    let id = || Uuid::from_slice(&message.scope_id).ok();
    let place = match message.scope_type.as_str() {
        "organization" => Place::Organization,
        "team" => Place::Team(id()?),
        "user" => Place::User(id()?),
        "api_key" => Place::ApiKey(id()?),
        "server" => Place::Server(id()?),
        _ => return None,
    };
    let budget = Budget {
        id: Uuid::from_slice(&message.id).ok()?,
        name: message.name.as_str().into(),
        amount: message.amount.as_str().into(),
        used: message.used.as_str().into(),
        exhausted_from_ms: if message.exhausted { 0 } else { message.exhausted_from_ms },
        resets_at_ms: message.resets_at_ms,
    };
    Some((place, budget))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESETS_AT_MS: i64 = 1_796_083_200_000;
    const BEFORE: u64 = RESETS_AT_MS as u64 - 1;

    fn id(byte: u8) -> Uuid {
        Uuid::from_bytes([byte; 16])
    }

    fn budget(scope_type: &str, scope: u8, exhausted: bool) -> proto::Budget {
        proto::Budget {
            id: vec![9; 16].into(),
            org_id: vec![1; 16].into(),
            name: "tools".into(),
            scope_type: scope_type.into(),
            scope_id: if scope_type == "organization" { Vec::new() } else { vec![scope; 16] }.into(),
            exhausted,
            amount: "100.000000".into(),
            used: "100.250000".into(),
            resets_at_ms: RESETS_AT_MS,
            exhausted_from_ms: 0,
        }
    }

    fn caller(teams: &[Uuid]) -> Caller<'_> {
        Caller {
            org: id(1),
            api_key: Some(id(2)),
            rpm: 0,
            environment: None,
            user: Some(id(3)),
            teams,
            address: None,
        }
    }

    #[test]
    fn a_used_up_budget_stops_whom_it_covers_and_nobody_else() {
        let teams = [id(4), id(5)];
        for (scope_type, scope, stops) in [
            ("organization", 0, true),
            ("api_key", 2, true),
            ("user", 3, true),
            ("team", 5, true),
            ("server", 6, true),
            ("api_key", 3, false),
            ("user", 2, false),
            ("team", 6, false),
            ("server", 7, false),
        ] {
            let budgets = Budgets::new(&[budget(scope_type, scope, true)]);
            let answer = budgets.check(&caller(&teams), Some(id(6)), BEFORE);
            assert_eq!(answer.is_err(), stops, "{scope_type} {scope}");
            let other = Budgets::new(&[budget(scope_type, scope, false)]);
            assert!(other.check(&caller(&teams), Some(id(6)), BEFORE).is_ok(), "{scope_type} is not used up");
        }
    }

    #[test]
    fn an_override_ends_by_itself() {
        let overridden = proto::Budget { exhausted_from_ms: 1_000, ..budget("organization", 0, false) };
        let budgets = Budgets::new(&[overridden]);
        assert!(budgets.check(&caller(&[]), None, 999).is_ok());
        assert!(budgets.check(&caller(&[]), None, 1_000).is_err());
    }

    #[test]
    fn it_opens_again_with_the_period_and_no_word_from_anybody() {
        let budgets = Budgets::new(&[budget("organization", 0, true)]);
        let refused = budgets.check(&caller(&[]), None, BEFORE).unwrap_err();
        assert_eq!((refused.code, refused.code.status()), (Code::BudgetExceeded, 402));
        assert_eq!(refused.details["resets_at"], "2026-12-01T00:00:00.000Z");
        assert_eq!(refused.details["used"], "100.250000");
        assert_eq!(refused.retry_after_seconds, None, "backing off does not help");
        assert!(budgets.check(&caller(&[]), None, BEFORE + 1).is_ok());
    }
}
