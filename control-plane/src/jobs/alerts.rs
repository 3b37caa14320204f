//! Evaluates alert rules.

use std::sync::Arc;

use chrono::Utc;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::{app::App, service::alerts::evaluate};

/// # Errors
/// Never; what fails is logged and tried again.
pub(super) async fn run(app: Arc<App>, stop: CancellationToken) -> anyhow::Result<()> {
    let mut ticks = interval(app.config.alerts.evaluate_every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stop.run_until_cancelled(ticks.tick()).await.is_some() {
        let _ = super::measured(&app, "evaluate_alerts", evaluate_all(&app)).await;
    }
    Ok(())
}

async fn evaluate_all(app: &App) -> anyhow::Result<()> {
    let run = evaluate::evaluate_all(app, Utc::now()).await?;
    anyhow::ensure!(run.failed == 0, "{} alert rules could not be evaluated", run.failed);
    Ok(())
}
