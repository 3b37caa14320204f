//! What is odd about a tool's definition, for whoever reviews it (contract 3.6, `flags`). A flag stops nothing by itself.
//!
//! The one place where definitions are looked at: [`of`]. A check of what a definition says goes beside the one of what
//! the tool is called.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;
use serde_json::{Value, json};

use crate::store::tools::Named;

/// More namesakes than this say no more.
const MOST_NAMESAKES: usize = 5;

#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub(super) struct Flag {
    #[serde(rename = "type")]
    kind: &'static str,
    severity: &'static str,
    /// A sentence for people.
    message: String,
    /// The other tool, when it is about one.
    mcp_server: String,
    tool_name: String,
}

/// Tools of other servers, by what their names look like.
pub(super) struct Elsewhere(HashMap<String, BTreeSet<(String, String)>>);

impl Elsewhere {
    pub(super) fn new(tools: Vec<Named>) -> Self {
        let mut looks: HashMap<String, BTreeSet<_>> = HashMap::new();
        for tool in tools {
            looks.entry(look(&tool.name)).or_default().insert((tool.mcp_server, tool.name));
        }
        Self(looks)
    }
}

/// Always in the same order, so that what did not change is seen not to have changed.
pub(super) fn of(name: &str, elsewhere: &Elsewhere) -> Value {
    json!(shadowed(name, elsewhere))
}

/// A tool that is called like another server's, or nearly so, may be there to be taken for it.
fn shadowed(name: &str, Elsewhere(looks): &Elsewhere) -> Vec<Flag> {
    let look = look(name);
    let namesakes = looks.get(&look).filter(|_| !look.is_empty()).into_iter().flatten();
    let flag = |(server, other): &(String, String)| {
        let (severity, likeness) = if other == name { ("low", "the same as") } else { ("high", "nearly as") };
        Flag {
            kind: "shadowed_name",
            severity,
            message: format!("is called {likeness} {other} on {server}"),
            mcp_server: server.clone(),
            tool_name: other.clone(),
        }
    };
    namesakes.take(MOST_NAMESAKES).map(flag).collect()
}

/// What a name looks like to somebody who reads quickly: letters of any script that are drawn alike are the same (UTS 39),
/// and case, separators and what is not drawn at all do not count.
fn look(name: &str) -> String {
    let folded = name.to_lowercase();
    let alike = unicode_security::skeleton(&folded);
    alike.filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ToolId;

    fn named(server: &str, name: &str) -> Named {
        let status = "active".to_owned();
        Named { id: ToolId::new(), mcp_server: server.into(), name: name.into(), status, destructive: false }
    }

    fn severities(name: &str) -> Vec<String> {
        let elsewhere = Elsewhere::new(vec![named("files", "read_file"), named("mail", "send_1")]);
        let flags = of(name, &elsewhere);
        flags.as_array().unwrap().iter().map(|flag| flag["severity"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_name_that_looks_like_another_servers_is_flagged() {
        for (name, expected) in [
            ("read_file", Some("low")),
            ("readFile", Some("high")),
            ("read-file", Some("high")),
            ("READ_FILE", Some("high")),
            ("rеad_file", Some("high")), // with a Cyrillic е
            ("read_\u{200b}file", Some("high")),
            ("send_l", Some("high")),
            ("read_files", None),
            ("write_file", None),
            ("___", None),
        ] {
            assert_eq!(severities(name), Vec::from_iter(expected.map(str::to_owned)), "{name}");
        }
    }

    #[test]
    fn flags_name_the_other_tool_and_are_few() {
        let many = (0..9).map(|n| named(&format!("s{n}"), "echo")).rev().collect();
        let flags = of("echo", &Elsewhere::new(many));
        assert_eq!(flags.as_array().unwrap().len(), MOST_NAMESAKES);
        assert_eq!(
            flags[0],
            json!({"type": "shadowed_name", "severity": "low", "message": "is called the same as echo on s0",
                "mcp_server": "s0", "tool_name": "echo"})
        );
    }
}
