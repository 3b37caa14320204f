//! What one reader of a live stream gets next: traces, heartbeats, and the end when their credential has ended.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use http::HeaderMap;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use super::{
    super::filters::StreamFilters,
    message::{HEARTBEAT_SECONDS, Message},
};
use crate::{
    app::App,
    auth::{Origin, Principal, authenticate_again},
    error::{Code, Error, Result},
    id::SpanRowId,
    live::{Item, Stream},
    service::traces,
    store::traces::Filter,
};

/// How often the credential is looked at again; a test does not wait so long.
const RECHECK: Duration = if cfg!(test) { Duration::from_millis(200) } else { Duration::from_secs(15) };
/// What a reader that comes back is given of what it missed.
const RESUMED: usize = 256;

pub(super) struct Watch {
    app: Arc<App>,
    principal: Principal,
    origin: Origin,
    headers: HeaderMap,
    filters: StreamFilters,
    stream: Stream,
    /// To be said before anything else.
    first: VecDeque<Message>,
    /// Given from the database; it may be heard once more.
    resumed: HashSet<SpanRowId>,
    heartbeat: tokio::time::Interval,
    check_at: Instant,
    check: Option<AbortOnDropHandle<Result<Principal>>>,
    closing: CancellationToken,
    is_over: bool,
}

impl Watch {
    /// Once Redis listens.
    ///
    /// # Errors
    /// `unavailable` when it does not.
    pub(super) async fn begin(
        app: Arc<App>,
        principal: Principal,
        origin: Origin,
        headers: HeaderMap,
        filters: StreamFilters,
        stream: Stream,
    ) -> Result<Self> {
        if !stream.listens().await {
            return Err(Error::unavailable("redis"));
        }
        let beat = Duration::from_secs(HEARTBEAT_SECONDS);
        let mut heartbeat = interval_at(Instant::now() + beat, beat);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let first = VecDeque::from([Message::hello(&filters.shown())]);
        Ok(Self {
            closing: app.live.closing(),
            app,
            principal,
            origin,
            headers,
            filters,
            stream,
            first,
            resumed: HashSet::new(),
            heartbeat,
            check_at: Instant::now() + RECHECK,
            check: None,
            is_over: false,
        })
    }

    /// Says first what was stored since this span.
    ///
    /// # Errors
    /// The database's.
    pub(super) async fn resume(mut self, seen: Option<SpanRowId>) -> Result<Self> {
        let Some(seen) = seen else { return Ok(self) };
        let filter = Filter::from(&self.filters);
        let (spans, missed) = traces::since(&self.app, &self.principal, filter, seen, RESUMED).await?;
        if missed > 0 {
            self.first.push_back(Message::dropped(missed));
        }
        self.resumed = spans.iter().map(|span| span.id).collect();
        self.first.extend(spans.into_iter().map(Message::trace));
        Ok(self)
    }

    /// None after the last. Whoever stops waiting loses nothing.
    pub(super) async fn next(&mut self) -> Option<Message> {
        loop {
            if self.is_over {
                return None;
            }
            // A reader that was away for long gets nothing more until its credential was looked at.
            let is_admitted = self.check_at.elapsed() < RECHECK;
            tokio::select! {
                biased;
                () = self.closing.cancelled() => {
                    let error = Error::new(Code::Unavailable, "this replica stops; come again");
                    return Some(self.end(&error));
                }
                checked = checked(&mut self.check), if self.check.is_some() => {
                    self.check = None;
                    self.check_at = Instant::now() + RECHECK;
                    if let Err(error) = checked.and_then(|principal| self.admit(principal)) {
                        return Some(self.end(&error));
                    }
                }
                () = sleep_until(self.check_at), if self.check.is_none() => self.begin_check(),
                () = std::future::ready(()), if is_admitted && !self.first.is_empty() => return self.first.pop_front(),
                _ = self.heartbeat.tick() => return Some(Message::heartbeat()),
                item = self.stream.next(), if is_admitted => match item {
                    Item::Trace(span) if self.resumed.contains(&span.id) => {}
                    Item::Trace(span) => return Some(Message::trace(*span)),
                    Item::Dropped(count) => return Some(Message::dropped(count)),
                    Item::Ended => return Some(self.end(&Error::unavailable("redis"))),
                },
            }
        }
    }

    /// On a task of its own: a reader that keeps talking does not keep it from coming to its end.
    fn begin_check(&mut self) {
        let (app, headers, origin) = (Arc::clone(&self.app), self.headers.clone(), self.origin.clone());
        let check = tokio::spawn(async move { authenticate_again(&app, &headers, origin).await });
        self.check = Some(AbortOnDropHandle::new(check));
    }

    /// What the caller may see by now.
    fn admit(&mut self, principal: Principal) -> Result<()> {
        self.stream.look_through(traces::lens(&principal, self.filters.wanted())?);
        self.principal = principal;
        Ok(())
    }

    /// Other filters from here on; the answer says which.
    pub(super) fn filter(&mut self, filters: StreamFilters) -> Result<Message> {
        self.stream.look_through(traces::lens(&self.principal, filters.wanted())?);
        let hello = Message::hello(&filters.shown());
        self.filters = filters;
        Ok(hello)
    }

    fn end(&mut self, error: &Error) -> Message {
        self.is_over = true;
        Message::end(error, &self.origin.request_id)
    }

    pub(super) fn request_id(&self) -> &str {
        &self.origin.request_id
    }
}

async fn checked(check: &mut Option<AbortOnDropHandle<Result<Principal>>>) -> Result<Principal> {
    match check {
        Some(check) => check.await.map_err(Error::internal)?,
        None => std::future::pending().await,
    }
}
