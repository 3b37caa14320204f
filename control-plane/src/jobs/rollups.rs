//! Folds the spans of the last seconds into the sums by minute, hour and day.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::{app::App, service::rollups};

/// Each turn writes every sum that has changed: more often is dearer, and nobody waits for it.
const EVERY: Duration = Duration::from_secs(5);

/// # Errors
/// Never; what fails is logged and tried again.
pub(super) async fn run(app: Arc<App>, stop: CancellationToken) -> anyhow::Result<()> {
    loop {
        let folding = async { Ok(rollups::fold(&app).await.map(|_| ())?) };
        let _ = super::measured(&app, "rollups", folding).await;
        if stop.run_until_cancelled(sleep(EVERY)).await.is_none() {
            return Ok(());
        }
    }
}
