//! Who of the replicas does the work on a clock: whoever's connection holds this lock.

use sqlx::PgConnection;

/// Any number that no other advisory lock of this database has.
const LOCK: i64 = 0x6777_6f5f_6a6f_6273;

pub async fn try_lead(conn: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar("select pg_try_advisory_lock($1)").bind(LOCK).fetch_one(conn).await
}
