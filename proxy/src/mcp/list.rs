//! Takes out of a `tools/list` answer what the caller may not use; what stays is not touched (R5.4).

use std::collections::BTreeMap;

use gatewayops_proto::header_parameter;
use memchr::memmem;
use serde::Deserialize;
use serde_json::value::{RawValue, to_raw_value};

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

/// The answer without the tools that `admits` refuses, or None if it is no list of tools (an error, say).
pub(crate) fn keep_tools(answer: &str, admits: impl Fn(&Tool<'_>) -> bool) -> Option<String> {
    let mut message: Members<'_> = serde_json::from_str(answer).ok()?;
    let mut result: Members<'_> = serde_json::from_str(message.get("result")?.get()).ok()?;
    let mut tools: Vec<&RawValue> = serde_json::from_str(result.get("tools")?.get()).ok()?;
    tools.retain(|tool| serde_json::from_str::<Tool<'_>>(tool.get()).is_ok_and(|tool| admits(&tool)));
    let tools = to_raw_value(&tools).ok()?;
    result.insert("tools".into(), &tools);
    let result = to_raw_value(&result).ok()?;
    message.insert("result".into(), &result);
    serde_json::to_string(&message).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refused_tools_are_gone_and_the_rest_is_as_it_was() {
        let answer = r#"{"jsonrpc":"2.0","id":"x","result":{"nextCursor":"n","tools":[{"name":"a","inputSchema":{"maximum":1.10}},{"name":"b"}],"_meta":{"k":1e400}}}"#;
        let kept = keep_tools(answer, |tool| tool.name == "a").unwrap();
        assert!(kept.contains(r#"[{"name":"a","inputSchema":{"maximum":1.10}}]"#), "{kept}");
        assert!(kept.contains(r#""_meta":{"k":1e400}"#) && kept.contains(r#""nextCursor":"n""#));
        assert!(kept.contains(r#""id":"x""#));
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
            assert_eq!(keep_tools(other, |_| true), None);
        }
    }
}
