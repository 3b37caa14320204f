//! What an organization wants done about findings (contract 3.8).
//!
//! [`Policies`] are compiled once and judge many texts: every policy that matches the place says what it wants done with
//! each finding, and the strictest wins. Detectors run once however many policies ask for them.

mod glob;
mod judge;
mod pattern;
mod redact;
mod seam;
mod snippet;
mod source;

use std::str::FromStr;

use self::{glob::Globs, pattern::Patterns};
pub use self::{
    judge::{Detection, MAX_DETECTIONS, MAX_FINDINGS, SCAN_BOUND, Verdict},
    pattern::{MAX_PATTERN, MAX_PATTERNS, check_pattern},
    source::{PolicyError, PolicySource},
};
use crate::{
    finding::{Finding, Kinds, Severity, Surface, UnknownName},
    scan,
};

/// A policy's id, as the planes have it: the bytes of a UUID.
pub type PolicyId = [u8; 16];

/// What becomes of a text, mildest first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Action {
    Log,
    Warn,
    Redact,
    Block,
}

impl Action {
    /// As a policy's `mode` says it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Warn => "warn",
            Self::Redact => "redact",
            Self::Block => "block",
        }
    }

    /// As a detection's `action` says it, once it is done.
    #[must_use]
    pub fn done(self) -> &'static str {
        match self {
            Self::Log => "logged",
            Self::Warn => "warned",
            Self::Redact => "redacted",
            Self::Block => "blocked",
        }
    }
}

impl FromStr for Action {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        [Self::Log, Self::Warn, Self::Redact, Self::Block]
            .into_iter()
            .find(|action| action.as_str() == name)
            .ok_or(UnknownName)
    }
}

/// Which way a text goes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Direction {
    Request,
    Response,
    /// What servers say about themselves and their tools: no policy can look away.
    Definition,
}

impl Direction {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
            Self::Definition => "definition",
        }
    }
}

impl FromStr for Direction {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        [Self::Request, Self::Response, Self::Definition]
            .into_iter()
            .find(|direction| direction.as_str() == name)
            .ok_or(UnknownName)
    }
}

/// Where a text stands.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub direction: Direction,
    pub surface: Surface,
    pub server: &'a str,
    /// None where the text belongs to no tool: a resource, a prompt, a server's `instructions`.
    pub tool: Option<&'a str>,
}

/// One policy, ready to judge.
#[derive(Debug)]
pub(crate) struct Policy {
    id: PolicyId,
    action: Action,
    kinds: Kinds,
    min_confidence: f32,
    min_severity: Severity,
    request: bool,
    response: bool,
    servers: Globs,
    tools: Globs,
    patterns: Patterns,
}

impl Policy {
    fn matches(&self, place: &Place<'_>) -> bool {
        let looks_this_way = match place.direction {
            Direction::Request => self.request,
            Direction::Response => self.response,
            Direction::Definition => true,
        };
        let covers_tool = match place.tool {
            Some(tool) => self.tools.admit(tool),
            None => self.tools.admit_all(),
        };
        looks_this_way && covers_tool && self.servers.admit(place.server)
    }

    /// Whether a finding is of this policy's kinds, and sure and grave enough for it.
    fn minds(&self, finding: &Finding) -> bool {
        self.kinds.contains(finding.kind)
            && finding.confidence >= self.min_confidence
            && finding.severity >= self.min_severity
    }
}

/// All enabled policies of an organization.
#[derive(Debug, Default)]
pub struct Policies {
    policies: Vec<Policy>,
}

impl Policies {
    /// Compiles what an organization wrote. A fault takes out what it stands in (one pattern, one name), never a whole
    /// policy; what cannot be read is read as the strictest that it may have meant.
    pub fn compile(sources: impl IntoIterator<Item = PolicySource>) -> (Self, Vec<PolicyError>) {
        scan::prepare();
        let mut errors = Vec::new();
        let policies = sources.into_iter().map(|source| source.compile(&mut errors)).collect();
        (Self { policies }, errors)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.policies.is_empty()
    }

    /// Whether a finding would matter to anybody: some are dear to look for.
    #[must_use]
    pub fn mind(&self, finding: &Finding, place: &Place<'_>) -> bool {
        self.policies.iter().any(|policy| policy.minds(finding) && policy.matches(place))
    }

    fn matching(&self, place: &Place<'_>) -> Vec<&Policy> {
        self.policies.iter().filter(|policy| policy.matches(place)).collect()
    }
}

#[cfg(test)]
mod tests;
