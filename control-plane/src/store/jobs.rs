//! Work that takes longer than a request: who asked for it, how far it is, what came of it (contract 3.14).

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{FromRow, PgConnection};

use super::{
    dimensions::push_any,
    page::{self, Found, Page, SortKey},
};
use crate::id::{JobId, OrgId, UserId};

#[derive(Clone, Debug, FromRow)]
pub struct JobRow {
    pub id: JobId,
    pub org_id: OrgId,
    pub r#type: String,
    pub params: Value,
    pub status: String,
    /// From 0 to 1.
    pub progress: f32,
    pub result: Option<Value>,
    pub error: Option<String>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    pub created_by: Option<UserId>,
    pub created_at: DateTime<Utc>,
}

pub const SORT: &[SortKey] = &[SortKey { name: "created_at", sql: "j.created_at", cast: "timestamptz" }];

/// Which jobs are meant; what is absent filters nothing.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub types: Option<Vec<String>>,
    pub statuses: Option<Vec<String>>,
}

/// # Errors
/// The database's.
pub async fn list(
    conn: &mut PgConnection,
    org: OrgId,
    filter: &Filter,
    page: &Page,
) -> sqlx::Result<Found<JobRow>> {
    page::fetch(conn, page, "j.*", "j.id", |query| {
        query.push(" from jobs j where j.org_id = ").push_bind(org);
        push_any(query, "j.type", filter.types.as_ref());
        push_any(query, "j.status", filter.statuses.as_ref());
    })
    .await
}

/// # Errors
/// The database's.
pub async fn get(conn: &mut PgConnection, org: OrgId, id: JobId) -> sqlx::Result<Option<JobRow>> {
    sqlx::query_as("select * from jobs where org_id = $1 and id = $2")
        .bind(org)
        .bind(id)
        .fetch_optional(conn)
        .await
}

/// How many have not begun.
///
/// # Errors
/// The database's.
pub async fn count_queued(conn: &mut PgConnection, org: OrgId) -> sqlx::Result<i64> {
    sqlx::query_scalar("select count(*) from jobs where org_id = $1 and status = 'queued'")
        .bind(org)
        .fetch_one(conn)
        .await
}

/// # Errors
/// The database's.
pub async fn insert(
    conn: &mut PgConnection,
    org: OrgId,
    id: JobId,
    created_by: Option<UserId>,
    r#type: &str,
    params: &Value,
) -> sqlx::Result<JobRow> {
    sqlx::query_as(
        "insert into jobs (id, org_id, created_by, type, params) values ($1, $2, $3, $4, $5) returning *",
    )
    .bind(id)
    .bind(org)
    .bind(created_by)
    .bind(r#type)
    .bind(params)
    .fetch_one(conn)
    .await
}

/// Begins the one that has waited longest, of whatever organization.
///
/// # Errors
/// The database's.
pub async fn begin_next(conn: &mut PgConnection) -> sqlx::Result<Option<JobRow>> {
    sqlx::query_as(
        "update jobs set status = 'running', started_at = now(), progress = 0
         where id = (select id from jobs where status = 'queued' order by created_at, id limit 1 for update skip locked)
         returning *",
    )
    .fetch_optional(conn)
    .await
}

/// What was running under a leader that is gone begins again.
///
/// # Errors
/// The database's.
pub async fn queue_abandoned(conn: &mut PgConnection) -> sqlx::Result<u64> {
    let done =
        sqlx::query("update jobs set status = 'queued' where status = 'running'").execute(conn).await?;
    Ok(done.rows_affected())
}

/// # Errors
/// The database's.
pub async fn set_progress(conn: &mut PgConnection, org: OrgId, id: JobId, progress: f32) -> sqlx::Result<()> {
    sqlx::query("update jobs set progress = $3 where org_id = $1 and id = $2 and status = 'running'")
        .bind(org)
        .bind(id)
        .bind(progress.clamp(0.0, 1.0))
        .execute(conn)
        .await?;
    Ok(())
}

/// The end of a job: its result, or why it has none.
///
/// # Errors
/// The database's.
pub async fn finish(
    conn: &mut PgConnection,
    org: OrgId,
    id: JobId,
    outcome: Result<&Value, &str>,
) -> sqlx::Result<()> {
    sqlx::query(
        "update jobs set status = case when $4::text is null then 'succeeded' else 'failed' end, result = $3, error = $4,
            progress = case when $4::text is null then 1 else progress end, finished_at = now()
         where org_id = $1 and id = $2 and status = 'running'",
    )
    .bind(org)
    .bind(id)
    .bind(outcome.ok())
    .bind(outcome.err())
    .execute(conn)
    .await?;
    Ok(())
}
