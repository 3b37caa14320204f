//! Both planes as processes of their own, on a database and a Redis database of their own.
//!
//! Wants `DATABASE_URL` (a server where databases may be created) and `REDIS_URL`, as `./dev test` sets them, and the
//! binaries built. Everything a stack started ends with it.

mod http;
mod place;
mod process;
mod replica;

use std::{
    collections::BTreeMap,
    process::{Child, Command},
    time::{Duration, Instant},
};

use anyhow::{Result, bail, ensure};
use serde_json::{Value, json};

pub use self::{
    http::{Answer, MODERN, answer, modern_meta},
    place::{binary, free_port, fresh_database, root},
    process::SecondControlPlane,
};
use self::{
    place::{fresh_redis, output},
    replica::{FIRST, Replica},
};

/// Nothing that is waited for takes longer on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Stack {
    pub key: String,
    pub http: reqwest::Client,
    settings: BTreeMap<String, String>,
    children: BTreeMap<String, Child>,
    replicas: BTreeMap<String, Replica>,
    /// Where calls go instead of the first proxy.
    entry: Option<String>,
    dir: tempfile::TempDir,
    ports: Ports,
}

struct Ports {
    control: u16,
    control_admin: u16,
    grpc: u16,
    proxy: u16,
    proxy_admin: u16,
    demo: u16,
}

impl Stack {
    /// Both planes and the demo server `demo`, ready to be called; `servers` are registered as well.
    pub async fn start(servers: &[(&str, String)]) -> Result<Self> {
        Self::start_with(servers, |_| Ok(())).await
    }

    /// The same, with what `prepare` changes before anything runs.
    pub async fn start_with(
        servers: &[(&str, String)],
        prepare: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<Self> {
        let mut stack = Self::prepare().await?;
        prepare(&mut stack)?;
        for (name, url) in servers {
            let name = name.to_uppercase().replace('-', "_");
            stack.settings.insert(format!("MCP_SERVER_{name}_URL"), url.clone());
        }
        stack.start_demo()?;
        stack.start_control_plane().await?;
        stack.allow_many_calls().await?;
        stack.start_proxy().await?;
        stack
            .until("the proxy knows its servers", async |stack| {
                Ok(stack.call("demo", "echo", json!({ "text": "ready" })).await?.is_success())
            })
            .await?;
        Ok(stack)
    }

    /// Tests call more often than anybody may by default.
    async fn allow_many_calls(&self) -> Result<()> {
        let most = json!({ "prd_rpm": 1_000_000, "stg_rpm": 1_000_000, "dev_rpm": 1_000_000,
            "user_rpm": 1_000_000, "org_rpm": 10_000_000, "ip_rpm": 1_000_000 });
        let changed = self.rest_patch("/v1/settings", json!({ "rate_limits": most })).await?;
        ensure!(changed.status == 200, "{changed:?}");
        Ok(())
    }

    async fn prepare() -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let mut proxy = Replica::new(FIRST, dir.path())?;
        let ports = Ports {
            control: free_port()?,
            control_admin: free_port()?,
            grpc: free_port()?,
            proxy: proxy.port,
            proxy_admin: proxy.admin_port,
            demo: free_port()?,
        };
        let database_url = fresh_database().await?;
        let key = output(Command::new(binary("control-plane")?).arg("keygen"))?;
        let at = |port: u16| format!("127.0.0.1:{port}");
        let settings = [
            ("DATABASE_URL", database_url),
            ("REDIS_URL", fresh_redis()?),
            ("JWT_SECRET", "j".repeat(32)),
            ("ENCRYPTION_KEY", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=".into()),
            ("PROXY_TOKEN", "p".repeat(32)),
            ("BOOTSTRAP_ADMIN_EMAIL", "admin@example.com".into()),
            ("BOOTSTRAP_ADMIN_PASSWORD", "correct horse battery".into()),
            ("BOOTSTRAP_API_KEY", key.clone()),
            ("COOKIE_SECURE", "false".into()),
            ("CONTROL_LISTEN", at(ports.control)),
            ("CONTROL_ADMIN_LISTEN", at(ports.control_admin)),
            ("CONTROL_GRPC_LISTEN", at(ports.grpc)),
            ("CONTROL_PLANE_GRPC_URL", format!("http://{}", at(ports.grpc))),
            ("PUBLIC_URL", format!("http://{}", at(ports.control))),
            ("PUBLIC_PROXY_URL", format!("http://{}", at(ports.proxy))),
            ("MCP_SERVER_DEMO_URL", format!("http://{}/mcp", at(ports.demo))),
            ("SHUTDOWN_GRACE", "2s".into()),
            ("LOG_FORMAT", "text".into()),
        ];
        let mut settings: BTreeMap<_, _> =
            settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        // Of the first proxy everything can be set.
        settings.append(&mut proxy.settings);
        let replicas = [(FIRST.to_owned(), proxy)].into();
        let http = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self { key, http, settings, children: BTreeMap::new(), replicas, entry: None, dir, ports })
    }

    /// A setting of both planes, for the next start of either.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.settings.insert(name.to_owned(), value.into());
    }

    pub fn setting(&self, name: &str) -> &str {
        self.settings.get(name).map_or("", String::as_str)
    }

    /// Where everything is that the stack wrote down.
    pub fn dir(&self) -> &std::path::Path {
        self.dir.path()
    }

    /// A file of this stack; its path.
    pub fn write(&self, name: &str, content: &str) -> Result<String> {
        let path = self.dir.path().join(name);
        std::fs::write(&path, content)?;
        Ok(path.display().to_string())
    }

    /// Waits for a condition; an error of the check counts as "not yet".
    pub async fn until(&self, what: &str, check: impl AsyncFn(&Self) -> Result<bool>) -> Result<()> {
        let until = Instant::now() + PATIENCE;
        let mut last = String::from("never true");
        while Instant::now() < until {
            match check(self).await {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(error) => last = format!("{error:#}"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let logs: Vec<_> =
            self.children.keys().map(|name| format!("--- {name}\n{}", tail(&self.log(name)))).collect();
        bail!("waited in vain until {what}: {last}\n{}", logs.join("\n"))
    }

    /// Root spans with these filters, newest first, once there are at least `count`.
    pub async fn traces(&self, filters: &str, count: usize) -> Result<Vec<Value>> {
        let path = format!("/v1/traces?limit=200&{filters}");
        self.until(&format!("{count} traces of {filters}"), async |stack| {
            let found = stack.rest(&path).await?;
            Ok(found.body["traces"].as_array().is_some_and(|traces| traces.len() >= count))
        })
        .await?;
        let found = self.rest(&path).await?;
        Ok(found.body["traces"].as_array().cloned().unwrap_or_default())
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        for child in self.children.values_mut() {
            // One that has ended already needs no end.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn tail(log: &str) -> String {
    let lines: Vec<_> = log.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}
