//! What to ask a provider for.
//!
//! Without `openid` there is no ID token. Okta's own authorization server and OneLogin send groups only for the scope
//! `groups`; Okta's custom ones (`/oauth2/...`) refuse scopes that nobody defined there, and send groups by their own claims.

use crate::oidc::Kind;

#[must_use]
pub fn asked(kind: Kind, issuer_url: &str, configured: &[String], maps_groups: bool) -> Vec<String> {
    let mut scopes = vec!["openid".to_owned()];
    let for_a_scope = match kind {
        Kind::Okta => !issuer_url.contains("/oauth2/"),
        Kind::Onelogin => true,
        Kind::AzureAd | Kind::Google | Kind::Auth0 | Kind::Oidc => false,
    };
    let more = configured.iter().cloned().chain((maps_groups && for_a_scope).then(|| "groups".to_owned()));
    for scope in more {
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    scopes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_provider_needs_is_asked_for_once() {
        for (kind, issuer, configured, maps_groups, expected) in [
            (Kind::Oidc, "https://i", "email profile", false, "openid email profile"),
            (Kind::Oidc, "https://i", "openid email openid", true, "openid email"),
            (Kind::Okta, "https://a.okta.com", "openid email", true, "openid email groups"),
            (Kind::Okta, "https://a.okta.com", "openid groups", true, "openid groups"),
            (Kind::Okta, "https://a.okta.com", "openid", false, "openid"),
            (Kind::Onelogin, "https://a.onelogin.com/oidc/2", "openid", true, "openid groups"),
            (Kind::Onelogin, "https://a.onelogin.com/oidc/2", "openid", false, "openid"),
            (Kind::Okta, "https://a.okta.com/oauth2/default", "openid", true, "openid"),
        ] {
            let configured: Vec<_> = configured.split(' ').map(str::to_owned).collect();
            assert_eq!(asked(kind, issuer, &configured, maps_groups).join(" "), expected, "{issuer}");
        }
    }
}
