//! Which limits a call has to pass: those that an administrator wrote, and the standard ones where nothing more special
//! is said (contract 3.2, 3.9). Made once an organization, asked for every call without allocating.

use std::{fmt, net::IpAddr, sync::Arc};

use gatewayops_proto::{
    api_key::Environment,
    control as proto,
    limit::{self, Metric, Window, standard},
};
use ipnet::IpNet;
use uuid::Uuid;

use super::member::Terms;

mod named;

use named::Named;

const A_MINUTE: Window = Window::Seconds(60);
/// Longer names of tools are told apart by so many bytes.
const TOOL_NAME: usize = 256;
/// Counts what goes on with a call that was counted: each answer to what its server asked meanwhile.
const CONTINUED: &str = "continued";

/// Who calls, as far as limits and budgets know callers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller<'a> {
    pub(crate) org: Uuid,
    pub(crate) api_key: Option<Uuid>,
    /// The key's own limit, requests a minute; 0: none.
    pub(crate) rpm: u32,
    pub(crate) environment: Option<Environment>,
    /// Also the owner of a key.
    pub(crate) user: Option<Uuid>,
    /// The key's, and those of the user.
    pub(crate) teams: &'a [Uuid],
    pub(crate) address: Option<IpAddr>,
}

/// One logical call, or a request that is none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) caller: Caller<'a>,
    /// None: it concerns all servers.
    pub(crate) server: Option<&'a str>,
    pub(crate) tool: Option<&'a str>,
    /// It goes on with a call that was counted, and counts only as such (R10.4).
    pub(crate) is_continued: bool,
}

#[derive(Debug)]
pub(crate) struct Rules {
    /// For each member of a kind on its own.
    each: Box<[Rule]>,
    named: Named,
    standard: Standard,
}

#[derive(Debug)]
pub(super) struct Rule {
    id: Uuid,
    name: Arc<str>,
    scope: Scope,
    environment: Option<Environment>,
    terms: Terms,
}

/// What is limited (contract 3.9, `scope_type`).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Scope {
    Organization,
    Team,
    User,
    ApiKey,
    Server,
    Tool,
    Ip,
}

/// One member of a scope. It is written as `scope_value` is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Place<'a> {
    Organization(Uuid),
    Team(Uuid),
    User(Uuid),
    ApiKey(Uuid),
    Server(&'a str),
    Tool(&'a str, &'a str),
    Ip(IpAddr),
    Network(IpNet),
}

/// The id of a limit, or the name of one that everybody has.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum LimitId {
    Rule(Uuid),
    Standard(&'static str),
}

/// A limit that a call has to pass, and as whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Matched<'a> {
    pub(crate) id: LimitId,
    pub(crate) name: &'a Arc<str>,
    pub(crate) terms: Terms,
    pub(crate) place: Place<'a>,
}

/// Requests a minute where nothing more special is said.
#[derive(Debug)]
struct Standard {
    prd: u32,
    stg: u32,
    dev: u32,
    user: u32,
    organization: u32,
    ip: u32,
    names: Names,
}

/// As `RateLimit-Policy` has them (contract 1.5).
#[derive(Debug)]
struct Names {
    key: Arc<str>,
    user: Arc<str>,
    organization: Arc<str>,
    ip: Arc<str>,
}

impl Rules {
    /// A limit that cannot be understood is left out, and an error in the log.
    pub(crate) fn new<'a>(
        limits: impl IntoIterator<Item = &'a proto::RateLimit>,
        defaults: Option<&proto::DefaultRates>,
    ) -> Self {
        let (mut each, mut named) = (Vec::new(), Vec::new());
        for limit in limits {
            match Rule::read(limit) {
                Some(rule) if limit.scope_value.is_empty() || rule.scope == Scope::Organization => {
                    each.push(rule);
                }
                Some(rule) => named.push((limit.scope_value.as_str().into(), rule)),
                None => {
                    tracing::error!(rate_limit.name = limit.name, "rate limit left out: it makes no sense")
                }
            }
        }
        Self { each: each.into(), named: Named::new(named), standard: Standard::new(defaults) }
    }

    /// Hands over every limit that the call has to pass, in the same order each time, until told to stop.
    pub(crate) fn each<'a>(&'a self, call: &Call<'a>, mut then: impl FnMut(&Matched<'a>) -> bool) {
        if call.is_continued {
            if let Some(matched) = self.standard.continued(&call.caller) {
                then(&matched);
            }
            return;
        }
        // Of which scopes an administrator has said how many requests they may make.
        let mut said = 0u8;
        for place in call.places() {
            let of_each = self.each.iter().filter(|rule| rule.scope == place.scope());
            for (rule, place) in of_each.map(|rule| (rule, place)).chain(self.named.of(place)) {
                if !rule.concerns(&call.caller) {
                    continue;
                }
                if rule.terms.metric == Metric::Requests && !rule.terms.window.is_quota() {
                    said |= place.scope().bit();
                }
                let id = LimitId::Rule(rule.id);
                if !then(&Matched { id, name: &rule.name, terms: rule.terms, place }) {
                    return;
                }
            }
        }
        for matched in self.standard.of(&call.caller, said).into_iter().flatten() {
            if !then(&matched) {
                return;
            }
        }
    }

    /// How many requests without a good credential an address may make (contract 3.2, `ip_rpm`).
    pub(crate) fn flood(&self, address: IpAddr) -> Matched<'_> {
        let Standard { ip, names, .. } = &self.standard;
        requests(LimitId::Standard("flood"), &names.ip, *ip, Place::Ip(limit::address(address)))
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self::new([], None)
    }
}

impl Rule {
    fn read(message: &proto::RateLimit) -> Option<Self> {
        let environment = match message.environment.as_str() {
            "" => None,
            environment => Some(Environment::parse(environment)?),
        };
        let window = Window::parse(&message.kind, message.window_seconds, &message.period)?;
        let metric = match message.metric.as_str() {
            "" => Metric::Requests,
            metric => Metric::parse(metric)?,
        };
        Some(Self {
            id: Uuid::from_slice(&message.id).ok()?,
            name: printable(&message.name).into(),
            scope: Scope::parse(&message.scope_type)?,
            environment,
            terms: Terms { metric, window, limit: message.limit.clamp(1, limit::MAX) },
        })
    }

    fn concerns(&self, caller: &Caller<'_>) -> bool {
        self.environment.is_none() || self.environment == caller.environment
    }
}

impl<'a> Call<'a> {
    fn places(&self) -> impl Iterator<Item = Place<'a>> + use<'a> {
        let Caller { org, api_key, user, teams, address, .. } = self.caller;
        // The caller chooses the name: it must not choose how much we remember.
        let tool = self.tool.map(|tool| &tool[..tool.floor_char_boundary(TOOL_NAME)]);
        let tool = self.server.zip(tool).map(|(server, tool)| Place::Tool(server, tool));
        [
            Some(Place::Organization(org)),
            api_key.map(Place::ApiKey),
            user.map(Place::User),
            self.server.map(Place::Server),
            tool,
            address.map(|address| Place::Ip(limit::address(address))),
        ]
        .into_iter()
        .flatten()
        .chain(teams.iter().map(|team| Place::Team(*team)))
    }
}

impl Scope {
    fn parse(name: &str) -> Option<Self> {
        const ALL: [Scope; 7] = [
            Scope::Organization,
            Scope::Team,
            Scope::User,
            Scope::ApiKey,
            Scope::Server,
            Scope::Tool,
            Scope::Ip,
        ];
        ALL.into_iter().find(|scope| scope.as_str() == name)
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Team => "team",
            Self::User => "user",
            Self::ApiKey => "api_key",
            Self::Server => "server",
            Self::Tool => "tool",
            Self::Ip => "ip",
        }
    }

    /// For people: whose limit it is.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::ApiKey => "API key",
            Self::Ip => "address",
            scope => scope.as_str(),
        }
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl Place<'_> {
    pub(crate) fn scope(&self) -> Scope {
        match self {
            Self::Organization(_) => Scope::Organization,
            Self::Team(_) => Scope::Team,
            Self::User(_) => Scope::User,
            Self::ApiKey(_) => Scope::ApiKey,
            Self::Server(_) => Scope::Server,
            Self::Tool(..) => Scope::Tool,
            Self::Ip(_) | Self::Network(_) => Scope::Ip,
        }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Organization(id) | Self::Team(id) | Self::User(id) | Self::ApiKey(id) => write!(f, "{id}"),
            Self::Server(server) => f.write_str(server),
            Self::Tool(server, tool) => write!(f, "{server}__{tool}"),
            Self::Ip(address) => write!(f, "{address}"),
            Self::Network(network) => write!(f, "{network}"),
        }
    }
}

impl fmt::Display for LimitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule(id) => write!(f, "{id}"),
            Self::Standard(name) => f.write_str(name),
        }
    }
}

impl Matched<'_> {
    /// What a call that needed so many tokens counts for.
    pub(super) fn tokens(&self, input: u32, output: u32) -> u64 {
        match self.terms.metric {
            Metric::Requests => 0,
            Metric::InputTokens => input.into(),
            Metric::OutputTokens => output.into(),
        }
    }
}

impl Standard {
    fn new(said: Option<&proto::DefaultRates>) -> Self {
        let said = said.copied().unwrap_or_default();
        let or = |said: u32, otherwise| if said > 0 { said } else { otherwise };
        Self {
            prd: or(said.prd_rpm, 1000),
            stg: or(said.stg_rpm, 300),
            dev: or(said.dev_rpm, 100),
            user: or(said.user_rpm, 600),
            organization: or(said.org_rpm, 10_000),
            ip: or(said.ip_rpm, 100),
            names: Names {
                key: "key".into(),
                user: "user".into(),
                organization: "org".into(),
                ip: "ip".into(),
            },
        }
    }

    /// The caller's, and its organization's. A key's own limit holds whatever else is said.
    fn of(&self, caller: &Caller<'_>, said: u8) -> [Option<Matched<'_>>; 2] {
        let is_said = |scope: Scope| said & scope.bit() != 0;
        let organization = Place::Organization(caller.org);
        [
            self.caller(caller).filter(|matched| caller.rpm > 0 || !is_said(matched.place.scope())),
            Some(requests(
                LimitId::Standard(standard::ORGANIZATION),
                &self.names.organization,
                self.organization,
                organization,
            ))
            .filter(|_| !is_said(Scope::Organization)),
        ]
    }

    fn caller(&self, caller: &Caller<'_>) -> Option<Matched<'_>> {
        if let Some(key) = caller.api_key {
            let rpm = match caller.environment {
                _ if caller.rpm > 0 => caller.rpm,
                Some(Environment::Prd) => self.prd,
                Some(Environment::Stg) => self.stg,
                Some(Environment::Dev) | None => self.dev,
            };
            return Some(requests(
                LimitId::Standard(standard::API_KEY),
                &self.names.key,
                rpm,
                Place::ApiKey(key),
            ));
        }
        let id = LimitId::Standard(standard::USER);
        caller.user.map(|user| requests(id, &self.names.user, self.user, Place::User(user)))
    }

    /// As many as there may be calls.
    fn continued(&self, caller: &Caller<'_>) -> Option<Matched<'_>> {
        self.caller(caller).map(|matched| Matched { id: LimitId::Standard(CONTINUED), ..matched })
    }
}

fn requests<'a>(id: LimitId, name: &'a Arc<str>, rpm: u32, place: Place<'a>) -> Matched<'a> {
    let terms = Terms { metric: Metric::Requests, window: A_MINUTE, limit: rpm.max(1).into() };
    Matched { id, name, terms, place }
}

/// As it may stand between quotes in a header (RFC 8941 §3.3.3).
fn printable(name: &str) -> String {
    let allowed = |char: &char| (char.is_ascii_graphic() || *char == ' ') && !matches!(char, '"' | '\\');
    name.chars().map(|char| if allowed(&char) { char } else { '_' }).take(100).collect()
}
