//! Reads a list to its end, and not a step further than is sensible.

use std::collections::HashSet;

use gatewayops_proto::header_parameter;
use serde_json::{Value, json};

use super::{
    Fault,
    client::{Client, Leg},
    fault::clipped,
};

const MAX_ENTRIES: usize = 10_000;
const MAX_PAGES: usize = 1_000;
const METHOD_NOT_FOUND: i64 = -32601;

/// Every entry of a list.
pub(super) async fn all(client: &mut Client, method: &'static str, field: &str) -> Result<Vec<Value>, Fault> {
    let mut entries = Vec::new();
    let mut cursors = HashSet::new();
    let mut params = json!({});
    for _ in 0..MAX_PAGES {
        let mut page = client.call(method, params).await?;
        match page.remove(field) {
            Some(Value::Array(more)) => entries.extend(more),
            _ => return Err(Fault::NotMcp(format!("{method} without {field}"))),
        }
        if entries.len() > MAX_ENTRIES {
            return Err(Fault::Endless(method, format!("more than {MAX_ENTRIES} entries")));
        }
        // The empty string is a cursor like any other (R5.5).
        let cursor = match page.remove("nextCursor") {
            None | Some(Value::Null) => return Ok(entries),
            Some(Value::String(cursor)) => cursor,
            Some(_) => return Err(Fault::NotMcp(format!("{method} with a nextCursor that is no text"))),
        };
        params = json!({"cursor": cursor});
        if !cursors.insert(cursor) {
            return Err(Fault::Endless(method, "a cursor came back".to_owned()));
        }
    }
    Err(Fault::Endless(method, format!("more than {MAX_PAGES} pages")))
}

/// The tools; from a modern server only those whose header parameters are in order (R2.7).
pub(super) async fn tools(client: &mut Client) -> Result<Vec<Value>, Fault> {
    let mut tools = all(client, "tools/list", "tools").await?;
    if !matches!(client.leg, Leg::Modern) {
        return Ok(tools);
    }
    tools.retain(|tool| match header_parameter::read(&tool["inputSchema"]) {
        Ok(_) => true,
        Err(fault) => {
            let name = clipped(tool["name"].as_str().unwrap_or_default());
            tracing::warn!(tool.name = name, reason = %fault, "left a tool out: its x-mcp-header is invalid");
            false
        }
    });
    Ok(tools)
}

/// The resource templates, which a server with resources need not know of.
pub(super) async fn templates(client: &mut Client) -> Result<Vec<Value>, Fault> {
    match all(client, "resources/templates/list", "resourceTemplates").await {
        Err(Fault::Refused { code: METHOD_NOT_FOUND, .. }) => Ok(Vec::new()),
        other => other,
    }
}
