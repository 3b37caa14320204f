//! `Report`: how each proxy is, for whoever looks at it.

use gatewayops_proto::control::{ProxyStatus, ReportAck};
use tokio_util::sync::CancellationToken;
use tonic::{Status, Streaming};

use crate::{app::App, proxies};

/// As wide as the column that spans keep it in.
const MAX_PROXY_ID: usize = 100;

pub(super) async fn follow(
    app: &App,
    mut reports: Streaming<ProxyStatus>,
    stop: &CancellationToken,
) -> Result<ReportAck, Status> {
    // Whoever comes clears away who went long ago.
    proxies::list(app).await;
    loop {
        let report = tokio::select! {
            () = stop.cancelled() => return Err(Status::unavailable("this control plane is stopping; report to another")),
            report = reports.message() => report?,
        };
        let Some(status) = report else { return Ok(ReportAck {}) };
        if status.proxy_id.is_empty() || status.proxy_id.len() > MAX_PROXY_ID {
            return Err(Status::invalid_argument(format!("proxy_id must have 1 to {MAX_PROXY_ID} bytes")));
        }
        proxies::note(app, status).await;
    }
}
