//! The arguments a tool wants mirrored in `Mcp-Param-*` headers: `x-mcp-header` in its input schema (requirements R2.7).

use std::collections::HashSet;

use serde_json::Value;

const ANNOTATION: &str = "x-mcp-header";
/// Keywords whose value is data and no schema: an annotation's look-alike in there means nothing.
const DATA: [&str; 4] = ["const", "default", "enum", "examples"];
/// Keywords whose value maps names to schemas.
const NAMED: [&str; 4] = ["$defs", "definitions", "dependentSchemas", "patternProperties"];

/// One argument that is repeated in a header.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HeaderParameter {
    pub header: String,
    /// Property names from the arguments down.
    pub path: Vec<String>,
    /// `string`, `integer` or `boolean`.
    pub kind: String,
}

/// Why a tool with this schema is not to be offered.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{path}: {fault}", path = if path.is_empty() { "the schema itself" } else { path })]
pub struct Invalid {
    path: String,
    fault: &'static str,
}

/// # Errors
/// The first annotation that breaks a rule.
pub fn read(input_schema: &Value) -> Result<Vec<HeaderParameter>, Invalid> {
    let mut reading = Reading::default();
    reading.schema(input_schema, &mut Vec::new(), true)?;
    Ok(reading.found)
}

#[derive(Default)]
struct Reading {
    found: Vec<HeaderParameter>,
    headers: HashSet<String>,
}

impl Reading {
    /// `reachable`: nothing but `properties` led here.
    fn schema(&mut self, schema: &Value, path: &mut Vec<String>, reachable: bool) -> Result<(), Invalid> {
        if let Value::Array(branches) = schema {
            return branches.iter().try_for_each(|branch| self.schema(branch, path, false));
        }
        let Value::Object(keywords) = schema else { return Ok(()) };
        for (keyword, value) in keywords {
            match keyword.as_str() {
                ANNOTATION => self.annotation(value, schema, path, reachable)?,
                "properties" => self.named(value, path, reachable)?,
                name if NAMED.contains(&name) => self.named(value, path, false)?,
                name if DATA.contains(&name) => {}
                _ => self.schema(value, path, false)?,
            }
        }
        Ok(())
    }

    fn named(&mut self, schemas: &Value, path: &mut Vec<String>, reachable: bool) -> Result<(), Invalid> {
        for (name, schema) in schemas.as_object().into_iter().flatten() {
            path.push(name.clone());
            self.schema(schema, path, reachable)?;
            path.pop();
        }
        Ok(())
    }

    fn annotation(
        &mut self,
        value: &Value,
        schema: &Value,
        path: &[String],
        reachable: bool,
    ) -> Result<(), Invalid> {
        let invalid = |fault| Err(Invalid { path: path.join("."), fault });
        if !reachable || path.is_empty() {
            return invalid("x-mcp-header may only stand on a property reached through properties alone");
        }
        let Some(header) = value.as_str().filter(|header| is_token(header)) else {
            return invalid("x-mcp-header is no header name");
        };
        let Some(kind @ ("string" | "integer" | "boolean")) = schema["type"].as_str() else {
            return invalid("x-mcp-header needs type string, integer or boolean");
        };
        if !self.headers.insert(header.to_ascii_lowercase()) {
            return invalid("x-mcp-header names a header that another property has");
        }
        let (header, kind) = (header.to_owned(), kind.to_owned());
        self.found.push(HeaderParameter { header, path: path.to_vec(), kind });
        Ok(())
    }
}

/// RFC 9110 §5.6.2.
fn is_token(text: &str) -> bool {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn annotated_properties_are_found_at_any_depth() {
        let schema = json!({"type": "object", "properties": {
            "region": {"type": "string", "x-mcp-header": "Region"},
            "where": {"type": "object", "properties": {"floor": {"type": "integer", "x-mcp-header": "Floor"}}},
            "x-mcp-header": {"type": "string", "default": {"x-mcp-header": 5}},
        }});
        let parameter = |header: &str, path: &[&str], kind: &str| HeaderParameter {
            header: header.to_owned(),
            path: path.iter().map(|&name| name.to_owned()).collect(),
            kind: kind.to_owned(),
        };
        let mut found = read(&schema).unwrap();
        found.sort_by(|a, b| a.header.cmp(&b.header));
        assert_eq!(
            found,
            [parameter("Floor", &["where", "floor"], "integer"), parameter("Region", &["region"], "string")]
        );
        assert_eq!(read(&Value::Null), Ok(vec![]));
    }

    #[test]
    fn an_annotation_that_breaks_a_rule_makes_the_tool_invalid() {
        let annotated = |kind: &str, header: Value| json!({"type": kind, "x-mcp-header": header});
        for schema in [
            annotated("string", json!("Root")),
            json!({"properties": {"a": annotated("string", json!(""))}}),
            json!({"properties": {"a": annotated("string", json!("two words"))}}),
            json!({"properties": {"a": annotated("string", json!(5))}}),
            json!({"properties": {"a": annotated("number", json!("A"))}}),
            json!({"properties": {"a": annotated("object", json!("A"))}}),
            json!({"properties": {"a": {"x-mcp-header": "A"}}}),
            json!({"properties": {"a": annotated("string", json!("A")), "b": annotated("string", json!("a"))}}),
            json!({"properties": {"a": {"type": "array", "items": annotated("string", json!("A"))}}}),
            json!({"anyOf": [{"properties": {"a": annotated("string", json!("A"))}}]}),
            json!({"if": {"properties": {"a": annotated("string", json!("A"))}}}),
            json!({"$defs": {"x": annotated("string", json!("A"))}, "properties": {"a": {"$ref": "#/$defs/x"}}}),
        ] {
            assert!(read(&schema).is_err(), "{schema}");
        }
    }
}
