//! Alerts: what fired. The row and its statements; a rule has one open alert at a time, by a unique index.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::{AssertSqlSafe, FromRow, PgConnection};

use super::{
    dimensions::push_any,
    page::{self, Found, Page, SortKey},
};
use crate::id::{AlertId, AlertRuleId, OrgId, UserId};

#[derive(Clone, Debug, FromRow)]
pub struct AlertRow {
    pub id: AlertId,
    pub org_id: OrgId,
    pub rule_id: Option<AlertRuleId>,
    pub rule_name: String,
    pub metric: String,
    pub severity: String,
    pub status: String,
    pub message: String,
    pub value: Decimal,
    pub threshold: Decimal,
    pub labels: Value,
    pub is_test: bool,
    pub window_minutes: i32,
    pub notified_at: Option<DateTime<Utc>>,
    pub started_at: DateTime<Utc>,
    pub acknowledged_at: Option<DateTime<Utc>>,
    pub acknowledged_by: Option<UserId>,
    pub resolved_at: Option<DateTime<Utc>>,
    pub resolved_by: Option<UserId>,
    pub note: Option<String>,
    pub created_at: DateTime<Utc>,
}

pub const SORT: &[SortKey] = &[
    SortKey { name: "created_at", sql: "a.created_at", cast: "timestamptz" },
    SortKey { name: "started_at", sql: "a.started_at", cast: "timestamptz" },
];

/// Which alerts a list shows; what is absent filters nothing.
#[derive(Debug, Default)]
pub struct Filter {
    pub statuses: Option<Vec<String>>,
    pub severities: Option<Vec<String>>,
    pub rule_ids: Option<Vec<AlertRuleId>>,
    pub metrics: Option<Vec<String>>,
    pub is_test: Option<Vec<bool>>,
}

/// An alert as it opens.
pub struct NewAlert<'a> {
    pub rule_id: AlertRuleId,
    pub rule_name: &'a str,
    pub metric: &'a str,
    pub severity: &'a str,
    pub message: &'a str,
    pub value: Decimal,
    pub threshold: Decimal,
    pub labels: &'a Value,
    pub fingerprint: &'a str,
    pub is_test: bool,
    pub window_minutes: i32,
    pub notified_at: Option<DateTime<Utc>>,
    pub at: DateTime<Utc>,
}

/// # Errors
/// The database's.
pub async fn list(
    conn: &mut PgConnection,
    org: OrgId,
    filter: &Filter,
    page: &Page,
) -> sqlx::Result<Found<AlertRow>> {
    page::fetch(conn, page, "a.*", "a.id", |query| {
        query.push(" from alerts a where a.org_id = ").push_bind(org);
        push_any(query, "a.status", filter.statuses.as_ref());
        push_any(query, "a.severity", filter.severities.as_ref());
        push_any(query, "a.rule_id", filter.rule_ids.as_ref());
        push_any(query, "a.metric", filter.metrics.as_ref());
        push_any(query, "a.is_test", filter.is_test.as_ref());
    })
    .await
}

/// # Errors
/// The database's.
pub async fn get(
    conn: &mut PgConnection,
    org: OrgId,
    id: AlertId,
    lock: bool,
) -> sqlx::Result<Option<AlertRow>> {
    let lock = if lock { "for update" } else { "" };
    sqlx::query_as(AssertSqlSafe(format!("select * from alerts where org_id = $1 and id = $2 {lock}")))
        .bind(org)
        .bind(id)
        .fetch_optional(conn)
        .await
}

/// The one alert of a rule that is open, tests apart.
///
/// # Errors
/// The database's.
pub async fn lock_open(
    conn: &mut PgConnection,
    org: OrgId,
    rule: AlertRuleId,
) -> sqlx::Result<Option<AlertRow>> {
    sqlx::query_as(
        "select * from alerts where org_id = $1 and rule_id = $2 and status <> 'resolved' and not is_test for update",
    )
    .bind(org)
    .bind(rule)
    .fetch_optional(conn)
    .await
}

/// # Errors
/// The database's; that another one of the rule is open is a named constraint.
pub async fn insert(
    conn: &mut PgConnection,
    org: OrgId,
    id: AlertId,
    alert: &NewAlert<'_>,
) -> sqlx::Result<AlertRow> {
    sqlx::query_as(
        "insert into alerts (id, org_id, rule_id, rule_name, metric, severity, message, value, threshold, labels,
            fingerprint, is_test, window_minutes, notified_at, started_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) returning *",
    )
    .bind(id)
    .bind(org)
    .bind(alert.rule_id)
    .bind(alert.rule_name)
    .bind(alert.metric)
    .bind(alert.severity)
    .bind(alert.message)
    .bind(alert.value)
    .bind(alert.threshold)
    .bind(alert.labels)
    .bind(alert.fingerprint)
    .bind(alert.is_test)
    .bind(alert.window_minutes)
    .bind(alert.notified_at)
    .bind(alert.at)
    .fetch_one(conn)
    .await
}

/// Receivers are told of it now, with its figure of now.
///
/// # Errors
/// The database's.
pub async fn mark_notified(
    conn: &mut PgConnection,
    org: OrgId,
    id: AlertId,
    value: Decimal,
    message: &str,
    at: DateTime<Utc>,
) -> sqlx::Result<AlertRow> {
    sqlx::query_as(
        "update alerts set value = $3, message = $4, notified_at = $5 where org_id = $1 and id = $2 returning *",
    )
    .bind(org)
    .bind(id)
    .bind(value)
    .bind(message)
    .bind(at)
    .fetch_one(conn)
    .await
}

/// # Errors
/// The database's.
pub async fn acknowledge(
    conn: &mut PgConnection,
    org: OrgId,
    id: AlertId,
    by: Option<UserId>,
    note: Option<&str>,
    at: DateTime<Utc>,
) -> sqlx::Result<AlertRow> {
    sqlx::query_as(
        "update alerts set status = 'acknowledged', acknowledged_at = $3, acknowledged_by = $4, note = coalesce($5, note)
         where org_id = $1 and id = $2 returning *",
    )
    .bind(org)
    .bind(id)
    .bind(at)
    .bind(by)
    .bind(note)
    .fetch_one(conn)
    .await
}

/// # Errors
/// The database's.
pub async fn resolve(
    conn: &mut PgConnection,
    org: OrgId,
    id: AlertId,
    by: Option<UserId>,
    note: Option<&str>,
    at: DateTime<Utc>,
) -> sqlx::Result<AlertRow> {
    sqlx::query_as(
        "update alerts set status = 'resolved', resolved_at = $3, resolved_by = $4, note = coalesce($5, note)
         where org_id = $1 and id = $2 returning *",
    )
    .bind(org)
    .bind(id)
    .bind(at)
    .bind(by)
    .bind(note)
    .fetch_one(conn)
    .await
}

/// How many there are, tests apart.
#[derive(Debug, FromRow)]
pub struct Summary {
    pub firing: i64,
    pub acknowledged: i64,
    /// Open ones.
    pub info: i64,
    pub warning: i64,
    pub critical: i64,
    pub resolved_24h: i64,
}

/// # Errors
/// The database's.
pub async fn summary(conn: &mut PgConnection, org: OrgId, now: DateTime<Utc>) -> sqlx::Result<Summary> {
    sqlx::query_as(
        "select count(*) filter (where status = 'firing') as firing,
            count(*) filter (where status = 'acknowledged') as acknowledged,
            count(*) filter (where status <> 'resolved' and severity = 'info') as info,
            count(*) filter (where status <> 'resolved' and severity = 'warning') as warning,
            count(*) filter (where status <> 'resolved' and severity = 'critical') as critical,
            count(*) filter (where resolved_at > $2::timestamptz - interval '24 hours') as resolved_24h
         from alerts
         where org_id = $1 and not is_test
            and (status in ('firing', 'acknowledged') or resolved_at > $2::timestamptz - interval '24 hours')",
    )
    .bind(org)
    .bind(now)
    .fetch_one(conn)
    .await
}

/// How many fire of each severity in all organizations, tests apart; for the worker.
///
/// # Errors
/// The database's.
pub async fn count_firing(conn: &mut PgConnection) -> sqlx::Result<Vec<(String, i64)>> {
    sqlx::query_as(
        "select severity, count(*) from alerts where status in ('firing', 'acknowledged') and not is_test
         group by severity",
    )
    .fetch_all(conn)
    .await
}
