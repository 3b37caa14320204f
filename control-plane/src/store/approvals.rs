//! Requests that a person let one call through (contract 3.7, 5.3).

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{FromRow, PgConnection};

use crate::id::{ApiKeyId, ApprovalId, OrgId, TeamId, UserId};

/// Until when an approval may wait for an answer, unless the organization says otherwise (contract 3.2).
const PENDING_TTL_SECONDS: f64 = 86_400.0;

/// The call an approval is for: one is pending at most.
pub struct Call<'a> {
    /// `user:<id>` or `api_key:<id>`.
    pub principal: &'a str,
    pub mcp_server: &'a str,
    pub tool_name: &'a str,
    pub arguments_hash: &'a str,
}

/// What is kept beside the call.
pub struct Circumstances<'a> {
    pub api_key: Option<ApiKeyId>,
    pub user: Option<UserId>,
    pub team: Option<TeamId>,
    pub arguments: &'a Value,
    pub reason: &'a str,
    pub trace_id: Option<&'a str>,
}

#[derive(Clone, Debug, Eq, FromRow, PartialEq)]
pub struct Pending {
    pub id: ApprovalId,
    pub status: String,
    pub expires_at: DateTime<Utc>,
}

/// Ends the pending approval for a call whose time is over.
pub async fn expire(
    conn: &mut PgConnection,
    org: OrgId,
    call: &Call<'_>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query(
        "update tool_approvals set status = 'expired'
         where org_id = $1 and principal = $2 and mcp_server = $3 and tool_name = $4 and arguments_hash = $5
            and status = 'pending' and expires_at <= $6",
    )
    .bind(org)
    .bind(call.principal)
    .bind(call.mcp_server)
    .bind(call.tool_name)
    .bind(call.arguments_hash)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// None when one is pending already. It is bound to the tool's definition as approved now.
pub async fn insert(
    conn: &mut PgConnection,
    org: OrgId,
    call: &Call<'_>,
    circumstances: &Circumstances<'_>,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Pending>> {
    sqlx::query_as(
        "insert into tool_approvals (id, org_id, principal, mcp_server, tool_name, arguments_hash, api_key_id,
            requested_by, team_id, arguments, reason, trace_id, schema_hash, expires_at)
         select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
            (select t.approved_hash from mcp_tools t join mcp_servers s on s.org_id = t.org_id and s.id = t.server_id
             where t.org_id = $2 and s.name = $4 and t.name = $5),
            $13 + make_interval(secs => coalesce(
                (settings #>> '{approvals,pending_ttl_seconds}')::double precision, $14))
         from organizations where id = $2
         on conflict (org_id, principal, mcp_server, tool_name, arguments_hash) where status = 'pending' do nothing
         returning id, status, expires_at",
    )
    .bind(ApprovalId::new())
    .bind(org)
    .bind(call.principal)
    .bind(call.mcp_server)
    .bind(call.tool_name)
    .bind(call.arguments_hash)
    .bind(circumstances.api_key)
    .bind(circumstances.user)
    .bind(circumstances.team)
    .bind(circumstances.arguments)
    .bind(circumstances.reason)
    .bind(circumstances.trace_id)
    .bind(now)
    .bind(PENDING_TTL_SECONDS)
    .fetch_optional(conn)
    .await
}

pub async fn get_pending(
    conn: &mut PgConnection,
    org: OrgId,
    call: &Call<'_>,
) -> sqlx::Result<Option<Pending>> {
    sqlx::query_as(
        "select id, status, expires_at from tool_approvals
         where org_id = $1 and principal = $2 and mcp_server = $3 and tool_name = $4 and arguments_hash = $5
            and status = 'pending'",
    )
    .bind(org)
    .bind(call.principal)
    .bind(call.mcp_server)
    .bind(call.tool_name)
    .bind(call.arguments_hash)
    .fetch_optional(conn)
    .await
}

/// Who owns the key that calls, and its team; none when the organization has no such key.
pub async fn owner_of_key(
    conn: &mut PgConnection,
    org: OrgId,
    key: ApiKeyId,
) -> sqlx::Result<Option<(Option<UserId>, Option<TeamId>)>> {
    sqlx::query_as("select user_id, team_id from api_keys where org_id = $1 and id = $2")
        .bind(org)
        .bind(key)
        .fetch_optional(conn)
        .await
}
