//! REST: the table of contents. Layers from outside in: edge (ids, envelope), identity, idempotency, the handlers.

use std::sync::Arc;

use axum::{Router, middleware};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

pub mod alert_channels;
pub mod alert_notifications;
pub mod alert_rules;
pub mod alert_silences;
pub mod alerts;
pub mod api_keys;
pub mod approval_page;
pub mod approvals;
pub mod audit;
#[cfg(test)]
mod audited;
pub mod auth;
pub mod budgets;
#[cfg(test)]
mod callers;
pub mod cors;
pub mod costs;
pub mod detections;
pub mod docs;
pub mod document;
pub mod edge;
pub mod etag;
pub mod export;
pub mod form;
pub mod health;
pub mod idempotency;
pub mod identity;
pub mod invites;
pub mod jobs;
pub mod list;
pub mod login_page;
pub mod mcp_tokens;
pub mod metrics;
pub mod organization;
pub mod organizations;
pub mod pages;
pub mod permissions;
pub mod query;
pub mod rate_limits;
pub mod respond;
pub mod role_assignments;
pub mod roles;
pub mod safety_policies;
pub mod safety_test;
pub mod servers;
pub mod sessions;
pub mod settings;
pub mod sso;
pub mod sso_providers;
pub mod team_members;
pub mod teams;
pub mod telemetry_exporters;
#[cfg(test)]
mod tenancy;
pub mod tool_classifications;
pub mod tool_permissions;
pub mod tools;
pub mod trace_payloads;
pub mod traces;
pub mod users;
pub mod value;
pub mod webhooks;
pub mod window;

/// Every route of `/v1` with its documentation.
pub fn api() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::with_openapi(document::Document::openapi())
        .merge(auth::router())
        .merge(mcp_tokens::router())
        .merge(sessions::router())
        .merge(organization::router())
        .merge(settings::router())
        .merge(organizations::router())
        .merge(teams::router())
        .merge(team_members::router())
        .merge(permissions::router())
        .merge(roles::router())
        .merge(role_assignments::router())
        .merge(users::router())
        .merge(invites::router())
        .merge(sso_providers::router())
        .merge(sso::router())
        .merge(api_keys::router())
        .merge(servers::router())
        .merge(tools::router())
        .merge(tool_classifications::router())
        .merge(tool_permissions::router())
        .merge(approvals::router())
        .merge(trace_payloads::router())
        .merge(traces::router())
        .merge(costs::router())
        .merge(rate_limits::router())
        .merge(budgets::router())
        .merge(metrics::router())
        .merge(audit::router())
        .merge(jobs::router())
        .merge(safety_policies::router())
        .merge(safety_test::router())
        .merge(detections::router())
        .merge(webhooks::router())
        .merge(alerts::router())
        .merge(alert_rules::router())
        .merge(alert_channels::router())
        .merge(alert_silences::router())
        .merge(alert_notifications::router())
        .merge(telemetry_exporters::router())
}

/// The OpenAPI document as text.
#[must_use]
pub fn document_json() -> String {
    format!("{:#}", document::document())
}

/// The public listener: the API, its document, the dashboard.
pub fn router(app: &Arc<App>) -> Router {
    let router = Router::from(api())
        .layer(middleware::from_fn_with_state(Arc::clone(app), idempotency::replay))
        .layer(middleware::from_fn_with_state(Arc::clone(app), identity::identify))
        .merge(health::router())
        .merge(pages::router())
        .layer(middleware::from_fn_with_state(Arc::clone(app), edge::edge))
        .with_state(Arc::clone(app));
    match cors::layer(&app.config.cors_allowed_origins) {
        Some(cors) => router.layer(cors),
        None => router,
    }
}
