//! `injection_detections`: what was found in calls, as proxies reported it, and definitions that changed. People only judge it.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};

use super::{
    dimensions::{Visible, push_any},
    page::{self, Found, Page, SortKey, TimeRange},
};
use crate::id::{ApiKeyId, DetectionId, OrgId, SafetyPolicyId, UserId};

#[derive(Clone, Debug, FromRow)]
pub struct DetectionRow {
    pub id: DetectionId,
    pub org_id: OrgId,
    pub trace_id: Option<String>,
    pub span_id: Option<String>,
    pub policy_id: Option<SafetyPolicyId>,
    pub r#type: String,
    pub severity: String,
    pub confidence: f32,
    pub rule: String,
    pub pattern: Option<String>,
    pub direction: String,
    pub action: String,
    /// Masked.
    pub snippet: Option<String>,
    pub mcp_server: String,
    pub tool_name: Option<String>,
    pub api_key_id: Option<ApiKeyId>,
    pub user_id: Option<UserId>,
    pub ip_address: Option<String>,
    #[sqlx(flatten)]
    pub judgement: Judgement,
    pub created_at: DateTime<Utc>,
}

/// What somebody made of it.
#[derive(Clone, Debug, FromRow)]
pub struct Judgement {
    pub disposition: String,
    pub note: Option<String>,
    pub reviewed_by: Option<UserId>,
    pub reviewed_at: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "d.id, d.org_id, d.trace_id, d.span_id, d.policy_id, d.type, d.severity, d.confidence, d.rule,
    d.pattern, d.direction, d.action_taken as action, d.snippet, d.mcp_server, d.tool_name, d.api_key_id, d.user_id,
    host(d.ip_address) as ip_address, d.disposition, d.note, d.reviewed_by, d.reviewed_at, d.created_at";

pub const SORT: &[SortKey] = &[SortKey { name: "created_at", sql: "d.created_at", cast: "timestamptz" }];

/// Which detections are meant; what is absent filters nothing.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub types: Option<Vec<String>>,
    pub severities: Option<Vec<String>>,
    pub actions: Option<Vec<String>>,
    pub directions: Option<Vec<String>>,
    pub dispositions: Option<Vec<String>>,
    pub mcp_servers: Option<Vec<String>>,
    pub tool_names: Option<Vec<String>>,
    pub policy_ids: Option<Vec<SafetyPolicyId>>,
    pub api_key_ids: Option<Vec<ApiKeyId>>,
    pub user_ids: Option<Vec<UserId>>,
    pub trace_ids: Option<Vec<String>>,
}

impl Filter {
    fn push(&self, query: &mut QueryBuilder<Postgres>, org: OrgId, visible: &Visible) {
        query.push(" from injection_detections d where d.org_id = ").push_bind(org);
        push_visible(query, visible);
        push_any(query, "d.type", self.types.as_ref());
        push_any(query, "d.severity", self.severities.as_ref());
        push_any(query, "d.action_taken", self.actions.as_ref());
        push_any(query, "d.direction", self.directions.as_ref());
        push_any(query, "d.disposition", self.dispositions.as_ref());
        push_any(query, "d.mcp_server", self.mcp_servers.as_ref());
        push_any(query, "d.tool_name", self.tool_names.as_ref());
        push_any(query, "d.policy_id", self.policy_ids.as_ref());
        push_any(query, "d.api_key_id", self.api_key_ids.as_ref());
        push_any(query, "d.user_id", self.user_ids.as_ref());
        push_any(query, "d.trace_id", self.trace_ids.as_ref());
    }
}

/// A detection knows no team.
fn push_visible(query: &mut QueryBuilder<Postgres>, visible: &Visible) {
    if visible.everything {
        return;
    }
    query.push(" and (d.user_id = ").push_bind(visible.user);
    query.push(" or d.api_key_id = ").push_bind(visible.api_key);
    query.push(" or d.mcp_server = any(").push_bind(visible.mcp_servers.clone()).push("))");
}

fn push_range(query: &mut QueryBuilder<Postgres>, range: TimeRange) {
    if let Some(start) = range.start {
        query.push(" and d.created_at >= ").push_bind(start);
    }
    if let Some(end) = range.end {
        query.push(" and d.created_at < ").push_bind(end);
    }
}

/// # Errors
/// The database's.
pub async fn list(
    conn: &mut PgConnection,
    org: OrgId,
    visible: &Visible,
    filter: &Filter,
    page: &Page,
) -> sqlx::Result<Found<DetectionRow>> {
    page::fetch(conn, page, COLUMNS, "d.id", |query| filter.push(query, org, visible)).await
}

/// How many there are; counting stops behind `most`.
///
/// # Errors
/// The database's.
pub async fn count(
    conn: &mut PgConnection,
    org: OrgId,
    visible: &Visible,
    filter: &Filter,
    range: TimeRange,
    most: i64,
) -> sqlx::Result<i64> {
    let mut query = QueryBuilder::new("select count(*) from (select");
    filter.push(&mut query, org, visible);
    push_range(&mut query, range);
    query.push(" limit ").push_bind(most + 1).push(") counted");
    query.build_query_scalar().fetch_one(conn).await
}

/// # Errors
/// The database's.
pub async fn get(
    conn: &mut PgConnection,
    org: OrgId,
    visible: &Visible,
    id: DetectionId,
    lock: bool,
) -> sqlx::Result<Option<DetectionRow>> {
    let mut query =
        QueryBuilder::new(format!("select {COLUMNS} from injection_detections d where d.org_id = "));
    query.push_bind(org).push(" and d.id = ").push_bind(id);
    push_visible(&mut query, visible);
    if lock {
        query.push(" for update of d");
    }
    query.build_query_as().fetch_optional(conn).await
}

/// # Errors
/// The database's.
pub async fn judge(
    conn: &mut PgConnection,
    org: OrgId,
    id: DetectionId,
    created_at: DateTime<Utc>,
    judgement: &Judgement,
) -> sqlx::Result<()> {
    sqlx::query(
        "update injection_detections set disposition = $4, note = $5, reviewed_by = $6, reviewed_at = $7
         where org_id = $1 and id = $2 and created_at = $3",
    )
    .bind(org)
    .bind(id)
    .bind(created_at)
    .bind(&judgement.disposition)
    .bind(&judgement.note)
    .bind(judgement.reviewed_by)
    .bind(judgement.reviewed_at)
    .execute(conn)
    .await?;
    Ok(())
}

/// How many detections have the same value in one respect: `all`, `type`, `severity`, `action`, `mcp_server`, `rule` or
/// `day`.
#[derive(Debug, FromRow)]
pub struct Group {
    pub respect: String,
    /// Empty in `all`.
    pub value: String,
    pub count: i64,
    pub blocked: i64,
}

/// Groups of every respect, larger ones first, counted in one pass.
///
/// # Errors
/// The database's.
pub async fn groups(
    conn: &mut PgConnection,
    org: OrgId,
    visible: &Visible,
    filter: &Filter,
    range: TimeRange,
) -> sqlx::Result<Vec<Group>> {
    let mut query = QueryBuilder::new(
        "select case grouping(type, severity, action, mcp_server, rule, day)
                when 31 then 'type' when 47 then 'severity' when 55 then 'action' when 59 then 'mcp_server'
                when 61 then 'rule' when 62 then 'day' else 'all' end as respect,
            coalesce(type, severity, action, mcp_server, rule, day::text, '') as value,
            count(*) as count, count(*) filter (where is_blocked) as blocked
         from (select d.type::text, d.severity::text, d.action_taken::text as action, d.mcp_server::text, d.rule::text,
                (d.created_at at time zone 'UTC')::date as day, d.action_taken = 'blocked' as is_blocked",
    );
    filter.push(&mut query, org, visible);
    push_range(&mut query, range);
    query.push(
        ") found group by grouping sets ((), (type), (severity), (action), (mcp_server), (rule), (day))
         order by count desc, value",
    );
    query.build_query_as().fetch_all(conn).await
}

impl Group {
    /// The day, of a group in that respect.
    #[must_use]
    pub fn day(&self) -> Option<NaiveDate> {
        self.value.parse().ok().filter(|_| self.respect == "day")
    }
}
