//! One stream to the client for the streams of many servers: a session's (legacy GET) or a subscription's (modern).
//!
//! Changes of lists are told at most once a second and kind; a server that comes back has changed every list (R5.12).

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures::{StreamExt, stream::SelectAll};
use gatewayops_proto::access::Permission;
use pingora::time::sleep;
use uuid::Uuid;

use super::{
    Federated,
    hear::{Heard, Said},
};
use crate::{
    exchange::Exchange,
    federation::list::Kind,
    gateway::{Client, Gone},
    mcp::sse::Event,
    pipeline::{
        answer,
        authenticate::standing::{self, Standing},
    },
    principal::Principal,
    rejection::Rejection,
    server::Gateway,
    snapshot::Snapshot,
    upstream::Server,
};

mod listen;
mod subscribe;

/// How often it is looked whether something has changed that nobody says.
const LOOK: Duration = Duration::from_millis(250);
/// A change of one kind is told at most this often.
const TELL: Duration = Duration::from_secs(1);
/// Sessions that other replicas have opened are looked for this often.
const REFRESH: Duration = Duration::from_secs(2);
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// A stream that broke is opened again after this time.
const REOPEN: Duration = Duration::from_secs(1);
/// A server that has no stream, or does not answer, is asked again after this time.
const ASK_AGAIN: Duration = Duration::from_secs(10);

pub(super) type Ears = SelectAll<futures::stream::BoxStream<'static, Heard>>;

/// Which lists have changed and are yet to be told of.
#[derive(Default)]
struct Changes {
    due: [bool; 3],
    told: [Option<Instant>; 3],
}

const KINDS: [(Kind, &str); 3] = [
    (Kind::Tools, "notifications/tools/list_changed"),
    (Kind::Prompts, "notifications/prompts/list_changed"),
    (Kind::Resources, "notifications/resources/list_changed"),
];

impl Changes {
    fn of(&mut self, kind: Kind) {
        let index =
            KINDS.iter().position(|(of, _)| *of == kind || (*of, kind) == (Kind::Resources, Kind::Templates));
        if let Some(index) = index {
            self.due[index] = true;
        }
    }

    fn of_all(&mut self) {
        self.due = [true; 3];
    }

    /// The notifications whose time has come.
    fn take(&mut self, now: Instant) -> Vec<&'static str> {
        let mut due = Vec::new();
        for (index, (_, method)) in KINDS.iter().enumerate() {
            let is_early = self.told[index].is_some_and(|told| now.duration_since(told) < TELL);
            if self.due[index] && !is_early {
                self.due[index] = false;
                self.told[index] = Some(now);
                due.push(*method);
            }
        }
        due
    }
}

/// The kind of list that a notification says has changed.
fn changed(method: &str) -> Option<Kind> {
    KINDS.iter().find(|(_, of)| *of == method).map(|(kind, _)| *kind)
}

/// What was last seen of what nobody announces.
struct Seen {
    revision: u64,
    returns: HashMap<Uuid, u64>,
}

/// The caller and all else as it is by now: a stream outlives what it began with.
struct Now {
    snapshot: Arc<Snapshot>,
    principal: Arc<Principal>,
    now_ms: u64,
}

impl Federated<'_> {
    fn now(&self) -> Now {
        Now { snapshot: self.snapshot.clone(), principal: self.principal.clone(), now_ms: self.now_ms }
    }

    fn at<'b>(&'b self, now: &'b Now) -> Federated<'b> {
        let Now { snapshot, principal, now_ms } = now;
        Federated { gateway: self.gateway, snapshot, principal, era: self.era, now_ms: *now_ms }
    }

    /// The server as it is by now, if the caller may still hear of it.
    fn still(&self, server: &Server) -> Option<&Arc<Server>> {
        let known = self.snapshot.server_by_id(server.id)?;
        (known.enabled && self.principal.may(Permission::MCP_READ, known)).then_some(known)
    }

    async fn begin(
        &self,
        client: &mut Client,
        exchange: &mut Exchange,
    ) -> Result<Result<(), Gone>, Rejection> {
        exchange.outcome.status_code = 200;
        let mut head = answer::head(self.gateway, client, exchange, 200, "text/event-stream")?;
        // None of these values can fail to be a header.
        let _ = head.insert_header("cache-control", "no-cache, no-transform");
        let _ = head.insert_header("x-accel-buffering", "no");
        let begun = client.begin(head).await;
        if begun.is_err() {
            return Ok(begun);
        }
        // Something at once, so that everybody on the way knows that the stream is open.
        Ok(client.write(Bytes::from_static(b":\n\n")).await)
    }

    fn seen(&self) -> Seen {
        let returns = self.servers().map(|server| (server.id, server.runtime.presence.returns()));
        Seen { revision: self.gateway.current.snapshot().revision, returns: returns.collect() }
    }

    /// Whether a server has come back, or policy has changed, since the last look.
    fn has_changed(&self, seen: &mut Seen) -> bool {
        let now = self.seen();
        let has_changed = now.revision != seen.revision || now.returns != seen.returns;
        *seen = now;
        has_changed
    }

    /// A server that is away is asked whether it is back, so that its return is noticed.
    async fn look_for(&self, server: &Arc<Server>) {
        if server.runtime.presence.is_away() {
            server.eras.forget();
            let finding = server.eras.find(self.own(server), self.era).await;
            tracing::trace!(server.name = &*server.name, ?finding, "looked for a server that was away");
        }
    }
}

impl Now {
    /// Who is not let in any more stays who it was: its stream ends at once.
    fn renew(&mut self, gateway: &Gateway, standing: Option<&Standing>) {
        let (snapshot, now_ms) = (gateway.current.snapshot(), standing::now_ms());
        let Some(Ok(principal)) = standing.map(|standing| standing.again(&snapshot, now_ms)) else { return };
        *self = Self { snapshot, principal, now_ms: u64::try_from(now_ms).unwrap_or_default() };
    }
}

/// A message as an event of its own.
fn event(message: &impl std::fmt::Display) -> Bytes {
    let mut written = String::new();
    let data = message.to_string();
    Event { name: Some("message"), data: Some(data.into()), ..Event::default() }.write(&mut written);
    written.into()
}

/// Waits for what is said, or for the time of the next look.
async fn next(ears: &mut Ears) -> Option<Said> {
    tokio::select! {
        heard = ears.next(), if !ears.is_empty() => heard.map(|heard| heard.0),
        () = sleep(LOOK) => None,
    }
}
