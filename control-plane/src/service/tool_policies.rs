//! The proxies' evaluator with an organization's rules in it, for what the control plane shows and explains
//! (contract 3.7): nothing about tools is decided twice, and the rules are read as proxies get them.

use gatewayops_proto::tool_policy::ToolPolicies;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    id::OrgId,
    rest::form::Faults,
    settings::{Settings, ToolPolicy},
    snapshot::{tool_classification, tool_permission, tool_policy},
    store::{self, tool_classifications, tool_permissions},
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
    let classifications: Vec<_> = classifications.into_iter().map(tool_classification).collect();
    let permissions: Vec<_> = permissions.into_iter().filter_map(tool_permission).collect();
    Ok(ToolPolicies::new(&tool_policy(&policy), &classifications, &permissions))
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
