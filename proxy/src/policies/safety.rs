//! What is done about what detectors find.

use gatewayops_proto::control::SafetyPolicy;
use gatewayops_safety::policy::{Policies, PolicySource};

use crate::snapshot::from_proto::id;

/// What of a policy cannot be understood is logged, and read as strictly as it may have been meant.
pub(crate) fn compiled<'a>(messages: impl IntoIterator<Item = &'a SafetyPolicy>) -> Policies {
    let sources = messages.into_iter().map(|message| PolicySource {
        id: id(&message.id).unwrap_or_default().into_bytes(),
        mode: message.mode.clone(),
        sensitivity: message.sensitivity.clone(),
        detectors: message.detectors.clone(),
        directions: message.directions.clone(),
        mcp_servers: message.mcp_servers.clone(),
        tools: message.tools.clone(),
        block_patterns: message.block_patterns.clone(),
        allow_patterns: message.allow_patterns.clone(),
        min_severity: message.min_severity.clone(),
    });
    let (policies, faults) = Policies::compile(sources);
    for fault in faults {
        let policy = uuid::Uuid::from_bytes(fault.policy);
        tracing::error!(safety_policy.id = %policy, "a part of a safety policy is not in force: {fault}");
    }
    policies
}
