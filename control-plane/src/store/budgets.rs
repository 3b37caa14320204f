//! Budgets: the row, with what its current period has used, and its statements. What is counted is in [`periods`].

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::{
    dimensions::push_any,
    page::{self, Found, Page, SortKey, contains},
};
use crate::{
    auth::Reach,
    id::{BudgetId, OrgId, UserId},
};

pub mod periods;

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct BudgetRow {
    pub id: BudgetId,
    pub org_id: OrgId,
    pub name: String,
    pub scope_type: String,
    /// None: the organization.
    pub scope_id: Option<Uuid>,
    /// The name of the server it is about, by which cost rows know it.
    pub mcp_server: Option<String>,
    pub amount: Decimal,
    pub currency: String,
    pub period: String,
    pub alert_thresholds: Vec<i32>,
    pub enforce: bool,
    pub channel_ids: Vec<Uuid>,
    pub enabled: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
    pub created_by: Option<UserId>,
    pub managed_by: String,
    /// The period it was asked for at.
    pub period_start: DateTime<Utc>,
    pub period_end: DateTime<Utc>,
    pub used: Decimal,
    pub overridden_until: Option<DateTime<Utc>>,
    pub override_reason: Option<String>,
}

const COLUMNS: &str = "b.*, t.period_start, budget_period_beside(b.period, t.period_start, 1) as period_end,
    coalesce(p.used, 0) as used, p.overridden_until, p.override_reason";

pub const SORT: &[SortKey] = &[
    SortKey { name: "created_at", sql: "b.created_at", cast: "timestamptz" },
    SortKey { name: "updated_at", sql: "b.updated_at", cast: "timestamptz" },
    SortKey { name: "name", sql: "b.name::text", cast: "text" },
    SortKey { name: "amount", sql: "b.amount", cast: "numeric" },
    SortKey { name: "used", sql: "coalesce(p.used, 0)", cast: "numeric" },
];

/// Which budgets a list shows; what is absent filters nothing.
#[derive(Debug, Default)]
pub struct Filter {
    pub names: Option<Vec<String>>,
    pub scope_types: Option<Vec<String>>,
    pub scopes: Option<Vec<Uuid>>,
    pub enforce: Option<Vec<bool>>,
    pub enabled: Option<Vec<bool>>,
    pub q: Option<String>,
}

/// What an administrator decides about a budget.
pub struct Content<'a> {
    pub name: &'a str,
    pub scope_type: &'a str,
    pub scope: Option<Uuid>,
    pub mcp_server: Option<&'a str>,
    pub amount: Decimal,
    pub period: &'a str,
    pub alert_thresholds: &'a [i32],
    pub enforce: bool,
    pub channels: &'a [Uuid],
    pub enabled: bool,
}

/// # Errors
/// The database's.
pub async fn list(
    conn: &mut PgConnection,
    org: OrgId,
    reach: &Reach,
    filter: &Filter,
    page: &Page,
    now: DateTime<Utc>,
) -> sqlx::Result<Found<BudgetRow>> {
    page::fetch(conn, page, COLUMNS, "b.id", |query| {
        push_from(query, org, reach, now);
        push_any(query, "b.name", filter.names.as_ref());
        push_any(query, "b.scope_type", filter.scope_types.as_ref());
        push_any(query, "b.scope_id", filter.scopes.as_ref());
        push_any(query, "b.enforce", filter.enforce.as_ref());
        push_any(query, "b.enabled", filter.enabled.as_ref());
        if let Some(q) = &filter.q {
            query.push(" and b.name ilike ").push_bind(contains(q));
        }
    })
    .await
}

/// Every budget with the period that runs at `now`: one that nobody has used yet has no row.
fn push_from(query: &mut QueryBuilder<Postgres>, org: OrgId, reach: &Reach, now: DateTime<Utc>) {
    query.push(" from budgets b cross join lateral (select budget_period_start(b.period, ").push_bind(now);
    query.push(
        ") as period_start) t
        left join budget_periods p on p.org_id = b.org_id and p.budget_id = b.id and p.period_start = t.period_start
        where b.org_id = ",
    );
    query.push_bind(org);
    if !reach.everything {
        query.push(" and (b.scope_type = 'team' and b.scope_id = any(").push_bind(reach.teams.clone());
        query.push(") or b.scope_type = 'server' and b.scope_id = any(").push_bind(reach.servers.clone());
        query.push("))");
    }
}

/// # Errors
/// The database's.
pub async fn get(
    conn: &mut PgConnection,
    org: OrgId,
    reach: &Reach,
    id: BudgetId,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<BudgetRow>> {
    let mut query = QueryBuilder::new(format!("select {COLUMNS}"));
    push_from(&mut query, org, reach, now);
    query.push(" and b.id = ").push_bind(id);
    query.build_query_as().fetch_optional(conn).await
}

/// Nothing is counted yet: see [`periods::count_anew`].
///
/// # Errors
/// The database's; a name that is taken is a named constraint.
pub async fn insert(
    conn: &mut PgConnection,
    org: OrgId,
    id: BudgetId,
    created_by: Option<UserId>,
    content: &Content<'_>,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into budgets (id, org_id, created_by, name, scope_type, scope_id, mcp_server, amount, period,
            alert_thresholds, enforce, channel_ids, enabled)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(id)
    .bind(org)
    .bind(created_by)
    .bind(content.name)
    .bind(content.scope_type)
    .bind(content.scope)
    .bind(content.mcp_server)
    .bind(content.amount)
    .bind(content.period)
    .bind(content.alert_thresholds)
    .bind(content.enforce)
    .bind(content.channels)
    .bind(content.enabled)
    .execute(conn)
    .await?;
    Ok(())
}

/// # Errors
/// The database's; a name that is taken is a named constraint.
pub async fn update(
    conn: &mut PgConnection,
    org: OrgId,
    id: BudgetId,
    content: &Content<'_>,
) -> sqlx::Result<()> {
    sqlx::query(
        "update budgets set name = $3, scope_type = $4, scope_id = $5, mcp_server = $6, amount = $7, period = $8,
            alert_thresholds = $9, enforce = $10, channel_ids = $11, enabled = $12, updated_at = now(),
            version = version + 1
         where org_id = $1 and id = $2",
    )
    .bind(org)
    .bind(id)
    .bind(content.name)
    .bind(content.scope_type)
    .bind(content.scope)
    .bind(content.mcp_server)
    .bind(content.amount)
    .bind(content.period)
    .bind(content.alert_thresholds)
    .bind(content.enforce)
    .bind(content.channels)
    .bind(content.enabled)
    .execute(conn)
    .await?;
    Ok(())
}

/// Its periods go with it.
///
/// # Errors
/// The database's.
pub async fn delete(conn: &mut PgConnection, org: OrgId, id: BudgetId) -> sqlx::Result<()> {
    sqlx::query("delete from budgets where org_id = $1 and id = $2").bind(org).bind(id).execute(conn).await?;
    Ok(())
}

/// Which of these alert channels the organization has.
///
/// # Errors
/// The database's.
pub async fn list_channels(conn: &mut PgConnection, org: OrgId, ids: &[Uuid]) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar("select id from alert_channels where org_id = $1 and id = any($2)")
        .bind(org)
        .bind(ids)
        .fetch_all(conn)
        .await
}
