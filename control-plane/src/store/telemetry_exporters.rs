//! Where organizations have their spans sent (`telemetry_configs`): the row and its statements. How far each is, is in
//! `telemetry_progress`.

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgConnection};

use super::{
    dimensions::push_any,
    page::{self, Found, Page, SortKey, contains},
};
use crate::id::{ExporterId, OrgId, UserId};

pub mod progress;
pub mod spans;

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ExporterRow {
    pub id: ExporterId,
    pub org_id: OrgId,
    #[sqlx(flatten)]
    pub settings: Settings,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
    pub created_by: Option<UserId>,
    pub managed_by: String,
    pub exported: i64,
    pub failed: i64,
    pub dropped: i64,
    pub last_export_at: Option<DateTime<Utc>>,
    pub last_error: Option<String>,
}

/// The columns an administrator decides about.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Settings {
    pub name: String,
    pub protocol: String,
    pub endpoint: String,
    pub headers_encrypted: Option<Vec<u8>>,
    pub signals: Vec<String>,
    pub sample_ratio: f64,
    pub batch_size: i32,
    pub batch_timeout_ms: i32,
    pub enabled: bool,
}

const COLUMNS: &str = "e.id, e.org_id, e.name, e.protocol, e.endpoint, e.headers_encrypted, e.signals, e.sample_ratio,
    e.batch_size, e.batch_timeout_ms, e.enabled, e.created_at, e.updated_at, e.version, e.created_by, e.managed_by,
    coalesce(p.exported, 0) as exported, coalesce(p.failed, 0) as failed, coalesce(p.dropped, 0) as dropped,
    p.last_export_at, p.last_error";
const TABLES: &str = "telemetry_configs e left join telemetry_progress p on p.exporter_id = e.id";

pub const SORT: &[SortKey] = &[
    SortKey { name: "created_at", sql: "e.created_at", cast: "timestamptz" },
    SortKey { name: "updated_at", sql: "e.updated_at", cast: "timestamptz" },
    SortKey { name: "name", sql: "e.name::text", cast: "text" },
];

/// Which exporters a list shows; what is absent filters nothing.
#[derive(Debug, Default)]
pub struct Filter {
    pub names: Option<Vec<String>>,
    pub protocols: Option<Vec<String>>,
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
) -> sqlx::Result<Found<ExporterRow>> {
    page::fetch(conn, page, COLUMNS, "e.id", |query| {
        query.push(format!(" from {TABLES} where e.org_id = ")).push_bind(org);
        push_any(query, "e.name", filter.names.as_ref());
        push_any(query, "e.protocol", filter.protocols.as_ref());
        push_any(query, "e.enabled", filter.enabled.as_ref());
        if let Some(q) = &filter.q {
            query.push(" and concat_ws(' ', e.name, e.endpoint) ilike ").push_bind(contains(q));
        }
    })
    .await
}

/// # Errors
/// The database's.
pub async fn get(conn: &mut PgConnection, org: OrgId, id: ExporterId) -> sqlx::Result<Option<ExporterRow>> {
    let query = format!("select {COLUMNS} from {TABLES} where e.org_id = $1 and e.id = $2");
    sqlx::query_as(AssertSqlSafe(query)).bind(org).bind(id).fetch_optional(conn).await
}

/// As [`get`], and nobody else changes it until the transaction ends.
///
/// # Errors
/// The database's.
pub async fn lock(conn: &mut PgConnection, org: OrgId, id: ExporterId) -> sqlx::Result<Option<ExporterRow>> {
    let query = format!("select {COLUMNS} from {TABLES} where e.org_id = $1 and e.id = $2 for update of e");
    sqlx::query_as(AssertSqlSafe(query)).bind(org).bind(id).fetch_optional(conn).await
}

/// It sends what arrives from now on.
///
/// # Errors
/// The database's; a name that is taken is a named constraint.
pub async fn insert(
    conn: &mut PgConnection,
    org: OrgId,
    id: ExporterId,
    created_by: Option<UserId>,
    settings: &Settings,
) -> sqlx::Result<()> {
    let insert = sqlx::query(
        "insert into telemetry_configs (name, protocol, endpoint, headers_encrypted, signals, sample_ratio, batch_size,
            batch_timeout_ms, enabled, org_id, id, created_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    );
    bind_settings(insert, settings).bind(org).bind(id).bind(created_by).execute(&mut *conn).await?;
    sqlx::query("insert into telemetry_progress (exporter_id, org_id) values ($1, $2)")
        .bind(id)
        .bind(org)
        .execute(conn)
        .await?;
    Ok(())
}

/// # Errors
/// The database's; a name that is taken is a named constraint.
pub async fn update(
    conn: &mut PgConnection,
    org: OrgId,
    id: ExporterId,
    settings: &Settings,
) -> sqlx::Result<()> {
    let update = sqlx::query(
        "update telemetry_configs set name = $1, protocol = $2, endpoint = $3, headers_encrypted = $4, signals = $5,
            sample_ratio = $6, batch_size = $7, batch_timeout_ms = $8, enabled = $9, updated_at = now(),
            version = version + 1
         where org_id = $10 and id = $11",
    );
    bind_settings(update, settings).bind(org).bind(id).execute(conn).await?;
    Ok(())
}

type Statement<'q> = sqlx::query::Query<'q, sqlx::Postgres, sqlx::postgres::PgArguments>;

fn bind_settings<'q>(statement: Statement<'q>, settings: &'q Settings) -> Statement<'q> {
    statement
        .bind(&settings.name)
        .bind(&settings.protocol)
        .bind(&settings.endpoint)
        .bind(&settings.headers_encrypted)
        .bind(&settings.signals)
        .bind(settings.sample_ratio)
        .bind(settings.batch_size)
        .bind(settings.batch_timeout_ms)
        .bind(settings.enabled)
}

/// # Errors
/// The database's.
pub async fn delete(conn: &mut PgConnection, org: OrgId, id: ExporterId) -> sqlx::Result<()> {
    let query = "delete from telemetry_configs where org_id = $1 and id = $2";
    sqlx::query(query).bind(org).bind(id).execute(conn).await?;
    Ok(())
}
