//! What an organization has decided about calls, compiled for the call path: made by `snapshot::policies`, asked by the
//! pipeline's stages.

use std::{sync::Arc, time::Duration};

use gatewayops_proto::tool_policy::ToolPolicies;

use crate::{
    limit::{Rules, budgets::Budgets},
    telemetry::payload::Capture,
};

pub(crate) mod safety;
pub(crate) mod tools;

#[derive(Clone)]
pub(crate) struct Policies {
    pub(crate) limits: Arc<Rules>,
    pub(crate) budgets: Arc<Budgets>,
    pub(crate) tools: Arc<ToolPolicies>,
    pub(crate) safety: Arc<gatewayops_safety::policy::Policies>,
    /// How long a call waits for a person's decision before it is told to come again.
    pub(crate) approval_hold: Duration,
    /// What is kept of calls, where their server says nothing else.
    pub(crate) capture: Capture,
}

impl Default for Policies {
    fn default() -> Self {
        Self {
            limits: Arc::default(),
            budgets: Arc::default(),
            tools: Arc::new(tools::compiled(None, [], [])),
            safety: Arc::default(),
            approval_hold: Duration::ZERO,
            capture: Capture::None,
        }
    }
}
