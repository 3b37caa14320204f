//! Teams: the row and its statements.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection, Postgres, QueryBuilder};

use super::{
    dimensions::push_any,
    page::{self, Found, Page, SortKey, contains},
};
use crate::{
    auth::Reach,
    id::{OrgId, TeamId, UserId},
};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct TeamRow {
    pub id: TeamId,
    pub org_id: OrgId,
    pub name: String,
    pub slug: String,
    pub description: String,
    pub settings: Value,
    pub member_count: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
    pub created_by: Option<UserId>,
    pub managed_by: String,
}

const COLUMNS: &str = "t.*,
    (select count(*) from team_memberships m where m.org_id = t.org_id and m.team_id = t.id) as member_count";

pub const SORT: &[SortKey] = &[
    SortKey { name: "created_at", sql: "t.created_at", cast: "timestamptz" },
    SortKey { name: "updated_at", sql: "t.updated_at", cast: "timestamptz" },
    SortKey { name: "name", sql: "t.name::text", cast: "text" },
];

/// Which teams a list shows; what is absent filters nothing.
#[derive(Debug, Default)]
pub struct Filter {
    pub names: Option<Vec<String>>,
    pub slugs: Option<Vec<String>>,
    pub q: Option<String>,
}

/// What an administrator decides about a team.
pub struct Content<'a> {
    pub name: &'a str,
    pub slug: &'a str,
    pub description: &'a str,
    pub settings: &'a Value,
}

/// # Errors
/// The database's.
pub async fn list(
    conn: &mut PgConnection,
    org: OrgId,
    reach: &Reach,
    filter: &Filter,
    page: &Page,
) -> sqlx::Result<Found<TeamRow>> {
    page::fetch(conn, page, COLUMNS, "t.id", |query| {
        query.push(" from teams t where t.org_id = ").push_bind(org);
        push_reach(query, reach);
        push_any(query, "t.name", filter.names.as_ref());
        push_any(query, "t.slug", filter.slugs.as_ref());
        if let Some(q) = &filter.q {
            query.push(" and concat_ws(' ', t.name, t.slug, t.description) ilike ").push_bind(contains(q));
        }
    })
    .await
}

fn push_reach(query: &mut QueryBuilder<Postgres>, reach: &Reach) {
    if !reach.everything {
        query.push(" and t.id = any(").push_bind(reach.teams.clone()).push(")");
    }
}

/// # Errors
/// The database's.
pub async fn get(
    conn: &mut PgConnection,
    org: OrgId,
    reach: &Reach,
    id: TeamId,
    lock: bool,
) -> sqlx::Result<Option<TeamRow>> {
    let mut query = QueryBuilder::new(format!("select {COLUMNS} from teams t where t.org_id = "));
    query.push_bind(org).push(" and t.id = ").push_bind(id);
    push_reach(&mut query, reach);
    if lock {
        query.push(" for update of t");
    }
    query.build_query_as().fetch_optional(conn).await
}

/// The slugs in use that are `slug` or begin with `slug-`.
///
/// # Errors
/// The database's.
pub async fn list_slugs(conn: &mut PgConnection, org: OrgId, slug: &str) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "select slug from teams where org_id = $1 and (slug = $2 or starts_with(slug, $2 || '-'))",
    )
    .bind(org)
    .bind(slug)
    .fetch_all(conn)
    .await
}

/// # Errors
/// The database's; a name or slug that is taken is a named constraint.
pub async fn insert(
    conn: &mut PgConnection,
    org: OrgId,
    id: TeamId,
    created_by: Option<UserId>,
    content: &Content<'_>,
) -> sqlx::Result<TeamRow> {
    let query = format!(
        "insert into teams as t (id, org_id, created_by, name, slug, description, settings)
         values ($1, $2, $3, $4, $5, $6, $7) returning {COLUMNS}"
    );
    sqlx::query_as(AssertSqlSafe(query))
        .bind(id)
        .bind(org)
        .bind(created_by)
        .bind(content.name)
        .bind(content.slug)
        .bind(content.description)
        .bind(content.settings)
        .fetch_one(conn)
        .await
}

/// # Errors
/// The database's; a name or slug that is taken is a named constraint.
pub async fn update(
    conn: &mut PgConnection,
    org: OrgId,
    id: TeamId,
    content: &Content<'_>,
) -> sqlx::Result<TeamRow> {
    let query = format!(
        "update teams t set name = $3, slug = $4, description = $5, settings = $6, updated_at = now(),
            version = version + 1
         where t.org_id = $1 and t.id = $2 returning {COLUMNS}"
    );
    sqlx::query_as(AssertSqlSafe(query))
        .bind(org)
        .bind(id)
        .bind(content.name)
        .bind(content.slug)
        .bind(content.description)
        .bind(content.settings)
        .fetch_one(conn)
        .await
}

/// Memberships and what was granted on the team go with it; its keys stay, without a team.
///
/// # Errors
/// The database's.
pub async fn delete(conn: &mut PgConnection, org: OrgId, id: TeamId) -> sqlx::Result<()> {
    sqlx::query("delete from teams where org_id = $1 and id = $2").bind(org).bind(id).execute(conn).await?;
    Ok(())
}
