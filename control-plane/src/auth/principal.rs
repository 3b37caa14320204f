//! The caller of one request: organization, identity, grants, and where the request came from.

use std::net::IpAddr;

use chrono::{DateTime, Utc};

use crate::{
    auth::permission::{GrantScope, Grants, Reach},
    error::{Error, Result},
    id::{ApiKeyId, OrgId, SessionId, UserId},
    store::{Database, Transaction},
};

#[derive(Clone, Debug)]
pub struct Principal {
    pub org: OrgId,
    pub actor: Actor,
    /// E-mail or key name, for audit rows.
    pub name: String,
    pub grants: Grants,
    pub origin: Origin,
    pub credential: Credential,
}

/// What it came with, as far as what is handed out for it must not outlive that.
#[derive(Clone, Copy, Debug, Default)]
pub struct Credential {
    /// None: it does not end by itself.
    pub ends_at: Option<DateTime<Utc>>,
    /// How the digest begins of the secret that an API key was used by.
    pub secret: Option<[u8; 8]>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Actor {
    User {
        id: UserId,
        session: SessionId,
    },
    /// A personal key has an owner, a service key has none.
    ApiKey {
        id: ApiKeyId,
        owner: Option<UserId>,
    },
}

/// Where a request came from; for audit rows and logs.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    pub request_id: String,
    pub trace_id: Option<String>,
    pub ip: Option<IpAddr>,
    pub user_agent: Option<String>,
}

impl Principal {
    /// The rows the permission reaches.
    ///
    /// # Errors
    /// `permission_denied` when it reaches none.
    pub fn require(&self, permission: &str) -> Result<Reach> {
        let reach = self.grants.reach(permission, self.user(), self.api_key());
        if reach.is_empty() { Err(Error::permission_denied(permission)) } else { Ok(reach) }
    }

    /// For what belongs to no user, team or server: settings, policies, the servers themselves.
    ///
    /// # Errors
    /// `permission_denied` unless it is held everywhere.
    pub fn require_everywhere(&self, permission: &str) -> Result<()> {
        if self.grants.everywhere(permission) { Ok(()) } else { Err(Error::permission_denied(permission)) }
    }

    /// Nobody grants more than they hold in that scope.
    ///
    /// # Errors
    /// `permission_denied` with the first that they do not hold.
    pub fn require_grants<'a>(
        &self,
        permissions: impl IntoIterator<Item = &'a String>,
        scope: &GrantScope,
    ) -> Result<()> {
        match permissions.into_iter().find(|permission| !self.grants.covers_in(permission, scope)) {
            Some(beyond) => Err(Error::permission_denied(beyond)),
            None => Ok(()),
        }
    }

    /// The user who calls, or who owns the calling key.
    #[must_use]
    pub fn user(&self) -> Option<UserId> {
        match self.actor {
            Actor::User { id, .. } => Some(id),
            Actor::ApiKey { owner, .. } => owner,
        }
    }

    /// The session that calls, if one does.
    #[must_use]
    pub fn session(&self) -> Option<SessionId> {
        match self.actor {
            Actor::User { session, .. } => Some(session),
            Actor::ApiKey { .. } => None,
        }
    }

    #[must_use]
    pub fn api_key(&self) -> Option<ApiKeyId> {
        match self.actor {
            Actor::User { .. } => None,
            Actor::ApiKey { id, .. } => Some(id),
        }
    }

    /// `user:<id>` or `api_key:<id>`: one text for idempotency keys and the change log.
    #[must_use]
    pub fn label(&self) -> String {
        match self.actor {
            Actor::User { id, .. } => format!("user:{id}"),
            Actor::ApiKey { id, .. } => format!("api_key:{id}"),
        }
    }

    /// A transaction that sees this organization only and is marked with who acts.
    ///
    /// # Errors
    /// No connection could be had.
    pub async fn begin(&self, database: &Database) -> Result<Transaction> {
        Ok(database.acting(self.org, &self.label()).await?)
    }
}
