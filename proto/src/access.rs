//! May this principal do this, and why: one pure answer for REST, for lists and for calls, on both planes
//! (contract 1.6, 4.1). A list shows what a decision would allow, because both come from here.
//!
//! [`Permissions`] is a set of bits made of grants as they are written; [`Access`] is what one principal holds and
//! where; [`Access::decide`] answers for one subject, [`Access::reach`] says which subjects there are.

use uuid::Uuid;

use crate::glob;

mod permission;
#[cfg(test)]
mod tests;

pub use permission::{Permission, Permissions, VOCABULARY, covers, implies, is_known};

/// Where a grant counts.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Scope {
    Everywhere,
    Team(Uuid),
    Server(Uuid),
}

/// Who holds it: whose own rows `:own` means.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Holder {
    pub user: Option<Uuid>,
    pub api_key: Option<Uuid>,
}

/// What something is done to, as far as grants can tell: whose it is, and where it belongs.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Subject {
    pub user: Option<Uuid>,
    pub api_key: Option<Uuid>,
    pub team: Option<Uuid>,
    pub server: Option<Uuid>,
}

/// All that a principal may do. Made once, asked often.
#[derive(Clone, Debug, Default)]
pub struct Access {
    holder: Holder,
    everywhere: Permissions,
    /// Sorted.
    teams: Vec<(Uuid, Permissions)>,
    /// Sorted.
    servers: Vec<(Uuid, Permissions)>,
    /// A key holds no more than this, whatever its owner may do.
    within: Option<Permissions>,
}

/// The answer, with its reason.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Decision {
    /// Granted there.
    Granted(Scope),
    /// It is the principal's own.
    Own,
    /// Nobody granted it.
    NotGranted,
    /// The owner may, this key may not.
    NotOfKey,
}

impl Decision {
    #[must_use]
    pub fn is_allowed(self) -> bool {
        matches!(self, Self::Granted(_) | Self::Own)
    }
}

/// The subjects that a permission reaches. Lists are filtered by it, not refused.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Reach {
    pub everything: bool,
    /// The holder's own.
    pub own: bool,
    pub teams: Vec<Uuid>,
    pub servers: Vec<Uuid>,
}

impl Access {
    /// What was granted, as it is written (`traces:*`), and where.
    pub fn new<'a>(holder: Holder, grants: impl IntoIterator<Item = (&'a str, Scope)>) -> Self {
        let mut access = Self { holder, ..Self::default() };
        for (grant, scope) in grants {
            let granted = Permissions::of(grant);
            match scope {
                Scope::Everywhere => access.everywhere |= granted,
                Scope::Team(team) => access.teams.push((team, granted)),
                Scope::Server(server) => access.servers.push((server, granted)),
            }
        }
        united(&mut access.teams);
        united(&mut access.servers);
        access
    }

    /// Key permissions ∩ owner's permissions (contract 1.6).
    #[must_use]
    pub fn within(self, permissions: Permissions) -> Self {
        Self { within: Some(permissions), ..self }
    }

    #[must_use]
    pub fn decide(&self, permission: Permission, subject: &Subject) -> Decision {
        let scope = self.scope_of(permission, subject);
        if let Some(scope) = scope
            && self.key_has(permission)
        {
            return Decision::Granted(scope);
        }
        let is_own = self.everywhere.has_own(permission) && self.holder.owns(subject);
        if is_own && self.key_has_own(permission) {
            return Decision::Own;
        }
        if scope.is_some() || is_own { Decision::NotOfKey } else { Decision::NotGranted }
    }

    /// What is held for everything there is.
    #[must_use]
    pub fn everywhere(&self, permission: Permission) -> bool {
        self.everywhere.has(permission) && self.key_has(permission)
    }

    #[must_use]
    pub fn reach(&self, permission: Permission) -> Reach {
        if self.everywhere(permission) {
            return Reach { everything: true, ..Reach::default() };
        }
        let own = self.everywhere.has_own(permission) && self.key_has_own(permission);
        let mut reach = Reach { own, ..Reach::default() };
        if self.key_has(permission) {
            reach.teams = holding(&self.teams, permission);
            reach.servers = holding(&self.servers, permission);
        }
        reach
    }

    /// The widest scope in which it was granted for the subject, whatever a key says.
    fn scope_of(&self, permission: Permission, subject: &Subject) -> Option<Scope> {
        if self.everywhere.has(permission) {
            return Some(Scope::Everywhere);
        }
        let team = subject.team.filter(|team| found(&self.teams, *team).has(permission)).map(Scope::Team);
        let server = || subject.server.filter(|server| found(&self.servers, *server).has(permission));
        team.or_else(|| server().map(Scope::Server))
    }

    fn key_has(&self, permission: Permission) -> bool {
        self.within.is_none_or(|within| within.has(permission))
    }

    fn key_has_own(&self, permission: Permission) -> bool {
        self.within.is_none_or(|within| within.has_own(permission))
    }
}

impl Holder {
    fn owns(&self, subject: &Subject) -> bool {
        (self.user.is_some() && self.user == subject.user)
            || (self.api_key.is_some() && self.api_key == subject.api_key)
    }
}

impl Reach {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Which servers and tools a key is for (contract 3.5).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Coverage {
    /// Globs on the server's name.
    pub servers: Vec<String>,
    /// Globs on `server__tool`; one behind `!` excludes and wins.
    pub tools: Vec<String>,
}

impl Coverage {
    #[must_use]
    pub fn server(&self, server: &str) -> bool {
        glob::admits(self.servers.iter().map(String::as_str), server)
    }

    #[must_use]
    pub fn every_tool(&self) -> bool {
        !self.tools.is_empty() && self.tools.iter().all(|glob| glob == "*")
    }

    #[must_use]
    pub fn tool(&self, server: &str, tool: &str) -> bool {
        self.every_tool() || glob::admits(self.tools.iter().map(String::as_str), &format!("{server}__{tool}"))
    }
}

/// One entry a place, sorted.
fn united(granted: &mut Vec<(Uuid, Permissions)>) {
    granted.sort_unstable_by_key(|(place, _)| *place);
    granted.dedup_by(|later, earlier| {
        let is_same = later.0 == earlier.0;
        if is_same {
            earlier.1 |= later.1;
        }
        is_same
    });
}

fn found(granted: &[(Uuid, Permissions)], place: Uuid) -> Permissions {
    granted
        .binary_search_by_key(&place, |(place, _)| *place)
        .map_or_else(|_| Permissions::default(), |at| granted[at].1)
}

fn holding(granted: &[(Uuid, Permissions)], permission: Permission) -> Vec<Uuid> {
    granted.iter().filter(|(_, held)| held.has(permission)).map(|(place, _)| *place).collect()
}
