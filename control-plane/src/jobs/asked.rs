//! Does the jobs that people asked for, one after the other.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::{app::App, service::jobs};

const EVERY: Duration = Duration::from_secs(2);

/// # Errors
/// Never; what fails is logged and tried again.
pub(super) async fn run(app: Arc<App>, stop: CancellationToken) -> anyhow::Result<()> {
    let mut took_over = false;
    loop {
        let outcome = async {
            if !took_over {
                jobs::take_over(&app).await?;
                took_over = true;
            }
            while jobs::run_next(&app).await? {}
            Ok::<_, crate::error::Error>(())
        };
        if let Err(error) = outcome.await {
            tracing::warn!(%error, "jobs that people asked for wait");
        }
        if stop.run_until_cancelled(sleep(EVERY)).await.is_none() {
            return Ok(());
        }
    }
}
