//! An identity provider as it is read: its secret only as `client_secret_set` (contract 1.1, 3.14).

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    id::{OrgId, ProviderId, UserId},
    oidc::{Kind, claims::ClaimMappings},
    rest::value::Time,
    service::sso_providers::{self, GroupMapping},
    store::sso_providers::ProviderRow,
};

#[derive(Serialize, ToSchema)]
pub(super) struct SsoProvider {
    id: ProviderId,
    org_id: OrgId,
    r#type: Kind,
    name: String,
    issuer_url: String,
    client_id: String,
    client_secret_set: bool,
    scopes: Vec<String>,
    claim_mappings: ClaimMappings,
    group_mappings: Vec<GroupMapping>,
    allowed_domains: Vec<String>,
    jit_provisioning: bool,
    default_role: String,
    mcp_tokens: bool,
    enabled: bool,
    /// To be registered at the provider as redirect URI.
    callback_url: String,
    /// Where people begin to sign in.
    authorize_url: String,
    /// To be registered at the provider, if it tells of log-outs.
    backchannel_logout_url: String,
    created_at: Time,
    updated_at: Time,
    version: i32,
    #[schema(required)]
    created_by: Option<UserId>,
    managed_by: String,
}

impl SsoProvider {
    pub(super) fn new(app: &App, row: ProviderRow) -> Self {
        let form = sso_providers::form_of(&row.settings);
        Self {
            id: row.id,
            org_id: row.org_id,
            r#type: form.r#type,
            name: form.name,
            issuer_url: form.issuer_url,
            client_id: form.client_id,
            client_secret_set: true,
            scopes: form.scopes,
            claim_mappings: form.claim_mappings,
            group_mappings: form.group_mappings,
            allowed_domains: form.allowed_domains,
            jit_provisioning: form.jit_provisioning,
            default_role: form.default_role,
            mcp_tokens: form.mcp_tokens,
            enabled: form.enabled,
            callback_url: sso_providers::callback_url(app, row.id),
            authorize_url: sso_providers::authorize_url(app, row.id),
            backchannel_logout_url: format!("{}/v1/sso/backchannel-logout/{}", app.config.public_url, row.id),
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
            created_by: row.created_by,
            managed_by: row.managed_by,
        }
    }
}
