//! A new root span as the ingester announces it: its event, of which only the place of its row counts, and what tells who
//! would have seen it when there is no time to read that.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::lens::Facts;
use crate::id::{ApiKeyId, OrgId, SpanRowId, TeamId, UserId};

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Announced {
    pub(super) id: SpanRowId,
    pub(super) started_at: DateTime<Utc>,
    user_id: Option<UserId>,
    api_key_id: Option<ApiKeyId>,
    team_id: Option<TeamId>,
    mcp_server: String,
    tool_name: Option<String>,
    status: String,
    environment: Option<String>,
}

impl Announced {
    pub(super) fn facts(&self) -> Facts<'_> {
        Facts {
            user: self.user_id,
            api_key: self.api_key_id,
            team: self.team_id,
            mcp_server: &self.mcp_server,
            tool_name: self.tool_name.as_deref(),
            status: &self.status,
            environment: self.environment.as_deref(),
        }
    }
}

const PREFIX: &str = "traces:";

/// Where the ingester announces those of an organization (contract 6.2).
pub(super) fn channel(org: OrgId) -> String {
    format!("{PREFIX}{org}")
}

pub(super) fn org_of(channel: &str) -> Option<OrgId> {
    channel.strip_prefix(PREFIX)?.parse().ok()
}
