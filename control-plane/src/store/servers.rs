//! `mcp_servers`: the row, and every statement about it. What the health check learns never moves `version`.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::page::{self, Found, Page, SortKey};
use crate::id::{OrgId, ServerId, UserId};

#[derive(Clone, Debug, FromRow)]
pub struct ServerRow {
    pub id: ServerId,
    pub org_id: OrgId,
    pub name: String,
    #[sqlx(flatten)]
    pub settings: Settings,
    #[sqlx(flatten)]
    pub health: Health,
    pub tool_count: i64,
    pub pending_review_count: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
    pub created_by: Option<UserId>,
    pub managed_by: String,
}

/// The columns an administrator decides about.
#[derive(Clone, Debug, FromRow, PartialEq)]
pub struct Settings {
    pub display_name: Option<String>,
    pub description: String,
    pub url: String,
    pub transport: String,
    pub enabled: bool,
    pub tags: Vec<String>,
    pub auth: Value,
    pub auth_encrypted: Option<Vec<u8>>,
    pub tls: Value,
    pub client_key_encrypted: Option<Vec<u8>>,
    pub connect_timeout_ms: i32,
    pub timeout_ms: i32,
    pub stream_idle_timeout_ms: i32,
    pub max_concurrency: i32,
    pub max_request_bytes: i32,
    pub max_response_bytes: i32,
    pub retry: Value,
    pub breaker: Value,
    pub payload_capture: Option<String>,
    pub discovery_interval_seconds: i32,
}

impl Settings {
    /// Whether the same server would be reached in the same way.
    #[must_use]
    pub fn reaches_as(&self, other: &Self) -> bool {
        self.url == other.url
            && self.transport == other.transport
            && self.auth == other.auth
            && self.auth_encrypted == other.auth_encrypted
            && self.tls == other.tls
            && self.client_key_encrypted == other.client_key_encrypted
    }
}

/// The columns the health check writes.
#[derive(Clone, Debug, FromRow)]
pub struct Health {
    pub health: String,
    pub health_checked_at: Option<DateTime<Utc>>,
    pub health_latency_ms: Option<i32>,
    pub health_error: Option<String>,
    pub protocol_version: Option<String>,
    pub server_info: Option<Value>,
    pub capabilities: Option<Value>,
}

pub const SORT: &[SortKey] = &[
    SortKey { name: "created_at", sql: "s.created_at", cast: "timestamptz" },
    SortKey { name: "updated_at", sql: "s.updated_at", cast: "timestamptz" },
    SortKey { name: "name", sql: "s.name", cast: "text" },
];

macro_rules! columns {
    () => {
        "s.*, \
         (select count(*) from mcp_tools t where t.org_id = s.org_id and t.server_id = s.id \
            and t.status <> 'removed') as tool_count, \
         (select count(*) from mcp_tools t where t.org_id = s.org_id and t.server_id = s.id \
            and t.status in ('new', 'changed')) as pending_review_count"
    };
}

/// Which servers a list shows; what is empty or absent filters nothing.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The servers the caller may see, unless all.
    pub within: Option<Vec<ServerId>>,
    pub enabled: Option<Vec<bool>>,
    pub health: Option<Vec<String>>,
    pub tags: Option<Vec<String>>,
    pub q: Option<String>,
}

pub async fn list(
    conn: &mut PgConnection,
    org: OrgId,
    filter: &Filter,
    page: &Page,
) -> sqlx::Result<Found<ServerRow>> {
    page::fetch(conn, page, columns!(), "s.id", |query| {
        query.push(" from mcp_servers s where s.org_id = ").push_bind(org);
        if let Some(within) = &filter.within {
            query.push(" and s.id = any(").push_bind(within.clone()).push(")");
        }
        if let Some(enabled) = &filter.enabled {
            query.push(" and s.enabled = any(").push_bind(enabled.clone()).push(")");
        }
        if let Some(health) = &filter.health {
            query.push(" and s.health = any(").push_bind(health.clone()).push(")");
        }
        if let Some(tags) = &filter.tags {
            query.push(" and s.tags && ").push_bind(tags.clone());
        }
        if let Some(q) = &filter.q {
            query.push(" and concat_ws(' ', s.name, s.display_name, s.description) ilike ");
            query.push_bind(page::contains(q));
        }
    })
    .await
}

/// By name or by id.
pub async fn get(conn: &mut PgConnection, org: OrgId, server: &str) -> sqlx::Result<Option<ServerRow>> {
    const GET: &str = concat!(
        "select ",
        columns!(),
        " from mcp_servers s where s.org_id = $1 and (s.id = $2 or s.name = $3)"
    );
    sqlx::query_as(GET).bind(org).bind(Uuid::try_parse(server).ok()).bind(server).fetch_optional(conn).await
}

/// As [`get`]; nobody else writes the row until the transaction ends.
pub async fn get_for_update(
    conn: &mut PgConnection,
    org: OrgId,
    server: &str,
) -> sqlx::Result<Option<ServerRow>> {
    const LOCK: &str = concat!(
        "select ",
        columns!(),
        " from mcp_servers s where s.org_id = $1 and (s.id = $2 or s.name = $3) for no key update of s"
    );
    sqlx::query_as(LOCK).bind(org).bind(Uuid::try_parse(server).ok()).bind(server).fetch_optional(conn).await
}

/// Who makes a server.
#[derive(Clone, Copy, Debug)]
pub struct Maker {
    pub created_by: Option<UserId>,
    pub managed_by: &'static str,
}

pub async fn insert(
    conn: &mut PgConnection,
    org: OrgId,
    id: ServerId,
    name: &str,
    settings: &Settings,
    maker: Maker,
) -> sqlx::Result<()> {
    let insert = sqlx::query(
        "insert into mcp_servers (display_name, description, url, transport, enabled, tags, auth, auth_encrypted, \
           tls, client_key_encrypted, connect_timeout_ms, timeout_ms, stream_idle_timeout_ms, max_concurrency, \
           max_request_bytes, max_response_bytes, retry, breaker, payload_capture, discovery_interval_seconds, \
           org_id, id, name, created_by, managed_by) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, \
           $21, $22, $23, $24, $25)",
    );
    let insert = bind_settings(insert, settings).bind(org).bind(id).bind(name);
    insert.bind(maker.created_by).bind(maker.managed_by).execute(conn).await?;
    Ok(())
}

pub async fn update(
    conn: &mut PgConnection,
    org: OrgId,
    id: ServerId,
    settings: &Settings,
) -> sqlx::Result<()> {
    let update = sqlx::query(
        "update mcp_servers set display_name = $1, description = $2, url = $3, transport = $4, enabled = $5, \
           tags = $6, auth = $7, auth_encrypted = $8, tls = $9, client_key_encrypted = $10, \
           connect_timeout_ms = $11, timeout_ms = $12, stream_idle_timeout_ms = $13, max_concurrency = $14, \
           max_request_bytes = $15, max_response_bytes = $16, retry = $17, breaker = $18, payload_capture = $19, \
           discovery_interval_seconds = $20, updated_at = now(), version = version + 1 \
         where org_id = $21 and id = $22",
    );
    bind_settings(update, settings).bind(org).bind(id).execute(conn).await?;
    Ok(())
}

type Statement<'q> = sqlx::query::Query<'q, sqlx::Postgres, sqlx::postgres::PgArguments>;

fn bind_settings<'q>(statement: Statement<'q>, settings: &'q Settings) -> Statement<'q> {
    statement
        .bind(&settings.display_name)
        .bind(&settings.description)
        .bind(&settings.url)
        .bind(&settings.transport)
        .bind(settings.enabled)
        .bind(&settings.tags)
        .bind(&settings.auth)
        .bind(&settings.auth_encrypted)
        .bind(&settings.tls)
        .bind(&settings.client_key_encrypted)
        .bind(settings.connect_timeout_ms)
        .bind(settings.timeout_ms)
        .bind(settings.stream_idle_timeout_ms)
        .bind(settings.max_concurrency)
        .bind(settings.max_request_bytes)
        .bind(settings.max_response_bytes)
        .bind(&settings.retry)
        .bind(&settings.breaker)
        .bind(&settings.payload_capture)
        .bind(settings.discovery_interval_seconds)
}

/// Who has the say over a server from now on.
pub async fn set_managed_by(
    conn: &mut PgConnection,
    org: OrgId,
    id: ServerId,
    managed_by: &'static str,
) -> sqlx::Result<()> {
    sqlx::query("update mcp_servers set managed_by = $3 where org_id = $1 and id = $2")
        .bind(org)
        .bind(id)
        .bind(managed_by)
        .execute(conn)
        .await?;
    Ok(())
}

pub async fn list_names_managed_by(
    conn: &mut PgConnection,
    org: OrgId,
    managed_by: &str,
) -> sqlx::Result<Vec<(ServerId, String)>> {
    sqlx::query_as("select id, name from mcp_servers where org_id = $1 and managed_by = $2 order by name")
        .bind(org)
        .bind(managed_by)
        .fetch_all(conn)
        .await
}

/// Its tools, resources and prompts go with it; its prices and what was recorded of it stay.
pub async fn delete(conn: &mut PgConnection, org: OrgId, id: ServerId) -> sqlx::Result<()> {
    sqlx::query("delete from mcp_servers where org_id = $1 and id = $2")
        .bind(org)
        .bind(id)
        .execute(conn)
        .await?;
    Ok(())
}

pub async fn update_health(
    conn: &mut PgConnection,
    org: OrgId,
    id: ServerId,
    health: &Health,
) -> sqlx::Result<()> {
    sqlx::query(
        "update mcp_servers set health = $3, health_checked_at = $4, health_latency_ms = $5, health_error = $6, \
           protocol_version = $7, server_info = $8, capabilities = $9 \
         where org_id = $1 and id = $2",
    )
    .bind(org)
    .bind(id)
    .bind(&health.health)
    .bind(health.health_checked_at)
    .bind(health.health_latency_ms)
    .bind(&health.health_error)
    .bind(&health.protocol_version)
    .bind(&health.server_info)
    .bind(&health.capabilities)
    .execute(conn)
    .await?;
    Ok(())
}

/// An enabled server, and what decides when to look at it next.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct Watched {
    pub org_id: OrgId,
    pub id: ServerId,
    pub version: i32,
    pub discovery_interval_seconds: i32,
    /// When a proxy last asked for it.
    pub visit_wanted_at: Option<DateTime<Utc>>,
}

/// The enabled servers of all organizations (as worker), the longest unseen first.
pub async fn list_watched(conn: &mut PgConnection) -> sqlx::Result<Vec<Watched>> {
    sqlx::query_as(
        "select org_id, id, version, discovery_interval_seconds, visit_wanted_at from mcp_servers \
         where enabled order by health_checked_at nulls first, id",
    )
    .fetch_all(conn)
    .await
}

/// Those of one organization, by name.
pub async fn list_enabled(conn: &mut PgConnection, org: OrgId) -> sqlx::Result<Vec<(ServerId, String)>> {
    sqlx::query_as("select id, name from mcp_servers where org_id = $1 and enabled order by name")
        .bind(org)
        .fetch_all(conn)
        .await
}

/// Asks for a visit soon; once in so many seconds is enough.
pub async fn want_visit(
    conn: &mut PgConnection,
    org: OrgId,
    id: ServerId,
    at_most_every_seconds: i32,
) -> sqlx::Result<()> {
    sqlx::query(
        "update mcp_servers set visit_wanted_at = now() where org_id = $1 and id = $2 \
         and coalesce(visit_wanted_at, '-infinity') <= now() - make_interval(secs => $3)",
    )
    .bind(org)
    .bind(id)
    .bind(at_most_every_seconds)
    .execute(conn)
    .await?;
    Ok(())
}

/// One replica at a time brings the environment's servers in; the lock ends with the transaction.
pub async fn lock_environment(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('gatewayops.env_servers', 0))")
        .execute(conn)
        .await?;
    Ok(())
}
