//! What an organization's administrators decide at run time (contract 3.2): one typed document, its defaults and its
//! rules. Stored is only what differs from the defaults (`organizations.settings`); everyone reads it by
//! [`Settings::read`]. What the process itself is started with is in `config`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::{
    error::{Error, Result},
    rest::form::{Faults, Form},
};

mod calls;
mod retention;
mod security;

pub use calls::{Approvals, Capture, Change, Level, Rates, ToolPolicy, Traces, Verdict};
pub use retention::Retention;
pub use security::Security;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    pub rate_limits: Rates,
    pub tool_policy: ToolPolicy,
    pub approvals: Approvals,
    pub security: Security,
    pub traces: Traces,
    pub retention: Retention,
}

impl Form for Settings {
    fn check(&self, faults: &mut Faults) {
        self.rate_limits.check(faults);
        self.approvals.check(faults);
        self.security.check(faults);
        self.retention.check(faults);
    }
}

impl Settings {
    /// What is stored, over the defaults. Fields that this version does not know are left out: a newer one wrote them.
    ///
    /// # Errors
    /// A value that no version of ours wrote.
    pub fn read(stored: &Value) -> Result<Self> {
        let mut whole = json!(Self::default());
        overlay(&mut whole, stored);
        serde_path_to_error::deserialize(whole)
            .map_err(|error| Error::internal(anyhow::anyhow!("stored settings: {error}")))
    }

    /// With spans, costs and audit rows kept at least as long as the process demands (`RETENTION_MIN_DAYS`).
    #[must_use]
    pub fn kept_at_least(self, floor_days: u32) -> Self {
        Self { retention: self.retention.kept_at_least(floor_days), ..self }
    }

    /// What to store: the fields in which these are not `defaults`.
    #[must_use]
    pub fn beyond(&self, defaults: &Self) -> Value {
        let mut stored = json!({});
        for ((section, field, value), (_, _, default)) in self.fields().into_iter().zip(defaults.fields()) {
            if value != default {
                stored[section][field] = value;
            }
        }
        stored
    }

    /// `{"security.local_login": true, ...}`, for the audit log.
    #[must_use]
    pub fn flat(&self) -> Map<String, Value> {
        let fields = self.fields().into_iter();
        fields.map(|(section, field, value)| (format!("{section}.{field}"), value)).collect()
    }

    /// Section, name and value of each; always the same in the same order.
    fn fields(&self) -> Vec<(String, String, Value)> {
        let whole = json!(self);
        let sections = whole.as_object().into_iter().flatten();
        let fields = sections.flat_map(|(section, fields)| {
            let fields = fields.as_object().into_iter().flatten();
            fields.map(move |(field, value)| (section.clone(), field.clone(), value.clone()))
        });
        fields.collect()
    }
}

/// Takes over what both have.
fn overlay(whole: &mut Value, stored: &Value) {
    let (Value::Object(whole), Value::Object(stored)) = (whole, stored) else { return };
    for (name, value) in stored {
        match whole.get_mut(name) {
            Some(section @ Value::Object(_)) => overlay(section, value),
            Some(field) => *field = value.clone(),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_stored_is_the_default() {
        let settings = Settings::read(&json!({"security": {"session_seconds": 600}})).unwrap();
        assert_eq!(settings.security.session_seconds, 600);
        assert_eq!(settings.security.key_max_ttl_days, None);
        assert_eq!(settings.rate_limits, Rates::default());
        assert_eq!(Settings::read(&json!({})).unwrap(), Settings::default());
    }

    #[test]
    fn only_what_differs_is_stored_and_read_back_the_same() {
        let mut settings = Settings::default();
        assert_eq!(settings.beyond(&Settings::default()), json!({}));
        settings.security.key_max_ttl_days = Some(30);
        settings.approvals.hold_seconds = 10;
        let stored = settings.beyond(&Settings::default());
        assert_eq!(stored, json!({"security": {"key_max_ttl_days": 30}, "approvals": {"hold_seconds": 10}}));
        assert_eq!(Settings::read(&stored).unwrap(), settings);
    }

    #[test]
    fn what_a_newer_version_stored_is_left_out_and_nonsense_is_an_error() {
        let stored = json!({"security": {"local_login": false, "moon": 1}, "tides": {"high": 2}});
        assert!(!Settings::read(&stored).unwrap().security.local_login);
        assert!(Settings::read(&json!({"security": {"local_login": "perhaps"}})).is_err());
    }

    #[test]
    fn nothing_is_kept_shorter_than_the_process_demands() {
        let stored = json!({"retention": {"traces_days": 10, "payloads_days": 5, "audit_days": 500}});
        let retention = Settings::read(&stored).unwrap().kept_at_least(120).retention;
        assert_eq!((retention.traces_days, retention.payloads_days), (120, 5));
        assert_eq!((retention.costs_days, retention.audit_days), (400, 500));
    }
}
