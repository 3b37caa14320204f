//! Webhooks: the row, and every statement about it. How deliveries fare never moves `version`.

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgConnection};

use super::{
    dimensions::push_any,
    page::{self, Found, Page, SortKey, contains},
};
use crate::id::{OrgId, UserId, WebhookId};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct WebhookRow {
    pub id: WebhookId,
    pub org_id: OrgId,
    #[sqlx(flatten)]
    pub settings: Settings,
    pub secret_encrypted: Vec<u8>,
    /// Signs too, until its end.
    pub previous_secret_encrypted: Option<Vec<u8>>,
    pub previous_secret_expires_at: Option<DateTime<Utc>>,
    /// `gone` or `failing`, of one that nobody switched off.
    pub disabled_reason: Option<String>,
    /// Attempts that failed since the last that did not.
    pub failure_count: i32,
    pub failing_since: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
    pub created_by: Option<UserId>,
    pub managed_by: String,
}

/// The columns an administrator decides about.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Settings {
    pub url: String,
    pub description: String,
    /// Globs.
    pub events: Vec<String>,
    pub headers_encrypted: Option<Vec<u8>>,
    pub enabled: bool,
}

pub const SORT: &[SortKey] = &[
    SortKey { name: "created_at", sql: "w.created_at", cast: "timestamptz" },
    SortKey { name: "updated_at", sql: "w.updated_at", cast: "timestamptz" },
    SortKey { name: "url", sql: "w.url", cast: "text" },
];

/// Which webhooks a list shows; what is absent filters nothing.
#[derive(Debug, Default)]
pub struct Filter {
    pub enabled: Option<Vec<bool>>,
    pub q: Option<String>,
}

/// # Errors
/// The database's.
pub async fn list(
    conn: &mut PgConnection,
    org: OrgId,
    filter: &Filter,
    page: &Page,
) -> sqlx::Result<Found<WebhookRow>> {
    page::fetch(conn, page, "w.*", "w.id", |query| {
        query.push(" from webhooks w where w.org_id = ").push_bind(org);
        push_any(query, "w.enabled", filter.enabled.as_ref());
        if let Some(q) = &filter.q {
            query.push(" and concat_ws(' ', w.url, w.description) ilike ").push_bind(contains(q));
        }
    })
    .await
}

/// Those of these organizations that are to be told of events, the oldest first; for the worker.
///
/// # Errors
/// The database's.
pub async fn list_enabled(conn: &mut PgConnection, orgs: &[OrgId]) -> sqlx::Result<Vec<WebhookRow>> {
    let orgs: Vec<_> = orgs.iter().map(|org| org.0).collect();
    sqlx::query_as("select * from webhooks where org_id = any($1) and enabled order by org_id, id")
        .bind(orgs)
        .fetch_all(conn)
        .await
}

/// # Errors
/// The database's.
pub async fn count(conn: &mut PgConnection, org: OrgId) -> sqlx::Result<i64> {
    sqlx::query_scalar("select count(*) from webhooks where org_id = $1").bind(org).fetch_one(conn).await
}

/// # Errors
/// The database's.
pub async fn get(
    conn: &mut PgConnection,
    org: OrgId,
    id: WebhookId,
    lock: bool,
) -> sqlx::Result<Option<WebhookRow>> {
    let lock = if lock { "for update" } else { "" };
    sqlx::query_as(AssertSqlSafe(format!("select * from webhooks where org_id = $1 and id = $2 {lock}")))
        .bind(org)
        .bind(id)
        .fetch_optional(conn)
        .await
}

/// # Errors
/// The database's.
pub async fn insert(
    conn: &mut PgConnection,
    org: OrgId,
    id: WebhookId,
    created_by: Option<UserId>,
    settings: &Settings,
    secret_encrypted: &[u8],
) -> sqlx::Result<WebhookRow> {
    sqlx::query_as(
        "insert into webhooks (id, org_id, created_by, url, description, events, headers_encrypted, enabled,
            secret_encrypted)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning *",
    )
    .bind(id)
    .bind(org)
    .bind(created_by)
    .bind(&settings.url)
    .bind(&settings.description)
    .bind(&settings.events)
    .bind(&settings.headers_encrypted)
    .bind(settings.enabled)
    .bind(secret_encrypted)
    .fetch_one(conn)
    .await
}

/// One that is switched on, or leads elsewhere, begins anew: nothing failed yet.
///
/// # Errors
/// The database's.
pub async fn update(
    conn: &mut PgConnection,
    org: OrgId,
    id: WebhookId,
    settings: &Settings,
) -> sqlx::Result<WebhookRow> {
    sqlx::query_as(
        "with begun as (
            select id, (not enabled and $7) or url <> $3 as anew from webhooks where org_id = $1 and id = $2)
         update webhooks w set url = $3, description = $4, events = $5, headers_encrypted = $6, enabled = $7,
            failure_count = case when begun.anew then 0 else failure_count end,
            failing_since = case when begun.anew then null else failing_since end,
            disabled_reason = case when $7 then null else disabled_reason end,
            updated_at = now(), version = version + 1
         from begun where w.org_id = $1 and w.id = begun.id returning w.*",
    )
    .bind(org)
    .bind(id)
    .bind(&settings.url)
    .bind(&settings.description)
    .bind(&settings.events)
    .bind(&settings.headers_encrypted)
    .bind(settings.enabled)
    .fetch_one(conn)
    .await
}

/// The secret it had signs on until then; none: not at all.
///
/// # Errors
/// The database's.
pub async fn set_secret(
    conn: &mut PgConnection,
    org: OrgId,
    id: WebhookId,
    secret_encrypted: &[u8],
    previous: Option<(&[u8], DateTime<Utc>)>,
) -> sqlx::Result<WebhookRow> {
    let (previous, ends_at) = previous.unzip();
    sqlx::query_as(
        "update webhooks set secret_encrypted = $3, previous_secret_encrypted = $4,
            previous_secret_expires_at = $5, updated_at = now(), version = version + 1
         where org_id = $1 and id = $2 returning *",
    )
    .bind(org)
    .bind(id)
    .bind(secret_encrypted)
    .bind(previous)
    .bind(ends_at)
    .fetch_one(conn)
    .await
}

/// Its deliveries go with it.
///
/// # Errors
/// The database's.
pub async fn delete(conn: &mut PgConnection, org: OrgId, id: WebhookId) -> sqlx::Result<()> {
    let query = "delete from webhooks where org_id = $1 and id = $2";
    sqlx::query(query).bind(org).bind(id).execute(conn).await?;
    Ok(())
}

/// It took something: whatever failed before is over.
///
/// # Errors
/// The database's.
pub async fn note_success(conn: &mut PgConnection, org: OrgId, id: WebhookId) -> sqlx::Result<()> {
    sqlx::query(
        "update webhooks set failure_count = 0, failing_since = null
         where org_id = $1 and id = $2 and failure_count > 0",
    )
    .bind(org)
    .bind(id)
    .execute(conn)
    .await?;
    Ok(())
}

/// Answers since when nothing was taken.
///
/// # Errors
/// The database's.
pub async fn note_failure(
    conn: &mut PgConnection,
    org: OrgId,
    id: WebhookId,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<DateTime<Utc>>> {
    sqlx::query_scalar(
        "update webhooks set failure_count = failure_count + 1, failing_since = coalesce(failing_since, $3)
         where org_id = $1 and id = $2 returning failing_since",
    )
    .bind(org)
    .bind(id)
    .bind(now)
    .fetch_optional(conn)
    .await
}

/// Switches it off, unless somebody did; answers the row when it was on.
///
/// # Errors
/// The database's.
pub async fn disable(
    conn: &mut PgConnection,
    org: OrgId,
    id: WebhookId,
    reason: &str,
) -> sqlx::Result<Option<WebhookRow>> {
    sqlx::query_as(
        "update webhooks set enabled = false, disabled_reason = $3, updated_at = now(), version = version + 1
         where org_id = $1 and id = $2 and enabled returning *",
    )
    .bind(org)
    .bind(id)
    .bind(reason)
    .fetch_optional(conn)
    .await
}
