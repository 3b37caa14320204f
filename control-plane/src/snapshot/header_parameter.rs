//! Which arguments of a tool a modern client mirrors in `Mcp-Param-*` headers: the `x-mcp-header` properties of its
//! input schema (R2.5), found once here so that a proxy needs no schema at all.
//!
//! A schema that breaks a rule of R2.7 anywhere declares nothing.

use gatewayops_proto::control::HeaderParameter;
use serde_json::{Map, Value};

const KEYWORD: &str = "x-mcp-header";
/// Deeper schemas are not looked into (R2.12).
const MAX_DEPTH: usize = 32;
/// Keywords that hold schemas an argument does not reach by its name alone: a declaration below them is a fault.
const UNREACHABLE: [&str; 18] = [
    "$defs",
    "additionalProperties",
    "allOf",
    "anyOf",
    "contains",
    "definitions",
    "dependentSchemas",
    "else",
    "if",
    "items",
    "not",
    "oneOf",
    "patternProperties",
    "prefixItems",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// The declarations in `schema`, or why it may not declare what it does.
pub fn in_schema(schema: &Value) -> Result<Vec<HeaderParameter>, String> {
    let mut found = Vec::new();
    visit(schema, &mut Vec::new(), &mut found)?;
    Ok(found)
}

fn visit(schema: &Value, path: &mut Vec<String>, found: &mut Vec<HeaderParameter>) -> Result<(), String> {
    let Value::Object(schema) = schema else { return Ok(()) };
    if let Some(header) = schema.get(KEYWORD) {
        let parameter = declared(header, schema, path)?;
        if found.iter().any(|other| other.header.eq_ignore_ascii_case(&parameter.header)) {
            return Err(format!("the header {:?} is declared twice", parameter.header));
        }
        found.push(parameter);
    }
    if let Some(keyword) =
        UNREACHABLE.into_iter().find(|name| schema.get(*name).is_some_and(|s| declares(s, 0)))
    {
        return Err(format!("{KEYWORD} below {keyword}"));
    }
    let Some(Value::Object(properties)) = schema.get("properties") else { return Ok(()) };
    if path.len() == MAX_DEPTH {
        return Err(format!("properties nested deeper than {MAX_DEPTH}"));
    }
    for (name, property) in properties {
        path.push(name.clone());
        visit(property, path, found)?;
        path.pop();
    }
    Ok(())
}

fn declared(header: &Value, schema: &Map<String, Value>, path: &[String]) -> Result<HeaderParameter, String> {
    let at = path.join(".");
    if path.is_empty() {
        return Err(format!("{KEYWORD} on the whole of the arguments"));
    }
    let Some(header) = header.as_str().filter(|text| is_token(text)) else {
        return Err(format!("{at}: {KEYWORD} is no header name"));
    };
    let Some(kind @ ("string" | "integer" | "boolean")) = schema.get("type").and_then(Value::as_str) else {
        return Err(format!("{at}: {KEYWORD} on what is no string, integer or boolean"));
    };
    Ok(HeaderParameter { header: header.to_owned(), path: path.to_vec(), r#type: kind.to_owned() })
}

/// Whether a schema, or a list or map of schemas, holds a declaration anywhere.
fn declares(value: &Value, depth: usize) -> bool {
    if depth > 2 * MAX_DEPTH {
        return false;
    }
    match value {
        Value::Object(map) => {
            map.contains_key(KEYWORD) || map.values().any(|value| declares(value, depth + 1))
        }
        Value::Array(list) => list.iter().any(|value| declares(value, depth + 1)),
        _ => false,
    }
}

/// RFC 9110 §5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn primitive_properties_are_found_at_any_depth() {
        let schema = json!({"type": "object", "properties": {
            "region": {"type": "string", "x-mcp-header": "Region"},
            "plain": {"type": "string"},
            "page": {"type": "object", "properties": {"size": {"type": "integer", "x-mcp-header": "Page-Size"}}},
        }});
        let found = in_schema(&schema).unwrap();
        let short: Vec<_> =
            found.iter().map(|p| (p.header.as_str(), p.path.join("."), p.r#type.as_str())).collect();
        assert_eq!(
            short,
            [("Page-Size", "page.size".to_owned(), "integer"), ("Region", "region".to_owned(), "string"),]
        );
    }

    #[test]
    fn a_property_may_be_called_like_a_keyword() {
        let schema = json!({"properties": {"items": {"type": "string", "x-mcp-header": "Items"}}});
        assert_eq!(in_schema(&schema).unwrap().len(), 1);
    }

    #[test]
    fn one_bad_declaration_voids_them_all() {
        let bad = [
            json!({"x-mcp-header": ""  , "type": "string"}),
            json!({"x-mcp-header": "a b", "type": "string"}),
            json!({"x-mcp-header": 7, "type": "string"}),
            json!({"x-mcp-header": "A", "type": "number"}),
            json!({"x-mcp-header": "A", "type": "object"}),
            json!({"x-mcp-header": "A"}),
            json!({"x-mcp-header": "good", "type": "string"}),
            json!({"type": "array", "items": {"type": "string", "x-mcp-header": "A"}}),
            json!({"anyOf": [{"type": "string", "x-mcp-header": "A"}]}),
        ];
        for property in bad {
            let schema = json!({"properties": {
                "first": {"type": "string", "x-mcp-header": "Good"}, "second": property,
            }});
            assert!(in_schema(&schema).is_err(), "{schema}");
        }
        let in_definitions = json!({"$defs": {"a": {"type": "string", "x-mcp-header": "A"}}});
        assert!(in_schema(&in_definitions).is_err());
        assert!(in_schema(&json!({"type": "string", "x-mcp-header": "A"})).is_err());
    }

    #[test]
    fn a_schema_without_declarations_has_none() {
        for schema in [json!(true), json!({}), json!({"properties": {"a": true}}), json!({"items": {}})] {
            assert_eq!(in_schema(&schema), Ok(vec![]));
        }
    }
}
