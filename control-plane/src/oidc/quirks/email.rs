//! Whether an address is really the person's: accounts are found by it, so nothing less will do (contract 3.14).
//!
//! The rule is `email_verified` of Core §5.1; it is about `email`, so that an address from another claim counts when it
//! is the same one. Entra does not send it: there the app adds the optional claim `xms_edov` (the domain's owner
//! verified `email`) or `verified_primary_email`; a single tenant's administrators give out addresses themselves, so
//! that without either an address is believed. So are those of OneLogin, which is one company's directory too. In a
//! multi-tenant app they are not: anybody can make a tenant and write any address into it. Google verifies what people
//! tell it, once: the mailbox of a private account may have another owner by now, so that Google's word counts only for
//! its own domain and for accounts of a Workspace (`hd`). What people type themselves to log in with
//! (`preferred_username`) proves nothing anywhere.

use serde_json::Value;

use crate::{
    mail::is_address,
    oidc::{
        Kind,
        claims::{Claims, top_level},
    },
};

/// The default of `claim_mappings.email`.
const EMAIL: &str = "email";
const VERIFIED: &str = "email_verified";
const DOMAIN_VERIFIED: &str = "xms_edov";
const VERIFIED_LISTS: [&str; 2] = ["verified_primary_email", "verified_secondary_email"];

/// Whether a claim may be taken for the address.
#[must_use]
pub fn may_be_mapped(claim: &str) -> bool {
    !["preferred_username", "unique_name", "nickname"].contains(&&*top_level(claim).0)
}

/// The person's address, if the provider vouches for it.
#[must_use]
pub fn verified(kind: Kind, multi_tenant: bool, claim: &str, claims: &Claims) -> Option<String> {
    let email = address(kind, claim, claims)?;
    let vouched = match kind {
        Kind::AzureAd => entra_vouches(multi_tenant, email, claims),
        Kind::Onelogin => claims.flag(VERIFIED) != Some(false),
        Kind::Google => flag_holds(VERIFIED, email, claims) && google_knows(email, claims),
        Kind::Okta | Kind::Auth0 | Kind::Oidc => flag_holds(VERIFIED, email, claims),
    };
    (vouched && is_address(email)).then(|| email.to_owned())
}

/// Whether asking on would not help: the address is vouched for, or the provider says that it does not.
#[must_use]
pub fn is_settled(kind: Kind, multi_tenant: bool, claim: &str, claims: &Claims) -> bool {
    let flag = if kind == Kind::AzureAd { DOMAIN_VERIFIED } else { VERIFIED };
    let denied = address(kind, claim, claims).is_some() && claims.flag(flag) == Some(false);
    denied || verified(kind, multi_tenant, claim, claims).is_some()
}

fn address<'a>(kind: Kind, claim: &str, claims: &'a Claims) -> Option<&'a str> {
    let listed = (kind == Kind::AzureAd).then(|| first_listed(claims)).flatten();
    claims.text(claim).or(listed)
}

/// A flag is about `email`, not about whatever else an address was taken from.
fn flag_holds(flag: &str, email: &str, claims: &Claims) -> bool {
    let about = claims.text(EMAIL).is_some_and(|standard| standard.eq_ignore_ascii_case(email));
    about && claims.flag(flag) == Some(true)
}

fn google_knows(email: &str, claims: &Claims) -> bool {
    claims.text("hd").is_some() || is_googles_own(email)
}

/// An address that Google itself gives out.
pub(super) fn is_googles_own(email: &str) -> bool {
    email.to_ascii_lowercase().ends_with("@gmail.com")
}

fn entra_vouches(multi_tenant: bool, email: &str, claims: &Claims) -> bool {
    if is_listed(email, claims) || flag_holds(DOMAIN_VERIFIED, email, claims) {
        return true;
    }
    !multi_tenant && claims.flag(DOMAIN_VERIFIED) != Some(false)
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
                false,
            ),
            (
                Kind::Auth0,
                single,
                "https://x/mail",
                json!({"https://x/mail": "A@x.com", "email": "a@x.com", "email_verified": true}),
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
            (Kind::Google, single, "email", json!({"email": "a@x.com", "email_verified": true}), false),
            (Kind::Google, single, "email", json!({"email": "a@Gmail.com", "email_verified": true}), true),
            (
                Kind::Google,
                single,
                "email",
                json!({"email": "a@x.com", "email_verified": true, "hd": "x.com"}),
                true,
            ),
            (Kind::Google, single, "email", json!({"email": "a@x.com", "hd": "x.com"}), false),
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
            (Kind::AzureAd, multi, "email", json!({"email": "a@x.com", "email_verified": true}), false),
            (Kind::AzureAd, multi, "extn.mail", json!({"extn.mail": "boss@x.com", "xms_edov": true}), false),
            (
                Kind::AzureAd,
                multi,
                "extn.mail",
                json!({"extn.mail": "boss@x.com", "email": "eve@x.com", "xms_edov": true}),
                false,
            ),
            (Kind::AzureAd, single, "extn.mail", json!({"extn.mail": "a@x.com"}), true),
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
    fn a_provider_is_asked_on_until_an_address_is_vouched_for_or_denied() {
        let mail = json!({"email": "a@x.com"});
        for (kind, tenancy, claims, settled) in [
            (Kind::Okta, false, mail.clone(), false),
            (Kind::Okta, false, json!({"email": "a@x.com", "email_verified": false}), true),
            (Kind::Okta, false, json!({"email": "a@x.com", "email_verified": true}), true),
            (Kind::Okta, false, json!({"email_verified": false}), false),
            (Kind::Google, false, json!({"email": "a@x.com", "email_verified": true}), false),
            (Kind::Onelogin, false, mail.clone(), true),
            (Kind::AzureAd, false, mail.clone(), true),
            (Kind::AzureAd, true, mail, false),
            (Kind::AzureAd, true, json!({"email": "a@x.com", "xms_edov": false}), true),
        ] {
            let given = Claims(claims.as_object().unwrap().clone());
            assert_eq!(is_settled(kind, tenancy, "email", &given), settled, "{kind:?} {claims}");
        }
    }

    #[test]
    fn what_people_type_to_log_in_is_no_address_however_it_is_named() {
        for bad in ["preferred_username", "/preferred_username", "/unique_name", "/nickname/x"] {
            assert!(!may_be_mapped(bad), "{bad}");
        }
        for good in ["email", "/email", "https://x/mail", "/address/preferred_username"] {
            assert!(may_be_mapped(good), "{good}");
        }
    }
}
