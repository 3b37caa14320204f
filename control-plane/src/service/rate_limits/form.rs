//! What can be said about a rate limit or a quota (contract 3.9).

use std::net::IpAddr;

use gatewayops_proto::limit;
use ipnet::{IpNet, Ipv4Net};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    rest::form::{Faults, Form},
    service::api_keys::Environment,
    store::rate_limits::{Content, RateLimitRow},
};

/// Nobody is limited by more; Redis counts to it exactly.
const MAX_LIMIT: i64 = 1_000_000_000_000;
const WINDOW_SECONDS: i32 = 60;

/// How a limit counts: in a window that slides, or by the calendar.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = RateLimitKind)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    #[default]
    Rate,
    Quota,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = RateLimitScope)]
#[serde(rename_all = "snake_case")]
pub enum ScopeType {
    #[default]
    Organization,
    Team,
    User,
    ApiKey,
    Server,
    Tool,
    Ip,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = RateLimitMetric)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    #[default]
    Requests,
    InputTokens,
    OutputTokens,
}

/// Of the UTC calendar.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = QuotaPeriod)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    #[default]
    Day,
    Month,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RateLimitForm {
    #[schema(required, min_length = 1, max_length = 100)]
    pub name: String,
    pub kind: Kind,
    #[schema(required)]
    pub scope_type: ScopeType,
    /// The id of a team, user or key; a server's name; `server__tool`; an address (of IPv6 its /64) or a network. Null:
    /// each member of the type on its own.
    #[schema(max_length = 400)]
    pub scope_value: Option<String>,
    /// Null: all.
    pub environment: Option<Environment>,
    pub metric: Metric,
    #[schema(required, minimum = 1, maximum = 1_000_000_000_000_i64)]
    pub limit: i64,
    /// Of a rate; by default 60.
    #[schema(minimum = 1, maximum = 3600)]
    pub window_seconds: Option<i32>,
    /// Of a quota; by default `day`.
    pub period: Option<Period>,
    pub enabled: bool,
}

impl Default for RateLimitForm {
    fn default() -> Self {
        Self {
            name: String::new(),
            kind: Kind::default(),
            scope_type: ScopeType::default(),
            scope_value: None,
            environment: None,
            metric: Metric::default(),
            limit: 0,
            window_seconds: None,
            period: None,
            enabled: true,
        }
    }
}

impl Form for RateLimitForm {
    const REQUIRED: &'static [&'static str] = &["name", "scope_type", "limit"];

    fn check(&self, faults: &mut Faults) {
        faults.length("name", &self.name, 1..=100);
        faults.range("limit", &self.limit, 1..=MAX_LIMIT);
        match self.kind {
            Kind::Rate if self.period.is_some() => {
                faults.add("period", "unknown", "is of a quota only; leave it out, or give null");
            }
            Kind::Quota if self.window_seconds.is_some() => {
                faults.add("window_seconds", "unknown", "is of a rate only; leave it out, or give null");
            }
            _ => {}
        }
        if let Some(seconds) = self.window_seconds {
            faults.range("window_seconds", &seconds, 1..=3600);
        }
        if let Some(value) = &self.scope_value
            && let Err((code, message)) = check_value(self.scope_type, value)
        {
            faults.add("scope_value", code, message);
        }
    }
}

/// Whether it has the form of what it should name.
fn check_value(scope: ScopeType, value: &str) -> Result<(), (&'static str, &'static str)> {
    let (fits, message) = match scope {
        ScopeType::Organization => {
            return Err(("unknown", "must not be given for the scope organization"));
        }
        ScopeType::Team | ScopeType::User | ScopeType::ApiKey => {
            (value.parse::<Uuid>().is_ok(), "must be an id")
        }
        ScopeType::Server => (is_server(value), "must be the name of a server"),
        ScopeType::Tool => (
            value
                .split_once("__")
                .is_some_and(|(server, tool)| is_server(server) && (1..=255).contains(&tool.chars().count())),
            "must be the name of a server and of its tool, with __ between",
        ),
        ScopeType::Ip => (network(value).is_some(), "must be an address or a network such as 10.0.0.0/8"),
    };
    if fits { Ok(()) } else { Err(("format", message)) }
}

fn is_server(name: &str) -> bool {
    (1..=63).contains(&name.len())
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// The server in `server` or `server__tool`: names of servers have no underscores.
pub(super) fn server_of(value: &str) -> &str {
    value.split_once("__").map_or(value, |(server, _)| server)
}

/// An address, or a network without host bits, as it is kept: an address, or what is smaller than an IPv6 /64, as it is
/// counted.
fn network(value: &str) -> Option<String> {
    if let Ok(address) = value.parse::<IpAddr>() {
        return Some(limit::address(address).to_string());
    }
    let network = canonical(value.parse::<IpNet>().ok()?).trunc();
    let is_one = match network {
        IpNet::V4(v4) => v4.prefix_len() == v4.max_prefix_len(),
        IpNet::V6(v6) => v6.prefix_len() > 64,
    };
    Some(if is_one { limit::address(network.addr()).to_string() } else { network.to_string() })
}

/// A network of IPv4 addresses that are written in IPv6 (RFC 4291 §2.5.5.2), as what it is.
fn canonical(network: IpNet) -> IpNet {
    const MAPPED: u8 = 96;
    match network {
        IpNet::V6(v6) if v6.prefix_len() >= MAPPED => v6
            .addr()
            .to_ipv4_mapped()
            .and_then(|v4| Ipv4Net::new(v4, v6.prefix_len() - MAPPED).ok())
            .map_or(network, IpNet::V4),
        _ => network,
    }
}

impl RateLimitForm {
    /// What has one form only is brought into it.
    pub(super) fn tidy(&mut self) {
        let tidy = |value: String| match self.scope_type {
            ScopeType::Team | ScopeType::User | ScopeType::ApiKey => {
                value.parse::<Uuid>().map_or(value, |id| id.to_string())
            }
            ScopeType::Ip => network(&value).unwrap_or(value),
            ScopeType::Organization | ScopeType::Server | ScopeType::Tool => value,
        };
        self.scope_value = self.scope_value.take().map(tidy);
        match self.kind {
            Kind::Rate => self.window_seconds = self.window_seconds.or(Some(WINDOW_SECONDS)),
            Kind::Quota => self.period = self.period.or(Some(Period::Day)),
        }
    }

    /// What a change starts from that names another kind: the time of the old one is not of the new.
    pub(super) fn without_time(&self) -> Self {
        Self { window_seconds: None, period: None, ..self.clone() }
    }

    pub(super) fn is_about(&self, other: &Self) -> bool {
        (self.scope_type, &self.scope_value) == (other.scope_type, &other.scope_value)
    }

    pub(super) fn content(&self) -> Content<'_> {
        Content {
            name: &self.name,
            kind: match self.kind {
                Kind::Rate => "rate",
                Kind::Quota => "quota",
            },
            scope_type: match self.scope_type {
                ScopeType::Organization => "organization",
                ScopeType::Team => "team",
                ScopeType::User => "user",
                ScopeType::ApiKey => "api_key",
                ScopeType::Server => "server",
                ScopeType::Tool => "tool",
                ScopeType::Ip => "ip",
            },
            scope_value: self.scope_value.as_deref(),
            environment: self.environment.map(|environment| match environment {
                Environment::Dev => "dev",
                Environment::Stg => "stg",
                Environment::Prd => "prd",
            }),
            metric: match self.metric {
                Metric::Requests => "requests",
                Metric::InputTokens => "input_tokens",
                Metric::OutputTokens => "output_tokens",
            },
            limit: self.limit,
            window_seconds: self.window_seconds.unwrap_or(WINDOW_SECONDS),
            period: match self.period.unwrap_or_default() {
                Period::Day => "day",
                Period::Month => "month",
            },
            enabled: self.enabled,
        }
    }
}

impl From<&RateLimitRow> for RateLimitForm {
    fn from(row: &RateLimitRow) -> Self {
        let kind = serde_json::from_value(json!(row.kind)).unwrap_or_default();
        Self {
            name: row.name.clone(),
            kind,
            scope_type: serde_json::from_value(json!(row.scope_type)).unwrap_or_default(),
            scope_value: row.scope_value.clone(),
            environment: serde_json::from_value(json!(row.environment)).unwrap_or_default(),
            metric: serde_json::from_value(json!(row.metric)).unwrap_or_default(),
            limit: row.limit,
            window_seconds: (kind == Kind::Rate).then_some(row.window_seconds),
            period: match kind {
                Kind::Rate => None,
                Kind::Quota => serde_json::from_value(json!(row.period)).unwrap_or_default(),
            },
            enabled: row.enabled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_value_has_the_form_of_what_it_names() {
        let id = "0198c0de-7a11-7c3e-9b2a-5d0f6e1a2b3c";
        for (scope, good, bad) in [
            (ScopeType::Team, vec![id], vec!["payments", ""]),
            (ScopeType::ApiKey, vec![id], vec!["gwo_dev_x"]),
            (ScopeType::Server, vec!["files", "a-1"], vec!["Files", "files__read", "1a", ""]),
            (
                ScopeType::Tool,
                vec!["files__read_file", "files__a__b", "files___x"],
                vec!["files", "files__", "__read"],
            ),
            (
                ScopeType::Ip,
                vec!["10.0.0.1", "10.0.0.0/8", "2001:db8::1", "2001:db8::/32"],
                vec!["10.0.0.0/33", "host", "10.0.0"],
            ),
            (ScopeType::Organization, vec![], vec![id]),
        ] {
            for value in good {
                assert!(check_value(scope, value).is_ok(), "{scope:?} {value}");
            }
            for value in bad {
                assert!(check_value(scope, value).is_err(), "{scope:?} {value}");
            }
        }
    }

    #[test]
    fn an_address_is_kept_in_one_form() {
        let tidy = |value: &str| network(value).unwrap();
        for (given, kept) in [
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("10.1.2.3/32", "10.1.2.3"),
            ("::ffff:10.1.2.3", "10.1.2.3"),
            ("::ffff:10.1.2.3/104", "10.0.0.0/8"),
            ("2001:DB8:0::1", "2001:db8::"),
            ("2001:db8::1/64", "2001:db8::/64"),
            ("2001:db8::1:0/112", "2001:db8::"),
        ] {
            assert_eq!(tidy(given), kept);
        }
    }
}
