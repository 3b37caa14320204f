//! Planning a read of spans looks at every day's partition and its indexes, and takes many times as long as reading a page
//! of them. A plan that is kept with its statement skips at run time what a range does not touch.

use sqlx::PgConnection;

/// For the rest of the transaction, plans are made once for each statement and connection, whatever the values are. Not for
/// statements whose best plan depends on a value: how rare a searched text is, or how much of a table a range takes.
///
/// # Errors
/// The database's.
pub async fn keep(conn: &mut PgConnection) -> sqlx::Result<()> {
    set(conn, "force_generic_plan").await
}

/// From here on as ever.
///
/// # Errors
/// The database's.
pub async fn plan_anew(conn: &mut PgConnection) -> sqlx::Result<()> {
    set(conn, "auto").await
}

async fn set(conn: &mut PgConnection, mode: &str) -> sqlx::Result<()> {
    sqlx::query("select set_config('plan_cache_mode', $1, true)").bind(mode).execute(conn).await?;
    Ok(())
}
