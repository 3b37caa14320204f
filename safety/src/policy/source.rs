//! A policy as it is written, and what is wrong with one.

use std::{fmt, str::FromStr};

use super::{Action, Direction, Globs, Patterns, Policy, PolicyId};
use crate::finding::{Kinds, Severity};

/// An enabled policy in the words of contract 3.8.
#[derive(Clone, Debug, Default)]
pub struct PolicySource {
    pub id: PolicyId,
    pub mode: String,
    pub sensitivity: String,
    pub detectors: Vec<String>,
    pub directions: Vec<String>,
    pub mcp_servers: Vec<String>,
    pub tools: Vec<String>,
    pub block_patterns: Vec<String>,
    pub allow_patterns: Vec<String>,
    pub min_severity: String,
}

/// A fault in a policy; the rest of it is in force.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PolicyError {
    pub policy: PolicyId,
    /// As REST names it: `mode`, `patterns.block.3`.
    pub field: String,
    pub reason: String,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.reason)
    }
}

impl std::error::Error for PolicyError {}

impl PolicySource {
    pub(super) fn compile(self, errors: &mut Vec<PolicyError>) -> Policy {
        let mut faults = Faults { policy: self.id, errors };
        let mut kinds = Kinds::default();
        for (at, name) in self.detectors.iter().enumerate() {
            // A detector that only a newer control plane knows is not ours to run.
            if let Some(kind) = faults.read(&format!("detectors.{at}"), name) {
                kinds = kinds.with(kind);
            }
        }
        let directions: Vec<Option<Direction>> = (self.directions.iter().enumerate())
            .map(|(at, name)| faults.read(&format!("directions.{at}"), name))
            .collect();
        let is_unclear = directions.contains(&None);
        Policy {
            id: self.id,
            action: faults.read("mode", &self.mode).unwrap_or(Action::Block),
            kinds,
            min_confidence: faults.min_confidence(&self.sensitivity),
            min_severity: faults.read("min_severity", &self.min_severity).unwrap_or(Severity::Low),
            request: is_unclear || directions.contains(&Some(Direction::Request)),
            response: is_unclear || directions.contains(&Some(Direction::Response)),
            servers: Globs::new(self.mcp_servers),
            tools: Globs::new(self.tools),
            patterns: Patterns::compile(&self.block_patterns, &self.allow_patterns, |field, reason| {
                faults.note(field, reason);
            }),
        }
    }
}

struct Faults<'a> {
    policy: PolicyId,
    errors: &'a mut Vec<PolicyError>,
}

impl Faults<'_> {
    fn note(&mut self, field: String, reason: String) {
        self.errors.push(PolicyError { policy: self.policy, field, reason });
    }

    fn read<T: FromStr>(&mut self, field: &str, name: &str) -> Option<T> {
        let value = name.parse().ok();
        if value.is_none() {
            self.note(field.to_owned(), format!("unknown value {name:?}"));
        }
        value
    }

    /// Contract 4.3: how sure a detector must be.
    fn min_confidence(&mut self, sensitivity: &str) -> f32 {
        match sensitivity {
            "strict" => 0.5,
            "moderate" => 0.7,
            "permissive" => 0.9,
            other => {
                self.note("sensitivity".to_owned(), format!("unknown value {other:?}"));
                0.5
            }
        }
    }
}
