//! What can be said about a key (contract 3.5).

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::{
    auth::permission,
    error::{Error, Result},
    id::{TeamId, UserId},
    networks,
    rest::form::{Faults, Form},
    service::coverage,
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
        if self.permissions.len() > 100 {
            faults.add("permissions", "length", "must have at most 100 entries");
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
        coverage::check(faults, &self.servers, &self.tools);
        networks::check(faults, "ip_allowlist", &self.ip_allowlist);
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

impl ApiKeyForm {
    /// An expiry must lie ahead, and not further than the organization allows; left out, it is as late as allowed.
    pub(super) fn settle_expiry(&mut self, max_days: Option<i64>, now: DateTime<Utc>) -> Result<()> {
        let refuse = |message: String| Err(Error::invalid_field("expires_at", "range", message));
        match (self.expires_at, max_days) {
            (Some(expiry), _) if expiry <= now => refuse("must be in the future".to_owned()),
            (Some(expiry), Some(days)) if expiry > now + Duration::days(days) => {
                refuse(format!("must be within {days} days"))
            }
            _ => {
                self.cap_expiry(max_days, now);
                Ok(())
            }
        }
    }

    /// Brings the expiry within what the organization allows.
    pub(super) fn cap_expiry(&mut self, max_days: Option<i64>, now: DateTime<Utc>) {
        let latest = max_days.map(|days| now + Duration::days(days));
        self.expires_at = [self.expires_at, latest].into_iter().flatten().min();
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
    fn an_expiry_lies_ahead_and_within_what_is_allowed() {
        let now = Utc::now();
        let day = |days: i64| now + Duration::days(days);
        let settled = |expires_at: Option<DateTime<Utc>>, max_days: Option<i64>| {
            let mut form = ApiKeyForm { expires_at, ..ApiKeyForm::default() };
            form.settle_expiry(max_days, now).map(|()| form.expires_at)
        };
        assert_eq!(settled(None, None).unwrap(), None);
        assert_eq!(settled(Some(day(9)), Some(10)).unwrap(), Some(day(9)));
        assert_eq!(settled(None, Some(10)).unwrap(), Some(day(10)), "as late as allowed");
        for (expiry, max) in [(day(-1), None), (day(11), Some(10))] {
            assert!(settled(Some(expiry), max).is_err(), "{expiry} {max:?}");
        }
    }

    #[test]
    fn an_old_expiry_is_brought_within_what_is_allowed_now() {
        let now = Utc::now();
        let capped = |days: Option<i64>| {
            let expires_at = days.map(|days| now + Duration::days(days));
            let mut form = ApiKeyForm { expires_at, ..ApiKeyForm::default() };
            form.cap_expiry(Some(10), now);
            (form.expires_at.unwrap() - now).num_days()
        };
        assert_eq!((capped(Some(5)), capped(Some(50)), capped(None)), (5, 10, 10));
    }
}
