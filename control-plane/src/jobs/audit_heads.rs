//! Signs the heads of audit logs every minute: what is newer than that could be cut off unseen, nothing older.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::{app::App, service::audit::sign};

const EVERY: Duration = Duration::from_secs(60);

/// # Errors
/// Never; what fails is logged and tried again.
pub(super) async fn run(app: Arc<App>, stop: CancellationToken) -> anyhow::Result<()> {
    loop {
        let signing = async { sign::sign_moved(&app).await.map(|_| ()) };
        let _ = super::measured(&app, "audit_heads", signing).await;
        if stop.run_until_cancelled(sleep(EVERY)).await.is_none() {
            return Ok(());
        }
    }
}
