//! Forgets, every hour, what has been kept long enough. Beside the other work: a run may take a while.

use std::sync::Arc;

use chrono::Utc;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{HOUR, RETRY};
use crate::{app::App, service::retention};

/// # Errors
/// Never; what fails is logged and tried again.
pub(super) async fn run(app: Arc<App>, stop: CancellationToken) -> anyhow::Result<()> {
    loop {
        let mut pause = RETRY;
        let purge = async {
            let report = retention::purge(&app, Utc::now()).await?;
            if !report.dropped.is_empty() || !report.rows.is_empty() {
                tracing::info!(dropped = ?report.dropped, organizations = report.rows.len(), "old records are gone");
            }
            pause = if report.more { RETRY } else { HOUR };
            Ok(())
        };
        let _ = super::measured(&app, "retention", purge).await;
        if stop.run_until_cancelled(sleep(pause)).await.is_none() {
            return Ok(());
        }
    }
}
