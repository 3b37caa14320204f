//! The partitions of the event tables; what they are is said in the migration that makes them.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Makes all partitions that the days around `now` need.
pub async fn ensure(conn: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query("select ensure_partitions($1)").bind(now).execute(conn).await?;
    Ok(())
}
