//! How far an exporter is. Who works for it holds its lease; whoever has lost that changes nothing any more.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::Settings;
use crate::id::{ExporterId, OrgId};

/// A lease that its holder does not renew is over after this long.
const LEASE: &str = "60 seconds";

/// Up to which span, in the order of arrival.
#[derive(Clone, Copy, Debug, PartialEq, sqlx::FromRow)]
pub struct Position {
    pub sent_at: DateTime<Utc>,
    pub sent_id: Uuid,
}

/// An exporter to work for.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Claimed {
    pub id: ExporterId,
    pub org_id: OrgId,
    #[sqlx(flatten)]
    pub settings: Settings,
    #[sqlx(flatten)]
    pub position: Position,
    pub lease: Uuid,
    /// Attempts that failed in a row.
    pub failures: i32,
}

/// Takes at most `limit` exporters that something is due for; for the worker.
///
/// # Errors
/// The database's.
pub async fn claim(conn: &mut PgConnection, limit: i64) -> sqlx::Result<Vec<Claimed>> {
    let query = format!(
        "update telemetry_progress p set lease = gen_random_uuid(), leased_until = now() + interval '{LEASE}'
         from telemetry_configs e
         where e.id = p.exporter_id and p.exporter_id in (
            select due.exporter_id from telemetry_progress due join telemetry_configs c on c.id = due.exporter_id
            where c.enabled and due.next_attempt_at <= now() and due.leased_until <= now()
            order by due.next_attempt_at limit $1 for update of due skip locked)
         returning e.id, e.org_id, e.name, e.protocol, e.endpoint, e.headers_encrypted, e.signals, e.sample_ratio,
            e.batch_size, e.batch_timeout_ms, e.enabled, p.sent_at, p.sent_id, p.lease, p.failures"
    );
    sqlx::query_as(sqlx::AssertSqlSafe(query)).bind(limit).fetch_all(conn).await
}

/// What came of a batch.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    pub exported: i64,
    pub failed: i64,
    pub dropped: i64,
    pub error: Option<String>,
}

/// Spans up to `position` are done with; the lease is renewed. False: it was lost.
///
/// # Errors
/// The database's.
pub async fn advance(
    conn: &mut PgConnection,
    org: OrgId,
    claimed: &Claimed,
    position: Position,
    batch: &Batch,
) -> sqlx::Result<bool> {
    let query = format!(
        "update telemetry_progress set sent_at = $4, sent_id = $5, exported = exported + $6, failed = failed + $7,
            dropped = dropped + $8, last_error = $9, failures = 0, failing_since = null,
            last_export_at = case when $6 > 0 then now() else last_export_at end,
            leased_until = now() + interval '{LEASE}'
         where org_id = $1 and exporter_id = $2 and lease = $3"
    );
    let updated = sqlx::query(sqlx::AssertSqlSafe(query))
        .bind(org)
        .bind(claimed.id)
        .bind(claimed.lease)
        .bind(position.sent_at)
        .bind(position.sent_id)
        .bind(batch.exported)
        .bind(batch.failed)
        .bind(batch.dropped)
        .bind(&batch.error)
        .execute(conn)
        .await?;
    Ok(updated.rows_affected() > 0)
}

/// Gives the lease back; the exporter is due again after `wait_ms`. An error is one more failure in a row.
///
/// # Errors
/// The database's.
pub async fn release(
    conn: &mut PgConnection,
    org: OrgId,
    claimed: &Claimed,
    wait_ms: i64,
    error: Option<&str>,
) -> sqlx::Result<()> {
    sqlx::query(
        "update telemetry_progress set next_attempt_at = now() + $4 * interval '1 millisecond', lease = null,
            leased_until = '-infinity', last_error = coalesce($5, last_error),
            failures = failures + case when $5 is null then 0 else 1 end,
            failing_since = case when $5 is null then failing_since else coalesce(failing_since, now()) end
         where org_id = $1 and exporter_id = $2 and lease = $3",
    )
    .bind(org)
    .bind(claimed.id)
    .bind(claimed.lease)
    .bind(wait_ms)
    .bind(error)
    .execute(conn)
    .await?;
    Ok(())
}

/// It is due now, with no failure behind it: somebody changed it. One that was off begins with what arrives from here on.
///
/// # Errors
/// The database's.
pub async fn restart(conn: &mut PgConnection, org: OrgId, id: ExporterId, anew: bool) -> sqlx::Result<()> {
    sqlx::query(
        "update telemetry_progress set next_attempt_at = now(), failures = 0, failing_since = null,
            sent_at = case when $3 then now() else sent_at end
         where org_id = $1 and exporter_id = $2",
    )
    .bind(org)
    .bind(id)
    .bind(anew)
    .execute(conn)
    .await?;
    Ok(())
}

/// Spans up to `position` are given up, and counted. What fails goes on failing.
///
/// # Errors
/// The database's.
pub async fn skip(
    conn: &mut PgConnection,
    org: OrgId,
    claimed: &Claimed,
    position: Position,
    dropped: i64,
) -> sqlx::Result<()> {
    sqlx::query(
        "update telemetry_progress set sent_at = $4, sent_id = $5, dropped = dropped + $6
         where org_id = $1 and exporter_id = $2 and lease = $3",
    )
    .bind(org)
    .bind(claimed.id)
    .bind(claimed.lease)
    .bind(position.sent_at)
    .bind(position.sent_id)
    .bind(dropped)
    .execute(conn)
    .await?;
    Ok(())
}
