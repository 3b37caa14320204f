//! Limits of one member: found by who that is, so that a thousand of them cost a call no more than one.

use std::{cmp::Ordering, net::IpAddr};

use gatewayops_proto::limit;
use ipnet::IpNet;
use uuid::Uuid;

use super::{Place, Rule, Scope};

#[derive(Debug)]
pub(super) struct Named {
    /// Sorted.
    members: Box<[(Value, Rule)]>,
    /// Each counts all addresses in it as one member.
    networks: Box<[(IpNet, Rule)]>,
}

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
        let (mut members, mut networks) = (Vec::with_capacity(rules.len()), Vec::new());
        for (value, rule) in rules {
            match (Value::read(rule.scope, &value), value.parse()) {
                (Some(value), _) => members.push((value, rule)),
                // Its neighbours are counted with it.
                (None, Ok(IpNet::V6(v6))) if rule.scope == Scope::Ip && v6.prefix_len() > 64 => {
                    members.push((Value::Ip(limit::address(v6.addr().into())), rule));
                }
                (None, Ok(network)) if rule.scope == Scope::Ip => networks.push((network, rule)),
                _ => tracing::error!(rate_limit.name = &*rule.name, "rate limit left out: it is nobody's"),
            }
        }
        members.sort_by(|(one, _), (other, _)| one.cmp(other));
        Self { members: members.into(), networks: networks.into() }
    }

    /// The rules about a place, and those about networks around it, each with the place that it counts.
    pub(super) fn of<'a>(&self, place: Place<'a>) -> impl Iterator<Item = (&Rule, Place<'a>)> {
        let from = self.members.partition_point(|(value, _)| value.compare(&place) == Ordering::Less);
        let exact = self.members[from..]
            .iter()
            .take_while(move |(value, _)| value.compare(&place) == Ordering::Equal);
        let (networks, address) = match place {
            Place::Ip(address) => (&*self.networks, Some(address)),
            _ => (&[][..], None),
        };
        let around =
            networks.iter().filter(move |(network, _)| address.is_some_and(|one| network.contains(&one)));
        exact
            .map(move |(_, rule)| (rule, place))
            .chain(around.map(|(network, rule)| (rule, Place::Network(*network))))
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
