//! Organizations (tenants).

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;

use super::{
    dimensions::push_any,
    page::{self, Found, Page, SortKey, contains},
};
use crate::id::{OrgId, UserId};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct OrganizationRow {
    pub id: OrgId,
    pub name: String,
    pub slug: String,
    pub billing_email: Option<String>,
    pub plan: String,
    /// Only what an administrator changed; the defaults live in code.
    pub settings: Value,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
    pub created_by: Option<UserId>,
    pub managed_by: String,
}

pub const SORT: &[SortKey] = &[
    SortKey { name: "created_at", sql: "o.created_at", cast: "timestamptz" },
    SortKey { name: "updated_at", sql: "o.updated_at", cast: "timestamptz" },
    SortKey { name: "name", sql: "o.name::text", cast: "text" },
];

/// # Errors
/// The database's.
pub async fn get(conn: &mut PgConnection, org: OrgId) -> sqlx::Result<Option<OrganizationRow>> {
    sqlx::query_as("select * from organizations where id = $1").bind(org).fetch_optional(conn).await
}

/// Nobody else changes it until the transaction ends. Rows that point at it are written meanwhile: those that do would
/// hold what we come to want, such as the head of the audit log.
///
/// # Errors
/// The database's.
pub async fn lock(conn: &mut PgConnection, org: OrgId) -> sqlx::Result<Option<OrganizationRow>> {
    sqlx::query_as("select * from organizations where id = $1 for no key update")
        .bind(org)
        .fetch_optional(conn)
        .await
}

/// Before the organization is known.
///
/// # Errors
/// The database's.
pub async fn find_by_slug(conn: &mut PgConnection, slug: &str) -> sqlx::Result<Option<OrganizationRow>> {
    sqlx::query_as("select * from organization_by_slug($1)").bind(slug).fetch_optional(conn).await
}

/// The organization of a deployment that has one only.
///
/// # Errors
/// The database's.
pub async fn find_only(conn: &mut PgConnection) -> sqlx::Result<Option<OrganizationRow>> {
    sqlx::query_as("select * from only_organization()").fetch_optional(conn).await
}

/// Makes replicas that start together take turns, until the transaction ends.
///
/// # Errors
/// The database's.
pub async fn lock_first(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('gatewayops.bootstrap', 0))")
        .execute(conn)
        .await?;
    Ok(())
}

/// Whether there is none yet; for the worker.
///
/// # Errors
/// The database's.
pub async fn is_first(conn: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar("select not exists (select from organizations)").fetch_one(conn).await
}

/// The oldest organization: the one the first start made; for the worker.
///
/// # Errors
/// The database's.
pub async fn oldest(conn: &mut PgConnection) -> sqlx::Result<Option<OrgId>> {
    sqlx::query_scalar("select id from organizations order by created_at, id limit 1")
        .fetch_optional(conn)
        .await
}

/// A trigger adds its built-in roles and default policy; for the worker.
///
/// # Errors
/// The database's; a slug that is taken is a named constraint.
pub async fn insert(
    conn: &mut PgConnection,
    org: OrgId,
    created_by: Option<UserId>,
    name: &str,
    slug: &str,
) -> sqlx::Result<OrganizationRow> {
    sqlx::query_as(
        "insert into organizations (id, created_by, name, slug, managed_by) values ($1, $2, $3, $4, 'api')
         returning *",
    )
    .bind(org)
    .bind(created_by)
    .bind(name)
    .bind(slug)
    .fetch_one(conn)
    .await
}

/// Which organizations a list shows; what is absent filters nothing.
#[derive(Debug, Default)]
pub struct Filter {
    pub names: Option<Vec<String>>,
    pub slugs: Option<Vec<String>>,
    pub q: Option<String>,
}

/// All there are; for the worker, and for no one but platform administrators.
///
/// # Errors
/// The database's.
pub async fn list(
    conn: &mut PgConnection,
    filter: &Filter,
    page: &Page,
) -> sqlx::Result<Found<OrganizationRow>> {
    page::fetch(conn, page, "o.*", "o.id", |query| {
        query.push(" from organizations o where true");
        push_any(query, "o.name", filter.names.as_ref());
        push_any(query, "o.slug", filter.slugs.as_ref());
        if let Some(q) = &filter.q {
            query.push(" and concat_ws(' ', o.name, o.slug) ilike ").push_bind(contains(q));
        }
    })
    .await
}

/// The slugs in use that are `slug` or begin with `slug-`; for the worker.
///
/// # Errors
/// The database's.
pub async fn list_slugs(conn: &mut PgConnection, slug: &str) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar("select slug from organizations where slug = $1 or starts_with(slug, $1 || '-')")
        .bind(slug)
        .fetch_all(conn)
        .await
}

/// # Errors
/// The database's.
pub async fn update(
    conn: &mut PgConnection,
    org: OrgId,
    name: &str,
    billing_email: Option<&str>,
) -> sqlx::Result<OrganizationRow> {
    sqlx::query_as(
        "update organizations set name = $2, billing_email = $3::citext, updated_at = now(), version = version + 1
         where id = $1 returning *",
    )
    .bind(org)
    .bind(name)
    .bind(billing_email)
    .fetch_one(conn)
    .await
}
