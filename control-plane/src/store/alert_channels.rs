//! Alert channels: where receivers are told. The row and its statements; what is secret of the configuration is sealed.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{AssertSqlSafe, FromRow, PgConnection};

use super::{
    dimensions::push_any,
    page::{self, Found, Page, SortKey, contains},
};
use crate::id::{AlertChannelId, OrgId, UserId};

#[derive(Clone, FromRow)]
pub struct AlertChannelRow {
    pub id: AlertChannelId,
    pub org_id: OrgId,
    pub name: String,
    pub r#type: String,
    /// What may be read.
    pub config: Value,
    pub config_encrypted: Option<Vec<u8>>,
    pub min_severity: String,
    pub send_resolved: bool,
    pub enabled: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
    pub created_by: Option<UserId>,
    pub managed_by: String,
    #[sqlx(flatten)]
    pub last_delivery: LastDelivery,
}

/// Of what was sent by it, or could not be; nothing is set before the first.
#[derive(Clone, Debug, Default, FromRow)]
pub struct LastDelivery {
    pub delivery_status: Option<String>,
    pub delivery_at: Option<DateTime<Utc>>,
    pub delivery_error: Option<String>,
}

const COLUMNS: &str = "c.*, d.status as delivery_status, d.at as delivery_at, d.error as delivery_error";
const FROM: &str = " from alert_channels c left join lateral (
        select n.status, coalesce(n.sent_at, n.created_at) as at, n.error from alert_notifications n
        where n.org_id = c.org_id and n.channel_id = c.id and n.status in ('sent', 'failed')
        order by n.created_at desc limit 1) d on true
    where c.org_id = ";

pub const SORT: &[SortKey] = &[
    SortKey { name: "created_at", sql: "c.created_at", cast: "timestamptz" },
    SortKey { name: "updated_at", sql: "c.updated_at", cast: "timestamptz" },
    SortKey { name: "name", sql: "c.name::text", cast: "text" },
];

/// Which channels a list shows; what is absent filters nothing.
#[derive(Debug, Default)]
pub struct Filter {
    pub names: Option<Vec<String>>,
    pub types: Option<Vec<String>>,
    pub enabled: Option<Vec<bool>>,
    pub q: Option<String>,
}

/// What is decided about a channel.
#[derive(Clone, PartialEq)]
pub struct Content {
    pub name: String,
    pub r#type: String,
    pub config: Value,
    pub config_encrypted: Option<Vec<u8>>,
    pub min_severity: String,
    pub send_resolved: bool,
    pub enabled: bool,
    pub managed_by: String,
}

/// # Errors
/// The database's.
pub async fn list(
    conn: &mut PgConnection,
    org: OrgId,
    filter: &Filter,
    page: &Page,
) -> sqlx::Result<Found<AlertChannelRow>> {
    page::fetch(conn, page, COLUMNS, "c.id", |query| {
        query.push(FROM).push_bind(org);
        push_any(query, "c.name", filter.names.as_ref());
        push_any(query, "c.type", filter.types.as_ref());
        push_any(query, "c.enabled", filter.enabled.as_ref());
        if let Some(q) = &filter.q {
            query.push(" and c.name ilike ").push_bind(contains(q));
        }
    })
    .await
}

/// # Errors
/// The database's.
pub async fn get(
    conn: &mut PgConnection,
    org: OrgId,
    id: AlertChannelId,
    lock: bool,
) -> sqlx::Result<Option<AlertChannelRow>> {
    let lock = if lock { "for update of c" } else { "" };
    sqlx::query_as(AssertSqlSafe(format!("select {COLUMNS} {FROM} $1 and c.id = $2 {lock}")))
        .bind(org)
        .bind(id)
        .fetch_optional(conn)
        .await
}

/// # Errors
/// The database's.
pub async fn find_for_update(
    conn: &mut PgConnection,
    org: OrgId,
    name: &str,
) -> sqlx::Result<Option<AlertChannelRow>> {
    sqlx::query_as(AssertSqlSafe(format!("select {COLUMNS} {FROM} $1 and c.name = $2 for update of c")))
        .bind(org)
        .bind(name)
        .fetch_optional(conn)
        .await
}

/// Those of these ids that there are.
///
/// # Errors
/// The database's.
pub async fn list_by_ids(
    conn: &mut PgConnection,
    org: OrgId,
    ids: &[AlertChannelId],
) -> sqlx::Result<Vec<AlertChannelRow>> {
    sqlx::query_as(AssertSqlSafe(format!("select {COLUMNS} {FROM} $1 and c.id = any($2) order by c.id")))
        .bind(org)
        .bind(ids.iter().map(|id| id.0).collect::<Vec<_>>())
        .fetch_all(conn)
        .await
}

/// Those that the environment gave once.
///
/// # Errors
/// The database's.
pub async fn list_of_environment(conn: &mut PgConnection, org: OrgId) -> sqlx::Result<Vec<AlertChannelRow>> {
    sqlx::query_as(AssertSqlSafe(format!(
        "select {COLUMNS} {FROM} $1 and c.managed_by = 'env' for update of c"
    )))
    .bind(org)
    .fetch_all(conn)
    .await
}

/// # Errors
/// The database's; a name that is taken is a named constraint.
pub async fn insert(
    conn: &mut PgConnection,
    org: OrgId,
    id: AlertChannelId,
    created_by: Option<UserId>,
    content: &Content,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into alert_channels (id, org_id, created_by, name, type, config, config_encrypted, min_severity,
            send_resolved, enabled, managed_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(id)
    .bind(org)
    .bind(created_by)
    .bind(&content.name)
    .bind(&content.r#type)
    .bind(&content.config)
    .bind(&content.config_encrypted)
    .bind(&content.min_severity)
    .bind(content.send_resolved)
    .bind(content.enabled)
    .bind(&content.managed_by)
    .execute(conn)
    .await?;
    Ok(())
}

/// # Errors
/// The database's; a name that is taken is a named constraint.
pub async fn update(
    conn: &mut PgConnection,
    org: OrgId,
    id: AlertChannelId,
    content: &Content,
) -> sqlx::Result<()> {
    sqlx::query(
        "update alert_channels set name = $3, type = $4, config = $5, config_encrypted = $6, min_severity = $7,
            send_resolved = $8, enabled = $9, managed_by = $10, updated_at = now(), version = version + 1
         where org_id = $1 and id = $2",
    )
    .bind(org)
    .bind(id)
    .bind(&content.name)
    .bind(&content.r#type)
    .bind(&content.config)
    .bind(&content.config_encrypted)
    .bind(&content.min_severity)
    .bind(content.send_resolved)
    .bind(content.enabled)
    .bind(&content.managed_by)
    .execute(conn)
    .await?;
    Ok(())
}

/// Rules that told by it do so no more.
///
/// # Errors
/// The database's.
pub async fn delete(conn: &mut PgConnection, org: OrgId, id: AlertChannelId) -> sqlx::Result<()> {
    sqlx::query(
        "update alert_rules set channel_ids = array_remove(channel_ids, $2), updated_at = now(), version = version + 1
         where org_id = $1 and $2 = any(channel_ids)",
    )
    .bind(org)
    .bind(id)
    .execute(&mut *conn)
    .await?;
    sqlx::query("delete from alert_channels where org_id = $1 and id = $2")
        .bind(org)
        .bind(id)
        .execute(conn)
        .await?;
    Ok(())
}
