//! Whether we live (`/health`), can serve (`/ready`), and how we do (`/metrics`) (contract 2.1).

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{StatusCode, header};
use serde_json::{Value, json};

use crate::{app::App, server::ping_redis};

/// A check that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(2);

/// For the public listener.
pub fn router() -> Router<Arc<App>> {
    Router::new().route("/health", get(alive))
}

/// The admin listener.
pub fn admin_router(app: &Arc<App>) -> Router {
    Router::new()
        .route("/health", get(alive))
        .route("/ready", get(ready))
        .route("/metrics", get(metrics))
        .with_state(Arc::clone(app))
}

/// The process is alive: 200 always.
async fn alive() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

/// A missing Redis is reported but fails nothing: spans wait with the proxies, limits are local.
async fn ready(State(app): State<Arc<App>>) -> Response {
    let (database, redis, migrations) = tokio::join!(
        check(async { Ok(app.database.ping().await?) }),
        check(ping_redis(&app.redis)),
        check(app.database.check_migrations()),
    );
    let is_ready = database.is_ok() && migrations.is_ok();
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({
        "status": if is_ready { "ok" } else { "unavailable" },
        "checks": {"database": text(database), "redis": text(redis), "migrations": text(migrations)},
    });
    (status, Json(body)).into_response()
}

async fn check(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    tokio::time::timeout(PATIENCE, work).await.unwrap_or_else(|_| Err(anyhow::anyhow!("no answer in 2 s")))
}

fn text(outcome: anyhow::Result<()>) -> String {
    outcome.map_or_else(|error| format!("{error:#}"), |()| "ok".to_owned())
}

async fn metrics(State(app): State<Arc<App>>) -> Response {
    let pool = app.database.pool();
    let idle = i64::try_from(pool.num_idle()).unwrap_or(i64::MAX);
    app.metrics.db_pool_connections.with_label_values(&["idle"]).set(idle);
    app.metrics.db_pool_connections.with_label_values(&["used"]).set(i64::from(pool.size()) - idle);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], app.metrics.text()).into_response()
}
