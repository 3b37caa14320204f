//! An approval as JSON shows it.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    id::{ApiKeyId, ApprovalId, OrgId, TeamId, UserId},
    rest::value::Time,
    store::approvals::ApprovalRow,
};

#[derive(Serialize, ToSchema)]
pub(super) struct Approval {
    id: ApprovalId,
    org_id: OrgId,
    mcp_server: String,
    tool_name: String,
    /// With secrets masked.
    #[schema(value_type = Object)]
    arguments: Value,
    /// SHA-256 of the RFC 8785 form of the arguments, as they were.
    arguments_hash: String,
    #[schema(required)]
    requested_by: Option<UserId>,
    /// Their e-mail address.
    #[schema(required)]
    requester: Option<String>,
    #[schema(required)]
    api_key_id: Option<ApiKeyId>,
    #[schema(required)]
    api_key_name: Option<String>,
    #[schema(required)]
    team_id: Option<TeamId>,
    reason: String,
    status: String,
    /// Until when the request waits.
    expires_at: Time,
    #[schema(required)]
    reviewed_by: Option<UserId>,
    /// Their e-mail address.
    #[schema(required)]
    reviewer: Option<String>,
    #[schema(required)]
    reviewed_at: Option<Time>,
    #[schema(required)]
    review_note: Option<String>,
    /// Until when the approval can be used.
    #[schema(required)]
    valid_until: Option<Time>,
    max_uses: i32,
    use_count: i32,
    /// `time` or `definition_changed`, of an expired one.
    #[schema(required)]
    expiry_reason: Option<String>,
    #[schema(required)]
    trace_id: Option<String>,
    created_at: Time,
}

impl From<ApprovalRow> for Approval {
    fn from(row: ApprovalRow) -> Self {
        Self {
            id: row.id,
            org_id: row.org_id,
            mcp_server: row.mcp_server,
            tool_name: row.tool_name,
            arguments: row.arguments,
            arguments_hash: row.arguments_hash,
            requested_by: row.requested_by,
            requester: row.requester,
            api_key_id: row.api_key_id,
            api_key_name: row.key_name,
            team_id: row.team_id,
            reason: row.reason,
            status: row.status,
            expires_at: row.expires_at.into(),
            reviewed_by: row.reviewed_by,
            reviewer: row.reviewer,
            reviewed_at: row.reviewed_at.map(Time),
            review_note: row.review_note,
            valid_until: row.valid_until.map(Time),
            max_uses: row.max_uses,
            use_count: row.use_count,
            expiry_reason: row.expiry_reason,
            trace_id: row.trace_id,
            created_at: row.created_at.into(),
        }
    }
}
