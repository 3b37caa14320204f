//! Approvals end by time, or because the tool is not any more what it was asked for.

use chrono::Utc;
use sqlx::PgConnection;

use super::event;
use crate::{
    app::App,
    error::Result,
    id::{ApprovalId, OrgId, ServerId},
    store::{
        approvals::{self, ApprovalRow, Expiry},
        outbox,
        tools::Seen,
    },
};

/// Ended by one statement.
const BATCH: i64 = 500;

pub(super) async fn end(
    conn: &mut PgConnection,
    org: OrgId,
    ids: &[ApprovalId],
    because: Expiry,
) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let ended = approvals::expire(conn, org, ids, because).await?;
    tell(conn, &ended).await
}

/// The catalogue has noticed that these tools have other definitions now: who approved a call of one has not seen them.
///
/// # Errors
/// The database's.
pub async fn void_changed(
    conn: &mut PgConnection,
    org: OrgId,
    server: ServerId,
    tools: &[&Seen],
) -> Result<()> {
    if tools.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = tools.iter().map(|tool| tool.key.as_str()).collect();
    let hashes: Vec<&str> = tools.iter().map(|tool| tool.schema_hash.as_str()).collect();
    let ended = approvals::expire_changed(conn, org, server, &names, &hashes).await?;
    tell(conn, &ended).await
}

/// Ends what is over, in all organizations.
///
/// # Errors
/// The database's.
pub async fn end_due(app: &App) -> Result<()> {
    loop {
        let mut tx = app.database.worker().await?;
        let ended = approvals::expire_due(&mut tx, Utc::now(), BATCH).await?;
        tell(&mut tx, &ended).await?;
        tx.commit().await?;
        if (ended.len() as i64) < BATCH {
            return Ok(());
        }
    }
}

async fn tell(conn: &mut PgConnection, ended: &[ApprovalRow]) -> Result<()> {
    for row in ended {
        outbox::insert(conn, row.org_id, "approval.expired", &event(row)).await?;
    }
    Ok(())
}
