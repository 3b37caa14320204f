//! Alert rules: the row and its statements. State, the time of the last evaluation and its figure are the evaluator's and
//! never change the version.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::{
    dimensions::push_any,
    page::{self, Found, Page, SortKey, contains},
};
use crate::id::{AlertChannelId, AlertRuleId, OrgId, UserId};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AlertRuleRow {
    pub id: AlertRuleId,
    pub org_id: OrgId,
    pub name: String,
    pub description: String,
    pub metric: String,
    pub condition: String,
    pub threshold: Decimal,
    pub window_minutes: i32,
    pub for_minutes: i32,
    pub severity: String,
    pub filters: Value,
    pub channel_ids: Vec<AlertChannelId>,
    pub enabled: bool,
    pub renotify_minutes: Option<i32>,
    pub state: String,
    pub state_since: DateTime<Utc>,
    pub fires_from: Option<DateTime<Utc>>,
    pub last_value: Option<Decimal>,
    pub last_evaluated_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
    pub created_by: Option<UserId>,
    pub managed_by: String,
}

pub const SORT: &[SortKey] = &[
    SortKey { name: "created_at", sql: "r.created_at", cast: "timestamptz" },
    SortKey { name: "updated_at", sql: "r.updated_at", cast: "timestamptz" },
    SortKey { name: "name", sql: "r.name::text", cast: "text" },
];

/// Which rules a list shows; what is absent filters nothing.
#[derive(Debug, Default)]
pub struct Filter {
    pub names: Option<Vec<String>>,
    pub metrics: Option<Vec<String>>,
    pub severities: Option<Vec<String>>,
    pub states: Option<Vec<String>>,
    pub enabled: Option<Vec<bool>>,
    pub channel_ids: Option<Vec<Uuid>>,
    pub q: Option<String>,
}

impl Filter {
    fn push(&self, query: &mut QueryBuilder<Postgres>, org: OrgId) {
        query.push(" from alert_rules r where r.org_id = ").push_bind(org);
        push_any(query, "r.name", self.names.as_ref());
        push_any(query, "r.metric", self.metrics.as_ref());
        push_any(query, "r.severity", self.severities.as_ref());
        push_any(query, "r.state", self.states.as_ref());
        push_any(query, "r.enabled", self.enabled.as_ref());
        if let Some(channels) = &self.channel_ids {
            query.push(" and r.channel_ids && ").push_bind(channels.clone());
        }
        if let Some(q) = &self.q {
            query.push(" and concat_ws(' ', r.name, r.description) ilike ").push_bind(contains(q));
        }
    }
}

/// What an administrator decides about a rule.
pub struct Content<'a> {
    pub name: &'a str,
    pub description: &'a str,
    pub metric: String,
    pub condition: String,
    pub threshold: Decimal,
    pub window_minutes: i32,
    pub for_minutes: i32,
    pub severity: String,
    pub filters: Value,
    pub channel_ids: &'a [AlertChannelId],
    pub enabled: bool,
    pub renotify_minutes: Option<i32>,
}

/// # Errors
/// The database's.
pub async fn list(
    conn: &mut PgConnection,
    org: OrgId,
    filter: &Filter,
    page: &Page,
) -> sqlx::Result<Found<AlertRuleRow>> {
    page::fetch(conn, page, "r.*", "r.id", |query| filter.push(query, org)).await
}

/// Rules in force of all organizations, in the order of their ids behind `after`; for the worker.
///
/// # Errors
/// The database's.
pub async fn list_enabled(
    conn: &mut PgConnection,
    after: Option<AlertRuleId>,
    limit: i64,
) -> sqlx::Result<Vec<AlertRuleRow>> {
    sqlx::query_as(
        "select * from alert_rules where enabled and ($1::uuid is null or id > $1) order by id limit $2",
    )
    .bind(after)
    .bind(limit)
    .fetch_all(conn)
    .await
}

/// # Errors
/// The database's.
pub async fn get(
    conn: &mut PgConnection,
    org: OrgId,
    id: AlertRuleId,
    lock: bool,
) -> sqlx::Result<Option<AlertRuleRow>> {
    let lock = if lock { "for update" } else { "" };
    sqlx::query_as(AssertSqlSafe(format!("select * from alert_rules where org_id = $1 and id = $2 {lock}")))
        .bind(org)
        .bind(id)
        .fetch_optional(conn)
        .await
}

/// Of these ids, those that are rules of the organization.
///
/// # Errors
/// The database's.
pub async fn known(
    conn: &mut PgConnection,
    org: OrgId,
    ids: &[AlertRuleId],
) -> sqlx::Result<Vec<AlertRuleId>> {
    sqlx::query_scalar("select id from alert_rules where org_id = $1 and id = any($2)")
        .bind(org)
        .bind(ids.iter().map(|id| id.0).collect::<Vec<_>>())
        .fetch_all(conn)
        .await
}

/// # Errors
/// The database's; a name that is taken is a named constraint.
pub async fn insert(
    conn: &mut PgConnection,
    org: OrgId,
    id: AlertRuleId,
    created_by: Option<UserId>,
    content: &Content<'_>,
) -> sqlx::Result<AlertRuleRow> {
    sqlx::query_as(
        "insert into alert_rules (id, org_id, created_by, name, description, metric, condition, threshold,
            window_minutes, for_minutes, severity, filters, channel_ids, enabled, renotify_minutes, state)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
            case when $14 then 'ok' else 'disabled' end) returning *",
    )
    .bind(id)
    .bind(org)
    .bind(created_by)
    .bind(content.name)
    .bind(content.description)
    .bind(&content.metric)
    .bind(&content.condition)
    .bind(content.threshold)
    .bind(content.window_minutes)
    .bind(content.for_minutes)
    .bind(&content.severity)
    .bind(&content.filters)
    .bind(content.channel_ids.iter().map(|id| id.0).collect::<Vec<_>>())
    .bind(content.enabled)
    .bind(content.renotify_minutes)
    .fetch_one(conn)
    .await
}

/// # Errors
/// The database's; a name that is taken is a named constraint.
pub async fn update(
    conn: &mut PgConnection,
    org: OrgId,
    id: AlertRuleId,
    content: &Content<'_>,
) -> sqlx::Result<AlertRuleRow> {
    sqlx::query_as(
        "update alert_rules set name = $3, description = $4, metric = $5, condition = $6, threshold = $7,
            window_minutes = $8, for_minutes = $9, severity = $10, filters = $11, channel_ids = $12,
            renotify_minutes = $14, updated_at = now(), version = version + 1,
            state = case when not $13 then 'disabled' when not enabled then 'ok' else state end,
            state_since = case when $13 <> enabled then now() else state_since end, enabled = $13
         where org_id = $1 and id = $2 returning *",
    )
    .bind(org)
    .bind(id)
    .bind(content.name)
    .bind(content.description)
    .bind(&content.metric)
    .bind(&content.condition)
    .bind(content.threshold)
    .bind(content.window_minutes)
    .bind(content.for_minutes)
    .bind(&content.severity)
    .bind(&content.filters)
    .bind(content.channel_ids.iter().map(|id| id.0).collect::<Vec<_>>())
    .bind(content.enabled)
    .bind(content.renotify_minutes)
    .fetch_one(conn)
    .await
}

/// # Errors
/// The database's.
pub async fn delete(conn: &mut PgConnection, org: OrgId, id: AlertRuleId) -> sqlx::Result<()> {
    sqlx::query("delete from alert_rules where org_id = $1 and id = $2")
        .bind(org)
        .bind(id)
        .execute(conn)
        .await?;
    Ok(())
}

/// What an evaluation found.
pub struct Evaluated<'a> {
    pub state: &'a str,
    pub since: DateTime<Utc>,
    pub value: Option<Decimal>,
    pub at: DateTime<Utc>,
}

/// # Errors
/// The database's.
pub async fn record(
    conn: &mut PgConnection,
    org: OrgId,
    id: AlertRuleId,
    evaluated: &Evaluated<'_>,
) -> sqlx::Result<()> {
    sqlx::query(
        "update alert_rules set state = $3, state_since = $4, last_value = $5, last_evaluated_at = $6
         where org_id = $1 and id = $2",
    )
    .bind(org)
    .bind(id)
    .bind(evaluated.state)
    .bind(evaluated.since)
    .bind(evaluated.value)
    .bind(evaluated.at)
    .execute(conn)
    .await?;
    Ok(())
}

/// It fires no earlier than then.
///
/// # Errors
/// The database's.
pub async fn hold_back(
    conn: &mut PgConnection,
    org: OrgId,
    id: AlertRuleId,
    until: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query(
        "update alert_rules set fires_from = $3,
            state_since = case when state = 'firing' then now() else state_since end,
            state = case when state = 'firing' then 'pending' else state end
         where org_id = $1 and id = $2",
    )
    .bind(org)
    .bind(id)
    .bind(until)
    .execute(conn)
    .await?;
    Ok(())
}
