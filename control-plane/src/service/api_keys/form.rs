//! What can be said about a key (contract 3.5).

use std::{collections::BTreeMap, net::IpAddr};

use chrono::{DateTime, Utc};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::{
    auth::permission,
    error::{Error, Result},
    id::{TeamId, UserId},
    rest::form::{Faults, Form},
    store::api_keys::{ApiKeyRow, Content},
};

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    #[default]
    #[serde(alias = "development")]
    Dev,
    #[serde(alias = "staging")]
    Stg,
    #[serde(alias = "production")]
    Prd,
}

impl From<Environment> for gatewayops_proto::api_key::Environment {
    fn from(environment: Environment) -> Self {
        match environment {
            Environment::Dev => Self::Dev,
            Environment::Stg => Self::Stg,
            Environment::Prd => Self::Prd,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ApiKeyForm {
    #[schema(required, min_length = 1, max_length = 100)]
    pub name: String,
    pub description: String,
    /// Fixed after creation; `development`, `staging` and `production` are read as the short names.
    pub environment: Environment,
    /// Whose personal key it is; a service key has none. Fixed after creation.
    pub user_id: Option<UserId>,
    pub team_id: Option<TeamId>,
    pub permissions: Vec<String>,
    /// Globs on the server's name.
    pub servers: Vec<String>,
    /// Globs on `server__tool`; one behind `!` excludes and wins.
    pub tools: Vec<String>,
    /// Null: the environment's default.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub rate_limit_rpm: Option<i32>,
    /// Addresses or networks (CIDR); empty: any.
    pub ip_allowlist: Vec<String>,
    pub expires_at: Option<DateTime<Utc>>,
    /// At most 16.
    pub metadata: BTreeMap<String, String>,
}

impl Default for ApiKeyForm {
    fn default() -> Self {
        Self {
            name: String::new(),
            description: String::new(),
            environment: Environment::default(),
            user_id: None,
            team_id: None,
            permissions: vec!["mcp:*".to_owned()],
            servers: vec!["*".to_owned()],
            tools: vec!["*".to_owned()],
            rate_limit_rpm: None,
            ip_allowlist: Vec::new(),
            expires_at: None,
            metadata: BTreeMap::new(),
        }
    }
}

impl Form for ApiKeyForm {
    const REQUIRED: &'static [&'static str] = &["name"];
    const READ_ONLY: &'static [&'static str] = &[
        "environment",
        "user_id",
        "key_prefix",
        "status",
        "last_used_at",
        "previous_key_valid_until",
        "revoked_at",
    ];

    fn check(&self, faults: &mut Faults) {
        faults.length("name", &self.name, 1..=100);
        faults.length("description", &self.description, 0..=1000);
        if let Some(limit) = self.rate_limit_rpm {
            faults.range("rate_limit_rpm", &limit, 1..=1_000_000);
        }
        for (field, list) in
            [("permissions", &self.permissions), ("servers", &self.servers), ("tools", &self.tools)]
        {
            if list.len() > 100 {
                faults.add(field, "length", "must have at most 100 entries");
            }
        }
        for (index, pattern) in self.permissions.iter().enumerate() {
            if !permission::is_known(pattern) {
                faults.add(
                    format!("permissions.{index}"),
                    "unknown",
                    format!("{pattern:?} is no permission"),
                );
            }
        }
        for (field, globs) in [("servers", &self.servers), ("tools", &self.tools)] {
            for (index, glob) in globs.iter().enumerate() {
                faults.length(&format!("{field}.{index}"), glob, 1..=255);
            }
        }
        for (index, network) in self.ip_allowlist.iter().enumerate() {
            if parse_network(network).is_none() {
                let message = "must be an address or a network such as 10.0.0.0/8";
                faults.add(format!("ip_allowlist.{index}"), "format", message);
            }
        }
        if self.metadata.len() > 16 {
            faults.add("metadata", "length", "must have at most 16 entries");
        }
        for (name, value) in &self.metadata {
            if name.len() > 100 || value.len() > 1000 {
                faults.add(format!("metadata.{name}"), "length", "must be at most 100 and 1000 bytes long");
            }
        }
    }
}

/// A network, or an address as the network of itself; host bits are dropped.
fn parse_network(text: &str) -> Option<IpNet> {
    let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    network.ok().map(|network| network.trunc())
}

impl ApiKeyForm {
    /// Networks as Postgres writes them, so that what is read back is what is kept.
    pub(super) fn normalize(&mut self) {
        let networks = self.ip_allowlist.iter().filter_map(|network| parse_network(network));
        self.ip_allowlist = networks.map(|network| network.to_string()).collect();
    }

    /// An expiry must lie ahead, and not further than the organization allows.
    pub(super) fn check_expiry(&self, max_days: Option<i64>, now: DateTime<Utc>) -> Result<()> {
        match (self.expires_at, max_days) {
            (Some(expiry), _) if expiry <= now => {
                Err(Error::invalid_field("expires_at", "range", "must be in the future"))
            }
            (Some(expiry), Some(days)) if expiry > now + chrono::Duration::days(days) => {
                Err(Error::invalid_field("expires_at", "range", format!("must be within {days} days")))
            }
            (None, Some(days)) => Err(Error::invalid_field(
                "expires_at",
                "required",
                format!("must be set, within {days} days"),
            )),
            _ => Ok(()),
        }
    }

    pub(super) fn content<'a>(&'a self, metadata: &'a serde_json::Value) -> Content<'a> {
        Content {
            name: &self.name,
            description: &self.description,
            team: self.team_id,
            permissions: &self.permissions,
            servers: &self.servers,
            tools: &self.tools,
            rate_limit_rpm: self.rate_limit_rpm,
            ip_allowlist: &self.ip_allowlist,
            metadata,
            expires_at: self.expires_at,
        }
    }
}

impl From<&ApiKeyRow> for ApiKeyForm {
    fn from(row: &ApiKeyRow) -> Self {
        Self {
            name: row.name.clone(),
            description: row.description.clone(),
            environment: serde_json::from_value(json!(row.environment)).unwrap_or_default(),
            user_id: row.user_id,
            team_id: row.team_id,
            permissions: row.permissions.clone(),
            servers: row.servers.clone(),
            tools: row.tools.clone(),
            rate_limit_rpm: row.rate_limit_rpm,
            ip_allowlist: row.ip_allowlist.clone(),
            expires_at: row.expires_at,
            metadata: serde_json::from_value(row.metadata.clone()).unwrap_or_default(),
        }
    }
}

/// The body of a rotation.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = RotateApiKeyForm)]
#[serde(default, deny_unknown_fields)]
pub struct RotateForm {
    /// How long the old secret still works.
    #[schema(minimum = 0, maximum = 604_800, default = 86400)]
    pub grace_seconds: i64,
    /// A new expiry; without it the old one stays.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Default for RotateForm {
    fn default() -> Self {
        Self { grace_seconds: 86400, expires_at: None }
    }
}

impl Form for RotateForm {
    fn check(&self, faults: &mut Faults) {
        faults.range("grace_seconds", &self.grace_seconds, 0..=604_800);
    }
}

#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = RevokeApiKeyForm)]
#[serde(default, deny_unknown_fields)]
pub struct RevokeForm {
    #[schema(max_length = 1000)]
    pub reason: Option<String>,
}

impl Form for RevokeForm {
    fn check(&self, faults: &mut Faults) {
        faults.length("reason", self.reason.as_deref().unwrap_or_default(), 0..=1000);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_become_networks_without_host_bits() {
        let mut form = ApiKeyForm {
            ip_allowlist: vec!["10.1.2.3/8".into(), "192.0.2.7".into(), "2001:db8::1".into()],
            ..ApiKeyForm::default()
        };
        form.normalize();
        assert_eq!(form.ip_allowlist, ["10.0.0.0/8", "192.0.2.7/32", "2001:db8::1/128"]);
        assert!(parse_network("10.0.0.0/33").is_none() && parse_network("host").is_none());
    }

    #[test]
    fn an_expiry_lies_ahead_and_within_what_is_allowed() {
        let now = Utc::now();
        let with = |days: Option<i64>| ApiKeyForm {
            expires_at: days.map(|days| now + chrono::Duration::days(days)),
            ..ApiKeyForm::default()
        };
        assert!(
            with(None).check_expiry(None, now).is_ok() && with(Some(9)).check_expiry(Some(10), now).is_ok()
        );
        for (days, max) in [(Some(-1), None), (Some(11), Some(10)), (None, Some(10))] {
            assert!(with(days).check_expiry(max, now).is_err(), "{days:?} {max:?}");
        }
    }
}
