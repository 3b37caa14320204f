//! Makes partitions ahead of the events they are for: 7 days, or 2 months (contract 5.5).

use chrono::Utc;

use crate::app::App;
use crate::store::partitions;

pub(super) async fn run(app: &App) -> anyhow::Result<()> {
    let mut tx = app.database.worker().await?;
    partitions::ensure(&mut tx, Utc::now()).await?;
    tx.commit().await?;
    Ok(())
}
