//! What the README promises: one command brings up the product, and every official client works with it as it is.

use std::{
    path::PathBuf,
    process::{Command, Output},
};

use anyhow::{Context, Result, ensure};
use gatewayops_tests::stack::{binary, free_port, root};
use serde_json::Value;

struct FirstRun {
    dir: PathBuf,
}

impl FirstRun {
    fn up() -> Result<Self> {
        // Short, because a Unix socket lies below it.
        let dir = PathBuf::from(format!("/tmp/gwo-{}", std::process::id()));
        let run = Self { dir };
        let output = run.dev(&["up", "--detach"])?;
        ensure!(output.status.success(), "./dev up: {}{}", text(&output.stdout), text(&output.stderr));
        Ok(run)
    }

    fn dev(&self, arguments: &[&str]) -> Result<Output> {
        let mut command = Command::new(root().join("dev"));
        command.args(arguments).current_dir(root()).env("DEV_DIR", &self.dir);
        command.env_remove("DATABASE_URL").env_remove("REDIS_URL");
        if arguments[0] == "up" {
            command.env("BUILT", binary("proxy")?);
            command.env("BINARIES", binary("proxy")?.with_file_name(""));
            for name in [
                "PROXY_LISTEN",
                "PROXY_ADMIN_LISTEN",
                "CONTROL_LISTEN",
                "CONTROL_ADMIN_LISTEN",
                "CONTROL_GRPC_LISTEN",
            ] {
                command.env(name, format!("127.0.0.1:{}", free_port()?));
            }
            for name in ["DEMO_EVERYTHING_PORT", "DEMO_DUAL_PORT"] {
                command.env(name, free_port()?.to_string());
            }
        }
        Ok(command.output()?)
    }

    /// What `. .dev/env` gives a script.
    fn variable(&self, name: &str) -> Result<String> {
        let script = format!(". '{}/env' && printf %s \"${name}\"", self.dir.display());
        let output = Command::new("sh").args(["-c", &script]).env_clear().output()?;
        ensure!(output.status.success() && !output.stdout.is_empty(), "{name} is not in .dev/env");
        Ok(text(&output.stdout))
    }
}

impl Drop for FirstRun {
    fn drop(&mut self) {
        let _ = self.dev(&["down"]);
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn dev_up_serves_every_official_client() -> Result<()> {
    let run = FirstRun::up()?;
    let screen = text(&run.dev(&["status"])?.stdout);
    let mcp_url = run.variable("GATEWAYOPS_MCP_URL")?;
    let key = run.variable("GATEWAYOPS_API_KEY")?;
    assert!(!run.variable("GATEWAYOPS_ADMIN_PASSWORD")?.is_empty());
    let servers = run.variable("DEMO_SERVERS")?;
    assert_eq!(servers.split_whitespace().collect::<Vec<_>>(), ["everything", "demo"], "{screen}");

    for client in ["ts-v2-auto", "ts-v2-legacy", "ts-v1", "python-2-auto", "python-2-legacy", "python-1"] {
        for server in servers.split_whitespace() {
            listed_and_called(client, &format!("{mcp_url}/{server}"), &key)?;
        }
    }
    // A client that insists on 2026-07-28 needs a server that speaks it.
    listed_and_called("ts-v2-modern", &format!("{mcp_url}/demo"), &key)
}

fn listed_and_called(client: &str, url: &str, key: &str) -> Result<()> {
    let output = Command::new(root().join("tests/clients/run"))
        .args([client, url])
        .env("GATEWAYOPS_API_KEY", key)
        .output()
        .context("tests/clients/run")?;
    ensure!(output.status.success(), "{client} at {url}: {}{}", text(&output.stdout), text(&output.stderr));
    let line: Value = serde_json::from_slice(&output.stdout).with_context(|| text(&output.stdout))?;
    ensure!(
        line["tools"].as_u64().is_some_and(|tools| tools > 0),
        "{client} at {url} listed no tools: {line}"
    );
    Ok(())
}
