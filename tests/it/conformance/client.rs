//! The suite as the server of an official client: it sees the same requests, and the client the same answers, with the
//! gateway between them (R11.3). Those of its scenarios that are about authorization are none of a gateway's.

use std::sync::Arc;

use anyhow::Result;
use gatewayops_tests::stack::Stack;
use serde_json::Value;
use tokio::{sync::Semaphore, task::JoinSet};

use crate::scripts::{said, script};

const SCENARIOS: [(&str, &str); 15] = [
    ("2025-06-18", "initialize"),
    ("2025-06-18", "tools_call"),
    ("2025-11-25", "initialize"),
    ("2025-11-25", "tools_call"),
    ("2025-11-25", "elicitation-sep1034-client-defaults"),
    ("2025-11-25", "sse-retry"),
    ("2025-11-25", "json-schema-2020-12-preservation"),
    ("2026-07-28", "tools_call"),
    ("2026-07-28", "request-metadata"),
    ("2026-07-28", "sep-2322-client-request-state"),
    ("2026-07-28", "http-standard-headers"),
    ("2026-07-28", "http-custom-headers"),
    ("2026-07-28", "http-invalid-tool-headers"),
    ("2026-07-28", "json-schema-ref-no-deref"),
    ("2026-07-28", "json-schema-2020-12-preservation"),
];
/// More at once would only wait for each other.
const AT_ONCE: usize = 4;

/// Puts a gateway between client and server.
const GATEWAY: [&str; 3] = ["GATEWAYOPS_URL", "GATEWAYOPS_MCP_URL", "GATEWAYOPS_API_KEY"];

/// What the suite counts, with what is set for the client.
async fn counted((version, scenario): (&str, &str), gateway: &[(&str, String)]) -> Result<Value> {
    let mut command = script("conformance/run-client");
    // Whoever runs the tests may have set them for a gateway of their own.
    for name in GATEWAY {
        command.env_remove(name);
    }
    command.args([version, scenario]).envs(gateway.iter().cloned());
    said(command).await
}

#[tokio::test]
async fn every_client_scenario_counts_the_same_with_the_gateway_between_client_and_server() -> Result<()> {
    let stack = Stack::start(&[]).await?;
    let gateway = [
        ("GATEWAYOPS_URL", stack.setting("PUBLIC_URL").to_owned()),
        ("GATEWAYOPS_MCP_URL", stack.proxy_url("/mcp")),
        ("GATEWAYOPS_API_KEY", stack.key.clone()),
    ];
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut running = JoinSet::new();
    for scenario in SCENARIOS {
        let (gateway, turns) = (gateway.clone(), Arc::clone(&turns));
        running.spawn(async move {
            let _turn = turns.acquire().await?;
            let direct = counted(scenario, &[]).await?;
            anyhow::Ok((direct, counted(scenario, &gateway).await?))
        });
    }
    while let Some(one) = running.join_next().await {
        let (direct, through) = one??;
        assert_eq!(through, direct);
    }
    Ok(())
}
