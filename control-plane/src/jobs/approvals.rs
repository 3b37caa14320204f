//! Ends approvals whose time is over, and tells those who may review of new requests. Each at its own pace: a mail server
//! that is slow keeps nothing alive.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::{
    app::App,
    service::approvals::{announcing, ending},
};

const END_EVERY: Duration = Duration::from_secs(10);
/// Somebody waits.
const TELL_EVERY: Duration = Duration::from_secs(2);

/// # Errors
/// Never; what fails is logged and tried again.
pub(super) async fn run(app: Arc<App>, stop: CancellationToken) -> anyhow::Result<()> {
    let end = async {
        loop {
            let _ = super::measured(&app, "expire_approvals", end(&app)).await;
            sleep(END_EVERY).await;
        }
    };
    let tell = async {
        loop {
            let _ = super::measured(&app, "announce_approvals", tell(&app)).await;
            sleep(TELL_EVERY).await;
        }
    };
    tokio::select! {
        () = stop.cancelled() => Ok(()),
        () = end => Ok(()),
        () = tell => Ok(()),
    }
}

async fn end(app: &App) -> anyhow::Result<()> {
    Ok(ending::end_due(app).await?)
}

async fn tell(app: &App) -> anyhow::Result<()> {
    announcing::announce(app).await?;
    Ok(announcing::deliver(app).await?)
}
