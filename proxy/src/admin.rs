//! The admin listener: is the process alive, is it ready, what has it counted, what does it run on (contract 2.1).

use std::sync::Arc;

use async_trait::async_trait;
use http::Response;
use pingora::{apps::http_app::ServeHttp, protocols::http::ServerSession};
use serde_json::{Value, json};

use crate::server::Gateway;

pub(crate) struct Admin(pub(crate) Arc<Gateway>);

#[async_trait]
impl ServeHttp for Admin {
    async fn response(&self, session: &mut ServerSession) -> Response<Vec<u8>> {
        match session.req_header().uri.path() {
            "/health" => json_answer(200, &json!({ "status": "ok" })),
            "/ready" => self.ready(),
            "/debug/config" => json_answer(200, &self.config()),
            "/metrics" => answer(200, "text/plain; version=0.0.4", self.0.telemetry.exposition(&self.0)),
            _ => json_answer(
                404,
                &json!({ "error": { "code": "not_found", "message": "there are /health, /ready, /metrics and /debug/config", "details": {}, "request_id": null } }),
            ),
        }
    }
}

impl Admin {
    /// A missing Redis is reported and fails nothing: spans wait on disk (contract 2.1).
    fn ready(&self) -> Response<Vec<u8>> {
        let gateway = &self.0;
        let (config, is_ready) = match (gateway.snapshot(), gateway.is_draining()) {
            (_, true) => ("draining".to_owned(), false),
            (Ok(_), false) if gateway.current.is_connected() => ("ok".to_owned(), true),
            (Ok(_), false) => (format!("control plane away for {} s", gateway.current.age().as_secs()), true),
            (Err(rejection), false) => (rejection.message, false),
        };
        let redis = if gateway.telemetry.is_connected() { "ok" } else { "unreachable, spans are kept" };
        let status = if is_ready { "ready" } else { "not_ready" };
        let body = json!({ "status": status, "checks": { "config": config, "redis": redis } });
        json_answer(if is_ready { 200 } else { 503 }, &body)
    }

    /// No secret is in it: only how much of what there is.
    fn config(&self) -> Value {
        let gateway = &self.0;
        let snapshot = gateway.current.snapshot();
        let (keys, servers) = snapshot.counts();
        json!({
            "proxy_id": gateway.config.proxy_id,
            "version": env!("CARGO_PKG_VERSION"),
            "revision": snapshot.revision,
            "lineage": hex::encode(&snapshot.lineage),
            "control_plane_connected": gateway.current.is_connected(),
            "age_seconds": gateway.current.age().as_secs(),
            "api_keys": keys,
            "users": snapshot.users.len(),
            "token_issuers": snapshot.trust.issuers.len(),
            "mcp_servers": servers,
        })
    }
}

fn json_answer(status: u16, body: &Value) -> Response<Vec<u8>> {
    answer(status, "application/json", body.to_string())
}

fn answer(status: u16, content_type: &'static str, body: String) -> Response<Vec<u8>> {
    let body = body.into_bytes();
    let mut response = Response::new(body);
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
    let length = http::HeaderValue::from(response.body().len());
    let headers = response.headers_mut();
    headers.insert("content-type", http::HeaderValue::from_static(content_type));
    headers.insert("content-length", length);
    headers.insert("cache-control", http::HeaderValue::from_static("no-store"));
    response
}
