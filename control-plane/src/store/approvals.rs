//! Requests that a person let one call through (contract 3.7, 5.3): the row, and how it moves.
//!
//! Every move says from which state it goes, so that of two who decide at the same time one finds nothing to decide; a
//! trigger refuses all moves that the contract does not know (migration 0018).

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{AssertSqlSafe, FromRow, PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::{
    dimensions::push_any,
    page::{self, Found, Page, SortKey, TimeRange},
};
use crate::{
    auth::Reach,
    id::{ApiKeyId, ApprovalId, OrgId, ServerId, TeamId, UserId},
};

pub mod calls;
pub mod notices;

/// On which every decision about a pending approval is announced, with its id.
pub const CHANNEL: &str = "gwo_approvals";

#[derive(Clone, Debug, FromRow)]
pub struct ApprovalRow {
    pub id: ApprovalId,
    pub org_id: OrgId,
    pub mcp_server: String,
    pub tool_name: String,
    /// Redacted.
    pub arguments: Value,
    pub arguments_hash: String,
    pub requested_by: Option<UserId>,
    pub api_key_id: Option<ApiKeyId>,
    pub team_id: Option<TeamId>,
    pub reason: String,
    pub status: String,
    pub expires_at: DateTime<Utc>,
    pub reviewed_by: Option<UserId>,
    pub reviewed_at: Option<DateTime<Utc>>,
    pub review_note: Option<String>,
    pub valid_until: Option<DateTime<Utc>>,
    pub max_uses: i32,
    pub use_count: i32,
    pub expiry_reason: Option<String>,
    pub trace_id: Option<String>,
    pub created_at: DateTime<Utc>,
    /// Their e-mail addresses, as far as they still are users here.
    pub requester: Option<String>,
    pub reviewer: Option<String>,
    /// Of the key that asked.
    pub key_name: Option<String>,
    pub key_owner: Option<UserId>,
    pub key_creator: Option<UserId>,
}

/// Of `tool_approvals a`, in a `select` as in a `returning`.
const COLUMNS: &str =
    "a.id, a.org_id, a.mcp_server, a.tool_name, a.arguments, a.arguments_hash, a.requested_by,
    a.api_key_id, a.team_id, a.reason, a.status, a.expires_at, a.reviewed_by, a.reviewed_at, a.review_note,
    a.valid_until, a.max_uses, a.use_count, a.expiry_reason, a.trace_id, a.created_at,
    (select u.email::text from users u where u.org_id = a.org_id and u.id = a.requested_by) as requester,
    (select u.email::text from users u where u.org_id = a.org_id and u.id = a.reviewed_by) as reviewer,
    (select k.name from api_keys k where k.org_id = a.org_id and k.id = a.api_key_id) as key_name,
    (select k.user_id from api_keys k where k.org_id = a.org_id and k.id = a.api_key_id) as key_owner,
    (select k.created_by from api_keys k where k.org_id = a.org_id and k.id = a.api_key_id) as key_creator";

pub const SORT: &[SortKey] = &[
    SortKey { name: "created_at", sql: "a.created_at", cast: "timestamptz" },
    SortKey { name: "expires_at", sql: "a.expires_at", cast: "timestamptz" },
];

/// Which approvals a list shows; what is absent filters nothing.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub status: Option<Vec<String>>,
    pub mcp_server: Option<Vec<String>>,
    pub tool_name: Option<Vec<String>>,
    pub requested_by: Option<Vec<UserId>>,
    pub team_id: Option<Vec<TeamId>>,
}

/// How many there are of each state.
#[derive(Clone, Debug, Default, Eq, FromRow, PartialEq)]
pub struct Summary {
    pub pending: i64,
    pub approved: i64,
    pub denied: i64,
    pub expired: i64,
    pub cancelled: i64,
    pub consumed: i64,
    pub oldest_pending_at: Option<DateTime<Utc>>,
}

/// Why an approval is expired without having been used up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Expiry {
    Time,
    DefinitionChanged,
}

impl Expiry {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::DefinitionChanged => "definition_changed",
        }
    }
}

/// What a person decided.
pub struct Review<'a> {
    pub by: Option<UserId>,
    pub at: DateTime<Utc>,
    pub note: &'a str,
}

/// # Errors
/// The database's.
pub async fn list(
    conn: &mut PgConnection,
    org: OrgId,
    reach: &Reach,
    filter: &Filter,
    page: &Page,
) -> sqlx::Result<Found<ApprovalRow>> {
    page::fetch(conn, page, COLUMNS, "a.id", |query| push_filter(query, org, reach, filter)).await
}

fn push_filter(query: &mut QueryBuilder<Postgres>, org: OrgId, reach: &Reach, filter: &Filter) {
    query.push(" from tool_approvals a where a.org_id = ").push_bind(org);
    push_reach(query, reach);
    push_any(query, "a.status", filter.status.as_ref());
    push_any(query, "a.mcp_server", filter.mcp_server.as_ref());
    push_any(query, "a.tool_name", filter.tool_name.as_ref());
    push_any(query, "a.requested_by", filter.requested_by.as_ref());
    push_any(query, "a.team_id", filter.team_id.as_ref());
}

/// The same judgement as [`ApprovalRow::is_within`].
fn push_reach(query: &mut QueryBuilder<Postgres>, reach: &Reach) {
    if reach.everything {
        return;
    }
    query.push(" and (a.requested_by = ").push_bind(reach.user);
    query.push(" or a.api_key_id = ").push_bind(reach.api_key);
    query.push(" or a.team_id = any(").push_bind(reach.teams.clone());
    query.push(") or a.mcp_server = any(").push_bind(reach.server_names.clone()).push("))");
}

impl ApprovalRow {
    #[must_use]
    pub fn is_within(&self, reach: &Reach) -> bool {
        reach.everything
            || (self.requested_by.is_some() && self.requested_by == reach.user)
            || (self.api_key_id.is_some() && self.api_key_id == reach.api_key)
            || self.team_id.is_some_and(|team| reach.teams.contains(&team))
            || reach.server_names.contains(&self.mcp_server)
    }
}

/// # Errors
/// The database's.
pub async fn get(conn: &mut PgConnection, org: OrgId, id: ApprovalId) -> sqlx::Result<Option<ApprovalRow>> {
    let query = format!("select {COLUMNS} from tool_approvals a where a.org_id = $1 and a.id = $2");
    sqlx::query_as(AssertSqlSafe(query)).bind(org).bind(id).fetch_optional(conn).await
}

/// # Errors
/// The database's.
pub async fn summary(
    conn: &mut PgConnection,
    org: OrgId,
    reach: &Reach,
    range: TimeRange,
) -> sqlx::Result<Summary> {
    let mut query = QueryBuilder::new(
        "select count(*) filter (where a.status = 'pending') as pending,
            count(*) filter (where a.status = 'approved') as approved,
            count(*) filter (where a.status = 'denied') as denied,
            count(*) filter (where a.status = 'expired') as expired,
            count(*) filter (where a.status = 'cancelled') as cancelled,
            count(*) filter (where a.status = 'consumed') as consumed,
            min(a.created_at) filter (where a.status = 'pending') as oldest_pending_at",
    );
    push_filter(&mut query, org, reach, &Filter::default());
    if let Some(start) = range.start {
        query.push(" and a.created_at >= ").push_bind(start);
    }
    if let Some(end) = range.end {
        query.push(" and a.created_at < ").push_bind(end);
    }
    query.build_query_as().fetch_one(conn).await
}

/// How many wait for a person.
///
/// # Errors
/// The database's.
pub async fn count_pending(
    conn: &mut PgConnection,
    org: OrgId,
    reach: &Reach,
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    let mut query = QueryBuilder::new("select count(*)");
    push_filter(&mut query, org, reach, &Filter::default());
    query.push(" and a.status = 'pending' and a.expires_at > ").push_bind(now);
    query.build_query_scalar().fetch_one(conn).await
}

/// None unless it is pending and its time is not over.
///
/// # Errors
/// The database's.
pub async fn approve(
    conn: &mut PgConnection,
    org: OrgId,
    id: ApprovalId,
    review: &Review<'_>,
    valid_until: DateTime<Utc>,
    max_uses: i32,
) -> sqlx::Result<Option<ApprovalRow>> {
    let query = format!(
        "update tool_approvals a set status = 'approved', reviewed_by = $3, reviewed_at = $4,
            review_note = nullif($5, ''), valid_until = $6, max_uses = $7
         where a.org_id = $1 and a.id = $2 and a.status = 'pending' and a.expires_at > $4 returning {COLUMNS}"
    );
    sqlx::query_as(AssertSqlSafe(query))
        .bind(org)
        .bind(id)
        .bind(review.by)
        .bind(review.at)
        .bind(review.note)
        .bind(valid_until)
        .bind(max_uses)
        .fetch_optional(conn)
        .await
}

/// As [`approve`].
///
/// # Errors
/// The database's.
pub async fn deny(
    conn: &mut PgConnection,
    org: OrgId,
    id: ApprovalId,
    review: &Review<'_>,
) -> sqlx::Result<Option<ApprovalRow>> {
    let query = format!(
        "update tool_approvals a set status = 'denied', reviewed_by = $3, reviewed_at = $4,
            review_note = nullif($5, '')
         where a.org_id = $1 and a.id = $2 and a.status = 'pending' and a.expires_at > $4 returning {COLUMNS}"
    );
    sqlx::query_as(AssertSqlSafe(query))
        .bind(org)
        .bind(id)
        .bind(review.by)
        .bind(review.at)
        .bind(review.note)
        .fetch_optional(conn)
        .await
}

/// As [`approve`].
///
/// # Errors
/// The database's.
pub async fn cancel(
    conn: &mut PgConnection,
    org: OrgId,
    id: ApprovalId,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<ApprovalRow>> {
    let query = format!(
        "update tool_approvals a set status = 'cancelled'
         where a.org_id = $1 and a.id = $2 and a.status = 'pending' and a.expires_at > $3 returning {COLUMNS}"
    );
    sqlx::query_as(AssertSqlSafe(query)).bind(org).bind(id).bind(now).fetch_optional(conn).await
}

/// Those of them that were still open.
///
/// # Errors
/// The database's.
pub async fn expire(
    conn: &mut PgConnection,
    org: OrgId,
    ids: &[ApprovalId],
    because: Expiry,
) -> sqlx::Result<Vec<ApprovalRow>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let query = format!(
        "update tool_approvals a set status = 'expired', expiry_reason = $3
         where a.org_id = $1 and a.id = any($2) and a.status in ('pending', 'approved') returning {COLUMNS}"
    );
    sqlx::query_as(AssertSqlSafe(query)).bind(org).bind(ids).bind(because.as_str()).fetch_all(conn).await
}

/// At most `limit` open approvals of all organizations whose time is over; for the worker. One that somebody is at is
/// left for the next run.
///
/// # Errors
/// The database's.
pub async fn expire_due(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    limit: i64,
) -> sqlx::Result<Vec<ApprovalRow>> {
    let query = format!(
        "with due as (
            select org_id, id from tool_approvals
            where status in ('pending', 'approved')
                and (case status when 'pending' then expires_at else valid_until end) <= $1
            order by (case status when 'pending' then expires_at else valid_until end) limit $2
            for update skip locked)
         update tool_approvals a set status = 'expired', expiry_reason = 'time' from due
         where a.org_id = due.org_id and a.id = due.id returning {COLUMNS}"
    );
    sqlx::query_as(AssertSqlSafe(query)).bind(now).bind(limit).fetch_all(conn).await
}

/// Ends what was asked or approved under other definitions of these tools: `hashes` are the ones they have now.
///
/// # Errors
/// The database's.
pub async fn expire_changed(
    conn: &mut PgConnection,
    org: OrgId,
    server: ServerId,
    tools: &[&str],
    hashes: &[&str],
) -> sqlx::Result<Vec<ApprovalRow>> {
    let query = format!(
        "update tool_approvals a set status = 'expired', expiry_reason = 'definition_changed'
         from mcp_servers s, unnest($3::text[], $4::text[]) as tool (name, hash)
         where a.org_id = $1 and s.org_id = a.org_id and s.id = $2 and a.mcp_server = s.name
            and a.tool_name = tool.name and a.schema_hash is distinct from tool.hash
            and a.status in ('pending', 'approved') returning {COLUMNS}"
    );
    sqlx::query_as(AssertSqlSafe(query)).bind(org).bind(server).bind(tools).bind(hashes).fetch_all(conn).await
}
