//! Begins the periods of budgets and ends their overrides when it is time, so that proxies hear of it.

use std::{sync::Arc, time::Duration};

use chrono::Utc;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::{app::App, service::budgets};

const EVERY: Duration = Duration::from_secs(2);

/// # Errors
/// Never; what fails is logged and tried again.
pub(super) async fn run(app: Arc<App>, stop: CancellationToken) -> anyhow::Result<()> {
    loop {
        let due = async { Ok(budgets::settle_due(&app, Utc::now()).await?) };
        let _ = super::measured(&app, "budgets", due).await;
        if stop.run_until_cancelled(sleep(EVERY)).await.is_none() {
            return Ok(());
        }
    }
}
