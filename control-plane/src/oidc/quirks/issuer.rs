//! Who a provider says it is.
//!
//! The issuer in the document and in every token must be the configured URL to the letter (Discovery 1.0 §4.3, Core
//! §3.1.3.7): Auth0's ends with a slash, most others do not. The exception is Entra for all tenants (`common`,
//! `organizations`, `consumers`): its document has the template `.../{tenantid}/v2.0`, and each token the tenant that
//! signed, named once more in `tid`. (`consumers` is one tenant, of all personal accounts, and is named in the document;
//! it is nobody's directory all the same.) Since any tenant of the world can sign there, such a provider must name the
//! domains it is for, and an address counts only when Microsoft says that its domain's owner verified it (`email.rs`).

use url::Url;
use uuid::Uuid;

use crate::oidc::{Kind, claims::Claims};

const TENANT: &str = "{tenantid}";
/// The tenant of all personal Microsoft accounts.
const PERSONAL: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// Whether any tenant may sign in, or only the one in the URL.
#[must_use]
pub fn is_multi_tenant(kind: Kind, issuer_url: &str) -> bool {
    let open = ["common", "organizations", "consumers", PERSONAL];
    kind == Kind::AzureAd
        && tenant(issuer_url).is_some_and(|tenant| open.iter().any(|one| tenant.eq_ignore_ascii_case(one)))
}

fn tenant(issuer_url: &str) -> Option<String> {
    Url::parse(issuer_url).ok()?.path_segments()?.next().map(str::to_owned)
}

fn is_of_personal_accounts(issuer_url: &str) -> bool {
    tenant(issuer_url).is_some_and(|tenant| ["consumers", PERSONAL].contains(&&*tenant.to_ascii_lowercase()))
}

/// Whether a URL can be the issuer of such a provider.
///
/// # Errors
/// What it should look like.
pub fn check(kind: Kind, issuer_url: &str) -> Result<(), &'static str> {
    let Ok(url) = Url::parse(issuer_url) else {
        return Err("must be a URL such as https://login.example.com");
    };
    if url.query().is_some() || url.fragment().is_some() || issuer_url.contains(['?', '#']) {
        return Err("must not have a query or a fragment");
    }
    if issuer_url.contains("/.well-known/") {
        return Err("must be the issuer itself, without /.well-known/openid-configuration");
    }
    let path = url.path();
    match kind {
        Kind::Google if issuer_url != "https://accounts.google.com" => {
            Err("must be https://accounts.google.com")
        }
        Kind::AzureAd if !path.ends_with("/v2.0") => {
            Err("must be https://login.microsoftonline.com/<tenant id>/v2.0")
        }
        Kind::Okta if !["", "/"].contains(&path) && !path.starts_with("/oauth2/") => {
            Err("must be https://<domain> or https://<domain>/oauth2/<authorization server>")
        }
        Kind::Onelogin if path != "/oidc/2" => Err("must be https://<subdomain>.onelogin.com/oidc/2"),
        _ => Ok(()),
    }
}

/// Whether a provider at `configured` may call itself `stated` in its document.
#[must_use]
pub fn document_fits(kind: Kind, configured: &str, stated: &str) -> bool {
    if is_multi_tenant(kind, configured) {
        let personal = is_of_personal_accounts(configured) && is_of_personal_accounts(stated);
        return (personal || stated.split(TENANT).count() == 2) && same_origin(configured, stated);
    }
    configured == stated
}

fn same_origin(one: &str, other: &str) -> bool {
    let origin = |text: &str| Url::parse(text).map(|url| url.origin());
    matches!((origin(one), origin(other)), (Ok(one), Ok(other)) if one == other)
}

/// The `iss` that a token with these claims must have; `stated` is the document's. None when it does not say its tenant.
#[must_use]
pub fn expected(kind: Kind, configured: &str, stated: &str, unverified: &Claims) -> Option<String> {
    if !is_multi_tenant(kind, configured) {
        return Some(stated.to_owned());
    }
    let tenant: Uuid = unverified.text("tid")?.parse().ok()?;
    Some(stated.replace(TENANT, &tenant.to_string()))
}

/// By what a person is known to us. A subject is one person within its issuer (Core §2), and here every tenant is an
/// issuer of its own, so that it is named too. The claims are of a verified token.
#[must_use]
pub fn subject(kind: Kind, configured: &str, claims: &Claims, subject: &str) -> String {
    match claims.text("tid") {
        Some(tenant) if is_multi_tenant(kind, configured) => {
            format!("{}|{subject}", tenant.to_ascii_lowercase())
        }
        _ => subject.to_owned(),
    }
}

/// Whether proxies can check its access tokens: they know one issuer to the letter and its published keys.
///
/// # Errors
/// Why not.
pub fn issues_mcp_tokens(kind: Kind, issuer_url: &str) -> Result<(), &'static str> {
    match kind {
        Kind::Google => Err("cannot be used with Google, whose access tokens nobody else can check"),
        Kind::AzureAd if is_multi_tenant(kind, issuer_url) => {
            Err("needs one tenant's issuer, for every tenant signs tokens as another")
        }
        Kind::Okta if !issuer_url.contains("/oauth2/") => {
            Err("needs a custom authorization server, such as https://<domain>/oauth2/default")
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TEMPLATE: &str = "https://login.microsoftonline.com/{tenantid}/v2.0";
    const COMMON: &str = "https://login.microsoftonline.com/common/v2.0";
    const CONSUMERS: &str = "https://login.microsoftonline.com/consumers/v2.0";
    const PERSONAL_TENANT: &str =
        "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0";
    const TENANT_A: &str = "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0";

    #[test]
    fn every_type_has_its_own_form_of_issuer() {
        for (kind, url, good) in [
            (Kind::Oidc, "https://id.example.com/realms/a", true),
            (Kind::Oidc, "https://id.example.com/?x=1", false),
            (Kind::Oidc, "https://id.example.com/#x", false),
            (Kind::Oidc, "https://id.example.com/.well-known/openid-configuration", false),
            (Kind::Oidc, "nonsense", false),
            (Kind::Google, "https://accounts.google.com", true),
            (Kind::Google, "https://accounts.google.com/", false),
            (Kind::Google, "https://accounts.example.com", false),
            (Kind::AzureAd, TENANT_A, true),
            (Kind::AzureAd, COMMON, true),
            (Kind::AzureAd, "https://sts.windows.net/11111111-2222-3333-4444-555555555555/", false),
            (Kind::Okta, "https://example.okta.com", true),
            (Kind::Okta, "https://example.okta.com/oauth2/default", true),
            (Kind::Okta, "https://example.okta.com/app", false),
            (Kind::Onelogin, "https://example.onelogin.com/oidc/2", true),
            (Kind::Onelogin, "https://example.onelogin.com/oidc", false),
            (Kind::Auth0, "https://example.eu.auth0.com/", true),
        ] {
            assert_eq!(check(kind, url).is_ok(), good, "{kind:?} {url}");
        }
    }

    #[test]
    fn a_document_names_its_issuer_to_the_letter() {
        for (kind, configured, stated, fits) in [
            (Kind::Auth0, "https://a.auth0.com/", "https://a.auth0.com/", true),
            (Kind::Auth0, "https://a.auth0.com", "https://a.auth0.com/", false),
            (Kind::Oidc, "https://id.example.com", "https://evil.example", false),
            (Kind::AzureAd, COMMON, TEMPLATE, true),
            (Kind::AzureAd, COMMON, "https://evil.example/{tenantid}/v2.0", false),
            (Kind::AzureAd, COMMON, TENANT_A, false),
            (Kind::AzureAd, COMMON, PERSONAL_TENANT, false),
            (Kind::AzureAd, CONSUMERS, PERSONAL_TENANT, true),
            (Kind::AzureAd, PERSONAL_TENANT, PERSONAL_TENANT, true),
            (Kind::AzureAd, CONSUMERS, TENANT_A, false),
            (Kind::AzureAd, TENANT_A, PERSONAL_TENANT, false),
            (Kind::AzureAd, TENANT_A, TENANT_A, true),
            (Kind::AzureAd, TENANT_A, TEMPLATE, false),
            (Kind::Oidc, COMMON, TEMPLATE, false),
        ] {
            assert_eq!(document_fits(kind, configured, stated), fits, "{configured} {stated}");
        }
    }

    #[test]
    fn anybody_at_all_may_sign_in_at_these() {
        for (url, open) in [
            (COMMON, true),
            (CONSUMERS, true),
            (PERSONAL_TENANT, true),
            ("https://login.microsoftonline.com/9188040D-6C67-4C5B-B112-36A304B66DAD/v2.0", true),
            ("https://login.microsoftonline.com/organizations/v2.0", true),
            (TENANT_A, false),
        ] {
            assert_eq!(is_multi_tenant(Kind::AzureAd, url), open, "{url}");
            assert!(!is_multi_tenant(Kind::Oidc, url), "{url}");
        }
        let of = |tid: &str| Claims(json!({ "tid": tid }).as_object().unwrap().clone());
        let expected = expected(Kind::AzureAd, CONSUMERS, PERSONAL_TENANT, &of(PERSONAL));
        assert_eq!(expected.as_deref(), Some(PERSONAL_TENANT));
    }

    #[test]
    fn only_a_multi_tenant_issuer_has_the_tokens_tenant_put_in() {
        let of = |tid: &str| Claims(json!({ "tid": tid }).as_object().unwrap().clone());
        let tenant = "11111111-2222-3333-4444-555555555555";
        assert_eq!(expected(Kind::AzureAd, COMMON, TEMPLATE, &of(tenant)).as_deref(), Some(TENANT_A));
        for bad in ["", "evil.example/", "../x"] {
            assert_eq!(expected(Kind::AzureAd, COMMON, TEMPLATE, &of(bad)), None, "{bad}");
        }
        let other = "99999999-2222-3333-4444-555555555555";
        assert_eq!(expected(Kind::AzureAd, TENANT_A, TENANT_A, &of(other)).as_deref(), Some(TENANT_A));
        assert_eq!(expected(Kind::Oidc, "https://i", "https://i", &of(tenant)).as_deref(), Some("https://i"));
    }

    #[test]
    fn a_subject_of_a_multi_tenant_issuer_is_one_of_its_tenant() {
        let of = |tid: &str| Claims(json!({ "tid": tid }).as_object().unwrap().clone());
        assert_eq!(subject(Kind::AzureAd, COMMON, &of("AB-1"), "s"), "ab-1|s");
        assert_eq!(subject(Kind::AzureAd, TENANT_A, &of("AB-1"), "s"), "s");
        assert_eq!(subject(Kind::Oidc, COMMON, &of("AB-1"), "s"), "s");
    }

    #[test]
    fn access_tokens_that_proxies_cannot_check_are_not_promised() {
        for (kind, url, good) in [
            (Kind::Google, "https://accounts.google.com", false),
            (Kind::AzureAd, COMMON, false),
            (Kind::AzureAd, TENANT_A, true),
            (Kind::Okta, "https://a.okta.com", false),
            (Kind::Okta, "https://a.okta.com/oauth2/default", true),
            (Kind::Oidc, "https://id.example.com", true),
        ] {
            assert_eq!(issues_mcp_tokens(kind, url).is_ok(), good, "{kind:?} {url}");
        }
    }
}
