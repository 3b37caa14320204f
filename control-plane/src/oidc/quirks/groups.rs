//! Which groups somebody is in. Where a provider knows of no groups, nothing follows for what they were granted; where it
//! says that there are none, all that came from groups goes; where it does not tell this time, nobody may go on with
//! what they were granted before.
//!
//! Google has no groups claim. Entra leaves groups out of a token when there are more than 200, and says so in
//! `_claim_names`; whoever may make groups can bring that about, so that it must not keep anything. All others leave the
//! claim out of the token of somebody who is in none.

use serde_json::Value;

use crate::oidc::{Kind, claims::Claims};

/// A token is no longer than this anyway; a directory that sends more is misconfigured.
const MOST_GROUPS: usize = 2_000;

#[derive(Debug, Eq, PartialEq)]
pub enum Groups {
    Known(Vec<String>),
    /// The provider never says.
    Silent,
    /// It would say, and did not this time; why.
    Untold(&'static str),
}

/// Whether its UserInfo endpoint may know groups that its tokens leave out.
#[must_use]
pub fn may_be_asked_for(kind: Kind) -> bool {
    // Entra's endpoint is Microsoft Graph's, which tells no groups.
    !matches!(kind, Kind::Google | Kind::AzureAd)
}

#[must_use]
pub fn groups(kind: Kind, claim: &str, claims: &Claims) -> Groups {
    match claims.get(claim) {
        Some(Value::Array(items)) => Groups::Known(
            items.iter().filter_map(Value::as_str).take(MOST_GROUPS).map(str::to_owned).collect(),
        ),
        Some(Value::String(one)) => Groups::Known(vec![one.clone()]),
        _ if kind == Kind::Google => Groups::Silent,
        _ if is_overage(kind, claim, claims) => Groups::Untold(
            "too many groups for a token; let Entra send only those assigned to the application",
        ),
        _ => Groups::Known(Vec::new()),
    }
}

fn is_overage(kind: Kind, claim: &str, claims: &Claims) -> bool {
    let elsewhere = claims.get("_claim_names").and_then(|names| names.get(claim)).is_some();
    kind == Kind::AzureAd && (elsewhere || claims.flag("hasgroups") == Some(true))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn silence_about_groups_is_told_from_there_being_none() {
        let known = |groups: &[&str]| Groups::Known(groups.iter().map(|group| (*group).to_owned()).collect());
        for (kind, claim, claims, expected) in [
            (Kind::Oidc, "groups", json!({"groups": ["a", "b", 3]}), known(&["a", "b"])),
            (Kind::Oidc, "groups", json!({"groups": "a"}), known(&["a"])),
            (Kind::Oidc, "groups", json!({}), known(&[])),
            (Kind::Okta, "groups", json!({}), known(&[])),
            (Kind::Auth0, "https://x/groups", json!({"https://x/groups": ["a"]}), known(&["a"])),
            (Kind::Oidc, "/realm_access/roles", json!({"realm_access": {"roles": ["a"]}}), known(&["a"])),
            (Kind::AzureAd, "groups", json!({"groups": ["id"]}), known(&["id"])),
            (Kind::AzureAd, "groups", json!({}), known(&[])),
        ] {
            assert_eq!(
                groups(kind, claim, &Claims(claims.as_object().unwrap().clone())),
                expected,
                "{claims}"
            );
        }
        for claims in
            [json!({"_claim_names": {"groups": "src1"}, "_claim_sources": {}}), json!({"hasgroups": true})]
        {
            let found = groups(Kind::AzureAd, "groups", &Claims(claims.as_object().unwrap().clone()));
            assert!(matches!(found, Groups::Untold(_)), "{claims}");
        }
        assert_eq!(groups(Kind::Google, "groups", &Claims::default()), Groups::Silent);
    }
}
