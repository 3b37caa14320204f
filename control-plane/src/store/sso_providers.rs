//! Identity providers (`sso_providers`): the row, and every statement about it.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection};

use super::{
    dimensions::push_any,
    page::{self, Found, Page, SortKey, contains},
};
use crate::id::{OrgId, ProviderId, UserId};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ProviderRow {
    pub id: ProviderId,
    pub org_id: OrgId,
    #[sqlx(flatten)]
    pub settings: Settings,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
    pub created_by: Option<UserId>,
    pub managed_by: String,
    /// Whether a platform administrator decided who its people are: else it signs none of those in.
    pub for_platform_admins: bool,
}

/// The columns an administrator decides about.
#[derive(Clone, Debug, sqlx::FromRow, PartialEq)]
pub struct Settings {
    pub r#type: String,
    pub name: String,
    pub issuer_url: String,
    pub client_id: String,
    pub client_secret_encrypted: Vec<u8>,
    pub scopes: Vec<String>,
    pub claim_mappings: Value,
    pub group_mappings: Value,
    pub allowed_domains: Vec<String>,
    pub jit_provisioning: bool,
    pub default_role: String,
    pub mcp_tokens: bool,
    pub enabled: bool,
}

impl Settings {
    /// Whether tokens of one are signed by the keys of the other.
    #[must_use]
    pub fn has_same_keys(&self, other: &Self) -> bool {
        self.r#type == other.r#type && self.issuer_url == other.issuer_url
    }

    /// Whether both say the same of who somebody is.
    #[must_use]
    pub fn tells_apart_as(&self, other: &Self) -> bool {
        self.has_same_subjects(other) && self.claim_mappings == other.claim_mappings
    }

    /// Whether a subject of one is the same person at the other: some issuers name people for each client anew (Core §8).
    #[must_use]
    pub fn has_same_subjects(&self, other: &Self) -> bool {
        self.has_same_keys(other) && self.client_id == other.client_id
    }
}

const COLUMNS: &str = "p.id, p.org_id, p.type, p.name, p.issuer_url, p.client_id, p.client_secret_encrypted, p.scopes,
    p.claim_mappings, p.group_mappings, p.allowed_domains, p.jit_provisioning, p.default_role, p.mcp_tokens, p.enabled,
    p.created_at, p.updated_at, p.version, p.created_by, p.managed_by, p.for_platform_admins";

pub const SORT: &[SortKey] = &[
    SortKey { name: "created_at", sql: "p.created_at", cast: "timestamptz" },
    SortKey { name: "updated_at", sql: "p.updated_at", cast: "timestamptz" },
    SortKey { name: "name", sql: "p.name::text", cast: "text" },
];

/// Which providers a list shows; what is absent filters nothing.
#[derive(Debug, Default)]
pub struct Filter {
    pub types: Option<Vec<String>>,
    pub enabled: Option<Vec<bool>>,
    pub q: Option<String>,
}

/// Before the organization is known: whose it is.
///
/// # Errors
/// The database's.
pub async fn find_org(conn: &mut PgConnection, id: ProviderId) -> sqlx::Result<Option<OrgId>> {
    sqlx::query_scalar("select org_id from find_sso_provider($1)").bind(id).fetch_optional(conn).await
}

/// # Errors
/// The database's.
pub async fn list(
    conn: &mut PgConnection,
    org: OrgId,
    filter: &Filter,
    page: &Page,
) -> sqlx::Result<Found<ProviderRow>> {
    page::fetch(conn, page, COLUMNS, "p.id", |query| {
        query.push(" from sso_providers p where p.org_id = ").push_bind(org);
        push_any(query, "p.type", filter.types.as_ref());
        push_any(query, "p.enabled", filter.enabled.as_ref());
        if let Some(q) = &filter.q {
            query.push(" and concat_ws(' ', p.name, p.issuer_url) ilike ").push_bind(contains(q));
        }
    })
    .await
}

/// Those one can sign in by.
///
/// # Errors
/// The database's.
pub async fn list_enabled(conn: &mut PgConnection, org: OrgId) -> sqlx::Result<Vec<ProviderRow>> {
    let query =
        format!("select {COLUMNS} from sso_providers p where p.org_id = $1 and p.enabled order by p.name");
    sqlx::query_as(AssertSqlSafe(query)).bind(org).fetch_all(conn).await
}

/// # Errors
/// The database's.
pub async fn get(conn: &mut PgConnection, org: OrgId, id: ProviderId) -> sqlx::Result<Option<ProviderRow>> {
    let query = format!("select {COLUMNS} from sso_providers p where p.org_id = $1 and p.id = $2");
    sqlx::query_as(AssertSqlSafe(query)).bind(org).bind(id).fetch_optional(conn).await
}

/// As [`get`], and nobody else changes it until the transaction ends.
///
/// # Errors
/// The database's.
pub async fn lock(conn: &mut PgConnection, org: OrgId, id: ProviderId) -> sqlx::Result<Option<ProviderRow>> {
    let query = format!("select {COLUMNS} from sso_providers p where p.org_id = $1 and p.id = $2 for update");
    sqlx::query_as(AssertSqlSafe(query)).bind(org).bind(id).fetch_optional(conn).await
}

/// As [`get`], and nobody changes or deletes it until the transaction ends: a sign-in counts on it.
///
/// # Errors
/// The database's.
pub async fn hold(conn: &mut PgConnection, org: OrgId, id: ProviderId) -> sqlx::Result<Option<ProviderRow>> {
    let query = format!("select {COLUMNS} from sso_providers p where p.org_id = $1 and p.id = $2 for share");
    sqlx::query_as(AssertSqlSafe(query)).bind(org).bind(id).fetch_optional(conn).await
}

/// # Errors
/// The database's; a name that is taken is a named constraint.
pub async fn insert(
    conn: &mut PgConnection,
    org: OrgId,
    id: ProviderId,
    created_by: Option<UserId>,
    settings: &Settings,
    for_platform_admins: bool,
) -> sqlx::Result<ProviderRow> {
    let query = format!(
        "insert into sso_providers as p (type, name, issuer_url, client_id, client_secret_encrypted, scopes,
            claim_mappings, group_mappings, allowed_domains, jit_provisioning, default_role, mcp_tokens, enabled,
            org_id, id, created_by, for_platform_admins)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) returning {COLUMNS}"
    );
    let insert = bind_settings(sqlx::query_as(AssertSqlSafe(query)), settings);
    insert.bind(org).bind(id).bind(created_by).bind(for_platform_admins).fetch_one(conn).await
}

/// # Errors
/// The database's; a name that is taken is a named constraint.
pub async fn update(
    conn: &mut PgConnection,
    org: OrgId,
    id: ProviderId,
    settings: &Settings,
    for_platform_admins: bool,
) -> sqlx::Result<ProviderRow> {
    let query = format!(
        "update sso_providers p set type = $1, name = $2, issuer_url = $3, client_id = $4,
            client_secret_encrypted = $5, scopes = $6, claim_mappings = $7, group_mappings = $8, allowed_domains = $9,
            jit_provisioning = $10, default_role = $11, mcp_tokens = $12, enabled = $13,
            for_platform_admins = $16, updated_at = now(), version = version + 1
         where p.org_id = $14 and p.id = $15 returning {COLUMNS}"
    );
    let update = bind_settings(sqlx::query_as(AssertSqlSafe(query)), settings);
    update.bind(org).bind(id).bind(for_platform_admins).fetch_one(conn).await
}

type Statement<'q> = sqlx::query::QueryAs<'q, sqlx::Postgres, ProviderRow, sqlx::postgres::PgArguments>;

fn bind_settings<'q>(statement: Statement<'q>, settings: &'q Settings) -> Statement<'q> {
    statement
        .bind(&settings.r#type)
        .bind(&settings.name)
        .bind(&settings.issuer_url)
        .bind(&settings.client_id)
        .bind(&settings.client_secret_encrypted)
        .bind(&settings.scopes)
        .bind(&settings.claim_mappings)
        .bind(&settings.group_mappings)
        .bind(&settings.allowed_domains)
        .bind(settings.jit_provisioning)
        .bind(&settings.default_role)
        .bind(settings.mcp_tokens)
        .bind(settings.enabled)
}

/// What its group mappings granted goes with it; its people stay.
///
/// # Errors
/// The database's.
pub async fn delete(conn: &mut PgConnection, org: OrgId, id: ProviderId) -> sqlx::Result<()> {
    let query = "delete from sso_providers where org_id = $1 and id = $2";
    sqlx::query(query).bind(org).bind(id).execute(conn).await?;
    Ok(())
}
