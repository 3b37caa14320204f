//! Tells live streams of new root spans, after their commit (contract 6.2): fire and forget, and only to
//! organizations that someone listens for.

use std::collections::{BTreeSet, HashSet};

use super::batch::Placed;
use super::parse::Event;

pub(super) async fn publish<P: AsRef<str>>(
    redis: &deadpool_redis::Pool,
    events: &[Placed<'_>],
    payloads: &[P],
) -> anyhow::Result<()> {
    let roots = events.iter().filter_map(|(place, received)| match &received.event {
        Event::Span(span) if span.is_root => Some((channel(received.org_id), payloads[*place].as_ref())),
        _ => None,
    });
    let roots: Vec<(String, &str)> = roots.collect();
    let channels: BTreeSet<&str> = roots.iter().map(|(channel, _)| channel.as_str()).collect();
    if channels.is_empty() {
        return Ok(());
    }
    let mut connection = redis.get().await?;
    let listeners: Vec<(String, u64)> =
        redis::cmd("PUBSUB").arg("NUMSUB").arg(Vec::from_iter(channels)).query_async(&mut connection).await?;
    let heard: HashSet<String> =
        listeners.into_iter().filter(|(_, count)| *count > 0).map(|(name, _)| name).collect();
    if heard.is_empty() {
        return Ok(());
    }
    let mut pipe = redis::pipe();
    for (channel, span) in roots.iter().filter(|(channel, _)| heard.contains(channel)) {
        pipe.cmd("PUBLISH").arg(channel).arg(span).ignore();
    }
    let () = pipe.query_async(&mut connection).await?;
    Ok(())
}

fn channel(org: uuid::Uuid) -> String {
    format!("traces:{org}")
}
