//! Makes the sums of a day anew from its spans.

use chrono::NaiveDate;
use sqlx::{AssertSqlSafe, PgConnection};

use super::{TABLES, lock};
use crate::id::OrgId;

/// Within the UTC day $2 of organization $1, as SQL.
macro_rules! within {
    ($time:literal) => {
        concat!(
            " where org_id = $1 and ",
            $time,
            " >= $2::timestamp at time zone 'UTC' and ",
            $time,
            " < ($2::date + 1)::timestamp at time zone 'UTC'"
        )
    };
}

/// Forgets the sums of a UTC day and makes all its spans pending; answers how many. [`super::fold`] does the rest, and who
/// reads meanwhile finds the same as before. Nothing is changed unless the caller commits.
///
/// # Errors
/// The database's.
pub async fn rebuild_day(conn: &mut PgConnection, org: OrgId, day: NaiveDate) -> sqlx::Result<u64> {
    lock(conn).await?;
    for table in TABLES {
        let delete = format!("delete from {table}{}", within!("bucket"));
        sqlx::query(AssertSqlSafe(delete)).bind(org).bind(day).execute(&mut *conn).await?;
    }
    // One statement, so that both halves see the same spans: one that is stored meanwhile is neither forgotten nor counted
    // twice.
    const AGAIN: &str = concat!(
        "with known as (delete from rollup_pending",
        within!("started_at"),
        ")
        insert into rollup_pending
        select org_id, started_at, mcp_server, tool_name, team_id, user_id, api_key_id, environment, status, duration_ms,
            input_tokens, output_tokens, cost_usd
        from traces",
        within!("started_at"),
        " and is_root"
    );
    let again = sqlx::query(AGAIN).bind(org).bind(day).execute(conn).await?;
    Ok(again.rows_affected())
}

/// Whether there are root spans of a UTC day.
///
/// # Errors
/// The database's.
pub async fn has_spans(conn: &mut PgConnection, org: OrgId, day: NaiveDate) -> sqlx::Result<bool> {
    const FIND: &str = concat!("select exists (select from traces", within!("started_at"), " and is_root)");
    sqlx::query_scalar(FIND).bind(org).bind(day).fetch_one(conn).await
}
