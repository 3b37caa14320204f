//! Figures for the overview. They need `traces:read`; money in them needs `costs:read` as well (contract 3.12).

use chrono::{DateTime, Duration, Utc};

use super::{events, traces::sees_all_money};
use crate::{
    app::App,
    auth::Principal,
    error::{Error, Result},
    proxies::{self, Presence},
    store::{
        approvals,
        dimensions::Dimensions,
        metrics::{self, Point, Present, Ranking, ServerFigures},
        page::TimeRange,
        traces::{self, Filter, Stats},
    },
};

/// Figures, and whether the money among them may be told.
pub struct Figures<T> {
    pub figures: T,
    pub with_cost: bool,
}

/// The requests of a range of time and of the one before it, and what there is now.
pub struct Overview {
    pub requests: Stats,
    pub previous: Stats,
    pub present: Present,
    /// Of those that the caller may see, and none without that permission.
    pub pending_approvals: Option<i64>,
    pub sees_alerts: bool,
}

/// # Errors
/// `permission_denied`, or the database's.
pub async fn overview(
    app: &App,
    principal: &Principal,
    range: TimeRange,
    previous: TimeRange,
    now: DateTime<Utc>,
) -> Result<Figures<Overview>> {
    let filter = Filter { dimensions: seen(principal, None)?, roots: true, ..Filter::default() };
    let (mut tx, org) = events::begin(app, principal).await?;
    let pending_approvals = match principal.require("approvals:read") {
        Ok(reach) => Some(approvals::count_pending(&mut tx, org, &reach, now).await?),
        Err(_) => None,
    };
    let figures = Overview {
        pending_approvals,
        sees_alerts: principal.require_everywhere("alerts:read").is_ok(),
        requests: traces::stats(&mut tx, org, &filter, range).await?,
        previous: traces::stats(&mut tx, org, &filter, previous).await?,
        present: metrics::present(&mut tx, org, now).await?,
    };
    Ok(Figures { figures, with_cost: sees_all_money(principal) })
}

/// What is looked at as the present.
pub const MINUTE: Duration = Duration::seconds(60);

/// The last minute, and the proxies as they are.
pub struct Realtime {
    pub now: DateTime<Utc>,
    pub requests: Stats,
    pub servers: Vec<ServerFigures>,
    pub proxies: Vec<Presence>,
}

/// # Errors
/// `permission_denied`, or the database's.
pub async fn realtime(app: &App, principal: &Principal, now: DateTime<Utc>) -> Result<Realtime> {
    /// More than anybody looks at.
    const SERVERS: i64 = 200;
    let dimensions = seen(principal, None)?;
    let ranking = Ranking { rank: metrics::Rank::Requests, descending: true, limit: SERVERS };
    let range = TimeRange { start: Some(now - MINUTE), end: Some(now) };
    let filter = Filter { dimensions: dimensions.clone(), roots: true, ..Filter::default() };
    let (mut tx, org) = events::begin(app, principal).await?;
    let requests = traces::stats(&mut tx, org, &filter, range).await?;
    let servers = metrics::servers(&mut tx, org, &dimensions, (now - MINUTE, now), &ranking).await?;
    drop(tx);
    Ok(Realtime { now, requests, servers, proxies: proxies::list(app).await })
}

/// # Errors
/// `permission_denied`, or the database's.
pub async fn points(
    app: &App,
    principal: &Principal,
    mcp_server: Option<Vec<String>>,
    span: (DateTime<Utc>, DateTime<Utc>),
    step: Duration,
) -> Result<Figures<Vec<Point>>> {
    let seen = seen(principal, mcp_server)?;
    let (mut tx, org) = events::begin(app, principal).await?;
    let figures = metrics::points(&mut tx, org, &seen, span, step).await?;
    Ok(Figures { figures, with_cost: sees_all_money(principal) })
}

/// # Errors
/// `permission_denied`, or the database's.
pub async fn servers(
    app: &App,
    principal: &Principal,
    span: (DateTime<Utc>, DateTime<Utc>),
    ranking: &Ranking,
) -> Result<Figures<Vec<ServerFigures>>> {
    let seen = seen(principal, None)?;
    if ranking.rank == metrics::Rank::Cost && !sees_all_money(principal) {
        return Err(Error::permission_denied("costs:read"));
    }
    let (mut tx, org) = events::begin(app, principal).await?;
    let figures = metrics::servers(&mut tx, org, &seen, span, ranking).await?;
    Ok(Figures { figures, with_cost: sees_all_money(principal) })
}

fn seen(principal: &Principal, mcp_server: Option<Vec<String>>) -> Result<Dimensions> {
    let visible = vec![events::visible(principal, "traces:read")?];
    Ok(Dimensions { mcp_server, visible, ..Dimensions::default() })
}
