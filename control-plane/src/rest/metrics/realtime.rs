//! The last minute, and the proxies as they are (contract 3.12).

use std::sync::Arc;

use axum::{Json, extract::State};
use chrono::Utc;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    auth::Principal,
    error::Result,
    proxies::Presence,
    rest::value::Time,
    service::metrics::{self, MINUTE, Realtime},
    store::metrics::ServerFigures,
};

#[derive(Serialize, ToSchema)]
#[schema(as = Realtime)]
pub(super) struct RealtimeView {
    as_of: Time,
    requests_per_second: f64,
    /// Errors and timeouts among all requests, from 0 to 1.
    error_rate: f64,
    #[schema(required)]
    p50_ms: Option<i32>,
    #[schema(required)]
    p95_ms: Option<i32>,
    #[schema(required)]
    p99_ms: Option<i32>,
    /// Requests under way on all proxies, of all organizations.
    active_connections: u64,
    /// Sessions of the revisions of MCP that have them, as those.
    active_sessions: u64,
    by_server: Vec<ServerView>,
    proxies: Vec<ProxyView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = RealtimeServer)]
struct ServerView {
    mcp_server: String,
    requests_per_second: f64,
    error_rate: f64,
    #[schema(required)]
    p95_ms: Option<i32>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = RealtimeProxy)]
struct ProxyView {
    proxy_id: String,
    version: String,
    /// Of the configuration that it runs on.
    revision: u64,
    last_seen_at: Time,
    /// connected, or silent for more than 15 seconds
    status: &'static str,
}

#[expect(clippy::cast_precision_loss, reason = "ratios")]
fn each_second(requests: i64) -> f64 {
    requests as f64 / MINUTE.num_seconds() as f64
}

impl RealtimeView {
    fn new(realtime: Realtime) -> Self {
        let Realtime { now, requests, servers, proxies } = realtime;
        let present = || proxies.iter().filter(|proxy| !proxy.is_silent(now));
        Self {
            as_of: Time(now),
            requests_per_second: each_second(requests.total_requests),
            error_rate: requests.error_rate(),
            p50_ms: requests.p50_duration_ms,
            p95_ms: requests.p95_duration_ms,
            p99_ms: requests.p99_duration_ms,
            active_connections: present().map(|proxy| u64::from(proxy.connections)).sum(),
            active_sessions: present().map(|proxy| u64::from(proxy.sessions)).sum(),
            by_server: servers.into_iter().map(ServerView::from).collect(),
            proxies: proxies.iter().map(|proxy| ProxyView::new(proxy, proxy.is_silent(now))).collect(),
        }
    }
}

impl From<ServerFigures> for ServerView {
    #[expect(clippy::cast_precision_loss, reason = "ratios")]
    fn from(server: ServerFigures) -> Self {
        Self {
            requests_per_second: each_second(server.requests),
            error_rate: server.errors as f64 / server.requests.max(1) as f64,
            p95_ms: server.p95_ms,
            mcp_server: server.mcp_server,
        }
    }
}

impl ProxyView {
    fn new(proxy: &Presence, is_silent: bool) -> Self {
        Self {
            proxy_id: proxy.proxy_id.clone(),
            version: proxy.version.clone(),
            revision: proxy.revision,
            last_seen_at: Time(proxy.at),
            status: if is_silent { "silent" } else { "connected" },
        }
    }
}

/// What happened in the last 60 seconds, and how the proxies are.
#[utoipa::path(get, path = "/v1/metrics/realtime", operation_id = "getRealtime", tag = "metrics",
    responses((status = 200, body = RealtimeView)))]
pub(super) async fn realtime(
    State(app): State<Arc<App>>,
    principal: Principal,
) -> Result<Json<RealtimeView>> {
    let realtime = metrics::realtime(&app, &principal, Utc::now()).await?;
    Ok(Json(RealtimeView::new(realtime)))
}
