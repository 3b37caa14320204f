//! The lists of tools that the cheap upstream gives out.

use std::rc::Rc;

/// What it really answers differently from each other.
const OWN: [&str; 4] = ["echo", "slow", "stream", "drip"];

/// The inside of the array: its own tools, or so many others.
#[must_use]
pub fn tools(count: Option<usize>) -> Rc<str> {
    let tools: Vec<_> = match count {
        Some(count) => (1..=count).map(numbered).collect(),
        None => OWN.map(|name| format!(r#"{{"name":"{name}","inputSchema":{{"type":"object"}}}}"#)).into(),
    };
    tools.join(",").into()
}

/// One of about 300 bytes, as tools have them that say what they do and what they want.
fn numbered(number: usize) -> String {
    format!(
        r#"{{"name":"tool_{number:04}","title":"Search {number}","description":"Finds the records that match a query, newest first.","inputSchema":{{"type":"object","properties":{{"query":{{"type":"string","description":"Words to look for"}},"limit":{{"type":"integer","minimum":1,"maximum":100}}}},"required":["query"]}}}}"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_tools_as_were_wanted_and_no_two_alike() {
        let parsed = |count| -> Vec<serde_json::Value> {
            serde_json::from_str(&format!("[{}]", tools(count))).unwrap()
        };
        let names: std::collections::BTreeSet<_> =
            parsed(Some(40)).iter().map(|tool| tool["name"].to_string()).collect();
        assert_eq!((names.len(), parsed(None).len(), parsed(Some(0)).len()), (40, 4, 0));
        assert!((250..350).contains(&numbered(1).len()), "{}", numbered(1).len());
    }
}
