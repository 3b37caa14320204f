//! The proxies' evaluator with an organization's rules in it, for what the control plane shows and explains
//! (contract 3.7): nothing about tools is decided twice.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use gatewayops_proto::{control, tool_policy::ToolPolicies};
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    id::OrgId,
    rest::form::Faults,
    settings::{Settings, ToolPolicy},
    store::{
        self,
        tool_classifications::{self, ToolClassificationRow},
        tool_permissions::{self, ToolPermissionRow},
    },
};

/// What holds for everybody: policy and classifications.
///
/// # Errors
/// The database's.
pub async fn general(conn: &mut PgConnection, org: OrgId) -> Result<ToolPolicies> {
    of_subjects(conn, org, &[]).await
}

/// What holds for a caller who is all of these users, teams and keys.
///
/// # Errors
/// The database's.
pub async fn of_subjects(conn: &mut PgConnection, org: OrgId, subjects: &[Uuid]) -> Result<ToolPolicies> {
    let policy = policy(conn, org).await?;
    let classifications = tool_classifications::list_all(conn, org).await?;
    let permissions = match subjects {
        [] => Vec::new(),
        _ => tool_permissions::list_of(conn, org, subjects).await?,
    };
    let classifications: Vec<_> = classifications.into_iter().map(classification).collect();
    let permissions: Vec<_> = permissions.into_iter().map(permission).collect();
    Ok(ToolPolicies::new(&message(&policy), &classifications, &permissions))
}

/// `settings.tool_policy`.
///
/// # Errors
/// The database's.
pub async fn policy(conn: &mut PgConnection, org: OrgId) -> Result<ToolPolicy> {
    let stored = store::settings::get(conn, org).await?.ok_or_else(Error::not_found)?;
    Ok(Settings::read(&stored)?.tool_policy)
}

/// What is wrong with the patterns of a rule.
pub fn check_patterns(faults: &mut Faults, mcp_server: &str, tool_name: &str) {
    faults.length("mcp_server", mcp_server, 1..=100);
    faults.length("tool_name", tool_name, 1..=255);
    let of_a_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '*';
    if !mcp_server.chars().all(of_a_name) {
        let message =
            "can match no server: names have lower-case letters, digits and hyphens, * stands for any run";
        faults.add("mcp_server", "format", message);
    }
    if tool_name.chars().any(char::is_control) {
        faults.add("tool_name", "format", "must not hold control characters");
    }
}

fn message(policy: &ToolPolicy) -> control::ToolPolicy {
    let text = |value: Value| value.as_str().unwrap_or_default().to_owned();
    control::ToolPolicy {
        safe: text(json!(policy.safe)),
        sensitive: text(json!(policy.sensitive)),
        dangerous: text(json!(policy.dangerous)),
        unknown_tool: text(json!(policy.unknown_tool)),
        new_tool: text(json!(policy.new_tool)),
        changed_tool: text(json!(policy.changed_tool)),
    }
}

fn classification(row: ToolClassificationRow) -> control::ToolClassification {
    control::ToolClassification {
        id: bytes(row.id.0),
        org_id: bytes(row.org_id.0),
        mcp_server: row.mcp_server,
        tool_name: row.tool_name,
        classification: row.classification,
        requires_approval: row.requires_approval,
    }
}

fn permission(row: ToolPermissionRow) -> control::ToolPermission {
    control::ToolPermission {
        id: bytes(row.id.0),
        org_id: bytes(row.org_id.0),
        subject_type: row.subject_type,
        subject_id: bytes(row.subject_id),
        mcp_server: row.mcp_server,
        tool_name: row.tool_name,
        effect: row.effect,
        argument_rules: row.argument_rules.as_array().into_iter().flatten().map(argument_rule).collect(),
        max_uses_per_day: row.max_uses_per_day.map_or(0, i32::unsigned_abs),
        expires_at_ms: row.expires_at.map_or(0, |at: DateTime<Utc>| at.timestamp_millis()),
    }
}

/// What it lacks makes it unreadable, which the evaluator counts against the call.
fn argument_rule(stored: &Value) -> control::ArgumentRule {
    let text = |field: &str| stored[field].as_str().unwrap_or_default().to_owned();
    let values = stored["values"].as_array().into_iter().flatten().map(Value::to_string);
    control::ArgumentRule { pointer: text("pointer"), op: text("op"), values: values.collect() }
}

fn bytes(id: Uuid) -> Bytes {
    Bytes::copy_from_slice(id.as_bytes())
}
