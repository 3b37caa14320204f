//! What happens to calls: how many there may be, which tools need whose consent, what is kept of them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::rest::form::Faults;

/// Requests a minute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = RateLimitSettings)]
#[serde(default, deny_unknown_fields)]
pub struct Rates {
    /// Of a production key without a limit of its own.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub prd_rpm: i64,
    /// Of a staging key without a limit of its own.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub stg_rpm: i64,
    /// Of a development key without a limit of its own.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub dev_rpm: i64,
    /// Of somebody's dashboard sessions.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub user_rpm: i64,
    /// Of the organization altogether.
    #[schema(minimum = 1, maximum = 10_000_000)]
    pub org_rpm: i64,
    /// Of an address without credentials.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub ip_rpm: i64,
}

impl Default for Rates {
    fn default() -> Self {
        Self { prd_rpm: 1000, stg_rpm: 300, dev_rpm: 100, user_rpm: 600, org_rpm: 10_000, ip_rpm: 100 }
    }
}

impl Rates {
    pub(super) fn check(&self, faults: &mut Faults) {
        for (field, rate, most) in [
            ("prd_rpm", self.prd_rpm, 1_000_000),
            ("stg_rpm", self.stg_rpm, 1_000_000),
            ("dev_rpm", self.dev_rpm, 1_000_000),
            ("user_rpm", self.user_rpm, 1_000_000),
            ("org_rpm", self.org_rpm, 10_000_000),
            ("ip_rpm", self.ip_rpm, 1_000_000),
        ] {
            faults.range(&format!("rate_limits.{field}"), &rate, 1..=most);
        }
    }
}

/// How dangerous a tool is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ToolLevel)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Safe,
    Sensitive,
    Dangerous,
}

impl Level {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Sensitive => "sensitive",
            Self::Dangerous => "dangerous",
        }
    }

    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Safe, Self::Sensitive, Self::Dangerous].into_iter().find(|level| level.as_str() == name)
    }
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ToolVerdict)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Allow,
    /// Once somebody has approved it.
    Approve,
    Deny,
}

/// What becomes of a tool that was not there before, or not like this.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ToolChangeVerdict)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    Allow,
    Warn,
    /// Until somebody has reviewed it.
    Quarantine,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ToolPolicySettings)]
#[serde(default, deny_unknown_fields)]
pub struct ToolPolicy {
    pub safe: Verdict,
    pub sensitive: Verdict,
    pub dangerous: Verdict,
    /// What a tool counts as that nobody has classified.
    pub unknown_tool: Level,
    pub new_tool: Change,
    pub changed_tool: Change,
}

impl Default for ToolPolicy {
    fn default() -> Self {
        Self {
            safe: Verdict::Allow,
            sensitive: Verdict::Allow,
            dangerous: Verdict::Approve,
            unknown_tool: Level::Sensitive,
            new_tool: Change::Allow,
            changed_tool: Change::Quarantine,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ApprovalSettings)]
#[serde(default, deny_unknown_fields)]
pub struct Approvals {
    /// How long a request waits for an answer.
    #[schema(minimum = 60, maximum = 2_592_000)]
    pub pending_ttl_seconds: i64,
    /// How long an approval can be used.
    #[schema(minimum = 60, maximum = 2_592_000)]
    pub valid_seconds: i64,
    /// How long a call waits for the answer before it is told to come again.
    #[schema(minimum = 0, maximum = 300)]
    pub hold_seconds: i64,
    /// Whether somebody may approve their own calls.
    pub allow_self_review: bool,
    /// Where requests are announced.
    pub channel_ids: Vec<Uuid>,
}

impl Default for Approvals {
    fn default() -> Self {
        Self {
            pending_ttl_seconds: 86_400,
            valid_seconds: 3600,
            hold_seconds: 0,
            allow_self_review: false,
            channel_ids: Vec::new(),
        }
    }
}

impl Approvals {
    pub(super) fn check(&self, faults: &mut Faults) {
        faults.range("approvals.pending_ttl_seconds", &self.pending_ttl_seconds, 60..=2_592_000);
        faults.range("approvals.valid_seconds", &self.valid_seconds, 60..=2_592_000);
        faults.range("approvals.hold_seconds", &self.hold_seconds, 0..=300);
        if self.channel_ids.len() > 20 {
            faults.add("approvals.channel_ids", "length", "must have at most 20 entries");
        }
    }
}

/// What is kept of a call's arguments and result.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = PayloadCapture)]
#[serde(rename_all = "snake_case")]
pub enum Capture {
    #[default]
    None,
    Redacted,
    Full,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = TraceSettings)]
#[serde(default, deny_unknown_fields)]
pub struct Traces {
    pub payload_capture: Capture,
}
