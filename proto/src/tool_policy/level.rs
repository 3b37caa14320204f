//! How dangerous a tool is when nobody has classified it, and what the organization does about it (contract 4.5).

use uuid::Uuid;

use super::Tool;
use crate::control;

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Level {
    Safe,
    Sensitive,
    Dangerous,
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Action {
    Allow,
    /// Once somebody has approved it.
    Approve,
    Deny,
}

/// Who says how dangerous a tool is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Source {
    /// An administrator, in this row.
    Classification(Uuid),
    /// The tool's name, by the table of contract 4.5.
    Name,
    /// The tool's `destructiveHint`.
    Annotation,
    /// Nobody: `tool_policy.unknown_tool`.
    UnknownTool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Classified {
    pub level: Level,
    pub source: Source,
    pub action: Action,
}

/// `settings.tool_policy`, as far as levels go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Policy {
    safe: Action,
    sensitive: Action,
    dangerous: Action,
    unknown_tool: Level,
}

const SAFE: [&str; 9] = [
    "read_file",
    "read_text_file",
    "list_directory",
    "get_file_info",
    "search_files",
    "read_resource",
    "list_resources",
    "list_prompts",
    "get_prompt",
];
const SENSITIVE: [&str; 9] = [
    "write_file",
    "create_file",
    "update_file",
    "edit_file",
    "move_file",
    "execute_sql",
    "query_database",
    "send_email",
    "create_webhook",
];
/// They cover every name that the contract's table has at this level.
const DANGEROUS_PREFIXES: [&str; 5] = ["delete_", "drop_", "exec", "run_", "admin_"];

impl Policy {
    pub(super) fn new(policy: &control::ToolPolicy) -> Self {
        Self {
            safe: Action::read(&policy.safe),
            sensitive: Action::read(&policy.sensitive),
            dangerous: Action::read(&policy.dangerous),
            unknown_tool: Level::named(&policy.unknown_tool).unwrap_or(Level::Dangerous),
        }
    }

    pub(super) fn action(&self, level: Level) -> Action {
        match level {
            Level::Safe => self.safe,
            Level::Sensitive => self.sensitive,
            Level::Dangerous => self.dangerous,
        }
    }

    /// By name, and a hint may only raise.
    pub(super) fn classify(&self, tool: &Tool<'_>) -> Classified {
        let (level, source) = match Level::of_name(tool.name) {
            Some(level) => (level, Source::Name),
            None => (self.unknown_tool, Source::UnknownTool),
        };
        let (level, source) = match tool.destructive && level < Level::Dangerous {
            true => (Level::Dangerous, Source::Annotation),
            false => (level, source),
        };
        Classified { level, source, action: self.action(level) }
    }
}

impl Level {
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "safe" => Some(Self::Safe),
            "sensitive" => Some(Self::Sensitive),
            "dangerous" => Some(Self::Dangerous),
            _ => None,
        }
    }

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Sensitive => "sensitive",
            Self::Dangerous => "dangerous",
        }
    }

    /// Exact names win. A dangerous beginning is one in any case of letters; a trusted name is not.
    fn of_name(name: &str) -> Option<Self> {
        if SAFE.contains(&name) {
            return Some(Self::Safe);
        }
        if SENSITIVE.contains(&name) {
            return Some(Self::Sensitive);
        }
        let begins = |prefix: &&str| {
            name.as_bytes()
                .get(..prefix.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
        };
        DANGEROUS_PREFIXES.iter().any(begins).then_some(Self::Dangerous)
    }
}

impl Action {
    /// What is not known denies.
    fn read(name: &str) -> Self {
        match name {
            "allow" => Self::Allow,
            "approve" => Self::Approve,
            _ => Self::Deny,
        }
    }

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Approve => "approve",
            Self::Deny => "deny",
        }
    }
}

impl Source {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Classification(_) => "tool_classification",
            Self::Name => "default",
            Self::Annotation => "annotation",
            Self::UnknownTool => "unknown_tool",
        }
    }

    /// The row, when an administrator wrote one.
    #[must_use]
    pub fn row(self) -> Option<Uuid> {
        match self {
            Self::Classification(id) => Some(id),
            Self::Name | Self::Annotation | Self::UnknownTool => None,
        }
    }
}
