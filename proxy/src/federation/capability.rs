//! What many servers can do together: the union of what they say, as far as we deliver it (R5.8, R5.9).

use serde_json::{Map, Value, json};

/// Instructions of all servers together are cut here.
const MAX_INSTRUCTIONS: usize = 32 * 1024;

/// What one server says of itself: its `InitializeResult` or `DiscoverResult`.
pub(crate) struct Said<'a> {
    pub(crate) server: &'a str,
    pub(crate) result: Value,
}

/// The capabilities that at least one has. Extensions and experiments are not united: nobody could keep their promises
/// for all.
pub(crate) fn united(said: &[Said<'_>]) -> Value {
    let mut united = Map::new();
    let has = |name: &str| said.iter().any(|one| one.result["capabilities"][name].is_object());
    for name in ["tools", "prompts", "resources"] {
        if has(name) {
            // Changes are told whatever the servers say: one that comes back is a change too (R5.12).
            united.insert(name.into(), json!({ "listChanged": true }));
        }
    }
    let subscribes = |one: &Said<'_>| one.result["capabilities"]["resources"]["subscribe"] == true;
    if said.iter().any(subscribes) {
        united["resources"]["subscribe"] = true.into();
    }
    for name in ["completions", "logging"] {
        if has(name) {
            united.insert(name.into(), json!({}));
        }
    }
    united.into()
}

/// Everybody's instructions, each under the name of its server.
pub(crate) fn instructions(said: &[Said<'_>]) -> Option<String> {
    let mut whole = String::new();
    for one in said {
        let Some(text) = one.result["instructions"].as_str().filter(|text| !text.trim().is_empty()) else {
            continue;
        };
        let part = format!("# {}\n{}\n\n", one.server, text.trim());
        if whole.len() + part.len() > MAX_INSTRUCTIONS {
            break;
        }
        whole.push_str(&part);
    }
    let whole = whole.trim_end();
    (!whole.is_empty()).then(|| whole.to_owned())
}

/// Who we say we are.
pub(crate) fn gateway() -> Value {
    json!({ "name": "gatewayops", "title": "GatewayOps", "version": env!("CARGO_PKG_VERSION") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said() -> [Said<'static>; 2] {
        let tools = json!({ "capabilities": { "tools": {}, "tasks": {} }, "instructions": " Use tools. " });
        let resources = json!({ "capabilities": { "resources": { "subscribe": true }, "logging": {} } });
        [Said { server: "a", result: tools }, Said { server: "b", result: resources }]
    }

    #[test]
    fn what_one_can_the_endpoint_can_if_we_carry_it() {
        let expected = json!({
            "tools": { "listChanged": true },
            "resources": { "listChanged": true, "subscribe": true },
            "logging": {},
        });
        assert_eq!(united(&said()), expected);
        assert_eq!(united(&[]), json!({}));
    }

    #[test]
    fn instructions_say_whose_they_are_and_end_somewhere() {
        assert_eq!(instructions(&said()).as_deref(), Some("# a\nUse tools."));
        let endless = json!({ "instructions": "x".repeat(MAX_INSTRUCTIONS) });
        assert_eq!(instructions(&[Said { server: "a", result: endless }]), None);
    }
}
