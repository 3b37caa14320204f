//! `Watch`: first what the proxy misses, then every change. Pulled by the connection, so that a slow proxy keeps a
//! place in the feed and nothing more.

use std::{pin::Pin, sync::Arc};

use futures::{Stream, stream};
use gatewayops_proto::control::{Update, WatchRequest};
use prometheus::IntGauge;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::feed::{Feed, PAUSE, Step};

pub(super) type Updates = Pin<Box<dyn Stream<Item = Result<Update, Status>> + Send>>;

pub(super) fn updates(feed: Arc<Feed>, request: &WatchRequest, stop: CancellationToken) -> Updates {
    tracing::info!(
        proxy.id = request.proxy_id,
        proxy.version = request.version,
        revision = request.have_revision,
        "a proxy watches"
    );
    let watcher = Watcher::new(feed, request);
    Box::pin(stream::unfold(Some((watcher, stop)), |state| async {
        let (mut watcher, stop) = state?;
        tokio::select! {
            biased;
            () = stop.cancelled() => {
                Some((Err(Status::unavailable("this control plane is stopping; watch another")), None))
            }
            update = watcher.next() => Some((Ok(update), Some((watcher, stop)))),
        }
    }))
}

struct Watcher {
    feed: Arc<Feed>,
    steps: Receiver<Arc<Step>>,
    /// What the proxy has, or will have once the step under way has arrived. None: nothing.
    revision: Option<i64>,
    /// The step under way, and which of its parts comes next. None: the first step is still to be found.
    under_way: Option<(Arc<Step>, usize)>,
    _counted: Counted,
}

impl Watcher {
    fn new(feed: Arc<Feed>, request: &WatchRequest) -> Self {
        let resumable = request.have_revision > 0 && feed.is_ours(&request.have_lineage);
        let revision = resumable.then(|| i64::try_from(request.have_revision).ok()).flatten();
        // Subscribed before anything is read: what is committed meanwhile is not missed.
        let steps = feed.subscribe();
        let counted = Counted::new(feed.app.metrics.grpc_watchers.clone());
        Self { feed, steps, revision, under_way: None, _counted: counted }
    }

    /// Waits for as long as there is nothing to say.
    async fn next(&mut self) -> Update {
        loop {
            if let Some(update) = self.next_part() {
                return update;
            }
            let step = if self.under_way.is_none() { self.catch_up().await } else { self.next_step().await };
            self.revision = Some(step.to);
            self.under_way = Some((step, 0));
        }
    }

    fn next_part(&mut self) -> Option<Update> {
        let (step, next) = self.under_way.as_mut()?;
        let update = step.updates.get(*next)?.clone();
        *next += 1;
        if *next == step.updates.len()
            && let Some(noticed) = step.noticed
        {
            let seconds = noticed.elapsed().as_secs_f64();
            self.feed.app.metrics.config_push_duration.with_label_values(&[] as &[&str]).observe(seconds);
        }
        Some(update)
    }

    async fn next_step(&mut self) -> Arc<Step> {
        loop {
            match self.steps.recv().await {
                Ok(step) if step.from.is_none() => return step,
                Ok(step) if Some(step.to) <= self.revision => {}
                Ok(step) if step.from <= self.revision => return step,
                // Steps were dropped before we came to them.
                Ok(_) => return self.catch_up().await,
                Err(RecvError::Lagged(_)) => {}
                // The feed ends only with the process.
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    }

    /// From what the proxy has to now, however long the database is away.
    async fn catch_up(&self) -> Arc<Step> {
        loop {
            let step = match self.revision {
                Some(revision) => self.feed.since(revision).await,
                None => self.feed.whole(0).await,
            };
            match step {
                Ok(step) => return step,
                Err(error) => tracing::warn!(error = format!("{error:#}"), "a proxy waits for the database"),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Counts a watcher for as long as it lives.
struct Counted(IntGauge);

impl Counted {
    fn new(gauge: IntGauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}
