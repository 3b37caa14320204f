//! What a caller was granted, as the REST side knows it: with typed ids, and servers by their names too.
//!
//! Who may do what is decided in `gatewayops_proto::access`, for both planes (contract 1.6, 4.1).

use std::collections::BTreeSet;

use gatewayops_proto::access::{Access, Holder, Permission, Permissions, Scope};

pub use gatewayops_proto::access::{VOCABULARY as PERMISSIONS, covers, implies, is_known};

use crate::id::{ApiKeyId, ServerId, TeamId, UserId};

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

impl From<&GrantScope> for Scope {
    fn from(scope: &GrantScope) -> Self {
        match scope {
            GrantScope::Global => Self::Everywhere,
            GrantScope::Team(team) => Self::Team(team.0),
            GrantScope::Server { id, .. } => Self::Server(id.0),
        }
    }
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
    /// As written: what may be handed on is a question of words.
    held: Vec<Grant>,
    /// A personal key holds no more than this, whatever its owner may do.
    within: Option<Vec<String>>,
    access: Access,
}

impl Grants {
    #[must_use]
    pub fn new(held: Vec<Grant>) -> Self {
        // Whose own rows `:own` means is said when it is asked.
        let granted = held.iter().map(|grant| (grant.permission.as_str(), Scope::from(&grant.scope)));
        let access = Access::new(Holder::default(), granted);
        Self { held, within: None, access }
    }

    /// Key permissions ∩ owner's permissions (contract 1.6).
    #[must_use]
    pub fn within(self, permissions: Vec<String>) -> Self {
        let set = Permissions::of_all(permissions.iter().map(String::as_str));
        Self { within: Some(permissions), access: self.access.within(set), ..self }
    }

    /// Whether the permission is held for every row.
    #[must_use]
    pub fn everywhere(&self, permission: &str) -> bool {
        Permission::named(permission).is_some_and(|permission| self.access.everywhere(permission))
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
        let Some(permission) = Permission::named(permission) else { return Reach::default() };
        let reached = self.access.reach(permission);
        let name = |server: &ServerId| {
            self.held.iter().find_map(|grant| match &grant.scope {
                GrantScope::Server { id, name } if id == server => Some(name.clone()),
                _ => None,
            })
        };
        let servers: Vec<_> = reached.servers.into_iter().map(ServerId).collect();
        Reach {
            everything: reached.everything,
            user: user.filter(|_| reached.own),
            api_key: key.filter(|_| reached.own),
            teams: reached.teams.into_iter().map(TeamId).collect(),
            server_names: servers.iter().filter_map(name).collect(),
            servers,
        }
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
