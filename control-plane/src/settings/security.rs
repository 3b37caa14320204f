//! Who gets in, from where, for how long.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    error::{Code, Error, Result},
    networks,
    rest::form::Faults,
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = SecuritySettings)]
#[serde(default, deny_unknown_fields)]
pub struct Security {
    /// Log-ins by single sign-on only.
    pub require_sso: bool,
    /// Log-ins by password.
    pub local_login: bool,
    /// Addresses or networks (CIDR) from which sessions and keys are good; empty: any.
    pub ip_allowlist: Vec<String>,
    /// How long a new session lives, at most as long as the process allows (`SESSION_DURATION`).
    #[schema(minimum = 60, maximum = 2_592_000)]
    pub session_seconds: i64,
    /// How long a new key lives at most; null: for ever.
    #[schema(minimum = 1, maximum = 3650)]
    pub key_max_ttl_days: Option<i64>,
}

impl Default for Security {
    fn default() -> Self {
        Self {
            require_sso: false,
            local_login: true,
            ip_allowlist: Vec::new(),
            session_seconds: 86_400,
            key_max_ttl_days: None,
        }
    }
}

impl Security {
    pub(super) fn check(&self, faults: &mut Faults) {
        networks::check(faults, "security.ip_allowlist", &self.ip_allowlist);
        faults.range("security.session_seconds", &self.session_seconds, 60..=2_592_000);
        if let Some(days) = self.key_max_ttl_days {
            faults.range("security.key_max_ttl_days", &days, 1..=3650);
        }
    }

    /// Whether people may log in by password here.
    #[must_use]
    pub fn allows_passwords(&self) -> bool {
        self.local_login && !self.require_sso
    }

    /// # Errors
    /// `ip_not_allowed`.
    pub fn check_address(&self, address: Option<IpAddr>) -> Result<()> {
        if networks::admit(&self.ip_allowlist, address) {
            return Ok(());
        }
        let message =
            "this organization may not be used from this address; its administrators decide from where";
        Err(Error::new(Code::IpNotAllowed, message))
    }
}
