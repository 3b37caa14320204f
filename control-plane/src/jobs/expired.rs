//! Deletes what has outlived its use: kept answers of `Idempotency-Key` after a day (contract 1.3), ended sessions and
//! what they signed in by, what identity providers said once, who was told of an approval, events that were handed on, and
//! the change log where no proxy resumes from it any more: one that comes back later is sent everything. What an
//! organization says how long to keep is for [`retention`](super::retention).

use crate::{
    app::App,
    store::{approvals, changes, idempotency, outbox, sessions, sso_spent_tokens},
};

/// Until then somebody may still want to see what was told.
const OUTBOX_HOURS: i32 = 24;

pub(super) async fn run(app: &App) -> anyhow::Result<()> {
    let mut tx = app.database.worker().await?;
    idempotency::delete_expired(&mut tx).await?;
    sessions::delete_expired(&mut tx).await?;
    sessions::forget_id_tokens(&mut tx).await?;
    sso_spent_tokens::delete_expired(&mut tx).await?;
    approvals::notices::delete_old(&mut tx).await?;
    outbox::delete_dispatched(&mut tx, OUTBOX_HOURS).await?;
    changes::prune(&mut tx).await?;
    tx.commit().await?;
    Ok(())
}
