//! Audit rows by their filters: lists, exports, figures.

use std::net::IpAddr;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};

use super::{AuditRow, COLUMNS};
use crate::{
    id::OrgId,
    store::{
        dimensions::push_any,
        page::{self, Found, Page, SortKey, TimeRange, contains},
    },
};

pub const SORT: &[SortKey] = &[
    SortKey { name: "created_at", sql: "r.created_at", cast: "timestamptz" },
    SortKey { name: "seq", sql: "r.seq", cast: "bigint" },
];

/// Which rows; none means any.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// `*` stands for any run of characters.
    pub action: Option<Vec<String>>,
    pub outcome: Option<Vec<String>>,
    pub resource_type: Option<Vec<String>>,
    pub resource_id: Option<Vec<String>>,
    pub actor_type: Option<Vec<String>>,
    pub actor_id: Option<Vec<String>>,
    pub ip_address: Option<Vec<IpAddr>>,
    pub request_id: Option<Vec<String>>,
    /// Text in any of these, in the names, or in the details.
    pub q: Option<String>,
    /// Up to this row.
    pub through: Option<i64>,
}

/// Where `q` looks.
const TEXT: &str =
    "concat_ws(' ', r.action, r.outcome, r.resource_type, r.resource_id, r.resource_name, r.actor_type,
    r.actor_id, r.actor_name, host(r.ip_address), r.request_id, r.details::text)";

impl Filter {
    fn push(&self, query: &mut QueryBuilder<Postgres>, org: OrgId) {
        query.push(" from audit_logs r where r.org_id = ").push_bind(org);
        if let Some(globs) = &self.action {
            let patterns: Vec<_> = globs.iter().map(|glob| like(glob)).collect();
            query.push(" and r.action like any(").push_bind(patterns).push(")");
        }
        push_any(query, "r.outcome", self.outcome.as_ref());
        push_any(query, "r.resource_type", self.resource_type.as_ref());
        push_any(query, "r.resource_id", self.resource_id.as_ref());
        push_any(query, "r.actor_type", self.actor_type.as_ref());
        push_any(query, "r.actor_id", self.actor_id.as_ref());
        push_any(query, "r.request_id", self.request_id.as_ref());
        if let Some(addresses) = &self.ip_address {
            let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
            query.push(" and r.ip_address = any(").push_bind(addresses).push("::text[]::inet[])");
        }
        if let Some(text) = &self.q {
            query.push(format_args!(" and {TEXT} ilike ")).push_bind(contains(text));
        }
        if let Some(through) = self.through {
            query.push(" and r.seq <= ").push_bind(through);
        }
    }

    fn push_within(&self, query: &mut QueryBuilder<Postgres>, org: OrgId, range: TimeRange) {
        self.push(query, org);
        if let Some(start) = range.start {
            query.push(" and r.created_at >= ").push_bind(start);
        }
        if let Some(end) = range.end {
            query.push(" and r.created_at < ").push_bind(end);
        }
    }
}

/// A glob as a pattern for `like`: only `*` is special in it.
fn like(glob: &str) -> String {
    glob.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_").replace('*', "%")
}

/// # Errors
/// The database's.
pub async fn list(
    conn: &mut PgConnection,
    org: OrgId,
    page: &Page,
    filter: &Filter,
) -> sqlx::Result<Found<AuditRow>> {
    page::fetch(conn, page, COLUMNS, "r.id", |query| filter.push(query, org)).await
}

/// How many there are; counting stops behind `most`.
///
/// # Errors
/// The database's.
pub async fn count(
    conn: &mut PgConnection,
    org: OrgId,
    filter: &Filter,
    range: TimeRange,
    most: i64,
) -> sqlx::Result<i64> {
    let mut query = QueryBuilder::new("select count(*) from (select");
    filter.push_within(&mut query, org, range);
    query.push(" limit ").push_bind(most + 1).push(") counted");
    query.build_query_scalar().fetch_one(conn).await
}

/// What rows can be counted by.
#[derive(Clone, Copy, Debug)]
pub enum By {
    Action,
    Outcome,
    ActorType,
}

/// How often each value occurs, the commonest first.
///
/// # Errors
/// The database's.
pub async fn count_by(
    conn: &mut PgConnection,
    org: OrgId,
    filter: &Filter,
    range: TimeRange,
    by: By,
) -> sqlx::Result<Vec<(String, i64)>> {
    let column = match by {
        By::Action => "r.action",
        By::Outcome => "r.outcome",
        By::ActorType => "r.actor_type",
    };
    let mut query = QueryBuilder::new(format!("select {column}, count(*)"));
    filter.push_within(&mut query, org, range);
    query.push(" group by 1 order by 2 desc, 1 limit 200");
    query.build_query_as().fetch_all(conn).await
}

#[derive(Clone, Debug, FromRow)]
pub struct Day {
    pub date: NaiveDate,
    pub total: i64,
}

/// Every UTC day the range touches, those without rows too.
///
/// # Errors
/// The database's.
pub async fn by_day(
    conn: &mut PgConnection,
    org: OrgId,
    filter: &Filter,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
) -> sqlx::Result<Vec<Day>> {
    let mut query = QueryBuilder::new(
        "select day::date as date, coalesce(total, 0) as total from generate_series(date_trunc('day', ",
    );
    query.push_bind(start).push(" at time zone 'UTC'), (").push_bind(end);
    query.push(
        " at time zone 'UTC') - interval '1 microsecond', interval '1 day') as day
        left join (select date_trunc('day', r.created_at at time zone 'UTC') as day, count(*) as total",
    );
    filter.push_within(&mut query, org, TimeRange { start: Some(start), end: Some(end) });
    query.push(" group by 1) counted using (day) order by day");
    query.build_query_as().fetch_all(conn).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_star_of_a_glob_is_special() {
        assert_eq!(like("api_key.*"), r"api\_key.%");
        assert_eq!(like(r"50%_\*"), r"50\%\_\\%");
    }
}
