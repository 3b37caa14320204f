//! What an organization's decisions cost a call, for `examples/policy_bench.rs`: three limits far from full, twenty
//! permissions, and two safety policies that look for everything.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use gatewayops_proto::{
    api_key::Environment,
    control::{ArgumentRule, RateLimit, SafetyPolicy, ToolPermission},
    tool_policy::{self, State, Tool, Verdict},
};
use gatewayops_safety::{
    finding::{Kind, Surface},
    policy::{Direction, Place},
};
use uuid::Uuid;

use crate::{
    limit::{Call, Caller, Limiter, Rules},
    policies::{Policies, safety, tools},
    store::Store,
};

const ORG: Uuid = Uuid::from_u128(1);
const KEY: Uuid = Uuid::from_u128(2);
const SERVER: &str = "github";
const TOOL: &str = "create_issue";
const PERMISSIONS: u128 = 20;
/// A moment that begins a minute.
const NOW_MS: u64 = 1_796_083_200_000;

/// A proxy's policy stage, and a call that passes it.
pub struct Stage {
    limiter: Limiter,
    /// Nobody is there: nothing may be asked.
    store: Store,
    policies: Policies,
    arguments: String,
}

impl Stage {
    #[must_use]
    pub fn new(arguments: String) -> Self {
        let limits = ["organization", "api_key", "server"].map(limit);
        let permissions: Vec<_> = (0..PERMISSIONS).map(permission).collect();
        let policies = Policies {
            limits: Rules::new(&limits, None).into(),
            tools: tools::compiled(None, [], &permissions).into(),
            safety: safety::compiled(&["block", "redact"].map(safety_policy)).into(),
            ..Policies::default()
        };
        Self { limiter: Limiter::new(100), store: Store::at("redis://127.0.0.1:1"), policies, arguments }
    }

    /// Whether all limits let the call pass without a question to anybody.
    #[must_use]
    pub fn limits(&self) -> bool {
        let caller = Caller {
            org: ORG,
            api_key: Some(KEY),
            rpm: 0,
            environment: Some(Environment::Prd),
            user: None,
            teams: &[],
            address: None,
        };
        let call = Call { caller, server: Some(SERVER), tool: Some(TOOL), is_continued: false };
        let check = pin!(self.limiter.check(&self.store, &self.policies.limits, &call, NOW_MS));
        matches!(check.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(Ok(_)))
    }

    /// Whether the permissions let the call pass.
    #[must_use]
    pub fn permissions(&self) -> bool {
        let decision = self.policies.tools.decide(&tool_policy::Call {
            tool: Tool { server: SERVER, name: TOOL, state: State::Active, destructive: false },
            caller: tool_policy::Caller { user: None, teams: &[], api_key: Some(KEY) },
            arguments: Some(&self.arguments),
            now_ms: NOW_MS as i64,
        });
        decision.verdict == Verdict::Allow
    }

    /// Whether the guard finds nothing in the arguments.
    #[must_use]
    pub fn guard(&self) -> bool {
        let place = Place {
            direction: Direction::Request,
            surface: Surface::Arguments,
            server: SERVER,
            tool: Some(TOOL),
        };
        self.policies.safety.judge_json(&self.arguments, &place).action.is_none()
    }
}

fn id(number: u128) -> Bytes {
    Bytes::copy_from_slice(Uuid::from_u128(number).as_bytes())
}

fn limit(scope_type: &str) -> RateLimit {
    RateLimit {
        id: Uuid::new_v4().as_bytes().to_vec().into(),
        name: scope_type.into(),
        kind: "rate".into(),
        scope_type: scope_type.into(),
        metric: "requests".into(),
        limit: 1_000_000_000,
        window_seconds: 60,
        ..Default::default()
    }
}

/// By turns an allow and a deny with rules; all of them are about the tool.
fn permission(number: u128) -> ToolPermission {
    let is_deny = number % 2 == 1;
    let rule = |pointer: &str, op: &str, value: String| ArgumentRule {
        pointer: pointer.into(),
        op: op.into(),
        values: vec![value],
    };
    let rules = vec![
        rule("/owner", "eq", format!("\"owner-{number}\"")),
        rule("/labels/0", "prefix", "\"sec\"".into()),
    ];
    ToolPermission {
        id: id(100 + number),
        subject_type: "api_key".into(),
        subject_id: Bytes::copy_from_slice(KEY.as_bytes()),
        mcp_server: "git*".into(),
        tool_name: "create_*".into(),
        effect: if is_deny { "deny" } else { "allow" }.into(),
        argument_rules: if is_deny { rules } else { Vec::new() },
        ..Default::default()
    }
}

fn safety_policy(mode: &str) -> SafetyPolicy {
    SafetyPolicy {
        id: id(1000),
        mode: mode.into(),
        sensitivity: "moderate".into(),
        detectors: Kind::ALL.map(|kind| kind.as_str().to_owned()).to_vec(),
        directions: vec!["request".into(), "response".into()],
        mcp_servers: vec!["*".into()],
        tools: vec!["*".into()],
        min_severity: "low".into(),
        ..Default::default()
    }
}
