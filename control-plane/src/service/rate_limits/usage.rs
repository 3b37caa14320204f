//! How much of the limits is used right now, as the proxies count it together in Redis (`gatewayops_proto::limit`).

use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, Utc};
use gatewayops_proto::limit::{self, Metric, Window};
use redis::aio::ConnectionLike;
use tokio::time::{Instant, timeout};

use crate::{
    app::App,
    auth::Principal,
    error::{Error, Result},
    id::{OrgId, RateLimitId},
    store::rate_limits::{self, RateLimitRow},
};

/// Counters in one answer.
const MOST: usize = 1_000;
/// Redis is asked for no longer than this.
const PATIENCE: Duration = Duration::from_secs(5);
/// Names are looked for no longer than this: what was found until then is the answer.
const SEARCH: Duration = Duration::from_secs(2);
const NAMES_AT_ONCE: usize = 1_000;

/// One counter of one limit.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Used {
    pub rate_limit: RateLimitId,
    /// Whose calls it counts.
    pub member: String,
    pub used: u64,
    pub limit: u64,
    pub resets_at: DateTime<Utc>,
}

/// A counter to be read.
struct Counter<'a> {
    row: &'a RateLimitRow,
    window: Window,
    name: String,
    member: String,
}

/// The limits in force. One that counts each member on its own shows those who have called lately, or the one asked for.
///
/// # Errors
/// `permission_denied`, or `unavailable`: Redis does not answer.
pub async fn usage(
    app: &App,
    principal: &Principal,
    scope_types: Option<&[String]>,
    members: Option<&[String]>,
    now: DateTime<Utc>,
) -> Result<Vec<Used>> {
    principal.require_everywhere("policies:read")?;
    let org = principal.org;
    let mut tx = principal.begin(&app.database).await?;
    let rows = rate_limits::list_enabled(&mut tx, org, scope_types).await?;
    tx.commit().await?;
    let away = |error: anyhow::Error| Error::unavailable("redis").because(error);
    let read = async {
        let mut redis = app.redis.get().await?;
        let counters = counters(&mut *redis, org, &rows, members).await?;
        read(&mut *redis, &counters, now).await
    };
    match timeout(PATIENCE, read).await {
        Ok(read) => read.map_err(away),
        Err(late) => Err(away(late.into())),
    }
}

async fn counters<'a>(
    redis: &mut (impl ConnectionLike + Send),
    org: OrgId,
    rows: &'a [RateLimitRow],
    asked: Option<&[String]>,
) -> anyhow::Result<Vec<Counter<'a>>> {
    let asked: Option<Vec<String>> = asked.map(|asked| asked.iter().map(|one| as_counted(one)).collect());
    let (mut counters, mut searched) = (Vec::new(), Vec::new());
    for row in rows {
        let Some((metric, window)) = counted(row) else { continue };
        let name = |member: &str| limit::counter(org.0, &row.id, metric, window, &member);
        match members(row, org, asked.as_deref()) {
            Some(members) => counters.extend(members.into_iter().map(|member| {
                let name = name(&member);
                Counter { row, window, name, member }
            })),
            None => searched.push((row, window, name(""))),
        }
    }
    if !searched.is_empty() {
        for name in search(redis, org).await? {
            let found = searched.iter().find_map(|(row, window, prefix)| {
                name.strip_prefix(prefix.as_str()).map(|member| (*row, *window, member.to_owned()))
            });
            if let Some((row, window, member)) = found {
                counters.push(Counter { row, window, name, member });
            }
        }
    }
    counters.retain(|counter| asked.as_ref().is_none_or(|asked| asked.contains(&counter.member)));
    counters.truncate(MOST);
    Ok(counters)
}

/// Whom a limit counts. None: whoever has called, which is to be looked for.
fn members(row: &RateLimitRow, org: OrgId, asked: Option<&[String]>) -> Option<Vec<String>> {
    match (row.scope_type.as_str(), &row.scope_value, asked) {
        ("organization", ..) => Some(vec![org.to_string()]),
        (_, Some(value), _) => Some(vec![value.clone()]),
        (_, None, Some(asked)) => Some(asked.to_vec()),
        (_, None, None) => None,
    }
}

/// A member as proxies write it: an address of IPv6 is counted with its neighbours.
fn as_counted(member: &str) -> String {
    member.parse().map_or_else(|_| member.to_owned(), |address| limit::address(address).to_string())
}

/// None: written by a newer version, whose counters we cannot read.
fn counted(row: &RateLimitRow) -> Option<(Metric, Window)> {
    let seconds = row.window_seconds.try_into().ok()?;
    Metric::parse(&row.metric).zip(Window::parse(&row.kind, seconds, &row.period))
}

/// The names of the organization's counters, each once, as many as are found in time.
async fn search(redis: &mut (impl ConnectionLike + Send), org: OrgId) -> anyhow::Result<BTreeSet<String>> {
    let until = Instant::now() + SEARCH;
    let mut names = BTreeSet::new();
    let mut cursor = 0_u64;
    loop {
        let (next, found): (u64, Vec<String>) = redis::cmd("SCAN")
            .arg(cursor)
            .arg("MATCH")
            .arg(format!("gwo:limit:{{{org}}}:*"))
            .arg("COUNT")
            .arg(NAMES_AT_ONCE)
            .query_async(redis)
            .await?;
        names.extend(found);
        cursor = next;
        if cursor == 0 || Instant::now() >= until {
            return Ok(names);
        }
    }
}

async fn read(
    redis: &mut (impl ConnectionLike + Send),
    counters: &[Counter<'_>],
    now: DateTime<Utc>,
) -> anyhow::Result<Vec<Used>> {
    if counters.is_empty() {
        return Ok(Vec::new());
    }
    let mut pipe = redis::pipe();
    for counter in counters {
        pipe.cmd("HGETALL").arg(&counter.name);
    }
    let counts: Vec<Vec<(u64, u64)>> = pipe.query_async(redis).await?;
    let now_ms = u64::try_from(now.timestamp_millis()).unwrap_or_default();
    let used = counters.iter().zip(counts).map(|(counter, counts)| {
        let usage = counter.window.usage(now_ms, counts);
        let resets_at = i64::try_from(usage.resets_at_ms).ok().and_then(DateTime::from_timestamp_millis);
        Used {
            rate_limit: counter.row.id,
            member: counter.member.clone(),
            used: usage.used,
            limit: counter.row.limit.try_into().unwrap_or_default(),
            resets_at: resets_at.unwrap_or(now),
        }
    });
    Ok(used.collect())
}
