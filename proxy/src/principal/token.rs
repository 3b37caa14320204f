//! Principals by token: a user's or a key's own access, as far as the token carries it.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, LazyLock},
};

use gatewayops_proto::access::{Coverage, Permission, Permissions};

use super::{Credential, Origin, Principal, user::User};

/// What a token leaves of what its holder may do.
#[derive(Debug)]
pub(crate) struct Token {
    /// None: a user's.
    pub(super) key: Option<Origin>,
    /// Only those of MCP.
    pub(super) scopes: Permissions,
    /// On top of what the holder's own covers.
    pub(super) coverage: Arc<Coverage>,
    /// Of all of that: what was written for one token is for others of the same extent only.
    pub(super) extent: u64,
}

/// What covers all that there is.
pub(crate) fn everything() -> &'static Arc<Coverage> {
    static EVERYTHING: LazyLock<Arc<Coverage>> =
        LazyLock::new(|| Coverage { servers: vec!["*".into()], tools: vec!["*".into()] }.into());
    &EVERYTHING
}

/// Whose a token is.
#[derive(Clone, Debug)]
pub(crate) enum Holder {
    User(Arc<User>),
    Key(Arc<Principal>),
}

/// A principal, and whom it was made of: it holds for as long as that one stays the same.
pub(crate) struct Made {
    pub(crate) of: Holder,
    pub(crate) principal: Arc<Principal>,
}

impl Holder {
    pub(crate) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::User(one), Self::User(other)) => Arc::ptr_eq(one, other),
            (Self::Key(one), Self::Key(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }

    /// The holder with a token of this extent. Its id is the holder's: a refreshed token goes on with its sessions.
    pub(crate) fn with_token(&self, scopes: Permissions, coverage: Arc<Coverage>) -> Principal {
        let mut hasher = DefaultHasher::new();
        for scope in [Permission::MCP_READ, Permission::MCP_CALL] {
            scopes.has(scope).hash(&mut hasher);
        }
        (&coverage.servers, &coverage.tools).hash(&mut hasher);
        let token = |key| Credential::Token(Token { key, scopes, coverage, extent: hasher.finish() | 1 });
        match self {
            Self::User(user) => Principal {
                id: user.id,
                org: user.org,
                credential: token(None),
                access: user.access.clone(),
                coverage: everything().clone(),
                teams: user.teams.clone(),
                usage: user.usage.clone(),
            },
            Self::Key(key) => Principal {
                id: key.id,
                org: key.org,
                credential: token(key.origin().cloned()),
                access: key.access.clone(),
                coverage: key.coverage.clone(),
                teams: key.teams.clone(),
                usage: key.usage.clone(),
            },
        }
    }
}
