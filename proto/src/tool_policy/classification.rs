//! A level that an administrator gave to the tools of a pattern (contract 3.7).

use std::cmp::Reverse;

use uuid::Uuid;

use super::{
    Tool,
    level::{self, Action, Classified, Level, Source},
    permission::identity,
};
use crate::{control, glob};

#[derive(Clone, Debug)]
pub(super) struct Classification {
    id: Uuid,
    server: Box<str>,
    tool: Box<str>,
    /// None: it cannot be read, and what it is about is denied.
    level: Option<Level>,
    requires_approval: Option<bool>,
}

impl Classification {
    pub(super) fn new(row: &control::ToolClassification) -> Self {
        Self {
            id: identity(&row.id).unwrap_or_default(),
            server: row.mcp_server.as_str().into(),
            tool: row.tool_name.as_str().into(),
            level: Level::named(&row.classification),
            requires_approval: row.requires_approval,
        }
    }

    /// The most specific first: exact before glob, then the longest literal part, both over server and tool together.
    /// Where that tells two apart no more, the stricter one comes first.
    pub(super) fn rank(&self) -> impl Ord + use<> {
        let patterns = [&self.server, &self.tool];
        let globs = patterns.iter().filter(|pattern| pattern.contains('*')).count();
        let literals =
            patterns.iter().flat_map(|pattern| pattern.bytes()).filter(|byte| *byte != b'*').count();
        let level = self.level.unwrap_or(Level::Dangerous);
        let strictness = (self.level.is_none(), level, self.requires_approval);
        (globs, Reverse(literals), Reverse(strictness), self.id)
    }

    pub(super) fn covers(&self, tool: &Tool<'_>) -> bool {
        glob::matches(&self.server, tool.server) && glob::matches(&self.tool, tool.name)
    }

    /// Whether it wants an approval is the row's word, if it has one, else the level's by policy.
    pub(super) fn classify(&self, policy: &level::Policy) -> Classified {
        let source = Source::Classification(self.id);
        let Some(level) = self.level else {
            return Classified { level: Level::Dangerous, source, action: Action::Deny };
        };
        let action = match self.requires_approval {
            Some(true) => Action::Approve,
            Some(false) => Action::Allow,
            None => policy.action(level),
        };
        Classified { level, source, action }
    }
}
