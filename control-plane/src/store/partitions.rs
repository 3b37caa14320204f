//! The partitions of the event tables; what they are is said in the migrations that make and drop them.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Makes all partitions that the days around `now` need.
pub async fn ensure(conn: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query("select ensure_partitions($1)").bind(now).execute(conn).await?;
    Ok(())
}

/// One partition and the time it is for, the end exclusive.
#[derive(Clone, Debug, Eq, PartialEq, sqlx::FromRow)]
pub struct Partition {
    pub name: String,
    pub begins: DateTime<Utc>,
    pub ends: DateTime<Utc>,
}

/// Those of a table, the oldest first.
///
/// # Errors
/// The database's.
pub async fn list(conn: &mut PgConnection, table: &str) -> sqlx::Result<Vec<Partition>> {
    sqlx::query_as(
        r"select name, begins::timestamptz, ends::timestamptz
         from (
            select c.relname::text as name,
                substring(bound from 'FROM \(''([^'']+)''\)') as begins, substring(bound from 'TO \(''([^'']+)''\)') as ends
            from pg_inherits i join pg_class c on c.oid = i.inhrelid, pg_get_expr(c.relpartbound, c.oid) as bound
            where i.inhparent = to_regclass(quote_ident($1)) and c.relkind = 'r' and not i.inhdetachpending
         ) bounds
         order by ends::timestamptz",
    )
    .bind(table)
    .fetch_all(conn)
    .await
}

/// What became of a partition that was to be dropped.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Drop {
    Dropped,
    /// An organization under legal hold has rows in it.
    Held,
    /// It is not old enough, or not there any more.
    Kept,
    /// Somebody uses the table, and nobody shall wait behind us.
    Busy,
}

/// Drops a partition that ends before `before`, unless somebody under legal hold has rows in it. A transaction of its
/// own: after [`Drop::Busy`] it can only be rolled back.
///
/// # Errors
/// The database's.
pub async fn drop(
    conn: &mut PgConnection,
    table: &str,
    partition: &str,
    before: DateTime<Utc>,
) -> sqlx::Result<Drop> {
    let answer: sqlx::Result<String> = sqlx::query_scalar("select drop_partition($1, $2, $3)")
        .bind(table)
        .bind(partition)
        .bind(before)
        .fetch_one(conn)
        .await;
    match answer {
        Ok(answer) if answer == "dropped" => Ok(Drop::Dropped),
        Ok(answer) if answer == "held" => Ok(Drop::Held),
        Ok(_) => Ok(Drop::Kept),
        Err(sqlx::Error::Database(error)) if is_busy(error.code().as_deref()) => Ok(Drop::Busy),
        Err(error) => Err(error),
    }
}

/// The lock was not to be had in time, or each waited for the other.
fn is_busy(code: Option<&str>) -> bool {
    matches!(code, Some("55P03" | "40P01"))
}
