//! Why somebody is not signed in: a code for the log-in page, a text for the audit log.

use std::borrow::Cow;

use crate::error::{Code, Error};

/// Stable: they stand in `/login?error=<code>`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reason {
    /// No sign-in was begun in this browser, or too long ago, or with another provider.
    StateInvalid,
    /// The answer was used before.
    CodeReplayed,
    NonceInvalid,
    IssuerInvalid,
    AudienceInvalid,
    TokenExpired,
    /// A signature that is wrong, missing, or of a kind that is not accepted.
    TokenInvalid,
    EmailUnverified,
    DomainNotAllowed,
    /// The account belongs to another identity.
    AccountLinked,
    /// Nobody was invited, and accounts are not made by themselves.
    UserUnknown,
    /// The person or the provider said no.
    AccessDenied,
    ProviderError,
    ProviderUnreachable,
    /// One of our own codes (contract 1.4).
    Ours(Code),
}

impl Reason {
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::StateInvalid => "sso_state_invalid",
            Self::CodeReplayed => "sso_code_replayed",
            Self::NonceInvalid => "sso_nonce_invalid",
            Self::IssuerInvalid => "sso_issuer_invalid",
            Self::AudienceInvalid => "sso_audience_invalid",
            Self::TokenExpired => "sso_token_expired",
            Self::TokenInvalid => "sso_token_invalid",
            Self::EmailUnverified => "sso_email_unverified",
            Self::DomainNotAllowed => "sso_domain_not_allowed",
            Self::AccountLinked => "sso_account_linked",
            Self::UserUnknown => "sso_user_unknown",
            Self::AccessDenied => "sso_access_denied",
            Self::ProviderError => "sso_provider_error",
            Self::ProviderUnreachable => "sso_provider_unreachable",
            Self::Ours(code) => code.name(),
        }
    }
}

#[derive(Debug)]
pub struct Refusal {
    pub reason: Reason,
    /// For administrators: in the audit log, and in the answer of a test. Never a token, a code or a secret.
    pub detail: Cow<'static, str>,
}

impl Refusal {
    pub fn new(reason: Reason, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { reason, detail: detail.into() }
    }

    pub fn provider(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Reason::ProviderError, detail)
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        if error.code.http().is_server_error() {
            tracing::error!(%error, "a sign-in failed on our side");
        }
        Self::new(Reason::Ours(error.code), error.message)
    }
}

impl From<sqlx::Error> for Refusal {
    fn from(error: sqlx::Error) -> Self {
        Error::from(error).into()
    }
}
