//! Ends sessions that nobody uses any more, at their servers too (R3.14). Any replica may: the store says who does.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::{StreamExt, stream};
use pingora::{server::ShutdownWatch, services::background::BackgroundService};
use uuid::Uuid;

use super::{Digest, ENDED, USED, as_millis, digest_of};
use crate::{
    mcp::session::{Endpoint, Session},
    server::Gateway,
    snapshot::Snapshot,
    upstream::own::Own,
};

/// Uses told in one go, and sessions ended in one.
const BATCH: usize = 512;
const AT_ONCE: usize = 16;

/// Ends are listened for again from so long before the last look.
const OVERLAP_MS: u64 = 30_000;

fn now_ms() -> u64 {
    u64::try_from(chrono::Utc::now().timestamp_millis()).unwrap_or_default()
}

pub(crate) struct Reaper(pub(crate) Arc<Gateway>);

#[async_trait]
impl BackgroundService for Reaper {
    async fn start(&self, mut shutdown: ShutdownWatch) {
        let idle = self.0.sessions.limits.idle;
        let mut look =
            tokio::time::interval((idle / 20).clamp(Duration::from_millis(200), Duration::from_secs(15)));
        let mut heard_ms = now_ms();
        loop {
            tokio::select! {
                _ = look.tick() => {}
                _ = shutdown.changed() => return self.tell().await,
            }
            self.0.sessions.note_kept();
            self.tell().await;
            self.tell_ends().await;
            heard_ms = self.hear_ends(heard_ms).await;
            self.0.sessions.drop_idle();
            while self.reap().await == BATCH {}
        }
    }
}

impl Reaper {
    /// Tells the store what was used here.
    async fn tell(&self) {
        let sessions = &self.0.sessions;
        while !sessions.used.is_empty() {
            let mut uses = Vec::with_capacity(BATCH);
            while uses.len() < BATCH
                && let Some(one) = sessions.used.pop()
            {
                uses.push(one);
            }
            let mut command = redis::cmd("ZADD");
            command.arg(USED).arg("GT");
            for (token, used_ms) in &uses {
                command.arg(*used_ms).arg(&**token);
            }
            if self.0.store.ask::<()>(&command).await.is_err() {
                // Kept for later, as far as there is room.
                for one in uses {
                    let _ = sessions.used.push(one);
                }
                return;
            }
        }
    }

    /// Says again what the store did not hear.
    async fn tell_ends(&self) {
        let Gateway { sessions, store, .. } = &*self.0;
        while let Some((token, digest)) = sessions.unsaid.pop() {
            if sessions.tell_end(store, &token, digest).await.is_err() {
                let _ = sessions.unsaid.push((token, digest));
                return;
            }
        }
    }

    /// What has ended on other replicas counts here no more. Until when that is known.
    async fn hear_ends(&self, since_ms: u64) -> u64 {
        let Gateway { sessions, store, .. } = &*self.0;
        let now_ms = now_ms();
        let mut commands = redis::pipe();
        // Clocks differ a little, and what was said late was said at its own time.
        let from = since_ms.saturating_sub(OVERLAP_MS);
        commands.cmd("ZRANGEBYSCORE").arg(ENDED).arg(from).arg("+inf");
        commands
            .cmd("ZREMRANGEBYSCORE")
            .arg(ENDED)
            .arg("-inf")
            .arg(now_ms.saturating_sub(10 * OVERLAP_MS))
            .ignore();
        let Ok((ended,)) = store.ask_all::<(Vec<String>,)>(&commands).await else { return since_ms };
        for digest in ended {
            let mut bytes = Digest::default();
            if hex::decode_to_slice(&digest, &mut bytes).is_ok() {
                sessions.forget(bytes);
            }
        }
        now_ms
    }

    /// Ends a batch of what is idle on every replica. How many there were.
    async fn reap(&self) -> usize {
        let gateway = &*self.0;
        // A use may be told as late as a tenth of the idle time.
        let late = as_millis(gateway.sessions.limits.idle) / 5 + as_millis(gateway.sessions.limits.idle);
        let now_ms = now_ms();
        let mut command = redis::cmd("ZRANGEBYSCORE");
        command.arg(USED).arg("-inf").arg(now_ms.saturating_sub(late)).arg("LIMIT").arg(0).arg(BATCH);
        let Ok(idle) = gateway.store.ask::<Vec<String>>(&command).await else { return 0 };
        let found = idle.len();
        let snapshot = gateway.current.snapshot();
        stream::iter(idle)
            .for_each_concurrent(AT_ONCE, |token| {
                let snapshot = snapshot.clone();
                async move { end(gateway, &snapshot, &token, now_ms).await }
            })
            .await;
        found
    }
}

/// Ends one idle session, unless another replica is about to.
async fn end(gateway: &Gateway, snapshot: &Snapshot, token: &str, now_ms: u64) {
    let taken: Result<u32, _> = gateway.store.ask(redis::cmd("ZREM").arg(USED).arg(token)).await;
    if !matches!(taken, Ok(1)) {
        return;
    }
    gateway.sessions.end(&gateway.store, token, digest_of(token)).await;
    let Some((principal, session)) = snapshot.token_keys.open_anyones::<Session>(now_ms, token) else {
        return;
    };
    close(gateway, snapshot, &session, principal, digest_of(token), now_ms).await;
}

/// Ends what the session has open at servers.
pub(crate) async fn close(
    gateway: &Gateway,
    snapshot: &Snapshot,
    session: &Session,
    principal: Uuid,
    digest: Digest,
    now_ms: u64,
) {
    match &session.endpoint {
        Endpoint::Server { server, upstream_id } => {
            let Some(server) = snapshot.server_by_id(*server) else { return };
            Own { gateway, server }.end_session(session.version, upstream_id).await;
        }
        Endpoint::Federated { .. } => {
            let upstreams = &gateway.federation.sessions;
            let open = upstreams.all(&gateway.store, &snapshot.token_keys, principal, digest, now_ms).await;
            stream::iter(open)
                .for_each_concurrent(AT_ONCE, |upstream| async move {
                    if let (Some(server), Some(id)) = (snapshot.server_by_id(upstream.server), &upstream.id) {
                        Own { gateway, server }.end_session(upstream.version, id).await;
                    }
                })
                .await;
            upstreams.end(&gateway.store, digest).await;
        }
    }
}
