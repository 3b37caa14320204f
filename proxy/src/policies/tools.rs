//! Which tools may be called by whom, with which arguments.

use gatewayops_proto::{
    control::{ToolClassification, ToolPermission, ToolPolicy},
    tool_policy::ToolPolicies,
};

/// None: of an organization that has decided nothing, the defaults of contract 3.2 hold.
pub(crate) fn compiled<'a>(
    policy: Option<&ToolPolicy>,
    classifications: impl IntoIterator<Item = &'a ToolClassification>,
    permissions: impl IntoIterator<Item = &'a ToolPermission>,
) -> ToolPolicies {
    match policy {
        Some(policy) => ToolPolicies::new(policy, classifications, permissions),
        None => ToolPolicies::new(&default(), classifications, permissions),
    }
}

fn default() -> ToolPolicy {
    ToolPolicy {
        safe: "allow".into(),
        sensitive: "allow".into(),
        dangerous: "approve".into(),
        unknown_tool: "sensitive".into(),
        new_tool: "allow".into(),
        changed_tool: "quarantine".into(),
    }
}
