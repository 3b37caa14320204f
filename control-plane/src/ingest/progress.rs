//! How far behind the group is: what proxies wrote and Postgres does not have yet.

use std::time::Duration;

use chrono::Utc;
use redis::streams::{StreamInfoGroupsReply, StreamPendingReply, StreamRangeReply};

use super::Options;

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Progress {
    /// Entries not yet acknowledged, delivered or not.
    pub waiting: u64,
    /// Age of the oldest of them.
    pub lag: Duration,
}

pub(super) async fn read(redis: &deadpool_redis::Pool, options: &Options) -> anyhow::Result<Progress> {
    let Options { stream, group, .. } = options;
    let mut connection = redis.get().await?;
    let groups: StreamInfoGroupsReply =
        redis::cmd("XINFO").arg("GROUPS").arg(stream).query_async(&mut connection).await?;
    let Some(group) = groups.groups.iter().find(|known| known.name == *group) else {
        return Ok(Progress::default());
    };
    let waiting = group.pending + group.lag.unwrap_or(0);
    if waiting == 0 {
        return Ok(Progress::default());
    }
    let oldest = if group.pending > 0 {
        let pending: StreamPendingReply =
            redis::cmd("XPENDING").arg(stream).arg(&group.name).query_async(&mut connection).await?;
        match pending {
            StreamPendingReply::Data(data) => Some(data.start_id),
            _ => None,
        }
    } else {
        let after = format!("({}", group.last_delivered_id);
        let mut range = redis::cmd("XRANGE");
        range.arg(stream).arg(after).arg("+").arg("COUNT").arg(1);
        let range: StreamRangeReply = range.query_async(&mut connection).await?;
        range.ids.into_iter().next().map(|entry| entry.id)
    };
    Ok(Progress { waiting: waiting as u64, lag: oldest.map(|id| age(&id)).unwrap_or_default() })
}

/// An entry's id begins with the milliseconds of its writing.
fn age(id: &str) -> Duration {
    let written: u64 = id.split('-').next().and_then(|ms| ms.parse().ok()).unwrap_or_default();
    Duration::from_millis((Utc::now().timestamp_millis().unsigned_abs()).saturating_sub(written))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_tells_its_age() {
        assert!(age("0-0") > Duration::from_secs(1_000_000_000));
        assert_eq!(age(&format!("{}-0", u64::MAX)), Duration::ZERO);
    }
}
