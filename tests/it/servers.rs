//! Real MCP servers as processes, each on a port of its own until it is dropped.

use std::{
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use gatewayops_tests::stack::{binary, free_port, root};
use serde_json::{Value, json};
use tokio::net::TcpStream;

/// No server takes longer to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// What the official conformance suite expects; `era` says which clients it serves.
    pub(crate) async fn conformance(era: &str) -> Result<Self> {
        Self::start(conformance(era)).await
    }

    /// The protocol project's own, which keeps sessions.
    pub(crate) async fn everything() -> Result<Self> {
        Self::named("everything", free_port()?).await
    }

    /// One that asks the client while its tools run, and gives its name when it does.
    pub(crate) async fn asking(name: &str) -> Result<Self> {
        let mut command = Command::new(root().join("tests/servers/run"));
        command.arg("asking").env("NAME", name);
        Self::start(command).await
    }

    /// One with so many tools, and nothing else.
    pub(crate) async fn with_tools(count: usize) -> Result<Self> {
        let port = free_port()?;
        let mut command = Command::new(binary("upstream")?);
        command.args(["--listen", &format!("127.0.0.1:{port}"), "--tools", &count.to_string()]);
        Self::start_on(port, command).await
    }

    /// Any of them, by name, on a port that is given: one that comes back where it was.
    pub(crate) async fn named(name: &str, port: u16) -> Result<Self> {
        match name {
            "fixture" => Self::start_on(port, conformance("dual")).await,
            "rmcp" => Self::start_on(port, Command::new(binary("rmcp_server")?)).await,
            _ => {
                let mut command = Command::new(root().join("tests/servers/run"));
                command.arg(name).env("NAME", name);
                Self::start_on(port, command).await
            }
        }
    }

    /// One that says and answers what it is told to.
    pub(crate) async fn poisoned() -> Result<Self> {
        Self::named("poisoned", free_port()?).await
    }

    /// Tells a poisoned server what to say of its tools (`describes`) and what they answer (`answers`), by their names.
    pub(crate) async fn says(&self, said: &Value) -> Result<()> {
        reqwest::Client::builder()
            .build()?
            .post(self.at("/says"))
            .json(said)
            .send()
            .await?
            .error_for_status()?;
        Ok(())
    }

    /// The arguments of each run of a poisoned server's tool.
    pub(crate) async fn runs(&self, tool: &str) -> Result<Vec<Value>> {
        let runs: Value = reqwest::get(self.at("/runs")).await?.json().await?;
        Ok(runs[tool].as_array().cloned().unwrap_or_default())
    }

    /// One that wants a certificate of its callers, in front of another.
    pub(crate) async fn certified(settings: &[(&str, String)]) -> Result<Self> {
        let mut command = Command::new(root().join("tests/servers/run"));
        command.arg("certified").envs(settings.iter().map(|(name, value)| (name, value)));
        Self::start(command).await
    }

    /// An OpenID provider with these accounts (`tests/idp`).
    pub(crate) async fn identity_provider(accounts: &Value) -> Result<Self> {
        let mut command = Command::new(root().join("tests/idp/run"));
        // Its tokens live longer than any test.
        command.env("IDP_CONFIG", json!({ "accounts": accounts, "seconds": 3600 }).to_string());
        Self::start(command).await
    }

    async fn start(command: Command) -> Result<Self> {
        Self::start_on(free_port()?, command).await
    }

    async fn start_on(port: u16, mut command: Command) -> Result<Self> {
        command.env("PORT", port.to_string());
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("{command:?} does not start"))?;
        let mut server = Self { child, port };
        let until = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            ensure!(server.child.try_wait()?.is_none(), "{command:?} has ended");
            ensure!(Instant::now() < until, "{command:?} does not listen");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(server)
    }

    pub(crate) fn url(&self) -> String {
        self.at("/mcp")
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn at(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// How many sessions are open at an asking server.
    pub(crate) async fn open_sessions(&self) -> Result<u64> {
        let sessions: Value = reqwest::get(self.at("/sessions")).await?.json().await?;
        sessions["open"].as_u64().context("the server does not tell")
    }
}

fn conformance(era: &str) -> Command {
    let mut command = Command::new("node");
    command.arg(root().join("tests/conformance/fixture.mjs")).env("ERA", era);
    command
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended already needs no end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
