//! The suite against a transparent endpoint: each check passes as it does without a gateway, whichever replica answers.

use anyhow::{Result, ensure};
use gatewayops_tests::stack::Stack;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::{
    replicas::{FIRST, Replicas},
    scripts::{said, script},
    servers::Server,
};

/// Checks of the suite that the server passes without a gateway, by protocol version.
const CHECKS: [(&str, u64); 4] =
    [("2025-03-26", 3), ("2025-06-18", 56), ("2025-11-25", 84), ("2026-07-28", 152)];

/// Starts the suite of one version; what it counts.
fn suite(stack: &Stack, version: &str) -> JoinHandle<Result<Value>> {
    // It tests the protection of local listeners, and knows them by this name.
    let url = stack.proxy_url("/mcp/conf").replace("127.0.0.1", "localhost");
    let headers = json!({ "authorization": format!("Bearer {}", stack.key) });
    let mut command = script("conformance/run");
    command.args([&url, version]).env("CONFORMANCE_HEADERS", headers.to_string());
    tokio::spawn(said(command))
}

fn assert_all_passed(version: &str, checks: u64, counted: &Value) {
    assert_eq!((&counted["passed"], &counted["failed"]), (&json!(checks), &json!(0)), "{version}");
}

#[tokio::test]
async fn the_suite_counts_the_same_with_the_gateway_before_the_server() -> Result<()> {
    let server = Server::conformance("dual").await?;
    let stack = Stack::start(&[("conf", server.url())]).await?;
    for (version, checks) in CHECKS {
        assert_all_passed(version, checks, &suite(&stack, version).await??);
    }
    Ok(())
}

/// The longer runs make at least a hundred requests: after these there is enough left for a replica to come back.
const MIDDLE: u64 = 25;

#[tokio::test]
async fn the_suite_counts_the_same_while_one_replica_after_the_other_goes_and_comes_back() -> Result<()> {
    let server = Server::conformance("dual").await?;
    let mut replicas = Replicas::start(&[("conf", server.url())]).await?;
    let second = replicas.second.clone();
    for (version, checks) in CHECKS {
        let before = replicas.answered();
        let running = suite(&replicas.stack, version);
        let restarted = match version {
            "2025-11-25" => Some(FIRST),
            "2026-07-28" => Some(&*second),
            _ => None,
        };
        if let Some(replica) = restarted {
            replicas
                .stack
                .until("the suite is in full swing", async |_| Ok(replicas.answered() >= before + MIDDLE))
                .await?;
            replicas.stack.restart_replica(replica).await?;
            ensure!(!running.is_finished(), "{version} ended before {replica} was back");
        }
        assert_all_passed(version, checks, &running.await??);
    }
    Ok(())
}
