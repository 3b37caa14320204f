//! A provider's public keys (RFC 7517): those that can check a signature, and of each only what is public.

use openidconnect::core::CoreJsonWebKeySet;
use serde_json::{Map, Value, json};

use super::{Refusal, metadata::document};
use crate::egress::Egress;

/// Nobody signs with more at a time.
const MOST: usize = 50;
/// RSA with 8192 bits takes 1,400.
const MAX_KEY: usize = 2_500;
/// What makes a public key of the three asymmetric types, and what says how to use it. `x5c` repeats it.
const PUBLIC: [&str; 9] = ["kty", "kid", "use", "alg", "n", "e", "crv", "x", "y"];

#[derive(Debug)]
pub struct Keys {
    /// `{"keys": [...]}`.
    pub public: Value,
}

impl Keys {
    /// # Errors
    /// The provider does not answer with a key set.
    pub async fn fetch(egress: &Egress, jwks_uri: &str) -> Result<Self, Refusal> {
        let found: Value = document(egress, jwks_uri, "the key set").await?;
        let keys = found.get("keys").and_then(Value::as_array);
        let keys = keys.ok_or_else(|| Refusal::provider("the key set has no keys"))?;
        Ok(Self { public: public_keys(keys) })
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.public["keys"].as_array().map_or(0, Vec::len)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[must_use]
    pub fn has(&self, key_id: &str) -> bool {
        has_key(&self.public, key_id)
    }

    /// As the library takes them; those it does not know are left out.
    #[must_use]
    pub fn set(&self) -> CoreJsonWebKeySet {
        serde_json::from_value(self.public.clone()).unwrap_or_else(|_| CoreJsonWebKeySet::new(Vec::new()))
    }
}

/// Whether a set has a key of this id.
#[must_use]
pub fn has_key(set: &Value, key_id: &str) -> bool {
    let keys = set["keys"].as_array().into_iter().flatten();
    keys.into_iter().any(|key| key["kid"].as_str() == Some(key_id))
}

fn public_keys(keys: &[Value]) -> Value {
    let keys = keys.iter().filter_map(Value::as_object).filter(|key| signs(key)).take(MOST);
    let public = keys.map(|key| {
        let members = key.iter().filter(|(name, value)| PUBLIC.contains(&name.as_str()) && value.is_string());
        members.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>()
    });
    json!({"keys": public.filter(|key| json!(key).to_string().len() <= MAX_KEY).collect::<Vec<_>>()})
}

/// A shared secret has no place in a public set, and one would let anybody sign who can read it.
fn signs(key: &Map<String, Value>) -> bool {
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    // A list, or absent (RFC 7517 §4.3); it is checked here, where it is still there.
    let verifies = |uses: &Value| uses.as_array().is_some_and(|uses| uses.iter().any(|one| one == "verify"));
    matches!(text("kty"), Some("RSA" | "EC" | "OKP"))
        && text("use").is_none_or(|purpose| purpose == "sig")
        && key.get("key_ops").is_none_or(verifies)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_signing_keys_are_kept_and_only_what_is_public_of_them() {
        let set = [
            json!({"kty": "RSA", "kid": "a", "n": "1", "e": "AQAB", "d": "secret", "p": "secret", "x5c": ["long"]}),
            json!({"kty": "EC", "kid": "b", "crv": "P-256", "x": "1", "y": "2", "use": "sig", "alg": "ES256", "key_ops": ["verify"]}),
            json!({"kty": "oct", "kid": "c", "k": "secret"}),
            json!({"kty": "RSA", "kid": "d", "n": "1", "e": "AQAB", "use": "enc"}),
            json!({"kty": "RSA", "kid": "e", "n": "9".repeat(MAX_KEY), "e": "AQAB"}),
            json!({"kty": "RSA", "kid": "f", "n": "1", "e": "AQAB", "key_ops": ["encrypt", "wrapKey"]}),
            json!("nonsense"),
        ];
        let keys = Keys { public: public_keys(&set) };
        assert_eq!(
            keys.public,
            json!({"keys": [
                {"kty": "RSA", "kid": "a", "n": "1", "e": "AQAB"},
                {"kty": "EC", "kid": "b", "crv": "P-256", "x": "1", "y": "2", "use": "sig", "alg": "ES256"},
            ]})
        );
        assert!(keys.has("a") && !keys.has("c") && keys.len() == 2);
    }

    #[test]
    fn a_set_without_bound_is_cut() {
        let key = json!({"kty": "EC", "crv": "P-256", "x": "1", "y": "2"});
        assert_eq!(Keys { public: public_keys(&vec![key; MOST + 1]) }.len(), MOST);
    }
}
