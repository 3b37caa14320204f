//! Streams that stay open while the other organization is busy: what is heard on them is counted.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Result, ensure};
use gatewayops_tests::stack::{Stack, answer};
use serde_json::json;
use tokio::task::JoinHandle;

use super::{LONG, mcp::Handed, tenant::Tenant};
use crate::legacy::Events;

/// Who heard nothing for so long has heard all that was on its way.
const QUIET: Duration = Duration::from_secs(2);

/// Of one organization: those of its sessions, and a subscription.
pub(super) struct Streams {
    all: Vec<Stream>,
}

struct Stream {
    name: &'static str,
    heard: Arc<AtomicUsize>,
    reader: JoinHandle<()>,
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

impl Streams {
    pub(super) async fn open(stack: &Stack, tenant: &Tenant, handed: &Handed) -> Result<Self> {
        let wishes = json!({ "notifications": { "toolsListChanged": true } });
        let subscription = tenant.modern(stack, "cards", "subscriptions/listen", None, wishes);
        let mut subscription = Events::of(subscription.timeout(LONG)).await?;
        // That it was heard says nothing of anybody else.
        subscription.message().await?;
        let notes = Events::of(handed.notes.listening(None).timeout(LONG)).await?;
        let all = Events::of(handed.all.listening(None).timeout(LONG)).await?;
        let streams = [("notes", notes), ("all servers", all), ("the subscription", subscription)];
        Ok(Self { all: streams.map(|(name, events)| Stream::read(name, events)).into() })
    }

    fn heard(&self) -> Vec<usize> {
        self.all.iter().map(|stream| stream.heard.load(Ordering::Relaxed)).collect()
    }

    /// Waits until what its own organization did before has been heard: changed rules are told a while later.
    async fn settled(&self, stack: &Stack) -> Result<()> {
        stack
            .until("nothing more is heard", async |_| {
                let before = self.heard();
                tokio::time::sleep(QUIET).await;
                Ok(self.heard() == before)
            })
            .await
    }

    /// What `tenant` does is heard on all of its own streams, and on none of the other's.
    pub(super) async fn hear(
        &self,
        others: &Self,
        stack: &Stack,
        tenant: &Tenant,
        own: &Handed,
    ) -> Result<()> {
        others.settled(stack).await?;
        let (before, others_before) = (self.heard(), others.heard());
        stack
            .until("everyone who listens has heard of it", async |stack| {
                own.notes.call("touch_tools", json!({})).await?.message().await?;
                let touch = "test_trigger_tool_change";
                let params = json!({ "name": touch, "arguments": {} });
                ensure!(
                    answer(tenant.modern(stack, "cards", "tools/call", Some(touch), params))
                        .await?
                        .is_success()
                );
                let missing = self.heard().iter().zip(&before).any(|(now, before)| now <= before);
                ensure!(!missing, "heard {before:?}, then {:?}", self.names());
                Ok(true)
            })
            .await?;
        ensure!(others.heard() == others_before, "the other one heard it on {:?}", others.names());
        Ok(())
    }

    /// Where what was heard, and whether the stream goes on.
    fn names(&self) -> Vec<(&str, usize, bool)> {
        let state = |stream: &Stream| {
            (stream.name, stream.heard.load(Ordering::Relaxed), !stream.reader.is_finished())
        };
        self.all.iter().map(state).collect()
    }
}

impl Stream {
    fn read(name: &'static str, mut events: Events) -> Self {
        let heard = Arc::new(AtomicUsize::new(0));
        let counter = heard.clone();
        let reader = tokio::spawn(async move {
            while events.message().await.is_ok() {
                counter.fetch_add(1, Ordering::Relaxed);
            }
        });
        Self { name, heard, reader }
    }
}
