//! A key as JSON shows it, and what it did.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    id::{ApiKeyId, OrgId, TeamId, UserId},
    rest::{
        list::PageInfo,
        value::{Money, Time},
        window::Window,
    },
    service::api_keys::{self, Issued},
    store::api_keys::{
        ApiKeyRow,
        usage::{DayRow, Figures, PlaceRow},
    },
};

#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[schema(as = ApiKeyStatus)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    Active,
    /// The secret before the current one still works.
    Rotating,
    Expired,
    Revoked,
}

impl Status {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Rotating => "rotating",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ApiKey {
    id: ApiKeyId,
    org_id: OrgId,
    name: String,
    description: String,
    environment: String,
    #[schema(required)]
    user_id: Option<UserId>,
    #[schema(required)]
    team_id: Option<TeamId>,
    permissions: Vec<String>,
    servers: Vec<String>,
    tools: Vec<String>,
    #[schema(required)]
    rate_limit_rpm: Option<i32>,
    ip_allowlist: Vec<String>,
    #[schema(required)]
    expires_at: Option<Time>,
    #[schema(value_type = std::collections::HashMap<String, String>)]
    metadata: Value,
    key_prefix: String,
    #[schema(value_type = Status)]
    status: &'static str,
    #[schema(required)]
    last_used_at: Option<Time>,
    /// While it still works.
    #[schema(required)]
    previous_key_valid_until: Option<Time>,
    #[schema(required)]
    revoked_at: Option<Time>,
    created_at: Time,
    updated_at: Time,
    version: i32,
    #[schema(required)]
    created_by: Option<UserId>,
    managed_by: String,
}

impl From<ApiKeyRow> for ApiKey {
    fn from(row: ApiKeyRow) -> Self {
        let now = Utc::now();
        let status = row.status(now);
        Self {
            id: row.id,
            org_id: row.org_id,
            name: row.name,
            description: row.description,
            environment: row.environment,
            user_id: row.user_id,
            team_id: row.team_id,
            permissions: row.permissions,
            servers: row.servers,
            tools: row.tools,
            rate_limit_rpm: row.rate_limit_rpm,
            ip_allowlist: row.ip_allowlist,
            expires_at: row.expires_at.map(Time),
            metadata: row.metadata,
            key_prefix: row.key_prefix,
            status,
            last_used_at: row.last_used_at.map(Time),
            previous_key_valid_until: row.previous_key_expires_at.filter(|end| *end > now).map(Time),
            revoked_at: row.revoked_at.map(Time),
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
            created_by: row.created_by,
            managed_by: row.managed_by,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub(super) struct ApiKeys {
    pub(super) api_keys: Vec<ApiKey>,
    #[serde(flatten)]
    pub(super) page: PageInfo,
}

/// A key with its secret.
#[derive(Serialize, ToSchema)]
pub(super) struct IssuedKey {
    #[serde(flatten)]
    api_key: ApiKey,
    /// Shown only here; null when the answer is repeated.
    key: String,
}

impl From<Issued> for IssuedKey {
    fn from(issued: Issued) -> Self {
        Self { api_key: issued.row.into(), key: issued.secret }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = ApiKeyUsage)]
pub(super) struct Usage {
    total_requests: i64,
    /// Errors and timeouts.
    error_count: i64,
    blocked_count: i64,
    total_cost: Money,
    currency: &'static str,
    #[schema(required)]
    last_used_at: Option<Time>,
    /// Every UTC day of the range.
    daily: Vec<Day>,
    /// The hundred most used.
    by_server: Vec<ServerUsage>,
    /// The hundred most used.
    by_tool: Vec<ToolUsage>,
    start_time: Time,
    end_time: Time,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ApiKeyUsageDay)]
struct Day {
    date: NaiveDate,
    #[serde(flatten)]
    figures: UsageFigures,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ApiKeyServerUsage)]
struct ServerUsage {
    mcp_server: String,
    #[serde(flatten)]
    figures: UsageFigures,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ApiKeyToolUsage)]
struct ToolUsage {
    mcp_server: String,
    tool_name: String,
    #[serde(flatten)]
    figures: UsageFigures,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ApiKeyUsageFigures)]
struct UsageFigures {
    total_requests: i64,
    error_count: i64,
    blocked_count: i64,
    total_cost: Money,
}

impl From<Figures> for UsageFigures {
    fn from(figures: Figures) -> Self {
        Self {
            total_requests: figures.total_requests,
            error_count: figures.error_count,
            blocked_count: figures.blocked_count,
            total_cost: figures.total_cost.into(),
        }
    }
}

impl Usage {
    pub(super) fn new(usage: api_keys::Usage, window: &Window) -> Self {
        let day = |row: DayRow| Day { date: row.date, figures: row.figures.into() };
        let server = |row: PlaceRow| ServerUsage { mcp_server: row.mcp_server, figures: row.figures.into() };
        let tool = |row: PlaceRow| ToolUsage {
            mcp_server: row.mcp_server,
            tool_name: row.tool_name.unwrap_or_default(),
            figures: row.figures.into(),
        };
        Self {
            total_requests: usage.total.total_requests,
            error_count: usage.total.error_count,
            blocked_count: usage.total.blocked_count,
            total_cost: usage.total.total_cost.into(),
            currency: "USD",
            last_used_at: usage.last_used_at.map(|at: DateTime<Utc>| at.into()),
            daily: usage.daily.into_iter().map(day).collect(),
            by_server: usage.by_server.into_iter().map(server).collect(),
            by_tool: usage.by_tool.into_iter().map(tool).collect(),
            start_time: window.start.into(),
            end_time: window.end.into(),
        }
    }
}
