//! One page of a list: the same keyset paging, offset, sort, time range and count for every noun (contract 1.2).

use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder, postgres::PgRow};
use uuid::Uuid;

/// Counting an event list stops here.
pub const COUNT_CAP: i64 = 10_000;

/// A field lists can be sorted by. `sql` is never null and compares like `cast`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SortKey {
    pub name: &'static str,
    pub sql: &'static str,
    pub cast: &'static str,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Start {
    First,
    /// Behind the row with this sort key (as text) and id.
    After {
        key: String,
        id: Uuid,
    },
    Offset(i64),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Count {
    Skip,
    Exact,
    Capped,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct TimeRange {
    /// Inclusive.
    pub start: Option<DateTime<Utc>>,
    /// Exclusive.
    pub end: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug)]
pub struct Page {
    pub limit: i64,
    pub start: Start,
    pub sort: SortKey,
    pub descending: bool,
    pub count: Count,
    /// On the list's default sort field.
    pub range: TimeRange,
    pub range_sql: &'static str,
}

#[derive(Debug)]
pub struct Found<T> {
    pub rows: Vec<T>,
    /// Sort key and id of the last row, when more follow.
    pub next: Option<(String, Uuid)>,
    pub total: Option<i64>,
    pub total_capped: bool,
}

impl<T> Found<T> {
    pub fn map<U>(self, convert: impl FnMut(T) -> U) -> Found<U> {
        let rows = self.rows.into_iter().map(convert).collect();
        Found { rows, next: self.next, total: self.total, total_capped: self.total_capped }
    }
}

#[derive(FromRow)]
struct Keyed<T> {
    #[sqlx(flatten)]
    row: T,
    page_key: String,
    page_id: Uuid,
}

#[derive(FromRow)]
struct Counted<T> {
    #[sqlx(flatten)]
    keyed: Keyed<T>,
    page_total: i64,
}

/// `columns` and `id` are SQL of the caller's own; `filtered` pushes ` from ... where org_id = ...` and the filters.
///
/// # Errors
/// The database's.
pub async fn fetch<T>(
    conn: &mut PgConnection,
    page: &Page,
    columns: &'static str,
    id: &'static str,
    filtered: impl Fn(&mut QueryBuilder<Postgres>),
) -> sqlx::Result<Found<T>>
where
    T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
{
    let key = page.sort.sql;
    let mut query =
        QueryBuilder::new(format!("select {columns}, ({key})::text as page_key, {id} as page_id"));
    filtered(&mut query);
    push_range(&mut query, page);
    push_place(&mut query, page, id);
    let keyed: Vec<Keyed<T>> = query.build_query_as().fetch_all(&mut *conn).await?;
    with_total(conn, page, turned(keyed, page), filtered).await
}

/// Adds how many rows `filtered` tells, as the page wants it.
///
/// # Errors
/// The database's.
pub async fn with_total<T>(
    conn: &mut PgConnection,
    page: &Page,
    found: Found<T>,
    filtered: impl Fn(&mut QueryBuilder<Postgres>),
) -> sqlx::Result<Found<T>> {
    let (total, total_capped) = count(conn, page, filtered).await?;
    Ok(Found { total, total_capped, ..found })
}

/// As [`fetch`], of a list that is worked out and not stored: once for the page and for the count. `id` and the sort key are
/// of the columns of `g`, which `worked_out` pushes a `select` for.
///
/// # Errors
/// The database's.
pub async fn fetch_worked_out<T>(
    conn: &mut PgConnection,
    page: &Page,
    id: &'static str,
    worked_out: impl Fn(&mut QueryBuilder<Postgres>),
) -> sqlx::Result<Found<T>>
where
    T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
{
    let key = page.sort.sql;
    let mut query = QueryBuilder::new("with listed as materialized (");
    worked_out(&mut query);
    query.push(format_args!(
        ") select g.*, ({key})::text as page_key, {id} as page_id, (select count(*) from listed) as page_total
        from listed g where true"
    ));
    push_place(&mut query, page, id);
    let counted: Vec<Counted<T>> = query.build_query_as().fetch_all(&mut *conn).await?;
    let total = match (counted.first(), page.start == Start::First) {
        (Some(first), _) => first.page_total,
        (None, true) => 0,
        (None, false) => {
            let mut query = QueryBuilder::new("select count(*) from (");
            worked_out(&mut query);
            query.push(") g").build_query_scalar().fetch_one(conn).await?
        }
    };
    let found = turned(counted.into_iter().map(|counted| counted.keyed).collect(), page);
    Ok(Found { total: (page.count != Count::Skip).then_some(total), ..found })
}

/// The page, if what `narrows` the list (`<joins> where ...`) leaves enough of the next `most` rows that `filtered` tells:
/// what is common is found by looking, and only what is rare by searching. `None` says nothing about the others. For pages
/// that begin at a place, not at a number of rows.
///
/// # Errors
/// The database's.
pub async fn fetch_among<T>(
    conn: &mut PgConnection,
    page: &Page,
    (columns, id): (&'static str, &'static str),
    most: i64,
    filtered: impl Fn(&mut QueryBuilder<Postgres>),
    narrows: impl Fn(&mut QueryBuilder<Postgres>),
) -> sqlx::Result<Option<Found<T>>>
where
    T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
{
    let key = page.sort.sql;
    let mut query = QueryBuilder::new(format!(
        "select {columns}, ({key})::text as page_key, {id} as page_id from (select r.*"
    ));
    filtered(&mut query);
    push_range(&mut query, page);
    push_after(&mut query, page, id);
    push_order(&mut query, page, id, most);
    query.push(") r");
    narrows(&mut query);
    push_order(&mut query, page, id, page.limit + 1);
    let keyed: Vec<Keyed<T>> = query.build_query_as().fetch_all(conn).await?;
    Ok((keyed.len() as i64 > page.limit).then(|| turned(keyed, page)))
}

/// Where the page begins, its order and its length.
fn push_place(query: &mut QueryBuilder<Postgres>, page: &Page, id: &'static str) {
    push_after(query, page, id);
    push_order(query, page, id, page.limit + 1);
    if let Start::Offset(offset) = page.start {
        query.push(" offset ").push_bind(offset);
    }
}

fn push_after(query: &mut QueryBuilder<Postgres>, page: &Page, id: &'static str) {
    let Start::After { key: last, id: last_id } = &page.start else { return };
    let (key, behind) = (page.sort.sql, if page.descending { "<" } else { ">" });
    query.push(format_args!(" and ({key}, {id}) {behind} ("));
    query.push_bind(last.clone()).push(format_args!("::{}, ", page.sort.cast));
    query.push_bind(*last_id).push(")");
}

fn push_order(query: &mut QueryBuilder<Postgres>, page: &Page, id: &'static str, limit: i64) {
    let (key, order) = (page.sort.sql, if page.descending { "desc" } else { "asc" });
    query.push(format_args!(" order by {key} {order}, {id} {order} limit ")).push_bind(limit);
}

/// The rows of a page, of which one more was read than it has.
fn turned<T>(mut keyed: Vec<Keyed<T>>, page: &Page) -> Found<T> {
    let more = keyed.len() as i64 > page.limit;
    keyed.truncate(usize::try_from(page.limit).unwrap_or_default());
    let next = if more { keyed.last().map(|last| (last.page_key.clone(), last.page_id)) } else { None };
    let rows = keyed.into_iter().map(|keyed| keyed.row).collect();
    Found { rows, next, total: None, total_capped: false }
}

async fn count(
    conn: &mut PgConnection,
    page: &Page,
    filtered: impl Fn(&mut QueryBuilder<Postgres>),
) -> sqlx::Result<(Option<i64>, bool)> {
    if page.count == Count::Skip {
        return Ok((None, false));
    }
    let mut query = QueryBuilder::new("select count(*) from (select 1");
    filtered(&mut query);
    push_range(&mut query, page);
    if page.count == Count::Capped {
        query.push(" limit ").push_bind(COUNT_CAP + 1);
    }
    let total: i64 = query.push(") counted").build_query_scalar().fetch_one(conn).await?;
    let capped = page.count == Count::Capped && total > COUNT_CAP;
    Ok((Some(if capped { COUNT_CAP } else { total }), capped))
}

fn push_range(query: &mut QueryBuilder<Postgres>, page: &Page) {
    if let Some(start) = page.range.start {
        query.push(format_args!(" and {} >= ", page.range_sql)).push_bind(start);
    }
    if let Some(end) = page.range.end {
        query.push(format_args!(" and {} < ", page.range_sql)).push_bind(end);
    }
}

/// `q` as a pattern for `ilike`: its own wildcards are literal.
#[must_use]
pub fn contains(text: &str) -> String {
    format!("%{}%", text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_"))
}
