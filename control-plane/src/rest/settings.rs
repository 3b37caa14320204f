//! `/v1/settings` (contract 3.2).

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    etag::{IfMatch, Tagged},
    form::Patch,
    value::Time,
};
use crate::{
    app::App,
    auth::Principal,
    error::Result,
    id::OrgId,
    service,
    settings::{Approvals, Rates, Retention, Security, Settings, ToolPolicy, Traces},
    store::organizations::OrganizationRow,
};

#[cfg(test)]
mod tests;

/// All settings of the organization, with what was never changed at its default.
#[derive(Serialize, ToSchema)]
struct OrganizationSettings {
    org_id: OrgId,
    rate_limits: Rates,
    tool_policy: ToolPolicy,
    approvals: Approvals,
    security: Security,
    traces: Traces,
    retention: Retention,
    updated_at: Time,
    /// Of the organization: a change of its name counts too.
    version: i32,
}

impl OrganizationSettings {
    fn tagged((row, settings): (OrganizationRow, Settings)) -> Tagged<Self> {
        let shown = Self {
            org_id: row.id,
            rate_limits: settings.rate_limits,
            tool_policy: settings.tool_policy,
            approvals: settings.approvals,
            security: settings.security,
            traces: settings.traces,
            retention: settings.retention,
            updated_at: row.updated_at.into(),
            version: row.version,
        };
        Tagged(row.version, shown)
    }
}

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(get, update))
}

/// The settings of the organization.
#[utoipa::path(get, path = "/v1/settings", operation_id = "getSettings", tag = "organization",
    responses((status = 200, body = OrganizationSettings)))]
async fn get(State(app): State<Arc<App>>, principal: Principal) -> Result<Tagged<OrganizationSettings>> {
    Ok(OrganizationSettings::tagged(service::settings::get(&app, &principal).await?))
}

/// Change settings, field by field. Where they end log-ins by password, the sessions that began with one end too, but
/// for the caller's.
#[utoipa::path(patch, path = "/v1/settings", operation_id = "updateSettings", tag = "organization",
    request_body = Settings, responses((status = 200, body = OrganizationSettings)))]
async fn update(
    State(app): State<Arc<App>>,
    principal: Principal,
    if_match: IfMatch,
    patch: Patch<Settings>,
) -> Result<Tagged<OrganizationSettings>> {
    let changed = service::settings::update(&app, &principal, &if_match, patch).await?;
    Ok(OrganizationSettings::tagged(changed))
}
