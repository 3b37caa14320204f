//! The official conformance suite cannot tell a transparent endpoint from the server behind it (R11.1).

use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use gatewayops_tests::stack::{Stack, free_port, root};
use serde_json::{Value, json};

/// Checks of the suite that the server passes without a gateway, by protocol version.
const CHECKS: [(&str, u64); 4] =
    [("2025-03-26", 3), ("2025-06-18", 56), ("2025-11-25", 84), ("2026-07-28", 152)];

/// The server that the suite expects.
struct Fixture {
    child: Child,
    port: u16,
}

impl Fixture {
    fn start(era: &str) -> Result<Self> {
        let port = free_port()?;
        let child = Command::new("node")
            .arg(root().join("tests/conformance/fixture.mjs"))
            .env("ERA", era)
            .env("PORT", port.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .context("node does not start")?;
        Ok(Self { child, port })
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/mcp", self.port)
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        // One that has ended already needs no end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs the suite of one version and answers what it counted.
fn suite(stack: &Stack, version: &str) -> Result<Value> {
    // It tests the protection of local listeners, and knows them by this name.
    let url = stack.proxy_url("/mcp/conf").replace("127.0.0.1", "localhost");
    let output = Command::new(root().join("tests/conformance/run"))
        .args([&url, version])
        .env("CONFORMANCE_HEADERS", json!({ "authorization": format!("Bearer {}", stack.key) }).to_string())
        .output()
        .context("tests/conformance/run")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{version}: {}{said}", String::from_utf8_lossy(&output.stdout));
    Ok(serde_json::from_slice(&output.stdout)?)
}

#[tokio::test]
async fn the_suite_counts_the_same_with_the_gateway_before_the_server() -> Result<()> {
    let fixture = Fixture::start("dual")?;
    let stack = Stack::start(&[("conf", fixture.url())]).await?;
    stack
        .until("the server behind it answers", async |stack| {
            let answered = stack.call("conf", "test_simple_text", json!({})).await?;
            Ok(answered.body["result"]["content"].is_array())
        })
        .await?;
    for (version, checks) in CHECKS {
        let counted = suite(&stack, version)?;
        assert_eq!((&counted["passed"], &counted["failed"]), (&json!(checks), &json!(0)), "{version}");
    }
    Ok(())
}
