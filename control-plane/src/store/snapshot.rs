//! Everything proxies run on, as rows: of all organizations, or only what is named (contract 2.4).
//!
//! Read as the worker, in one repeatable-read transaction, so that a snapshot is one moment of the database.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::{FromRow, PgConnection, QueryBuilder, types::Json};
use uuid::Uuid;

mod policies;
mod token_issuers;

pub use policies::{
    Budget, RateLimit, SafetyPolicy, budgets, rate_limits, safety_policies, tool_classifications,
    tool_permissions,
};
pub use token_issuers::{TokenIssuer, token_issuers};

/// Which rows to read.
#[derive(Clone, Copy)]
pub enum Rows<'a> {
    All,
    Ids(&'a [Uuid]),
}

impl Rows<'_> {
    fn narrow(self, query: &mut QueryBuilder<sqlx::Postgres>, column: &str) {
        if let Self::Ids(ids) = self {
            query.push(" and ").push(column).push(" = any(").push_bind(ids.to_vec()).push(")");
        }
    }
}

/// Makes the transaction see one moment. Must come before its first query.
pub async fn freeze(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("set transaction isolation level repeatable read, read only").execute(conn).await?;
    Ok(())
}

#[derive(FromRow)]
pub struct Organization {
    pub id: Uuid,
    pub slug: String,
    pub name: String,
    pub ip_allowlist: Vec<String>,
    /// The sections of its settings that decide about calls.
    pub call_settings: Value,
}

pub async fn organizations(conn: &mut PgConnection, rows: Rows<'_>) -> sqlx::Result<Vec<Organization>> {
    let mut query = QueryBuilder::new(
        "select id, slug, name,
                array(select jsonb_path_query(settings, '$.security.ip_allowlist[*]') #>> '{}') as ip_allowlist,
                jsonb_build_object('rate_limits', settings -> 'rate_limits', 'tool_policy', settings -> 'tool_policy',
                    'approvals', settings -> 'approvals', 'traces', settings -> 'traces') as call_settings
         from organizations where true",
    );
    rows.narrow(&mut query, "id");
    query.build_query_as().fetch_all(conn).await
}

/// What roles give somebody everywhere and on one team (perhaps none), as SQL: `mcp:*`, ...
macro_rules! permissions_of {
    ($org:literal, $user:literal, $team:literal) => {
        concat!(
            "array(select distinct unnest(r.permissions)
                from roles r
                where r.org_id = ",
            $org,
            " and (
                    exists (select from user_roles a where a.org_id = ",
            $org,
            " and a.user_id = ",
            $user,
            "
                        and a.role_id = r.id
                        and (a.scope_type = 'global' or a.scope_type = 'team' and a.scope_id = ",
            $team,
            "))
                    or exists (select from team_memberships m where m.org_id = ",
            $org,
            "
                        and m.user_id = ",
            $user,
            " and m.team_id = ",
            $team,
            "
                        and r.is_builtin and r.name = 'team_' || m.role)))"
        )
    };
}

/// What roles give somebody on single servers, as SQL: permissions by the server's id.
macro_rules! server_permissions_of {
    ($org:literal, $user:literal) => {
        concat!(
            "coalesce((select jsonb_object_agg(on_server.id, on_server.permissions) from (
                select a.server_id as id, jsonb_agg(distinct permission) as permissions
                from user_roles a
                join roles r on r.org_id = a.org_id and r.id = a.role_id,
                    unnest(r.permissions) as permission
                where a.org_id = ",
            $org,
            " and a.user_id = ",
            $user,
            " and a.server_id is not null
                group by a.server_id) on_server), '{}')"
        )
    };
}

/// The teams somebody is in, as SQL.
macro_rules! teams_of {
    ($org:literal, $user:literal) => {
        concat!(
            "array(select m.team_id from team_memberships m where m.org_id = ",
            $org,
            " and m.user_id = ",
            $user,
            " order by m.team_id)"
        )
    };
}

#[derive(FromRow)]
pub struct User {
    pub id: Uuid,
    pub org_id: Uuid,
    pub sso_provider_id: Option<Uuid>,
    pub sso_subject: Option<String>,
    pub suspended: bool,
    /// Held everywhere. A token names no team, so what is held on one is not among them.
    pub permissions: Vec<String>,
    /// What they may do on one server only, by the server's id.
    pub server_permissions: Json<BTreeMap<Uuid, Vec<String>>>,
    pub team_ids: Vec<Uuid>,
}

pub async fn users(conn: &mut PgConnection, rows: Rows<'_>) -> sqlx::Result<Vec<User>> {
    let mut query = QueryBuilder::new(concat!(
        "select u.id, u.org_id, u.sso_provider_id, u.sso_subject, u.status = 'suspended' as suspended, ",
        permissions_of!("u.org_id", "u.id", "null::uuid"),
        " as permissions, ",
        server_permissions_of!("u.org_id", "u.id"),
        " as server_permissions, ",
        teams_of!("u.org_id", "u.id"),
        " as team_ids from users u where true"
    ));
    rows.narrow(&mut query, "u.id");
    query.build_query_as().fetch_all(conn).await
}

#[derive(FromRow)]
pub struct ApiKey {
    pub id: Uuid,
    pub org_id: Uuid,
    pub name: String,
    pub key_hash: Vec<u8>,
    pub pepper_id: i16,
    pub previous_key_hash: Option<Vec<u8>>,
    pub previous_key_expires_at: Option<DateTime<Utc>>,
    pub environment: String,
    pub permissions: Vec<String>,
    pub servers: Vec<String>,
    pub tools: Vec<String>,
    pub ip_allowlist: Vec<String>,
    pub rate_limit_rpm: Option<i32>,
    pub team_id: Option<Uuid>,
    pub user_id: Option<Uuid>,
    pub expires_at: Option<DateTime<Utc>>,
    pub revoked: bool,
    pub owner_suspended: bool,
    /// What the owner of a personal key may do everywhere or on the key's team: it bounds the key (contract 1.6).
    pub owner_permissions: Vec<String>,
    /// What the owner may do on one server only, by the server's id.
    pub owner_server_permissions: Json<BTreeMap<Uuid, Vec<String>>>,
    /// The teams the owner is in; a service key has no owner.
    pub owner_team_ids: Vec<Uuid>,
}

/// A key that can no longer be used is known for 30 days more, so that its refusal can say why.
pub async fn api_keys(conn: &mut PgConnection, rows: Rows<'_>) -> sqlx::Result<Vec<ApiKey>> {
    let mut query = QueryBuilder::new(concat!(
        "select k.id, k.org_id, k.name, k.key_hash, k.pepper_id, k.previous_key_hash, k.previous_key_expires_at,
                k.environment, k.permissions, k.servers, k.tools, k.ip_allowlist::text[] as ip_allowlist,
                k.rate_limit_rpm, k.team_id, k.user_id, k.expires_at, k.revoked_at is not null as revoked,
                u.status is not distinct from 'suspended' as owner_suspended,
                case when k.user_id is null then '{}' else ",
        permissions_of!("k.org_id", "k.user_id", "k.team_id"),
        " end as owner_permissions, ",
        server_permissions_of!("k.org_id", "k.user_id"),
        " as owner_server_permissions, ",
        teams_of!("k.org_id", "k.user_id"),
        " as owner_team_ids
         from api_keys k left join users u on u.org_id = k.org_id and u.id = k.user_id
         where coalesce(least(k.revoked_at, k.expires_at), 'infinity') > now() - interval '30 days'"
    ));
    rows.narrow(&mut query, "k.id");
    query.build_query_as().fetch_all(conn).await
}

/// What is public of a server, and its two sealed secrets.
#[derive(FromRow)]
pub struct Server {
    pub id: Uuid,
    pub org_id: Uuid,
    pub name: String,
    pub display_name: Option<String>,
    pub description: String,
    pub url: String,
    pub transport: String,
    pub enabled: bool,
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
    pub health: String,
    pub protocol_version: Option<String>,
    pub payload_capture: Option<String>,
}

pub async fn servers(conn: &mut PgConnection, rows: Rows<'_>) -> sqlx::Result<Vec<Server>> {
    let mut query = QueryBuilder::new(
        "select id, org_id, name, display_name, description, url, transport, enabled, auth, auth_encrypted, tls,
                client_key_encrypted, connect_timeout_ms, timeout_ms, stream_idle_timeout_ms, max_concurrency,
                max_request_bytes, max_response_bytes, retry, breaker, health, protocol_version, payload_capture
         from mcp_servers where true",
    );
    rows.narrow(&mut query, "id");
    query.build_query_as().fetch_all(conn).await
}

#[derive(FromRow)]
pub struct Price {
    pub id: Uuid,
    pub server_id: Uuid,
    pub tool_name: Option<String>,
    pub per_call: Decimal,
    pub per_input_token: Decimal,
    pub per_output_token: Decimal,
}

/// The prices valid now, of servers that are still there; one with three nulls withdraws its tool's price.
pub async fn prices(conn: &mut PgConnection, servers: Rows<'_>) -> sqlx::Result<Vec<Price>> {
    let mut query = QueryBuilder::new(
        "select id, server_id, tool_name, per_call, per_input_token, per_output_token from (
            select distinct on (p.org_id, p.server_id, p.tool_name) p.*
            from mcp_server_prices p join mcp_servers s on s.org_id = p.org_id and s.id = p.server_id
            where p.valid_from <= now()",
    );
    servers.narrow(&mut query, "p.server_id");
    query.push(
        " order by p.org_id, p.server_id, p.tool_name, p.valid_from desc) latest
         where per_call is not null
         order by server_id, tool_name nulls first",
    );
    query.build_query_as().fetch_all(conn).await
}

#[derive(FromRow)]
pub struct Tool {
    pub server_id: Uuid,
    pub name: String,
    pub status: String,
    pub schema_hash: String,
    pub approved_hash: Option<String>,
    /// Annotations of the definition a person, or the organization's policy, has approved.
    pub annotations: Option<Value>,
    /// Whether a definition says so: the one that was approved, or the one seen last. The worse of two counts.
    pub destructive: bool,
    /// Whether its output schema wants more of a string than to be one: what is redacted may not fit it.
    pub strict_output: bool,
    /// As the server describes its arguments now, if some of them are headers too.
    pub header_schema: Option<Value>,
    /// The same, JSON, of every tool that describes them in at most 64 KiB.
    pub input_schema: Option<String>,
}

pub async fn tools(conn: &mut PgConnection, servers: Rows<'_>) -> sqlx::Result<Vec<Tool>> {
    let mut query = QueryBuilder::new(
        "select server_id, name, status, schema_hash, approved_hash,
                approved_definition -> 'annotations' as annotations,
                ('true'::jsonb in (definition #> '{annotations,destructiveHint}',
                    approved_definition #> '{annotations,destructiveHint}')) is true as destructive,
                coalesce(jsonb_path_exists(definition -> 'outputSchema', '$.** ? (exists(@.enum) || exists(@.const) ||
                    exists(@.pattern) || exists(@.format) || exists(@.maxLength) || exists(@.minLength))'), false)
                    as strict_output,
                case when definition::text like '%\"x-mcp-header\"%' then
                    coalesce(definition -> 'input_schema', definition -> 'inputSchema') end as header_schema,
                case when octet_length(input_schema) <= 65536 then input_schema end as input_schema
         from mcp_tools, coalesce(definition ->> 'input_schema', definition ->> 'inputSchema') as input_schema
         where status <> 'removed'",
    );
    servers.narrow(&mut query, "server_id");
    query.push(" order by server_id, name");
    query.build_query_as().fetch_all(conn).await
}
