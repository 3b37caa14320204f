//! Who calls: an API key as the control plane described it, and what it may reach (contract 3.5).

use std::{
    net::IpAddr,
    sync::{Arc, atomic::AtomicI64},
};

use gatewayops_proto::{api_key::Digest, glob};
use ipnet::IpNet;
use uuid::Uuid;

use crate::sessions::Usage;

#[derive(Debug)]
pub(crate) struct Principal {
    /// Of the API key.
    pub(crate) id: Uuid,
    pub(crate) org: Uuid,
    pub(crate) user: Option<Uuid>,
    pub(crate) team: Option<Uuid>,
    pub(crate) environment: Box<str>,
    pub(crate) digest: Digest,
    /// All zero: none.
    pub(crate) previous_digest: Digest,
    pub(crate) previous_expires_at_ms: i64,
    pub(crate) expires_at_ms: Option<i64>,
    pub(crate) state: State,
    pub(crate) may_read: bool,
    pub(crate) may_call: bool,
    pub(crate) servers: Vec<String>,
    pub(crate) tools: Vec<String>,
    pub(crate) ip_allowlist: Vec<IpNet>,
    /// Minute in which its use was last reported (contract 6.2, `key_used`).
    pub(crate) reported_minute: AtomicI64,
    pub(crate) usage: Arc<Usage>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum State {
    Active,
    Revoked,
    OwnerSuspended,
}

impl Principal {
    pub(crate) fn has_previous(&self) -> bool {
        self.previous_digest != Digest::default()
    }

    pub(crate) fn may_come_from(&self, address: Option<IpAddr>) -> bool {
        self.ip_allowlist.is_empty()
            || address.is_some_and(|address| self.ip_allowlist.iter().any(|net| net.contains(&address)))
    }

    pub(crate) fn reaches_server(&self, server: &str) -> bool {
        glob::admits(self.servers.iter().map(String::as_str), server)
    }

    pub(crate) fn reaches_all_tools(&self) -> bool {
        self.tools.iter().all(|glob| glob == "*") && !self.tools.is_empty()
    }

    pub(crate) fn reaches_tool(&self, server: &str, tool: &str) -> bool {
        self.reaches_all_tools()
            || glob::admits(self.tools.iter().map(String::as_str), &format!("{server}__{tool}"))
    }
}

/// Whether a list of grants covers a permission: exact, `prefix:*`, `*`, or `x:admin` for all of `x:` (contract 1.6).
pub(crate) fn grants(permissions: &[String], wanted: &str) -> bool {
    let resource = wanted.split(':').next().unwrap_or(wanted);
    permissions.iter().any(|grant| {
        grant == "*"
            || grant == wanted
            || grant
                .strip_suffix("*")
                .is_some_and(|prefix| prefix.ends_with(':') && wanted.starts_with(prefix))
            || grant.strip_suffix(":admin") == Some(resource)
    })
}

#[cfg(test)]
impl Principal {
    /// A key that may nothing, to be given what a test is about.
    pub(crate) fn nobody() -> Self {
        Self {
            id: Uuid::from_u128(1),
            org: Uuid::from_u128(2),
            user: None,
            team: None,
            environment: "dev".into(),
            digest: Digest::default(),
            previous_digest: Digest::default(),
            previous_expires_at_ms: 0,
            expires_at_ms: None,
            state: State::Active,
            may_read: false,
            may_call: false,
            servers: Vec::new(),
            tools: Vec::new(),
            ip_allowlist: Vec::new(),
            reported_minute: AtomicI64::default(),
            usage: Arc::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn grants_are_exact_prefixed_or_all() {
        let granted = |grants: &[&str], wanted| {
            super::grants(&grants.iter().map(|grant| (*grant).to_owned()).collect::<Vec<_>>(), wanted)
        };
        assert!(
            granted(&["mcp:*"], "mcp:call")
                && granted(&["*"], "mcp:read")
                && granted(&["mcp:read"], "mcp:read")
        );
        assert!(
            !granted(&["mcp:read"], "mcp:call") && !granted(&["m*"], "mcp:call") && !granted(&[], "mcp:read")
        );
        assert!(granted(&["servers:admin"], "servers:read"));
    }
}
