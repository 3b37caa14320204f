//! What a provider says about a person, once it is known to be the provider who says it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Where to look for what; the defaults are OpenID Connect's own names.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = SsoClaimMappings)]
#[serde(default, deny_unknown_fields)]
pub struct ClaimMappings {
    /// A claim's name, such as `https://example.com/email`, or a JSON Pointer into one, such as `/address/email`.
    #[schema(min_length = 1, max_length = 200)]
    pub email: String,
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    #[schema(min_length = 1, max_length = 200)]
    pub groups: String,
    #[schema(min_length = 1, max_length = 200)]
    pub picture: String,
}

impl Default for ClaimMappings {
    fn default() -> Self {
        Self {
            email: "email".into(),
            name: "name".into(),
            groups: "groups".into(),
            picture: "picture".into(),
        }
    }
}

/// What is said about the claim `email` and about no other.
const ABOUT_EMAIL: [&str; 2] = ["email_verified", "xms_edov"];

#[derive(Clone, Debug, Default)]
pub struct Claims(pub Map<String, Value>);

impl Claims {
    /// By name, or by JSON Pointer when it begins with `/` (RFC 6901).
    #[must_use]
    pub fn get(&self, claim: &str) -> Option<&Value> {
        let (first, rest) = top_level(claim);
        let value = self.0.get(&*first)?;
        rest.map_or(Some(value), |rest| value.pointer(&format!("/{rest}")))
    }

    /// A text that is not empty.
    #[must_use]
    pub fn text(&self, claim: &str) -> Option<&str> {
        self.get(claim)?.as_str().map(str::trim).filter(|text| !text.is_empty())
    }

    /// True in one of the ways in which providers write it; none when it is not there.
    #[must_use]
    pub fn flag(&self, claim: &str) -> Option<bool> {
        match self.get(claim)? {
            Value::Null => None,
            Value::Bool(flag) => Some(*flag),
            Value::Number(number) => Some(number.as_i64() == Some(1)),
            Value::String(text) => Some(text.eq_ignore_ascii_case("true") || text == "1"),
            _ => Some(false),
        }
    }

    /// Adds what `more` has beyond these. An address and what is said about it come from one of the two only: a flag of
    /// the one never vouches for an address of the other.
    #[must_use]
    pub fn completed_by(mut self, mut more: Self) -> Self {
        match self.0.get("email") {
            None => self.0.retain(|name, _| !ABOUT_EMAIL.contains(&name.as_str())),
            Some(email) if Some(email) != more.0.get("email") => {
                more.0.retain(|name, _| !ABOUT_EMAIL.contains(&name.as_str()));
            }
            Some(_) => {}
        }
        for (name, value) in more.0 {
            self.0.entry(name).or_insert(value);
        }
        self
    }
}

/// The claim that a mapping reads, and the way into it.
pub(super) fn top_level(mapping: &str) -> (Cow<'_, str>, Option<&str>) {
    let Some(path) = mapping.strip_prefix('/') else { return (Cow::Borrowed(mapping), None) };
    let (first, rest) = path.split_once('/').map_or((path, None), |(first, rest)| (first, Some(rest)));
    (Cow::Owned(first.replace("~1", "/").replace("~0", "~")), rest)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(value: Value) -> Claims {
        let Value::Object(map) = value else { panic!("{value} is no object") };
        Claims(map)
    }

    #[test]
    fn a_claim_is_found_by_name_or_by_pointer() {
        let claims = claims(json!({
            "https://example.com/groups": ["a"], "realm_access": {"roles": ["b"]}, "a.b": "c", "blank": " ",
        }));
        assert_eq!(claims.get("https://example.com/groups"), Some(&json!(["a"])));
        assert_eq!(claims.get("/realm_access/roles/0"), Some(&json!("b")));
        assert_eq!(
            (claims.text("a.b"), claims.text("blank"), claims.get("/nowhere/x")),
            (Some("c"), None, None)
        );
    }

    #[test]
    fn a_verified_flag_belongs_to_its_own_address() {
        let token = claims(json!({"email": "a@example.com"}));
        let same = claims(json!({"email": "a@example.com", "email_verified": true, "name": "A"}));
        let other = claims(json!({"email": "b@example.com", "email_verified": true}));
        assert_eq!(token.clone().completed_by(same).flag("email_verified"), Some(true));
        let mixed = token.completed_by(other);
        assert_eq!((mixed.text("email"), mixed.flag("email_verified")), (Some("a@example.com"), None));
        for flag in ["email_verified", "xms_edov"] {
            let flag_only = claims(json!({ flag: true }));
            let address_only = claims(json!({"email": "b@example.com"}));
            let mixed = flag_only.completed_by(address_only);
            assert_eq!((mixed.text("email"), mixed.flag(flag)), (Some("b@example.com"), None), "{flag}");
            let address = claims(json!({"email": "a@example.com"}));
            let mixed = address.completed_by(claims(json!({ "email": "b@example.com", flag: true })));
            assert_eq!(mixed.flag(flag), None, "{flag}");
        }
    }
}
