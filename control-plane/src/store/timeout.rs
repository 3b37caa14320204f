//! How long one statement may take. Reports over many rows must not hold the database for what nobody waits for.

use sqlx::PgConnection;

/// For the rest of the transaction; a statement that takes longer is cancelled. Compiling one takes longer than what it
/// could save in this time.
pub async fn limit(conn: &mut PgConnection, milliseconds: u32) -> sqlx::Result<()> {
    sqlx::query("select set_config('statement_timeout', $1, true), set_config('jit', 'off', true)")
        .bind(milliseconds.to_string())
        .execute(conn)
        .await?;
    Ok(())
}
