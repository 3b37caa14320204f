//! A permission as administrators write it, and what is wrong with it.

use chrono::{DateTime, Utc};
use gatewayops_proto::tool_policy::Pointer;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    rest::form::{Faults, Form},
    service::tool_policies::check_patterns,
    store::tool_permissions::{Content, ToolPermissionRow},
};

/// Rules of one permission, and values of one rule.
const MOST_RULES: usize = 20;
const MOST_VALUES: usize = 100;
const LONGEST_VALUE: usize = 1000;
const MOST_USES: i32 = 1_000_000;

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ToolPermissionSubject)]
#[serde(rename_all = "snake_case")]
pub enum SubjectType {
    User,
    Team,
    ApiKey,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ToolPermissionEffect)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    #[default]
    Allow,
    Deny,
}

/// How a value is compared.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ArgumentRuleOp)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    Eq,
    In,
    NotIn,
    Prefix,
    Glob,
}

/// What one argument has to be. Values are strings, numbers, booleans or null; numbers compare as numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ArgumentRule {
    /// JSON Pointer (RFC 6901) into the arguments, such as `/path`.
    pub pointer: String,
    pub op: Op,
    #[schema(min_items = 1, max_items = 100)]
    pub values: Vec<Value>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ToolPermissionForm {
    #[schema(required, value_type = SubjectType)]
    pub subject_type: Option<SubjectType>,
    #[schema(required, value_type = Uuid)]
    pub subject_id: Option<Uuid>,
    /// Glob on the server's name.
    #[schema(required, min_length = 1, max_length = 100)]
    pub mcp_server: String,
    /// Glob on the tool's name.
    #[schema(required, min_length = 1, max_length = 255)]
    pub tool_name: String,
    pub effect: Effect,
    /// All of them have to fit, else an allow lifts nothing and a deny denies nothing.
    #[schema(max_items = 20)]
    pub argument_rules: Vec<ArgumentRule>,
    /// Of an allow: how often it allows in one UTC day; null: any number.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub max_uses_per_day: Option<i32>,
    /// From then on it counts for nothing.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Form for ToolPermissionForm {
    const REQUIRED: &'static [&'static str] = &["subject_type", "subject_id", "mcp_server", "tool_name"];

    fn check(&self, faults: &mut Faults) {
        check_patterns(faults, &self.mcp_server, &self.tool_name);
        if self.argument_rules.len() > MOST_RULES {
            faults.add("argument_rules", "length", format!("must have at most {MOST_RULES} entries"));
        }
        for (index, rule) in self.argument_rules.iter().enumerate() {
            rule.check(faults, &format!("argument_rules.{index}"));
        }
        if let Some(uses) = &self.max_uses_per_day {
            faults.range("max_uses_per_day", uses, 1..=MOST_USES);
            if self.effect == Effect::Deny {
                faults.add("max_uses_per_day", "range", "is for an allow; a deny is not used up");
            }
        }
    }
}

impl ArgumentRule {
    fn check(&self, faults: &mut Faults, field: &str) {
        if Pointer::read(&self.pointer).is_none() || self.pointer.len() > LONGEST_VALUE {
            let message = "must be a JSON Pointer to an argument, such as /path or /options/0";
            faults.add(format!("{field}.pointer"), "format", message);
        }
        let values = format!("{field}.values");
        match (self.op, self.values.len()) {
            (Op::Eq, 1) => {}
            (Op::Eq, _) => faults.add(&values, "length", "must have 1 entry for eq; use in for several"),
            (_, 1..=MOST_VALUES) => {}
            _ => faults.add(&values, "length", format!("must have 1 to {MOST_VALUES} entries")),
        }
        for (index, value) in self.values.iter().enumerate() {
            if let Some((code, message)) = self.fault_of(value) {
                faults.add(format!("{values}.{index}"), code, message);
            }
        }
    }

    fn fault_of(&self, value: &Value) -> Option<(&'static str, &'static str)> {
        match value {
            Value::Array(_) | Value::Object(_) => {
                Some(("type", "must be a string, a number, a boolean or null"))
            }
            Value::String(text) if text.chars().count() > LONGEST_VALUE => {
                Some(("length", "must have at most 1000 characters"))
            }
            Value::String(text) if text.contains('\0') => {
                Some(("format", "must not hold the character U+0000"))
            }
            Value::String(_) => None,
            _ if matches!(self.op, Op::Prefix | Op::Glob) => {
                Some(("type", "must be a string for prefix and glob"))
            }
            _ => None,
        }
    }
}

impl ToolPermissionForm {
    /// A time that is past makes nothing new expire.
    ///
    /// # Errors
    /// `validation_error`.
    pub(super) fn check_expiry(&self, before: Option<&Self>, now: DateTime<Utc>) -> Result<()> {
        let is_new = before.is_none_or(|before| before.expires_at != self.expires_at);
        match self.expires_at {
            Some(at) if is_new && at <= now => {
                Err(Error::invalid_field("expires_at", "range", "must be in the future"))
            }
            _ => Ok(()),
        }
    }

    /// # Errors
    /// `validation_error`; a form that was read has both.
    pub(super) fn subject(&self) -> Result<(SubjectType, Uuid)> {
        let missing = || Error::invalid_field("subject_id", "required", "is missing");
        self.subject_type.zip(self.subject_id).ok_or_else(missing)
    }

    pub(super) fn rules(&self) -> Value {
        json!(self.argument_rules)
    }

    pub(super) fn content<'a>(&'a self, (kind, id): (SubjectType, Uuid), rules: &'a Value) -> Content<'a> {
        Content {
            subject_type: kind.as_str(),
            subject_id: id,
            mcp_server: &self.mcp_server,
            tool_name: &self.tool_name,
            effect: self.effect.as_str(),
            argument_rules: rules,
            max_uses_per_day: self.max_uses_per_day,
            expires_at: self.expires_at,
        }
    }
}

impl TryFrom<&ToolPermissionRow> for ToolPermissionForm {
    type Error = Error;

    /// # Errors
    /// Something is stored that no version of ours wrote.
    fn try_from(row: &ToolPermissionRow) -> Result<Self> {
        let stored = json!({
            "subject_type": row.subject_type,
            "subject_id": row.subject_id,
            "mcp_server": row.mcp_server,
            "tool_name": row.tool_name,
            "effect": row.effect,
            "argument_rules": row.argument_rules,
            "max_uses_per_day": row.max_uses_per_day,
            "expires_at": row.expires_at,
        });
        serde_json::from_value(stored).map_err(Error::internal)
    }
}

impl SubjectType {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Team => "team",
            Self::ApiKey => "api_key",
        }
    }

    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Team => "team",
            Self::ApiKey => "API key",
        }
    }
}

impl Effect {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
        }
    }
}
