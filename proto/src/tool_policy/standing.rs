//! Whether a tool's definition may be used as it is now (contract 3.2, 4.3).

use super::Denial;
use crate::control;

/// What the catalogue says of a tool.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    /// Its definition is the approved one.
    Active,
    /// Nobody has approved it yet.
    New,
    /// It is not the definition that was approved.
    Changed,
    Blocked,
    /// The catalogue does not have it (yet); it is as good as new.
    Unknown,
}

impl State {
    /// A tool's `status`; one that is not known to us blocks.
    #[must_use]
    pub fn of_status(status: &str) -> Self {
        match status {
            "active" => Self::Active,
            "new" => Self::New,
            "changed" => Self::Changed,
            "removed" => Self::Unknown,
            _ => Self::Blocked,
        }
    }
}

/// What follows from a state.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Standing {
    Good,
    Warned,
    Refused(Denial),
}

/// `settings.tool_policy`, as far as definitions go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Policy {
    new_tool: Standing,
    changed_tool: Standing,
}

impl Policy {
    pub(super) fn new(policy: &control::ToolPolicy) -> Self {
        Self {
            new_tool: Standing::read(&policy.new_tool),
            changed_tool: Standing::read(&policy.changed_tool),
        }
    }

    pub(super) fn of(&self, state: State) -> Standing {
        match state {
            State::Active => Standing::Good,
            State::New | State::Unknown => self.new_tool,
            State::Changed => self.changed_tool,
            State::Blocked => Standing::Refused(Denial::Blocked),
        }
    }
}

impl Standing {
    /// What is not known quarantines.
    fn read(name: &str) -> Self {
        match name {
            "allow" => Self::Good,
            "warn" => Self::Warned,
            _ => Self::Refused(Denial::Quarantined),
        }
    }
}
