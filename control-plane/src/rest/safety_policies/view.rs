//! A safety policy as REST shows it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    id::{OrgId, SafetyPolicyId, UserId},
    rest::value::Time,
    service::{
        safety::{Direction, Kind, Mode, Sensitivity, Severity},
        safety_policies::{Patterns, SafetyPolicyForm},
    },
    store::safety_policies::SafetyPolicyRow,
};

#[derive(Serialize, ToSchema)]
pub(super) struct SafetyPolicy {
    id: SafetyPolicyId,
    org_id: OrgId,
    name: String,
    description: String,
    enabled: bool,
    mode: Mode,
    sensitivity: Sensitivity,
    detectors: Vec<Kind>,
    directions: Vec<Direction>,
    mcp_servers: Vec<String>,
    tools: Vec<String>,
    patterns: Patterns,
    min_severity: Severity,
    /// The one that every organization has: it can be changed and switched off, not deleted.
    is_default: bool,
    created_at: Time,
    updated_at: Time,
    version: i32,
    #[schema(required)]
    created_by: Option<UserId>,
    managed_by: String,
}

impl From<SafetyPolicyRow> for SafetyPolicy {
    fn from(row: SafetyPolicyRow) -> Self {
        let form = SafetyPolicyForm::from(&row.content);
        Self {
            id: row.id,
            org_id: row.org_id,
            name: form.name,
            description: form.description,
            enabled: form.enabled,
            mode: form.mode,
            sensitivity: form.sensitivity,
            detectors: form.detectors,
            directions: form.directions,
            mcp_servers: form.mcp_servers,
            tools: form.tools,
            patterns: form.patterns,
            min_severity: form.min_severity,
            is_default: row.is_default,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
            created_by: row.created_by,
            managed_by: row.managed_by,
        }
    }
}
