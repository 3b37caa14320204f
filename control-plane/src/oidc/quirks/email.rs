//! Whether an address is really the person's: accounts are found by it, so nothing less will do (contract 3.14).
//!
//! The rule is `email_verified` of Core §5.1. Entra does not send it: there the app adds the optional claim `xms_edov`
//! (the domain's owner verified it) or `verified_primary_email`; a single tenant's administrators give out addresses
//! themselves, so that without either its `email` is believed. So are those of OneLogin, which is one company's
//! directory too. In a multi-tenant app it is not: anybody can make a tenant and write any address into it. What people
//! type themselves to log in with (`preferred_username`) proves nothing anywhere.

use serde_json::Value;

use crate::oidc::{Kind, claims::Claims};

/// The default of `claim_mappings.email`.
const EMAIL: &str = "email";
const VERIFIED: &str = "email_verified";
const DOMAIN_VERIFIED: &str = "xms_edov";
const VERIFIED_LISTS: [&str; 2] = ["verified_primary_email", "verified_secondary_email"];

/// Whether a claim may be taken for the address.
#[must_use]
pub fn may_be_mapped(claim: &str) -> bool {
    !["preferred_username", "unique_name", "nickname"].contains(&claim)
}

/// The person's address, if the provider vouches for it.
#[must_use]
pub fn verified(kind: Kind, multi_tenant: bool, claim: &str, claims: &Claims) -> Option<String> {
    let listed = (kind == Kind::AzureAd).then(|| first_listed(claims)).flatten();
    let email = claims.text(claim).or(listed)?;
    let vouched = match kind {
        Kind::AzureAd => entra_vouches(multi_tenant, email, claims),
        Kind::Onelogin => claims.flag(VERIFIED).unwrap_or(true),
        Kind::Okta | Kind::Google | Kind::Auth0 | Kind::Oidc => flag_holds(claim, email, claims),
    };
    (vouched && is_address(email)).then(|| email.to_owned())
}

/// `email_verified` is about `email`, not about whatever else an address was taken from.
fn flag_holds(claim: &str, email: &str, claims: &Claims) -> bool {
    let about = claims.text(EMAIL).is_none_or(|standard| standard.eq_ignore_ascii_case(email));
    claims.flag(VERIFIED) == Some(true) && (claim == EMAIL || about)
}

fn entra_vouches(multi_tenant: bool, email: &str, claims: &Claims) -> bool {
    if is_listed(email, claims) {
        return true;
    }
    match claims.flag(DOMAIN_VERIFIED).or(claims.flag(VERIFIED)) {
        Some(vouched) => vouched,
        None => !multi_tenant,
    }
}

fn lists(claims: &Claims) -> impl Iterator<Item = &str> {
    let values = VERIFIED_LISTS.iter().filter_map(|list| claims.get(list));
    values.flat_map(|value| match value {
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        Value::String(text) => vec![text.as_str()],
        _ => Vec::new(),
    })
}

fn first_listed(claims: &Claims) -> Option<&str> {
    lists(claims).next()
}

fn is_listed(email: &str, claims: &Claims) -> bool {
    lists(claims).any(|listed| listed.eq_ignore_ascii_case(email))
}

fn is_address(text: &str) -> bool {
    let plain = |c: char| !c.is_whitespace() && !c.is_control();
    let parts = text.split_once('@').filter(|(name, domain)| !name.is_empty() && !domain.is_empty());
    text.len() <= 254 && text.chars().all(plain) && parts.is_some_and(|(_, domain)| !domain.contains('@'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_address_counts_only_when_the_provider_vouches_for_it() {
        let single = false;
        let multi = true;
        for (kind, tenancy, claim, claims, counts) in [
            (Kind::Oidc, single, "email", json!({"email": "a@x.com", "email_verified": true}), true),
            (Kind::Oidc, single, "email", json!({"email": "a@x.com", "email_verified": "true"}), true),
            (Kind::Oidc, single, "email", json!({"email": "a@x.com", "email_verified": false}), false),
            (Kind::Oidc, single, "email", json!({"email": "a@x.com"}), false),
            (Kind::Oidc, single, "email", json!({"email_verified": true}), false),
            (Kind::Oidc, single, "email", json!({"email": "no address", "email_verified": true}), false),
            (Kind::Oidc, single, "email", json!({"email": "a@b@x.com", "email_verified": true}), false),
            (Kind::Oidc, single, "email", json!({"email": ["a@x.com"], "email_verified": true}), false),
            (
                Kind::Auth0,
                single,
                "https://x/mail",
                json!({"https://x/mail": "a@x.com", "email_verified": true}),
                true,
            ),
            (
                Kind::Auth0,
                single,
                "https://x/mail",
                json!({"https://x/mail": "a@x.com", "email": "b@x.com", "email_verified": true}),
                false,
            ),
            (Kind::Okta, single, "email", json!({"email": "a@x.com"}), false),
            (Kind::Google, single, "email", json!({"email": "a@x.com", "email_verified": true}), true),
            (Kind::Onelogin, single, "email", json!({"email": "a@x.com"}), true),
            (Kind::Onelogin, single, "email", json!({"email": "a@x.com", "email_verified": false}), false),
            (Kind::AzureAd, single, "email", json!({"email": "a@x.com"}), true),
            (Kind::AzureAd, single, "email", json!({"email": "a@x.com", "xms_edov": false}), false),
            (Kind::AzureAd, single, "email", json!({"preferred_username": "a@x.com"}), false),
            (Kind::AzureAd, multi, "email", json!({"email": "a@x.com"}), false),
            (Kind::AzureAd, multi, "email", json!({"email": "a@x.com", "xms_edov": true}), true),
            (Kind::AzureAd, multi, "email", json!({"email": "a@x.com", "xms_edov": "1"}), true),
            (Kind::AzureAd, multi, "email", json!({"email": "a@x.com", "xms_edov": 0}), false),
            (
                Kind::AzureAd,
                multi,
                "email",
                json!({"email": "A@x.com", "verified_primary_email": ["a@x.com"]}),
                true,
            ),
            (Kind::AzureAd, multi, "email", json!({"verified_primary_email": ["a@x.com"]}), true),
            (
                Kind::AzureAd,
                multi,
                "email",
                json!({"email": "boss@x.com", "verified_primary_email": ["a@x.com"]}),
                false,
            ),
        ] {
            let found = verified(kind, tenancy, claim, &Claims(claims.as_object().unwrap().clone()));
            assert_eq!(found.is_some(), counts, "{kind:?} {tenancy} {claims}");
        }
    }

    #[test]
    fn what_people_type_to_log_in_is_no_address() {
        assert!(
            !may_be_mapped("preferred_username") && may_be_mapped("email") && may_be_mapped("https://x/mail")
        );
    }
}
