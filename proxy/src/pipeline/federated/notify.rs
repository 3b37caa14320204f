//! What a legacy client says without being asked: answers to servers, notifications, the level of logs.

use std::borrow::Cow;

use futures::future::join_all;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Federated, id_of, result};
use crate::{
    exchange::Exchange,
    federation::session::Upstream,
    gateway::Client,
    mcp::{json, session::RequestId, version::Era},
    pipeline::{answer, decode::Request},
    rejection::{Code, Rejection},
    upstream::own::Leg,
};

#[derive(Deserialize)]
struct Progress<'a> {
    #[serde(borrow, rename = "progressToken")]
    token: &'a RawValue,
}

#[derive(Deserialize)]
struct Level<'a> {
    #[serde(borrow)]
    level: Cow<'a, str>,
}

impl Federated<'_> {
    /// An answer to a server's request goes to that server, under the id that the server gave it (R3.8).
    pub(super) async fn answered(
        &self,
        client: &mut Client,
        request: &Request<'_>,
        exchange: &mut Exchange,
    ) -> Result<(), Rejection> {
        let id = request.message().and_then(|message| message.id);
        let routed = match id.and_then(|id| Some((id, self.asked(id)?))) {
            Some((id, asked)) => {
                self.upstream_of(request, &asked).await.map(|upstream| (id, asked, upstream))
            }
            None => None,
        };
        let (id, asked, upstream) = routed.ok_or_else(|| {
            Rejection::new(
                Code::InvalidMessage,
                "this answers no request that was sent to you in this session",
            )
        })?;
        let body = json::with_value(request.body, id, &asked.raw);
        self.tell(&upstream, &body).await;
        answer::accepted(self.gateway, client, exchange, 202).await
    }

    fn asked(&self, id: &RawValue) -> Option<RequestId> {
        let token: Cow<'_, str> = serde_json::from_str(id.get()).ok()?;
        self.snapshot.token_keys.open(self.principal.id, self.now_ms, &token)
    }

    /// The session that a server asked in, if it is one of this client session's.
    async fn upstream_of(&self, request: &Request<'_>, asked: &RequestId) -> Option<Upstream> {
        let open = self.open_upstreams(request).await;
        let is_its = |upstream: &Upstream| {
            upstream.server == asked.server
                && upstream.id.as_deref().unwrap_or_default() == asked.upstream_session
        };
        open.into_iter().find(is_its)
    }

    pub(super) async fn open_upstreams(&self, request: &Request<'_>) -> Vec<Upstream> {
        let Some(holder) = self.holder(request) else { return Vec::new() };
        let sessions = &self.gateway.federation.sessions;
        sessions.all(&self.gateway.store, holder.keys, holder.principal, holder.digest, holder.now_ms).await
    }

    async fn tell(&self, upstream: &Upstream, body: &[u8]) {
        let Some(server) = self.snapshot.server_by_id(upstream.server) else { return };
        let leg = Leg::Legacy { version: upstream.version, session: upstream.id.as_deref() };
        if let Err(fault) = self.own(server).tell(leg, body).await {
            tracing::debug!(server.name = &*server.name, ?fault, "a notification did not arrive");
        }
    }

    /// Progress goes to the server that asked for it. All else concerns every server that the client has a session
    /// with: request ids are never used twice in a session, so only the right one knows what was cancelled.
    pub(super) async fn notified(
        &self,
        client: &mut Client,
        request: &Request<'_>,
        exchange: &mut Exchange,
    ) -> Result<(), Rejection> {
        let Some(message) = request.message() else { return Ok(()) };
        match (self.era, message.method_name()) {
            // Its session at a server is opened, and this said there, when the server is needed.
            (Era::Modern, _) | (_, "notifications/initialized") => {}
            (_, "notifications/progress") => {
                let params = message.params.as_ref().map_or("{}", |params| params.raw);
                if let Ok(progress) = serde_json::from_str::<Progress<'_>>(params)
                    && let Some(asked) = self.asked(progress.token)
                    && let Some(upstream) = self.upstream_of(request, &asked).await
                {
                    let body = json::with_value(request.body, progress.token, &asked.raw);
                    self.tell(&upstream, &body).await;
                }
            }
            _ => {
                let open = self.open_upstreams(request).await;
                join_all(open.iter().map(|upstream| self.tell(upstream, request.body))).await;
            }
        }
        answer::accepted(self.gateway, client, exchange, 202).await
    }

    /// The level holds for every server, also for those whose session is opened later (R3.13).
    pub(super) async fn set_level(
        &self,
        client: &mut Client,
        request: &Request<'_>,
        exchange: &mut Exchange,
    ) -> Result<(), Rejection> {
        let params = request.message().and_then(|message| message.params.as_ref()).map_or("{}", |p| p.raw);
        let level = serde_json::from_str::<Level<'_>>(params)
            .ok()
            .filter(|level| LEVELS.contains(&&*level.level))
            .ok_or_else(|| {
                Rejection::new(Code::UnknownItem, format!("level must be one of {}", LEVELS.join(", ")))
            })?;
        let sessions = &self.gateway.federation.sessions;
        if let Some(holder) = self.holder(request) {
            sessions.set_level(&self.gateway.store, holder, &level.level).await;
        }
        let open = self.open_upstreams(request).await;
        let level = &*level.level;
        let told = open.iter().map(|upstream| async move {
            let Some(server) = self.snapshot.server_by_id(upstream.server) else { return };
            self.own(server).set_level(upstream.version, upstream.id.as_deref(), level).await;
        });
        join_all(told).await;
        result(self.gateway, client, exchange, id_of(request), "{}").await
    }
}

const LEVELS: [&str; 8] = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];
