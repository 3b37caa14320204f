//! Takes out of a `tools/list` answer what the caller may not use; what stays is not touched (R5.4).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::{RawValue, to_raw_value};

type Members<'a> = BTreeMap<String, &'a RawValue>;

#[derive(Deserialize)]
struct Tool {
    name: String,
}

/// The answer without the tools that `admits` refuses, or None if it is no list of tools (an error, say).
pub(crate) fn keep_tools(answer: &str, admits: impl Fn(&str) -> bool) -> Option<String> {
    let mut message: Members<'_> = serde_json::from_str(answer).ok()?;
    let mut result: Members<'_> = serde_json::from_str(message.get("result")?.get()).ok()?;
    let mut tools: Vec<&RawValue> = serde_json::from_str(result.get("tools")?.get()).ok()?;
    tools.retain(|tool| serde_json::from_str::<Tool>(tool.get()).is_ok_and(|tool| admits(&tool.name)));
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
        let kept = keep_tools(answer, |name| name == "a").unwrap();
        assert!(kept.contains(r#"[{"name":"a","inputSchema":{"maximum":1.10}}]"#), "{kept}");
        assert!(kept.contains(r#""_meta":{"k":1e400}"#) && kept.contains(r#""nextCursor":"n""#));
        assert!(kept.contains(r#""id":"x""#));
    }

    #[test]
    fn what_is_no_list_is_left_alone() {
        for other in [r#"{"id":1,"error":{"code":1}}"#, "{}", "[]", r#"{"result":{"tools":3}}"#] {
            assert_eq!(keep_tools(other, |_| true), None);
        }
    }
}
