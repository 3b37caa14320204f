//! Who calls: an API key as the control plane described it, or a token of a user or a key, and what it may reach
//! (contract 1.6, 3.5).

use std::{
    net::IpAddr,
    sync::{Arc, atomic::AtomicI64},
};

use gatewayops_proto::{
    access::{Access, Coverage, Permission, Subject},
    api_key::Digest,
};
use ipnet::IpNet;
use uuid::Uuid;

use crate::{sessions::Usage, upstream::Server};

pub(crate) mod token;
pub(crate) mod user;

#[derive(Debug)]
pub(crate) struct Principal {
    /// Of the API key, or of the user: what sessions and all else that is sealed is bound to.
    pub(crate) id: Uuid,
    pub(crate) org: Uuid,
    pub(crate) credential: Credential,
    /// What was granted, whatever a token carries of it.
    pub(crate) access: Arc<Access>,
    pub(crate) coverage: Arc<Coverage>,
    /// That the key is of, and its owner; a user's.
    pub(crate) teams: Arc<[Uuid]>,
    pub(crate) usage: Arc<Usage>,
}

/// How it showed who it is.
#[derive(Debug)]
pub(crate) enum Credential {
    Key(Key),
    Token(token::Token),
}

/// An API key.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) origin: Origin,
    pub(crate) digest: Digest,
    /// All zero: none.
    pub(crate) previous_digest: Digest,
    pub(crate) previous_expires_at_ms: i64,
    pub(crate) expires_at_ms: Option<i64>,
    pub(crate) state: State,
    pub(crate) ip_allowlist: Vec<IpNet>,
    /// Minute in which its use was last reported (contract 6.2, `key_used`).
    pub(crate) reported_minute: AtomicI64,
}

/// Whose an API key is.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) user: Option<Uuid>,
    pub(crate) team: Option<Uuid>,
    pub(crate) environment: Box<str>,
    /// Its own limit, requests a minute; 0: that of its environment.
    pub(crate) rpm: u32,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum State {
    Active,
    Revoked,
    OwnerSuspended,
}

impl Key {
    pub(crate) fn has_previous(&self) -> bool {
        self.previous_digest != Digest::default()
    }

    /// Whether a secret whose digest begins so is good for now: the key's, or its previous one for as long as both are.
    pub(crate) fn takes(&self, begin: &[u8], now_ms: i64) -> bool {
        self.digest.starts_with(begin)
            || (self.has_previous()
                && self.previous_digest.starts_with(begin)
                && now_ms < self.previous_expires_at_ms)
    }

    /// When such a secret is over.
    pub(crate) fn ends_at_ms(&self, begin: &[u8]) -> Option<i64> {
        let previous = (!self.digest.starts_with(begin)).then_some(self.previous_expires_at_ms);
        self.expires_at_ms.into_iter().chain(previous).min()
    }

    pub(crate) fn may_come_from(&self, address: Option<IpAddr>) -> bool {
        self.ip_allowlist.is_empty()
            || address.is_some_and(|address| self.ip_allowlist.iter().any(|net| net.contains(&address)))
    }
}

/// Who it is, as spans tell it.
impl Principal {
    /// The key that it is, or that its token is of.
    pub(crate) fn api_key(&self) -> Option<Uuid> {
        self.origin().map(|_| self.id)
    }

    pub(crate) fn user(&self) -> Option<Uuid> {
        self.origin().map_or(Some(self.id), |key| key.user)
    }

    pub(crate) fn team(&self) -> Option<Uuid> {
        self.origin()?.team
    }

    /// Keys are made for one, users are not.
    pub(crate) fn environment(&self) -> Option<&str> {
        self.origin().map(|key| &*key.environment)
    }

    /// None: it came with a token.
    pub(crate) fn key(&self) -> Option<&Key> {
        match &self.credential {
            Credential::Key(key) => Some(key),
            Credential::Token(_) => None,
        }
    }

    pub(crate) fn rpm(&self) -> u32 {
        self.origin().map_or(0, |key| key.rpm)
    }

    fn origin(&self) -> Option<&Origin> {
        match &self.credential {
            Credential::Key(key) => Some(&key.origin),
            Credential::Token(token) => token.key.as_ref(),
        }
    }

    /// For people: what of theirs is refused something.
    pub(crate) fn noun(&self) -> &'static str {
        if self.api_key().is_some() { "API key" } else { "user" }
    }
}

/// What it may do. Scopes of a token are not looked at here: who lacks one can get another token, and is told so where
/// a message is decided about (R7.5). Lists show what could be called then.
impl Principal {
    /// Whether its token carries the permission. A key always does.
    pub(crate) fn has_scope(&self, permission: Permission) -> bool {
        match &self.credential {
            Credential::Key(_) => true,
            Credential::Token(token) => token.scopes.has(permission),
        }
    }

    /// What its token leaves; principals of one id and one extent see the same.
    pub(crate) fn extent(&self) -> u64 {
        match &self.credential {
            Credential::Key(_) => 0,
            Credential::Token(token) => token.extent,
        }
    }

    /// Whether there is a server where it may do this.
    pub(crate) fn may_anywhere(&self, permission: Permission) -> bool {
        !self.access.reach(permission).is_empty()
    }

    pub(crate) fn may(&self, permission: Permission, server: &Server) -> bool {
        let subject = Subject { server: Some(server.id), ..Subject::default() };
        self.coverages().all(|coverage| coverage.server(&server.name))
            && self.access.decide(permission, &subject).is_allowed()
    }

    /// Whether the server is there for it at all.
    pub(crate) fn reaches(&self, server: &Server) -> bool {
        self.may(Permission::MCP_READ, server) || self.may(Permission::MCP_CALL, server)
    }

    /// Whether it may call the tool: what it may not call is in no list either (R5.4).
    pub(crate) fn may_call(&self, server: &Server, tool: &str) -> bool {
        self.may(Permission::MCP_CALL, server)
            && self.coverages().all(|coverage| coverage.tool(&server.name, tool))
    }

    /// Its own, and its token's on top.
    fn coverages(&self) -> impl Iterator<Item = &Coverage> {
        let of_token = match &self.credential {
            Credential::Key(_) => None,
            Credential::Token(token) => Some(&*token.coverage),
        };
        [&*self.coverage].into_iter().chain(of_token)
    }
}

#[cfg(test)]
impl Principal {
    /// A key that may nothing, to be given what a test is about.
    pub(crate) fn nobody() -> Self {
        Self {
            id: Uuid::from_u128(1),
            org: Uuid::from_u128(2),
            credential: Credential::Key(Key {
                origin: Origin { user: None, team: None, environment: "dev".into(), rpm: 0 },
                digest: Digest::default(),
                previous_digest: Digest::default(),
                previous_expires_at_ms: 0,
                expires_at_ms: None,
                state: State::Active,
                ip_allowlist: Vec::new(),
                reported_minute: AtomicI64::default(),
            }),
            access: Arc::default(),
            coverage: Coverage { servers: Vec::new(), tools: Vec::new() }.into(),
            teams: Arc::default(),
            usage: Arc::default(),
        }
    }

    /// One that may do everything with the tools that the globs admit.
    pub(crate) fn of_tools(globs: &[&str]) -> Self {
        use gatewayops_proto::access::{Holder, Scope};

        let tools = globs.iter().map(|glob| (*glob).to_owned()).collect();
        Self {
            access: Access::new(Holder::default(), [("mcp:*", Scope::Everywhere)]).into(),
            coverage: Coverage { servers: vec!["*".into()], tools }.into(),
            ..Self::nobody()
        }
    }
}

#[cfg(test)]
mod tests {
    use gatewayops_proto::{
        access::{Holder, Scope},
        control as proto,
    };

    use super::*;

    fn server(id: u8, name: &str) -> Server {
        let message = proto::Server {
            id: vec![id; 16].into(),
            org_id: vec![2; 16].into(),
            name: name.into(),
            url: "http://localhost/mcp".into(),
            ..Default::default()
        };
        Server::from_proto(&message, None).unwrap()
    }

    #[test]
    fn a_grant_on_one_server_reaches_that_one_only() {
        let (github, jira) = (server(1, "github"), server(2, "jira"));
        let access = Access::new(
            Holder::default(),
            [("mcp:read", Scope::Everywhere), ("mcp:*", Scope::Server(github.id))],
        );
        let principal = Principal { access: access.into(), ..Principal::of_tools(&["*"]) };
        assert!(principal.may_call(&github, "get"));
        assert!(principal.reaches(&jira) && !principal.may_call(&jira, "get"));
    }

    #[test]
    fn a_key_reaches_no_server_and_no_tool_that_it_is_not_for() {
        let (github, jira) = (server(1, "github"), server(2, "jira"));
        let coverage = Coverage { servers: vec!["git*".into()], tools: vec!["*__get".into()] };
        let principal = Principal { coverage: coverage.into(), ..Principal::of_tools(&["*"]) };
        assert!(principal.may_call(&github, "get") && !principal.may_call(&github, "delete"));
        assert!(!principal.reaches(&jira) && !principal.may_call(&jira, "get"));
        assert!(
            !Principal::nobody().reaches(&github) && !Principal::nobody().may_anywhere(Permission::MCP_READ)
        );
    }
}
