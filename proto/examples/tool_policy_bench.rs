//! What one decision about a tool call costs, with permissions that are about the call, some with argument rules.
//!
//! `cargo run --release -p gatewayops-proto --example tool_policy_bench [permissions]`

use std::{hint::black_box, time::Instant};

use gatewayops_proto::{
    control::{ArgumentRule, ToolClassification, ToolPermission, ToolPolicy},
    tool_policy::{Call, Caller, State, Tool, ToolPolicies, Verdict},
};
use prost::bytes::Bytes;
use uuid::Uuid;

const ROUNDS: u32 = 200_000;

fn id(n: u128) -> Bytes {
    Bytes::copy_from_slice(Uuid::from_u128(n).as_bytes())
}

/// Of the caller's key, by turns with and without a rule; all of them are about the tool.
fn permission(n: u128, with_rules: bool) -> ToolPermission {
    let rule = |pointer: &str, op: &str, value: String| ArgumentRule {
        pointer: pointer.into(),
        op: op.into(),
        values: vec![value],
    };
    let rules = vec![
        rule("/path", "prefix", format!("\"/secret/{n}/\"")),
        rule("/options/depth", "eq", n.to_string()),
    ];
    ToolPermission {
        id: id(n),
        subject_type: "api_key".into(),
        subject_id: id(1),
        mcp_server: "git*".into(),
        tool_name: "delete_*".into(),
        effect: if with_rules { "deny" } else { "allow" }.into(),
        argument_rules: if with_rules { rules } else { Vec::new() },
        ..Default::default()
    }
}

fn main() {
    let count = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(20_u128);
    let policy = ToolPolicy {
        safe: "allow".into(),
        sensitive: "allow".into(),
        dangerous: "approve".into(),
        unknown_tool: "sensitive".into(),
        new_tool: "allow".into(),
        changed_tool: "quarantine".into(),
    };
    let classifications: Vec<_> = (0..20)
        .map(|n| ToolClassification {
            id: id(1000 + n),
            mcp_server: "*".into(),
            tool_name: format!("tool_{n}*"),
            classification: "safe".into(),
            ..Default::default()
        })
        .collect();
    let filler = "x".repeat(900);
    let arguments =
        format!(r#"{{"body": "{filler}", "path": "/work/a", "options": {{"depth": -1, "all": true}}}}"#);
    for (what, every) in [("no rules", u128::MAX), ("half with 2 rules", 2), ("all with 2 rules", 1)] {
        let permissions: Vec<_> = (1..=count).map(|n| permission(n, n % every == 0)).collect();
        let policies = ToolPolicies::new(&policy, &classifications, &permissions);
        let tool = Tool { server: "github", name: "delete_branch", state: State::Active, destructive: true };
        let caller = Caller { user: None, teams: &[], api_key: Some(Uuid::from_u128(1)) };
        let call = Call { tool, caller, arguments: Some(&arguments), now_ms: 0 };
        let started = Instant::now();
        for _ in 0..ROUNDS {
            let decision = black_box(&policies).decide(black_box(&call));
            assert!(!matches!(decision.verdict, Verdict::Deny(_)));
        }
        let nanoseconds = started.elapsed().as_nanos() / u128::from(ROUNDS);
        let bytes = arguments.len();
        println!(
            "{what:<20} {nanoseconds} ns a decision with {count} permissions and {bytes} bytes of arguments"
        );
    }
}
