//! Limits of one member: found by who that is, so that a thousand of them cost a call no more than one.

use std::{cmp::Ordering, net::IpAddr};

use gatewayops_proto::limit;
use uuid::Uuid;

use super::{Place, Rule, Scope};

/// Sorted.
#[derive(Debug)]
pub(super) struct Named(Box<[(Value, Rule)]>);

/// Whose it is, as far as that can be compared with a [`Place`] without writing that down.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Value {
    Id(Scope, Uuid),
    Server(Box<str>),
    Tool(Box<str>, Box<str>),
    Ip(IpAddr),
}

impl Named {
    /// A member that cannot be understood is nobody, and an error in the log.
    pub(super) fn new(rules: Vec<(Box<str>, Rule)>) -> Self {
        let mut named = Vec::with_capacity(rules.len());
        for (value, rule) in rules {
            match Value::read(rule.scope, &value) {
                Some(value) => named.push((value, rule)),
                None => tracing::error!(rate_limit.name = &*rule.name, "rate limit left out: it is nobody's"),
            }
        }
        named.sort_by(|(one, _), (other, _)| one.cmp(other));
        Self(named.into())
    }

    pub(super) fn of(&self, place: &Place<'_>) -> impl Iterator<Item = &Rule> {
        let from = self.0.partition_point(|(value, _)| value.compare(place) == Ordering::Less);
        self.0[from..]
            .iter()
            .take_while(|(value, _)| value.compare(place) == Ordering::Equal)
            .map(|(_, rule)| rule)
    }
}

impl Value {
    fn read(scope: Scope, text: &str) -> Option<Self> {
        Some(match scope {
            Scope::Organization | Scope::Team | Scope::User | Scope::ApiKey => {
                Self::Id(scope, text.parse().ok()?)
            }
            Scope::Server => Self::Server(text.into()),
            Scope::Tool => {
                let (server, tool) = text.split_once("__")?;
                Self::Tool(server.into(), tool.into())
            }
            Scope::Ip => Self::Ip(limit::address(text.parse().ok()?)),
        })
    }

    /// In the order in which values are sorted.
    fn compare(&self, place: &Place<'_>) -> Ordering {
        let rank = |scope: Scope| match scope {
            Scope::Server => 1,
            Scope::Tool => 2,
            Scope::Ip => 3,
            _ => 0,
        };
        match (self, *place) {
            (
                Self::Id(scope, id),
                Place::Organization(other) | Place::Team(other) | Place::User(other) | Place::ApiKey(other),
            ) => (*scope, *id).cmp(&(place.scope(), other)),
            (Self::Server(name), Place::Server(other)) => (**name).cmp(other),
            (Self::Tool(server, tool), Place::Tool(other, named)) => {
                (&**server, &**tool).cmp(&(other, named))
            }
            (Self::Ip(address), Place::Ip(other)) => address.cmp(&other),
            (value, _) => rank(value.scope()).cmp(&rank(place.scope())),
        }
    }

    fn scope(&self) -> Scope {
        match self {
            Self::Id(scope, _) => *scope,
            Self::Server(_) => Scope::Server,
            Self::Tool(..) => Scope::Tool,
            Self::Ip(_) => Scope::Ip,
        }
    }
}
