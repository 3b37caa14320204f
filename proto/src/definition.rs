//! What a tool is known by: the hash of its definition, the same on both planes (contract 3.6).

use ring::digest;
use serde_json::{Value, json};

/// SHA-256, in hex, of the RFC 8785 form of what the definition of a tool, as `tools/list` has it, means to a caller.
///
/// # Errors
/// It has no RFC 8785 form.
pub fn hash(definition: &Value) -> Result<String, serde_json::Error> {
    hash_whole(&json!({
        "name": definition["name"],
        "title": definition["title"],
        "description": definition["description"],
        "input_schema": definition["inputSchema"],
        "output_schema": definition["outputSchema"],
        "annotations": definition["annotations"],
    }))
}

/// Of all that is there: for resources and prompts.
///
/// # Errors
/// It has no RFC 8785 form.
pub fn hash_whole(value: &Value) -> Result<String, serde_json::Error> {
    let canonical = serde_json_canonicalizer::to_vec(value)?;
    Ok(hex::encode(digest::digest(&digest::SHA256, &canonical)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashed(definition: &Value) -> String {
        hash(definition).unwrap()
    }

    #[test]
    fn the_hash_is_of_the_meaning_and_not_of_the_spelling() {
        let one = json!({"name": "a", "description": "b", "inputSchema": {"type": "object", "title": "x"}});
        let same = json!({"inputSchema": {"title": "x", "type": "object"}, "description": "b", "name": "a", "icons": []});
        let other = json!({"name": "a", "description": "B", "inputSchema": {"type": "object", "title": "x"}});
        assert_eq!(hashed(&one), hashed(&same));
        assert_ne!(hashed(&one), hashed(&other));
    }

    #[test]
    fn every_part_that_a_caller_sees_counts() {
        let plain = json!({"name": "a"});
        for field in ["title", "description", "inputSchema", "outputSchema", "annotations"] {
            let mut more = plain.clone();
            more[field] = json!("x");
            assert_ne!(hashed(&plain), hashed(&more), "{field}");
        }
    }

    #[test]
    fn the_form_is_the_contracts() {
        let canonical = r#"{"annotations":null,"description":null,"input_schema":null,"name":"a","output_schema":null,"title":null}"#;
        let expected = hex::encode(digest::digest(&digest::SHA256, canonical.as_bytes()));
        assert_eq!(hashed(&json!({"name": "a"})), expected);
    }
}
