//! The fields of an identity provider that POST and PATCH take, and what their types do not say (contract 3.14).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    id::{RoleId, TeamId},
    oidc::{
        Kind,
        claims::ClaimMappings,
        quirks::{domain, email, issuer},
    },
    rest::{
        form::{Faults, Form},
        servers::secret::Secret,
    },
};

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SsoProviderForm {
    #[schema(required)]
    pub r#type: Kind,
    /// By default the type's.
    #[schema(max_length = 100)]
    pub name: String,
    /// Exactly as the provider writes it, with or without a slash at the end.
    #[schema(required, format = "uri")]
    pub issuer_url: String,
    #[schema(required)]
    pub client_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required)]
    pub client_secret: Option<Secret>,
    #[schema(max_items = 50)]
    pub scopes: Vec<String>,
    pub claim_mappings: ClaimMappings,
    /// What members of a group are granted, from sign-in to sign-in.
    #[schema(max_items = 500)]
    pub group_mappings: Vec<GroupMapping>,
    /// Empty: addresses of any domain. Needed where anybody in the world can sign in: at Google with
    /// `jit_provisioning`, at Entra with an app for several tenants.
    #[schema(max_items = 100)]
    pub allowed_domains: Vec<String>,
    /// Whether people who were not invited get an account when they first sign in.
    pub jit_provisioning: bool,
    /// The name of the role they get then.
    pub default_role: String,
    /// Whether its access tokens open MCP endpoints.
    pub mcp_tokens: bool,
    pub enabled: bool,
}

/// Either a role everywhere, or membership of a team.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = SsoGroupMapping)]
#[serde(default, deny_unknown_fields)]
pub struct GroupMapping {
    #[schema(required, min_length = 1, max_length = 255)]
    pub group: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_id: Option<RoleId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team_id: Option<TeamId>,
}

impl Default for SsoProviderForm {
    fn default() -> Self {
        Self {
            r#type: Kind::default(),
            name: String::new(),
            issuer_url: String::new(),
            client_id: String::new(),
            client_secret: None,
            scopes: ["openid", "profile", "email"].map(str::to_owned).into(),
            claim_mappings: ClaimMappings::default(),
            group_mappings: Vec::new(),
            allowed_domains: Vec::new(),
            jit_provisioning: true,
            default_role: "viewer".to_owned(),
            mcp_tokens: false,
            enabled: true,
        }
    }
}

impl Form for SsoProviderForm {
    const REQUIRED: &'static [&'static str] = &["type", "issuer_url", "client_id", "client_secret"];
    const READ_ONLY: &'static [&'static str] =
        &["callback_url", "authorize_url", "backchannel_logout_url", "client_secret_set"];

    fn check(&self, faults: &mut Faults) {
        faults.length("name", &self.name, 0..=100);
        self.check_issuer(faults);
        faults.length("client_id", &self.client_id, 1..=500);
        let secret = self.client_secret.as_ref().and_then(Secret::given);
        if secret.is_some_and(|secret| {
            secret.is_empty() || secret.len() > 2_000 || secret.chars().any(char::is_control)
        }) {
            faults.add("client_secret", "length", "must have 1 to 2000 characters");
        }
        self.check_scopes(faults);
        self.check_claims(faults);
        self.check_groups(faults);
        self.check_domains(faults);
        faults.length("default_role", &self.default_role, 1..=50);
    }
}

impl SsoProviderForm {
    /// What has one form only is brought into it.
    pub(super) fn tidy(&mut self) {
        self.name = self.name.trim().to_owned();
        if self.name.is_empty() {
            self.name = self.r#type.title().to_owned();
        }
        self.allowed_domains =
            self.allowed_domains.iter().filter_map(|one| domain::normalized(one)).collect();
        self.allowed_domains.sort_unstable();
        self.allowed_domains.dedup();
    }

    fn check_issuer(&self, faults: &mut Faults) {
        if self.issuer_url.len() > 2_000 {
            return faults.add("issuer_url", "length", "must have 2000 characters at most");
        }
        if let Err(message) = issuer::check(self.r#type, &self.issuer_url) {
            return faults.add("issuer_url", "format", message);
        }
        if self.mcp_tokens
            && let Err(message) = issuer::issues_mcp_tokens(self.r#type, &self.issuer_url)
        {
            faults.add("mcp_tokens", "enum", message);
        }
    }

    fn check_scopes(&self, faults: &mut Faults) {
        faults.range("scopes", &self.scopes.len(), 0..=50);
        // RFC 6749 §3.3.
        let plain = |b: u8| b == 0x21 || (0x23..=0x5b).contains(&b) || (0x5d..=0x7e).contains(&b);
        for (index, scope) in self.scopes.iter().enumerate() {
            if scope.is_empty() || scope.len() > 200 || !scope.bytes().all(plain) {
                faults.add(format!("scopes.{index}"), "format", "must be one scope without spaces");
            }
        }
    }

    fn check_claims(&self, faults: &mut Faults) {
        let mappings = &self.claim_mappings;
        for (field, claim) in [
            ("claim_mappings.email", &mappings.email),
            ("claim_mappings.name", &mappings.name),
            ("claim_mappings.groups", &mappings.groups),
            ("claim_mappings.picture", &mappings.picture),
        ] {
            faults.length(field, claim, 1..=200);
        }
        if !email::may_be_mapped(&mappings.email) {
            let message = "is what people type to log in, which proves nothing; choose a claim that the provider verifies";
            faults.add("claim_mappings.email", "enum", message);
        }
    }

    fn check_groups(&self, faults: &mut Faults) {
        faults.range("group_mappings", &self.group_mappings.len(), 0..=500);
        for (index, mapping) in self.group_mappings.iter().enumerate() {
            let field = format!("group_mappings.{index}");
            faults.length(&format!("{field}.group"), &mapping.group, 1..=255);
            if mapping.role_id.is_some() == mapping.team_id.is_some() {
                faults.add(&field, "required", "must have either role_id or team_id");
            } else if self.group_mappings[..index].contains(mapping) {
                faults.add(&field, "unique", "is there already");
            }
        }
    }

    fn check_domains(&self, faults: &mut Faults) {
        faults.range("allowed_domains", &self.allowed_domains.len(), 0..=100);
        for (index, one) in self.allowed_domains.iter().enumerate() {
            if domain::normalized(one).is_none() {
                faults.add(
                    format!("allowed_domains.{index}"),
                    "format",
                    "must be a domain such as example.com",
                );
            }
        }
        let anybody = issuer::is_multi_tenant(self.r#type, &self.issuer_url)
            || self.r#type == Kind::Google && self.jit_provisioning;
        if self.allowed_domains.is_empty() && anybody {
            let message =
                "must name whose people may come in: anybody in the world can sign in at this issuer";
            faults.add("allowed_domains", "required", message);
        }
    }
}
