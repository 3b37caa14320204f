//! Arguments held against what a tool says of them, its `inputSchema` (detector `schema_violation`, contract 4.5).
//!
//! The schema is the server's, so it is not trusted with our time: patterns are matched in linear time, nothing is
//! fetched, and what could make one call cost more than [`MAX_WORK`] is not checked.

use std::sync::OnceLock;

use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

/// Steps that one check may take: the parts of a schema times the bytes of the arguments.
const MAX_WORK: usize = 16 << 20;
/// Parts of a schema with its references followed. More is no description of arguments.
const MAX_PARTS: usize = 8192;
/// Parts within parts.
const MAX_DEPTH: usize = 128;
/// Bytes of the automaton of one pattern.
const MAX_PATTERN: usize = 1 << 20;
/// Bytes of a rule's name.
const MAX_RULE: usize = 100;

pub(crate) struct Schema {
    text: Box<str>,
    /// Worked out at the first call.
    compiled: OnceLock<Option<Compiled>>,
}

struct Compiled {
    validator: Validator,
    parts: usize,
}

/// What came out of a check.
#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    Fits,
    /// The part of the schema that the arguments break, as a path in it: nothing of the arguments themselves.
    Breaks(String),
    /// It would take too long, or the schema is none.
    Unchecked,
}

impl Schema {
    pub(crate) fn of(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self { text: text.into(), compiled: OnceLock::new() })
    }

    pub(crate) fn check(&self, arguments: &str) -> Outcome {
        let Some(compiled) = self.compiled.get_or_init(|| compile(&self.text)) else {
            return Outcome::Unchecked;
        };
        if compiled.parts.saturating_mul(arguments.len()) > MAX_WORK {
            return Outcome::Unchecked;
        }
        let Ok(value) = serde_json::from_str::<Value>(arguments) else { return Outcome::Unchecked };
        match compiled.validator.validate(&value) {
            Ok(()) => Outcome::Fits,
            Err(error) => Outcome::Breaks(rule(error.schema_path().as_str())),
        }
    }
}

fn compile(text: &str) -> Option<Compiled> {
    let schema: Value = serde_json::from_str(text).ok()?;
    let parts = Parts { root: &schema, left: MAX_PARTS }.count()?;
    let patterns = PatternOptions::regex().size_limit(MAX_PATTERN).dfa_size_limit(MAX_PATTERN);
    let validator = jsonschema::options().with_pattern_options(patterns).build(&schema);
    Some(Compiled { validator: validator.ok()?, parts })
}

/// The end of the path says most.
fn rule(path: &str) -> String {
    path[path.ceil_char_boundary(path.len().saturating_sub(MAX_RULE))..].to_owned()
}

/// Counts the parts of a schema as a check meets them: what is referred to counts where it is referred to.
struct Parts<'a> {
    root: &'a Value,
    left: usize,
}

impl<'a> Parts<'a> {
    /// None: too many, too deep, endless, or with references that lead elsewhere.
    fn count(mut self) -> Option<usize> {
        self.walk(self.root, MAX_DEPTH)?;
        Some(MAX_PARTS - self.left)
    }

    fn walk(&mut self, part: &'a Value, depth: usize) -> Option<()> {
        self.left = self.left.checked_sub(1)?;
        let depth = depth.checked_sub(1)?;
        match part {
            Value::Array(parts) => parts.iter().try_for_each(|part| self.walk(part, depth)),
            Value::Object(parts) => parts.iter().try_for_each(|(name, part)| match (name.as_str(), part) {
                ("$ref", Value::String(reference)) => {
                    self.walk(self.root.pointer(reference.strip_prefix('#')?)?, depth)
                }
                ("$dynamicRef" | "$recursiveRef", _) => None,
                // They count where they are referred to.
                ("$defs" | "definitions", _) => Some(()),
                _ => self.walk(part, depth),
            }),
            _ => Some(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(schema: &Value, arguments: &str) -> Outcome {
        Schema::of(&schema.to_string()).unwrap().check(arguments)
    }

    fn breaks(rule: &str) -> Outcome {
        Outcome::Breaks(rule.into())
    }

    #[test]
    fn what_is_broken_is_named_by_its_place_in_the_schema() {
        let schema = json!({
            "type": "object", "required": ["id"], "additionalProperties": false,
            "properties": {"id": {"$ref": "#/$defs/id"}, "to": {"type": "string", "pattern": "^[a-z]+$"}},
            "$defs": {"id": {"type": "integer", "maximum": 9}},
        });
        assert_eq!(check(&schema, r#"{"id": 3, "to": "ann"}"#), Outcome::Fits);
        assert_eq!(check(&schema, "{}"), breaks("/required"));
        assert_eq!(check(&schema, r#"{"id": 3, "to": "Ann!"}"#), breaks("/properties/to/pattern"));
        assert_eq!(check(&schema, r#"{"id": 3, "secret": 1}"#), breaks("/additionalProperties"));
        assert!(
            matches!(check(&schema, r#"{"id": 10}"#), Outcome::Breaks(rule) if rule.ends_with("/maximum"))
        );
    }

    #[test]
    fn a_schema_that_could_take_long_is_not_used() {
        let endless =
            json!({"$defs": {"a": {"anyOf": [{"items": {"$ref": "#/$defs/a"}}]}}, "$ref": "#/$defs/a"});
        assert_eq!(check(&endless, "[]"), Outcome::Unchecked);
        let mut doubling = json!({"$defs": {"t0": {"type": "string"}}, "$ref": "#/$defs/t30"});
        for level in 1..=30 {
            let below = json!({"$ref": format!("#/$defs/t{}", level - 1)});
            doubling["$defs"][format!("t{level}")] = json!({"anyOf": [below, below]});
        }
        assert_eq!(check(&doubling, "1"), Outcome::Unchecked);
        let wide = json!({"enum": (0..4000).collect::<Vec<_>>()});
        assert_eq!(check(&wide, "1"), Outcome::Fits);
        assert_eq!(check(&wide, &format!("{:?}", "x".repeat(8192))), Outcome::Unchecked);
    }

    #[test]
    fn what_is_no_schema_refuses_nothing() {
        for schema in
            [json!("object"), json!({"type": "no such"}), json!({"$ref": "https://elsewhere.example/schema"})]
        {
            assert_eq!(check(&schema, "{}"), Outcome::Unchecked, "{schema}");
        }
        assert!(Schema::of("").is_none(), "there is none");
    }

    #[test]
    fn a_pattern_takes_no_longer_than_its_text() {
        let schema = json!({"type": "string", "pattern": "^(a+)+$"});
        assert_eq!(check(&schema, &format!("{:?}", "a".repeat(50_000) + "!")), breaks("/pattern"));
        let backreference = json!({"type": "string", "pattern": r"^(a)\1$"});
        assert_eq!(check(&backreference, r#""aa""#), Outcome::Unchecked, "there is no linear way");
    }
}
