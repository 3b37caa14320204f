//! How long one statement may take. Reports over many rows must not hold the database for what nobody waits for.

use sqlx::PgConnection;

/// For the rest of the transaction; a statement that takes longer is cancelled.
pub async fn limit(conn: &mut PgConnection, milliseconds: u32) -> sqlx::Result<()> {
    sqlx::query("select set_config('statement_timeout', $1, true)")
        .bind(milliseconds.to_string())
        .execute(conn)
        .await?;
    Ok(())
}
