//! `mcp_tools`, `mcp_resources`, `mcp_prompts`: what servers offer, as last seen. One shape, three tables.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{AssertSqlSafe, FromRow, PgConnection};
use uuid::Uuid;

use super::page::{self, Found, Page, SortKey};
use crate::id::{OrgId, ServerId, ToolId, UserId};

/// What a server offers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    Tool,
    Resource,
    Prompt,
}

impl Kind {
    fn table(self) -> &'static str {
        match self {
            Self::Tool => "mcp_tools",
            Self::Resource => "mcp_resources",
            Self::Prompt => "mcp_prompts",
        }
    }

    /// What an entry is known by.
    fn key(self) -> &'static str {
        if self == Self::Resource { "uri" } else { "name" }
    }

    /// A statement about this kind's table, from one with `{table}` and `{key}` in it.
    fn statement(self, template: &str) -> AssertSqlSafe<String> {
        AssertSqlSafe(template.replace("{table}", self.table()).replace("{key}", self.key()))
    }
}

#[derive(Clone, Debug, FromRow)]
pub struct EntryRow {
    pub id: ToolId,
    pub org_id: OrgId,
    pub mcp_server: String,
    /// The name, or a resource's URI.
    pub key: String,
    pub definition: Value,
    pub schema_hash: String,
    pub approved_hash: Option<String>,
    pub approved_definition: Option<Value>,
    pub status: String,
    pub flags: Value,
    pub first_seen_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
    pub reviewed_by: Option<UserId>,
    pub reviewed_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

pub const SORT: &[SortKey] = &[
    SortKey { name: "created_at", sql: "e.created_at", cast: "timestamptz" },
    SortKey { name: "name", sql: "e.key", cast: "text" },
    SortKey { name: "last_seen_at", sql: "e.last_seen_at", cast: "timestamptz" },
];

const COLUMNS: &str = "e.id, e.org_id, s.name as mcp_server, e.key, e.definition, e.schema_hash, e.approved_hash, \
    e.approved_definition, e.status, e.flags, e.first_seen_at, e.last_seen_at, e.reviewed_by, \
    e.reviewed_at, e.created_at";

impl Kind {
    /// Every entry with its key.
    fn entries(self) -> &'static str {
        match self {
            Self::Tool => "select *, name as key from mcp_tools",
            Self::Resource => "select *, uri as key from mcp_resources",
            Self::Prompt => "select *, name as key from mcp_prompts",
        }
    }
}

impl EntryRow {
    /// Whether the definition seen last, or the approved one, says `destructiveHint`: the worse of two counts.
    #[must_use]
    pub fn is_destructive(&self) -> bool {
        let hint = |definition: &Value| definition["annotations"]["destructiveHint"] == true;
        hint(&self.definition) || self.approved_definition.as_ref().is_some_and(hint)
    }
}

/// Which entries a list shows; what is absent filters nothing.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The servers the caller may see, unless all.
    pub within: Option<Vec<ServerId>>,
    /// By name or by id.
    pub servers: Option<Vec<String>>,
    pub status: Option<Vec<String>>,
    pub ids: Option<Vec<ToolId>>,
    pub q: Option<String>,
}

pub async fn list(
    conn: &mut PgConnection,
    org: OrgId,
    kind: Kind,
    filter: &Filter,
    page: &Page,
) -> sqlx::Result<Found<EntryRow>> {
    page::fetch(conn, page, COLUMNS, "e.id", |query| {
        query.push(" from (").push(kind.entries());
        query.push(") e join mcp_servers s on s.org_id = e.org_id and s.id = e.server_id where e.org_id = ");
        query.push_bind(org);
        if let Some(within) = &filter.within {
            query.push(" and e.server_id = any(").push_bind(within.clone()).push(")");
        }
        if let Some(servers) = &filter.servers {
            let ids: Vec<Uuid> = servers.iter().filter_map(|server| server.parse().ok()).collect();
            query.push(" and (s.name = any(").push_bind(servers.clone());
            query.push(") or s.id = any(").push_bind(ids).push("))");
        }
        if let Some(status) = &filter.status {
            query.push(" and e.status = any(").push_bind(status.clone()).push(")");
        }
        if let Some(ids) = &filter.ids {
            query.push(" and e.id = any(").push_bind(ids.clone()).push(")");
        }
        if let Some(q) = &filter.q {
            query.push(
                " and concat_ws(' ', e.key, e.definition ->> 'title', e.definition ->> 'description') ilike ",
            );
            query.push_bind(page::contains(q));
        }
    })
    .await
}

/// One tool; `within` as in [`Filter`].
pub async fn get_tool(
    conn: &mut PgConnection,
    org: OrgId,
    id: ToolId,
    within: Option<&[ServerId]>,
) -> sqlx::Result<Option<EntryRow>> {
    let mut query = sqlx::QueryBuilder::new("select ");
    query.push(COLUMNS).push(" from (").push(Kind::Tool.entries());
    query.push(") e join mcp_servers s on s.org_id = e.org_id and s.id = e.server_id where e.org_id = ");
    query.push_bind(org).push(" and e.id = ").push_bind(id);
    if let Some(within) = within {
        query.push(" and e.server_id = any(").push_bind(within).push(")");
    }
    query.build_query_as().fetch_optional(conn).await
}

/// As [`get_tool`], and nobody else changes it until the transaction ends.
pub async fn lock_tool(
    conn: &mut PgConnection,
    org: OrgId,
    id: ToolId,
    within: Option<&[ServerId]>,
) -> sqlx::Result<Option<EntryRow>> {
    sqlx::query("select from mcp_tools where org_id = $1 and id = $2 for update")
        .bind(org)
        .bind(id)
        .execute(&mut *conn)
        .await?;
    get_tool(conn, org, id, within).await
}

/// What somebody decided about a definition.
#[derive(Clone, Copy, Debug)]
pub enum Reviewed {
    /// It is approved as it was seen last.
    Approved,
    Blocked,
}

pub async fn review(
    conn: &mut PgConnection,
    org: OrgId,
    id: ToolId,
    reviewed: Reviewed,
    by: Option<UserId>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let review = match reviewed {
        Reviewed::Approved => {
            "update mcp_tools set status = 'active', approved_hash = schema_hash, approved_definition = definition, \
               reviewed_by = $3, reviewed_at = $4 where org_id = $1 and id = $2"
        }
        Reviewed::Blocked => {
            "update mcp_tools set status = 'blocked', reviewed_by = $3, reviewed_at = $4 \
             where org_id = $1 and id = $2"
        }
    };
    sqlx::query(review).bind(org).bind(id).bind(by).bind(now).execute(conn).await?;
    Ok(())
}

/// What decides about a tool's calls.
#[derive(Clone, Debug, FromRow)]
pub struct Named {
    pub id: ToolId,
    pub mcp_server: String,
    pub name: String,
    pub status: String,
    /// As [`EntryRow::is_destructive`].
    pub destructive: bool,
}

const NAMED: &str = "select t.id, s.name as mcp_server, t.name, t.status, \
    ('true'::jsonb in (t.definition #> '{annotations,destructiveHint}', \
        t.approved_definition #> '{annotations,destructiveHint}')) is true as destructive \
    from mcp_tools t join mcp_servers s on s.org_id = t.org_id and s.id = t.server_id where t.org_id = ";

/// Every tool of the servers.
pub async fn list_named(
    conn: &mut PgConnection,
    org: OrgId,
    within: Option<&[ServerId]>,
) -> sqlx::Result<Vec<Named>> {
    let mut query = sqlx::QueryBuilder::new(NAMED);
    query.push_bind(org);
    if let Some(within) = within {
        query.push(" and t.server_id = any(").push_bind(within).push(")");
    }
    query.build_query_as().fetch_all(conn).await
}

/// Every tool that other servers than this one offer.
pub async fn list_named_elsewhere(
    conn: &mut PgConnection,
    org: OrgId,
    server: ServerId,
) -> sqlx::Result<Vec<Named>> {
    let mut query = sqlx::QueryBuilder::new(NAMED);
    query.push_bind(org).push(" and t.status <> 'removed' and t.server_id <> ").push_bind(server);
    query.build_query_as().fetch_all(conn).await
}

/// One by its server and name.
pub async fn find(
    conn: &mut PgConnection,
    org: OrgId,
    server: ServerId,
    name: &str,
) -> sqlx::Result<Option<Named>> {
    let mut query = sqlx::QueryBuilder::new(NAMED);
    query.push_bind(org).push(" and t.server_id = ").push_bind(server);
    query.push(" and t.name = ").push_bind(name);
    query.build_query_as().fetch_optional(conn).await
}

/// An entry as the server just showed it.
#[derive(Clone, Debug)]
pub struct Seen {
    pub key: String,
    pub definition: Value,
    pub schema_hash: String,
    /// What is odd about it.
    pub flags: Value,
}

/// What is known of an entry, to compare with what was seen.
#[derive(Clone, Debug, FromRow)]
pub struct Known {
    pub key: String,
    pub schema_hash: String,
    pub status: String,
    pub flags: Value,
}

/// Those of one server by their keys.
pub async fn list_by_keys(
    conn: &mut PgConnection,
    org: OrgId,
    kind: Kind,
    server: ServerId,
    keys: &[&str],
) -> sqlx::Result<Vec<EntryRow>> {
    let mut query = sqlx::QueryBuilder::new("select ");
    query.push(COLUMNS).push(" from (").push(kind.entries());
    query.push(") e join mcp_servers s on s.org_id = e.org_id and s.id = e.server_id where e.org_id = ");
    query.push_bind(org).push(" and e.server_id = ").push_bind(server);
    query.push(" and e.key = any(").push_bind(keys).push(") order by e.key");
    query.build_query_as().fetch_all(conn).await
}

pub async fn list_known(
    conn: &mut PgConnection,
    org: OrgId,
    kind: Kind,
    server: ServerId,
) -> sqlx::Result<Vec<Known>> {
    let select =
        "select {key} as key, schema_hash, status, flags from {table} where org_id = $1 and server_id = $2";
    sqlx::query_as(kind.statement(select)).bind(org).bind(server).fetch_all(conn).await
}

/// Whether a definition that was never there before is approved as it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FirstSight {
    Approved,
    /// It is `new` until somebody has reviewed it.
    New,
}

/// Writes entries that are new, changed or back. One that differs from what was approved is `changed` and keeps what was
/// approved; a blocked one stays blocked.
pub async fn upsert(
    conn: &mut PgConnection,
    org: OrgId,
    kind: Kind,
    server: ServerId,
    seen: &[&Seen],
    first_sight: FirstSight,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let upsert = "insert into {table} as known (org_id, server_id, {key}, definition, schema_hash, approved_hash, \
           approved_definition, status, flags, first_seen_at, last_seen_at) \
         select $1, $2, key, definition, hash, case when $8 then hash end, case when $8 then definition end, \
           case when $8 then 'active' else 'new' end, flags, $7, $7 \
         from unnest($3::text[], $4::jsonb[], $5::text[], $6::jsonb[]) as seen (key, definition, hash, flags) \
         on conflict (org_id, server_id, {key}) do update set \
           definition = excluded.definition, \
           schema_hash = excluded.schema_hash, \
           flags = excluded.flags, \
           last_seen_at = excluded.last_seen_at, \
           status = case when known.status = 'blocked' then 'blocked' \
             when known.approved_hash = excluded.schema_hash then 'active' \
             when known.approved_hash is null then 'new' \
             else 'changed' end";
    let keys: Vec<&str> = seen.iter().map(|entry| entry.key.as_str()).collect();
    let definitions: Vec<&Value> = seen.iter().map(|entry| &entry.definition).collect();
    let hashes: Vec<&str> = seen.iter().map(|entry| entry.schema_hash.as_str()).collect();
    let flags: Vec<&Value> = seen.iter().map(|entry| &entry.flags).collect();
    sqlx::query(kind.statement(upsert))
        .bind(org)
        .bind(server)
        .bind(keys)
        .bind(definitions)
        .bind(hashes)
        .bind(flags)
        .bind(now)
        .bind(first_sight == FirstSight::Approved)
        .execute(conn)
        .await?;
    Ok(())
}

/// Entries that are there as they were, but are odd in another way than before: others came or went.
pub async fn update_flags(
    conn: &mut PgConnection,
    org: OrgId,
    kind: Kind,
    server: ServerId,
    seen: &[&Seen],
) -> sqlx::Result<()> {
    let update = "update {table} as known set flags = seen.flags \
         from unnest($3::text[], $4::jsonb[]) as seen (key, flags) \
         where known.org_id = $1 and known.server_id = $2 and known.{key} = seen.key";
    let keys: Vec<&str> = seen.iter().map(|entry| entry.key.as_str()).collect();
    let flags: Vec<&Value> = seen.iter().map(|entry| &entry.flags).collect();
    sqlx::query(kind.statement(update)).bind(org).bind(server).bind(keys).bind(flags).execute(conn).await?;
    Ok(())
}

/// Entries that are there as they were.
pub async fn touch(
    conn: &mut PgConnection,
    org: OrgId,
    kind: Kind,
    server: ServerId,
    keys: &[&str],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let touch =
        "update {table} set last_seen_at = $4 where org_id = $1 and server_id = $2 and {key} = any($3)";
    sqlx::query(kind.statement(touch)).bind(org).bind(server).bind(keys).bind(now).execute(conn).await?;
    Ok(())
}

/// Entries the server no longer offers; what was blocked stays so, should it come back.
pub async fn mark_removed(
    conn: &mut PgConnection,
    org: OrgId,
    kind: Kind,
    server: ServerId,
    keys: &[&str],
) -> sqlx::Result<()> {
    let remove = "update {table} set status = 'removed' \
         where org_id = $1 and server_id = $2 and {key} = any($3) and status <> 'blocked'";
    sqlx::query(kind.statement(remove)).bind(org).bind(server).bind(keys).execute(conn).await?;
    Ok(())
}
