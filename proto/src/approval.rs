//! Which call an approval is for: both planes must come to the same (contract 3.7).

use ring::digest;
use serde_json::Value;

/// SHA-256 of the RFC 8785 form of a call's arguments; a call without any has `{}`. None: this is no JSON.
#[must_use]
pub fn arguments_hash(arguments: &str) -> Option<[u8; 32]> {
    let value: Value = serde_json::from_str(arguments).ok()?;
    let canonical = serde_json_canonicalizer::to_vec(&value).ok()?;
    digest::digest(&digest::SHA256, &canonical).as_ref().try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spelling_of_arguments_does_not_matter_and_their_content_does() {
        let hash = |text| arguments_hash(text).unwrap();
        assert_eq!(hash(r#"{"a":1,"b":[true]}"#), hash("{ \"b\": [true],\n\"a\": 1.0 }"));
        assert_ne!(hash(r#"{"a":1}"#), hash(r#"{"a":"1"}"#));
        assert_ne!(hash(r#"{"a":[1,2]}"#), hash(r#"{"a":[2,1]}"#));
        assert_eq!(arguments_hash("{"), None);
    }
}
