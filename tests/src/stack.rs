//! Both planes as processes of their own, on a database and a Redis database of their own.
//!
//! Wants `DATABASE_URL` (a server where databases may be created) and `REDIS_URL`, as `./dev test` sets them, and the
//! binaries built. Everything a stack started ends with it.

use std::{
    collections::BTreeMap,
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

/// Nothing that is waited for takes longer on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
pub const MODERN: &str = "2026-07-28";

pub struct Stack {
    pub key: String,
    pub http: reqwest::Client,
    settings: BTreeMap<String, String>,
    children: BTreeMap<&'static str, Child>,
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

/// What came back of a request.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
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
        stack.start_proxy().await?;
        stack
            .until("the proxy knows its servers", async |stack| {
                Ok(stack.call("demo", "echo", json!({ "text": "ready" })).await?.body["result"]["content"]
                    .is_array())
            })
            .await?;
        Ok(stack)
    }

    async fn prepare() -> Result<Self> {
        let ports = Ports {
            control: free_port()?,
            control_admin: free_port()?,
            grpc: free_port()?,
            proxy: free_port()?,
            proxy_admin: free_port()?,
            demo: free_port()?,
        };
        let dir = tempfile::tempdir()?;
        let database_url = fresh_database().await?;
        let key = output(Command::new(binary("control-plane")?).arg("keygen"))?;
        let at = |port: u16| format!("127.0.0.1:{port}");
        let in_dir = |name: &str| dir.path().join(name).display().to_string();
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
            ("PROXY_LISTEN", at(ports.proxy)),
            ("PROXY_ADMIN_LISTEN", at(ports.proxy_admin)),
            ("PUBLIC_URL", format!("http://{}", at(ports.control))),
            ("PUBLIC_PROXY_URL", format!("http://{}", at(ports.proxy))),
            ("CONFIG_CACHE_PATH", in_dir("config.bin")),
            ("EVENT_SPOOL_DIR", in_dir("spool")),
            ("MCP_SERVER_DEMO_URL", format!("http://{}/mcp", at(ports.demo))),
            ("SHUTDOWN_GRACE", "2s".into()),
            ("LOG_FORMAT", "text".into()),
        ];
        let settings = settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let http = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self { key, http, settings, children: BTreeMap::new(), dir, ports })
    }

    /// A setting of both planes, for the next start of either.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.settings.insert(name.to_owned(), value.into());
    }

    pub fn setting(&self, name: &str) -> &str {
        self.settings.get(name).map_or("", String::as_str)
    }

    /// A file of this stack; its path.
    pub fn write(&self, name: &str, content: &str) -> Result<String> {
        let path = self.dir.path().join(name);
        std::fs::write(&path, content)?;
        Ok(path.display().to_string())
    }

    pub async fn start_control_plane(&mut self) -> Result<()> {
        let mut command = Command::new(binary("control-plane")?);
        self.spawn("control-plane", command.arg("serve"))?;
        let ready = format!("http://127.0.0.1:{}/ready", self.ports.control_admin);
        self.until("the control plane is ready", async |stack| Ok(stack.status(&ready).await == Some(200)))
            .await
    }

    pub async fn start_proxy(&mut self) -> Result<()> {
        self.launch_proxy()?;
        let ready = format!("http://127.0.0.1:{}/ready", self.ports.proxy_admin);
        self.until("the proxy is ready", async |stack| Ok(stack.status(&ready).await == Some(200))).await
    }

    /// Starts the proxy and does not wait until it is ready: it may never be.
    pub fn launch_proxy(&mut self) -> Result<()> {
        let mut command = Command::new(binary("proxy")?);
        self.spawn("proxy", &mut command)
    }

    pub fn start_demo(&mut self) -> Result<()> {
        let mut command = Command::new("node");
        command.arg(root().join("demo/server.mjs")).env("PORT", self.ports.demo.to_string());
        self.spawn("demo", &mut command)
    }

    fn spawn(&mut self, name: &'static str, command: &mut Command) -> Result<()> {
        let log = std::fs::File::options().create(true).append(true).open(self.log_path(name))?;
        let child = command
            .envs(&self.settings)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("{name} does not start"))?;
        self.children.insert(name, child);
        Ok(())
    }

    /// Kills a process as a crash would.
    pub fn kill(&mut self, name: &str) -> Result<()> {
        let mut child = self.children.remove(name).with_context(|| format!("{name} is not running"))?;
        child.kill()?;
        child.wait()?;
        Ok(())
    }

    /// What the process has written so far.
    pub fn log(&self, name: &str) -> String {
        std::fs::read_to_string(self.log_path(name)).unwrap_or_default()
    }

    fn log_path(&self, name: &str) -> PathBuf {
        self.dir.path().join(format!("{name}.log"))
    }

    pub fn proxy_url(&self, path: &str) -> String {
        let scheme = if self.settings.contains_key("PROXY_TLS_CERT") { "https" } else { "http" };
        format!("{scheme}://127.0.0.1:{}{path}", self.ports.proxy)
    }

    pub fn metrics_url(&self) -> String {
        format!("http://127.0.0.1:{}/metrics", self.ports.proxy_admin)
    }

    async fn status(&self, url: &str) -> Option<u16> {
        Some(self.http.get(url).send().await.ok()?.status().as_u16())
    }

    /// A modern `tools/call`, with the headers that go with it.
    pub fn tool_call(&self, server: &str, tool: &str, arguments: Value) -> reqwest::RequestBuilder {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
            "name": tool, "arguments": arguments, "_meta": modern_meta() } });
        self.modern(server, "tools/call", Some(tool)).body(body.to_string())
    }

    /// A modern POST without its body.
    pub fn modern(&self, server: &str, method: &str, name: Option<&str>) -> reqwest::RequestBuilder {
        let request = self
            .http
            .post(self.proxy_url(&format!("/mcp/{server}")))
            .bearer_auth(&self.key)
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", MODERN)
            .header("mcp-method", method);
        match name {
            Some(name) => request.header("mcp-name", name),
            None => request,
        }
    }

    pub async fn call(&self, server: &str, tool: &str, arguments: Value) -> Result<Answer> {
        answer(self.tool_call(server, tool, arguments)).await
    }

    /// A GET of the REST API with the bootstrap key.
    pub async fn rest(&self, path: &str) -> Result<Answer> {
        let url = format!("http://127.0.0.1:{}{path}", self.ports.control);
        answer(self.http.get(url).bearer_auth(&self.key)).await
    }

    pub async fn rest_post(&self, path: &str, body: Value) -> Result<Answer> {
        let url = format!("http://127.0.0.1:{}{path}", self.ports.control);
        answer(self.http.post(url).bearer_auth(&self.key).json(&body)).await
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

pub fn modern_meta() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientInfo": { "name": "gatewayops-tests", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    })
}

/// Sends, and reads JSON or the last event of a stream.
pub async fn answer(request: reqwest::RequestBuilder) -> Result<Answer> {
    let response = request.send().await?;
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let is_stream =
        headers.get("content-type").is_some_and(|value| value.as_bytes().starts_with(b"text/event-stream"));
    let text = response.text().await?;
    let json = if is_stream {
        text.lines().filter_map(|line| line.strip_prefix("data:")).next_back().unwrap_or_default()
    } else {
        &text
    };
    Ok(Answer { status, headers, body: serde_json::from_str(json).unwrap_or(Value::Null) })
}

/// The checkout.
pub fn root() -> PathBuf {
    // Asked when run: what was built in one checkout may run in another that shares its target directory.
    let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    PathBuf::from(here).join("..")
}

/// A binary of the same build as the test.
pub fn binary(name: &str) -> Result<PathBuf> {
    let test = std::env::current_exe()?;
    let path = test.ancestors().nth(2).context("tests run from target/<profile>/deps")?.join(name);
    ensure!(path.exists(), "{} is not built: cargo build --workspace", path.display());
    Ok(path)
}

pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn output(command: &mut Command) -> Result<String> {
    let output = command.env_clear().output()?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

async fn fresh_database() -> Result<String> {
    use sqlx::Connection;
    let server = std::env::var("DATABASE_URL").context("DATABASE_URL is not set; run ./dev test")?;
    let name = format!("it_{}", uuid::Uuid::new_v4().simple());
    let mut connection = sqlx::PgConnection::connect(&server).await?;
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("create database {name}"))).execute(&mut connection).await?;
    let (base, _) = server.rsplit_once('/').context("DATABASE_URL has no database")?;
    Ok(format!("{base}/{name}"))
}

/// A Redis database that no other stack of this process uses, emptied.
fn fresh_redis() -> Result<String> {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let server = std::env::var("REDIS_URL").context("REDIS_URL is not set; run ./dev test")?;
    let number = NEXT.fetch_add(1, Ordering::Relaxed) % 15 + 1;
    let (base, _) = server.rsplit_once('/').context("REDIS_URL has no database number")?;
    let url = format!("{base}/{number}");
    let mut connection = redis::Client::open(&*url)?.get_connection()?;
    redis::cmd("FLUSHDB").exec(&mut connection)?;
    Ok(url)
}

fn tail(log: &str) -> String {
    let lines: Vec<_> = log.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}
