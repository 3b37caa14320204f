//! Tells receivers of alerts. Every replica does: what one has claimed no other sends.

use std::{sync::Arc, time::Duration};

use tokio::{task::JoinSet, time::sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    app::App,
    service::alerts::deliver::{claim, deliver},
    store::alert_notifications::NotificationRow,
};

/// Somebody waits.
const EVERY: Duration = Duration::from_secs(1);
/// Messages under way at the same time; one receiver that is slow does not keep the others waiting.
const AT_ONCE: usize = 32;

/// Returns when what is under way has ended, after it is asked to stop.
///
/// # Errors
/// Never; what fails is logged and tried again.
pub(super) async fn run(app: Arc<App>, stop: CancellationToken) -> anyhow::Result<()> {
    let mut sending = JoinSet::new();
    while !stop.is_cancelled() {
        let claimed = fill(&app, &mut sending).await;
        while sending.try_join_next().is_some() {}
        if claimed == 0 {
            stop.run_until_cancelled(sleep(EVERY)).await;
        } else {
            // Whoever is done first makes room.
            tokio::select! {
                () = stop.cancelled() => {}
                () = sleep(EVERY) => {}
                _ = sending.join_next() => {}
            }
        }
    }
    while sending.join_next().await.is_some() {}
    Ok(())
}

/// Takes as many as there is room for.
async fn fill(app: &Arc<App>, sending: &mut JoinSet<()>) -> usize {
    let room = AT_ONCE.saturating_sub(sending.len());
    if room == 0 {
        return 0;
    }
    match claim(app, i64::try_from(room).unwrap_or_default()).await {
        Ok(rows) => {
            let claimed = rows.len();
            for row in rows {
                sending.spawn(send(Arc::clone(app), row));
            }
            claimed
        }
        Err(error) => {
            tracing::warn!(%error, "notifications wait for Postgres");
            0
        }
    }
}

async fn send(app: Arc<App>, row: NotificationRow) {
    if let Err(error) = deliver(&app, &row).await {
        tracing::warn!(%error, notification.id = %row.id, "a notification is sent again when its lease is over");
    }
}
