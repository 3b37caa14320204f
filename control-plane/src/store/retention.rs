//! Rows that have been kept long enough: who has some, how many, and their deletion in batches. For the worker.
//!
//! Every statement stays within one partition, or within a table that has none, so that rows can be told by their place
//! (`ctid`); and every deletion asks anew whether its organization is under legal hold.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use crate::id::OrgId;

/// A table in which rows grow old.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Table {
    pub name: &'static str,
    /// What their age is told by.
    time: &'static str,
    /// Which rows may go at all.
    only: &'static str,
}

pub const TRACES: Table = Table { name: "traces", time: "started_at", only: "true" };
pub const PAYLOADS: Table = Table { name: "trace_payloads", time: "started_at", only: "true" };
pub const COSTS: Table = Table { name: "costs", time: "created_at", only: "true" };
pub const DETECTIONS: Table = Table { name: "injection_detections", time: "created_at", only: "true" };
pub const AUDIT: Table = Table { name: "audit_logs", time: "created_at", only: "true" };
pub const ROLLUP_MINUTE: Table = Table { name: "rollup_minute", time: "bucket", only: "true" };
pub const ROLLUP_HOUR: Table = Table { name: "rollup_hour", time: "bucket", only: "true" };
pub const ROLLUP_DAY: Table = Table { name: "rollup_day", time: "bucket", only: "true" };
pub const ROLLUP_SERVER_HOUR: Table = Table { name: "rollup_server_hour", time: "bucket", only: "true" };
pub const ROLLUP_SERVER_DAY: Table = Table { name: "rollup_server_day", time: "bucket", only: "true" };
pub const ROLLUP_SHARE_HOUR: Table = Table { name: "rollup_share_hour", time: "bucket", only: "true" };
pub const ROLLUP_SHARE_DAY: Table = Table { name: "rollup_share_day", time: "bucket", only: "true" };
/// Their notifications go with them.
pub const ALERTS: Table = Table { name: "alerts", time: "created_at", only: "status = 'resolved'" };
pub const NOTIFICATIONS: Table =
    Table { name: "alert_notifications", time: "created_at", only: "status <> 'pending'" };
pub const DELIVERIES: Table =
    Table { name: "webhook_deliveries", time: "created_at", only: "status <> 'pending'" };
pub const OUTBOX: Table = Table { name: "outbox", time: "created_at", only: "true" };

/// From when on rows are kept, by organization; the two lists go together.
#[derive(Clone, Debug, Default)]
pub struct Cutoffs {
    pub orgs: Vec<Uuid>,
    pub times: Vec<DateTime<Utc>>,
}

/// The times that a statement is about: those of a partition, or all.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    pub begins: Option<DateTime<Utc>>,
    pub ends: Option<DateTime<Utc>>,
}

/// Every organization and what it changed of the settings.
///
/// # Errors
/// The database's.
pub async fn list_organizations(conn: &mut PgConnection) -> sqlx::Result<Vec<(OrgId, Value)>> {
    sqlx::query_as("select id, settings from organizations order by id").fetch_all(conn).await
}

/// The organizations that have rows from before their cutoff in the span.
///
/// # Errors
/// The database's.
pub async fn list_outdated(
    conn: &mut PgConnection,
    table: Table,
    span: Span,
    cutoffs: &Cutoffs,
) -> sqlx::Result<Vec<(OrgId, DateTime<Utc>)>> {
    let Table { name, .. } = table;
    let within = within(table, "o.cutoff");
    sqlx::query_as(AssertSqlSafe(format!(
        "select o.org, o.cutoff from unnest($3::uuid[], $4::timestamptz[]) as o (org, cutoff)
         where o.cutoff > coalesce($1, '-infinity')
            and exists (select from {name} r where r.org_id = o.org and {within})"
    )))
    .bind(span.begins)
    .bind(span.ends)
    .bind(&cutoffs.orgs)
    .bind(&cutoffs.times)
    .fetch_all(conn)
    .await
}

/// How many rows of an organization in the span are from before the cutoff.
///
/// # Errors
/// The database's.
pub async fn count(
    conn: &mut PgConnection,
    org: OrgId,
    table: Table,
    span: Span,
    cutoff: DateTime<Utc>,
) -> sqlx::Result<i64> {
    let Table { name, .. } = table;
    let within = within(table, "$4");
    sqlx::query_scalar(AssertSqlSafe(format!(
        "select count(*) from {name} r where r.org_id = $3 and {within}"
    )))
    .bind(span.begins)
    .bind(span.ends)
    .bind(org)
    .bind(cutoff)
    .fetch_one(conn)
    .await
}

/// Deletes at most `limit` of them; none of an organization that has come under legal hold.
///
/// # Errors
/// The database's.
pub async fn delete(
    conn: &mut PgConnection,
    org: OrgId,
    table: Table,
    span: Span,
    cutoff: DateTime<Utc>,
    limit: i64,
) -> sqlx::Result<u64> {
    let Table { name, .. } = table;
    let within = within(table, "$4");
    let deleted = sqlx::query(AssertSqlSafe(format!(
        "delete from {name} r where r.org_id = $3 and {within}
            and r.ctid = any(array(select r.ctid from {name} r where r.org_id = $3 and {within} limit $5))
            and not exists (select from organizations o
                where o.id = $3 and o.settings #>> '{{retention,legal_hold}}' = 'true')"
    )))
    .bind(span.begins)
    .bind(span.ends)
    .bind(org)
    .bind(cutoff)
    .bind(limit)
    .execute(conn)
    .await?;
    Ok(deleted.rows_affected())
}

/// The condition on rows `r` of the span `$1` to `$2` from before a cutoff.
fn within(Table { time, only, .. }: Table, cutoff: &str) -> String {
    format!(
        "r.{time} >= coalesce($1, '-infinity'::timestamptz) and r.{time} < least($2::timestamptz, {cutoff}) and {only}"
    )
}

/// What was done for an organization, on record as a job that is over.
///
/// # Errors
/// The database's.
pub async fn insert_job(
    conn: &mut PgConnection,
    org: OrgId,
    began: DateTime<Utc>,
    result: &Value,
    error: Option<&str>,
) -> sqlx::Result<Uuid> {
    sqlx::query_scalar(
        "insert into jobs (org_id, type, params, status, progress, result, error, started_at, finished_at)
         values ($1, 'retention', $2, case when $4::text is null then 'succeeded' else 'failed' end, 1, $3, $4, $5, now())
         returning id",
    )
    .bind(org)
    .bind(json!({}))
    .bind(result)
    .bind(error)
    .bind(began)
    .fetch_one(conn)
    .await
}

/// Whether an organization under legal hold has rows in a partition.
///
/// # Errors
/// The database's.
pub async fn is_held(conn: &mut PgConnection, partition: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar("select partition_is_held($1)").bind(partition).fetch_one(conn).await
}
