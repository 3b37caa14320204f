//! `Report`: the last status of each proxy, in memory. Nothing depends on it; people look at it.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use gatewayops_proto::control::{ProxyStatus, ReportAck};
use tokio_util::sync::CancellationToken;
use tonic::{Status, Streaming};

/// A proxy that was silent for so long is forgotten.
const REMEMBERED: Duration = Duration::from_secs(600);
/// As wide as the column that spans keep it in.
const MAX_PROXY_ID: usize = 100;

/// What a proxy last said, and when.
#[derive(Clone, Debug)]
pub struct Seen {
    pub status: ProxyStatus,
    pub at: Instant,
}

#[derive(Default)]
pub struct Proxies(Mutex<HashMap<String, Seen>>);

impl Proxies {
    /// Everyone heard of lately, by id.
    pub fn list(&self) -> Vec<Seen> {
        let mut seen: Vec<_> = self.remembered().values().cloned().collect();
        seen.sort_by(|a, b| a.status.proxy_id.cmp(&b.status.proxy_id));
        seen
    }

    fn note(&self, status: ProxyStatus) {
        let seen = Seen { at: Instant::now(), status };
        self.remembered().insert(seen.status.proxy_id.clone(), seen);
    }

    fn remembered(&self) -> MutexGuard<'_, HashMap<String, Seen>> {
        let mut proxies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        proxies.retain(|_, seen| seen.at.elapsed() < REMEMBERED);
        proxies
    }
}

pub(super) async fn follow(
    proxies: &Proxies,
    mut reports: Streaming<ProxyStatus>,
    stop: &CancellationToken,
) -> Result<ReportAck, Status> {
    loop {
        let report = tokio::select! {
            () = stop.cancelled() => return Err(Status::unavailable("this control plane is stopping; report to another")),
            report = reports.message() => report?,
        };
        let Some(status) = report else { return Ok(ReportAck {}) };
        if status.proxy_id.is_empty() || status.proxy_id.len() > MAX_PROXY_ID {
            return Err(Status::invalid_argument(format!("proxy_id must have 1 to {MAX_PROXY_ID} bytes")));
        }
        proxies.note(status);
    }
}
