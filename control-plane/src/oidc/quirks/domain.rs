//! Whether an address is of a domain that the provider is for. None named: of any.
//!
//! Google says in `hd` whose Workspace an account belongs to; without it the account is a private one, so that a named
//! domain must stand in both, unless it is Google's own. Where none is named, `email.rs` asks for the same.

use url::Host;

use super::email::is_googles_own;
use crate::oidc::{Kind, claims::Claims};

/// A domain as it is compared: lower case, in its ASCII form, without the `@` that people write. None when it is none.
#[must_use]
pub fn normalized(domain: &str) -> Option<String> {
    let domain = domain.trim();
    let domain = domain.strip_prefix('@').unwrap_or(domain);
    match Host::parse(domain) {
        Ok(Host::Domain(name)) if name.len() <= 253 && !name.ends_with('.') && !name.contains('*') => {
            Some(name)
        }
        _ => None,
    }
}

/// `allowed` are normalized.
#[must_use]
pub fn allows(kind: Kind, allowed: &[String], email: &str, claims: &Claims) -> bool {
    if allowed.is_empty() {
        return true;
    }
    let is_allowed = |domain: &str| normalized(domain).is_some_and(|domain| allowed.contains(&domain));
    let of_email = email.rsplit_once('@').is_some_and(|(_, domain)| is_allowed(domain));
    let of_workspace = || claims.text("hd").map_or_else(|| is_googles_own(email), is_allowed);
    of_email && (kind != Kind::Google || of_workspace())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_domain_has_one_form() {
        for (given, expected) in [
            ("Example.COM", Some("example.com")),
            (" @example.com ", Some("example.com")),
            ("münchen.example", Some("xn--mnchen-3ya.example")),
            ("127.0.0.1", None),
            ("*.example.com", None),
            ("a b", None),
            ("", None),
            ("example.com/x", None),
        ] {
            assert_eq!(normalized(given).as_deref(), expected, "{given}");
        }
    }

    #[test]
    fn only_addresses_of_named_domains_come_in() {
        let allowed = ["example.com".to_owned(), "xn--mnchen-3ya.example".to_owned()];
        for (kind, allowed, email, claims, comes_in) in [
            (Kind::Oidc, &allowed[..0], "a@anywhere.example", json!({}), true),
            (Kind::Oidc, &allowed, "a@Example.com", json!({}), true),
            (Kind::Oidc, &allowed, "a@münchen.example", json!({}), true),
            (Kind::Oidc, &allowed, "a@sub.example.com", json!({}), false),
            (Kind::Oidc, &allowed, "a@example.com.evil.example", json!({}), false),
            (Kind::Oidc, &allowed, "example.com", json!({}), false),
            (Kind::Google, &allowed, "a@example.com", json!({"hd": "example.com"}), true),
            (Kind::Google, &allowed, "a@example.com", json!({}), false),
            (Kind::Google, &allowed, "a@example.com", json!({"hd": "evil.example"}), false),
            (Kind::Google, &allowed[..0], "a@gmail.com", json!({}), true),
            (Kind::Google, &["gmail.com".to_owned()][..], "a@gmail.com", json!({}), true),
            (Kind::Google, &["gmail.com".to_owned()][..], "a@gmail.com", json!({"hd": "x.com"}), false),
        ] {
            let claims = Claims(claims.as_object().unwrap().clone());
            assert_eq!(allows(kind, allowed, email, &claims), comes_in, "{kind:?} {email} {claims:?}");
        }
    }
}
