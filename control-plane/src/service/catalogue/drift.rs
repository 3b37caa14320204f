//! Definitions that are no longer the approved ones, as safety policies see them: each change is on record once as
//! `tool_drift` (contract 3.8, 4.3), whoever saw it first and however many proxies met it.

use chrono::{DateTime, Utc};
use gatewayops_safety::{
    finding::{Finding, Kind, Severity, Surface},
    policy::{Action, Detection, Direction, Place, Policies},
};
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    error::Result,
    id::OrgId,
    ingest::DETECTIONS_TOLD_A_MINUTE,
    service::{safety_policies, tool_policies},
    settings::Change,
    store::{ingest, tools::EntryRow},
};

/// Puts on record which of these tools are not as they were approved, if a safety policy minds.
///
/// # Errors
/// The database's.
pub(super) async fn detect(
    conn: &mut PgConnection,
    org: OrgId,
    tools: &[EntryRow],
    now: DateTime<Utc>,
) -> Result<()> {
    let drifted: Vec<_> = tools.iter().filter(|tool| tool.status == "changed").collect();
    if drifted.is_empty() {
        return Ok(());
    }
    let policies = safety_policies::in_force(conn, org).await?;
    let done = match tool_policies::policy(conn, org).await?.changed_tool {
        Change::Quarantine => Action::Block,
        Change::Warn => Action::Warn,
        Change::Allow => Action::Log,
    };
    let rows = drifted.iter().flat_map(|tool| {
        let minded = minded(&policies, tool);
        minded.into_iter().map(|detection| row(tool, &detection, done, now))
    });
    let rows: Vec<Value> = rows.collect();
    ingest::insert_detections(conn, &rows.iter().collect::<Vec<_>>(), DETECTIONS_TOLD_A_MINUTE).await?;
    Ok(())
}

fn minded(policies: &Policies, tool: &EntryRow) -> Vec<Detection> {
    let finding = Finding {
        kind: Kind::ToolDrift,
        severity: Severity::High,
        confidence: 1.0,
        rule: "definition_changed".into(),
        span: 0..0,
    };
    let place = Place {
        direction: Direction::Definition,
        surface: Surface::Definition,
        server: &tool.mcp_server,
        tool: Some(&tool.key),
    };
    policies.judge_findings("", &place, vec![finding]).detections
}

fn row(tool: &EntryRow, detection: &Detection, done: Action, now: DateTime<Utc>) -> Value {
    json!({
        "id": Uuid::now_v7(),
        "org_id": tool.org_id,
        "created_at": now,
        "policy_id": Uuid::from_bytes(detection.policy),
        "type": detection.kind.as_str(),
        "severity": detection.severity.as_str(),
        "confidence": detection.confidence,
        "rule": detection.rule,
        "direction": Direction::Definition.as_str(),
        "action_taken": done.done(),
        "snippet": difference(tool.approved_definition.as_ref(), &tool.definition),
        "mcp_server": tool.mcp_server,
        "tool_name": tool.key,
    })
}

/// Which members of a definition are other ones than before: nothing of what they say.
fn difference(before: Option<&Value>, after: &Value) -> String {
    let members =
        |definition: Option<&Value>| definition.and_then(Value::as_object).cloned().unwrap_or_default();
    let (before, after) = (members(before), members(Some(after)));
    let mut changed: Vec<_> =
        before.keys().chain(after.keys()).filter(|name| before.get(*name) != after.get(*name)).collect();
    changed.sort_unstable();
    changed.dedup();
    changed.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_members_that_differ_are_named() {
        let before = json!({"name": "a", "description": "x", "inputSchema": {}});
        let after = json!({"name": "a", "description": "y", "annotations": {}, "inputSchema": {}});
        assert_eq!(difference(Some(&before), &after), "annotations, description");
        assert_eq!(difference(None, &json!({"name": "a"})), "name");
        assert_eq!(difference(Some(&before), &before), "");
    }
}
