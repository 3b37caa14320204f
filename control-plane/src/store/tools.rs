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
    pub classification: String,
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

/// The levels of contract 4.5: an exact name wins over a pattern, and a hint may only raise.
macro_rules! classification {
    () => {
        "case \
           when definition #>> '{annotations,destructiveHint}' = 'true' then 'dangerous' \
           when name in ('read_file', 'read_text_file', 'list_directory', 'get_file_info', 'search_files', \
             'read_resource', 'list_resources', 'list_prompts', 'get_prompt') then 'safe' \
           when name in ('execute_sql') then 'sensitive' \
           when name in ('drop_table') or name ~ '^(delete_|drop_|exec|run_|admin_)' then 'dangerous' \
           else 'sensitive' end"
    };
}

macro_rules! entries {
    ("mcp_tools") => {
        concat!("select *, name as key, ", classification!(), " as classification from mcp_tools")
    };
    ("mcp_resources") => {
        "select *, uri as key, '' as classification from mcp_resources"
    };
    ("mcp_prompts") => {
        "select *, name as key, '' as classification from mcp_prompts"
    };
}

const COLUMNS: &str = "e.id, e.org_id, s.name as mcp_server, e.key, e.definition, e.schema_hash, e.approved_hash, \
    e.approved_definition, e.status, e.flags, e.classification, e.first_seen_at, e.last_seen_at, e.reviewed_by, \
    e.reviewed_at, e.created_at";

impl Kind {
    fn entries(self) -> &'static str {
        match self {
            Self::Tool => entries!("mcp_tools"),
            Self::Resource => entries!("mcp_resources"),
            Self::Prompt => entries!("mcp_prompts"),
        }
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
    pub classification: Option<Vec<String>>,
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
        if let Some(classification) = &filter.classification {
            query.push(" and e.classification = any(").push_bind(classification.clone()).push(")");
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

/// An entry as the server just showed it.
#[derive(Clone, Debug)]
pub struct Seen {
    pub key: String,
    pub definition: Value,
    pub schema_hash: String,
}

/// What is known of an entry, to compare with what was seen.
#[derive(Clone, Debug, FromRow)]
pub struct Known {
    pub key: String,
    pub schema_hash: String,
    pub status: String,
}

pub async fn list_known(
    conn: &mut PgConnection,
    org: OrgId,
    kind: Kind,
    server: ServerId,
) -> sqlx::Result<Vec<Known>> {
    let select = "select {key} as key, schema_hash, status from {table} where org_id = $1 and server_id = $2";
    sqlx::query_as(kind.statement(select)).bind(org).bind(server).fetch_all(conn).await
}

/// Writes entries that are new, changed or back. A new one is approved as it is (contract 3.2, `new_tool` = allow);
/// one that differs from what was approved is `changed` and keeps what was approved; a blocked one stays blocked.
pub async fn upsert(
    conn: &mut PgConnection,
    org: OrgId,
    kind: Kind,
    server: ServerId,
    seen: &[&Seen],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let upsert = "insert into {table} as known (org_id, server_id, {key}, definition, schema_hash, approved_hash, \
           approved_definition, status, first_seen_at, last_seen_at) \
         select $1, $2, key, definition, hash, hash, definition, 'active', $6, $6 \
         from unnest($3::text[], $4::jsonb[], $5::text[]) as seen (key, definition, hash) \
         on conflict (org_id, server_id, {key}) do update set \
           definition = excluded.definition, \
           schema_hash = excluded.schema_hash, \
           last_seen_at = excluded.last_seen_at, \
           status = case when known.status = 'blocked' then 'blocked' \
             when known.approved_hash = excluded.schema_hash then 'active' \
             when known.approved_hash is null then 'new' \
             else 'changed' end";
    let keys: Vec<&str> = seen.iter().map(|entry| entry.key.as_str()).collect();
    let definitions: Vec<&Value> = seen.iter().map(|entry| &entry.definition).collect();
    let hashes: Vec<&str> = seen.iter().map(|entry| entry.schema_hash.as_str()).collect();
    sqlx::query(kind.statement(upsert))
        .bind(org)
        .bind(server)
        .bind(keys)
        .bind(definitions)
        .bind(hashes)
        .bind(now)
        .execute(conn)
        .await?;
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
