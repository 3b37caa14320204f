//! An `allow` or `deny` that an administrator wrote for somebody, for the tools of a pattern, perhaps for some arguments
//! only, so often a day, until a time (contract 3.7).

use std::iter::once;

use uuid::Uuid;

use super::{
    Caller, Denial, LimitedUse, Tool,
    arguments::Arguments,
    rule::{Rule, Truth},
};
use crate::{control, glob};

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Effect {
    Deny,
    Allow,
}

/// Whom it is about.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Subject {
    /// The subject cannot be read.
    Everybody,
    User(Uuid),
    Team(Uuid),
    ApiKey(Uuid),
}

#[derive(Clone, Debug)]
pub(super) struct Permission {
    pub(super) id: Uuid,
    pub(super) subject: Subject,
    pub(super) effect: Effect,
    server: Box<str>,
    tool: Box<str>,
    /// All of them have to fit.
    rules: Box<[Rule]>,
    /// 0: any number.
    max_uses_per_day: u32,
    /// 0: never.
    expires_at_ms: i64,
}

impl Permission {
    pub(super) fn new(row: &control::ToolPermission) -> Self {
        let subject = Subject::read(&row.subject_type, &row.subject_id);
        // Nobody is allowed anything by a row that cannot be read.
        let allows = row.effect == "allow" && subject != Subject::Everybody;
        Self {
            id: identity(&row.id).unwrap_or_default(),
            subject,
            effect: if allows { Effect::Allow } else { Effect::Deny },
            server: row.mcp_server.as_str().into(),
            tool: row.tool_name.as_str().into(),
            rules: row.argument_rules.iter().map(Rule::new).collect(),
            max_uses_per_day: row.max_uses_per_day,
            expires_at_ms: row.expires_at_ms,
        }
    }

    /// The order in which they are looked at: the cheap ones that end the matter first.
    pub(super) fn rank(&self) -> impl Ord + use<> {
        (self.subject, self.effect, self.rules.len(), self.id)
    }

    pub(super) fn covers(&self, tool: &Tool<'_>) -> bool {
        glob::matches(&self.server, tool.server) && glob::matches(&self.tool, tool.name)
    }

    pub(super) fn is_in_force(&self, now_ms: i64) -> bool {
        self.expires_at_ms == 0 || now_ms < self.expires_at_ms
    }

    /// Whether the arguments are those it is about.
    pub(super) fn fits(&self, arguments: &Arguments<'_>) -> Truth {
        self.rules.iter().map(|rule| rule.holds(arguments)).fold(Truth::Yes, Truth::min)
    }

    /// A `deny` that no arguments get around.
    pub(super) fn always_applies(&self) -> bool {
        self.rules.iter().all(|rule| !rule.is_readable())
    }

    /// An `allow` that some arguments could have.
    pub(super) fn may_apply(&self) -> bool {
        self.rules.iter().all(Rule::is_readable)
    }

    pub(super) fn denial(&self) -> Denial {
        if self.rules.is_empty() { Denial::Permission } else { Denial::Arguments }
    }

    pub(super) fn uses(&self) -> u32 {
        if self.max_uses_per_day == 0 { u32::MAX } else { self.max_uses_per_day }
    }

    pub(super) fn limited_use(&self) -> Option<LimitedUse> {
        let max_uses_per_day = self.max_uses_per_day;
        (max_uses_per_day > 0).then_some(LimitedUse { permission: self.id, max_uses_per_day })
    }
}

impl Subject {
    fn read(kind: &str, id: &[u8]) -> Self {
        match (kind, identity(id)) {
            ("user", Some(id)) => Self::User(id),
            ("team", Some(id)) => Self::Team(id),
            ("api_key", Some(id)) => Self::ApiKey(id),
            _ => Self::Everybody,
        }
    }

    /// All that a caller is.
    pub(super) fn all_of(caller: Caller<'_>) -> impl Iterator<Item = Self> {
        once(Self::Everybody)
            .chain(caller.user.map(Self::User))
            .chain(caller.teams.iter().copied().map(Self::Team))
            .chain(caller.api_key.map(Self::ApiKey))
    }
}

/// The 16 bytes of a UUID.
pub(super) fn identity(bytes: &[u8]) -> Option<Uuid> {
    Uuid::from_slice(bytes).ok()
}
