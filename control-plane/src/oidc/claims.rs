//! What a provider says about a person, once it is known to be the provider who says it.

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

#[derive(Clone, Debug, Default)]
pub struct Claims(pub Map<String, Value>);

impl Claims {
    /// By name, or by JSON Pointer when it begins with `/` (RFC 6901).
    #[must_use]
    pub fn get(&self, claim: &str) -> Option<&Value> {
        let Some((_, path)) = claim.split_once('/').filter(|(before, _)| before.is_empty()) else {
            return self.0.get(claim);
        };
        let (first, rest) = path.split_once('/').map_or((path, None), |(first, rest)| (first, Some(rest)));
        let value = self.0.get(&first.replace("~1", "/").replace("~0", "~"))?;
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

    /// Adds what `more` has beyond these. An address and what is said about it come from one of the two only.
    #[must_use]
    pub fn completed_by(mut self, mut more: Self) -> Self {
        if self.0.contains_key("email") && self.0.get("email") != more.0.get("email") {
            more.0.remove("email_verified");
        }
        for (name, value) in more.0 {
            self.0.entry(name).or_insert(value);
        }
        self
    }
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
    }
}
