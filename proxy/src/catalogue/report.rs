//! Tells the control plane of definitions that it does not know. It writes them down, and every proxy hears of it.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use crossbeam_queue::ArrayQueue;
use gatewayops_proto::control::DefinitionsReport;
use pingora::{server::ShutdownWatch, services::background::BackgroundService, time::timeout};
use uuid::Uuid;

use crate::{control_plane::told_by, server::Gateway};

/// Reports that wait to be sent. What finds no place is seen again with the next list.
const WAITING: usize = 256;
/// Of one report; more is sent in several.
const DEFINITIONS: usize = 100;
const BYTES: usize = 256 * 1024;
/// Nobody is woken for a report.
const LOOK: Duration = Duration::from_millis(250);
const ANSWER: Duration = Duration::from_secs(10);
/// A list that lacks something is told of so often.
const REMIND: Duration = Duration::from_secs(30);
/// Servers of which is remembered when that was.
const REMEMBERED: usize = 4096;

pub(crate) struct Reports {
    queue: ArrayQueue<DefinitionsReport>,
    dropped: AtomicU64,
    reminded: Mutex<HashMap<Uuid, Instant>>,
}

impl Default for Reports {
    fn default() -> Self {
        Self { queue: ArrayQueue::new(WAITING), dropped: AtomicU64::new(0), reminded: Mutex::default() }
    }
}

impl Reports {
    /// Never waits. `lacks`: what the server showed is not all that is known of it.
    pub(crate) fn push<'a>(
        &self,
        org: Uuid,
        server: Uuid,
        strays: impl Iterator<Item = &'a str>,
        lacks: bool,
    ) {
        let mut report = Self::empty(org, server);
        report.is_incomplete = lacks && self.is_due(server);
        let mut bytes = 0;
        for definition in strays.filter(|definition| definition.len() <= BYTES) {
            if report.definitions.len() == DEFINITIONS || bytes + definition.len() > BYTES {
                self.enqueue(std::mem::replace(&mut report, Self::empty(org, server)));
                bytes = 0;
            }
            bytes += definition.len();
            report.definitions.push(definition.to_owned());
        }
        if report.is_incomplete || !report.definitions.is_empty() {
            self.enqueue(report);
        }
    }

    fn empty(org: Uuid, server: Uuid) -> DefinitionsReport {
        DefinitionsReport {
            org_id: org.as_bytes().to_vec().into(),
            server_id: server.as_bytes().to_vec().into(),
            ..DefinitionsReport::default()
        }
    }

    fn enqueue(&self, report: DefinitionsReport) {
        if self.queue.push(report).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn is_due(&self, server: Uuid) -> bool {
        let mut reminded = self.reminded.lock().unwrap_or_else(PoisonError::into_inner);
        if reminded.get(&server).is_some_and(|at| at.elapsed() < REMIND) {
            return false;
        }
        if reminded.len() >= REMEMBERED {
            reminded.retain(|_, at| at.elapsed() < REMIND);
        }
        reminded.len() < REMEMBERED && reminded.insert(server, Instant::now()).is_none_or(|_| true)
    }
}

pub(crate) struct Reporter(pub(crate) Arc<Gateway>);

#[async_trait]
impl BackgroundService for Reporter {
    async fn start(&self, mut shutdown: ShutdownWatch) {
        let report = async {
            loop {
                match self.0.reports.queue.pop() {
                    Some(report) => self.send(report).await,
                    None => tokio::time::sleep(LOOK).await,
                }
            }
        };
        tokio::select! { () = report => {}, _ = shutdown.changed() => {} }
    }
}

impl Reporter {
    /// What cannot be told is not kept: whoever lists again shows it again.
    async fn send(&self, report: DefinitionsReport) {
        let (definitions, config) = (report.definitions.len(), &self.0.config.control_plane);
        let told = async {
            let mut control_plane = self.0.control_plane.client(config)?;
            control_plane.report_definitions(report).await.map_err(|status| told_by(&status))
        };
        match timeout(ANSWER, told).await {
            Ok(Ok(_)) => tracing::info!(definitions, "definitions that were not known are told"),
            Ok(Err(reason)) => tracing::warn!(definitions, "definitions cannot be told: {reason}"),
            Err(_) => tracing::warn!(definitions, "definitions cannot be told: no answer in time"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_for_one_report_is_told_in_several() {
        let reports = Reports::default();
        let (org, server) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let definition = "x".repeat(BYTES / 2);
        reports.push(org, server, [&*definition; 5].into_iter(), false);
        let sizes: Vec<_> =
            std::iter::from_fn(|| reports.queue.pop()).map(|it| it.definitions.len()).collect();
        assert_eq!(sizes, [2, 2, 1]);
        reports.push(org, server, [].into_iter(), false);
        assert!(reports.queue.is_empty());
    }

    #[test]
    fn a_list_that_always_lacks_something_is_told_of_now_and_then() {
        let reports = Reports::default();
        for server in [2, 2, 3] {
            reports.push(Uuid::from_u128(1), Uuid::from_u128(server), [].into_iter(), true);
        }
        assert_eq!(reports.queue.len(), 2);
    }
}
