//! The types of provider (contract 4.7). All are found by discovery; they differ in what `quirks` says.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = SsoProviderType)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Okta,
    AzureAd,
    Google,
    Onelogin,
    Auth0,
    #[default]
    Oidc,
}

impl Kind {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Okta => "okta",
            Self::AzureAd => "azure_ad",
            Self::Google => "google",
            Self::Onelogin => "onelogin",
            Self::Auth0 => "auth0",
            Self::Oidc => "oidc",
        }
    }

    /// As people know it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Okta => "Okta",
            Self::AzureAd => "Microsoft Entra ID",
            Self::Google => "Google",
            Self::Onelogin => "OneLogin",
            Self::Auth0 => "Auth0",
            Self::Oidc => "OpenID Connect",
        }
    }

    /// Of the column, whose values a check bounds.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let all = [Self::Okta, Self::AzureAd, Self::Google, Self::Onelogin, Self::Auth0];
        all.into_iter().find(|kind| kind.as_str() == text).unwrap_or(Self::Oidc)
    }
}
