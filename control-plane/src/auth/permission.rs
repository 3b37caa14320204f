//! What a grant allows, as pure functions (contract 1.6, 4.1).
//!
//! A grant is exact, a prefix ending `:*`, or `*`; `x:admin` implies every `x:` permission; `p` implies `p:own`.

use std::collections::BTreeSet;

use crate::id::{ApiKeyId, ServerId, TeamId, UserId};

/// Every permission of contract 4.1; the ones with an `:own` form are marked. The text is for people. The category is
/// the part before the colon.
pub const PERMISSIONS: &[(&str, bool, &str)] = &[
    ("mcp:read", false, "list servers' tools, resources and prompts through the gateway"),
    ("mcp:call", false, "call tools through the gateway"),
    ("servers:read", false, "see MCP servers and their catalogues"),
    ("servers:admin", false, "add, change and remove MCP servers"),
    ("traces:read", true, "see traces of calls"),
    ("traces:payloads", false, "see the recorded arguments and results of calls"),
    ("traces:export", false, "export traces"),
    ("costs:read", true, "see what calls cost"),
    ("costs:export", false, "export costs"),
    ("budgets:read", false, "see budgets and how much is used"),
    ("budgets:admin", false, "set and override budgets"),
    ("policies:read", false, "see tool rules, safety policies and rate limits"),
    ("policies:admin", false, "change tool rules, safety policies and rate limits"),
    ("approvals:read", true, "see requests for approval"),
    ("approvals:request", false, "ask for the approval of a call"),
    ("approvals:review", false, "approve and deny calls"),
    ("alerts:read", false, "see alerts and their rules"),
    ("alerts:ack", false, "acknowledge and resolve alerts"),
    ("alerts:admin", false, "change alert rules, channels and silences"),
    ("keys:read", true, "see API keys"),
    ("keys:create", true, "make and change API keys"),
    ("keys:rotate", true, "give API keys new secrets"),
    ("keys:revoke", true, "end API keys"),
    ("users:read", false, "see users and invites"),
    ("users:admin", false, "invite, change, suspend and remove users"),
    ("teams:read", false, "see teams and their members"),
    ("teams:admin", false, "change teams and their members"),
    ("rbac:read", false, "see roles and who holds them"),
    ("rbac:admin", false, "change roles and assign them"),
    ("audit:read", false, "see the audit log"),
    ("audit:export", false, "export the audit log"),
    ("settings:read", false, "see the organization's settings"),
    ("settings:admin", false, "change the organization's settings"),
    ("sso:read", false, "see identity providers"),
    ("sso:admin", false, "change identity providers"),
    ("platform:admin", false, "make and see other organizations"),
];

/// Whether holding `grant` means holding `permission` (without `:own`, unless `permission` ends so).
#[must_use]
pub fn implies(grant: &str, permission: &str) -> bool {
    // Other organizations are no part of "everything" (contract 4.1).
    if permission == "platform:admin" {
        return grant == permission;
    }
    if grant == "*" || grant == permission || permission.strip_suffix(":own") == Some(grant) {
        return true;
    }
    if let Some(prefix) = grant.strip_suffix('*')
        && prefix.ends_with(':')
    {
        return permission.starts_with(prefix);
    }
    grant.strip_suffix("admin").is_some_and(|prefix| prefix.ends_with(':') && permission.starts_with(prefix))
}

/// Whether a holder of `grant` may hand on `pattern`, which may itself be a prefix or `*`.
#[must_use]
pub fn covers(grant: &str, pattern: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some("") => grant == "*",
        Some(prefix) => {
            grant == "*"
                || grant.strip_suffix('*').is_some_and(|held| held.ends_with(':') && prefix.starts_with(held))
                || grant.strip_suffix("admin") == Some(prefix)
        }
        None => implies(grant, pattern),
    }
}

/// Whether `pattern` can be a grant at all.
#[must_use]
pub fn is_known(pattern: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    let (name, own) = pattern.strip_suffix(":own").map_or((pattern, false), |name| (name, true));
    match name.strip_suffix('*') {
        Some(prefix) => {
            !own && prefix.ends_with(':') && PERMISSIONS.iter().any(|(known, ..)| known.starts_with(prefix))
        }
        None => PERMISSIONS.iter().any(|&(known, has_own, _)| known == name && (!own || has_own)),
    }
}

/// Where a grant counts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum GrantScope {
    Global,
    Team(TeamId),
    /// Rows of traces and costs know a server by its name only.
    Server {
        id: ServerId,
        name: String,
    },
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Grant {
    pub permission: String,
    pub scope: GrantScope,
}

impl Grant {
    pub fn global(permission: impl Into<String>) -> Self {
        Self { permission: permission.into(), scope: GrantScope::Global }
    }
}

/// All that a principal was granted.
#[derive(Clone, Debug, Default)]
pub struct Grants {
    held: Vec<Grant>,
    /// A personal key holds no more than this, whatever its owner may do.
    within: Option<Vec<String>>,
}

impl Grants {
    #[must_use]
    pub fn new(held: Vec<Grant>) -> Self {
        Self { held, within: None }
    }

    /// Key permissions ∩ owner's permissions (contract 1.6).
    #[must_use]
    pub fn within(self, permissions: Vec<String>) -> Self {
        Self { within: Some(permissions), ..self }
    }

    fn allowed_by_key(&self, permission: &str) -> bool {
        self.within.as_ref().is_none_or(|within| within.iter().any(|grant| implies(grant, permission)))
    }

    /// Whether the permission is held for every row.
    #[must_use]
    pub fn everywhere(&self, permission: &str) -> bool {
        self.allowed_by_key(permission)
            && self
                .held
                .iter()
                .any(|held| held.scope == GrantScope::Global && implies(&held.permission, permission))
    }

    /// Whether the holder may hand on `pattern` to a key, perhaps of a team: nobody grants more than they hold.
    /// A grant on a team is enough for calling tools with that team's key, for that reaches no rows.
    #[must_use]
    pub fn covers(&self, pattern: &str, team: Option<TeamId>) -> bool {
        let fits = |scope: &GrantScope| match scope {
            GrantScope::Global => true,
            GrantScope::Team(held) => Some(*held) == team && pattern.starts_with("mcp:"),
            GrantScope::Server { .. } => false,
        };
        self.within.as_ref().is_none_or(|within| within.iter().any(|grant| covers(grant, pattern)))
            && self.held.iter().any(|held| fits(&held.scope) && covers(&held.permission, pattern))
    }

    /// Whether the holder may hand on `pattern` to a user in a scope: it is held there, or everywhere.
    #[must_use]
    pub fn covers_in(&self, pattern: &str, scope: &GrantScope) -> bool {
        let fits = |held: &GrantScope| *held == GrantScope::Global || held == scope;
        self.within.as_ref().is_none_or(|within| within.iter().any(|grant| covers(grant, pattern)))
            && self.held.iter().any(|held| fits(&held.scope) && covers(&held.permission, pattern))
    }

    /// The rows a permission reaches; `user` and `key` say whose own rows `:own` means.
    #[must_use]
    pub fn reach(&self, permission: &str, user: Option<UserId>, key: Option<ApiKeyId>) -> Reach {
        if self.everywhere(permission) {
            return Reach::everything();
        }
        let mut reach = Reach::default();
        if self.everywhere(&format!("{permission}:own")) {
            reach.user = user;
            reach.api_key = key;
        }
        if !self.allowed_by_key(permission) {
            return reach;
        }
        for held in self.held.iter().filter(|held| implies(&held.permission, permission)) {
            match &held.scope {
                GrantScope::Global => {}
                GrantScope::Team(team) => reach.teams.push(*team),
                GrantScope::Server { id, name } => {
                    reach.servers.push(*id);
                    reach.server_names.push(name.clone());
                }
            }
        }
        reach
    }

    /// Every grant in any scope, for `GET /v1/auth/me`: what may be offered, not what each row allows.
    #[must_use]
    pub fn permissions(&self) -> Vec<String> {
        let held = self.held.iter().map(|held| held.permission.as_str());
        let narrower = |held: &str| match &self.within {
            None => vec![held.to_owned()],
            Some(within) => {
                let fitting = within.iter().filter_map(|grant| match () {
                    () if covers(held, grant) => Some(grant.clone()),
                    () if covers(grant, held) => Some(held.to_owned()),
                    () => None,
                });
                fitting.collect()
            }
        };
        let permissions: BTreeSet<String> = held.flat_map(narrower).collect();
        permissions.into_iter().collect()
    }
}

/// The rows a permission reaches. Lists are filtered by it, not refused.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Reach {
    pub everything: bool,
    /// Own rows: those of this user ...
    pub user: Option<UserId>,
    /// ... or of this key.
    pub api_key: Option<ApiKeyId>,
    pub teams: Vec<TeamId>,
    pub servers: Vec<ServerId>,
    /// The same servers by name.
    pub server_names: Vec<String>,
}

impl Reach {
    #[must_use]
    pub fn everything() -> Self {
        Self { everything: true, ..Self::default() }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether only the caller's own rows are reached.
    #[must_use]
    pub fn is_own(&self) -> bool {
        !self.everything && self.teams.is_empty() && self.servers.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_imply_as_the_contract_says() {
        for (grant, permission, expected) in [
            ("*", "traces:read", true),
            ("*", "platform:admin", false),
            ("platform:admin", "platform:admin", true),
            ("platform:*", "platform:admin", false),
            ("traces:read", "traces:read", true),
            ("traces:read", "traces:read:own", true),
            ("traces:read:own", "traces:read", false),
            ("traces:read:own", "traces:read:own", true),
            ("traces:*", "traces:payloads", true),
            ("traces:*", "traces:read:own", true),
            ("traces:*", "tracesx:read", false),
            ("trace*", "traces:read", false),
            ("servers:admin", "servers:read", true),
            ("servers:admin", "server:read", false),
            ("admin", "admins:read", false),
            ("keys:rotate:own", "keys:rotate", false),
            ("keys:read", "keys:rotate", false),
        ] {
            assert_eq!(implies(grant, permission), expected, "{grant} → {permission}");
        }
    }

    #[test]
    fn nobody_hands_on_more_than_they_hold() {
        for (grant, pattern, expected) in [
            ("*", "*", true),
            ("traces:*", "*", false),
            ("*", "mcp:*", true),
            ("mcp:*", "mcp:*", true),
            ("mcp:call", "mcp:*", false),
            ("servers:admin", "servers:*", true),
            ("keys:*", "keys:read:own", true),
            ("*", "platform:admin", false),
        ] {
            assert_eq!(covers(grant, pattern), expected, "{grant} covers {pattern}");
        }
    }

    #[test]
    fn only_what_the_contract_lists_can_be_granted() {
        for good in ["*", "mcp:*", "keys:read:own", "traces:read", "platform:admin"] {
            assert!(is_known(good), "{good}");
        }
        for bad in ["", "**", "mcp", "mcp:", "mcp:delete", "servers:read:own", "m*", "nope:*", "keys:*:own"] {
            assert!(!is_known(bad), "{bad}");
        }
    }

    #[test]
    fn scoped_and_own_grants_reach_their_rows_only() {
        let (team, user) = (TeamId::new(), UserId::new());
        let grants = Grants::new(vec![
            Grant::global("traces:read:own"),
            Grant { permission: "traces:*".into(), scope: GrantScope::Team(team) },
        ]);
        let reach = grants.reach("traces:read", Some(user), None);
        assert_eq!((reach.everything, reach.user, reach.teams), (false, Some(user), vec![team]));
        assert!(grants.reach("costs:read", Some(user), None).is_empty());
        assert!(!grants.everywhere("traces:read"));
    }

    #[test]
    fn a_personal_key_holds_no_more_than_its_owner_and_no_more_than_itself() {
        let owner = Grants::new(vec![Grant::global("keys:read:own"), Grant::global("traces:read")]);
        let key = owner.within(vec!["keys:read".into(), "mcp:*".into()]);
        let user = Some(UserId::new());
        assert_eq!(key.reach("keys:read", user, None).user, user);
        assert!(!key.reach("keys:read", user, None).everything);
        assert!(key.reach("traces:read", user, None).is_empty(), "not a permission of the key");
        assert!(key.reach("mcp:call", user, None).is_empty(), "not a permission of the owner");
    }
}
