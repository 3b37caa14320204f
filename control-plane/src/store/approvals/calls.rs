//! What is asked about one call: its open approvals, its last denial, one use taken, a new request.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{AssertSqlSafe, FromRow, PgConnection, postgres::PgArguments, query::QueryAs};

use super::{ApprovalRow, COLUMNS};
use crate::id::{ApiKeyId, ApprovalId, OrgId, TeamId, UserId};

/// The call an approval is for.
pub struct Call<'a> {
    /// `user:<id>` or `api_key:<id>`.
    pub principal: &'a str,
    pub mcp_server: &'a str,
    pub tool_name: &'a str,
    pub arguments_hash: &'a str,
    /// Of the tool's definition that it is asked under; none when there is none.
    pub definition: Option<&'a str>,
}

/// What is kept beside the call.
pub struct Circumstances<'a> {
    pub api_key: Option<ApiKeyId>,
    pub user: Option<UserId>,
    pub team: Option<TeamId>,
    /// Redacted.
    pub arguments: &'a Value,
    pub reason: &'a str,
    pub trace_id: Option<&'a str>,
}

/// An approval of a call that waits for its decision, or that still has uses.
#[derive(Clone, Debug, FromRow)]
pub struct OpenRow {
    pub id: ApprovalId,
    pub is_approved: bool,
    pub definition: Option<String>,
    /// Of the request while it waits, of the approval once it has one.
    pub ends_at: DateTime<Utc>,
}

/// A use that was taken.
#[derive(Clone, Debug, FromRow)]
pub struct UseRow {
    pub valid_until: DateTime<Utc>,
    pub use_count: i32,
    pub max_uses: i32,
}

#[derive(Clone, Debug, FromRow)]
pub struct DenialRow {
    pub id: ApprovalId,
    pub review_note: Option<String>,
    pub stands_until: DateTime<Utc>,
}

const OF_CALL: &str = "a.org_id = $1 and a.principal = $2 and a.mcp_server = $3 and a.tool_name = $4
    and a.arguments_hash = $5";

fn about<'q, T>(
    query: QueryAs<'q, sqlx::Postgres, T, PgArguments>,
    org: OrgId,
    call: &Call<'q>,
) -> QueryAs<'q, sqlx::Postgres, T, PgArguments> {
    query.bind(org).bind(call.principal).bind(call.mcp_server).bind(call.tool_name).bind(call.arguments_hash)
}

/// Until the transaction ends nobody else asks about this call, through whichever proxy and control plane.
///
/// # Errors
/// The database's.
pub async fn lock(conn: &mut PgConnection, org: OrgId, call: &Call<'_>) -> sqlx::Result<()> {
    let Call { principal, mcp_server, tool_name, arguments_hash, .. } = call;
    sqlx::query("select pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind(format!("gatewayops.approval {org} {principal} {mcp_server} {tool_name} {arguments_hash}"))
        .execute(conn)
        .await?;
    Ok(())
}

/// Who decides about one of them waits until the transaction ends.
///
/// # Errors
/// The database's.
pub async fn lock_open(conn: &mut PgConnection, org: OrgId, call: &Call<'_>) -> sqlx::Result<Vec<OpenRow>> {
    let query = format!(
        "select a.id, a.status = 'approved' as is_approved, a.schema_hash as definition,
            case a.status when 'pending' then a.expires_at else a.valid_until end as ends_at
         from tool_approvals a where {OF_CALL} and a.status in ('pending', 'approved') order by a.id for update"
    );
    about(sqlx::query_as(AssertSqlSafe(query)), org, call).fetch_all(conn).await
}

/// None when there is none left.
///
/// # Errors
/// The database's.
pub async fn take_use(
    conn: &mut PgConnection,
    org: OrgId,
    id: ApprovalId,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<UseRow>> {
    sqlx::query_as(
        "update tool_approvals set use_count = use_count + 1,
            status = case when use_count + 1 < max_uses then status else 'consumed' end
         where org_id = $1 and id = $2 and status = 'approved' and use_count < max_uses and valid_until > $3
         returning valid_until, use_count, max_uses",
    )
    .bind(org)
    .bind(id)
    .bind(now)
    .fetch_optional(conn)
    .await
}

/// The denial that still answers this call: nothing was asked since, under no other definition, and it stands for as
/// long as the request would have waited, but at least `at_least_seconds`.
///
/// # Errors
/// The database's.
pub async fn standing_denial(
    conn: &mut PgConnection,
    org: OrgId,
    call: &Call<'_>,
    at_least_seconds: f64,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<DenialRow>> {
    let query = format!(
        "select newest.id, newest.review_note, newest.stands_until
         from (
            select a.id, a.status, a.review_note, a.schema_hash,
                greatest(a.expires_at, a.reviewed_at + make_interval(secs => $7)) as stands_until
            from tool_approvals a where {OF_CALL} order by a.created_at desc, a.id desc limit 1) newest
         where newest.status = 'denied' and newest.schema_hash is not distinct from $6
            and newest.stands_until > $8"
    );
    about(sqlx::query_as(AssertSqlSafe(query)), org, call)
        .bind(call.definition)
        .bind(at_least_seconds)
        .bind(now)
        .fetch_optional(conn)
        .await
}

/// How many calls of the principal wait for a decision.
///
/// # Errors
/// The database's.
pub async fn count_pending(conn: &mut PgConnection, org: OrgId, principal: &str) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "select count(*) from tool_approvals where org_id = $1 and principal = $2 and status = 'pending'",
    )
    .bind(org)
    .bind(principal)
    .fetch_one(conn)
    .await
}

/// # Errors
/// The database's; a pending one for the same call is a named constraint.
pub async fn insert(
    conn: &mut PgConnection,
    org: OrgId,
    call: &Call<'_>,
    circumstances: &Circumstances<'_>,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> sqlx::Result<ApprovalRow> {
    let query = format!(
        "insert into tool_approvals as a (org_id, principal, mcp_server, tool_name, arguments_hash, schema_hash, id,
            api_key_id, requested_by, team_id, arguments, reason, trace_id, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) returning {COLUMNS}"
    );
    about(sqlx::query_as(AssertSqlSafe(query)), org, call)
        .bind(call.definition)
        .bind(ApprovalId::new())
        .bind(circumstances.api_key)
        .bind(circumstances.user)
        .bind(circumstances.team)
        .bind(circumstances.arguments)
        .bind(circumstances.reason)
        .bind(circumstances.trace_id)
        .bind(now)
        .bind(expires_at)
        .fetch_one(conn)
        .await
}

/// Who owns a key, its team, and who made it.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct KeyRow {
    pub user_id: Option<UserId>,
    pub team_id: Option<TeamId>,
    pub created_by: Option<UserId>,
}

/// None when the organization has no such key.
///
/// # Errors
/// The database's.
pub async fn get_key(conn: &mut PgConnection, org: OrgId, key: ApiKeyId) -> sqlx::Result<Option<KeyRow>> {
    sqlx::query_as("select user_id, team_id, created_by from api_keys where org_id = $1 and id = $2")
        .bind(org)
        .bind(key)
        .fetch_optional(conn)
        .await
}

/// Of the tool's definition as last seen; none when it was never seen.
///
/// # Errors
/// The database's.
pub async fn definition_hash(
    conn: &mut PgConnection,
    org: OrgId,
    mcp_server: &str,
    tool_name: &str,
) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar(
        "select t.schema_hash from mcp_tools t join mcp_servers s on s.org_id = t.org_id and s.id = t.server_id
         where t.org_id = $1 and s.name = $2 and t.name = $3 and t.status <> 'removed'",
    )
    .bind(org)
    .bind(mcp_server)
    .bind(tool_name)
    .fetch_optional(conn)
    .await
}

/// Those of `ids` that nobody has to wait for any more; for whoever holds calls, of all organizations.
///
/// # Errors
/// The database's.
pub async fn decided(conn: &mut PgConnection, ids: &[uuid::Uuid]) -> sqlx::Result<Vec<uuid::Uuid>> {
    sqlx::query_scalar("select id from tool_approvals where id = any($1) and status <> 'pending'")
        .bind(ids)
        .fetch_all(conn)
        .await
}
