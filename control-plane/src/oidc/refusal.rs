//! Why somebody is not signed in: a code for the log-in page, a text for the audit log.

use std::borrow::Cow;

use crate::error::{Code, Error};

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident $code:literal),* $(,)?) => {
        /// Stable: they stand in `/login?error=<code>`.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub enum Reason {
            $($(#[$doc])* $variant,)*
            /// One of our own codes (contract 1.4).
            Ours(Code),
        }

        impl Reason {
            /// All but our own.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            #[must_use]
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)*
                    Self::Ours(code) => code.name(),
                }
            }
        }
    };
}

reasons! {
    /// No sign-in was begun in this browser, or too long ago, or with another provider.
    StateInvalid "sso_state_invalid",
    /// The answer was used before.
    CodeReplayed "sso_code_replayed",
    NonceInvalid "sso_nonce_invalid",
    IssuerInvalid "sso_issuer_invalid",
    AudienceInvalid "sso_audience_invalid",
    TokenExpired "sso_token_expired",
    /// A signature that is wrong, missing, or of a kind that is not accepted.
    TokenInvalid "sso_token_invalid",
    EmailUnverified "sso_email_unverified",
    DomainNotAllowed "sso_domain_not_allowed",
    /// The account belongs to another identity, or is not the provider's to give.
    AccountLinked "sso_account_linked",
    /// Nobody was invited, and accounts are not made by themselves.
    UserUnknown "sso_user_unknown",
    /// The person holds what groups granted, and the provider did not say which groups they are in.
    GroupsUnknown "sso_groups_unknown",
    /// The person or the provider said no.
    AccessDenied "sso_access_denied",
    ProviderError "sso_provider_error",
    ProviderUnreachable "sso_provider_unreachable",
}

#[derive(Clone, Debug)]
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
