//! The items of a list as it passes: some are left out, some are shown otherwise, the rest is not touched (R5.4).

use std::{borrow::Cow, collections::BTreeMap};

use gatewayops_proto::header_parameter;
use memchr::memmem;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::json;

type Members<'a> = BTreeMap<String, &'a RawValue>;

/// What decides on a tool.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tool<'a> {
    pub(crate) name: String,
    #[serde(borrow)]
    input_schema: Option<&'a RawValue>,
}

impl Tool<'_> {
    /// Whether every argument that it wants mirrored can be: one where that is not so is no modern client's (R2.7).
    pub(crate) fn can_be_mirrored(&self, server: &str) -> bool {
        let schema = self.input_schema.and_then(|schema| serde_json::from_str(schema.get()).ok());
        match schema.map(|schema| header_parameter::read(&schema)) {
            Some(Err(reason)) => {
                tracing::warn!(server.name = server, tool.name = self.name, %reason, "a tool is left out of a list");
                false
            }
            _ => true,
        }
    }
}

/// Whether it is worth looking for arguments that are mirrored.
pub(crate) fn may_mirror(text: &str) -> bool {
    memmem::find(text.as_bytes(), b"x-mcp-header").is_some()
}

/// The items of a list in an answer.
pub(crate) struct Items<'a> {
    pub(crate) items: Vec<&'a RawValue>,
    /// The array itself, as it stands in the answer.
    array: &'a RawValue,
    /// No page follows. Whether one came before only the request tells.
    pub(crate) is_last: bool,
}

impl<'a> Items<'a> {
    /// None: the answer has no such list (an error, say).
    pub(crate) fn find(answer: &'a str, member: &str) -> Option<Self> {
        let message: Members<'a> = serde_json::from_str(answer).ok()?;
        let result: Members<'a> = serde_json::from_str(message.get("result")?.get()).ok()?;
        let array = *result.get(member)?;
        let is_last = result.get("nextCursor").is_none_or(|cursor| cursor.get() == "null");
        Some(Self { items: serde_json::from_str(array.get()).ok()?, array, is_last })
    }

    /// The answer with each item as `shown` has it, and without those that it does not show. None: all are as they were.
    pub(crate) fn edited(
        &self,
        answer: &str,
        mut shown: impl FnMut(&'a str) -> Option<Cow<'a, str>>,
    ) -> Option<String> {
        let mut is_same = true;
        let mut kept = Vec::with_capacity(self.items.len());
        for item in &self.items {
            let shown = shown(item.get());
            is_same &= shown.as_deref() == Some(item.get());
            kept.extend(shown);
        }
        if is_same {
            return None;
        }
        let array = format!("[{}]", kept.join(","));
        String::from_utf8(json::with_value(answer.as_bytes(), self.array, &array)).ok()
    }
}

/// What a server tells a model about itself, in its answer to `initialize` or `server/discover`.
pub(crate) fn instructions(answer: &str) -> Option<&RawValue> {
    let message: Members<'_> = serde_json::from_str(answer).ok()?;
    let result: Members<'_> = serde_json::from_str(message.get("result")?.get()).ok()?;
    result.get("instructions").copied()
}

/// The answer with other instructions, or without any.
pub(crate) fn with_instructions(answer: &str, instructions: Option<&str>) -> Option<String> {
    let path = ["result", "instructions"];
    match instructions {
        Some(text) => json::replace_members(answer, &[(&path, text)]),
        None => json::remove_member(answer, &path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(answer: &str, shown: impl Fn(&str) -> Option<Cow<'static, str>>) -> Option<String> {
        let tools = Items::find(answer, "tools")?;
        tools.edited(answer, |item| match shown(item) {
            Some(shown) if shown.is_empty() => Some(item.into()),
            other => other,
        })
    }

    #[test]
    fn refused_tools_are_gone_and_the_rest_is_as_it_was() {
        let answer = r#"{"jsonrpc":"2.0","id":"x","result":{"nextCursor":"n","tools":[{"name":"a","inputSchema":{"maximum":1.10}}, {"name":"b"}],"_meta":{"k":1e400}}}"#;
        let without = kept(answer, |item| item.contains(r#""a""#).then_some("".into())).unwrap();
        assert_eq!(without, answer.replace(r#", {"name":"b"}"#, ""));
        let other = kept(answer, |item| Some(if item.contains("1.10") { "7" } else { "" }.into())).unwrap();
        assert_eq!(other, answer.replace(r#"{"name":"a","inputSchema":{"maximum":1.10}}, "#, "7,"));
        assert_eq!(kept(answer, |_| Some("".into())), None, "nothing changed");
        assert!(!Items::find(answer, "tools").unwrap().is_last);
    }

    #[test]
    fn instructions_can_be_taken_out_or_replaced() {
        let answer = r#"{"id":1,"result":{"instructions":"do","capabilities":{}}}"#;
        assert_eq!(instructions(answer).unwrap().get(), r#""do""#);
        let without = with_instructions(answer, None).unwrap();
        assert_eq!(without, r#"{"id":1,"result":{"capabilities":{}}}"#);
        let other = with_instructions(answer, Some(r#""don't""#)).unwrap();
        assert_eq!(other, answer.replace("\"do\"", "\"don't\""));
        assert!(instructions(r#"{"id":1,"error":{}}"#).is_none());
    }

    #[test]
    fn a_tool_whose_headers_nobody_can_send_is_left_out() {
        let schema = |annotated: &str| format!(r#"{{"type":"object","properties":{{"a":{annotated}}}}}"#);
        for (annotated, expected) in [
            (r#"{"type":"string","x-mcp-header":"Region"}"#, true),
            (r#"{"type":"number","x-mcp-header":"Region"}"#, false),
            (r#"{"type":"string","x-mcp-header":""}"#, false),
        ] {
            let tool = format!(r#"{{"name":"a","inputSchema":{}}}"#, schema(annotated));
            assert!(may_mirror(&tool));
            let tool: Tool<'_> = serde_json::from_str(&tool).unwrap();
            assert_eq!(tool.can_be_mirrored("s"), expected, "{annotated}");
        }
        let without: Tool<'_> = serde_json::from_str(r#"{"name":"a"}"#).unwrap();
        assert!(without.can_be_mirrored("s"));
    }

    #[test]
    fn what_is_no_list_is_left_alone() {
        for other in [r#"{"id":1,"error":{"code":1}}"#, "{}", "[]", r#"{"result":{"tools":3}}"#] {
            assert!(Items::find(other, "tools").is_none(), "{other}");
        }
    }
}
