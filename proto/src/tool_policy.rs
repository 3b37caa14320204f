//! May this caller call this tool with these arguments: one pure answer for calls, for lists and for
//! `/v1/tool-permissions/check`, on both planes (contract 2.2, 3.7, 4.5).
//!
//! [`ToolPolicies`] is compiled once of an organization's rules; [`ToolPolicies::decide`] asks, in this order, about the
//! tool's state, its permissions and its classification, and allocates nothing unless a string of the arguments is
//! escaped. [`ToolPolicies::visible`] says which tools a list shows: all but those that no arguments could call.
//!
//! What cannot be read counts against the call: an action that is not known denies, a level that is not known is
//! dangerous, a permission whose effect is not known denies, and one whose subject is not known is about everybody.

use uuid::Uuid;

use crate::control;

mod arguments;
mod classification;
mod level;
mod number;
mod permission;
mod pointer;
mod rule;
mod scalar;
mod standing;
#[cfg(test)]
mod tests;

use arguments::Arguments;
use classification::Classification;
pub use level::{Action, Classified, Level, Source};
use permission::{Effect, Permission, Subject};
pub use pointer::Pointer;
use rule::Truth;
use standing::Standing;
pub use standing::State;

/// What an organization's administrators have said about tools.
#[derive(Clone, Debug)]
pub struct ToolPolicies {
    levels: level::Policy,
    standings: standing::Policy,
    /// The most specific first.
    classifications: Vec<Classification>,
    /// By subject; of one subject those that deny first.
    permissions: Vec<Permission>,
}

/// A tool as the catalogue has it.
#[derive(Clone, Copy, Debug)]
pub struct Tool<'a> {
    pub server: &'a str,
    /// As the server names it, without our prefix.
    pub name: &'a str,
    pub state: State,
    /// `destructiveHint`.
    pub destructive: bool,
}

/// Whose permissions count.
#[derive(Clone, Copy, Debug, Default)]
pub struct Caller<'a> {
    pub user: Option<Uuid>,
    /// The key's, and those of its owner or of the user.
    pub teams: &'a [Uuid],
    pub api_key: Option<Uuid>,
}

#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    pub tool: Tool<'a>,
    pub caller: Caller<'a>,
    /// The JSON text of `arguments`. None: they are not known, which is not the same as a call without any (`{}`).
    pub arguments: Option<&'a str>,
    pub now_ms: i64,
}

/// The answer, with its reasons.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Decision {
    pub verdict: Verdict,
    /// The permission or classification that decided, if one did.
    pub rule: Option<Uuid>,
    pub classified: Classified,
    /// The definition is new or was changed, and nobody has reviewed it; the policy lets it pass with a warning.
    pub warn: bool,
    /// It is allowed so often a day: the caller counts, and answers [`Decision::used_up`] when there is none left.
    pub limited_use: Option<LimitedUse>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    Allow,
    /// Once somebody has approved it.
    ApprovalRequired,
    Deny(Denial),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Denial {
    /// A permission denies it.
    Permission,
    /// Its level does.
    Classification,
    /// With other arguments it would be another matter.
    Arguments,
    /// The day's uses are spent.
    Uses,
    /// Somebody has blocked the tool.
    Blocked,
    /// The definition is new or was changed, and waits for a review.
    Quarantined,
}

/// A permission that counts its uses.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LimitedUse {
    pub permission: Uuid,
    pub max_uses_per_day: u32,
}

/// A permission that is about the tool and the caller, for explanations.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Matched {
    pub permission: Uuid,
    pub denies: bool,
    /// Its argument rules fit too: an `allow` lifts, a `deny` denies.
    pub applies: bool,
}

impl ToolPolicies {
    pub fn new<'a>(
        policy: &control::ToolPolicy,
        classifications: impl IntoIterator<Item = &'a control::ToolClassification>,
        permissions: impl IntoIterator<Item = &'a control::ToolPermission>,
    ) -> Self {
        let mut classifications: Vec<_> = classifications.into_iter().map(Classification::new).collect();
        classifications.sort_by_key(Classification::rank);
        let mut permissions: Vec<_> = permissions.into_iter().map(Permission::new).collect();
        permissions.sort_by_key(Permission::rank);
        Self {
            levels: level::Policy::new(policy),
            standings: standing::Policy::new(policy),
            classifications,
            permissions,
        }
    }

    /// How dangerous the tool is, who says so, and what follows from it. A classification that an administrator wrote
    /// wins over names and hints.
    #[must_use]
    pub fn classify(&self, tool: &Tool<'_>) -> Classified {
        let written = self.classifications.iter().find(|row| row.covers(tool));
        written.map_or_else(|| self.levels.classify(tool), |row| row.classify(&self.levels))
    }

    #[must_use]
    pub fn decide(&self, call: &Call<'_>) -> Decision {
        let classified = self.classify(&call.tool);
        let standing = self.standings.of(call.tool.state);
        let decided = |verdict, rule| Decision {
            verdict,
            rule,
            classified,
            warn: standing == Standing::Warned,
            limited_use: None,
        };
        if let Standing::Refused(denial) = standing {
            return decided(Verdict::Deny(denial), None);
        }
        let arguments = Arguments::new(call.arguments);
        let mut lifting: Option<&Permission> = None;
        let mut unfit: Option<&Permission> = None;
        for permission in self.about(&call.tool, call.caller, call.now_ms) {
            match (permission.effect, permission.fits(&arguments)) {
                (Effect::Deny, Truth::No) => {}
                (Effect::Deny, Truth::Yes | Truth::Unclear) => {
                    return decided(Verdict::Deny(permission.denial()), Some(permission.id));
                }
                (Effect::Allow, Truth::Yes) => lifting = Some(more_generous(lifting, permission)),
                (Effect::Allow, Truth::No | Truth::Unclear) => unfit = unfit.or(Some(permission)),
            }
        }
        if let Some(permission) = lifting {
            let limited_use = permission.limited_use();
            return Decision { limited_use, ..decided(Verdict::Allow, Some(permission.id)) };
        }
        match (classified.action, unfit) {
            (Action::Allow, _) => decided(Verdict::Allow, classified.source.row()),
            (Action::Approve, _) => decided(Verdict::ApprovalRequired, classified.source.row()),
            (Action::Deny, Some(unfit)) => decided(Verdict::Deny(Denial::Arguments), Some(unfit.id)),
            (Action::Deny, None) => decided(Verdict::Deny(Denial::Classification), classified.source.row()),
        }
    }

    /// Whether a list shows the tool: not when every call of it would be denied, whatever its arguments.
    #[must_use]
    pub fn visible(&self, tool: &Tool<'_>, caller: Caller<'_>, now_ms: i64) -> bool {
        if let Standing::Refused(_) = self.standings.of(tool.state) {
            return false;
        }
        let mut may_be_lifted = false;
        for permission in self.about(tool, caller, now_ms) {
            match permission.effect {
                Effect::Deny if permission.always_applies() => return false,
                Effect::Deny => {}
                Effect::Allow => may_be_lifted |= permission.may_apply(),
            }
        }
        may_be_lifted || self.classify(tool).action != Action::Deny
    }

    /// What becomes of a tool's calls when no permission says otherwise: for the catalogue.
    #[must_use]
    pub fn action(&self, tool: &Tool<'_>) -> Action {
        match self.standings.of(tool.state) {
            Standing::Refused(_) => Action::Deny,
            Standing::Good | Standing::Warned => self.classify(tool).action,
        }
    }

    /// Every permission that was looked at, for explanations.
    pub fn matching<'a>(&'a self, call: &'a Call<'a>) -> impl Iterator<Item = Matched> + 'a {
        let arguments = Arguments::new(call.arguments);
        self.about(&call.tool, call.caller, call.now_ms).map(move |permission| {
            let denies = permission.effect == Effect::Deny;
            let fits = permission.fits(&arguments);
            let applies = fits == Truth::Yes || denies && fits == Truth::Unclear;
            Matched { permission: permission.id, denies, applies }
        })
    }

    /// Permissions in force that are about this tool and this caller.
    fn about<'a>(
        &'a self,
        tool: &'a Tool<'a>,
        caller: Caller<'a>,
        now_ms: i64,
    ) -> impl Iterator<Item = &'a Permission> {
        let subjects = Subject::all_of(caller);
        let of_caller = subjects.flat_map(|subject| self.of_subject(subject));
        of_caller.filter(move |permission| permission.is_in_force(now_ms) && permission.covers(tool))
    }

    fn of_subject(&self, subject: Subject) -> &[Permission] {
        let from = self.permissions.partition_point(|permission| permission.subject < subject);
        let rest = &self.permissions[from..];
        &rest[..rest.partition_point(|permission| permission.subject == subject)]
    }
}

/// Of two permissions that lift, the one that does so more often a day: any of them is enough.
fn more_generous<'a>(one: Option<&'a Permission>, other: &'a Permission) -> &'a Permission {
    one.filter(|one| one.uses() >= other.uses()).unwrap_or(other)
}

impl Decision {
    /// The same when no use of a limited one is left for the day.
    #[must_use]
    pub fn used_up(self) -> Self {
        Self { verdict: Verdict::Deny(Denial::Uses), ..self }
    }

    #[must_use]
    pub fn is_denied(&self) -> bool {
        matches!(self.verdict, Verdict::Deny(_))
    }
}

impl Denial {
    /// The error's code (contract 1.4).
    #[must_use]
    pub fn code(self) -> &'static str {
        if self == Self::Quarantined { "tool_quarantined" } else { "tool_denied" }
    }

    /// `details.reason` of a `tool_denied`.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Permission => "permission",
            Self::Classification => "classification",
            Self::Arguments => "arguments",
            Self::Uses => "uses",
            Self::Blocked => "blocked",
            Self::Quarantined => "quarantined",
        }
    }
}
